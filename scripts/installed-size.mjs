/**
 * How much an installed topaz takes: the files of its package, and those of every package that it needs to run. What
 * building native packages left behind does not count. Prints a line per package and the sum; `--json` for programs.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const npm = (args) =>
  execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const [packed] = JSON.parse(npm(['pack', '--dry-run', '--json', '--ignore-scripts']));

const current = currentPieces();
const own = packed.files
  .filter(({ path }) => !path.startsWith('dist/') || current.has(path.slice('dist/'.length)))
  .reduce((sum, { size }) => sum + size, 0);
// Optional peers of packages (`devOptional` here) are not installed for somebody who only runs topaz.
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const packages = Object.entries(lock.packages)
  .filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true)
  .map(([path]) => join(root, path))
  .filter((folder) => existsSync(folder))
  .map((folder) => ({ name: relative(join(root, 'node_modules'), folder), bytes: sizeOf(folder) }))
  .sort((a, b) => b.bytes - a.bytes);
const bytes = own + packages.reduce((sum, entry) => sum + entry.bytes, 0);

if (process.argv.includes('--json')) {
  console.log(
    JSON.stringify({ own, packages, bytes, files: packed.files.map(({ path }) => path) }),
  );
} else {
  for (const entry of [{ name: 'topaz', bytes: own }, ...packages]) {
    console.log(`${megabytes(entry.bytes).padStart(8)}  ${entry.name}`);
  }
  console.log(`${megabytes(bytes).padStart(8)}  in all`);
}

/** The files of the last build; a folder in use also holds those of builds before. */
function currentPieces() {
  const names = readdirSync(join(root, 'dist'));
  const newest = lstatSync(join(root, 'dist/meta.json')).mtimeMs;
  return new Set(
    names.filter((name) => lstatSync(join(root, 'dist', name)).mtimeMs > newest - 60_000),
  );
}

function sizeOf(folder) {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const leftOver =
        entry.name === 'node_modules' || /\/build\/Release\/(obj|obj\.target|\.deps)$/.test(path);
      sum += leftOver ? 0 : sizeOf(path);
    } else if (entry.isFile() && !/\/build\/(Release\/[^/]*\.a|[^/]*)$/.test(path)) {
      sum += lstatSync(path).size;
    }
  }
  return sum;
}

function megabytes(count) {
  return `${(count / 1e6).toFixed(1)} MB`;
}
