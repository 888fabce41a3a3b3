/**
 * Runs the benches: every folder here with a `bench.mjs`, one after the other, and writes
 * `bench/results.json`. `npm run bench [-- NAME…] [-- --smoke]`; `--smoke` runs each for seconds only, to
 * see that it lives: its figures mean nothing, and no file is written.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';

import { runProgram } from './support/measure.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const args = process.argv.slice(2);
const smoke = args.includes('--smoke');
const wanted = args.filter((arg) => !arg.startsWith('--'));

const names = readdirSync(here)
  .filter((name) => existsSync(`${here}${name}/bench.mjs`))
  .filter((name) => wanted.length === 0 || wanted.includes(name));

const results = [];
for (const name of names) {
  const { stdout } = await runProgram(
    process.execPath,
    ['--expose-gc', `${here}${name}/bench.mjs`, ...(smoke ? ['--smoke'] : [])],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  results.push(JSON.parse(stdout.trim().split('\n').at(-1)));
}

if (!smoke && wanted.length === 0) {
  const machine = {
    node: process.version,
    system: `${process.platform} ${process.arch} ${release()}`,
    cores: cpus().length,
  };
  writeFileSync(
    `${here}results.json`,
    `${JSON.stringify({ schema: 'topaz.bench/1', measuredAt: new Date().toISOString(), machine, results }, null, 2)}\n`,
  );
}
console.error(
  `\n${results.length} benches ran${smoke ? ' (smoke: the figures mean nothing)' : ''}`,
);
