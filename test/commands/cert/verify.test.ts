/** `topaz cert verify` and `topaz eid verify` against a running sandbox. */

import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

// Jest cannot load one module on two ways at the same time, as the commands do.
import '../../../src/etk/obtain.js';
import '../../../src/etee/unseal.js';
import { main } from '../../../src/main.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { runSandbox } from '../../../src/sandbox/run-sandbox.js';
import type { RunningSandbox } from '../../../src/sandbox/run-sandbox.js';
import { demoSeed } from '../../../src/sandbox/demo-seed.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { TestContext } from '../../support/context.js';

let home: Awaited<ReturnType<typeof temporaryHome>>;
let sandbox: RunningSandbox;
const at = (name: string): string => join(home.dir, name);

async function run(
  ...words: readonly (string | { readonly terminal: boolean })[]
): Promise<TestContext & { readonly status: number }> {
  const argv = words.filter((word) => typeof word === 'string');
  const ctx = testContext({
    terminal: words.length > argv.length,
    cwd: home.dir,
    now: () => new Date(),
    newId: randomUUID,
    env: {
      ...home.env,
      TOPAZ_PROFILE: 'test',
      NO_COLOR: '1',
      LC_ALL: 'C.UTF-8',
      TOPAZ_PKCS11_MODULE: `sandbox:${at('card')}`,
      TOPAZ_KEYSTORE_PASSWORD_FILE: at('pw'),
    },
  });
  return { ...ctx, status: await main(argv, ctx) };
}

interface Verified {
  readonly valid: boolean;
  readonly policy: string;
  readonly certificates: readonly {
    readonly usage: string;
    readonly valid: boolean;
    readonly purposes: readonly string[];
    readonly chain: readonly unknown[];
    readonly checks: readonly { check: string; state: string; reason?: string }[];
    readonly revocation: Readonly<Record<string, unknown>>;
  }[];
}

async function verify(...argv: string[]): Promise<Verified & { readonly status: number }> {
  const { stdout, status } = await run('cert', 'verify', ...argv, '--json');
  return { ...(JSON.parse(stdout.join('')) as Verified), status };
}

const checksOf = ({ certificates }: Verified, index = 0): readonly string[] =>
  (certificates[index]?.checks ?? []).map(({ check, state, reason }) =>
    [check, state, ...(reason === undefined ? [] : [reason])].join(' '),
  );

const forget = (): Promise<void> =>
  rm(join(home.dir, 'state', 'test', 'revocation'), { recursive: true, force: true });

beforeAll(async () => {
  home = await temporaryHome();
  await writeFile(at('pw'), 'fixture only 1234\n', { mode: 0o600 });
  sandbox = await runSandbox({
    paths: resolvePaths({ env: home.env, platform: 'linux', home: home.dir }),
    dataFolder: at('sandbox'),
    port: 0,
    profile: 'test',
    schemaFolders: [],
    seed: { ...demoSeed(), messages: [] },
    realNow: () => Date.now(),
    newId: randomUUID,
  });
  await run('sandbox', 'card', 'create', '--out', at('card'));
  const chain = await Promise.all(
    ['authentication.crt', 'ca.crt'].map((name) => readFile(join(at('card'), name), 'utf8')),
  );
  await writeFile(at('chain.pem'), chain.join(''));
  const made = await run(
    'sandbox', 'keystore', 'create', '--holder', 'SSIN=79021599732', '--out', at('doctor.p12'),
    '--password-file', at('pw'),
  ); // prettier-ignore
  expect(made.stderr.join('\n')).not.toContain('topaz:');
});

afterAll(async () => {
  await sandbox.close();
  await home.remove();
});

afterEach(async () => {
  await run('sandbox', 'fail', '--clear');
  await run('profile', 'unset', 'revocation');
  await forget();
});

describe('topaz cert verify', () => {
  test('a keystore: the authentication certificate and the newest encryption certificate', async () => {
    const verified = await verify('doctor.p12');
    expect(verified).toMatchObject({ status: 0, valid: true, policy: 'optional' });
    expect(verified.certificates.map(({ usage }) => usage)).toEqual([
      'authentication',
      'encryption',
    ]);
    for (const index of [0, 1]) {
      expect(checksOf(verified, index)).toEqual([
        'chain ok',
        'dates ok',
        'purpose ok',
        'revocation ok',
      ]);
    }
    expect(verified.certificates.map(({ chain }) => chain.length)).toEqual([3, 4]);
    expect(verified.certificates[0]?.revocation).toMatchObject({
      state: 'good',
      source: 'ocsp',
      cached: false,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/ocsp\/ehealth-ca$/),
    });
  });

  test('in a pipe: one record per check', async () => {
    const { stdout, status } = await run('cert', 'verify', 'doctor.p12');
    expect(status).toBe(0);
    expect(stdout[0]?.split('\t')).toEqual(['authentication', 'authentication', 'chain', 'ok', '']);
    expect(stdout).toHaveLength(8);
  });

  test.each([
    ['fr', /✓ Révocation +non révoqué \(OCSP, .+ \d\d:\d\d\)/],
    ['nl', /✓ Intrekking +niet ingetrokken \(OCSP/],
    ['de', /✓ Widerruf +nicht widerrufen \(OCSP/],
    ['en', /✓ Revocation +not revoked \(OCSP/],
  ])('for people, in %s: what was checked, by whom, when', async (lang, line) => {
    const { stdout } = await run('cert', 'verify', 'chain.pem', '--lang', lang, {
      terminal: true,
    });
    expect(stdout.find((text) => line.test(text))).toBeDefined();
    expect(stdout[0]).toContain('79021599732');
  });

  test.each([
    ['optional', 0, 'warning'],
    ['mandatory', 9, 'failed'],
  ])('nobody answers, policy %s: status %d', async (policy, status, state) => {
    await run('profile', 'set', 'revocation', policy);
    await run('sandbox', 'fail', 'ocsp', '--with', 'refused');
    await run('sandbox', 'fail', 'crl', '--with', 'http:503');
    const verified = await verify('chain.pem');
    expect(verified).toMatchObject({ status, policy, valid: status === 0 });
    expect(checksOf(verified)).toContain(`revocation ${state} unreachable`);
    expect(verified.certificates[0]?.revocation).toMatchObject({ cause: 'unreachable' });
  });

  test('policy off: nothing is asked', async () => {
    await run('profile', 'set', 'revocation', 'off');
    await run('sandbox', 'fail', 'ocsp', '--with', 'fault:revoked');
    const verified = await verify('chain.pem');
    expect(verified).toMatchObject({ status: 0, policy: 'off' });
    expect(checksOf(verified)).toContain('revocation skipped off');
  });

  test('revoked: status 9, with date, reason and what to do', async () => {
    await run('sandbox', 'fail', 'ocsp', '--with', 'fault:revoked');
    const verified = await verify('chain.pem');
    expect(verified).toMatchObject({ status: 9, valid: false });
    expect(verified.certificates[0]?.revocation).toMatchObject({
      state: 'revoked',
      reason: 'keyCompromise',
      source: 'ocsp',
    });
    const { stderr } = await run('cert', 'verify', 'chain.pem');
    expect(stderr.join('\n')).toMatch(
      /\[E_CERT_UNTRUSTED\][\s\S]*revocation: revoked[\s\S]*next: /,
    );
  });

  test('revoked later than the moment that counts', async () => {
    await run('sandbox', 'fail', 'ocsp', '--with', 'fault:revoked');
    const verified = await verify('chain.pem', '--at', 'yesterday');
    expect(verified).toMatchObject({ status: 0 });
    expect(verified.certificates[0]?.revocation).toMatchObject({ state: 'good' });
    expect(await verify('chain.pem')).toMatchObject({ status: 9 });
  });

  test('offline: nothing at hand, then the copy', async () => {
    const before = await verify('doctor.p12', '--offline');
    expect(checksOf(before)).toContain('revocation warning offline');
    await verify('doctor.p12');
    await run('sandbox', 'fail', 'ocsp', '--with', 'fault:revoked');
    const after = await verify('doctor.p12', '--offline');
    expect(after.certificates[0]?.revocation).toMatchObject({ state: 'good', cached: true });
  });

  test('--at: not valid yet, expired', async () => {
    for (const [day, reason] of [
      ['2015-01-01', 'not-yet-valid'],
      ['2048-01-01', 'expired'],
    ] as const) {
      const verified = await verify('chain.pem', '--at', day, '--offline');
      expect(verified.status).toBe(9);
      expect(checksOf(verified)).toContain(`dates failed ${reason}`);
    }
    expect((await run('cert', 'verify', 'chain.pem', '--at', 'soon')).status).toBe(2);
  });

  test('certificate files: one with its chain, one alone, one of nobody', async () => {
    const folder = at('card');
    const whole = await verify('chain.pem');
    expect(whole).toMatchObject({ status: 0, valid: true });
    expect(whole.certificates).toHaveLength(1);
    expect(whole.certificates[0]?.purposes).toEqual(['authentication']);
    expect(whole.certificates[0]?.revocation).toMatchObject({
      state: 'good',
      url: expect.stringContaining('/ocsp/citizen-ca'),
    });
    const alone = await verify(join(folder, 'authentication.crt'));
    expect(alone.status).toBe(9);
    expect(checksOf(alone)).toEqual([
      'chain failed untrusted',
      'dates ok',
      'purpose ok',
      'revocation skipped untrusted',
    ]);
    const issuer = await verify(join(folder, 'ca.crt'));
    expect(issuer.certificates[0]).toMatchObject({
      valid: true,
      purposes: ['issuer'],
      revocation: { state: 'good', source: 'crl' },
    });
    expect((await verify(join(folder, 'root.crt'))).certificates[0]?.checks[3]).toEqual({
      check: 'revocation',
      state: 'skipped',
      reason: 'root',
    });
  });

  test('what is neither a certificate nor a keystore', async () => {
    const { status, stderr } = await run('cert', 'verify', 'nothing.pem');
    expect(status).toBe(3);
    expect(stderr.join('\n')).toContain('E_KEYSTORE_UNKNOWN');
  });
});

describe('topaz eid verify', () => {
  const states = async (...argv: string[]) => {
    const { status, stdout } = await run('eid', 'verify', ...argv);
    return { status, revocation: stdout.at(-1)?.split('\t')[1] };
  };

  test('asked, and good', async () => {
    expect(await states()).toEqual({ status: 0, revocation: 'ok' });
  });

  test('revoked: status 9', async () => {
    await run('sandbox', 'fail', 'ocsp.citizen-ca', '--with', 'fault:revoked');
    expect(await states()).toEqual({ status: 9, revocation: 'failed' });
    const { stderr } = await run('eid', 'verify');
    expect(stderr.join('\n')).toMatch(/was revoked \[E_CERT_UNTRUSTED\]/);
  });

  test.each([
    ['optional', 0, 'not-checked'],
    ['mandatory', 9, 'failed'],
  ])('no answer, policy %s: status %d', async (policy, status, revocation) => {
    await run('profile', 'set', 'revocation', policy);
    await run('sandbox', 'fail', 'ocsp', '--with', 'bad-signature');
    await run('sandbox', 'fail', 'crl', '--with', 'expired');
    expect(await states()).toEqual({ status, revocation });
  });

  test('--offline asks nobody, and says nothing about it', async () => {
    const { status, stderr } = await run('eid', 'verify', '--offline');
    expect({ status, stderr }).toEqual({ status: 0, stderr: [] });
  });
});

describe('seal, unseal and etk verify', () => {
  const SELF = ['--to', 'SSIN=79021599732', '--keystore', 'doctor.p12'] as const;
  const fails = async (...argv: string[]) => {
    const { status, stderr } = await run(...argv, '--json');
    const { error } = JSON.parse(stderr.at(-1) ?? '{}') as {
      error?: { code: string; details?: { errors: string[] } };
    };
    return { status, code: error?.code, errors: error?.details?.errors };
  };
  const unsealed = async () => {
    const { stdout, status } = await run('unseal', 'letter.sealed', '--keystore', 'doctor.p12', '--out', at('out.txt'), '--force', '--json'); // prettier-ignore
    return { status, ...(JSON.parse(stdout.join('') || '{}') as Record<string, unknown>) };
  };

  beforeAll(async () => {
    await writeFile(at('letter.txt'), 'Dear colleague');
    const { status, stderr } = await run('seal', 'letter.txt', ...SELF, '--out', 'letter.sealed');
    expect({ status, stderr: status === 0 ? [] : stderr }).toEqual({ status: 0, stderr: [] });
  });

  test('nobody is asked where the profile does not say so', async () => {
    await run('sandbox', 'fail', 'ocsp', '--with', 'fault:revoked');
    expect(await unsealed()).toMatchObject({ status: 0, errors: [], warnings: [] });
    expect(await run('etk', 'verify', 'SSIN=79021599732')).toMatchObject({ status: 0 });
  });

  test('optional: revoked is refused, no answer is a warning', async () => {
    await run('profile', 'set', 'revocation', 'optional');
    expect(await unsealed()).toMatchObject({ status: 0, warnings: [] });
    await forget();
    await run('sandbox', 'fail', 'ocsp', '--with', 'fault:revoked');
    expect(await fails('unseal', 'letter.sealed', '--keystore', 'doctor.p12', '--out', 'no.txt')).toEqual({
      status: 9,
      code: 'E_SEAL_INVALID',
      errors: ['OUTER_CERTIFICATE_REVOKED'],
    }); // prettier-ignore
    expect(await fails('seal', 'letter.txt', ...SELF, '--out', 'no.sealed')).toEqual({
      status: 9,
      code: 'E_ETK_INVALID',
      errors: ['ETK_AUTHENTICATION_CERT_REVOKED'],
    });
    expect(await fails('etk', 'verify', 'SSIN=79021599732')).toMatchObject({ status: 9 });
    await run('sandbox', 'fail', '--clear');
    await run('sandbox', 'fail', 'ocsp', '--with', 'http:503');
    await run('sandbox', 'fail', 'crl', '--with', 'http:503');
    await forget();
    expect(await unsealed()).toMatchObject({
      status: 0,
      verdict: 'warning',
      warnings: ['OUTER_CERTIFICATE_STATUS_UNKNOWN'],
    });
  });

  test('mandatory: no answer is a refusal', async () => {
    await run('profile', 'set', 'revocation', 'mandatory');
    await run('sandbox', 'fail', 'ocsp', '--with', 'http:503');
    await run('sandbox', 'fail', 'crl', '--with', 'http:503');
    expect(await fails('unseal', 'letter.sealed', '--keystore', 'doctor.p12', '--out', 'no.txt')).toMatchObject({
      status: 9,
      errors: ['OUTER_CERTIFICATE_STATUS_UNKNOWN'],
    }); // prettier-ignore
    expect(await fails('etk', 'verify', 'SSIN=79021599732')).toMatchObject({
      status: 9,
      errors: ['ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN'],
    });
  });
});
