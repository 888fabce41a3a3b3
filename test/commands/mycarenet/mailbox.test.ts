/** `topaz mycarenet mailbox` against the running sandbox, as typed. */

import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { askSandbox } from '../../../src/sandbox/control-socket.js';
import { demoSeed } from '../../../src/sandbox/demo-seed.js';
import { runSandbox } from '../../../src/sandbox/run-sandbox.js';
import type { RunningSandbox } from '../../../src/sandbox/run-sandbox.js';
import { temporaryHome, testContext } from '../../support/context.js';
import { checkDocument } from '../../support/json-schema.js';
import { SHARED } from '../../support/tools.js';

const MARIE = '85061199814';
const STRANGER = '99123199643';
const GROUP = 'NIHII=94499180';
let home: Awaited<ReturnType<typeof temporaryHome>>;
let running: RunningSandbox;
let data: string;
let password: string[];

async function topaz(...argv: string[]) {
  const ctx = testContext({
    cwd: home.dir,
    home: home.dir,
    now: () => new Date(),
    newId: randomUUID,
    env: { ...home.env, TOPAZ_PROFILE: 'sandbox' },
  });
  const status = await main(argv, ctx);
  return { status, stdout: ctx.stdout.join('\n'), stderr: ctx.stderr.join('\n'), bytes: Buffer.concat(ctx.bytes) }; // prettier-ignore
}

async function ok(...argv: string[]): Promise<string> {
  const { status, stdout, stderr } = await topaz(...argv);
  if (status !== 0) {
    throw new Error(`topaz ${argv.join(' ')}: ${stderr}`);
  }
  return stdout;
}

interface Item {
  id: string;
  kind: string;
  domain: string;
  confirmed: boolean;
  messageName?: string;
  problem?: string;
  mutuality?: string;
  references?: { input?: string };
  content?: { kind: string } & Record<string, unknown>;
}
interface Doc extends Record<string, unknown> {
  messages: Item[];
  mailboxes: { domain: string; new: number; confirmed: number; complete: boolean; unreadable: unknown[] }[]; // prettier-ignore
}

const NETWORKED = new Set(['sync', 'send', 'confirm']);

async function json(verb: string, ...argv: string[]) {
  const flags = NETWORKED.has(verb) ? password : [];
  const { status, stdout, stderr } = await topaz('mycarenet', 'mailbox', verb, ...argv, ...flags, '--json'); // prettier-ignore
  const document = stdout === '' ? ({ messages: [] } as unknown as Doc) : (JSON.parse(stdout) as Doc);
  if (stdout !== '') {
    expect(checkDocument(document)).toEqual([]);
  }
  return { status, document, stderr };
} // prettier-ignore

const deliver = (service: string, content: string, rest: object = {}) =>
  askSandbox(data, 'deliver', {
    document: {
      schema: 'topaz.sandbox.seed/1',
      genasync: [{ to: GROUP, service, messageName: 'HCPAFD', contentBase64: Buffer.from(content).toString('base64'), ...rest }],
    },
  }); // prettier-ignore

const fail = (target: string, kind: string, times = 1) =>
  askSandbox(data, 'fail', { target, kind, times });

beforeAll(async () => {
  home = await temporaryHome();
  data = join(home.dir, 'data');
  running = await runSandbox({
    paths: resolvePaths({ env: home.env, platform: 'linux', home: home.dir }),
    dataFolder: data,
    port: 0,
    profile: 'sandbox',
    recordFolder: join(home.dir, 'record'),
    schemaFolders: [join(SHARED, 'schemas')],
    strict: true,
    seed: demoSeed(),
    realNow: Date.now,
    newId: randomUUID,
  });
  await writeFile(join(home.dir, 'pw'), 'of the test, 12 or more\n', { mode: 0o600 });
  password = ['--password-file', join(home.dir, 'pw')];
  await ok('sandbox', 'keystore', 'create', '--data', data, '--holder', 'NIHII-GROUP=94499180', '--out', 'group.p12', ...password); // prettier-ignore
  await ok('keystore', 'import', 'group.p12', ...password);
  await ok('keystore', 'use', 'group');
  await ok('session', 'open', '--via', 'keystore', '--as', 'groupofnurses', ...password);
}, 60_000);

afterAll(async () => {
  await running.close();
  await home.remove();
});

beforeEach(() => askSandbox(data, 'fail', { clear: true }));

/** Names of checks that failed, or passed only out of leniency, in all exchanges so far. */
async function complaints(): Promise<string[]> {
  const folder = join(home.dir, 'record');
  const names = (await readdir(folder)).filter((name) => /genasync.*\.json$/.test(name));
  const found: string[] = [];
  for (const name of names) {
    const { checks } = JSON.parse(await readFile(join(folder, name), 'utf8')) as { checks: { name: string; state: string; detail?: string }[] }; // prettier-ignore
    found.push(
      ...checks
        .filter(({ state, detail = '' }) => state === 'failed' || detail.startsWith('tolerated'))
        .map((check) => `${name} ${check.name} ${check.detail ?? ''}`),
    );
  }
  return found;
}

describe('sync', () => {
  test('empties every mailbox of the demo, the sealed message too; no check of the sandbox complains', async () => {
    const { status, document, stderr } = await json('sync', '--out', 'documents');
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const counts = document.mailboxes.map((box) => `${box.domain} ${box.new} ${box.confirmed} ${String(box.complete)}`); // prettier-ignore
    expect(counts.sort()).toEqual([
      'admissions 0 0 true',
      'dmg 1 1 true',
      'eagreement 1 1 true',
      'invoicing 2 2 true',
      'invoicing-mediprima 0 0 true',
      'mda 1 1 true',
    ]);
    expect(document.messages.every(({ confirmed, problem }) => confirmed && problem === undefined)).toBe(true); // prettier-ignore
    const sealed = document.messages.find(({ domain }) => domain === 'mda');
    expect(sealed).toMatchObject({ sealed: true, sealedBy: 'CBE=0820563481' });
    const source = await topaz('mycarenet', 'mailbox', 'show', sealed?.id ?? '', '--source');
    expect(source.bytes.toString()).toContain('an answer that nobody asked for');
    const saved = await readdir(join(home.dir, 'documents'));
    expect(saved).toHaveLength(5);
    expect((await stat(join(home.dir, 'documents', saved[0] ?? ''))).mode & 0o777).toBe(0o600);
    expect(await complaints()).toEqual([]);
    expect((await json('sync')).document.messages).toEqual([]);
  });

  test('splits the flat messages of invoicing into their records', async () => {
    const { document } = await json('list', '--domain', 'invoicing');
    const big = document.messages.find(({ mutuality }) => mutuality === '500');
    const shown = await json('show', big?.id.slice(0, 8) ?? '');
    expect(shown.document.messages[0]?.content).toMatchObject({ kind: 'flat', messageNumber: '920999' });
    const records = shown.document.messages[0]?.content?.['records'] as { type: string; text: string }[];
    expect(records.map(({ type }) => type)).toEqual(['', '10', '20', '30', '50', '80', '90']);
    expect(records.slice(1).every(({ text }) => text.length === 350)).toBe(true);
    expect(await ok('mycarenet', 'mailbox', 'show', big?.id ?? '')).toContain('920999, 7 records');
  }); // prettier-ignore

  test('keeps what cannot be read, says so, and confirms it only by hand or by flag', async () => {
    await deliver('invoicing', 'of a wrong hash');
    await fail('genasync.get', 'fault:WRONG_HASH', 2);
    const first = await json('sync', '--domain', 'invoicing');
    expect(first.document.mailboxes[0]).toMatchObject({ new: 1, confirmed: 0, complete: true });
    expect(first.stderr).toContain('its hash is not that of its content');
    const [kept] = (await json('list', '--unconfirmed')).document.messages;
    expect(kept).toMatchObject({ problem: 'wrong-hash', confirmed: false });
    const refused = await json('confirm', kept?.id ?? '', '--no-input');
    expect(refused.status).toBe(2);
    expect((await json('confirm', kept?.id ?? '', '--dry-run')).document).toMatchObject({ dryRun: true, done: [{ confirmed: false }] });
    expect((await json('confirm', kept?.id ?? '', '--yes')).document['done']).toMatchObject([{ confirmed: true }]);
    expect((await json('sync', '--domain', 'invoicing')).document.mailboxes[0]).toMatchObject({ new: 0, duplicates: 0 });
    await deliver('invoicing', 'of another wrong hash');
    await fail('genasync.get', 'fault:WRONG_HASH', 1);
    expect((await json('sync', '--domain', 'invoicing', '--confirm-unreadable')).document.mailboxes[0]).toMatchObject({ confirmed: 1 });
  }); // prettier-ignore

  test('without confirming, the same comes again and is known', async () => {
    await deliver('dmg', '<closure/>', { messageName: 'GMD-CLOSURE' });
    expect((await json('sync', '--no-confirm', '--domain', 'dmg')).document.mailboxes[0]).toMatchObject({ new: 1, confirmed: 0 }); // prettier-ignore
    expect((await json('sync', '--domain', 'dmg')).document.mailboxes[0]).toMatchObject({ new: 0, duplicates: 1, confirmed: 1 }); // prettier-ignore
  });

  test('watches: fetches again after a while, and ends when its time is over', async () => {
    const fetching = topaz('mycarenet', 'mailbox', 'sync', '--domain', 'dmg', '--watch', '--every', '1s', '--until', '3s', ...password, '--json'); // prettier-ignore
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await deliver('dmg', '<closure n="2"/>', { messageName: 'GMD-CLOSURE' });
    const { status, stdout } = await fetching;
    expect(status).toBe(0);
    const rounds = stdout.split('\n').map((line) => (JSON.parse(line) as Doc).messages.length);
    expect(rounds.length).toBeGreaterThan(1);
    expect(rounds.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect((await topaz('mycarenet', 'mailbox', 'sync', '--every', '1m')).status).toBe(2);
  });

  test('one mailbox that fails does not keep the others back', async () => {
    await deliver('eagreement', '<agreement/>');
    await fail('genasync.get', 'fault:SOA-02001', 1);
    const { status, document } = await json('sync', '--domain', 'mda', '--domain', 'eagreement');
    expect(status).toBe(11);
    expect(document['failed']).toMatchObject([{ id: 'mda', error: { code: 'E_SOAP_FAULT' } }]);
    expect(document.mailboxes.find(({ domain }) => domain === 'eagreement')).toMatchObject({ confirmed: 1 }); // prettier-ignore
  });

  test('opens later what was sealed for a key that was not at hand', async () => {
    await deliver('mda', '<note>for later</note>', { messageName: 'MDA', sealed: true });
    const { document } = await json('sync', '--domain', 'mda');
    const id = document.messages[0]?.id ?? '';
    const all = await readdir(home.dir, { recursive: true, withFileTypes: true });
    const folder = all.find((entry) => entry.name === id)?.parentPath ?? '';
    // As if it had come when only another keystore was here.
    const meta = join(folder, id, 'meta.json');
    const record = JSON.parse(await readFile(meta, 'utf8')) as object;
    await writeFile(meta, JSON.stringify({ ...record, problem: 'no-key' }));
    await rm(join(folder, id, 'content'));
    expect((await json('show', id)).document.messages[0]).toMatchObject({ problem: 'no-key', content: { kind: 'binary' } });
    const opened = await topaz('mycarenet', 'mailbox', 'show', id, '--keystore', 'group', ...password, '--json');
    const [shown] = (JSON.parse(opened.stdout) as Doc).messages;
    expect(shown).toMatchObject({ content: { kind: 'xml', root: 'note' } });
    expect(shown?.problem).toBeUndefined();
    expect((await json('show', id)).document.messages[0]?.content).toEqual({ kind: 'xml', root: 'note' });
  }); // prettier-ignore

  test('refuses names that are none, and an id that is not here', async () => {
    expect((await json('sync', '--domain', 'nothing')).status).toBe(2);
    expect((await json('list', '--domain', '../etc')).status).toBe(2);
    const { status, stderr } = await json('show', 'ffffffff');
    expect(status).toBe(3);
    expect(stderr).toContain('E_MESSAGE_UNKNOWN');
  });
});

const query = (id: string, ssin: string): string =>
  `<samlp:AttributeQuery ID="_${id}" Version="2.0" IssueInstant="${new Date().toISOString()}"><saml:Issuer Format="urn:be:cin:nippin:nihii11">94499180000</saml:Issuer>` +
  '<samlp:Extensions xsi:type="ext:ExtensionsType"><ext:Facet id="urn:be:cin:nippin:insurability"><Dimension id="requestType">information</Dimension><Dimension id="contactType">other</Dimension></ext:Facet></samlp:Extensions>' +
  `<saml:Subject><saml:NameID Format="urn:be:fgov:person:ssin">${ssin}</saml:NameID><saml:SubjectConfirmation Method="urn:be:cin:nippin:memberIdentification"><saml:SubjectConfirmationData NotBefore="2026-02-09T00:00:00+01:00" NotOnOrAfter="2026-02-10T00:00:00+01:00"/></saml:SubjectConfirmation></saml:Subject></samlp:AttributeQuery>`;

const list = (...queries: string[]): string =>
  `<ext:AttributeQueryList xmlns:ext="urn:be:cin:nippin:memberdata:saml:extension" xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${queries.join('')}</ext:AttributeQueryList>`;

describe('send', () => {
  test('posts a list of questions; the answers are matched to them', async () => {
    await writeFile(join(home.dir, 'questions.xml'), list(query('Q1', MARIE), query('Q2', STRANGER), query('Q3', '85061199815')));
    const sent = await json('send', 'questions.xml', '--domain', 'mda');
    expect(sent).toMatchObject({ status: 0, document: { result: 'success', messageName: 'MDA' } });
    const reference = String(sent.document['reference']);
    expect((await json('status', reference)).status).toBe(8);
    // Waits for it: the demo answers at once, so the first fetch is enough.
    const watched = await topaz('mycarenet', 'mailbox', 'status', reference, '--watch', ...password, '--json');
    expect(watched.status).toBe(0);
    const { document } = await json('list', '--domain', 'mda');
    const messages = document.messages.filter(({ kind, references }) => kind === 'message' && references?.input === reference);
    const answers: unknown[] = [];
    for (const { id } of messages) {
      const shown = await json('show', id);
      answers.push(...(shown.document.messages[0]?.content?.['answers'] as unknown[]));
    }
    expect(answers).toHaveLength(3);
    expect(answers).toEqual(expect.arrayContaining([
      expect.objectContaining({ question: 'Q1', post: reference, asked: MARIE, status: 'insured' }),
      expect.objectContaining({ question: 'Q2', post: reference, asked: STRANGER, codes: ['UNKNOWN_NISS_ROUTING'] }),
      expect.objectContaining({ question: 'Q3', post: reference, codes: ['INVALID_INSS_VALUE'] }),
    ]));
    const status = await json('status', reference);
    expect(status).toMatchObject({ status: 0, document: { state: 'answered', domain: 'mda' } });
    expect(await ok('mycarenet', 'mailbox', 'show', messages[0]?.id ?? '')).toMatch(/85\.06\.11-998\.14/);
    expect(await complaints()).not.toEqual(expect.arrayContaining([expect.stringContaining('post schema')]));
  }); // prettier-ignore

  test('writes the reference before anything leaves, and says when it is not known whether it arrived', async () => {
    await writeFile(join(home.dir, 'one.xml'), list(query('Q8', MARIE)));
    await fail('genasync.post', 'lost', 9);
    const lost = await json('send', 'one.xml', '--domain', 'mda', '--reference', 'LOST1');
    expect(lost.status).toBe(6);
    expect(lost.stderr).toContain('mailbox status LOST1');
    await askSandbox(data, 'fail', { clear: true });
    const folder = join(home.dir, 'data');
    expect(folder).toBeDefined();
    expect(await json('status', 'LOST1')).toMatchObject({ status: 8, document: { state: 'unknown' } });
    // A question may be asked again under the same reference; the broker takes it once.
    expect(await json('send', 'one.xml', '--domain', 'mda', '--reference', 'LOST1')).toMatchObject({ status: 0 });
    await json('sync', '--domain', 'mda');
    const { document } = await json('status', 'LOST1');
    expect(document.messages.filter(({ kind }) => kind === 'message')).toHaveLength(1);
  }); // prettier-ignore

  test('does not post the same document twice, unless told to', async () => {
    await writeFile(join(home.dir, 'gmd.xml'), '<consult/>');
    const first = await json('send', 'gmd.xml', '--domain', 'dmg', '--mutuality', '319');
    expect(first.status).toBe(0);
    const second = await json('send', 'gmd.xml', '--domain', 'dmg');
    expect(second.status).toBe(2);
    expect(second.stderr).toContain(String(first.document['reference']));
    expect((await json('send', 'gmd.xml', '--domain', 'dmg', '--force')).status).toBe(0);
    const used = await json('send', 'gmd.xml', '--domain', 'dmg', '--force', '--reference', String(first.document['reference'])); // prettier-ignore
    expect(used).toMatchObject({ status: 2 });
  });

  test('signs invoices, and never posts them again by itself', async () => {
    await writeFile(join(home.dir, 'invoices.txt'), '920000'.padEnd(227, '0'));
    await fail('genasync.post', 'lost', 1);
    const flags = ['--domain', 'invoicing', '--mutuality', '300', '--reference', '421'];
    const lost = await json('send', 'invoices.txt', ...flags);
    expect(lost.status).toBe(6);
    const again = await json('send', 'invoices.txt', ...flags);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('00000000000421');
    // It did arrive: the acknowledgement of the mutuality tells.
    await json('sync', '--domain', 'invoicing');
    expect(await json('status', '00000000000421')).toMatchObject({ document: { domain: 'invoicing' } });
    const posts = (await readdir(join(home.dir, 'record'))).filter((name) => /genasync-post\.json$/.test(name));
    const checks = await Promise.all(posts.map((name) => readFile(join(home.dir, 'record', name), 'utf8')));
    expect(checks.filter((text) => text.includes('hcpfac')).every((text) => text.includes('"detail","state":"ok"') || /"name": ?"detail",\s*"state": ?"ok"/.test(text))).toBe(true);
    await writeFile(join(home.dir, 'more.txt'), '920000 more'.padEnd(227, '0'));
    const sent = await json('send', 'more.txt', '--domain', 'invoicing', '--mutuality', '300');
    expect(sent).toMatchObject({ status: 0, document: { result: 'success', messageName: 'HCPFAC' } });
    expect(String(sent.document['reference'])).toMatch(/^[0-9]{14}$/);
  }); // prettier-ignore

  test('a refusal of the broker has exit status 7, at once and afterwards', async () => {
    await writeFile(join(home.dir, 'bad.xml'), '<consult n="2"/>');
    await fail('genasync.post', 'fault:TACK_FAILURE');
    const { status, document } = await json('send', 'bad.xml', '--domain', 'dmg');
    expect({ status, result: document['result'] }).toEqual({ status: 7, result: 'failure' });
    expect((await json('status', String(document['reference']))).status).toBe(7);
  });

  test('shows the request without the password of the licence, and sends nothing', async () => {
    const before = (await readdir(join(home.dir, 'record'))).length;
    const flags = ['mycarenet.quality', 'groupofnurses', 'mycarenet.nihii', '94499180'];
    await ok('profile', 'set', flags[0] ?? '', flags[1] ?? '');
    await ok('profile', 'set', flags[2] ?? '', flags[3] ?? '');
    const { document } = await json('send', 'gmd.xml', '--domain', 'dmg', '--dry-run');
    expect(document['body']).toContain('<c:Password>***</c:Password>');
    expect((await readdir(join(home.dir, 'record'))).length).toBe(before);
  });

  test.each([
    ['no such file', ['none.xml', '--domain', 'mda']],
    ['no domain', ['gmd.xml']],
    ['no list for mda', ['gmd.xml', '--domain', 'mda']],
    ['a type that the mailbox does not take', ['gmd.xml', '--domain', 'dmg', '--type', 'HCPFAC']],
    ['a type that is missing', ['gmd.xml', '--domain', 'eagreement']],
    [
      'a reference that is too long',
      ['gmd.xml', '--domain', 'dmg', '--reference', '123456789012345'],
    ],
    ['invoices that name no mutuality', ['gmd.xml', '--domain', 'invoicing']],
    [
      'a reference of invoices with letters',
      ['gmd.xml', '--domain', 'invoicing', '--mutuality', '300', '--reference', 'T1'],
    ],
    ['a mutuality that is none', ['gmd.xml', '--domain', 'dmg', '--mutuality', '12']],
  ])('refuses %s', async (_, argv) => {
    expect((await json('send', ...argv)).status).toBe(2);
  });
});

test('nothing on the disk or in the output holds the password of the licence; files are private', async () => {
  const root = join(home.dir, 'data-of-profile');
  expect(root).toBeDefined();
  const all = await readdir(home.dir, { recursive: true, withFileTypes: true });
  const mine = all.filter((entry) => /\/sandbox\/mycarenet\//.test(`${entry.parentPath}/`) && entry.isFile());
  expect(mine.length).toBeGreaterThan(10);
  for (const entry of mine) {
    const path = join(entry.parentPath, entry.name);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(path).not.toContain(MARIE);
    expect((await readFile(path)).includes('topaz-sandbox')).toBe(false);
  }
}); // prettier-ignore
