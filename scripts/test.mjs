/**
 * Runs the tests. `npm test`: all of them with small counts; `--deep`: the full counts
 * (TOPAZ_DEEP=1); `--unit`: without tokens, sandbox and journeys. Other arguments go to jest.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const own = new Set(['--deep', '--unit']);
const unitOnly = args.includes('--unit')
  ? ['--testPathIgnorePatterns', 'test/(journey|conformance|sandbox|pkcs11|eid)', '/node_modules/']
  : [];

const child = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings',
    `${root}node_modules/jest/bin/jest.js`,
    ...unitOnly,
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
