/** `topaz completion`: loaded and exercised in the shells that are here; the others are read. */

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { printValues } from '../../../src/commands/completion/complete.js';
import { describeTree } from '../../../src/commands/completion/describe-tree.js';
import { main } from '../../../src/main.js';
import { createWholeProgram } from '../../../src/program.js';
import { testContext } from '../../support/context.js';
import { hasProgram } from '../../support/tools.js';

const run = promisify(execFile);
let dir: string;

async function script(shell: string): Promise<string> {
  const ctx = testContext();
  expect(await main(['completion', shell], ctx)).toBe(0);
  return ctx.stdout.join('\n');
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'topaz-complete-'));
  await writeFile(join(dir, 'letter.pdf'), '');
  await writeFile(join(dir, "l'été 2.pdf"), '');
  await mkdir(join(dir, 'letters'));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

describe('bash', () => {
  let file: string;
  beforeAll(async () => {
    file = join(dir, 'topaz.bash');
    await writeFile(file, await script('bash'));
  });

  /** What the shell would offer for the last word; `topaz` itself is played by a function. */
  async function complete(...words: readonly string[]): Promise<readonly string[]> {
    const program = `
      set -u
      topaz() { [ "$1" = __complete ] && printf '%s\\n' "$2-one" "$2 two"; }
      source "$1"; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _topaz
      printf '%s\\n' "\${COMPREPLY[@]+"\${COMPREPLY[@]}"}"`;
    const { stdout, stderr } = await run(
      'bash',
      ['--norc', '--noprofile', '-c', program, 'bash', file, 'topaz', ...words],
      { cwd: dir },
    );
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('is sound, and registers itself', async () => {
    await run('bash', ['-n', file]);
    const { stdout } = await run('bash', ['-c', `source "${file}" && complete -p topaz`]);
    expect(stdout.trim()).toBe('complete -F _topaz topaz');
  });

  test.each([
    [['doc'], ['doctor']],
    [
      ['cert', 're'],
      ['request', 'renew', 'revoke'],
    ],
    [['session', 'agent', ''], ['status']],
    [['cert', 'request', '--acc'], ['--accept-terms']],
    [['cert', 'request', '--as', 'org'], ['organisation']],
    [
      ['--lang', ''],
      ['fr', 'nl', 'de', 'en'],
    ],
    [['--lang', 'fr', 'cert', 'sta'], ['status']],
    [['cert', '--env', 'a'], ['acc']],
    [['--env', '=', 'pr'], ['prod']],
    [['completion', 'p'], ['powershell']],
    [['help', 'gloss'], ['glossary']],
    [
      ['-p', ''],
      ['profiles-one', 'profiles\\ two'],
    ],
    [['keystore', 'show', 'keystores-'], ['keystores-one']],
    [
      ['seal', 'let'],
      ['letter.pdf', 'letters'],
    ],
    [['seal', '--out', 'l'], expect.arrayContaining(['letter.pdf', "l'été 2.pdf"])],
    [['cert', 'status', '--', '--j'], []],
    [['explain', ''], []],
    [['nonsense', ''], expect.arrayContaining(['cert', 'doctor'])],
  ] as const)('%j offers %j', async (words, expected) => {
    const found = await complete(...words);
    expect(Array.isArray(expected) ? [...found].sort() : found).toEqual(Array.isArray(expected) ? [...expected].sort() : expected); // prettier-ignore
  });

  test('every command and flag of the tree is offered', async () => {
    const program = await createWholeProgram(testContext());
    const tree = describeTree(program, (key) => key);
    const paths = tree.filter(({ path }) => path !== '');
    const places = paths.map(({ path }) => path).join('\n');
    const { stdout } = await run('bash', ['-c', `source "${file}"; while IFS= read -r path; do _topaz_flags "$path" | tr '\\n' ' '; echo; done <<< "$1"`, 'bash', places]); // prettier-ignore
    const lines = stdout.trimEnd().split('\n');
    const missing = paths.flatMap(({ path, flags }, index) =>
      flags
        .filter(({ long }) => !(lines[index] ?? '').split(' ').includes(long))
        .map(({ long }) => `${path} ${long}`),
    );
    expect(missing).toEqual([]);
    expect(lines.every((line) => line.split(' ').includes('--json'))).toBe(true);
  });
});

const zsh = hasProgram('zsh') ? test : test.skip;
zsh('zsh takes its script', async () => {
  const file = join(dir, 'topaz.zsh');
  await writeFile(file, await script('zsh'));
  await run('zsh', ['-n', file]);
  await run('zsh', ['-fc', `autoload -U compinit; compinit -D; source "${file}"; [[ "$_comps[topaz]" == _topaz ]]`]); // prettier-ignore
});

const fish = hasProgram('fish') ? test : test.skip;
fish('fish takes its script, and offers verbs', async () => {
  const file = join(dir, 'topaz.fish');
  await writeFile(file, await script('fish'));
  const { stdout } = await run('fish', ['--no-config', '-c', `source "${file}"; complete -C 'topaz cert re'`]); // prettier-ignore
  expect(stdout).toContain('request');
});

const powershell = hasProgram('pwsh', { required: false }) ? test : test.skip;
powershell('PowerShell takes its script, and offers verbs', async () => {
  const file = join(dir, 'topaz.ps1');
  await writeFile(file, await script('powershell'));
  const { stdout } = await run('pwsh', ['-NoProfile', '-Command', `. '${file}'; (TabExpansion2 'topaz cert re' 13).CompletionMatches.CompletionText`]); // prettier-ignore
  expect(stdout).toContain('request');
});

test.each(['zsh', 'fish', 'powershell'])('the script of %s names every command', async (shell) => {
  const text = await script(shell);
  const program = await createWholeProgram(testContext());
  const tree = describeTree(program, (key) => key);
  expect(
    tree.filter(({ path }) => !text.includes(path.split(' ').at(-1) ?? '')).map(({ path }) => path),
  ).toEqual([]);
  expect(text).not.toMatch(/undefined|\[object/);
});

test('words that commands check themselves are those of their help', async () => {
  const program = await createWholeProgram(testContext());
  const all = describeTree(program, (key) => key).flatMap(({ flags }) => flags);
  const reason = all.find(({ long }) => long === '--reason');
  expect(reason?.value?.kind).toBe('words');
  const words = reason?.value?.kind === 'words' ? reason.value.words : [];
  expect(reason?.description).toBe(`why: ${words.join(', ')}`);
});

test('one document with --json; another shell is refused with the names', async () => {
  const ctx = testContext();
  expect(await main(['completion', 'bash', '--json'], ctx)).toBe(0);
  expect(JSON.parse(ctx.stdout.join('\n'))).toMatchObject({ schema: 'topaz.completion/1', shell: 'bash' }); // prettier-ignore
  const other = testContext();
  expect(await main(['completion', 'tcsh'], other)).toBe(2);
  expect(other.stderr.join('\n')).toContain('powershell');
});

describe('values from this machine', () => {
  const values = async (
    kind: string | undefined,
    env: Record<string, string>,
  ): Promise<readonly string[]> => {
    const ctx = testContext({ env: { TOPAZ_HOME: join(dir, 'home'), ...env } });
    await printValues(ctx, kind);
    expect(ctx.stderr).toEqual([]);
    return ctx.stdout;
  };

  beforeAll(async () => {
    const file = async (path: string, text: string): Promise<void> => {
      await mkdir(join(dir, 'home', path, '..'), { recursive: true });
      await writeFile(join(dir, 'home', path), text);
    };
    await file('config/profiles/cabinet.json', '{"schema":"topaz.profile/1","environment":"acc"}');
    await file('config/profiles/broken.json', '{');
    await file('config/config.json', '{"schema":"topaz.profile/1","profile":"cabinet"}');
    await file('data/cabinet/keystores/SSIN=79021599732 1.p12', '');
    await file('data/cabinet/ehbox/acc/box/messages/received/9Y0001A7F3K02/meta.json', '{}');
  });

  test.each([
    ['profiles', ['broken', 'cabinet']],
    ['keystores', ['SSIN=79021599732 1']],
    ['messages', ['9Y0001A7F3K02']],
    ['nothing', []],
    [undefined, []],
  ])('%s', async (kind, expected) => {
    expect(await values(kind, {})).toEqual(expected);
  });

  test('silence when something is damaged', async () => {
    expect(await values('messages', { TOPAZ_PROFILE: 'broken' })).toEqual([]);
    expect(await values('keystores', { TOPAZ_PROFILE: 'nobody' })).toEqual([]);
    expect(await values('profiles', { TOPAZ_HOME: '/dev/null/x' })).toEqual([]);
  });

  test('topaz __complete is no command that help lists', async () => {
    const ctx = testContext({ env: { TOPAZ_HOME: join(dir, 'home') } });
    expect(await main(['__complete', 'profiles'], ctx)).toBe(0);
    expect(ctx.stdout).toEqual(['broken', 'cabinet']);
    const help = testContext();
    await main(['--help'], help);
    expect(help.stdout.join('\n')).not.toContain('__complete');
  });
});
