/** `topaz etk register` and `activate`, on a sandbox: a token for a keystore that has none, and after a renewal. */

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { openKeystore, saveKeystore } from '../../../src/keystore/keystore.js';
import type { Keystore } from '../../../src/keystore/keystore.js';
import { parseCertificate } from '../../../src/x509/certificate.js';
import { password, SSIN } from '../../lifecycle/world.js';
import { openBench } from '../cert/bench.js';
import type { Bench } from '../cert/bench.js';

let bench: Bench;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const newer = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

beforeAll(async () => {
  bench = await openBench();
});

afterAll(() => bench.world.close());

beforeEach(() => bench.startAfresh());

const fileOf = (name: string): string => bench.world.path(`doctor-${name}.p12`);

/** A keystore with a certificate of the sandbox and no token. */
async function issue(
  name: string,
  privateKey = key,
  validity: { notBefore?: string; notAfter?: string } = {},
): Promise<string> {
  const publicKeyInfo = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  const { chainBase64 } = await bench.world.control('keystore.issue', {
    holder: `SSIN=${SSIN}`,
    publicKeyInfoBase64: publicKeyInfo.toString('base64'),
    ...validity,
  });
  const [leaf, ...issuers] = (chainBase64 as string[]).map((text) =>
    parseCertificate(Uint8Array.from(Buffer.from(text, 'base64'))),
  );
  const keystore: Keystore = {
    state: 'ready',
    authentication: { privateKey, chain: [leaf!, ...issuers] },
    encryption: [],
  };
  await saveKeystore(fileOf(name), keystore, password(), { overwrite: true });
  return fileOf(name);
}

const register = (file: string, ...flags: readonly string[]): readonly string[] => [
  'etk', 'register', '--alias', file, '--password-file', bench.passwordFile, ...flags,
]; // prettier-ignore
const activate = (file: string, ...flags: readonly string[]): readonly string[] => [
  'etk', 'activate', '--alias', file, '--password-file', bench.passwordFile, ...flags,
]; // prettier-ignore
const keysIn = async (file: string): Promise<readonly string[]> =>
  (await openKeystore(file, password())).encryption.map(({ alias }) => alias);

describe('topaz etk register', () => {
  test('registers, keeps a copy of the keystore, and says so; twice is once', async () => {
    const file = await issue('one');
    const before = await readFile(file);
    const first = await bench.json(register(file, '--yes'));
    expect(first.status).toBe(0);
    expect(first.json).toMatchObject({
      action: 'register',
      holder: { type: 'SSIN', id: SSIN },
      etk: { registered: true, toBeActivated: false },
      published: true,
      dryRun: false,
    });
    const { etk } = first.json as { etk: { serial: string } };
    expect(await keysIn(file)).toEqual([etk.serial]);
    const backups = join(bench.keystores, 'backups');
    const [copy] = (await readdir(backups)).filter((name) => name.startsWith('doctor-one'));
    expect(await readFile(join(backups, copy ?? ''))).toEqual(before);
    const again = await bench.json(register(file));
    expect(again.json).toMatchObject({ action: 'none', etk: { serial: etk.serial } });
    expect(again.status).toBe(0);
    expect(await bench.run(['etk', 'fetch', `SSIN=${SSIN}`, '--refresh'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(etk.serial),
    });
  });

  test('asks first, and without a person needs --yes', async () => {
    const file = await issue('ask');
    const before = await readFile(file);
    const { status, error } = await bench.json(register(file));
    expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_INPUT_REQUIRED' });
    expect(await readFile(file)).toEqual(before);
  });

  test('--dry-run changes nothing here and there', async () => {
    const file = await issue('dry');
    const before = await readFile(file);
    bench.world.calls.length = 0;
    expect((await bench.json(register(file, '--dry-run'))).json).toMatchObject({
      action: 'register',
      dryRun: true,
    });
    const terminal = await bench.run(register(file, '--dry-run'), { terminal: true });
    expect(terminal.stdout).toMatch(/^Would register an ETK for JEAN EXEMPLE .* doctor-dry$/);
    expect(await readFile(file)).toEqual(before);
    const { requests } = await bench.world.control('status');
    const [request] = requests as { etk: string }[];
    expect(request?.etk).toBe('IN_REQUEST');
  });

  test.each([
    ['reset', 'StartETKRegistration'],
    ['lost', 'CompleteETKRegistration'],
    ...(process.env['TOPAZ_DEEP'] === '1'
      ? [
          ['lost', 'StartETKRegistration'],
          ['reset', 'CompleteETKRegistration'],
        ]
      : []),
  ])('goes on after %s in %s, with the same key', async (kind = '', operation = '') => {
    const file = await issue('cut');
    await bench.world.control('fail', { target: `etkra.${operation}`, kind, times: 1 });
    const cut = await bench.json(register(file, '--yes'));
    expect(cut.status).toBe(6);
    const begun = await openKeystore(file, password());
    expect(begun.unpairedKeys).toHaveLength(1);
    const done = await bench.json(register(file, '--yes'));
    expect(done.json).toMatchObject({ etk: { registered: true }, published: true });
    const { encryption, unpairedKeys } = await openKeystore(file, password());
    expect(unpairedKeys ?? []).toEqual([]);
    expect(encryption.map(({ privateKey }) => privateKey.equals(begun.unpairedKeys![0]!.privateKey))).toEqual([true]); // prettier-ignore
  });

  test('a token whose key is elsewhere is not replaced', async () => {
    const file = await issue('lost');
    const bare = await readFile(file);
    await bench.run(register(file, '--yes'));
    await rm(file);
    const { writeFile } = await import('node:fs/promises');
    await writeFile(file, bare, { mode: 0o600 });
    await rm(join(bench.world.paths.state, 'sandbox'), { recursive: true, force: true });
    const { status, error } = await bench.json(register(file, '--yes'));
    expect(status).toBe(3);
    expect(error).toMatchObject({
      code: 'E_KEYSTORE_INCOMPLETE',
      details: { etkStatus: 'VALID_ACTIVE' },
    });
    expect(await readFile(file)).toEqual(bare);
  });

  test('a certificate that has ended, and one that is not there yet, are refused', async () => {
    const ended = await issue('ended', key, {
      notBefore: '2020-01-01T00:00:00Z',
      notAfter: '2021-01-01T00:00:00Z',
    });
    expect((await bench.json(register(ended, '--yes'))).error.code).toBe('E_CERT_EXPIRED');
    const { createPendingKeystore } = await import('../../../src/keystore/keystore.js');
    await saveKeystore(fileOf('new'), createPendingKeystore(newer, new Date()), password(), { overwrite: true }); // prettier-ignore
    const pending = await bench.json(register(fileOf('new'), '--yes'));
    expect({ status: pending.status, code: pending.error.code }).toEqual({
      status: 8,
      code: 'E_REQUEST_PENDING',
    });
  });

  test('a wrong password and an unknown keystore are said', async () => {
    const file = await issue('wrong');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(bench.world.path('other'), 'another password\n', { mode: 0o600 });
    const wrong = ['etk', 'register', '--alias', file, '--password-file', bench.world.path('other')]; // prettier-ignore
    expect((await bench.json(wrong)).error.code).toBe('E_KEYSTORE_PASSWORD');
    expect((await bench.json(register('nobody', '--yes'))).error.code).toBe('E_KEYSTORE_UNKNOWN');
  });
});

describe('topaz etk activate', () => {
  test('the token of a renewal waits, then replaces the older one', async () => {
    const old = await issue('old');
    await bench.run(register(old, '--yes'));
    const [oldSerial = ''] = await keysIn(old);
    const file = await issue('renewed', newer);
    expect((await bench.json(register(file, '--yes'))).json).toMatchObject({
      etk: { toBeActivated: true },
      published: false,
    });
    const [serial = ''] = await keysIn(file);
    expect((await bench.json(activate(file, '--dry-run'))).json).toMatchObject({
      activated: false,
      etkStatus: 'WAIT_FOR_ACTIVATION',
      dryRun: true,
    });
    const asked = await bench.json(activate(file));
    expect(asked.error.code).toBe('E_INPUT_REQUIRED');
    const depot = async (): Promise<string> =>
      (await bench.run(['etk', 'fetch', `SSIN=${SSIN}`, '--refresh'])).stdout;
    expect(await depot()).toContain(oldSerial);
    expect((await bench.json(activate(file, '--yes'))).json).toMatchObject({
      activated: true,
      etkStatus: 'VALID_ACTIVE',
      serial,
      published: true,
    });
    expect(await depot()).toContain(serial);
    expect((await bench.json(activate(file))).json).toMatchObject({ activated: false });
  });

  test('nothing waits: refused, with the next step', async () => {
    const file = await issue('none');
    const { status, error } = await bench.json(activate(file, '--yes'));
    expect({ status, code: error.code }).toEqual({ status: 7, code: 'E_ETK_NOT_FOUND' });
  });
});
