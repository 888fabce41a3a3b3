/**
 * Writes V8's code for the core of a build, after a few commands have run: what they needed is compiled by then.
 *
 * Run by scripts/build.mjs as a process of its own, with a home that is thrown away: `core-cache.mjs DIST`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';

const require = createRequire(import.meta.url);
const [dist] = process.argv.slice(2);
const core = require(`${dist}/core.js`);
const { start } = require(`${dist}/main.js`);

const lines = [
  'profile create sandbox --env sandbox',
  'profile list',
  'today',
  'keystore list',
  'session status',
  'ehbox list',
];
for (const line of lines) {
  await start(line.split(' '));
}
const file = core.file.replace(/\.js$/, `.${process.version}-${process.arch}.cache`);
writeFileSync(`${file}.new`, core.script.createCachedData());
renameSync(`${file}.new`, file);
process.stdout.write(`${basename(file)}\n`, () => process.exit(0));
