/** `topaz profile`: every verb, through the whole program. */

import { readFile, stat, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { scriptedPrompter, temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';

let home: Awaited<ReturnType<typeof temporaryHome>>;

beforeEach(async () => {
  home = await temporaryHome();
});

afterEach(async () => {
  await home.remove();
});

const profileFile = (name: string): string => join(home.dir, 'config', 'profiles', `${name}.json`);

async function topaz(
  argv: readonly string[],
  { env = {}, ...overrides }: ContextOverrides = {},
): Promise<{ status: number; ctx: TestContext }> {
  const ctx = testContext({ ...overrides, env: { ...home.env, ...env } });
  return { status: await main(argv, ctx), ctx };
}

async function document(argv: readonly string[], overrides?: ContextOverrides): Promise<unknown> {
  const { status, ctx } = await topaz([...argv, '--json'], overrides);
  expect({ status, stderr: ctx.stderr }).toEqual({ status: 0, stderr: [] });
  return JSON.parse(ctx.stdout.join('\n'));
}

describe('topaz profile create', () => {
  test('makes a private file for one environment, and says so on stderr only', async () => {
    const { status, ctx } = await topaz(['profile', 'create', 'cabinet', '--env', 'acc']);
    expect(status).toBe(0);
    expect(ctx.stdout).toEqual([]);
    expect(ctx.stderr).toEqual(['ok Profile "cabinet" made, environment acc']);
    expect(JSON.parse(await readFile(profileFile('cabinet'), 'utf8'))).toEqual({
      schema: 'topaz.profile/1',
      environment: 'acc',
    });
    expect((await stat(profileFile('cabinet'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home.dir, 'config', 'profiles'))).mode & 0o777).toBe(0o700);
  });

  test('accepts prd for prod and can be used at once', async () => {
    await topaz(['profile', 'create', 'real', '--env', 'prd', '--use']);
    expect(await document(['profile', 'show'])).toMatchObject({
      profile: { name: 'real', environment: 'prod' },
    });
  });

  test('asks for the environment on a terminal, and names the flag without one', async () => {
    const script = scriptedPrompter('int');
    const asked = await topaz(['profile', 'create', 'cabinet'], {
      terminal: true,
      prompter: script.prompter,
    });
    expect(asked.status).toBe(0);
    expect(script.asked).toEqual(['Which environment?']);
    const { status, ctx } = await topaz(['profile', 'create', 'other']);
    expect(status).toBe(2);
    expect(ctx.stderr).toEqual([
      'topaz: --env is needed and there is no terminal to ask [E_INPUT_REQUIRED]',
      '  next: add --env',
    ]);
  });

  test.each(['', '../evil', 'a/b', '.hidden', 'a..b', 'x'.repeat(65), 'a b', 'a\u0000b'])(
    'refuses the name %j, which could leave the folder',
    async (name) => {
      const { status } = await topaz(['profile', 'create', name, '--env', 'acc']);
      expect(status).toBe(2);
    },
  );

  test('never replaces a profile', async () => {
    await topaz(['profile', 'create', 'cabinet', '--env', 'acc']);
    const { status, ctx } = await topaz(['profile', 'create', 'cabinet', '--env', 'prod']);
    expect(status).toBe(2);
    expect(ctx.stderr[0]).toContain('[E_FILE_EXISTS]');
    expect(JSON.parse(await readFile(profileFile('cabinet'), 'utf8'))).toMatchObject({
      environment: 'acc',
    });
  });
});

describe('topaz profile set and unset', () => {
  test('makes a profile that is not there, for the environment of --env, else acc', async () => {
    await topaz(['profile', 'set', 'holder.quality', 'doctor', '-p', 'one']);
    await topaz(['profile', 'set', 'holder.quality', 'doctor', '-p', 'two', '--env', 'int']);
    expect(JSON.parse(await readFile(profileFile('one'), 'utf8'))).toEqual({
      schema: 'topaz.profile/1',
      environment: 'acc',
      holder: { quality: 'doctor' },
    });
    expect(JSON.parse(await readFile(profileFile('two'), 'utf8'))).toMatchObject({
      environment: 'int',
    });
  });

  test.each([
    ['holder.qualty', 'doctor', 'did you mean "holder.quality"'],
    ['quality', 'doctor', '"holder.quality"'],
    ['mycarenet', 'x', 'topaz help profiles lists the keys'],
    ['environment', 'production', 'topaz profile set KEY VALUE'],
    ['session.minutes', 'soon', 'topaz profile set KEY VALUE'],
    ['session.minutes', '0', 'topaz profile set KEY VALUE'],
    ['ehbox.unseal', 'perhaps', 'topaz profile set KEY VALUE'],
    ['via', 'card', 'topaz profile set KEY VALUE'],
    ['proxy', 'not a url', 'topaz profile set KEY VALUE'],
    ['endpoints.certra', 'https://user:password@services.test/', 'topaz profile set KEY VALUE'],
    ['holder.quality', 'doc\u001b[31mtor', 'topaz profile set KEY VALUE'],
    ['__proto__.polluted', 'x', 'topaz help profiles lists the keys'],
  ])('refuses %s = %j and says what to do', async (key, value, hint) => {
    const { status, ctx } = await topaz(['profile', 'set', key, value]);
    expect(status).toBe(3);
    expect(ctx.stderr[0]).toContain('[E_PROFILE_INVALID]');
    expect(ctx.stderr.at(-1)).toContain(hint);
    await expect(stat(profileFile('default'))).rejects.toThrow();
  });

  test('keeps the path of a file as it was meant where the person stood', async () => {
    await topaz(['profile', 'set', 'trust.caFile', 'roots.pem'], { cwd: '/somewhere' });
    expect(await document(['profile', 'show'])).toMatchObject({
      profile: { trust: { caFile: '/somewhere/roots.pem' } },
    });
  });

  test('reads lists, numbers and truth values as what they are', async () => {
    await topaz(['profile', 'set', 'alternates', 'old, older']);
    await topaz(['profile', 'set', 'session.minutes', '90']);
    await topaz(['profile', 'set', 'ehbox.unseal', 'false']);
    expect(JSON.parse(await readFile(profileFile('default'), 'utf8'))).toMatchObject({
      alternates: ['old', 'older'],
      session: { minutes: 90 },
      ehbox: { unseal: false },
    });
  });

  test('takes one key out, or a group, and says when there was none', async () => {
    await topaz(['profile', 'set', 'mycarenet.license.username', 'user']);
    await topaz(['profile', 'set', 'mycarenet.license.passwordFile', '/secret']);
    expect(await document(['profile', 'unset', 'mycarenet.license'])).toMatchObject({
      removed: true,
    });
    expect(await document(['profile', 'unset', 'mycarenet.nihii'])).toMatchObject({
      removed: false,
    });
    expect(JSON.parse(await readFile(profileFile('default'), 'utf8'))).toEqual({
      schema: 'topaz.profile/1',
      environment: 'acc',
    });
    expect((await topaz(['profile', 'unset', 'environment'])).status).toBe(3);
    expect((await topaz(['profile', 'unset', 'nonsense'])).status).toBe(3);
  });

  test('refuses what would let the sandbox leak, or leave it', async () => {
    for (const url of [
      'https://127.0.0.1:8443/x',
      'https://localhost/x',
      'https://[::1]/x',
      'https://127.1/x',
      'https://2130706433/x',
      'https://[::ffff:127.0.0.1]/x',
      'https://sandbox.localhost./x',
    ]) {
      const { status, ctx } = await topaz([
        'profile',
        'set',
        'endpoints.certra',
        url,
        '-p',
        'real',
      ]);
      expect({ url, status, line: ctx.stderr[0] }).toMatchObject({ status: 3, url });
      expect(ctx.stderr[0]).toContain('[E_ENVIRONMENT_MISMATCH]');
    }
    const plain = await topaz(['profile', 'set', 'endpoints.certra', 'http://services.test/x']);
    expect(plain.ctx.stderr[0]).toContain('not protected by TLS');
    const clock = await topaz(['profile', 'set', 'clock.offsetSeconds', '60']);
    expect(clock.ctx.stderr[0]).toContain('only the sandbox may have another clock');
    const out = await topaz([
      'profile', 'set', 'endpoints.certra', 'https://services.ehealth.fgov.be/CertRa/v2', '-p', 'sb', '--env', 'sandbox',
    ]); // prettier-ignore
    expect(out.ctx.stderr[0]).toContain('[E_ENVIRONMENT_MISMATCH]');
  });

  test('an environment cannot be changed under endpoints that belong to another one', async () => {
    await topaz([
      'profile',
      'set',
      'endpoints.certra',
      'https://127.0.0.1:1/x',
      '--env',
      'sandbox',
    ]);
    expect((await topaz(['profile', 'set', 'environment', 'prod'])).status).toBe(3);
  });

  test('two changes at once are both kept', async () => {
    await topaz(['profile', 'create', 'default', '--env', 'acc']);
    await Promise.all(
      ['mycarenet.name', 'mycarenet.package.name', 'ehbox.quality', 'pkcs11.reader'].map((key) =>
        topaz(['profile', 'set', key, 'x']),
      ),
    );
    expect(JSON.parse(await readFile(profileFile('default'), 'utf8'))).toMatchObject({
      mycarenet: { name: 'x', package: { name: 'x' } },
      ehbox: { quality: 'x' },
      pkcs11: { reader: 'x' },
    });
  });
});

describe('topaz profile show, list and use', () => {
  beforeEach(async () => {
    await topaz(['profile', 'create', 'cabinet', '--env', 'acc']);
    await topaz(['profile', 'set', 'trust.stsSigner', '/roots/sts.pem', '-p', 'cabinet']);
    await topaz(['profile', 'set', 'endpoints.certra', 'https://ra.test/v2', '-p', 'cabinet']);
  });

  test('shows the endpoints that hold and the files of trust', async () => {
    expect(await document(['profile', 'show', 'cabinet'])).toMatchObject({
      schema: 'topaz.profile.show/1',
      profile: {
        name: 'cabinet',
        environment: 'acc',
        trust: { stsSigner: '/roots/sts.pem' },
        endpoints: {
          certra: 'https://ra.test/v2',
          etkdepot: 'https://services-acpt.ehealth.fgov.be/EtkDepot/v1',
        },
      },
      file: profileFile('cabinet'),
    });
  });

  test('says where each value comes from', async () => {
    await writeFile(
      join(home.dir, 'config', 'config.json'),
      JSON.stringify({ schema: 'topaz.profile/1', session: { minutes: 60 } }),
    );
    expect(
      await document(['profile', 'show', 'cabinet', '--origin'], {
        env: { TOPAZ_PKCS11_MODULE: '/lib/module.so' },
      }),
    ).toMatchObject({
      origins: {
        environment: 'profile',
        'endpoints.certra': 'profile',
        'endpoints.etkdepot': 'built-in',
        'session.minutes': 'configuration',
        'pkcs11.module': 'TOPAZ_PKCS11_MODULE',
      },
    });
  });

  test('pipes one key per line', async () => {
    const { ctx } = await topaz(['profile', 'show', 'cabinet']);
    expect(ctx.stdout.slice(0, 3)).toEqual([
      'name\tcabinet\tprofile',
      'environment\tacc\tprofile',
      'trust.stsSigner\t/roots/sts.pem\tprofile',
    ]);
  });

  test('an unknown profile is named, with the nearest one', async () => {
    const { status, ctx } = await topaz(['profile', 'show', 'cabient']);
    expect(status).toBe(3);
    expect(ctx.stderr).toEqual([
      'topaz: there is no profile "cabient" [E_PROFILE_UNKNOWN]',
      '  next: did you mean "cabinet"? (topaz profile list)',
    ]);
  });

  test('lists what is there, also what cannot be read', async () => {
    await writeFile(profileFile('broken'), '{');
    await topaz(['profile', 'use', 'cabinet']);
    expect(await document(['profile', 'list'])).toEqual({
      schema: 'topaz.profile.list/1',
      profiles: [
        { name: 'broken', inUse: false, problem: 'profile "broken" is not JSON' },
        { name: 'cabinet', environment: 'acc', inUse: true },
      ],
    });
    const terminal = await topaz(['profile', 'list', '--no-color'], { terminal: true });
    expect(terminal.ctx.stdout).toEqual([
      'PROFILE  ENVIRONMENT  IN USE  KEYSTORE',
      'broken   unreadable',
      'cabinet  acc          yes',
    ]);
  });

  test('an empty list is a result, with a remark', async () => {
    const empty = await temporaryHome();
    const ctx = testContext({ env: empty.env });
    expect(await main(['profile', 'list'], ctx)).toBe(0);
    expect(ctx.stdout).toEqual([]);
    expect(ctx.stderr).toHaveLength(1);
    await empty.remove();
  });

  test('use holds for the next commands, and a variable that wins is told', async () => {
    const { ctx } = await topaz(['profile', 'use', 'cabinet'], {
      env: { TOPAZ_PROFILE: 'sandbox' },
    });
    expect(ctx.stderr[1]).toBe('! TOPAZ_PROFILE is set and wins over this');
    expect(await document(['profile', 'show'])).toMatchObject({ profile: { name: 'cabinet' } });
    expect((await topaz(['profile', 'use', 'nobody'])).status).toBe(3);
  });
});

describe('topaz profile remove', () => {
  beforeEach(async () => {
    await topaz(['profile', 'create', 'cabinet', '--env', 'prod', '--use']);
  });

  test('asks with the name and the environment, and keeps the keystores', async () => {
    const keystores = join(home.dir, 'data', 'cabinet', 'keystores');
    await mkdir(keystores, { recursive: true });
    await writeFile(join(keystores, 'doctor.p12'), 'x');
    const script = scriptedPrompter(true);
    const { status } = await topaz(['profile', 'remove', 'cabinet'], {
      terminal: true,
      prompter: script.prompter,
    });
    expect(status).toBe(0);
    expect(script.asked).toEqual([
      'Remove profile "cabinet" (prod)? Its keystores and messages stay. (environment prod) (y/N)',
    ]);
    expect((await stat(join(keystores, 'doctor.p12'))).isFile()).toBe(true);
    await expect(stat(profileFile('cabinet'))).rejects.toThrow();
    expect(JSON.parse(await readFile(join(home.dir, 'config', 'config.json'), 'utf8'))).toEqual({
      schema: 'topaz.profile/1',
    });
  });

  test('a dry run asks nobody and removes nothing', async () => {
    const { status, ctx } = await topaz(['profile', 'remove', 'cabinet', '--dry-run', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(ctx.stdout.join(''))).toMatchObject({ profile: 'cabinet', dryRun: true });
    expect((await stat(profileFile('cabinet'))).isFile()).toBe(true);
  });

  test('does nothing on a no, nor when nobody can be asked', async () => {
    const no = await topaz(['profile', 'remove', 'cabinet'], {
      terminal: true,
      prompter: scriptedPrompter(false).prompter,
    });
    expect(no.status).toBe(2);
    expect(no.ctx.stderr[0]).toContain('[E_NOT_CONFIRMED]');
    const nobody = await topaz(['profile', 'remove', 'cabinet']);
    expect(nobody.status).toBe(2);
    expect(nobody.ctx.stderr.at(-1)).toBe('  next: add --yes');
    expect((await stat(profileFile('cabinet'))).isFile()).toBe(true);
    expect((await topaz(['profile', 'remove', 'cabinet', '--yes'])).status).toBe(0);
  });
});
