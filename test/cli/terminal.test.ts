/**
 * The built program on a pseudo-terminal (util-linux `script`): questions, colour, progress. What is shown is
 * judged as bytes.
 */

import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { createHome } from '../support/binary.js';
import type { Home } from '../support/binary.js';
import { hasProgram } from '../support/tools.js';

const BIN = resolve('bin/topaz.js');
const NODE = process.execPath;

let home: Home;

beforeEach(async () => {
  home = await createHome();
  home.env['LANG'] = 'C.UTF-8';
  delete home.env['TOPAZ_PROFILE'];
  delete home.env['CI'];
});

afterEach(async () => {
  await rm(home.dir, { recursive: true, force: true });
});

const pty = hasProgram('script', { required: false }) ? describe : describe.skip;

pty('on a terminal', () => {
  /** Types `keys`, each after the terminal has been quiet for a moment, and gives what was shown. */
  function type(
    argv: readonly string[],
    keys: readonly string[],
    env: Record<string, string> = {},
  ): Promise<{ status: number | null; shown: string }> {
    return new Promise((done, fail) => {
      const words = [NODE, BIN, ...argv].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
      const child = spawn('script', ['-qec', words.join(' '), '/dev/null'], {
        cwd: home.dir,
        env: { ...home.env, TERM: 'xterm', ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const left = [...keys];
      let shown = '';
      let timer: NodeJS.Timeout | undefined;
      child.stdout.on('data', (chunk: Buffer) => {
        shown += chunk.toString();
        clearTimeout(timer);
        timer = setTimeout(() => {
          const next = left.shift();
          if (next !== undefined) {
            child.stdin.write(next);
          }
        }, 150);
      });
      child.on('error', fail);
      child.on('close', (status) => {
        clearTimeout(timer);
        done({ status, shown });
      });
    });
  }

  test('a choice by arrow keys', async () => {
    const { status } = await type(['profile', 'create', 'cabinet'], ['\u001b[B\u001b[B\r']);
    expect(status).toBe(0);
    expect(await home.json(['profile', 'show', 'cabinet'])).toMatchObject({
      profile: { environment: 'acc' },
    });
  });

  test('a numbered list in plain mode', async () => {
    const { status } = await type(['profile', 'create', 'cabinet', '--plain'], ['4\r']);
    expect(status).toBe(0);
    expect(await home.json(['profile', 'show', 'cabinet'])).toMatchObject({
      profile: { environment: 'prod' },
    });
  });

  test('Ctrl-C at a question changes nothing: one line, 130', async () => {
    await home.json(['profile', 'create', 'cabinet', '--env', 'acc']);
    const { status, shown } = await type(['profile', 'remove', 'cabinet'], ['\u0003']);
    expect(status).toBe(130);
    expect(shown.match(/\[E_INTERRUPTED\]/g)).toHaveLength(1);
    expect((await home.run(['profile', 'show', 'cabinet'])).status).toBe(0);
  });

  test.each([
    ['fr', 'o', 0],
    ['de', 'ja', 0],
    ['fr', '', 2],
  ])('a confirmation in %s answered with %j: %d', async (lang, answer, expected) => {
    await home.json(['profile', 'create', 'cabinet', '--env', 'acc']);
    const { status, shown } = await type(
      ['profile', 'remove', 'cabinet', '--lang', lang],
      [`${answer}\r`],
    );
    expect({ status, shown }).toMatchObject({ status: expected });
  });

  test('data on stdin does not prevent a question: the terminal itself is asked', async () => {
    await home.json(['profile', 'create', 'cabinet', '--env', 'acc']);
    const inner = `printf data | '${NODE}' '${BIN}' profile remove cabinet`;
    await writeFile(home.path('inner.sh'), inner);
    const { status } = await new Promise<{ status: number | null }>((done) => {
      const child = spawn('script', ['-qec', `sh ${home.path('inner.sh')}`, '/dev/null'], {
        cwd: home.dir,
        env: { ...home.env, TERM: 'xterm' },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let typed = false;
      child.stdout.on('data', (chunk: Buffer) => {
        if (!typed && chunk.toString().includes('(y/N)')) {
          typed = true;
          setTimeout(() => child.stdin.write('y\r'), 150);
        }
      });
      child.on('close', (code) => {
        done({ status: code });
      });
    });
    expect(status).toBe(0);
    expect((await home.run(['profile', 'show', 'cabinet'])).status).toBe(3);
  });

  test('a password is not shown, neither while it is typed nor afterwards', async () => {
    await home.json(['profile', 'create', 'cabinet', '--env', 'acc', '--use']);
    await writeFile(home.path('some.p12'), 'not a keystore', { mode: 0o600 });
    const { status, shown } = await type(
      ['keystore', 'show', home.path('some.p12')],
      // Ctrl-T is the library's own key for showing it.
      ['hunter\u001486421\r'],
    );
    expect(status).not.toBe(0);
    expect(shown).not.toMatch(/hunter|86421|masked|visibility/);
  });

  test.each([
    ['CI', '1'],
    ['TOPAZ_NO_INPUT', '1'],
  ])('%s=%s: nothing is asked', async (name, value) => {
    const { status, shown } = await type(['profile', 'create', 'x'], [], { [name]: value });
    expect(status).toBe(2);
    expect(shown).toContain('[E_INPUT_REQUIRED]');
  });

  test.each([
    ['NO_COLOR', { NO_COLOR: '1' }, false],
    ['TERM=dumb', { NO_COLOR: '', TERM: 'dumb' }, false],
    ['a colour terminal', { NO_COLOR: '' }, true],
  ])('%s: colour %j', async (_, env, coloured) => {
    const { shown } = await type(['crt'], [], env);
    // eslint-disable-next-line no-control-regex -- escape sequences are what is looked for
    expect(/\u001b\[3\dm/.test(shown)).toBe(coloured);
  });

  test('a terminal gets headings and an indented document', async () => {
    await home.json(['profile', 'create', 'cabinet', '--env', 'acc']);
    expect((await type(['profile', 'list'], [])).shown).toContain('PROFILE  ENVIRONMENT');
    expect((await type(['profile', 'list', '--json'], [])).shown).toContain('{\r\n  "schema"');
  });

  describe('a step that takes its time', () => {
    const slow = async (...argv: string[]): Promise<string> => {
      await home.json(['sandbox', 'card', 'create', '--out', home.path('card')]);
      await home.json(['sandbox', 'card', 'set', home.path('card'), 'delayMs', '200']);
      const env = { TOPAZ_PKCS11_MODULE: `sandbox:${home.path('card')}`, TOPAZ_PROFILE: 'none' };
      const { status, shown } = await type(['eid', 'certs', ...argv], [], env);
      expect(status).toBe(0);
      return shown;
    };

    // The pseudo-terminal has no width: a spinner must not turn for ever on such a line.
    test('turns, then stands as one line with its time', async () => {
      const shown = await slow('--chain');
      expect(shown).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] Reading the certificates …/);
      expect(shown).toMatch(/✓ Reading the certificates \(\d\.\d s\)/);
    });

    test('is a sentence in plain mode', async () => {
      const plain = await slow('--plain');
      expect(plain).toContain('Reading the certificates …\r\n');
      expect(plain).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏✓]/);
    });

    test.each(['--quiet', '--json'])('is nothing under %s', async (flag) => {
      expect(await slow(flag)).not.toContain('Reading');
    });
  });
});
