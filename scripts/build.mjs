/**
 * Builds `dist/`: the program in pieces that load when they are needed, the child process that owns a
 * PKCS#11 module, and the session agent. Native and WebAssembly packages stay outside.
 *
 * Run by `npm run build` and by scripts/setup.sh when a source is newer than dist.
 */
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** Built beside, then moved in. */
const fresh = `${root}dist.${process.pid}`;

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'src/main.ts',
    'pkcs11-child': 'src/pkcs11/worker/child.ts',
    agent: 'src/agent/process.ts',
  },
  outdir: fresh,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Names of classes are shown in stacks, and errors carry theirs.
  minifyWhitespace: true,
  minifySyntax: true,
  external: ['pkcs11js', 'better-sqlite3', 'libxml2-wasm'],
  define: { TOPAZ_VERSION: JSON.stringify(version) },
  // Packages in CommonJS call require() for Node's own modules.
  banner: {
    js: "import{createRequire as topazRequire}from'node:module';const require=topazRequire(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
});

await writeFile(`${fresh}/meta.json`, JSON.stringify(metafile));

// The new pieces first, the entry points last: a command that starts or runs meanwhile finds all it needs.
// Pieces of an earlier build go once nothing can be running with them.
const dist = `${root}dist`;
await mkdir(dist, { recursive: true });
const entries = new Set(['main.js', 'pkcs11-child.js', 'agent.js', 'meta.json']);
const made = await readdir(fresh);
for (const name of [...made.filter((file) => !entries.has(file)), ...entries]) {
  await rename(`${fresh}/${name}`, `${dist}/${name}`);
}
await rmdir(fresh);
const stale = Date.now() - 60 * 60 * 1000;
for (const name of await readdir(dist)) {
  if (!made.includes(name) && (await stat(`${dist}/${name}`)).mtimeMs < stale) {
    await rm(`${dist}/${name}`, { recursive: true, force: true });
  }
}
