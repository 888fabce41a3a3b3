import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { makePrivateFolder, writeFileAtomic } from '../../src/disk/atomic.js';
import { acquireLock, withLock } from '../../src/disk/lock.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-disk-'));
});

afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

describe('writeFileAtomic', () => {
  test('writes the bytes with mode 0600 and leaves nothing else behind', async () => {
    const path = join(folder, 'a.p12');
    await writeFileAtomic(path, 'one');
    await writeFileAtomic(path, 'two');
    expect(await readFile(path, 'utf8')).toBe('two');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['a.p12']);
  });

  test('refuses an existing file when told to', async () => {
    const path = join(folder, 'a');
    await writeFile(path, 'old');
    await expect(writeFileAtomic(path, 'new', { overwrite: false })).rejects.toMatchObject({
      code: 'E_FILE_EXISTS',
    });
    expect(await readFile(path, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a']);
  });

  test('names a folder that does not exist', async () => {
    await expect(writeFileAtomic(join(folder, 'no', 'a'), 'x')).rejects.toMatchObject({
      code: 'E_FILE_NOT_FOUND',
    });
  });

  test('makes private folders', async () => {
    const path = join(folder, 'b', 'c');
    await makePrivateFolder(path);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
  });
});

describe('lock', () => {
  test('lets one in at a time', async () => {
    const path = join(folder, 'lock');
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 5 }, () =>
        withLock(path, {}, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await Promise.resolve();
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test('names the holder when the wait is over', async () => {
    const path = join(folder, 'lock');
    const lock = await acquireLock(path);
    await expect(acquireLock(path, { timeoutMs: 0 })).rejects.toMatchObject({
      code: 'E_LOCKED',
      details: { pid: process.pid, host: hostname() },
    });
    await lock.release();
  });

  test('takes over from a process that is gone, not from another host', async () => {
    const path = join(folder, 'lock');
    const child = spawn(process.execPath, ['-e', '0']);
    await new Promise((resolve) => child.on('exit', resolve));
    await writeFile(path, JSON.stringify({ pid: child.pid, host: hostname(), started: '1' }));
    await (await acquireLock(path, { timeoutMs: 1000 })).release();

    await writeFile(path, JSON.stringify({ pid: child.pid, host: 'elsewhere.test', started: '1' }));
    await expect(acquireLock(path, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'E_LOCKED' });
  });

  test('takes over when the process id was given to another process since', async () => {
    const path = join(folder, 'lock');
    await writeFile(path, JSON.stringify({ pid: process.pid, host: hostname(), started: '1' }));
    await (await acquireLock(path, { timeoutMs: 1000 })).release();
  });
});
