/** `topaz cert renew`, at the desk and from cron, and the state of the certificate around it. */

import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { keystoreSigner, openKeystore } from '../../../src/keystore/keystore.js';
import { activateToken } from '../../../src/lifecycle/etk-activation.js';
import { PASSWORD } from '../../lifecycle/world.js';
import { openBench } from './bench.js';
import type { Bench } from './bench.js';

let bench: Bench;
const DAY_MS = 86_400_000;
const password = (): string[] => ['--password-file', bench.passwordFile];
const pin = (): string[] => ['--pin-file', bench.pinFile];
const renew = (...more: readonly string[]): readonly string[] => [
  'cert', 'renew', '--accept-terms', ...password(), ...more,
]; // prettier-ignore

beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.world.close();
});

/** Moves the sandbox and its profile; 0 = today. */
const moveTo = (days: number): Promise<unknown> =>
  bench.world.control('time', { date: new Date(Date.now() + days * DAY_MS).toISOString() });

const RENEWABLE = 1020;

/** Jean Exemple with a finished keystore, `doctor.p12`, in use. */
async function issued(): Promise<string> {
  await bench.startAfresh();
  await moveTo(0);
  await bench.json([...bench.request, '--out', 'doctor.p12']);
  await bench.world.control('approve');
  const { json } = await bench.json(['cert', 'finalize', '--use', ...password()]);
  return (json['request'] as { id: string }).id;
}

interface Renewed {
  request: { id: string };
  keystore: { path: string };
}

describe('renew', () => {
  let old: string;
  beforeAll(async () => {
    old = await issued();
  });

  test('before its time is refused with the first day; --if-due exits with 0', async () => {
    const early = await bench.json(renew());
    expect(early).toMatchObject({ status: 2, error: { code: 'E_RENEWAL_EARLY' } });
    expect(early.error.details).toEqual({
      renewableFrom: expect.stringMatching(/^20\d\d-/) as unknown,
    });
    const due = await bench.json(['cert', 'renew', '--if-due', ...password()]);
    expect(due).toMatchObject({ status: 0, json: { due: false }, stderr: '' });
    expect((await bench.json(['cert', 'status'])).json).toMatchObject({
      certificates: [{ state: 'valid' }, { state: 'valid' }],
    });
    expect(await bench.world.books()).toHaveLength(1);
  });

  test('in the replacement period the state is expiring, and nothing is silent about the contract', async () => {
    await moveTo(RENEWABLE);
    const { status, json } = await bench.json(['cert', 'status', '--fail-within', '60d']);
    expect(status).toBe(0);
    expect(json).toMatchObject({ certificates: [{ state: 'expiring' }, { state: 'expiring' }] });
    expect((await bench.json(['cert', 'status', '--fail-within', '90d'])).status).toBe(10);
    const refused = await bench.json(['cert', 'renew', '--if-due', ...password()]);
    expect(refused).toMatchObject({
      status: 2,
      error: { code: 'E_INPUT_REQUIRED', details: { missing: ['--accept-terms'] } },
    });
    expect(await bench.world.books()).toHaveLength(1);
  });

  test('--dry-run says what would be sent; the contact data come from eHealth', async () => {
    const { status, json } = await bench.json(renew('--dry-run', '--email', 'new@exemple.test'));
    expect(status).toBe(0);
    expect(json).toMatchObject({
      due: true,
      dryRun: true,
      request: { email: 'new@exemple.test', phone: '+3221234567', holder: { type: 'SSIN' } },
    });
    expect(await bench.world.books()).toHaveLength(1);
  });

  test('needs the card of the holder', async () => {
    const module = await bench.world.makeCard(`other-${Date.now()}`, { ssin: '85061199814', name: 'Marie Voorbeeld' }); // prettier-ignore
    expect(await bench.json(renew(), { env: { TOPAZ_PKCS11_MODULE: module } })).toMatchObject({
      status: 5,
      error: { code: 'E_CARD_MISMATCH' },
    });
    await bench.dialog('cancel');
    expect((await bench.json(renew())).status).toBe(130);
    await bench.dialog('right');
    expect(await bench.world.books()).toHaveLength(1);
  });

  let renewed: Renewed;

  test('whose answer was lost goes on with the same request', async () => {
    await bench.world.control('fail', { target: 'certra.GenerateCertificate', kind: 'lost', times: 1 }); // prettier-ignore
    expect((await bench.json(renew('--out', 'doctor-new.p12'))).status).toBe(6);
    const again = await bench.json(renew());
    expect(again).toMatchObject({ status: 0, json: { due: true, request: { state: 'sent' } } });
    expect(await bench.world.books()).toHaveLength(2);
    renewed = again.json as unknown as Renewed;
  });

  test('that waits is not made twice; a scheduled job says that it waits, and how to go on', async () => {
    expect(await bench.json(renew())).toMatchObject({
      status: 8,
      error: { code: 'E_REQUEST_PENDING' },
    });
    const scheduled = await bench.json(renew('--if-due', '--until', '300ms'));
    expect(scheduled).toMatchObject({
      status: 8,
      json: { due: true, request: { id: renewed.request.id, state: 'sent' } },
      error: { code: 'E_REQUEST_PENDING', hint: expect.stringContaining('--if-due') as unknown },
    });
    await bench.world.control('approve');
    expect(await bench.json(renew())).toMatchObject({ status: 2, error: { code: 'E_USAGE' } });
    expect(await bench.world.books()).toHaveLength(2);
  });

  test('finalizes into a keystore with all encryption keys, whose token waits', async () => {
    const { status, json } = await bench.json(['cert', 'finalize', '--use', ...password()]);
    expect(status).toBe(0);
    expect(json).toMatchObject({
      request: { id: renewed.request.id, state: 'issued' },
      etk: { registered: true, toBeActivated: true },
    });
    const people = await bench.run(['cert', 'finalize', ...password()], { terminal: true });
    expect(people.stderr).toContain('topaz etk activate');
    const bytes = new TextEncoder().encode(PASSWORD);
    const before = await openKeystore(bench.world.path('doctor.p12'), bytes);
    const after = await openKeystore(renewed.keystore.path, bytes);
    expect(after.encryption).toHaveLength(2);
    expect(after.encryption[0]!.privateKey.equals(before.encryption[0]!.privateKey)).toBe(true);
    expect(after.authentication.privateKey.equals(before.authentication.privateKey)).toBe(false);
    const listed = execFileSync('keytool', ['-list', '-keystore', renewed.keystore.path, '-storepass:file', bench.passwordFile], { encoding: 'utf8' }); // prettier-ignore
    expect(listed).toContain('Your keystore contains 3 entries');
    expect(await bench.world.books()).toEqual([
      expect.objectContaining({ id: old, etk: 'VALID_ACTIVE' }),
      expect.objectContaining({ id: renewed.request.id, etk: 'WAIT_FOR_ACTIVATION' }),
    ]);
    expect((await bench.json(renew('doctor.p12', '--if-due'))).json).toMatchObject({ due: false });
    expect((await bench.json(renew('doctor.p12'))).error.code).toBe('E_USAGE');
  });

  test('the token is activated when asked, once more without harm', async () => {
    const keystore = await openKeystore(renewed.keystore.path, new TextEncoder().encode(PASSWORD));
    const store = bench.world.store(join('home', 'state', 'sandbox'));
    const { authority } = bench.world;
    const encryption = keystore.encryption.map(({ certificate }) => certificate);
    const keys = { signer: keystoreSigner(keystore), encryption };
    const activate = (dryRun = false) => activateToken(authority, store, keys, { dryRun });
    expect(await activate(true)).toMatchObject({ activated: false, etkStatus: 'WAIT_FOR_ACTIVATION' }); // prettier-ignore
    bench.world.losses.set('ActivateETK', 'after');
    await expect(activate()).rejects.toThrow('the answer is lost');
    expect(await activate()).toMatchObject({ activated: false, etkStatus: 'VALID_ACTIVE' });
    expect(await bench.world.books()).toEqual([
      expect.objectContaining({ id: old, etk: 'REVOKED' }),
      expect.objectContaining({ id: renewed.request.id, etk: 'VALID_ACTIVE' }),
    ]);
  });

  test('after the end it is too late', async () => {
    await moveTo(1200);
    expect(await bench.json(renew('doctor.p12'))).toMatchObject({
      status: 4,
      error: { code: 'E_CERT_EXPIRED' },
    });
    await moveTo(0);
  });
});

describe('renew from cron', () => {
  const cron = (...more: readonly string[]): readonly string[] =>
    renew('--if-due', '--use', ...more);
  const active = async (): Promise<unknown> =>
    (
      JSON.parse(
        await readFile(join(bench.world.paths.config, 'profiles', 'sandbox.json'), 'utf8'),
      ) as { keystore: string }
    ).keystore;

  beforeAll(async () => {
    await issued();
  });

  test('is silent before its time, and needs nobody', async () => {
    expect(await bench.json(cron())).toMatchObject({ status: 0, json: { due: false }, stderr: '' });
    await moveTo(RENEWABLE);
    for (const flags of [['--until', '1m'], ['--use'], ['--if-due', '--until', 'soon']]) {
      expect(await bench.json(renew(...flags))).toMatchObject({ status: 2, error: { code: 'E_USAGE' } }); // prettier-ignore
    }
  });

  test('that is refused says so; once the card has told it for sure, the next run asks again', async () => {
    const running = bench.json(cron('--until', '60s'));
    await Promise.race([running, decided('refuse')]);
    expect(await running).toMatchObject({ status: 7, error: { code: 'E_REQUEST_REFUSED' } });
    expect((await bench.json(cron())).error.hint).toContain('validate --detail');
    expect((await bench.json(['cert', 'validate', '--detail', ...pin()])).status).toBe(7);
  });

  test('waits for a certificate that comes late, and reaches the end', async () => {
    const old = await active();
    const running = bench.json(cron('--until', '60s'));
    await Promise.race([running, decided('approve')]);
    const { status, json, stderr } = await running;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(json).toMatchObject({
      due: true,
      request: { state: 'issued', replaces: expect.any(String) as unknown },
      keystore: { active: true, notAfter: expect.any(String) as unknown },
      etk: { registered: true, toBeActivated: true },
    });
    expect(await active()).not.toBe(old);
    const { path } = json['keystore'] as { path: string };
    const made = await openKeystore(path, new TextEncoder().encode(PASSWORD));
    expect(made).toMatchObject({ state: 'ready', encryption: { length: 2 } });
    expect(await bench.json(cron())).toMatchObject({ status: 0, json: { due: false } });
    expect(await bench.json(cron('doctor.p12'))).toMatchObject({
      status: 0,
      json: { due: false, request: { state: 'issued' } },
    });
    expect(await bench.world.books()).toHaveLength(3);
  });

  test('that people look at exits with 8 at once; the next run goes on, with its own password', async () => {
    await issued();
    await bench.world.control('seed', {
      document: {
        schema: 'topaz.sandbox.seed/1',
        persons: [{ ssin: '79021599732', firstName: 'Jean', lastName: 'Exemple', gender: 'M', birthDate: '1979-02-15', qualities: [] }],
      },
    }); // prettier-ignore
    await moveTo(RENEWABLE);
    const other = bench.world.path('other-password');
    await writeFile(other, 'the password of the renewal\n', { mode: 0o600 });
    const own = ['--new-password-file', other];
    const sent = await bench.json(cron(...own));
    expect(sent).toMatchObject({
      status: 8,
      json: { due: true, request: { state: 'sent', automaticallyValidated: false } },
    });
    await bench.world.control('approve');
    expect(await bench.json(cron())).toMatchObject({
      status: 4,
      error: { code: 'E_KEYSTORE_PASSWORD' },
    });
    expect(await bench.json(cron(...own))).toMatchObject({
      status: 0,
      json: { due: true, request: { state: 'issued' }, keystore: { active: true } },
    });
  });

  /** As soon as the renewal is on the books, eHealth decides. */
  async function decided(decision: 'approve' | 'refuse'): Promise<void> {
    for (;;) {
      const waiting = (await bench.world.books()).find(({ status }) => status === 'IN_PROGRESS');
      if (waiting !== undefined) {
        await bench.world.control(decision, { id: waiting.id });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});
