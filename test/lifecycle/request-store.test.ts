/** What is remembered of requests on this machine. */

import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { parseRecord } from '../../src/lifecycle/request-record.js';
import type { RequestRecord } from '../../src/lifecycle/request-record.js';
import { chooseRequest, openRequestsOf, openRequestStore } from '../../src/lifecycle/request-store.js'; // prettier-ignore
import type { RequestStore } from '../../src/lifecycle/request-store.js';

const ID = '3a444d24252407941960192ce9abce586e15d3ee';
const record = (changes: Partial<RequestRecord> = {}): RequestRecord => ({
  schema: 'topaz.request/1',
  id: ID,
  state: 'sent',
  environment: 'acc',
  as: 'person',
  holder: { type: 'SSIN', id: '79021599732' },
  keystore: '/keys/doctor.p12',
  createdAt: '2026-03-01T08:12:44.000Z',
  ...changes,
});

let folder: string;
let store: RequestStore;
let run = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-requests-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  run += 1;
  store = openRequestStore(join(folder, String(run)));
});

describe('the store', () => {
  test('is empty at first, and makes no folder by being looked at', async () => {
    expect(await store.list()).toEqual([]);
    expect(await store.find(ID)).toBeUndefined();
    expect(await store.readMessage(ID)).toBeUndefined();
    await expect(readdir(join(folder, String(run)))).rejects.toThrow();
  });

  test('gives back what was saved, oldest first, in files of mode 0600', async () => {
    const later = record({ id: 'f'.repeat(40), createdAt: '2026-04-01T00:00:00.000Z' });
    await store.save(later);
    await store.save(record());
    await store.saveMessage(ID, '<x/>');
    expect(await store.list()).toEqual([record(), later]);
    expect(await store.find(ID)).toEqual(record());
    const path = join(folder, String(run), 'requests');
    expect((await readdir(path)).sort()).toEqual(
      [`${ID}.json`, `${ID}.xml`, `${'f'.repeat(40)}.json`].sort(),
    );
    for (const name of await readdir(path)) {
      expect((await stat(join(path, name))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });

  test('forgets a message, also one that is not there', async () => {
    await store.saveMessage(ID, '<x/>');
    await store.removeMessage(ID);
    await store.removeMessage(ID);
    expect(await store.readMessage(ID)).toBeUndefined();
  });

  test('a damaged record is an error, not a request less', async () => {
    await store.save(record());
    await writeFile(join(folder, String(run), 'requests', `${'e'.repeat(40)}.json`), '{"id":');
    await expect(store.list()).rejects.toMatchObject({ code: 'E_PROFILE_INVALID' });
  });
});

describe('parseRecord', () => {
  test('takes every optional field', () => {
    const full = record({
      dn: 'C=BE',
      email: 'jean@exemple.test',
      submittedAt: '2026-03-01T08:12:44Z',
      automaticallyValidated: false,
      replaces: ID,
      refusal: { code: 'X', message: '' },
      etk: { serial: '1', certificateBase64: 'AA==', registered: true, toBeActivated: false },
      certificates: ['AA=='],
      fileDigest: 'ab',
    });
    expect(parseRecord(JSON.stringify(full), 'x')).toEqual(full);
  });

  test.each<[string, unknown]>([
    ['a list', []],
    ['null', null],
    ['another schema', { ...record(), schema: 'topaz.request/2' }],
    ['an identifier in capitals', { ...record(), id: ID.toUpperCase() }],
    ['an identifier that leaves the folder', { ...record(), id: '../x' }],
    ['an unknown state', { ...record(), state: 'perhaps' }],
    ['no keystore', { ...record(), keystore: undefined }],
    ['a date that is none', { ...record(), createdAt: 'yesterday' }],
    ['a holder that is text', { ...record(), holder: 'SSIN=79021599732' }],
    ['half a registration', { ...record(), etk: { serial: '1' } }],
    ['certificates that are none', { ...record(), certificates: [1] }],
  ])('refuses %s', (_, value) => {
    expect(() => parseRecord(JSON.stringify(value), 'x.json')).toThrow(
      expect.objectContaining({ code: 'E_PROFILE_INVALID' }),
    );
  });
});

describe('which request is meant', () => {
  const issued = record({ id: '3a444d24'.padEnd(40, '0'), state: 'issued' });
  const other = record({ id: 'b'.repeat(40) });

  test('the only one in progress, or the one named', () => {
    expect(chooseRequest([record(), issued], undefined)).toEqual(record());
    expect(chooseRequest([record(), issued], '3A444D2425')).toEqual(record());
    expect(chooseRequest([record(), issued], issued.id)).toEqual(issued);
  });

  test.each<[string, readonly RequestRecord[], string | undefined]>([
    ['none', [], undefined],
    ['none in progress', [issued, record({ state: 'refused' })], undefined],
    ['two in progress', [record(), other], undefined],
    ['two of that beginning', [record(), issued], '3a444d24'],
    ['a beginning that is too short', [record()], '3a444d2'],
    ['something else', [record()], 'doctor.p12'],
    ['an unknown one', [record()], 'c'.repeat(40)],
  ])('refuses: %s', (_, records, given) => {
    expect(() => chooseRequest(records, given)).toThrow(
      expect.objectContaining({ code: 'E_USAGE' }),
    );
  });

  test('of a holder: in progress, in this environment', () => {
    const records = [
      record(),
      issued,
      record({ id: 'c'.repeat(40), environment: 'prod' }),
      record({ id: 'd'.repeat(40), holder: { type: 'SSIN', id: '85061199814' } }),
      record({ id: 'e'.repeat(40), state: 'new' }),
    ];
    expect(
      openRequestsOf(records, { type: 'SSIN', id: '79021599732' }, 'acc').map(({ id }) => id[0]),
    ).toEqual(['3', 'e']);
  });
});
