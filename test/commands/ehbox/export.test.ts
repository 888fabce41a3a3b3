/** `topaz ehbox export` and `prune` as typed. Python's mail library is the judge of mails and Maildirs. */

import { execFile } from 'node:child_process';
import { cp, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { MessageSummary } from '../../../src/ehbox/catalog.js';
import { MESSAGE } from '../../etee/pki.js';
import { fake } from '../../ehbox/fake-box.js';
import { checkDocument } from '../../support/json-schema.js';
import { hasProgram } from '../../support/tools.js';
import { annex, base64, clearAnnex, createWorld, MADE_ON } from './world.js';
import type { World } from './world.js';

const run = promisify(execFile);
const judged = hasProgram('python3') ? test : test.skip;

let world: World;

const base = (text: string): string => Buffer.from(text).toString('base64');
const HTML = '<html><body><script>alert(1)</script><p>Dag é\u202e</p>\u001b[31m</body></html>';

const PLAIN = fake(1, {
  title: 'Re: é\u202E "quoted" X-Evil: 1',
  date: '2026-11-20',
  body: base('line one\nline \u001b[2J two é'),
  more: clearAnnex('one', '../../letter é.txt') + clearAnnex('<svg onload="x"/>', 'run.svg', 'image/svg+xml'),
}); // prettier-ignore
const WEB = fake(2, { title: 'x'.repeat(300), date: '2026-11-19', body: base(HTML) });
const SEALED = fake(3, { title: 'Results', date: MADE_ON, encrypted: true, body: base64('none'), more: annex('none', 'good.txt') }); // prettier-ignore
const CLOSED = fake(4, { date: MADE_ON, encrypted: true, body: base64('none'), more: annex('not-recipient', 'lost.txt') + annex('wrong-inner-signer', 'forged.txt') }); // prettier-ignore
const OLD = fake(5, { title: 'old', date: '2024-01-01' });

const webBody = (message: ReturnType<typeof fake>): string =>
  `<con:GetFullMessageResponse xmlns:con="urn:be:fgov:ehealth:ehbox:consultation:protocol:v3"><Status><Code>100</Code><Message>ok</Message></Status><Sender><Id>71234523</Id><Type>NIHII</Type><Quality>LABO</Quality><Name>Labo &lt;evil@x.test&gt;&#13;&#10;Bcc: a@b.test</Name></Sender><Message MessageId="${message.id}"><DestinationContext><Id>19547181</Id><Type>NIHII</Type><Quality>DOCTOR</Quality><User FirstName="Jean" LastName="Exemple">79021599732</User></DestinationContext><ContentContext><Content><Document><Title>${message.title ?? ''}</Title><EncryptableTextContent>${message.body ?? ''}</EncryptableTextContent><DownloadFileName>b.html</DownloadFileName><MimeType>text/html</MimeType></Document></Content><ContentSpecification><ContentType>NEWS</ContentType><IsImportant>true</IsImportant><IsEncrypted>false</IsEncrypted></ContentSpecification><CustomMeta><Key>CM-AuthorID</Key><Value>a&#10;X-Evil: 2</Value></CustomMeta></ContentContext></Message><MessageInfo><PublicationDate>2026-11-19</PublicationDate></MessageInfo></con:GetFullMessageResponse>`;

beforeEach(async () => {
  world = await createWorld();
  world.box.inbox = [SEALED, PLAIN, { ...WEB, full: webBody(WEB).replaceAll('\u001b', '') }];
  world.box.bin = [OLD];
  await world.sync();
});

afterEach(async () => {
  await world.remove();
});

const out = (...names: readonly string[]): string => join(world.dir, 'out', ...names);

interface Mail {
  headers: [string, string][];
  defects: string[];
  parts: { type: string; disposition: string | null; name: string | null; text: string }[];
}

/** What Python's library reads from mails. */
async function python(source: string, ...args: readonly string[]): Promise<unknown> {
  const { stdout } = await run('python3', ['-c', source, ...args]);
  return JSON.parse(stdout) as unknown;
}

const READ = `
import email, email.policy, json, sys
def mail(path):
    m = email.message_from_bytes(open(path, 'rb').read(), policy=email.policy.default)
    parts = [p for p in m.walk() if not p.is_multipart()]
    return {'headers': [[k, str(v)] for k, v in m.items()],
            'defects': [str(d) for p in m.walk() for d in p.defects],
            'parts': [{'type': p.get_content_type(), 'disposition': p.get_content_disposition(),
                       'name': p.get_filename(), 'text': p.get_payload(decode=True).decode('utf8')} for p in parts]}
`;

const readMail = async (path: string): Promise<Mail> =>
  (await python(`${READ}\nprint(json.dumps(mail(sys.argv[1])))`, path)) as Mail;
const headerOf = ({ headers }: Mail, name: string): string | undefined =>
  headers.find(([key]) => key === name)?.[1];

describe('eml', () => {
  judged('a mail with its headers, a plain text and attachments', async () => {
    await world.json(['export', PLAIN.id, '--out', 'out']);
    const mail = await readMail(out(`${PLAIN.id}.eml`));
    expect(mail.defects).toEqual([]);
    expect(headerOf(mail, 'Subject')).toBe('Re: é "quoted" X-Evil: 1');
    expect(headerOf(mail, 'Date')).toMatch(/^Fri, 20 Nov 2026 12:00:00/);
    expect(headerOf(mail, 'From')).toBe('Labo Exemple <71234523@labo.nihii-labo.ehbox.invalid>');
    expect(headerOf(mail, 'To')).toBe('19547181@doctor.nihii.ehbox.invalid');
    expect(headerOf(mail, 'X-EhBox-Sender')).toBe('NIHII-LABO=71234523:LABO');
    expect(mail.parts).toEqual([
      { type: 'text/plain', disposition: null, name: null, text: 'line one\r\nline [2J two é' },
      { type: 'text/plain', disposition: 'attachment', name: '01-letter é.txt', text: 'one' },
      {
        type: 'application/octet-stream',
        disposition: 'attachment',
        name: '02-run.svg.blocked',
        text: '<svg onload="x"/>',
      },
    ]);
  });

  judged('nobody adds headers of his own; HTML is text, and attached as it came', async () => {
    await world.json(['export', WEB.id, '--out', 'out']);
    const text = await readFile(out(`${WEB.id}.eml`), 'utf8');
    expect(text.split('\r\n').every((line) => line.length <= 78)).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    const mail = await readMail(out(`${WEB.id}.eml`));
    expect(mail.defects).toEqual([]);
    expect(mail.headers.map(([name]) => name)).not.toContain('Bcc');
    expect(mail.headers.map(([name]) => name)).not.toContain('X-Evil');
    expect(headerOf(mail, 'Subject')).toBe('x'.repeat(300));
    expect(headerOf(mail, 'To')).toContain('Jean Exemple');
    expect(mail.parts[0]).toMatchObject({ type: 'text/plain', text: expect.stringContaining('Dag é') as unknown }); // prettier-ignore
    expect(mail.parts[0]?.text).not.toMatch(/alert|\u202e/);
    expect(mail.parts[1]).toMatchObject({
      type: 'application/octet-stream',
      name: '00-b.html.blocked',
    });
  });

  test('the same bytes again, and nothing replaced that differs', async () => {
    await world.json(['export', '--out', 'out']);
    await cp(out(), join(world.dir, 'before'), { recursive: true });
    await world.json(['export', '--out', 'out']);
    await world.json(['export', '--out', 'again']);
    for (const name of await readdir(out())) {
      const bytes = await readFile(out(name));
      expect(await readFile(join(world.dir, 'before', name))).toEqual(bytes);
      expect(await readFile(join(world.dir, 'again', name))).toEqual(bytes);
      expect((await stat(out(name))).mode & 0o777).toBe(0o600);
    }
    await writeFile(out(`${PLAIN.id}.eml`), 'mine');
    expect(await world.failure(['export', '--out', 'out'])).toMatchObject({
      status: 11,
      document: { failed: [{ id: PLAIN.id, error: { code: 'E_FILE_EXISTS' } }] },
    });
    await world.json(['export', PLAIN.id, '--out', 'out', '--force']);
    expect(await readFile(out(`${PLAIN.id}.eml`), 'utf8')).toContain('Message-ID:');
    expect((await readdir(world.dir)).toSorted()).toEqual(['again', 'before', 'out', 'password']);
  });

  test('what does not open or is not genuine is left out, named, and a failure', async () => {
    world.box.inbox = [CLOSED];
    await world.sync();
    expect(await world.failure(['export', CLOSED.id, '--out', 'out'])).toMatchObject({
      status: 11,
      document: {
        done: [{ id: CLOSED.id }],
        failed: [{ error: { code: 'E_SEAL_NOT_FOR_US' } }, { error: { code: 'E_SEAL_INVALID' } }],
      },
    });
    const text = await readFile(out(`${CLOSED.id}.eml`), 'utf8');
    expect(text).toContain('X-EhBox-Missing-Part: 01 no-key');
    expect(text).toContain('X-EhBox-Missing-Part: 02 bad-signature');
    expect(text).toContain('part 02 was not written: bad-signature');
  });

  test.each([
    [['--out', 'out', '--format', 'pdf']],
    [[]],
    [['--out', 'out', '--folder', 'attic']],
    [['--out', 'out', '--since', 'soon']],
  ])('%j is refused', async (flags) => {
    expect(await world.failure(['export', ...flags])).toMatchObject({ status: 2, code: 'E_USAGE' });
  });
});

describe('maildir', () => {
  const LIST = `
import json, mailbox, sys
box = mailbox.Maildir(sys.argv[1], create=False)
def read(b): return sorted([str(m['X-EhBox-Id']), m.get_subdir(), m.get_flags()] for m in b)
print(json.dumps({'inbox': read(box), 'folders': {name: read(box.get_folder(name)) for name in box.list_folders()}}))
`;

  judged('folders, flags and messages, as another program sees them', async () => {
    await world.json(['read', PLAIN.id]);
    await world.json(['export', '--format', 'maildir', '--out', 'out']);
    expect(await python(LIST, out())).toEqual({
      inbox: [
        [PLAIN.id, 'cur', 'S'],
        [WEB.id, 'new', ''],
        [SEALED.id, 'new', ''],
      ],
      folders: { Bin: [[OLD.id, 'cur', 'S']] },
    });
    const paths = await readdir(out('new'));
    const [sealed = ''] = paths.filter((name) => name.includes(SEALED.id));
    const mail = await readMail(out('new', sealed));
    expect(mail.parts.map(({ text }) => text.trimEnd())).toContain(Buffer.from(MESSAGE).toString('utf8').trimEnd()); // prettier-ignore
  });

  test('what a mail program has moved or marked stays where it is', async () => {
    await world.json(['export', '--format', 'maildir', '--out', 'out']);
    const [name = ''] = await readdir(out('new'));
    await rename(out('new', name), out('cur', `${name}:2,RS`));
    await world.json(['export', '--format', 'maildir', '--out', 'out']);
    expect(await readdir(out('new'))).not.toContain(name);
    expect(await readdir(out('cur'))).toContain(`${name}:2,RS`);
    await writeFile(out('cur', `${name}:2,RS`), 'changed');
    expect((await world.failure(['export', '--format', 'maildir', '--out', 'out'])).status).toBe(
      11,
    );
    await world.json(['export', '--format', 'maildir', '--out', 'out', '--force']);
    expect(await readdir(out('new'))).toContain(name);
    expect(await readdir(out('cur'))).toEqual([]);
  });
});

test('json: one document per message, with the content of every part', async () => {
  await world.json(['export', SEALED.id, '--format', 'json', '--out', 'out']);
  const document = JSON.parse(await readFile(out(`${SEALED.id}.json`), 'utf8')) as {
    messages: { parts: { contentBase64: string }[] }[];
  };
  expect(checkDocument(document)).toEqual([]);
  const message = document.messages[0]!;
  expect(message).toMatchObject({ id: SEALED.id, sealStatus: 'ok', subject: 'Results' });
  expect(message.parts.map(({ contentBase64 }) => Buffer.from(contentBase64, 'base64'))).toEqual([
    Buffer.from(MESSAGE),
    Buffer.from(MESSAGE),
  ]);
});

describe('prune', () => {
  const ids = async (): Promise<readonly string[]> =>
    ((await world.json(['list'])) as { messages: MessageSummary[] }).messages.map(({ id }) => id);

  test('a dry run tells, and changes nothing', async () => {
    expect(await world.json(['prune', '--older-than', '365d'])).toMatchObject({
      dryRun: true,
      done: [{ id: OLD.id, side: 'received', date: '2024-01-01' }],
      kept: { unread: 0 },
    });
    expect(await ids()).toHaveLength(4);
  });

  test('removes what is old, read and open; it is neither listed nor fetched again', async () => {
    expect(await world.json(['prune', '--older-than', '365d', '--yes'])).toMatchObject({
      done: [{ id: OLD.id }],
    });
    expect(await ids()).not.toContain(OLD.id);
    world.box.takeCalls();
    const result = await world.sync();
    expect(result).toMatchObject({ fresh: [], stored: 0, pending: 0, failed: [], total: 3 });
    expect(world.box.takeCalls()).not.toContain(`GetFullMessage ${OLD.id}`);
    expect((await world.sync({ quick: true })).fresh).toEqual([]);
    expect(await world.failure(['show', OLD.id])).toMatchObject({ code: 'E_MESSAGE_UNKNOWN' });
    const tombstone = await readFile(join(world.mirror.folder, 'pruned', 'received', `${OLD.id}.json`), 'utf8'); // prettier-ignore
    expect(JSON.parse(tombstone)).toMatchObject({ id: OLD.id, publicationDate: '2024-01-01', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown }); // prettier-ignore
  });

  test('what is unread, pending or not opened stays without --force', async () => {
    world.box.inbox = [fake(7, { date: '2024-02-01' }), { ...CLOSED, date: '2024-02-02' }];
    world.box.bin = [];
    await world.sync();
    world.box.inbox = [fake(8, { date: '2024-02-03' }), ...world.box.inbox];
    await world.sync({ listOnly: true });
    expect(await world.json(['prune', '--older-than', '365d', '--yes'])).toMatchObject({
      done: [{ id: OLD.id }],
      kept: { unread: 1, pending: 1, undecoded: 1 },
    });
    const force = ['prune', '--older-than', '365d', '--force', '--yes'];
    expect(await world.failure(force)).toMatchObject({ code: 'E_INPUT_REQUIRED' });
    expect(await world.failure([...force, '--confirm', 'other'])).toMatchObject({ code: 'E_NOT_CONFIRMED' }); // prettier-ignore
    expect(await world.json([...force, '--confirm', 'default'])).toMatchObject({
      done: [{}, {}, {}],
      kept: { unread: 0, pending: 0, undecoded: 0 },
    });
  });

  test.each([[[]], [['--older-than', '1y']], [['--older-than', '0d']]])('%j', async (flags) => {
    expect(await world.failure(['prune', ...flags])).toMatchObject({ status: 2, code: 'E_USAGE' });
  });

  test('its text leaves the index too', async () => {
    expect(await readFile(join(world.mirror.folder, 'index.sqlite'), 'latin1').catch(() => '')).toBe(''); // prettier-ignore
    await ids();
    const path = join(world.mirror.folder, 'index.sqlite');
    expect(await readFile(path, 'latin1')).toContain(OLD.id);
    await world.json(['prune', '--older-than', '365d', '--yes']);
    expect(await readFile(path, 'latin1')).not.toContain(OLD.id);
  });
});
