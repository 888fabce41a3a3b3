/**
 * The sandbox never leaks: one test per rule. Certificates are made by openssl, so that the policy is read
 * from bytes that topaz did not write.
 */

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { builtInEndpoint, endpoint } from '../../src/profile/endpoints.js';
import type { Environment } from '../../src/profile/environment.js';
import type { Profile, ServiceEndpoint } from '../../src/profile/profile.js';
import { SERVICE_ENDPOINTS } from '../../src/profile/keys.js';
import { OID_SANDBOX_POLICY, tlsTrust, trustRoots } from '../../src/profile/trust.js';
import { hasProgram } from '../support/tools.js';

const profile = (environment: Environment, rest: Partial<Profile> = {}): Profile => ({
  name: 'test',
  environment,
  alternates: [],
  remember: [],
  holder: {},
  pkcs11: {},
  mycarenet: { package: {}, license: {} },
  ehbox: {},
  session: {},
  sts: { designators: [] },
  trust: {},
  endpoints: {},
  clock: { offsetSeconds: 0 },
  ...rest,
});

const code = (expected: string) => expect.objectContaining({ code: expected });

describe('endpoints', () => {
  test('acceptance and production are complete, and never the same', () => {
    for (const service of SERVICE_ENDPOINTS) {
      const acc = endpoint(profile('acc'), service);
      const prod = endpoint(profile('prod'), service);
      expect(new URL(acc).hostname).toBe('services-acpt.ehealth.fgov.be');
      expect(new URL(prod).hostname).toBe('services.ehealth.fgov.be');
      expect(new URL(acc).pathname).toBe(new URL(prod).pathname);
    }
  });

  test('nothing is guessed for integration: only what was seen is known', () => {
    const known = SERVICE_ENDPOINTS.filter(
      (service) => builtInEndpoint('int', service) !== undefined,
    );
    expect(known).toEqual(['stsSaml11', 'stsWsTrust', 'genins']);
    expect(() => endpoint(profile('int'), 'certra')).toThrow(
      expect.objectContaining({
        code: 'E_ENDPOINT_UNKNOWN',
        hint: 'topaz profile set endpoints.certra URL',
        details: { key: 'endpoints.certra' },
      }),
    );
  });

  test('the sandbox has no built-in address', () => {
    expect(() => endpoint(profile('sandbox'), 'certra')).toThrow(code('E_ENDPOINT_UNKNOWN'));
  });

  const with_ = (environment: Environment, url: string): Profile =>
    profile(environment, { endpoints: { certra: url } });
  const service: ServiceEndpoint = 'certra';

  test('the profile’s own URL wins, a recording proxy on loopback included', () => {
    expect(endpoint(with_('acc', 'https://ra.test/x'), service)).toBe('https://ra.test/x');
    expect(endpoint(with_('sandbox', 'http://127.0.0.1:8080/x'), service)).toBe(
      'http://127.0.0.1:8080/x',
    );
  });

  test.each<[Environment, string, string]>([
    ['acc', 'https://127.0.0.1:1/x', 'E_ENVIRONMENT_MISMATCH'],
    ['prod', 'https://localhost/x', 'E_ENVIRONMENT_MISMATCH'],
    ['int', 'https://[::1]/x', 'E_ENVIRONMENT_MISMATCH'],
    ['prod', 'https://[::ffff:7f00:1]/x', 'E_ENVIRONMENT_MISMATCH'],
    ['prod', 'https://0x7f.1/x', 'E_ENVIRONMENT_MISMATCH'],
    ['prod', 'https://0/x', 'E_ENVIRONMENT_MISMATCH'],
    ['prod', 'https://LOCALHOST./x', 'E_ENVIRONMENT_MISMATCH'],
    ['prod', 'http://ra.test/x', 'E_PROFILE_INVALID'],
    ['sandbox', 'https://services.ehealth.fgov.be/CertRa/v2', 'E_ENVIRONMENT_MISMATCH'],
    ['sandbox', 'https://services-acpt.ehealth.fgov.be./CertRa/v2', 'E_ENVIRONMENT_MISMATCH'],
    ['sandbox', 'http://elsewhere.test/x', 'E_PROFILE_INVALID'],
  ])('%s refuses %s', (environment, url, expected) => {
    expect(() => endpoint(with_(environment, url), service)).toThrow(code(expected));
  });

  test('hosts that only look like this machine are let through', () => {
    for (const host of [
      'localhost.example.test',
      '127.example.test',
      'notlocalhost',
      '[::ffff:8080:1]',
    ]) {
      expect(endpoint(with_('prod', `https://${host}/x`), service)).toContain(host);
    }
  });
});

const suite = hasProgram('openssl') ? describe : describe.skip;

suite('trust', () => {
  let dir: string;
  const file = (name: string): string => join(dir, name);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'topaz-trust-'));
    const make = (name: string, ...extra: string[]): void => {
      execFileSync('openssl', [
        'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`,
        '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), '-days', '2', ...extra,
      ], { stdio: 'ignore' }); // prettier-ignore
    };
    make('real');
    make('played', '-addext', `certificatePolicies=${OID_SANDBOX_POLICY}`);
    make('other', '-addext', 'certificatePolicies=2.25.1234');
    await writeFile(
      file('both.pem'),
      `${await readFile(file('real.pem'), 'utf8')}${await readFile(file('played.pem'), 'utf8')}`,
    );
    await writeFile(
      file('damaged.pem'),
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    );
    await writeFile(file('empty.pem'), '');
  });

  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  test.each<Environment>(['int', 'acc', 'prod'])(
    '%s refuses a root that carries the sandbox’s policy, alone or among others',
    async (environment) => {
      for (const name of ['played', 'both']) {
        for (const key of ['stsSigner', 'eidRoots', 'ehealthRoots'] as const) {
          await expect(
            trustRoots(profile(environment, { trust: { [key]: file(`${name}.pem`) } }), key),
          ).rejects.toEqual(code('E_ENVIRONMENT_MISMATCH'));
        }
        for (const key of ['tls', 'caFile'] as const) {
          await expect(
            tlsTrust(profile(environment, { trust: { [key]: file(`${name}.pem`) } })),
          ).rejects.toEqual(code('E_ENVIRONMENT_MISMATCH'));
        }
      }
    },
  );

  test('another policy is no obstacle', async () => {
    expect(
      await trustRoots(
        profile('prod', { trust: { ehealthRoots: file('other.pem') } }),
        'ehealthRoots',
      ),
    ).toHaveLength(1);
  });

  test('the sandbox reads its own files, several certificates each', async () => {
    expect(
      await trustRoots(profile('sandbox', { trust: { eidRoots: file('both.pem') } }), 'eidRoots'),
    ).toHaveLength(2);
  });

  test('TLS: the sandbox trusts its own file only, others the system’s roots and theirs', async () => {
    const sandbox = await tlsTrust(profile('sandbox', { trust: { tls: file('played.pem') } }));
    expect(sandbox.systemRoots).toBe(false);
    expect(sandbox.caPem).toHaveLength(1);
    expect(sandbox.caPem[0]?.trim()).toBe((await readFile(file('played.pem'), 'utf8')).trim());
    expect(await tlsTrust(profile('prod'))).toEqual({ caPem: [], systemRoots: true });
    expect(
      (await tlsTrust(profile('prod', { trust: { caFile: file('real.pem') } }))).caPem,
    ).toHaveLength(1);
  });

  test('the sandbox without its files trusts nobody', async () => {
    await expect(tlsTrust(profile('sandbox'))).rejects.toEqual(code('E_TRUST_MISSING'));
    for (const key of ['stsSigner', 'eidRoots', 'ehealthRoots'] as const) {
      await expect(trustRoots(profile('sandbox'), key)).rejects.toEqual(code('E_TRUST_MISSING'));
    }
  });

  test('outside it, only the roots of identity cards need no file: they are known by fingerprint', async () => {
    expect(await trustRoots(profile('prod'), 'eidRoots')).toEqual([]);
    await expect(trustRoots(profile('prod'), 'stsSigner')).rejects.toMatchObject({
      code: 'E_TRUST_MISSING',
      hint: 'topaz profile set trust.stsSigner FILE (PEM)',
    });
  });

  test.each([
    ['absent', 'E_TRUST_MISSING'],
    ['damaged', 'E_ASN1_MALFORMED'],
    ['empty', 'E_ASN1_MALFORMED'],
  ])('a file that is %s is never an empty list of roots', async (name, expected) => {
    await expect(
      trustRoots(profile('sandbox', { trust: { stsSigner: file(`${name}.pem`) } }), 'stsSigner'),
    ).rejects.toEqual(code(expected));
  });
});
