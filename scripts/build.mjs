/**
 * Builds `dist/`: the program in pieces that load when they are needed, the child process that owns a
 * PKCS#11 module, the session agent, and the pages of help as they stand. Native and WebAssembly packages stay
 * outside.
 *
 * Run by `npm run build` and by scripts/setup.sh when a source is newer than dist.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { build } from 'esbuild';

import { packCore, turnPieces } from './pieces.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** What nearly every command loads, and what `topaz today` needs beside. */
const CORE = [
  'src/main.ts',
  'src/program.ts',
  'src/cli/run.ts',
  'src/cli/secrets.ts',
  'src/profile/profile.ts',
  'src/commands/today/index.ts',
  'src/commands/today/read-day.ts',
  'src/commands/cert/status-source.ts',
  'src/lifecycle/replacement.ts',
  'src/lifecycle/request-store.ts',
  'src/lifecycle/keystore-digest.ts',
  'src/keystore/store.ts',
  'src/x509/certificate.ts',
  'src/commands/cert/index.ts',
  'src/commands/keystore/index.ts',
  'src/commands/ehbox/index.ts',
];

/** Built beside, then moved in. */
const fresh = `${root}dist.${process.pid}`;

const common = {
  absWorkingDir: root,
  outdir: fresh,
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node20',
  define: { TOPAZ_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
};

const { outputFiles, metafile } = await build({
  ...common,
  entryPoints: {
    main: 'src/main.ts',
    'pkcs11-child': 'src/pkcs11/worker/child.ts',
    agent: 'src/agent/process.ts',
  },
  splitting: true,
  format: 'esm',
  // Names of classes are shown in stacks, and errors carry theirs.
  minifyWhitespace: true,
  minifySyntax: true,
  external: ['pkcs11js', 'better-sqlite3', 'libxml2-wasm', '@napi-rs/keyring'],
  plugins: [catalogsAsText(), commanderWithoutChildren()],
  metafile: true,
});
// One small file, loaded before anything else.
const { outputFiles: quick } = await build({
  ...common,
  entryPoints: { 'static-help': 'src/cli/static-help.ts' },
  format: 'cjs',
  minify: true,
});

await mkdir(fresh, { recursive: true });
const pieces = [
  ...packCore(await turnPieces(outputFiles, metafile), metafile, CORE),
  { name: 'static-help.js', text: quick[0].text },
  { name: 'meta.json', text: JSON.stringify(metafile) },
  { name: 'package.json', text: '{"type":"commonjs"}\n' },
];
await Promise.all(pieces.map(({ name, text }) => writeFile(`${fresh}/${name}`, text)));
await writePages();

// The new pieces first, the entry points last: a command that starts or runs meanwhile finds all it needs.
// Pieces of an earlier build go once nothing can be running with them; with --clean at once, before packing.
const dist = `${root}dist`;
await mkdir(dist, { recursive: true });
const entries = new Set([
  'core.js',
  'static-help.js',
  'main.js',
  'pkcs11-child.js',
  'agent.js',
  'meta.json',
]);
const made = await readdir(fresh);
for (const name of [
  ...made.filter((file) => !entries.has(file) && file !== 'package.json'),
  'package.json',
  ...entries,
]) {
  await rename(`${fresh}/${name}`, `${dist}/${name}`);
}
await rmdir(fresh);
made.push(await writeCoreCache());
const stale = process.argv.includes('--clean') ? Infinity : Date.now() - 60 * 60 * 1000;
for (const name of await readdir(dist)) {
  if (!made.includes(name) && (await stat(`${dist}/${name}`)).mtimeMs < stale) {
    await rm(`${dist}/${name}`, { recursive: true, force: true });
  }
}

/** The help of every command and topic, one file per language: most often it is all that is wanted. */
async function writePages() {
  const { helpPages } = createRequire(import.meta.url)(`${fresh}/main.js`);
  for (const [language, pages] of Object.entries(await helpPages())) {
    const text = Object.entries(pages).map(([name, page]) => `\f${name}\n${page}\n`);
    await writeFile(`${fresh}/help.${language}.txt`, `${text.join('')}\f`);
  }
}

/** V8's code for what most commands load; gives the name of the file. */
async function writeCoreCache() {
  const home = await mkdtemp(join(tmpdir(), 'topaz-build-'));
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [`${root}scripts/core-cache.mjs`, dist],
      {
        env: {
          PATH: process.env.PATH,
          TOPAZ_HOME: home,
          TOPAZ_PROFILE: 'sandbox',
          TOPAZ_NO_AGENT: '1',
        },
      },
    );
    return stdout.trim().split('\n').at(-1);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** A catalog of a thousand texts is read faster as JSON than as an object of the language. */
function catalogsAsText() {
  return {
    name: 'catalogs-as-text',
    setup({ onLoad }) {
      onLoad(
        { filter: /src[\\/]cli[\\/]messages[\\/](en|fr|nl|de)[\\/]index\.ts$/ },
        async ({ path }) => {
          const { outputFiles: made, metafile: read } = await build({
            entryPoints: [path],
            bundle: true,
            write: false,
            format: 'cjs',
            platform: 'node',
            metafile: true,
            absWorkingDir: root,
          });
          const module = { exports: {} };
          new Function('module', 'exports', made[0].text)(module, module.exports);
          return {
            contents: `export const catalog = JSON.parse(${JSON.stringify(JSON.stringify(module.exports.catalog))});`,
            loader: 'js',
            watchFiles: Object.keys(read.inputs),
          };
        },
      );
    },
  };
}

/** The parser can start other programs as commands; we have none, and what that loads is paid by every command. */
function commanderWithoutChildren() {
  return {
    name: 'commander-without-children',
    setup({ onLoad }) {
      onLoad({ filter: /commander[\\/]lib[\\/]command\.js$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        const line = "const childProcess = require('node:child_process');";
        if (!source.includes(line)) {
          throw new Error(
            'commander loads child_process in another way now: see scripts/build.mjs',
          );
        }
        return { contents: source.replace(line, 'const childProcess = undefined;'), loader: 'js' };
      });
    },
  };
}
