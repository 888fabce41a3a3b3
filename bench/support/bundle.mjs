/**
 * Makes a program of the benches loadable: TypeScript sources bundled once into one file outside the tree,
 * the way the product itself is built.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Bundles one entry and gives the path of the result.
 *
 * @param {string} entry - path from the root of the repository, for example `bench/xml/subject.ts`.
 * @returns {Promise<{path: string, dispose: () => Promise<void>}>}
 */
export async function bundle(entry) {
  const folder = await mkdtemp(join(tmpdir(), 'topaz-bench-'));
  const path = join(folder, 'bundle.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['pkcs11js', 'better-sqlite3', 'libxml2-wasm', '@napi-rs/keyring'],
    banner: {
      js: "import{createRequire as topazRequire}from'node:module';const require=topazRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return { path, dispose: () => rm(folder, { recursive: true, force: true }) };
}
