/** Where the agent listens on each system, and which places it refuses. */

import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { agentAddress, checkFolder, prepareFolder } from '../../src/agent/address.js';
import { launchOf } from '../../src/agent/start.js';
import { readRecord, recordFile, removeRecord, writeRecord } from '../../src/agent/record.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'topaz-place-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const unsafe = expect.objectContaining({ code: 'E_AGENT_UNSAFE' });

describe('the address', () => {
  const linux = { platform: 'linux' as const };

  test('is in the runtime folder of the user, one name per profile', async () => {
    const env = { XDG_RUNTIME_DIR: dir };
    const one = await agentAddress('/home/jean/.local/state/topaz/cabinet', { ...linux, env });
    const other = await agentAddress('/home/jean/.local/state/topaz/hospital', { ...linux, env });
    expect(dirname(one)).toBe(join(dir, 'topaz'));
    expect(one).not.toBe(other);
    expect(one).not.toContain('cabinet');
  });

  test.each([
    ['there is none', {}],
    ['it is relative', { XDG_RUNTIME_DIR: 'run' }],
    ['it does not exist', { XDG_RUNTIME_DIR: '/nonexistent/run' }],
  ])('is in the state folder where %s', async (_, env) => {
    expect(await agentAddress(dir, { ...linux, env })).toBe(join(dir, 'agent', 'socket'));
  });

  test('is in the state folder where the runtime folder is not the user’s alone', async () => {
    const runtime = join(dir, 'run');
    await mkdir(runtime, { mode: 0o700 });
    const at = (uid = process.getuid?.()): Promise<string> =>
      agentAddress(dir, { ...linux, uid, env: { XDG_RUNTIME_DIR: runtime } });
    expect(await at()).toContain(runtime);
    expect(await at((process.getuid?.() ?? 0) + 1)).toBe(join(dir, 'agent', 'socket'));
    await chmod(runtime, 0o750);
    expect(await at()).toBe(join(dir, 'agent', 'socket'));
    await symlink(dir, join(dir, 'link'));
    const linked = { XDG_RUNTIME_DIR: join(dir, 'link') };
    expect(await agentAddress(dir, { ...linux, env: linked })).toBe(join(dir, 'agent', 'socket'));
  });

  test('is short enough for a socket, whatever the home is called', async () => {
    for (const platform of ['linux', 'darwin'] as const) {
      const address = await agentAddress(`/${'long/'.repeat(30)}`, { platform, env: {}, uid: 501 });
      expect(Buffer.byteLength(address)).toBeLessThanOrEqual(100);
      expect(address).toMatch(/^\/tmp\/topaz-501\/[0-9a-f]{24}\.sock$/);
    }
  });

  test('is a named pipe on Windows (not verified on that system)', async () => {
    const env = { XDG_RUNTIME_DIR: dir };
    const address = await agentAddress('C:\\Users\\jean\\state', { platform: 'win32', env });
    expect(address).toMatch(/^\\\\\.\\pipe\\topaz-agent-[0-9a-f]{24}$/);
    await prepareFolder(address, { platform: 'win32' });
  });
});

describe('the folder', () => {
  const socket = (): string => join(dir, 'place', 'socket');

  test('is made for its owner alone, and taken again', async () => {
    await prepareFolder(socket());
    await prepareFolder(socket());
    await checkFolder(socket());
  });

  test.each([0o701, 0o710, 0o750, 0o777])('is refused with mode %o', async (mode) => {
    await prepareFolder(socket());
    await chmod(dirname(socket()), mode);
    await expect(prepareFolder(socket())).rejects.toEqual(unsafe);
  });

  test('is refused when another user owns it', async () => {
    const uid = (process.getuid?.() ?? 0) + 1;
    await expect(prepareFolder(socket(), { uid })).rejects.toEqual(unsafe);
  });

  test('is refused when it is a link or a file', async () => {
    await mkdir(join(dir, 'real'), { mode: 0o700 });
    await symlink(join(dir, 'real'), join(dir, 'place'));
    await expect(prepareFolder(socket())).rejects.toEqual(unsafe);
    await writeFile(join(dir, 'file'), '');
    await expect(prepareFolder(join(dir, 'file', 'socket'))).rejects.toEqual(unsafe);
  });
});

describe('the command line that starts it', () => {
  const launch = (platform: NodeJS.Platform, ...there: readonly string[]): unknown =>
    launchOf('/opt/node', '/opt/agent.js', platform, (path) => there.includes(path));

  test('switches core dumps off by the shell, else by prlimit', () => {
    expect(launch('linux', '/bin/sh', '/usr/bin/prlimit')).toEqual({
      command: '/bin/sh',
      args: ['-c', 'ulimit -c 0 && exec "$0" "$@"', '/opt/node', '/opt/agent.js'],
    });
    expect(launch('linux', '/usr/bin/prlimit')).toEqual({
      command: '/usr/bin/prlimit',
      args: ['--core=0:0', '--', '/opt/node', '/opt/agent.js'],
    });
    expect(launch('darwin', '/bin/sh')).toMatchObject({ command: '/bin/sh' });
  });

  test('starts nothing where neither is there', () => {
    expect(() => launch('linux')).toThrow(unsafe);
  });

  test('is plain on Windows, which has no core files (not verified on that system)', () => {
    expect(launch('win32')).toEqual({ command: '/opt/node', args: ['/opt/agent.js'] });
  });
});

describe('the record', () => {
  const record = { pid: 4711, socket: '/run/s', assertionId: '_1', keystores: ['/a.p12'] };

  test('is read as it was written, and removed', async () => {
    expect(await readRecord(dir)).toBeUndefined();
    await writeRecord(dir, record);
    expect(await readRecord(dir)).toEqual(record);
    await removeRecord(dir);
    await removeRecord(dir);
    expect(await readRecord(dir)).toBeUndefined();
  });

  test.each([
    '',
    'null',
    '[]',
    '{',
    JSON.stringify(record),
    JSON.stringify({ schema: 'topaz.agent/1', ...record, pid: 1 }),
    JSON.stringify({ schema: 'topaz.agent/1', ...record, pid: -1 }),
    JSON.stringify({ schema: 'topaz.agent/1', ...record, keystores: [1] }),
    JSON.stringify({ schema: 'topaz.agent/2', ...record }),
  ])('a damaged one counts as none: %s', async (text) => {
    await writeFile(recordFile(dir), text);
    expect(await readRecord(dir)).toBeUndefined();
  });
});
