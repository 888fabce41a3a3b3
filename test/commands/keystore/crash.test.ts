/**
 * The built program on a disk that fails, or cut off in the middle of `keystore passwd` and `remove`: strace
 * makes the system calls fail or kills the process at them. No key may ever be lost.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { holdsTheSame } from '../../../src/keystore/compare.js';
import { readKeystore, writeKeystore } from '../../../src/keystore/keystore.js';
import { hasProgram } from '../../support/tools.js';
import { bytes, doctorKeystore, PASSWORD, run } from '../../keystore/fixtures.js';
import type { Ran } from '../../keystore/fixtures.js';

const NEW = 'another one, of words';
const root = mkdtempSync(join(tmpdir(), 'topaz-crash-'));
const original = await writeKeystore(doctorKeystore(), bytes(PASSWORD));
let count = 0;
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Tracing is forbidden in some containers. */
function canTrace(): boolean {
  try {
    execFileSync('strace', ['-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

interface Place {
  readonly keystores: string;
  readonly path: string;
  /** Runs topaz with a fault in its way. */
  readonly topaz: (argv: readonly string[], fault?: string) => Promise<Ran>;
}

async function place(): Promise<Place> {
  const dir = join(root, String((count += 1)));
  const keystores = join(dir, 'data', 'cabinet', 'keystores');
  await mkdir(keystores, { recursive: true });
  const path = join(keystores, 'doctor.p12');
  await writeFile(path, original, { mode: 0o600 });
  await writeFile(join(dir, 'pw'), `${PASSWORD}\n`, { mode: 0o600 });
  await writeFile(join(dir, 'new'), `${NEW}\n`, { mode: 0o600 });
  // strace counts calls by thread: one thread for files makes the moments exact.
  const env = [
    `TOPAZ_HOME=${dir}`,
    'TOPAZ_PROFILE=cabinet',
    'TOPAZ_LANG=en',
    'UV_THREADPOOL_SIZE=1',
  ];
  return {
    keystores,
    path,
    topaz: (argv, fault) =>
      run('env', [
        ...env,
        ...(fault === undefined ? [] : ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `inject=${fault}`]),
        process.execPath, resolve('bin/topaz.js'), 'keystore', ...argv,
        '--json',
      ]), // prettier-ignore
  };
}

const passwd = (dir: string): readonly string[] => [
  'passwd', 'doctor', '--password-file', join(dir, '../../../pw'), '--new-password-file', join(dir, '../../../new'),
]; // prettier-ignore

async function opens(path: string, password: string): Promise<boolean> {
  try {
    const keystore = await readKeystore(await readFile(path), bytes(password));
    return holdsTheSame(keystore, doctorKeystore());
  } catch {
    return false;
  }
}

const traced = hasProgram('strace') && canTrace() ? describe : describe.skip;

traced('passwd', () => {
  test.each(['fsync:error=ENOSPC', 'rename:error=ENOSPC:when=2', 'link:error=ENOSPC:when=2'])(
    'on a disk that fails (%s): the keystore is as it was, and nothing lies about',
    async (fault) => {
      const { keystores, path, topaz } = await place();
      const { status, stderr } = await topaz(passwd(keystores), fault);
      expect({ status, stderr }).toMatchObject({ status: 3 });
      expect(stderr).toContain('E_DISK_FULL');
      expect(Buffer.compare(await readFile(path), original)).toBe(0);
      expect((await readdir(keystores)).filter((name) => name.startsWith('.'))).toEqual([]);
    },
  );

  test.each(['fsync:signal=KILL:when=1', 'rename:signal=KILL:when=2', 'fsync:signal=KILL:when=5'])(
    'cut off (%s): it opens with the old password or the new one, and works again',
    async (fault) => {
      const { keystores, path, topaz } = await place();
      expect((await topaz(passwd(keystores), fault)).status).not.toBe(0);
      const changed = await opens(path, NEW);
      expect(changed || (await opens(path, PASSWORD))).toBe(true);
      if (!changed) {
        expect((await topaz(passwd(keystores))).status).toBe(0);
        expect(await opens(path, NEW)).toBe(true);
      }
    },
  );
});

traced('remove', () => {
  test.each(['fsync:error=ENOSPC', 'fsync:signal=KILL:when=1', 'unlink:signal=KILL:when=1'])(
    'cut off (%s): the keystore, or its copy, is there',
    async (fault) => {
      const { keystores, path, topaz } = await place();
      expect((await topaz(['remove', 'doctor', '--yes'], fault)).status).not.toBe(0);
      const there = await readFile(path).catch(() => undefined);
      expect(there !== undefined && Buffer.compare(there, original) === 0).toBe(true);
      expect((await topaz(['remove', 'doctor', '--yes'])).status).toBe(0);
      const backups = join(keystores, 'backups');
      const copies = (await readdir(backups)).filter((name) => !name.startsWith('.'));
      expect(Buffer.compare(await readFile(join(backups, copies[0]!)), original)).toBe(0);
    },
  );
});
