/** The log of uses: what its chain and its head find, and what a crash leaves. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFile,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { appendEntry, readLog } from '../../src/access/audit-log.js';
import type { AuditFiles, AuditReport } from '../../src/access/audit-log.js';
import type { AuditEntry } from '../../src/access/audit-line.js';
import { hasProgram } from '../support/tools.js'; // prettier-ignore

const LINES = 5;
const entry = (n: number): AuditEntry => ({
  event: 'use',
  at: `2026-03-01T12:00:0${n}Z`,
  who: '79021599732',
  profile: 'cabinet',
  command: 'ehbox sync',
  keystore: 'group',
  outcome: n % 2 === 0 ? 'denied' : 'allowed',
});

let dir: string;
let files: AuditFiles;
const add = (n: number): Promise<unknown> => appendEntry(files, entry(n), {});
const lines = async (): Promise<string[]> => (await readFile(files.log, 'utf8')).split('\n').slice(0, -1); // prettier-ignore
const put = (changed: readonly string[]): Promise<void> => writeFile(files.log, changed.map((line) => `${line}\n`).join('')); // prettier-ignore
const problems = async (...heads: AuditReport['head'][]): Promise<unknown> => (await readLog(files, heads)).problems; // prettier-ignore

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'topaz-audit-'));
  files = { log: join(dir, 'state', 'access.ndjson'), head: join(dir, 'data', 'access-head.json') };
  for (let n = 1; n <= LINES; n += 1) {
    await add(n);
  }
});
afterEach(() => rm(dir, { recursive: true }));

describe('a log that nobody touched', () => {
  test('is whole; private; the head names its last line', async () => {
    const report = await readLog(files);
    expect(report).toMatchObject({ problems: [], torn: false, head: { count: LINES } });
    expect(report.records.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    expect((await stat(files.log)).mode & 0o777).toBe(0o600);
    expect((await stat(files.head)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(files.head, 'utf8'))).toMatchObject(report.head);
  });

  test('no log at all is whole too', async () => {
    await rm(files.log);
    await rm(files.head);
    expect(await problems()).toEqual([]);
  });

  test.each(['sha256sum'])('%s computes the same hash of a line', async (program) => {
    if (!hasProgram(program)) return;
    const [, second = ''] = await lines();
    const [, open = '', hash = ''] = /^(\{.*),"hash":"([0-9a-f]{64})"\}$/.exec(second) ?? [];
    expect(execFileSync(program, { input: open }).toString().split(' ')[0]).toBe(hash);
  });

  test('two at a time: no line is lost', async () => {
    await Promise.all([6, 7, 8, 9].map(add));
    expect(await readLog(files)).toMatchObject({ problems: [], head: { count: 9 } });
  });

  test('a link in the place of the log is not followed', async () => {
    await rm(files.log);
    await symlink(join(dir, 'elsewhere'), files.log);
    await expect(add(6)).rejects.toBeDefined();
  });
});

/** As one would who knows how the log is made. */
function rehashed(line: string): string {
  const open = line.replace(/,"hash":"[0-9a-f]{64}"\}$/, '');
  return `${open},"hash":"${createHash('sha256').update(open).digest('hex')}"}`;
}

describe('found by the chain', () => {
  test.each<[string, (all: string[]) => string[], unknown]>([
    ['an edit', (all) => all.map((line, n) => (n === 2 ? line.replace('ehbox', 'xhbox') : line)), [{ line: 3, problem: 'line' }]],
    ['an edit of the last line', (all) => all.map((line, n) => (n === 4 ? line.replace('allowed', 'denied') : line)), expect.arrayContaining([{ line: 5, problem: 'line' }])],
    ['a line taken out', (all) => all.filter((_, n) => n !== 2), expect.arrayContaining([{ line: 3, problem: 'chain' }])],
    ['the first one taken out', (all) => all.slice(1), expect.arrayContaining([{ line: 1, problem: 'chain' }])],
    ['two changed places', ([a = '', b = '', c = '', ...rest]) => [a, c, b, ...rest], expect.arrayContaining([{ line: 2, problem: 'chain' }, { line: 3, problem: 'chain' }])],
    ['one twice', (all) => [...all.slice(0, 3), all[2] ?? '', ...all.slice(3)], expect.arrayContaining([{ line: 4, problem: 'chain' }])],
    ['a strange one', (all) => [...all.slice(0, 3), '{}', ...all.slice(3)], expect.arrayContaining([{ line: 4, problem: 'line' }])],
    ['an edit with a hash that fits it', (all) => all.map((line, n) => (n === 2 ? rehashed(line.replace('ehbox', 'xhbox')) : line)), [{ line: 4, problem: 'chain' }]],
    ['another program’s line break', (all) => all.map((line) => `${line}\r`), expect.arrayContaining([{ line: 1, problem: 'line' }])],
  ])('%s', async (_, change, expected) => {
    await put(change(await lines()));
    expect(await problems()).toEqual(expected);
  }); // prettier-ignore

  test('an edit stays found when work goes on', async () => {
    await put((await lines()).map((line, n) => (n === 4 ? line.replace('allowed', 'denied') : line))); // prettier-ignore
    await add(6);
    expect(await problems()).toEqual(expect.arrayContaining([{ line: 5, problem: 'line' }]));
  });
});

describe('found by the head', () => {
  test('lines cut off at the end; and still, when work went on', async () => {
    await put((await lines()).slice(0, 3));
    expect(await problems()).toEqual([{ line: 3, problem: 'cut' }]);
    await add(6);
    const report = await readLog(files);
    expect(report.problems).toContainEqual({ line: 4, problem: 'cut' });
    expect(report.records[3]).toMatchObject({ event: 'cut', lost: 2 });
  });

  test('a head that was kept elsewhere finds what the one here does not', async () => {
    const { head } = await readLog(files);
    await rm(files.log);
    await rm(files.head);
    for (let n = 1; n <= LINES; n += 1) {
      await add(n === 2 ? 4 : n);
    }
    expect(await problems()).toEqual([]);
    expect(await problems(head)).toEqual([{ line: 5, problem: 'head' }]);
    await rm(files.log);
    await rm(files.head);
    expect(await problems(head)).toEqual([{ line: 0, problem: 'cut' }]);
  });

  test('a head that is gone', async () => {
    await rm(files.head);
    expect(await problems()).toEqual([{ line: 0, problem: 'head' }]);
    await add(6);
    expect(await problems()).toEqual([{ line: 6, problem: 'cut' }]);
  });
});

describe('a crash', () => {
  test('a torn last line longer than any line is taken away as a whole', async () => {
    const before = await readFile(files.log, 'utf8');
    await writeFile(files.log, before + 'x'.repeat(200_000));
    await add(6);
    expect(await readLog(files)).toMatchObject({ torn: false, problems: [], head: { count: LINES + 2 } }); // prettier-ignore
    expect((await readFile(files.log, 'utf8')).startsWith(before)).toBe(true);
  });

  test('a torn last line is taken away at the next use, which says so', async () => {
    await appendFile(files.log, '{"number":6,"at":"2026-03-0');
    expect(await readLog(files)).toMatchObject({ torn: true, problems: [], head: { count: LINES } }); // prettier-ignore
    await add(6);
    const report = await readLog(files);
    expect(report).toMatchObject({ torn: false, problems: [], head: { count: LINES + 2 } });
    expect(report.records.slice(-2)).toMatchObject([{ event: 'repaired', lost: 27 }, { event: 'use' }]); // prettier-ignore
  });

  test('cut in the middle of a line that the head knew: repaired, and told as a loss', async () => {
    const { size } = await stat(files.log);
    await truncate(files.log, size - 10);
    await add(6);
    expect((await readLog(files)).records.slice(-3)).toMatchObject([{ event: 'repaired' }, { event: 'cut', lost: 1 }, { event: 'use' }]); // prettier-ignore
    expect(await problems()).toEqual([{ line: 6, problem: 'cut' }]);
  });

  test('between line and head: nothing is wrong', async () => {
    const head = await readFile(files.head);
    await add(6);
    await writeFile(files.head, head);
    expect(await problems()).toEqual([]);
    await add(7);
    expect(await readLog(files)).toMatchObject({ problems: [], head: { count: 7 } });
  });
});
