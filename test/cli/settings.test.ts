/** Flags, variables, profile, default: who wins (cli-ux §2, 6, 8, 14). */

import { describe, expect, test } from '@jest/globals';

import { parseDuration } from '../../src/cli/duration.js';
import {
  chooseLanguage,
  hasUnicode,
  profileName,
  readSettings,
  useColor,
} from '../../src/cli/settings.js';
import type { GlobalOptions } from '../../src/cli/global-flags.js';
import { testContext } from '../support/context.js';
import type { ContextOverrides } from '../support/context.js';

const settings = (options: GlobalOptions = {}, overrides: ContextOverrides = {}) =>
  readSettings(testContext(overrides), options, 'default', {});

describe('colour, per stream', () => {
  test.each<[string, string | boolean | undefined, Record<string, string>, boolean, boolean]>([
    ['a terminal has it', undefined, {}, true, true],
    ['a pipe has not', undefined, {}, false, false],
    ['--no-color wins over all', false, { FORCE_COLOR: '1' }, true, false],
    ['--color never wins over all', 'never', { FORCE_COLOR: '1' }, true, false],
    ['--color always wins over NO_COLOR and the pipe', 'always', { NO_COLOR: '1' }, false, true],
    ['NO_COLOR wins over FORCE_COLOR', undefined, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['an empty NO_COLOR is none', undefined, { NO_COLOR: '' }, true, true],
    ['FORCE_COLOR colours a pipe', undefined, { FORCE_COLOR: '1' }, false, true],
    ['FORCE_COLOR=0 switches off', undefined, { FORCE_COLOR: '0' }, true, false],
    ['TOPAZ_COLOR=never switches off', undefined, { TOPAZ_COLOR: 'never' }, true, false],
    ['TERM=dumb has none', undefined, { TERM: 'dumb' }, true, false],
    ['FORCE_COLOR wins over TERM=dumb', undefined, { TERM: 'dumb', FORCE_COLOR: '1' }, true, true],
    ['--color auto is no wish', 'auto', {}, true, true],
  ])('%s', (_, flag, env, tty, expected) => {
    expect(useColor(flag, env, tty)).toBe(expected);
  });

  test('refuses another word', () => {
    expect(() => useColor('sometimes', {}, true)).toThrow(
      expect.objectContaining({ code: 'E_USAGE' }),
    );
  });
});

describe('language', () => {
  test.each<[string, string | undefined, Record<string, string>, 'fr' | undefined, string]>([
    ['the flag first', 'nl', { TOPAZ_LANG: 'de' }, 'fr', 'nl'],
    ['then the variable', undefined, { TOPAZ_LANG: 'de', LC_ALL: 'nl_BE' }, 'fr', 'de'],
    ['then the profile', undefined, { LC_ALL: 'nl_BE' }, 'fr', 'fr'],
    ['then LC_ALL', undefined, { LC_ALL: 'nl_BE.UTF-8', LANG: 'fr_BE' }, undefined, 'nl'],
    ['then LC_MESSAGES', undefined, { LC_MESSAGES: 'de_BE', LANG: 'fr_BE' }, undefined, 'de'],
    ['then LANG', undefined, { LC_ALL: '', LANG: 'fr_BE' }, undefined, 'fr'],
    ['else English', undefined, { LANG: 'C' }, undefined, 'en'],
    ['an unknown one is English', 'tlh', { LANG: 'fr_BE' }, 'fr', 'en'],
  ])('%s', (_, flag, env, configured, expected) => {
    expect(chooseLanguage(flag, env, configured)).toBe(expected);
  });
});

describe('who may be asked', () => {
  const terminal = { terminal: true };
  test.each<[string, GlobalOptions, ContextOverrides, boolean, boolean]>([
    ['a person at a terminal', {}, terminal, true, true],
    ['nobody in a pipe', {}, {}, false, false],
    ['nobody with --no-input', { input: false }, terminal, false, false],
    ['nobody with TOPAZ_NO_INPUT', {}, { ...terminal, env: { TOPAZ_NO_INPUT: '1' } }, false, false],
    [
      'somebody with TOPAZ_NO_INPUT=0',
      {},
      { ...terminal, env: { TOPAZ_NO_INPUT: '0' } },
      true,
      true,
    ],
    ['nobody under CI', {}, { ...terminal, env: { CI: 'true' } }, false, false],
    ['a secret only with --json', { json: true }, terminal, false, true],
    [
      'a person whose stdin holds data but who has a keyboard',
      {},
      { io: { tty: { stdin: false, stdout: false, stderr: true }, keyboard: true } },
      true,
      true,
    ],
    [
      'nobody when stderr goes elsewhere',
      {},
      { io: { tty: { stdin: true, stdout: true, stderr: false } } },
      false,
      false,
    ],
  ])('%s', (_, options, overrides, canAsk, canAskSecret) => {
    expect(settings(options, overrides)).toMatchObject({ canAsk, canAskSecret });
  });
});

describe('signs', () => {
  test.each<[Record<string, string>, NodeJS.Platform, boolean]>([
    [{ LANG: 'fr_BE.UTF-8' }, 'linux', true],
    [{ LANG: 'fr_BE.utf8' }, 'linux', true],
    [{ LANG: 'C' }, 'linux', false],
    [{ LC_ALL: 'C', LANG: 'fr_BE.UTF-8' }, 'linux', false],
    [{ LANG: 'fr_BE.UTF-8', TERM: 'linux' }, 'linux', false],
    [{ LANG: 'fr_BE.UTF-8', TERM: 'dumb' }, 'linux', false],
    [{}, 'win32', true],
  ])('%j on %s: %s', (env, platform, expected) => {
    expect(hasUnicode(env, platform)).toBe(expected);
  });

  test('plain mode has none', () => {
    expect(settings({ plain: true }, { env: { LANG: 'fr_BE.UTF-8' } }).unicode).toBe(false);
  });
});

test.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['15m', 900_000],
  ['12h', 43_200_000],
  ['30d', 2_592_000_000],
])('%s is %d ms', (text, expected) => {
  expect(parseDuration(text, '--timeout')).toBe(expected);
});

test.each(['', '30', 's', '-5s', '1.5h', '1e3s', '30 s', '9999999s', '5w'])(
  'refuses %j as a duration and shows the form',
  (text) => {
    expect(() => parseDuration(text, '--wait')).toThrow(
      expect.objectContaining({ code: 'E_USAGE', hint: expect.stringContaining('--wait 30s') }),
    );
  },
);

test('the environment may be called prd; another one is refused', () => {
  expect(settings({ env: 'prd' }).env).toBe('prod');
  expect(settings({}, { env: { TOPAZ_ENV: 'acc' } }).env).toBe('acc');
  expect(() => settings({ env: 'production' })).toThrow(
    expect.objectContaining({ code: 'E_USAGE' }),
  );
});

test('the profile: flag, variable, configuration, default', () => {
  expect(profileName('a', { TOPAZ_PROFILE: 'b' }, 'c')).toBe('a');
  expect(profileName(undefined, { TOPAZ_PROFILE: 'b' }, 'c')).toBe('b');
  expect(profileName(undefined, { TOPAZ_PROFILE: '' }, 'c')).toBe('c');
  expect(profileName(undefined, {}, undefined)).toBe('default');
});

test('limits come from flag, variable, default', () => {
  expect(settings()).toMatchObject({ timeoutMs: 30_000, lockTimeoutMs: 10_000 });
  expect(settings({ timeout: '5s' }, { env: { TOPAZ_TIMEOUT: '1m' } }).timeoutMs).toBe(5_000);
  expect(settings({}, { env: { TOPAZ_TIMEOUT: '1m' } }).timeoutMs).toBe(60_000);
});
