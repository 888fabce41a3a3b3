/**
 * Writes `docs/cli/*.md` and `man/*.1` from the tree of commands, in English. Files that belong to no command any
 * more are removed.
 *
 * With `--check` nothing is written: what is stale is named, and the exit status is 1.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build } from 'esbuild';

import { manPage, markdownIndex, markdownPage, rootManPage } from './pages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8'));

/** Bundled with the sources: plain values come out. */
const ENTRY = `
import { argumentRow, extraText, optionRow, pathNames, summaryOf, usage } from './src/cli/help.js';
import { createTranslate, loadCatalog } from './src/cli/messages/catalog.js';
import { GLOBAL_FLAGS } from './src/cli/global-flags.js';
import { TOPICS, EXIT_MEANINGS } from './src/commands/help/topics.js';
import { EXIT } from './src/errors.js';
import { createWholeProgram, NOUNS } from './src/program.js';

export async function pages() {
  const t = createTranslate(await loadCatalog('en'), 'en');
  const program = await createWholeProgram({});
  const all = (command) => [command, ...command.commands.flatMap(all)];
  const rows = (list) => list.map((row) => row.map((cell) => cell.trim()));
  return {
    summary: t('frame.root'),
    groups: ['card', 'session', 'services', 'settings', 'trying'].map((group) => ({
      title: t('frame.group.' + group),
      nouns: NOUNS.filter((noun) => noun.group === group).map(({ name }) => name),
    })),
    flags: rows(GLOBAL_FLAGS.map(({ flags, description, env }) => [flags, env === undefined ? description : description + ' (' + env + ')'])),
    exits: Object.entries(EXIT).map(([family, status]) => [String(status), family + ': ' + EXIT_MEANINGS[family]]),
    topics: TOPICS.map(({ name, lines }) => ({ name, lines: lines('en') })),
    commands: program.commands.flatMap(all).map((command) => ({
      path: pathNames(command).join(' '),
      summary: summaryOf(command, t),
      usage: usage(command, pathNames(command)),
      ...extraText(command),
      arguments: rows(command.registeredArguments.map((argument) => argumentRow(argument, t))),
      flags: rows(command.options.filter(({ hidden }) => !hidden).map((option) => optionRow(option, t))),
      children: command.commands.map((child) => ({ path: pathNames(child).join(' '), summary: summaryOf(child, t) })),
    })),
  };
}
`;

const pages = await describePages();
const wanted = new Map([
  ['docs/cli/README.md', markdownIndex(pages)],
  ...pages.commands.map((page) => [`docs/cli/${fileName(page)}.md`, markdownPage(page)]),
  ['man/topaz.1', rootManPage(pages, version)],
  ...pages.commands.map((page) => [`man/${fileName(page)}.1`, manPage(page, version)]),
]);

const stale = [];
for (const folder of ['docs/cli', 'man']) {
  await mkdir(join(root, folder), { recursive: true });
  for (const name of await readdir(join(root, folder))) {
    if (!wanted.has(`${folder}/${name}`)) {
      stale.push(`${folder}/${name}`);
      if (!check) {
        await rm(join(root, folder, name));
      }
    }
  }
}
for (const [path, text] of wanted) {
  const old = await readFile(join(root, path), 'utf8').catch(() => undefined);
  if (old !== text) {
    stale.push(path);
    if (!check) {
      await writeFile(join(root, path), text);
    }
  }
}
if (check && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}\nrun: npm run docs`);
  process.exitCode = 1;
}

/** `topaz-cert-request`, after the names of manual pages. */
function fileName({ path }) {
  return `topaz-${path.replaceAll(' ', '-')}`;
}

/** The tree as plain values, from the sources themselves. */
async function describePages() {
  const folder = await mkdtemp(join(root, 'node_modules', '.topaz-docs-'));
  try {
    const outfile = join(folder, 'tree.mjs');
    await build({
      absWorkingDir: root,
      stdin: { contents: ENTRY, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      external: ['pkcs11js', 'better-sqlite3', 'libxml2-wasm', '@napi-rs/keyring'],
      define: { TOPAZ_VERSION: JSON.stringify(version) },
      banner: {
        js: "import{createRequire as topazRequire}from'node:module';const require=topazRequire(import.meta.url);",
      },
      logLevel: 'warning',
    });
    const { pages: describe } = await import(pathToFileURL(outfile).href);
    return await describe();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
