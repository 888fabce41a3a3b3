/** `topaz cert list`, `validate`, `finalize`, `status`, `show` and `qualities`. */

import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { setCard } from '../../../src/pkcs11/simulated/card-folder.js';
import { scriptedPrompter } from '../../support/context.js';
import { PASSWORD } from '../../lifecycle/world.js';
import { openBench } from './bench.js';
import type { Bench, Outcome } from './bench.js';

let bench: Bench;
const password = (): string[] => ['--password-file', bench.passwordFile];
const pin = (): string[] => ['--pin-file', bench.pinFile];

beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  await bench.world.close();
});

/** Sends a request and gives its reference. */
async function request(): Promise<string> {
  const { json } = await bench.json([...bench.request, '--out', 'doctor.p12']);
  return (json['request'] as { id: string }).id;
}

const profileDocument = async (): Promise<Record<string, unknown>> =>
  JSON.parse(
    await readFile(join(bench.world.paths.config, 'profiles', 'sandbox.json'), 'utf8'),
  ) as Record<string, unknown>;

describe('while eHealth decides', () => {
  let id: string;
  beforeAll(async () => {
    await bench.startAfresh();
    id = await request();
  });

  test('list shows the request, for people, for pipes and for programs', async () => {
    const people = await bench.run(['cert', 'list'], { terminal: true });
    expect(people.stdout).toMatch(new RegExp(`^${id.slice(0, 8)} +pending `, 'm'));
    const pipe = await bench.run(['cert', 'ls']);
    expect(pipe.stdout.split('\t')).toEqual([
      id,
      'sent',
      expect.stringMatching(/Z$/) as unknown,
      bench.world.path('doctor.p12'),
      'SSIN=79021599732',
    ]);
    const { json } = await bench.json(['cert', 'list']);
    expect(json).toMatchObject({ schema: 'topaz.cert.list/1', requests: [{ id, state: 'sent' }] });
  });

  test.each(['fr', 'nl', 'de', 'en'])('list speaks %s', async (lang) => {
    const { stdout } = await bench.run(['cert', 'list', '--lang', lang], { terminal: true });
    expect(stdout).not.toMatch(/cert\.[a-z]+\./);
    expect(stdout).toContain({ fr: 'en attente', nl: 'in behandeling', de: 'in Bearbeitung', en: 'pending' }[lang]); // prettier-ignore
  });

  test('validate says pending, with exit status 8 and the result on stdout', async () => {
    const { status, json, error } = await bench.json(['cert', 'validate', id.slice(0, 8)]);
    expect({ status, code: error.code }).toEqual({ status: 8, code: 'E_REQUEST_PENDING' });
    expect(json).toMatchObject({ schema: 'topaz.cert.validate/1', request: { id, state: 'sent' } });
  });

  test('validate --detail asks with the card', async () => {
    const { status, json } = await bench.json(['cert', 'validate', '--detail', ...pin()]);
    expect(status).toBe(8);
    expect(json).toMatchObject({ detail: { status: 'IN_PROGRESS', etkStatus: 'NOT_REQUESTED' } });
  });

  test.each([
    [['--every', '1h'], 2],
    [['--until', '1d'], 2],
    [['--watch', '--detail'], 2],
    [['--watch', '--every', 'soon'], 2],
    [['doctor'], 2],
    [['ffffffff'], 2],
  ])('validate refuses %j', async (flags, status) => {
    expect(await bench.json(['cert', 'validate', ...flags])).toMatchObject({
      status,
      stdout: '',
      error: { code: 'E_USAGE' },
    });
  });

  test('validate --watch gives up at the end of its time', async () => {
    const { status } = await bench.json(['cert', 'validate', '--watch', '--every', '20ms', '--until', '30ms']); // prettier-ignore
    expect(status).toBe(8);
  });

  test('validate --watch ends at Ctrl-C', async () => {
    const controller = new AbortController();
    const waiting = bench.json(['cert', 'validate', '--watch'], { signal: controller.signal });
    setTimeout(() => {
      controller.abort();
    }, 300);
    expect((await waiting).status).toBe(130);
  });

  test('finalize changes nothing and exits with 8', async () => {
    const before = await readFile(bench.world.path('doctor.p12'));
    for (const argument of [[], ['doctor.p12'], ['--request', id]]) {
      expect(await bench.json(['cert', 'finalize', ...argument, ...password()])).toMatchObject({
        status: 8,
        stdout: '',
        error: { code: 'E_REQUEST_PENDING' },
      });
    }
    expect(await readFile(bench.world.path('doctor.p12'))).toEqual(before);
  });

  test('validate --watch sees the approval', async () => {
    const waiting = bench.json(['cert', 'validate', '--watch', '--every', '50ms']);
    await bench.world.control('approve', { id });
    expect(await waiting).toMatchObject({ status: 0, json: { request: { state: 'approved' } } });
    expect((await bench.json(['cert', 'list'])).json).toMatchObject({
      requests: [{ state: 'approved' }],
    });
  });
});

describe('once approved', () => {
  let id: string;
  let first: Outcome;
  const keystore = (): string => bench.world.path('doctor.p12');

  beforeAll(async () => {
    await bench.startAfresh();
    id = await request();
    await bench.world.control('approve', { id });
  });

  test('a wrong password is said, and nothing is asked of eHealth', async () => {
    const file = bench.world.path('other');
    await writeFile(file, 'another password\n', { mode: 0o600 });
    expect(await bench.json(['cert', 'finalize', '--password-file', file])).toMatchObject({
      status: 4,
      error: { code: 'E_KEYSTORE_PASSWORD' },
    });
  });

  test('finalize refuses a keystore and a request at once', async () => {
    expect(
      await bench.json(['cert', 'finalize', 'doctor.p12', '--request', id, ...password()]),
    ).toMatchObject({ status: 2, error: { code: 'E_USAGE' } });
  });

  test('finalize without root to trust changes nothing', async () => {
    const file = join(bench.world.paths.config, 'profiles', 'sandbox.json');
    const original = await readFile(file, 'utf8');
    const profile = JSON.parse(original) as { trust: { ehealthRoots: string; eidRoots: string } };
    const before = await readFile(keystore());
    await writeFile(
      file,
      JSON.stringify({ ...profile, trust: { ...profile.trust, ehealthRoots: profile.trust.eidRoots } }), // prettier-ignore
    );
    const { status, error } = await bench.json(['cert', 'finalize', ...password()]);
    await writeFile(file, original);
    expect({ status, code: error.code }).toEqual({ status: 9, code: 'E_CERT_UNTRUSTED' });
    expect(await readFile(keystore())).toEqual(before);
  });

  test('--no-etk installs the certificate alone', async () => {
    const { status, json } = await bench.json(['cert', 'finalize', '--no-etk', ...password()]);
    expect(status).toBe(0);
    expect(json).toMatchObject({
      request: { state: 'issued' },
      etk: { registered: false, toBeActivated: false },
    });
    expect(await readdir(join(bench.keystores, 'backups'))).toHaveLength(1);
  });

  test('finalize registers the token, and makes the keystore the active one', async () => {
    first = await bench.json(['cert', 'finalize', '--use', ...password()]);
    expect(first.status).toBe(0);
    expect(first.json).toEqual({
      schema: 'topaz.cert.finalize/1',
      request: {
        id,
        state: 'issued',
        as: 'person',
        submittedAt: expect.any(String) as unknown,
        email: 'jean@exemple.test',
        automaticallyValidated: true,
      },
      keystore: {
        path: keystore(),
        holder: { type: 'SSIN', id: '79021599732', name: 'JEAN EXEMPLE' },
        notBefore: expect.any(String) as unknown,
        notAfter: expect.any(String) as unknown,
      },
      etk: {
        registered: true,
        toBeActivated: false,
        serial: expect.stringMatching(/^\d{30,39}$/) as unknown,
      },
    });
    expect(await profileDocument()).toMatchObject({ keystore: keystore() });
  });

  test('finalize once more answers the same, named or not', async () => {
    for (const argument of [[], ['doctor.p12'], ['--request', id.slice(0, 8)]]) {
      const { status, json } = await bench.json(['cert', 'finalize', ...argument, ...password()]);
      expect({ status, json }).toEqual({ status: 0, json: first.json });
    }
  });

  test('finalize tells a person what was done, until when, and to keep copies', async () => {
    const { stdout } = await bench.run(['cert', 'finalize', ...password()], { terminal: true });
    expect(stdout).toMatch(/^Request +[0-9a-f]{8}$/m);
    expect(stdout).toContain('JEAN EXEMPLE, SSIN 79.02.15-997.32');
    expect(stdout).toMatch(/renewable from/);
  });

  test('status needs no password while the file is the one that was finalized', async () => {
    const { status, json } = await bench.json(['cert', 'status']);
    expect(status).toBe(0);
    expect(json).toEqual({
      schema: 'topaz.cert.status/1',
      certificates: [
        {
          alias: 'authentication',
          usage: 'authentication',
          profile: 'sandbox',
          keystore: 'doctor',
          renewableFrom: expect.stringMatching(/Z$/) as unknown,
          subject: expect.stringContaining('OU=JEAN EXEMPLE') as unknown,
          holder: { type: 'SSIN', id: '79021599732', name: 'JEAN EXEMPLE' },
          serial: expect.any(String) as unknown,
          notBefore: expect.any(String) as unknown,
          notAfter: expect.any(String) as unknown,
          daysLeft: 1095,
          state: 'valid',
        },
        expect.objectContaining({
          usage: 'encryption',
          alias: (first.json['etk'] as { serial: string }).serial,
        }),
      ],
    });
    const opened = await bench.json(['cert', 'status', ...password()]);
    expect(opened.json).toEqual(json);
  });

  test.each([
    ['30d', 0],
    ['1095d', 0],
    ['1096d', 10],
    ['soon', 2],
  ])('status --fail-within %s exits with %d', async (within, expected) => {
    const { status } = await bench.run(['cert', 'status', '--fail-within', within, '--quiet']);
    expect(status).toBe(expected);
  });

  test('status asks for the password once the file is another', async () => {
    const bytes = await readFile(keystore());
    await writeFile(keystore(), Buffer.concat([bytes]), { mode: 0o600 });
    expect((await bench.json(['cert', 'status'])).status).toBe(0);
    const changed = bench.world.path('doctor2.p12');
    execFileSync('openssl', ['pkcs12', '-in', keystore(), '-passin', `pass:${PASSWORD}`, '-nodes', '-out', bench.world.path('doctor.pem')], { stdio: 'ignore' }); // prettier-ignore
    execFileSync('openssl', ['pkcs12', '-export', '-in', bench.world.path('doctor.pem'), '-passout', `pass:${PASSWORD}`, '-out', changed], { stdio: 'ignore' }); // prettier-ignore
    const { status, error } = await bench.json(['cert', 'status', '--keystore', changed]);
    expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_INPUT_REQUIRED' });
    await rm(bench.world.path('doctor.pem'));
  });

  test('show tells everything, as text, PEM and JSON', async () => {
    const { json } = await bench.json(['cert', 'show', ...password()]);
    expect(json).toMatchObject({
      schema: 'topaz.cert.show/1',
      certificates: [
        { usage: 'authentication', keyType: 'rsa', keyBits: 2048, publicKeyIdentifier: id },
        { usage: 'encryption', keyUsage: ['keyEncipherment', 'dataEncipherment'] },
        { usage: 'issuer', isCa: true },
      ],
    });
    const { stdout } = await bench.run(['cert', 'show', '--pem', ...password()]);
    const file = bench.world.path('chain.pem');
    await writeFile(file, stdout);
    expect(stdout.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    const printed = execFileSync('openssl', ['x509', '-in', file, '-noout', '-serial'], { encoding: 'utf8' }); // prettier-ignore
    const [{ serial }] = json['certificates'] as [{ serial: string }];
    expect(BigInt(`0x${printed.trim().replace('serial=', '')}`).toString()).toBe(serial);
    const { json: fromFile } = await bench.json(['cert', 'show', '--file', 'chain.pem']);
    expect(fromFile['certificates']).toHaveLength(3);
    const people = await bench.run(['cert', 'show', '--file', file], { terminal: true });
    expect(people.stdout).toMatch(/^Serial number +\d+$/m);
    expect(people.stdout).not.toContain('cert.show.');
  });

  test.each([
    [['--file', 'none.pem'], 'E_FILE_NOT_FOUND'],
    [['--file', 'password'], 'E_ASN1_MALFORMED'],
    [['--file', 'doctor.p12'], 'E_ASN1_MALFORMED'],
    [['doctor.p12', '--file', 'chain.pem'], 'E_USAGE'],
    [['nobody'], 'E_KEYSTORE_UNKNOWN'],
  ])('show refuses %j', async (flags, code) => {
    expect(await bench.json(['cert', 'show', ...flags])).toMatchObject({
      stdout: '',
      error: { code },
    });
  });

  test('validate and list know that it is done', async () => {
    expect(await bench.json(['cert', 'validate', id])).toMatchObject({
      status: 0,
      json: { request: { state: 'issued' } },
    });
    expect((await bench.json(['cert', 'list'])).json).toMatchObject({
      requests: [{ id, state: 'issued' }],
    });
  });

  test('eHealth refuses another one as long as this one is valid, and its code is shown', async () => {
    const { status, error, stderr } = await bench.json([...bench.request]);
    expect({ status, code: error.code }).toEqual({ status: 7, code: 'E_SERVICE_REFUSED' });
    expect(stderr).toContain('ACTIVE_CERTIFICATE_EXISTS');
    expect(stderr).not.toContain('79021599732"');
  });
});

describe('once refused', () => {
  let id: string;
  beforeEach(async () => {
    await bench.startAfresh();
    id = await request();
    await bench.world.control('refuse', { id });
  });

  test('validate and finalize exit with 7 and show the code of the service', async () => {
    const validated = await bench.json(['cert', 'validate']);
    expect(validated).toMatchObject({
      status: 7,
      json: { request: { state: 'refused' } },
      error: { code: 'E_REQUEST_REFUSED' },
    });
    expect(validated.stderr).toContain('REQUEST_REFUSED');
    expect(await bench.json(['cert', 'finalize', ...password()])).toMatchObject({
      status: 7,
      stdout: '',
      error: { code: 'E_REQUEST_REFUSED' },
    });
    // Not sure without the card: the request is still there.
    expect((await bench.json(['cert', 'list'])).json).toMatchObject({
      requests: [{ state: 'sent' }],
    });
  });

  test('validate --detail is sure, and the next request is a new one', async () => {
    expect(await bench.json(['cert', 'validate', '--detail', ...pin()])).toMatchObject({
      status: 7,
      json: { request: { state: 'refused' }, detail: { status: 'REFUSED' } },
    });
    const { status, json } = await bench.json([...bench.request, '--out', 'doctor-new.p12']);
    expect(status).toBe(0);
    expect((json['request'] as { id: string }).id).not.toBe(id);
  });

  test('the card of somebody else sees nothing', async () => {
    const module = await bench.world.makeCard(`other-${Date.now()}`, { ssin: '85061199814', name: 'Marie Voorbeeld' }); // prettier-ignore
    expect(
      await bench.json(['cert', 'validate', '--detail', ...pin()], {
        env: { TOPAZ_PKCS11_MODULE: module },
      }),
    ).toMatchObject({ status: 7, error: { code: 'E_REQUEST_REFUSED' } });
  });
});

describe('qualities', () => {
  beforeEach(() => bench.startAfresh());

  test('lists the person and the organisations with a mandate', async () => {
    const { status, json } = await bench.json(['cert', 'qualities', ...pin()]);
    expect(status).toBe(0);
    expect(json).toEqual({
      schema: 'topaz.cert.qualities/1',
      person: { authorized: true },
      organisations: [
        {
          type: 'NIHII-MEDICAL_HOUSE',
          id: '89547133',
          names: [
            { language: 'fr', name: 'Maison médicale Exemple' },
            { language: 'nl', name: 'Maison médicale Exemple' },
          ],
          applicationIds: [],
        },
      ],
    });
  });

  test('asks for the PIN on a terminal', async () => {
    const script = scriptedPrompter('583914');
    const { status, stdout } = await bench.run(['cert', 'qualities'], {
      terminal: true,
      prompter: script.prompter,
    });
    expect({ status, asked: script.asked }).toEqual({ status: 0, asked: ['PIN of the card (3 tries):'] }); // prettier-ignore
    expect(stdout).toContain('eHealth knows your quality');
  });

  test('--pin-window leaves the question to the eID software', async () => {
    const { status, stderr } = await bench.run(['cert', 'qualities', '--pin-window']);
    expect(status).toBe(0);
    expect(stderr).toContain('window of the eID software');
    await bench.dialog('cancel');
    expect((await bench.json(['cert', 'qualities', '--pin-window'])).status).toBe(130);
    await bench.dialog('none');
    expect((await bench.json(['cert', 'qualities', '--pin-window'])).status).toBe(2);
    await bench.dialog('right');
  });

  test('without terminal and PIN it touches no card', async () => {
    await setCard(bench.card, 'present', 'false');
    const { status, error } = await bench.json(['cert', 'qualities']);
    await setCard(bench.card, 'present', 'true');
    expect({ status, code: error.code }).toEqual({ status: 2, code: 'E_INPUT_REQUIRED' });
  });

  test('a service that is down is a matter of the network', async () => {
    await bench.world.control('fail', { target: 'certra', kind: 'http:503', times: 1 });
    expect((await bench.json(['cert', 'qualities', ...pin()])).status).toBe(6);
  });
});
