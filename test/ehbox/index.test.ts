/** The index beside the files: it finds what the files hold, equals a rebuild, and survives what happens to it. */

import { open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import type { MessageFilter } from '../../src/ehbox/catalog.js';
import { listMessages } from '../../src/ehbox/find.js';
import { IndexDatabase, loadSqlite } from '../../src/ehbox/index-database.js';
import type { IndexRow } from '../../src/ehbox/index-query.js';
import { openIndex, settleIndex } from '../../src/ehbox/mirror-index.js';
import { fake, FakeBox } from './fake-box.js';
import { TestMirror } from './mirror-support.js';

let mirror: TestMirror;
let box: FakeBox;

const missing = (): Promise<undefined> => Promise.resolve(undefined);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const annex = (text: string, name: string, mimeType: string): string =>
  `<Annex><EncryptableTitle>${base64(name)}</EncryptableTitle><EncryptableTextContent>${base64(text)}</EncryptableTextContent><DownloadFileName>${name}</DownloadFileName><MimeType>${mimeType}</MimeType></Annex>`;

const HTML = '<html><head><title>hidden</title></head><body><script>secretscript()</script><p>Bloed&shy;waarden</p></body></html>'; // prettier-ignore
const KMEHR = '<?xml version="1.0"?><kmehrmessage xmlns="http://www.ehealth.fgov.be/standards/kmehr/schema/v1"><header/><folder><text>Hémoglobine 12,4</text></folder></kmehrmessage>'; // prettier-ignore

beforeEach(async () => {
  mirror = await TestMirror.create();
  box = new FakeBox();
  box.inbox = [
    fake(1, { title: 'Résultats de labo', date: '2026-02-20' }),
    fake(2, { title: 'letter', more: annex(HTML, 'page.html', 'text/html') }),
    fake(3, { title: 'report', more: annex(KMEHR, 'sumehr.xml', 'application/xml') }),
    fake(4, { title: 'scan "A" 100%_x', more: annex('%PDF-1.4 secretpdf', 'x.pdf', 'application/pdf') }),
    fake(5, { title: '\u202Eevil nul \u009b31m', contentType: 'NEWS' }),
  ]; // prettier-ignore
  box.bin = [fake(6, { title: 'ancient', date: '2026-01-01' })];
});

afterEach(async () => {
  await mirror.remove();
});

const file = (name = 'index.sqlite'): string => join(mirror.folder, name);

async function rows(): Promise<readonly IndexRow[]> {
  const index = await openIndex(mirror.open());
  try {
    return index.dump();
  } finally {
    index.close();
  }
}

/** What the files give, made anew. */
async function rebuilt(): Promise<readonly IndexRow[]> {
  await settleIndex(mirror.open(), { rebuild: true });
  return rows();
}

const ids = async (filter: MessageFilter = {}): Promise<readonly string[]> => {
  const through = await listMessages(mirror.open(), filter);
  const files = await listMessages(mirror.open(), filter, { load: missing });
  expect([through.slow, files.slow]).toEqual([false, true]);
  expect(through.messages).toEqual(files.messages);
  return through.messages.map(({ id }) => id);
};

test('the package is installed here', async () => {
  expect(await loadSqlite()).toBeDefined();
});

describe('lists and searches', () => {
  test.each<[string, number[]]>([
    ['RESULTATS', [1]],
    ['labo exemple', [1, 2, 3, 4, 5, 6]],
    ['labo résultats', [1]],
    ['bloed', [2]],
    ['secretscript', []],
    ['hidden', []],
    ['hemoglobine 12,4', [3]],
    ['sumehr.xml', [3]],
    ['secretpdf', []],
    ['"A"', [4]],
    ['100%_x', [4]],
    ['a" OR "b', []],
    ['%', [4]],
    [',4', [3]],
    ['nul', [5]],
    [' ', [1, 2, 3, 4, 5, 6]],
    ['71234523', [1, 2, 3, 4, 5, 6]],
  ])('%j', async (search, expected) => {
    await mirror.sync(box);
    expect((await ids({ search })).toSorted()).toEqual(expected.map((n) => fake(n).id));
  });

  test('filters and limits, alone and together', async () => {
    await mirror.sync(box);
    const order = [2, 3, 4, 5, 1, 6].map((n) => fake(n).id);
    expect(await ids()).toEqual(order);
    for (const limit of [1, 2, 4, 5, 6, 7]) {
      expect(await ids({ limit })).toEqual(order.slice(0, limit));
    }
    expect(await ids({ folder: 'bin' })).toEqual([fake(6).id]);
    expect(await ids({ unread: true, limit: 4 })).toEqual(order.slice(0, 4));
    expect(await ids({ since: '2026-02-01', until: '2026-02-20' })).toEqual([fake(1).id]);
    expect(await ids({ sealed: true })).toEqual([]);
    expect(await ids({ from: 'NIHII-LABO=71234523', search: 'ancient' })).toEqual([fake(6).id]);
  });
});

describe('equals a rebuild', () => {
  test('after each synchronisation with a box that changes', async () => {
    for (const change of [
      () => undefined,
      () => (box.bin = [...box.bin, ...box.inbox.splice(0, 2)]),
      () => (box.inbox = [fake(7), ...box.inbox]),
      () => (box.bin = []),
      () => undefined,
      () => (box.inbox = [fake(1), ...box.inbox]),
    ]) {
      change();
      await mirror.sync(box);
      await settleIndex(mirror.open());
      const now = await rows();
      expect(now).toEqual(await rebuilt());
      expect(now.length).toBeGreaterThan(0);
    }
  });

  test('marks are seen at once, also by a list that runs before the next synchronisation', async () => {
    await mirror.sync(box);
    await settleIndex(mirror.open());
    await mirror.open().updateMeta({ side: 'received', id: fake(1).id }, (meta) => ({ ...meta, unread: false })); // prettier-ignore
    expect(await ids({ unread: true })).not.toContain(fake(1).id);
    expect(await rows()).toEqual(await rebuilt());
  });

  test('cut off at any step, the next list tells the truth', async () => {
    let steps = 0;
    const copies = mirror.open(async () => {
      steps += 1;
      if (steps % 3 === 0) {
        await ids();
      }
    });
    await mirror.sync(box, { atOnce: 1 }, copies);
    expect(steps).toBeGreaterThan(20);
    expect(await rows()).toEqual(await rebuilt());
  });

  test('a removed message leaves the index, and its text the file', async () => {
    box.inbox = [fake(1, { title: 'unmistakable words' })];
    await mirror.sync(box);
    await settleIndex(mirror.open());
    await rm(mirror.open().path({ side: 'received', id: fake(1).id }), { recursive: true });
    await settleIndex(mirror.open());
    expect((await rows()).map(({ id }) => id)).toEqual([fake(6).id]);
    expect(await readFile(file(), 'latin1')).not.toMatch(/unmist|akable/);
  });
});

describe('what happens to the file', () => {
  beforeEach(async () => {
    await mirror.sync(box);
    await settleIndex(mirror.open());
  });

  test('only its owner reads it, also while it is written', async () => {
    const index = await openIndex(mirror.open());
    index.write([{ ...index.dump()[0]!, stamp: 'x' }]);
    for (const name of ['index.sqlite', 'index.sqlite-wal', 'index.sqlite-shm']) {
      expect((await stat(file(name))).mode & 0o777).toBe(0o600);
    }
    index.close();
  });

  test.each([
    ['missing', () => rm(file())],
    ['empty', () => truncate(file(), 0)],
    ['no database', () => writeFile(file(), 'x'.repeat(9000))],
    ['cut', () => truncate(file(), 5000)],
    ['overwritten in the middle', async () => {
      const handle = await open(file(), 'r+');
      await handle.write(Buffer.alloc(4096, 0xaa), 0, 4096, 4096);
      await handle.close();
    }],
    ['of another version', async () => {
      const sqlite = (await loadSqlite())!;
      const database = new sqlite(file());
      database.pragma('user_version = 99');
      database.close();
    }],
    ['with other tables', async () => {
      await rm(file());
      const sqlite = (await loadSqlite())!;
      const database = new sqlite(file());
      database.exec('CREATE TABLE other (x)');
      database.close();
    }],
  ])('%s: made again by itself', async (_, harm) => {
    await harm();
    expect(await ids({ search: 'labo' })).toHaveLength(6);
    await harm();
    expect(await settleIndex(mirror.open())).toBe(6);
    expect(await ids()).toHaveLength(6);
  }); // prettier-ignore

  test('replaced while it is open: what changed is not forgotten', async () => {
    const { index } = await IndexDatabase.open(file());
    expect(await index.isCurrent()).toBe(true);
    await rm(file());
    expect(await index.isCurrent()).toBe(false);
    index.close();
  });

  test('without the package no index stays behind that could be stale', async () => {
    expect(await settleIndex(mirror.open(), { load: missing })).toBeUndefined();
    await expect(stat(file())).rejects.toThrow('ENOENT');
    expect(await ids()).toHaveLength(6);
  });
});
