/** Copies of ETKs: used for an hour, verified each time, never believed. */

import { mkdtemp, readdir, readFile, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { MAX_AGE_MS } from '../../src/etk/cache.js';
import { lookUpEtk, obtainEtk, type EtkSource } from '../../src/etk/obtain.js';
import type { Call } from '../../src/soap/call.js';
import { readXml } from '../../src/xml/read.js';
import { MADE_AT, ROOTS, tokenOf, type HolderName } from '../etee/pki.js';

const MARIE = { type: 'SSIN', id: '85061199814' };
const FILE = 'SSIN=85061199814.json';

let home: string;
let calls: number;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'topaz-etk-'));
  calls = 0;
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

const folder = (): string => join(home, 'cache', 'etk');

function source(name: HolderName, change: Partial<EtkSource> = {}): EtkSource {
  const text = `<p:GetEtkResponse xmlns:p="urn:be:fgov:ehealth:etkdepot:1_0:protocol"><c:Status xmlns:c="urn:be:fgov:ehealth:commons:1_0:core"><Code>200</Code></c:Status><p:ETK>${Buffer.from(tokenOf(name)).toString('base64')}</p:ETK></p:GetEtkResponse>`;
  const call: Call = () => {
    calls += 1;
    const payload = readXml(text);
    return Promise.resolve({
      status: 200,
      payload,
      envelope: payload,
      headers: {},
      raw: Buffer.from(text),
      parts: new Map(),
    });
  };
  return {
    call: () => Promise.resolve(call),
    url: 'https://depot.test/EtkDepot/v1',
    roots: ROOTS,
    folder: folder(),
    now: MADE_AT,
    ...change,
  };
}

const later = (ms: number): { now: Date } => ({ now: new Date(MADE_AT.getTime() + ms) });

describe('copies', () => {
  test('the second time comes from the copy, without a call', async () => {
    expect(await obtainEtk(source('recipient'), MARIE)).toMatchObject({ fromCache: false });
    const again = await obtainEtk(source('recipient', later(MAX_AGE_MS - 1000)), MARIE);
    expect(again).toMatchObject({ fromCache: true, etk: { holder: { name: 'Marie Voorbeeld' } } });
    expect(calls).toBe(1);
  });

  test('are private', async () => {
    await obtainEtk(source('recipient'), MARIE);
    expect(await readdir(folder())).toEqual([FILE]);
    expect((await stat(join(folder(), FILE))).mode & 0o777).toBe(0o600);
    expect((await stat(folder())).mode & 0o777).toBe(0o700);
  });

  test.each([
    ['an hour later', later(MAX_AGE_MS), {}],
    ['before it was made', later(-1000), {}],
    ['from another depot', { url: 'https://other.test/EtkDepot/v1' }, {}],
    ['for an application', {}, { applicationId: '' }],
    ['with --refresh', {}, { refresh: true }],
  ])('are passed over %s', async (_, change, options) => {
    await obtainEtk(source('recipient'), MARIE);
    const again = await obtainEtk(source('recipient', change), MARIE, options);
    expect(again.fromCache).toBe(false);
    expect(calls).toBe(2);
  });

  test.each([
    ['empty', ''],
    ['no JSON', '{'],
    ['another JSON', '[]'],
    [
      'no token',
      JSON.stringify({
        fetchedAt: MADE_AT.toISOString(),
        url: 'https://depot.test/EtkDepot/v1',
        etkBase64: 'AAAA',
      }),
    ],
    [
      'no date',
      JSON.stringify({
        fetchedAt: 'yesterday',
        url: 'https://depot.test/EtkDepot/v1',
        etkBase64: Buffer.from(tokenOf('recipient')).toString('base64'),
      }),
    ],
  ])('that are damaged count as none: %s', async (_, text) => {
    await obtainEtk(source('recipient'), MARIE);
    await writeFile(join(folder(), FILE), text);
    expect(await obtainEtk(source('recipient'), MARIE)).toMatchObject({ fromCache: false });
    expect(await readFile(join(folder(), FILE), 'utf8')).toContain('fetchedAt');
  });

  const planted = (name: HolderName): string =>
    JSON.stringify({
      fetchedAt: MADE_AT.toISOString(),
      url: 'https://depot.test/EtkDepot/v1',
      etkBase64: Buffer.from(tokenOf(name)).toString('base64'),
    });

  test('that someone planted are not believed: another holder', async () => {
    await obtainEtk(source('recipient'), MARIE);
    await writeFile(join(folder(), FILE), planted('other'));
    expect(await obtainEtk(source('recipient'), MARIE)).toMatchObject({
      fromCache: false,
      etk: { holder: { identifier: MARIE } },
    });
  });

  test('that someone planted are not believed: an untrusted one', async () => {
    const jean = { type: 'SSIN', id: '79021599732' };
    await obtainEtk(source('sender'), jean);
    await writeFile(join(folder(), 'SSIN=79021599732.json'), planted('stranger'));
    expect(await obtainEtk(source('sender'), jean)).toMatchObject({ fromCache: false });
    expect(await readFile(join(folder(), 'SSIN=79021599732.json'), 'utf8')).not.toBe(
      planted('stranger'),
    );
  });

  test('a cache that cannot be written is no failure', async () => {
    if (process.getuid?.() === 0) {
      await writeFile(join(home, 'cache'), 'a file in the way');
    } else {
      await chmod(home, 0o500);
    }
    expect(await obtainEtk(source('recipient'), MARIE)).toMatchObject({ fromCache: false });
    await chmod(home, 0o700);
  });
});

describe('verification', () => {
  test.each([
    ['stranger', 'E_ETK_INVALID'],
    ['expired', 'E_CERT_EXPIRED'],
  ] as const)('a fresh token is refused: %s', async (name, code) => {
    await expect(
      obtainEtk(source(name), { type: 'SSIN', id: '79021599732' }),
    ).rejects.toMatchObject({ code });
  });

  test('a look-up does not verify', async () => {
    const { etk } = await lookUpEtk(source('expired'), { type: 'SSIN', id: '79021599732' });
    expect(etk.holder.name).toBe('Jean Exemple');
  });
});
