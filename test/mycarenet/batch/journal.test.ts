/** The journal on a real disk: what is kept, what a crash leaves, who may read it. */

import {
  appendFile,
  mkdtemp,
  readdir,
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

import {
  AnswerJournal,
  journalDays,
  readJournal,
  sweepJournals,
} from '../../../src/mycarenet/batch/journal.js';
import type { JournalRecord } from '../../../src/mycarenet/batch/journal.js';
import { restoreReply, storeReply } from '../../../src/mycarenet/batch/stored-answer.js';
import { reply } from './replies.js';
import { day } from '../memberdata/values.js';

// prettier-ignore
const DAY = day('2026-03-01');
let folder: string;
const file = (): string => join(folder, `${DAY}.jsonl`);
const open = (): Promise<AnswerJournal> => AnswerJournal.open(folder, DAY, { timeoutMs: 50 });

const sent = (key: string, at = '2026-03-01T10:00:00.000Z'): JournalRecord => ({
  state: 'sent',
  key,
  at,
  reference: 'T1',
});
const answered = (key: string, at = '2026-03-01T10:00:01.000Z'): JournalRecord => ({
  state: 'answered',
  key,
  patient: `of ${key}`,
  at,
  reference: 'T1',
  reply: storeReply(reply(), { raw: true }),
});

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'topaz-journal-')), 'insurability');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

test('an answer comes back as it went in', async () => {
  const journal = await open();
  const place = journal.append(answered('a'));
  const record = await journal.read(place);
  await journal.close();
  expect(record).toMatchObject({ state: 'answered', key: 'a' });
  expect(record.state === 'answered' && restoreReply(record.reply)).toEqual(reply());
});

test('without --raw the facts as they were stated are left out', () => {
  expect(storeReply(reply(), { raw: false })).not.toHaveProperty('assertions');
});

test('opened again, the last word about each question is known', async () => {
  const first = await open();
  for (const record of [sent('a'), answered('a'), sent('b'), sent('a', '2026-03-01T11:00:00.000Z')]) {
    first.append(record);
  }
  await first.close();
  const again = await open();
  // Asked again and lost: the earlier answer still stands.
  expect(again.find('a')).toMatchObject({ state: 'answered' });
  expect(again.find('b')).toMatchObject({ state: 'sent' });
  expect(again.find('c')).toBeUndefined();
  await again.close();
}); // prettier-ignore

test('folder 0700, file 0600', async () => {
  await (await open()).close();
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
});

test('a second batch waits, then says who holds the lock', async () => {
  const first = await open();
  await expect(open()).rejects.toMatchObject({ code: 'E_LOCKED' });
  await first.close();
  await (await open()).close();
});

describe('what a crash leaves', () => {
  test('every cut of the last line: the lines before it stay, the next record is whole', async () => {
    const journal = await open();
    journal.append(answered('a'));
    const { length } = await readFile(file());
    journal.append(answered('b'));
    await journal.close();
    const whole = await readFile(file());
    for (const end of [length, length + 1, length + 40, whole.length - 1]) {
      await writeFile(file(), whole.subarray(0, end));
      const again = await open();
      expect(again.find('a')).toMatchObject({ state: 'answered' });
      expect(again.find('b')).toBeUndefined();
      const place = again.append(answered('c'));
      expect(await again.read(place)).toMatchObject({ key: 'c' });
      await again.close();
      const lines = (await readFile(file(), 'utf8')).trimEnd().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as JournalRecord).key)).toEqual(['a', 'c']);
    }
  });

  test('a foreign line is passed over', async () => {
    const journal = await open();
    journal.append(answered('a'));
    await journal.close();
    await appendFile(file(), 'not ours\n{"key":1}\nnull\n');
    const again = await open();
    again.append(answered('b'));
    expect(again.find('a')).toBeDefined();
    await again.close();
    const keys: string[] = [];
    for await (const { key } of readJournal(file())) {
      keys.push(key);
    }
    expect(keys).toEqual(['a', 'b']);
  });

  test('records longer than a read, and many of them', async () => {
    const journal = await open();
    for (let n = 0; n < 400; n += 1) {
      journal.append({ state: 'failed', key: `k${n}`, at: '2026-03-01T10:00:00Z', error: { code: 'E_NETWORK', message: 'x'.repeat(n === 7 ? 700_000 : 1500), facts: [] } }); // prettier-ignore
    }
    await journal.close();
    const again = await open();
    const place = again.find('k399');
    expect(place !== undefined && (await again.read(place))).toMatchObject({ key: 'k399' });
    const long = again.find('k7');
    expect(long?.length).toBeGreaterThan(700_000);
    await again.close();
  });
});

test('a link in the place of the journal is not followed', async () => {
  await (await open()).close();
  await rm(file());
  const elsewhere = join(folder, 'elsewhere');
  await writeFile(elsewhere, 'precious');
  await symlink(elsewhere, file());
  await expect(open()).rejects.toThrow();
  expect(await readFile(elsewhere, 'utf8')).toBe('precious');
});

test('a journal that shrank meanwhile is an error, not another answer', async () => {
  const journal = await open();
  const place = journal.append(answered('a'));
  await truncate(file(), 10);
  await expect(journal.read(place)).rejects.toMatchObject({ code: 'E_INTERNAL' });
  await journal.close();
});

test('old days are swept, nothing else', async () => {
  await (await open()).close();
  for (const name of ['2026-01-01.jsonl', '2026-02-01.jsonl', 'notes.txt', '2026-01-01.jsonl.bak']) {
    await writeFile(join(folder, name), '');
  }
  await sweepJournals(folder, day('2026-02-01'));
  expect(await journalDays(folder)).toEqual(['2026-02-01', DAY]);
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['notes.txt', '2026-01-01.jsonl.bak']));
}); // prettier-ignore
