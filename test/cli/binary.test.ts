/** The built program as a real process: streams, signals, and what it loads. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { createHome } from '../support/binary.js';
import type { Home } from '../support/binary.js';

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

describe('version and help', () => {
  test('the version is that of the package, and nothing else', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    for (const argv of [['--version'], ['-V'], ['profile', '--version']]) {
      expect(await home.run(argv)).toEqual({ status: 0, stdout: `topaz ${version}\n`, stderr: '' });
    }
  });

  test('--version loads nothing of dist', async () => {
    expect(await loadedFiles(['--version'])).toEqual([]);
  });

  test.each([
    [[]],
    [['--help']],
    [['cert', '--help']],
    [['mycarenet', 'insurability', '--help', '--lang=nl']],
    [['help', 'glossary', '--lang', 'fr']],
  ])('%j loads nothing but the finder of pages', async (argv) => {
    const names = (await loadedFiles(argv)).map(({ url }) => url.split('/').at(-1));
    expect(names).toEqual(['static-help.js']);
  });

  // FORCE_COLOR: the pages as they stand have no colours.
  test.each([
    [['--help']],
    [['cert', '--help']],
    [['ehbox', 'sync', '--help']],
    [['mycarenet', 'insurability', '--help']],
    [['sandbox', 'start', '--help']],
    [['help', 'glossary', '--lang', 'fr']],
    [['doctor', '--help']],
    [['explain', 'E_PIN_LOCKED']],
    [['today', '--all-profiles']],
  ])('%j loads no heavy package', async (argv) => {
    const packages = await loadedPackages(argv, { FORCE_COLOR: '1' });
    const heavy = ['axios', 'node-forge', 'xml-crypto', '@inquirer/', 'ora', 'pkcs11js', 'libxml2-wasm', 'fast-xml-parser', 'better-sqlite3', 'undici']; // prettier-ignore
    expect(packages.filter((name) => heavy.some((start) => name.startsWith(start)))).toEqual([]);
    expect(packages).toContain('commander');
  });

  interface Loaded {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }

  /** Files of dist that a run loads, as V8 itself counts them. */
  async function loadedFiles(
    argv: readonly string[],
    env: Record<string, string> = {},
  ): Promise<readonly Loaded[]> {
    const folder = await mkdtemp(join(tmpdir(), 'topaz-coverage-'));
    try {
      expect((await home.run(argv, { env: { ...env, NODE_V8_COVERAGE: folder } })).status).toBe(0);
      const loaded = await Promise.all(
        (await readdir(folder)).map(async (name) => {
          const { result } = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
            result: readonly Loaded[];
          };
          return result;
        }),
      );
      return loaded
        .flat()
        .filter(({ url }) => /\/dist\/|\/node_modules\/|^file:\/\/\/core-/.test(url));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Packages in the pieces of dist that a run loads. */
  async function loadedPackages(
    argv: readonly string[],
    env: Record<string, string>,
  ): Promise<readonly string[]> {
    const { outputs } = JSON.parse(await readFile('dist/meta.json', 'utf8')) as {
      outputs: Record<string, { inputs: Record<string, unknown> }>;
    };
    const pieces = new Map(
      Object.entries(outputs).map(([file, { inputs }]) => [
        file.split('/').at(-1)?.replace(/\.js$/, ''),
        Object.keys(inputs),
      ]),
    );
    const inputsOf = (name: string): readonly string[] =>
      pieces.get(
        name
          .split('/')
          .at(-1)
          ?.replace(/\.m?js$/, ''),
      ) ?? [];
    const inputs = (await loadedFiles(argv, env)).flatMap(({ url, functions }) => {
      if (url.includes('/node_modules/')) {
        return [url];
      }
      // The core holds many pieces, each a function of its name.
      return /\/core-\w+\.js$/.test(url)
        ? functions
            .filter(({ functionName, ranges }) => functionName.startsWith('./') && ranges[0]?.count)
            .flatMap(({ functionName }) => inputsOf(functionName))
        : inputsOf(url);
    });
    return [...new Set(inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))].sort(); // prettier-ignore
  }
});

describe('streams', () => {
  const shell = (
    line: string,
    env: Record<string, string> = {},
  ): Promise<{ status: number | null; stdout: string; stderr: string }> =>
    new Promise((done, fail) => {
      const child = spawn('bash', ['-c', line], {
        cwd: home.dir,
        env: { ...home.env, ...env, TOPAZ: `${NODE} ${BIN}` },
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.on('error', fail);
      child.on('close', (status) => {
        done({ status, stdout, stderr });
      });
      child.stdin.end();
    });

  test('a reader that goes away is no failure', async () => {
    expect(await shell('$TOPAZ help flags | true; echo ${PIPESTATUS[0]}')).toMatchObject({
      stdout: '0\n',
      stderr: '',
    });
  });

  test('a full disk behind stdout is one', async () => {
    const { stdout, stderr } = await shell('$TOPAZ help flags > /dev/full; echo $?');
    expect(stdout).toBe('3\n');
    expect(stderr).toContain('[E_DISK_FULL]');
  });

  test('closed stdout and stderr do not crash', async () => {
    expect((await shell('$TOPAZ profile list >&- 2>&-; echo $?')).stdout).toMatch(/^\d+\n$/);
    expect((await shell('$TOPAZ crt 2>&-; echo $?')).stdout).toBe('2\n');
  });

  test('errors end with one document on the last line, stdout stays empty', async () => {
    const { status, stdout, stderr } = await home.run([
      'profile',
      'show',
      'nobody',
      '--json',
      '-v',
    ]);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      schema: 'topaz.error/1',
      error: { code: 'E_PROFILE_UNKNOWN', exitCode: 3 },
    });
  });

  test('a password by descriptor, file and variable; never inherited by a child', async () => {
    const status = await shell(
      'TOPAZ_PIN=86421 TOPAZ_KEYSTORE_PASSWORD=hunter86421 $TOPAZ sandbox start --detach --json --data "$PWD/d" > start.json; ' +
        'pid=$(node -p "require(\\"./start.json\\").pid"); tr "\\0" "\\n" < /proc/$pid/environ | grep -c 86421; ' +
        '$TOPAZ sandbox stop --data "$PWD/d" >/dev/null',
    );
    expect(status.stdout).toBe('0\n');
  });

  test('no file is made in the current folder, and all of the home is private', async () => {
    await home.run(['profile', 'create', 'cabinet', '--env', 'acc', '--use']);
    expect((await readdir(home.dir)).sort()).toEqual(['home', 'password', 'pin']);
    for (const entry of await readdir(home.path('home'), {
      recursive: true,
      withFileTypes: true,
    })) {
      const { mode } = await stat(join(entry.parentPath, entry.name));
      expect(mode & 0o077).toBe(0);
    }
  });

  test('a home that is none is a matter of configuration, and is named', async () => {
    const { status, stderr } = await home.run(['profile', 'create', 'x', '--env', 'acc'], {
      env: { TOPAZ_HOME: '/dev/null/nowhere' },
    });
    expect(status).toBe(3);
    expect(stderr).toContain('/dev/null/nowhere');
  });
});

describe('signals', () => {
  async function startWaiting(): Promise<ReturnType<typeof spawn>> {
    await home.json(['sandbox', 'card', 'create', '--out', home.path('card')]);
    await home.json(['sandbox', 'card', 'set', home.path('card'), 'present', 'false']);
    const child = spawn(NODE, [BIN, 'eid', 'read', '--wait', '60s'], {
      env: {
        ...home.env,
        TOPAZ_PROFILE: 'none',
        TOPAZ_PKCS11_MODULE: `sandbox:${home.path('card')}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // It says that it waits: only then it is worth interrupting.
    await once(child.stderr, 'data');
    return child;
  }

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a wait within a second, on one line, with %d', async (signal, expected) => {
    const child = await startWaiting();
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const from = Date.now();
    child.kill(signal);
    const [status] = (await once(child, 'close')) as [number | null];
    expect(status).toBe(expected);
    expect(stderr).toMatch(/^topaz: interrupted[^\n]* \[E_INTERRUPTED\]\n$/);
    expect(Date.now() - from).toBeLessThan(1500);
  });

  test('a secret that never comes does not keep a person from leaving', async () => {
    const child = spawn(NODE, [BIN, 'keystore', 'show', home.pinFile, '--password-fd', '0'], {
      env: home.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    await pause(600);
    child.kill('SIGINT');
    const [status] = (await once(child, 'close')) as [number | null];
    expect(status).toBe(130);
  });

  test('a second Ctrl-C leaves at once, even while a read blocks', async () => {
    await promisify(execFile)('mkfifo', ['-m', '600', home.path('never')]);
    const child = spawn(
      NODE,
      [BIN, 'keystore', 'show', home.pinFile, '--password-file', home.path('never')],
      {
        env: home.env,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    await pause(600);
    child.kill('SIGINT');
    await pause(200);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
    // A shell shows 130 for this end.
    expect({ status, signal }).toEqual({ status: null, signal: 'SIGINT' });
  });
});
