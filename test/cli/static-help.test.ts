/** Help as it stands: the same bytes as the program itself makes, for every command, topic and language. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { preferredLanguage } from '../../src/cli/settings.js';
import { staticHelp } from '../../src/cli/static-help.js';
import { allPages } from '../../src/commands/help/pages.js';
import { main } from '../../src/main.js';
import { LANGUAGES } from '../../src/profile/language.js';
import { createWholeProgram } from '../../src/program.js';
import { temporaryHome, testContext } from '../support/context.js';

const folder = resolve('dist');
let home: Awaited<ReturnType<typeof temporaryHome>>;

beforeEach(async () => {
  home = await temporaryHome();
});

afterEach(() => home.remove());

function quick(argv: readonly string[], env: Record<string, string> = {}): string | undefined {
  const options = { env: { ...home.env, ...env }, platform: process.platform, home: home.dir };
  const page = staticHelp(argv, { ...options, folder });
  return page === undefined ? undefined : Buffer.from(page).toString();
}

async function byProgram(
  argv: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const ctx = testContext({ env: { ...home.env, ...env } });
  expect(await main(argv, ctx)).toBe(0);
  return `${ctx.stdout.join('\n')}\n`;
}

test('the file of each language holds what the sources say', async () => {
  const pages = await allPages(testContext());
  for (const language of LANGUAGES) {
    const wanted = pages[language] ?? {};
    expect(Object.keys(wanted).length).toBeGreaterThan(100);
    for (const [name, text] of Object.entries(wanted)) {
      const words = name === '' ? [] : name.split(' ');
      const argv = words[0] === 'help' ? words : [...words, '--help'];
      expect(quick([...argv, '--lang', language])).toBe(`${text}\n`);
    }
  }
});

test('and the program itself says the same', async () => {
  const program = await createWholeProgram(testContext());
  for (const [index, noun] of program.commands.entries()) {
    const lang = LANGUAGES[index % LANGUAGES.length] ?? 'en';
    const verb = noun.commands[0];
    for (const argv of [[noun.name()], ...(verb ? [[noun.name(), verb.name()]] : [])]) {
      const line = [...argv, '--help', '--lang', lang];
      expect(quick(line)).toBe(await byProgram(line));
    }
  }
  for (const line of [[], ['--help'], ['help'], ['help', 'cert'], ['help', 'sandbox'], ['sandbox', '-h'], ['help', 'cert', 'request']]) {
    expect(quick(line)).toBe(await byProgram(line));
  } // prettier-ignore
});

describe('the language', () => {
  const put = async (path: string, value: object): Promise<void> => {
    await mkdir(join(home.dir, 'config', 'profiles'), { recursive: true });
    await writeFile(join(home.dir, 'config', path), JSON.stringify({ schema: 'topaz.profile/1', ...value })); // prettier-ignore
  };

  test.each([
    [{}, 'Certificates,'],
    [{ LANG: 'nl_BE.UTF-8' }, 'Certificaten,'],
    [{ LC_ALL: 'de_BE.UTF-8', LANG: 'nl_BE.UTF-8' }, 'Zertifikate,'],
    [{ TOPAZ_LANG: 'fr', LANG: 'nl_BE.UTF-8' }, 'Certificats,'],
    [{ TOPAZ_LANG: 'xx', LANG: 'nl_BE.UTF-8' }, 'Certificates,'],
  ])('%j', (env, start) => {
    expect(quick(['--help'], env)?.startsWith(start)).toBe(true);
  });

  test('that of the profile goes before the locale, and --lang before all', async () => {
    await put('config.json', { profile: 'cabinet' });
    await put('profiles/cabinet.json', { environment: 'acc', language: 'fr' });
    await put('profiles/other.json', { environment: 'acc', language: 'de' });
    const nl = { LANG: 'nl_BE.UTF-8' };
    for (const env of [nl, { ...nl, TOPAZ_PROFILE: 'other' }, { ...nl, TOPAZ_PROFILE: 'none' }]) {
      const full = { ...home.env, ...env };
      const language = await preferredLanguage(undefined, undefined, testContext({ env: full }));
      expect(quick(['--help'], env)).toBe(quick(['--help', '--lang', language]));
    }
    expect(quick(['--help', '--lang=en'], nl)).toMatch(/^Certificates,/);
  });
});

test.each([
  [['cert']],
  [['cert', 'status']],
  [['crt', '--help']],
  [['cert', '--help', '--json']],
  [['cert', '--help', '--no-color']],
  [['cert', 'request', 'more', '--help']],
  [['--help', '--lang']],
  [['help', 'nothing']],
  [['cert', '--', '--help']],
  [['../../etc', '--help']],
])('%j is left to the program', (argv) => {
  expect(quick(argv)).toBeUndefined();
});

test('so is everything where colour is forced or the pages are missing', () => {
  expect(quick(['--help'], { FORCE_COLOR: '1' })).toBeUndefined();
  const options = { env: home.env, platform: process.platform, home: home.dir };
  expect(staticHelp(['--help'], { ...options, folder: home.dir })).toBeUndefined();
});
