/** `topaz cert revoke`, `cert list --detail` and the metrics of `cert status`. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { readCard, setCard } from '../../../src/pkcs11/simulated/card-folder.js';
import { CARD_PIN } from '../../lifecycle/world.js';
import { scriptedPrompter } from '../../support/context.js';
import { openBench } from './bench.js';
import type { Bench } from './bench.js';

let bench: Bench;
const DAY_MS = 86_400_000;
const password = (): string[] => ['--password-file', bench.passwordFile];
const pin = (): string[] => ['--pin-file', bench.pinFile];

beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.world.close();
});

/** Moves the sandbox and its profile; 0 = today. */
const moveTo = (days: number): Promise<unknown> =>
  bench.world.control('time', { date: new Date(Date.now() + days * DAY_MS).toISOString() });

/** Jean Exemple with a finished keystore, `doctor.p12`, in use. */
async function issued(): Promise<string> {
  await bench.startAfresh();
  await moveTo(0);
  await bench.json([...bench.request, '--out', 'doctor.p12']);
  await bench.world.control('approve');
  const { json } = await bench.json(['cert', 'finalize', '--use', ...password()]);
  return (json['request'] as { id: string }).id;
}

describe('revoke', () => {
  let id: string;
  beforeAll(async () => {
    id = await issued();
  });

  const revoke = (...more: readonly string[]): readonly string[] => [
    'cert', 'revoke', '--reason', 'superseded', '--accept-terms', ...pin(), ...more,
  ]; // prettier-ignore

  test.each([
    [['--confirm', '0000'], 'E_NOT_CONFIRMED'],
    [['--confirm', ''], 'E_INPUT_REQUIRED'],
    [[], 'E_INPUT_REQUIRED'],
    [['--reason', 'boredom', '--confirm', 'doctor'], 'E_USAGE'],
    [['--request', '3a444d24', '--confirm', '3a444d24'], 'E_USAGE'],
    [['--request', '3a', '--confirm', '3a'], 'E_USAGE'],
    [['doctor.p12', '--request', '3a444d24', '--confirm', 'x'], 'E_USAGE'],
  ])('%j revokes nothing', async (more, code) => {
    const { status, error } = await bench.json(revoke(...more));
    expect({ status, code: error.code }).toEqual({ status: 2, code });
    expect(await bench.world.books()).toEqual([
      expect.objectContaining({ status: 'VALID_ACTIVE' }),
    ]);
  });

  test('a window that is cancelled revokes nothing', async () => {
    await bench.dialog('cancel');
    expect((await bench.json(revoke('doctor.p12', '--confirm', 'doctor'))).status).toBe(130);
    await bench.dialog('right');
    expect(await bench.world.books()).toEqual([
      expect.objectContaining({ status: 'VALID_ACTIVE' }),
    ]);
  });

  test('the card of somebody else sees and revokes nothing', async () => {
    const module = await bench.world.makeCard(`other-${Date.now()}`, { ssin: '85061199814', name: 'Marie Voorbeeld' }); // prettier-ignore
    const { status, error } = await bench.json(revoke('--request', id, '--confirm', id), {
      env: { TOPAZ_PKCS11_MODULE: module },
    });
    expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_USAGE' });
  });

  test('with the card alone withdraws certificate and token; again it says the same', async () => {
    const dry = await bench.json(revoke('--dry-run'));
    expect(dry).toMatchObject({ status: 0, json: { dryRun: true, revoked: false } });
    const { serial } = dry.json['certificate'] as { serial: string };
    expect(await bench.world.books()).toEqual([
      expect.objectContaining({ status: 'VALID_ACTIVE' }),
    ]);
    const done = await bench.json(revoke('--confirm', serial.slice(-4)));
    expect(done).toMatchObject({
      status: 0,
      json: { revoked: true, reason: 'superseded', certificate: { id, status: 'REVOKED' } },
    });
    expect(await bench.world.books()).toEqual([
      expect.objectContaining({ status: 'REVOKED', etk: 'REVOKED' }),
    ]);
    expect((await bench.json(['cert', 'status'])).json).toMatchObject({
      certificates: [{ state: 'revoked' }, { state: 'revoked' }],
    });
    expect((await bench.json(['cert', 'status', '--fail-within', '1d'])).status).toBe(10);
    const again = await bench.json(revoke('--request', id.slice(0, 8), '--confirm', 'x'));
    expect(again).toMatchObject({ status: 0, json: { revoked: true, alreadyRevoked: true } });
    expect(await bench.json(['cert', 'renew', '--accept-terms', ...password()])).toMatchObject({
      status: 7,
    });
    // Now another one may be asked for.
    expect((await bench.json([...bench.request, '--out', 'doctor-next.p12'])).status).toBe(0);
  });

  test('by the name of the keystore, without its password; a lost answer is found out', async () => {
    id = await issued();
    await bench.world.control('fail', { target: 'certra.Revoke', kind: 'lost', times: 1 });
    expect((await bench.json(revoke('doctor.p12', '--confirm', 'doctor'))).status).toBe(6);
    expect(await bench.json(revoke('doctor.p12', '--confirm', 'doctor'))).toMatchObject({
      status: 0,
      json: { alreadyRevoked: true },
    });
  });

  test('in a conversation asks the reason, shows the contract, and has the digits typed', async () => {
    await issued();
    const { json } = await bench.json(['cert', 'list', '--detail', ...pin()]);
    const [{ serial }] = json['certificates'] as [{ serial: string }];
    const script = scriptedPrompter(CARD_PIN, 'keyCompromise', serial.slice(-4), true);
    const { status, stderr, stdout } = await bench.run(['cert', 'revoke', '--lang', 'nl'], {
      terminal: true,
      prompter: script.prompter,
    });
    expect({ status, asked: script.asked.length }).toEqual({ status: 0, asked: 4 });
    expect(script.asked[2]).toContain(serial.slice(-4));
    expect(stderr).toContain('Herroeping van een certificaat');
    expect(stdout).toContain('zijn herroepen');
    expect((await readCard(bench.card)).triesLeft).toBe(3);
  });
});

describe('what eHealth knows', () => {
  test('list --detail shows all certificates with their dates; validate --detail too', async () => {
    const id = await issued();
    const { json } = await bench.json(['cert', 'list', '--detail', ...pin()]);
    expect(json).toMatchObject({
      requests: [{ id, state: 'issued' }],
      certificates: [
        {
          id,
          status: 'VALID_ACTIVE',
          etkStatus: 'VALID_ACTIVE',
          revocable: true,
          replaceable: false,
          notAfter: expect.stringMatching(/Z$/) as unknown,
          holder: { type: 'SSIN', id: '79021599732', name: 'Jean Exemple' },
        },
      ],
    });
    const pipe = await bench.run(['cert', 'list', '--detail', ...pin()]);
    expect(pipe.stdout.split('\n')).toHaveLength(2);
    const people = await bench.run(['cert', 'list', '--detail', ...pin()], { terminal: true });
    expect(people.stdout).toContain('Certificates on the books of eHealth');
    await moveTo(1200);
    const expired = await bench.json(['cert', 'validate', id, '--detail', ...pin()]);
    await moveTo(0);
    expect(expired).toMatchObject({
      status: 4,
      error: { code: 'E_CERT_EXPIRED' },
      json: { detail: { status: 'EXPIRED', etkStatus: 'EXPIRED' } },
    });
    await setCard(bench.card, 'present', 'false');
    expect((await bench.json(['cert', 'list'])).status).toBe(0);
    await setCard(bench.card, 'present', 'true');
  });

  test('status as metrics is what Prometheus reads; profiles that fail are named', async () => {
    const { status, stdout } = await bench.run(['cert', 'status', '--format', 'prometheus']);
    expect(status).toBe(0);
    const line = /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+\{(?:[a-z_]+="[^"\n]*",?)+\} \d+)$/;
    expect(stdout.split('\n').filter((text) => !line.test(text))).toEqual([]);
    expect(stdout).toContain('topaz_certificate_state{profile="sandbox",keystore="doctor",usage="authentication"'); // prettier-ignore
    expect(stdout).not.toContain('EXEMPLE');
    const broken = join(bench.world.paths.config, 'profiles', 'broken.json');
    const file = join(bench.world.paths.config, 'profiles', 'sandbox.json');
    const profile = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(broken, JSON.stringify({ ...profile, keystore: 'nowhere' }));
    const all = await bench.json(['cert', 'status', '--all-profiles']);
    expect(all).toMatchObject({
      status: 11,
      error: { code: 'E_PARTIAL' },
      json: {
        certificates: [{ profile: 'sandbox' }, { profile: 'sandbox' }],
        failed: [{ profile: 'broken', keystore: 'nowhere', error: { code: 'E_KEYSTORE_UNKNOWN' } }],
      },
    });
    await writeFile(broken, JSON.stringify(profile));
    expect((await bench.json(['cert', 'status', '--format', 'prometheus'])).status).toBe(2);
    expect((await bench.json(['cert', 'status', '--format', 'xml'])).status).toBe(2);
  });
});
