/**
 * Runs the tests. `npm test`: all of them with small counts; `--deep`: the full counts
 * (TOPAZ_DEEP=1); `--unit`: those that start nothing. Other arguments go to jest.
 *
 * A unit test starts no other program, no process of ours, no sandbox and no server, neither by itself nor by a
 * module of `test` that it imports. What it imports decides, so that a list cannot become stale.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const own = new Set(['--deep', '--unit']);
const unitTests = args.includes('--unit') ? ['--runTestsByPath', ...findUnitTests()] : [];

const child = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings',
    `${root}node_modules/jest/bin/jest.js`,
    ...unitTests,
    ...args.filter((arg) => !own.has(arg)),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      TOPAZ_SHARED:
        process.env.TOPAZ_SHARED ?? fileURLToPath(new URL('../../shared', import.meta.url)),
      ...(args.includes('--deep') ? { TOPAZ_DEEP: '1' } : {}),
    },
  },
);
child.on('exit', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1;
});

function findUnitTests() {
  const STARTS =
    /node:child_process|node:http|node:net\b|\/src\/sandbox\/|\/src\/agent\/|hasProgram/;
  /** Too much work for a look between two edits, though nothing is started. */
  const LONG = ['test/etee/fuzz.test.ts', 'test/ehbox/sync.test.ts', 'test/ehbox/index.test.ts'];
  const files = readdirSync(join(root, 'test'), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(root, 'test', name));
  return files.filter(
    (file) =>
      !LONG.includes(relative(root, file)) &&
      ![...sourcesOf(file)].some((text) => STARTS.test(text)),
  );

  /** The text of a test and of what it imports from `test`; the support that only asks for a tool does not count. */
  function sourcesOf(file, seen = new Map()) {
    if (seen.has(file) || !existsSync(file)) {
      return seen.values();
    }
    const text = readFileSync(file, 'utf8');
    seen.set(file, text);
    for (const [, path] of text.matchAll(/from '(\.[^']+)\.js'/g)) {
      const imported = join(dirname(file), `${path}.ts`);
      if (imported.startsWith(join(root, 'test')) && !imported.endsWith('support/tools.ts')) {
        sourcesOf(imported, seen);
      }
    }
    return seen.values();
  }
}
