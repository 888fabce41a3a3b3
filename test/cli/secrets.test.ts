/** Where secrets come from, and what is refused (cli-ux §9). Real files, real modes. */

import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createRun } from '../../src/cli/run.js';
import { isSecretVariable, SecretSource, withoutSecrets } from '../../src/cli/secrets.js';
import type { SecretFlags, SecretKind } from '../../src/cli/secrets.js';
import { scriptedPrompter, testContext } from '../support/context.js';
import type { ContextOverrides } from '../support/context.js';

let dir: string;
const path = (name: string): string => join(dir, name);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'topaz-secrets-'));
  const files: readonly [string, string, number][] = [
    ['plain', 'from a file\n', 0o600],
    ['dos', 'from a file\r\n', 0o600],
    ['bare', 'no line break', 0o600],
    ['spaces', '  kept as it is \nsecond line\n', 0o600],
    ['empty', '', 0o600],
    ['blank', '\nsecond\n', 0o600],
    ['long', `${'x'.repeat(5000)}\n`, 0o600],
    ['readonly', 'read only\n', 0o400],
    ['group', 'secret-of-group\n', 0o640],
    ['others', 'secret-of-others\n', 0o604],
    ['SSIN=79021599732 20260301', 'odd name\n', 0o600],
  ];
  for (const [name, content, mode] of files) {
    await writeFile(path(name), content);
    await chmod(path(name), mode);
  }
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function find(
  kind: SecretKind,
  flags: SecretFlags,
  overrides: ContextOverrides = {},
  alias?: string,
): Promise<string | undefined> {
  const source = new SecretSource(testContext(overrides), () => undefined);
  const found = await source.find(kind, flags, alias);
  return found === undefined ? undefined : new TextDecoder().decode(found.bytes);
}

const refused = (code: string) => expect.objectContaining({ code });

describe('one line of a file', () => {
  test.each([
    ['plain', 'from a file'],
    ['dos', 'from a file'],
    ['bare', 'no line break'],
    ['spaces', '  kept as it is '],
    ['readonly', 'read only'],
  ])('%s', async (name, expected) => {
    expect(await find('password', { passwordFile: path(name) })).toBe(expected);
  });

  test.each(['empty', 'blank', 'long'])('refuses the file "%s"', async (name) => {
    await expect(find('pin', { pinFile: path(name) })).rejects.toEqual(refused('E_USAGE'));
  });

  test.each(['group', 'others'])('refuses a file that the %s may read', async (name) => {
    const failure = find('pin', { pinFile: path(name) });
    await expect(failure).rejects.toEqual(refused('E_SECRET_FILE_MODE'));
    await expect(failure).rejects.toMatchObject({ hint: `chmod 600 ${path(name)}` });
    await expect(failure).rejects.toMatchObject({
      message: expect.not.stringContaining('secret-of') as unknown,
    });
  });

  test('only warns on Windows, where the mode says nothing', async () => {
    const warned: string[] = [];
    const source = new SecretSource(testContext({ platform: 'win32' }), (file) =>
      warned.push(file),
    );
    expect(await source.find('pin', { pinFile: path('group') })).toBeDefined();
    expect(warned).toEqual([path('group')]);
  });

  test('a missing file, a folder', async () => {
    await expect(find('pin', { pinFile: path('absent') })).rejects.toEqual(
      refused('E_FILE_NOT_FOUND'),
    );
    await expect(find('pin', { pinFile: dir })).rejects.toEqual(refused('E_FILE_NOT_FOUND'));
  });

  test('a named pipe gives its line', async () => {
    execFileSync('mkfifo', ['-m', '600', path('pipe')]);
    const reading = find('pin', { pinFile: path('pipe') });
    await writeFile(path('pipe'), '1234\n');
    expect(await reading).toBe('1234');
  });
});

describe('who wins', () => {
  const readFd = (): Promise<Uint8Array> =>
    Promise.resolve(new TextEncoder().encode('from the descriptor\n'));
  const env = {
    TOPAZ_KEYSTORE_PASSWORD: 'from the variable',
    TOPAZ_KEYSTORE_NEW_PASSWORD: 'new one',
    TOPAZ_PIN: '1234',
  };

  test('descriptor, then file, then environment', async () => {
    const flags = { passwordFd: '3', passwordFile: path('plain') };
    expect(await find('password', flags, { io: { readFd }, env })).toBe('from the descriptor');
    expect(await find('password', { passwordFile: path('plain') }, { env })).toBe('from a file');
    expect(await find('password', {}, { env })).toBe('from the variable');
    expect(await find('newPassword', {}, { env })).toBe('new one');
    expect(await find('pin', {}, { env })).toBe('1234');
    expect(await find('password', {})).toBeUndefined();
  });

  test('variables that name a descriptor or a file', async () => {
    expect(await find('pin', {}, { env: { ...env, TOPAZ_PIN_FILE: path('bare') } })).toBe(
      'no line break',
    );
    expect(
      await find('pin', {}, { io: { readFd }, env: { ...env, TOPAZ_PIN_FD: '4', TOPAZ_PIN_FILE: path('bare') } }),
    ).toBe('from the descriptor'); // prettier-ignore
  });

  test.each(['x', '-1', '99999', '1.5'])('refuses the descriptor %j', async (pinFd) => {
    await expect(find('pin', { pinFd })).rejects.toEqual(refused('E_USAGE'));
  });

  test('a descriptor that is not open is a matter of the command line', async () => {
    const closed = (): Promise<Uint8Array> => Promise.reject(new Error('EBADF'));
    await expect(find('pin', { pinFd: '9' }, { io: { readFd: closed } })).rejects.toEqual(
      refused('E_USAGE'),
    );
  });

  test('stdin serves one secret only', async () => {
    const readStdin = (): Promise<Uint8Array> =>
      Promise.resolve(new TextEncoder().encode('typed in\nrest'));
    const source = new SecretSource(testContext({ io: { readStdin } }), () => undefined);
    const found = await source.find('password', { passwordFile: '-' });
    expect(new TextDecoder().decode(found?.bytes)).toBe('typed in');
    await expect(source.find('pin', { pinFile: '-' })).rejects.toEqual(refused('E_USAGE'));
  });
});

describe('several keystores', () => {
  const files = (): SecretFlags => ({
    passwordFile: [path('plain'), `old=${path('bare')}`, `SSIN=79021599732 2026=${path('dos')}`],
  });

  test('a file is bound to its alias; the one without alias is for the active keystore', async () => {
    expect(await find('password', files(), {}, 'old')).toBe('no line break');
    expect(await find('password', files(), {}, 'SSIN=79021599732 2026')).toBe('from a file');
    expect(await find('password', files(), {}, 'active')).toBe('from a file');
    expect(await find('password', files())).toBe('from a file');
  });

  test('one file whose name holds = is a file', async () => {
    expect(await find('password', { passwordFile: path('SSIN=79021599732 20260301') })).toBe(
      'odd name',
    );
  });

  test('a single one that is bound to another keystore is not for this one', async () => {
    const flags = { passwordFile: `group=${path('plain')}` };
    expect(await find('password', flags, {}, 'group')).toBe('from a file');
    expect(await find('password', flags, {}, 'jean')).toBeUndefined();
    expect(await find('password', flags, { env: { TOPAZ_KEYSTORE_PASSWORD: 'other' } }, 'jean')).toBe('other'); // prettier-ignore
    // A file may have such a name itself.
    const odd = { passwordFile: path('SSIN=79021599732 20260301') };
    expect(await find('password', odd, {}, 'jean')).toBe('odd name');
  });

  test.each<[string, SecretFlags, Record<string, string>, string | undefined]>([
    ['a descriptor', { passwordFd: '3' }, {}, 'flag'],
    ['a file', { passwordFile: '/nonexistent' }, {}, 'flag'],
    ['a file of this keystore', { passwordFile: ['jean=/nonexistent'] }, {}, 'flag'],
    ['a file of another one', { passwordFile: ['group=/nonexistent'] }, {}, undefined],
    ['a variable', {}, { TOPAZ_KEYSTORE_PASSWORD: 'x' }, 'environment'],
    ['a variable with a file', {}, { TOPAZ_KEYSTORE_PASSWORD_FILE: '/nonexistent' }, 'environment'],
    ['a variable of this keystore', {}, { TOPAZ_KEYSTORE_PASSWORD_FILE__JEAN: '/x' }, 'environment'],
    ['a variable of another one', {}, { TOPAZ_KEYSTORE_PASSWORD_FILE__GROUP: '/x' }, undefined],
    ['an empty variable', {}, { TOPAZ_KEYSTORE_PASSWORD: '' }, undefined],
    ['nothing', {}, {}, undefined],
  ])('says where it would come from, and reads nothing: %s', (_, flags, env, where) => {
    const source = new SecretSource(testContext({ env }), () => undefined);
    expect(source.where('password', flags, 'jean')).toBe(where);
  }); // prettier-ignore

  test('variables are bound to aliases too', async () => {
    const env = {
      TOPAZ_KEYSTORE_PASSWORD_FILE: path('plain'),
      TOPAZ_KEYSTORE_PASSWORD_FILE__SSIN_79021599732_2026: path('bare'),
    };
    expect(await find('password', {}, { env }, 'SSIN=79021599732 2026')).toBe('no line break');
    expect(await find('password', {}, { env }, 'other')).toBe('from a file');
  });
});

test('secrets are taken out of what children would inherit', () => {
  const env = {
    TOPAZ_PIN: '1234',
    TOPAZ_PIN_FILE: '/pin',
    TOPAZ_KEYSTORE_PASSWORD: 'x',
    TOPAZ_KEYSTORE_PASSWORD__OLD: 'y',
    TOPAZ_MYCARENET_PASSWORD: 'z',
    TOPAZ_KEY_PASSPHRASE: 'p',
    PATH: '/bin',
  };
  expect(withoutSecrets(env)).toEqual({ TOPAZ_PIN_FILE: '/pin', PATH: '/bin' });
  expect(isSecretVariable('TOPAZ_PIN_FD')).toBe(false);
});

describe('a person', () => {
  const ask = async (
    kind: SecretKind,
    { choose, ...overrides }: ContextOverrides & { choose?: boolean },
    options = {},
  ) => {
    const ctx = testContext({ terminal: true, ...overrides });
    const { run, close } = await createRun(ctx, options);
    const secret = run.secret(kind, {}, 'Password:', choose === undefined ? {} : { choose });
    try {
      const { bytes, typed } = await secret;
      return { text: new TextDecoder().decode(bytes), typed, ctx };
    } finally {
      await close();
    }
  };

  test('is asked once to open, and it is known that a person typed', async () => {
    const script = scriptedPrompter('opens it');
    const { text, typed } = await ask('password', { prompter: script.prompter });
    expect({ text, typed }).toEqual({ text: 'opens it', typed: true });
    expect(script.asked).toEqual(['Password:']);
  });

  test('is asked for a secret even under --json', async () => {
    const script = scriptedPrompter('1234');
    expect((await ask('pin', { prompter: script.prompter }, { json: true })).text).toBe('1234');
  });

  test('chooses a new one twice, after the rule was said, until both agree', async () => {
    const script = scriptedPrompter(
      'correct horse',
      'correct hrose',
      'correct horse',
      'correct horse',
    );
    const { text, ctx } = await ask('newPassword', { prompter: script.prompter });
    expect(text).toBe('correct horse');
    expect(script.asked).toHaveLength(4);
    expect(ctx.stderr[0]).toContain('At least 12 characters');
    expect(ctx.stderr[1]).toContain('differ');
  });

  test('a chosen one is not shorter than 12 characters, wherever it comes from', async () => {
    const script = scriptedPrompter('short', 'short');
    await expect(ask('password', { prompter: script.prompter, choose: true })).rejects.toEqual(
      refused('E_PASSWORD_WEAK'),
    );
    const env = { TOPAZ_KEYSTORE_NEW_PASSWORD: 'short' };
    await expect(ask('newPassword', { env })).rejects.toEqual(refused('E_PASSWORD_WEAK'));
  });

  test.each<[string, ContextOverrides, string]>([
    ['without a terminal', { terminal: false }, 'there is no terminal to ask'],
    ['with TOPAZ_NO_INPUT', { env: { TOPAZ_NO_INPUT: '1' } }, 'asking is switched off'],
  ])('is not asked %s; the flag is named', async (_, overrides, why) => {
    await expect(ask('pin', overrides)).rejects.toMatchObject({
      code: 'E_INPUT_REQUIRED',
      message: `the PIN is needed and ${why}`,
      hint: '--pin-file FILE or --pin-fd N',
    });
  });
});
