/** `topaz ehbox list`, `show`, `read`, `unread` and `save`, as typed: nothing of it needs the network. */

import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { MessageSummary } from '../../../src/ehbox/catalog.js';
import { MESSAGE } from '../../etee/pki.js';
import { fake } from '../../ehbox/fake-box.js';
import { annex, base64, clearAnnex, createWorld, MADE_ON } from './world.js';
import type { World } from './world.js';

let world: World;

/** Control characters and marks that turn the direction of writing. */
const STEERING = /[\p{Cc}\p{Bidi_Control}]/u;

const CLEAR = fake(1, {
  title: 'Re: \u009b31mred\u202E evil',
  date: '2026-11-20',
  more: clearAnnex('one', '../../letter.txt') + clearAnnex('two', 'run.exe'),
});
const SEALED = fake(2, {
  title: 'Results',
  date: MADE_ON,
  encrypted: true,
  body: base64('none'),
  more: annex('none', 'good.txt'),
});
const CLOSED = fake(3, {
  date: MADE_ON,
  encrypted: true,
  body: base64('none'),
  more: annex('not-recipient', 'lost.txt') + annex('wrong-inner-signer', 'forged.txt'),
});

beforeEach(async () => {
  world = await createWorld();
  world.box.inbox = [CLOSED, SEALED, CLEAR];
});

afterEach(async () => {
  await world.remove();
});

const list = async (...argv: readonly string[]): Promise<readonly MessageSummary[]> =>
  ((await world.json(['list', ...argv])) as { messages: MessageSummary[] }).messages;
const ids = async (...argv: readonly string[]): Promise<readonly string[]> =>
  (await list(...argv)).map(({ id }) => id);

describe('list', () => {
  test('nothing mirrored yet is an empty list', async () => {
    const { status, stdout, stderr } = await world.run(['list']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: [] });
    expect(stderr.join()).toContain('topaz ehbox sync');
    expect(await list()).toEqual([]);
  });

  test('one record per line in a pipe, newest first, nothing that steers a terminal', async () => {
    await world.sync();
    const { stdout } = await world.run(['list']);
    expect(stdout).toEqual([
      `${CLOSED.id}\t${MADE_ON}\tNIHII-LABO=71234523\tLabo Exemple\tmessage 3\t2\tunread`,
      `${SEALED.id}\t${MADE_ON}\tNIHII-LABO=71234523\tLabo Exemple\tResults\t1\tunread`,
      `${CLEAR.id}\t2026-11-20\tNIHII-LABO=71234523\tLabo Exemple\tRe: 31mred evil\t2\tunread`,
    ]);
  });

  test('a table on a terminal, with the mark of the unread', async () => {
    await world.sync();
    await world.run(['read', CLEAR.id]);
    const { stdout } = await world.run(['list'], { terminal: true });
    expect(stdout[0]).toMatch(/ID\s+DATE\s+FROM\s+SUBJECT\s+REMARKS/);
    expect(stdout[1]).toMatch(new RegExp(`^(?:●|\\*)\\s+${CLOSED.id}`));
    expect(stdout[3]).toMatch(new RegExp(`^\\s+${CLEAR.id}`));
    expect(stdout.join('')).not.toMatch(STEERING);
  });

  test('the document has the fields of the contract', async () => {
    await world.sync();
    const [, sealed] = await list();
    expect(sealed).toEqual({
      id: SEALED.id,
      side: 'received',
      folder: 'inbox',
      sender: { type: 'NIHII-LABO', id: '71234523', quality: 'LABO', name: 'Labo Exemple' },
      subject: 'Results',
      date: MADE_ON,
      expiresOn: `${Number(MADE_ON.slice(0, 4)) + 1}${MADE_ON.slice(4)}`,
      sizeBytes: 100,
      contentType: 'DOCUMENT',
      unread: true,
      sealed: true,
      sealStatus: 'ok',
      important: false,
      attachments: [{ name: 'good.txt', mimeType: 'text/plain', sizeBytes: MESSAGE.length }],
      stored: true,
    });
  });

  test('the newest of many, and a word about the others', async () => {
    world.box.inbox = Array.from({ length: 101 }, (_, n) => fake(101 - n));
    await world.sync({ listOnly: true });
    const terminal = await world.run(['list'], { terminal: true });
    const shown = terminal.stdout
      .join('\n')
      .split('\n')
      .filter((line) => line.includes('9ZTEST'));
    expect(shown).toHaveLength(100);
    expect(terminal.stderr.join()).toContain('--all');
    expect(await world.json(['list'])).not.toHaveProperty('more');
    expect(await list()).toHaveLength(101);
    expect(await world.json(['list', '--limit', '3'])).toMatchObject({ more: true, messages: [{}, {}, {}] }); // prettier-ignore
    expect(await world.json(['list', '--limit', '101', '--unread'])).not.toHaveProperty('more');
    expect(await list('--all')).toHaveLength(101);
    expect((await world.failure(['list', '--all', '--limit', '3'])).code).toBe('E_USAGE');
    expect((await world.failure(['list', '--remote', '--search', 'x'])).code).toBe('E_USAGE');
  });

  test('filters', async () => {
    await world.sync();
    expect(await ids('--sealed')).toEqual([CLOSED.id]);
    expect(await ids('--until', '2026-11-20')).toEqual([CLEAR.id]);
    expect(await ids('--since', MADE_ON)).toEqual([CLOSED.id, SEALED.id]);
    expect(await ids('--since', 'today', '--limit', '1')).toEqual([CLOSED.id]);
    expect(await ids('--from', 'NIHII-LABO=7-12345-23')).toHaveLength(3);
    expect(await ids('--from', 'NIHII-HOSPITAL=71022212')).toEqual([]);
    expect(await ids('--folder', 'bin')).toEqual([]);
    expect(await ids('--search', 'RÉSULTS')).toEqual([SEALED.id]);
    expect(await ids('--search', 'good.TXT')).toEqual([SEALED.id]);
    expect(await ids('--search', `body of ${CLEAR.id}`)).toEqual([CLEAR.id]);
    await world.run(['read', SEALED.id]);
    expect(await ids('--unread')).toEqual([CLOSED.id, CLEAR.id]);
  });

  test.each([
    ['--folder', 'attic'],
    ['--since', 'soon'],
    ['--since', '2026-13-45'],
    ['--limit', '0'],
    ['--from', 'nobody'],
  ])('%s %s is refused', async (flag, value) => {
    await world.sync();
    expect((await world.run(['list', flag, value])).status).toBe(2);
  });

  test('several boxes: one must be named', async () => {
    await world.sync();
    const other = world.mirror.folder.replace('19547181', '12345678');
    await mkdir(other, { recursive: true });
    const record = await readFile(join(world.mirror.folder, 'box.json'), 'utf8');
    await writeFile(join(other, 'box.json'), record.replace('"19547181"', '"12345678"'));
    expect(await world.failure(['list'])).toMatchObject({ status: 2, code: 'E_USAGE' });
    expect(await ids('--box', 'NIHII=19547181:DOCTOR')).toHaveLength(3);
    expect(await ids('--box', 'NIHII=12345678:DOCTOR')).toEqual([]);
  });
});

describe('show', () => {
  beforeEach(async () => {
    await world.sync();
  });

  test('headers, text and attachments; marked as read, unless asked not to', async () => {
    const { stdout } = await world.run(['show', SEALED.id, '--keep-unread']);
    const text = stdout.join('\n');
    expect(text).toMatch(/Subject +Results\n/);
    expect(text).toMatch(/From +Labo Exemple \(NIHII-LABO=71234523, LABO\)\n/);
    expect(text).toContain(`\n${Buffer.from(MESSAGE).toString('utf8').trimEnd()}`);
    expect(text).toMatch(/Attachments\n {2}01 {2}good\.txt \(text\/plain, 23 B\)/);
    expect(await ids('--unread')).toContain(SEALED.id);
    await world.run(['show', SEALED.id]);
    expect(await ids('--unread')).not.toContain(SEALED.id);
  });

  test('hostile text cannot steer the terminal', async () => {
    const { stdout } = await world.run(['show', CLEAR.id], { terminal: true });
    expect(stdout.join('')).not.toMatch(STEERING);
  });

  test('another signer than the sender, and what did not open, are said', async () => {
    const { stderr } = await world.run(['show', CLOSED.id]);
    expect(stderr.join('\n')).toMatch(/Not everything could be opened/);
    expect(stderr.join('\n')).toMatch(/Sealed by .*not the sender/);
    const { messages } = await world.json(['show', CLOSED.id]);
    expect(messages).toMatchObject([
      { id: CLOSED.id, sealStatus: 'bad-signature', signer: { type: 'SSIN', match: 'different' }, parts: [{ status: 'ok' }, { status: 'no-key' }, { status: 'bad-signature' }] },
    ]);
  }); // prettier-ignore

  test('the source is what eHealth sent, byte for byte', async () => {
    const { output } = await world.run(['show', CLEAR.id, '--source']);
    const raw = await readFile(world.mirror.path({ side: 'received', id: CLEAR.id }, 'raw', 'response.body')); // prettier-ignore
    expect(Buffer.compare(output, raw)).toBe(0);
    expect(await world.json(['show', CLEAR.id, '--source'])).toMatchObject({
      source: { status: 200, bodyBase64: raw.toString('base64') },
    });
  });

  test('binary is not written to a terminal', async () => {
    const path = world.mirror.path({ side: 'received', id: CLEAR.id }, 'raw', 'response.body');
    await writeFile(path, Buffer.from([0x50, 0x00, 0x1b]));
    const { status, output } = await world.run(['show', CLEAR.id, '--source'], { terminal: true });
    expect({ status, size: output.length }).toEqual({ status: 2, size: 0 });
  });

  test.each(['9ZNOSUCH00000', '../../etc/passwd', ''])('%j is no message', async (id) => {
    expect(await world.failure(['show', id])).toMatchObject({ code: 'E_MESSAGE_UNKNOWN' });
  });

  test('with an older keystore more opens, nothing is written', async () => {
    const before = await world.mirror.readParts({ side: 'received', id: CLOSED.id });
    const { messages } = await world.json(['show', CLOSED.id, '--keystore', 'other', '--password-file', join(world.dir, 'password')]); // prettier-ignore
    expect(messages).toMatchObject([{ parts: [{ status: 'no-key' }, { status: 'ok' }, { status: 'no-key' }] }]); // prettier-ignore
    expect(await world.mirror.readParts({ side: 'received', id: CLOSED.id })).toEqual(before);
  });
});

describe('kept sealed', () => {
  beforeEach(async () => {
    await world.sync({ opener: undefined });
  });

  test('is opened when it is read, with the password, and only then', async () => {
    expect((await list()).map(({ sealStatus }) => sealStatus)).toEqual(['unopened', 'unopened', 'clear']); // prettier-ignore
    expect(await world.failure(['show', SEALED.id])).toMatchObject({ code: 'E_INPUT_REQUIRED' });
    const { messages } = await world.json(['show', SEALED.id, '--password-file', join(world.dir, 'password')]); // prettier-ignore
    expect(messages).toMatchObject([
      { sealStatus: 'ok', text: Buffer.from(MESSAGE).toString('utf8') },
    ]);
    // A clear one needs no password.
    expect(await world.json(['show', CLEAR.id])).toMatchObject({ messages: [{ sealStatus: 'clear' }] }); // prettier-ignore
    expect(await readdir(world.mirror.path({ side: 'received', id: SEALED.id }))).not.toContain('parts'); // prettier-ignore
  });

  test('nothing of its content is in the index, and a search does not find it', async () => {
    const word = /[a-z]{4,}/i.exec(Buffer.from(MESSAGE).toString('utf8'))?.[0] ?? '';
    expect(word.length).toBeGreaterThan(2);
    expect(await ids('--search', word)).toEqual([]);
    const index = await readFile(join(world.mirror.folder, 'index.sqlite'), 'latin1');
    expect(index.toLowerCase()).not.toContain(word.toLowerCase());
    await world.sync();
    expect((await ids('--search', word)).length).toBeGreaterThan(0);
  });

  test('is saved when it is asked for', async () => {
    await world.json(['save', SEALED.id, '--out', 'out', '--password-file', join(world.dir, 'password')]); // prettier-ignore
    expect((await readdir(join(world.dir, 'out'))).toSorted()).toEqual([
      `${SEALED.id}-00-body.txt`,
      `${SEALED.id}-01-good.txt`,
    ]);
  });
});

describe('save', () => {
  beforeEach(async () => {
    await world.sync();
  });

  const out = (): Promise<string[]> => readdir(join(world.dir, 'out')).then((names) => names.toSorted()); // prettier-ignore

  test('writes safe names into the folder and nowhere else, mode 0600', async () => {
    const document = await world.json(['save', CLEAR.id, SEALED.id, '--out', 'out']);
    expect(document).toMatchObject({ schema: 'topaz.ehbox.save/1', failed: [] });
    expect(await out()).toEqual([
      `${CLEAR.id}-00-body.txt`,
      `${CLEAR.id}-01-letter.txt`,
      `${CLEAR.id}-02-run.exe.blocked`,
      `${SEALED.id}-00-body.txt`,
      `${SEALED.id}-01-good.txt`,
    ]);
    const path = join(world.dir, 'out', `${CLEAR.id}-01-letter.txt`);
    expect(await readFile(path, 'utf8')).toBe('one');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readdir(world.dir)).toSorted()).toEqual(['out', 'password']);
  });

  test('replaces nothing without --force, and no link is followed', async () => {
    await mkdir(join(world.dir, 'out'));
    const target = join(world.dir, 'target');
    await writeFile(target, 'precious');
    await symlink(target, join(world.dir, 'out', `${CLEAR.id}-01-letter.txt`));
    expect(await world.failure(['save', CLEAR.id, '--out', 'out'])).toMatchObject({ code: 'E_FILE_EXISTS' }); // prettier-ignore
    await world.json(['save', CLEAR.id, '--out', 'out', '--force']);
    expect(await readFile(target, 'utf8')).toBe('precious');
    expect(await readFile(join(world.dir, 'out', `${CLEAR.id}-01-letter.txt`), 'utf8')).toBe('one');
  });

  test('what is not genuine stays in quarantine until it is asked for', async () => {
    const failed = await world.failure(['save', CLOSED.id, '--out', 'out']);
    expect(failed).toMatchObject({
      status: 11,
      code: 'E_PARTIAL',
      document: {
        failed: [
          { id: CLOSED.id, error: { code: 'E_SEAL_NOT_FOR_US' } },
          { id: CLOSED.id, error: { code: 'E_SEAL_INVALID' } },
        ],
      },
    });
    expect(await out()).toEqual([`${CLOSED.id}-00-body.txt`]);
    await world.failure(['save', CLOSED.id, '--out', 'out', '--allow-unverified', '--force']);
    expect(await out()).toEqual([`${CLOSED.id}-00-body.txt`, `${CLOSED.id}-02-forged.txt`]);
  });

  test('one unknown id does not stop the others; nothing at all is the failure itself', async () => {
    expect(await world.failure(['save', 'NOSUCH', CLEAR.id, '--out', 'out'])).toMatchObject({
      status: 11,
      document: {
        done: [{ id: CLEAR.id }],
        failed: [{ id: 'NOSUCH', error: { code: 'E_MESSAGE_UNKNOWN' } }],
      },
    });
    expect(await world.failure(['save', 'NOSUCH', '--out', 'out'])).toMatchObject({
      status: 3,
      code: 'E_MESSAGE_UNKNOWN',
    });
    expect(await world.failure(['save', CLEAR.id])).toMatchObject({ status: 2, code: 'E_USAGE' });
  });
});

describe('read and unread', () => {
  test('the mark goes both ways, unknown ids fail alone', async () => {
    await world.sync();
    expect(await world.json(['read', CLEAR.id, SEALED.id])).toEqual({
      schema: 'topaz.ehbox.read/1',
      done: [
        { id: CLEAR.id, unread: false },
        { id: SEALED.id, unread: false },
      ],
      failed: [],
    });
    expect(await ids('--unread')).toEqual([CLOSED.id]);
    expect(await world.failure(['unread', CLEAR.id, 'NOSUCH'])).toMatchObject({
      status: 11,
      document: { done: [{ id: CLEAR.id, unread: true }], failed: [{ id: 'NOSUCH' }] },
    });
    expect(await ids('--unread')).toEqual([CLOSED.id, CLEAR.id]);
  });

  test('prints nothing on stdout', async () => {
    await world.sync();
    const { stdout, stderr } = await world.run(['read', CLEAR.id]);
    expect(stdout).toEqual([]);
    expect(stderr.join()).toContain('1 message marked as read');
  });
});
