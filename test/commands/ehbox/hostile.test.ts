/**
 * Messages that mean harm. Each is synchronised with good ones, listed, shown, saved and exported as typed: nothing is
 * written outside of the mirror and the folder that was named, nothing of it steers the terminal, nothing is
 * rendered, and the good ones are all there. The table of the documentation is made here.
 */

import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { MessageSummary } from '../../../src/ehbox/catalog.js';
import { fake } from '../../ehbox/fake-box.js';
import type { FakeMessage } from '../../ehbox/fake-box.js';
import { annex, base64, clearAnnex, createWorld, MADE_ON } from './world.js';
import type { World } from './world.js';

const DEEP = process.env['TOPAZ_DEEP'] === '1';
const DECLARED = 5_000;
const TOO_MANY = 100_000;
const TABLE = resolve('docs/tables/ehbox-hostile.md');
/** Control characters but the end of a line, and marks that turn the direction of writing. */
const STEERING = /[^\P{Cc}\n\r\t]|\p{Bidi_Control}/u;

const text64 = (text: string): string => Buffer.from(text).toString('base64');
const web = (body: string): string => clearAnnex(body, 'page.html', 'text/html');
const dangling = (count: number): string =>
  '<Annex><EncryptableTitle>YQ==</EncryptableTitle><EncryptableBinaryContent>cid:none</EncryptableBinaryContent><DownloadFileName>a</DownloadFileName><MimeType>a/b</MimeType></Annex>'.repeat(count); // prettier-ignore

/** A local header that promises four gigabytes for ten bytes. */
const ZIP_BOMB = Buffer.concat([
  Buffer.from('504b03040a00000008000000000000000000', 'hex'),
  Buffer.from('0a000000ffffffff0400000062.6f6d62'.replace('.', ''), 'hex'),
  Buffer.alloc(10),
]).toString('latin1');

interface Case {
  readonly what: string;
  readonly message: Partial<FakeMessage>;
  /** Names in the folder that `save` fills, without the id. */
  readonly saved: readonly string[];
  /** Status of `show` and of `save`. */
  readonly status?: readonly [number, number];
  /** What the list says about its seal. */
  readonly seal?: string;
}

const BODY = '00-body.txt';
const named = (name: string): Partial<FakeMessage> => ({ more: clearAnnex('x', name) });

const CASES: readonly Case[] = [
  { what: 'name that climbs out of the folder', message: named('../../../../../../tmp/topaz-owned.txt'), saved: [BODY, '01-topaz-owned.txt'] },
  { what: 'absolute name', message: named('/etc/cron.d/topaz'), saved: [BODY, '01-topaz'] },
  { what: 'name with backslashes and a drive', message: named('C:\\Windows\\..\\run.txt'), saved: [BODY, '01-run.txt'] },
  { what: 'only dots', message: named('..'), saved: [BODY, '01-annex'] },
  { what: 'device name', message: named('CON'), saved: [BODY, '01-CON_'] },
  { what: 'device name with an extension', message: named('nul.txt'), saved: [BODY, '01-nul_.txt'] },
  { what: 'program', message: named('invoice.exe'), saved: [BODY, '01-invoice.exe.blocked'] },
  { what: 'program behind a turned direction of writing', message: named('invoice\u202Efdp.exe'), saved: [BODY, '01-invoicefdp.exe.blocked'] },
  { what: 'control characters of the upper half in a name', message: named('a\u009b31m.txt'), saved: [BODY, '01-a31m.txt'] },
  { what: '300 characters', message: named(`${'é'.repeat(296)}.txt`), saved: [BODY, `01-${'é'.repeat(48)}.txt`] },
  { what: 'equal names, and equal but for case', message: { more: clearAnnex('1', 'a.txt') + clearAnnex('2', 'a.txt') + clearAnnex('3', 'A.TXT') }, saved: [BODY, '01-a.txt', '02-a.txt', '03-A.TXT'] },
  { what: 'zip bomb', message: { more: clearAnnex(ZIP_BOMB, 'bomb.zip', 'application/zip') }, saved: [BODY, '01-bomb.zip'] },
  { what: 'HTML with script and remote image', message: { more: web('<script>steal()</script><img src="https://tracker.test/x.png"><p onload="run()">hello</p>') }, saved: [BODY, '01-page.html.blocked'] },
  { what: 'terminal escapes in title and body', message: { title: '\u009b2J\u202Egone', body: text64('\u001b]0;owned\u0007\u001b[2J\u009b31mred \u202E') }, saved: [BODY] },
  { what: 'NUL and escapes in the title of an annex', message: { more: clearAnnex('x', 'a\u0000b\u001b[31m.txt').replace(/<DownloadFileName>[^<]*/, '<DownloadFileName>n.txt') }, saved: [BODY, '01-n.txt'] },
  { what: `${DECLARED} annexes that are not there`, message: { more: dangling(DECLARED) }, saved: [BODY], status: [0, 11], seal: 'part-missing' },
  { what: 'content that is not base64', message: { body: '%%%' }, saved: [], status: [0, 9], seal: 'corrupt' },
  { what: 'sealed for somebody else', message: { encrypted: true, body: base64('not-recipient') }, saved: [], status: [0, 9], seal: 'no-key' },
  { what: 'sealed, digest of other bytes', message: { encrypted: true, body: base64('tampered-inner') }, saved: [], status: [0, 9], seal: 'bad-signature' },
  { what: 'sealed, signed by another key than it says', message: { encrypted: true, body: base64('wrong-inner-signer') }, saved: [], status: [0, 9], seal: 'bad-signature' },
  { what: 'sealed by another one than the sender', message: { encrypted: true, body: base64('none'), more: annex('none', 'good.txt') }, saved: [BODY, '01-good.txt'], seal: 'ok' },
  { what: 'said to be sealed, and is not', message: { encrypted: true, body: text64('plain') }, saved: [], status: [0, 9], seal: 'corrupt' },
]; // prettier-ignore

let world: World;
let listed: readonly MessageSummary[];
const rows = new Map<string, string>();
const idOf = (index: number): string => fake(index + 1).id;
const GOOD = [fake(901), fake(902)];

beforeAll(async () => {
  world = await createWorld();
  const messages = CASES.map(({ message }, index) =>
    fake(index + 1, { date: MADE_ON, ...message }),
  );
  world.box.inbox = [GOOD[0]!, ...messages, GOOD[1]!];
  await mkdir(join(world.dir, 'out'));
  const { failed } = await world.sync();
  expect(failed).toEqual([]);
  listed = ((await world.json(['list'])) as { messages: MessageSummary[] }).messages;
}, 120_000);

afterAll(async () => {
  await world.remove();
  if (process.env['TOPAZ_WRITE_TABLES'] === '1') {
    await mkdir(dirname(TABLE), { recursive: true });
    await writeFile(TABLE, table());
  }
});

/** Every file of the home but those of the mirror and of `save`, with its time of change. */
async function elsewhere(): Promise<readonly string[]> {
  const home = dirname(world.dir);
  const files = await readdir(home, { recursive: true, withFileTypes: true });
  const names = files.map((entry) => join(entry.parentPath, entry.name));
  const others = names.filter(
    (name) => !name.startsWith(world.mirror.folder) && !name.startsWith(join(world.dir, 'out')),
  );
  return Promise.all(others.map(async (name) => `${name} ${(await stat(name)).mtimeMs}`));
}

test('all of them are in the mirror, and the good ones beside them', () => {
  expect(listed).toHaveLength(CASES.length + GOOD.length);
  for (const { id } of GOOD) {
    expect(listed.find((message) => message.id === id)).toMatchObject({ sealStatus: 'clear' });
  }
});

test('the list on a terminal cannot be steered, nor its columns in a pipe', async () => {
  const terminal = await world.run(['list'], { terminal: true });
  const pipe = await world.run(['list']);
  expect(terminal.stdout.join('\n')).not.toMatch(STEERING);
  expect(pipe.stdout.join('\n')).not.toMatch(STEERING);
  const lines = pipe.stdout.join('\n').split('\n');
  expect(lines.every((line) => line.split('\t').length === 7)).toBe(true);
});

describe.each(CASES.map((one, index) => ({ ...one, index })))(
  '$what',
  ({ what, index, saved, status: [ofShow, ofSave] = [0, 0], seal = 'clear' }) => {
    const id = idOf(index);
    const password = ['--password-file', 'password'];

    test('is listed, shown, saved and exported without harm', async () => {
      const before = await elsewhere();
      expect(listed.find((message) => message.id === id)).toMatchObject({ sealStatus: seal });
      const shown = await world.run(['show', id, '--keep-unread', ...password], { terminal: true });
      expect({ what, status: shown.status }).toEqual({ what, status: ofShow });
      const said = [...shown.stdout, ...shown.stderr].join('\n');
      expect(said).not.toMatch(STEERING);
      expect(said).not.toMatch(/<script|tracker\.test|onload/);

      const out = join('out', String(index));
      const save = await world.run(['save', id, '--out', out, ...password]);
      expect({ what, status: save.status }).toEqual({ what, status: ofSave });
      const names = await readdir(join(world.dir, out)).catch(() => []);
      expect(names.map((name) => name.slice(id.length + 1)).toSorted()).toEqual(saved.toSorted());
      for (const name of names) {
        expect((await stat(join(world.dir, out, name))).mode & 0o777).toBe(0o600);
      }

      for (const format of ['eml', 'maildir', 'json']) {
        const folder = join('out', `${index}-${format}`);
        await world.run(['export', id, '--format', format, '--out', folder, ...password]);
        const files = await readdir(join(world.dir, folder), { recursive: true }).catch(() => []);
        expect(files.every((name) => !/\.\.|[\\\p{Cc}\p{Bidi_Control}]/u.test(name))).toBe(true);
      }
      expect(await elsewhere()).toEqual(before);
      rows.set(what, `| ${what} | ${seal} | ${String(ofShow)} | ${String(ofSave)} | ${saved.join(', ') || '–'} |`); // prettier-ignore
    }, 60_000);
  },
);

test(`${TOO_MANY} annexes: refused for its size, alone, and still listed`, async () => {
  const id = fake(903).id;
  world.box.inbox = [
    fake(903, { date: MADE_ON, more: dangling(TOO_MANY) }),
    fake(904),
    ...world.box.inbox,
  ];
  const { failed, stored } = await world.sync();
  expect(failed).toMatchObject([{ id, error: { code: 'E_XML_LIMIT' } }]);
  expect(stored).toBe(1);
  const messages = (await world.json(['list', '--all']))['messages'];
  expect(messages).toContainEqual(expect.objectContaining({ id, stored: false }));
  expect([(await world.run(['show', id])).status, (await world.run(['save', id, '--out', 'out'])).status]).toEqual([3, 3]); // prettier-ignore
}, 60_000);

test('the table of the documentation says so', async () => {
  if (DEEP && process.env['TOPAZ_WRITE_TABLES'] !== '1') {
    expect(await readFile(TABLE, 'utf8')).toBe(table());
  }
});

function table(): string {
  return `# Messages that mean harm

Made by \`test/commands/ehbox/hostile.test.ts\` (\`TOPAZ_DEEP=1 TOPAZ_WRITE_TABLES=1\`). Each message is synchronised
between good ones, then listed, shown on a terminal, saved and exported in the three formats. In every row: nothing is
written outside of the mirror and the named folder, nothing is executed, fetched, unzipped or rendered, no character
steers the terminal, and the good messages are there.

| message | seal | \`show\` | \`save\` | files that \`save\` makes |
| --- | --- | --- | --- | --- |
${CASES.map(({ what }) => rows.get(what) ?? `| ${what} | FAILED |`).join('\n')}
| ${TOO_MANY} annexes that are not there | not fetched | 3 | 3 | – |

Numbers are exit statuses; 9: the seal does not open or is not genuine, 11: some parts are left, 3: not
fetched, its entry is kept.
`;
}
