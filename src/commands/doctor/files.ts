/**
 * The files of topaz: who can reach them, and what killed commands left behind. `--fix` mends all three.
 *
 * @module
 */

import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

import type { Run } from '../../cli/run.js';
import { lockState, removeStaleLock } from '../../disk/lock.js';
import { checksOf, examine } from './check.js';
import type { Check } from './check.js';

const check = checksOf('machine');

/** Anybody's but the owner's. */
const OTHERS = 0o077;
/** Certificates alone, which are public: others may read them. */
const PUBLIC = /\.crt$/;
const WRITE_OF_OTHERS = 0o022;
/** Names that files have until they are complete, and that locks have while they are made or taken over. */
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.(tmp|new)$|(^|\.)lock\.([0-9a-f]{12}|takeover)$/;
const LOCK = /(^|\.)lock$/;
/** A command that still writes is done by then. */
const YOUNG_MS = 10 * 60_000;

interface Found {
  /** Files and folders. */
  entries: number;
  /** Reached by others than their owner. */
  readonly open: { readonly path: string; readonly mode: number }[];
  /** Owned by another user. */
  readonly foreign: string[];
  readonly stale: string[];
  held: number;
  readonly leftovers: string[];
}

/** Looks through every folder of topaz once. Nothing is changed without `fix`. */
export async function examineFiles(
  run: Run,
  { fix = false }: { readonly fix?: boolean | undefined },
): Promise<readonly Check[]> {
  const found: Found = { entries: 0, open: [], foreign: [], stale: [], held: 0, leftovers: [] };
  for (const root of rootsOf(run)) {
    await look(root, run.ctx.now().getTime() - YOUNG_MS, found);
  }
  const parts = { permissions, locks, leftovers };
  const checks: Check[] = [];
  for (const [id, part] of Object.entries(parts)) {
    const own = await examine(run, { id, group: 'machine' }, async () => [
      await part(run, found, fix),
    ]);
    checks.push(...own);
  }
  return checks;
}

/** Folders that are not below another one of them. */
function rootsOf({ paths }: Run): readonly string[] {
  const all = [...new Set([paths.config, paths.data, paths.state, paths.cache])];
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}${sep}`)));
}

async function look(path: string, youngFrom: number, found: Found): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  // A link leads elsewhere: what is there is not ours to judge.
  if (stats === undefined || stats.isSymbolicLink()) {
    return;
  }
  found.entries += 1;
  judge(path, stats, found);
  if (stats.isFile()) {
    await judgeFile(path, stats, youngFrom, found);
  }
  // Thousands of messages lie behind a folder that is closed itself.
  if (stats.isDirectory() && basename(dirname(path)) !== 'messages') {
    for (const name of await readdir(path).catch(() => [])) {
      await look(join(path, name), youngFrom, found);
    }
  }
}

function judge(path: string, { mode, uid }: Stats, found: Found): void {
  const own = process.getuid?.();
  if (own !== undefined && uid !== own) {
    found.foreign.push(path);
  } else if ((mode & (PUBLIC.test(path) ? WRITE_OF_OTHERS : OTHERS)) !== 0) {
    found.open.push({ path, mode: mode & 0o777 });
  }
}

async function judgeFile(
  path: string,
  { mtimeMs }: Stats,
  youngFrom: number,
  found: Found,
): Promise<void> {
  const name = basename(path);
  if (TEMPORARY.test(name)) {
    if (mtimeMs < youngFrom) {
      found.leftovers.push(path);
    }
  } else if (LOCK.test(name)) {
    const state = await lockState(path);
    if (state === 'stale') {
      found.stale.push(path);
    } else if (state === 'held') {
      found.held += 1;
    }
  }
}

const FIX = 'topaz doctor --fix';

async function permissions(
  run: Run,
  { entries, open, foreign }: Found,
  fix: boolean,
): Promise<Check> {
  const { t } = run;
  const id = 'permissions';
  if (run.ctx.platform === 'win32') {
    return check(id, 'skipped', t('doctor.permissions.windows'));
  }
  if (entries === 0) {
    return check(id, 'skipped', t('doctor.permissions.nothing'));
  }
  const [other] = foreign;
  if (other !== undefined) {
    return check(id, 'failed', t('doctor.permissions.foreign', { count: foreign.length, path: other }), t('doctor.permissions.next')); // prettier-ignore
  }
  const [first] = open;
  if (first === undefined) {
    return check(id, 'ok', t('doctor.permissions.ok'));
  }
  if (!fix) {
    return check(id, 'failed', t('doctor.permissions.open', { count: open.length, path: first.path }), FIX); // prettier-ignore
  }
  for (const { path, mode } of open) {
    await chmod(path, mode & ~OTHERS);
  }
  return mended(id, t('doctor.permissions.fixed', { count: open.length }));
}

async function locks({ t }: Run, { stale, held }: Found, fix: boolean): Promise<Check> {
  const id = 'locks';
  const [first] = stale;
  if (first === undefined) {
    return check(id, 'ok', held === 0 ? t('doctor.locks.ok') : t('doctor.locks.held', { count: held })); // prettier-ignore
  }
  if (!fix) {
    return check(id, 'warning', t('doctor.locks.stale', { count: stale.length, path: first }), FIX);
  }
  for (const path of stale) {
    await removeStaleLock(path);
  }
  return mended(id, t('doctor.locks.fixed', { count: stale.length }));
}

async function leftovers({ t }: Run, { leftovers: paths }: Found, fix: boolean): Promise<Check> {
  const id = 'leftovers';
  const [first] = paths;
  if (first === undefined) {
    return check(id, 'ok', t('doctor.leftovers.ok'));
  }
  if (!fix) {
    return check(id, 'warning', t('doctor.leftovers.found', { count: paths.length, path: first }), FIX); // prettier-ignore
  }
  for (const path of paths) {
    await rm(path, { force: true });
  }
  return mended(id, t('doctor.leftovers.fixed', { count: paths.length }));
}

const mended = (id: string, summary: string): Check => ({
  ...check(id, 'ok', summary),
  fixed: true,
});
