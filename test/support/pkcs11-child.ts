/**
 * The child process of `src/pkcs11`, built from the sources for tests that run without `dist`.
 *
 * @module
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Builds the child once per test file; it stands below `node_modules`, so that pkcs11js is found. */
export function buildPkcs11Child(): string {
  const cache = resolve('node_modules/.cache/topaz');
  mkdirSync(cache, { recursive: true });
  const file = join(mkdtempSync(join(cache, 'child-')), 'pkcs11-child.mjs');
  execFileSync(resolve('node_modules/.bin/esbuild'), [
    'src/pkcs11/worker/child.ts',
    '--bundle',
    '--platform=node',
    '--format=esm',
    '--target=node20',
    '--external:pkcs11js',
    '--log-level=error',
    `--outfile=${file}`,
  ]);
  return file;
}
