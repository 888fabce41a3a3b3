import { describe, expect, test } from '@jest/globals';

import { findModule, findSofthsm, modulePaths } from '../../src/pkcs11/discovery.js';

const only =
  (...there: string[]) =>
  (path: string): Promise<boolean> =>
    Promise.resolve(there.includes(path));

describe('finding the module', () => {
  test.each<[NodeJS.Platform, string, string]>([
    ['linux', 'x64', '/usr/lib/x86_64-linux-gnu/libbeidpkcs11.so.0'],
    ['linux', 'arm64', '/usr/lib/aarch64-linux-gnu/libbeidpkcs11.so.0'],
    ['linux', 'x64', '/usr/lib64/libbeidpkcs11.so.0'],
    ['linux', 'x64', '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so'],
    ['darwin', 'arm64', '/Library/Belgium Identity Card/Pkcs11/libbeidpkcs11.dylib'],
    ['win32', 'x64', 'C:\\Windows\\System32\\beidpkcs11.dll'],
  ])('%s %s: %s', async (platform, arch, path) => {
    expect(await findModule({ platform, arch, exists: only(path) })).toBe(path);
  });

  test('prefers the middleware to OpenSC', async () => {
    const [middleware, ...rest] = modulePaths('linux', 'x64');

    expect(
      await findModule({
        platform: 'linux',
        arch: 'x64',
        exists: only(...rest.reverse(), middleware!),
      }),
    ).toBe(middleware);
  });

  test('says what it tried when nothing is installed', async () => {
    const found = findModule({ platform: 'linux', arch: 'x64', exists: only() });

    await expect(found).rejects.toMatchObject({
      code: 'E_MODULE_NOT_FOUND',
      exitCode: 3,
      details: { tried: modulePaths('linux', 'x64') },
    });
  });

  test('names the cage of a snap', async () => {
    const found = findModule({ platform: 'linux', exists: only(), env: { SNAP: '/snap/node/1' } });

    await expect(found).rejects.toMatchObject({ hint: expect.stringContaining('snap') });
  });

  test('SoftHSM2 has a list of its own', async () => {
    const path = '/usr/lib/softhsm/libsofthsm2.so';

    expect(await findSofthsm({ platform: 'linux', arch: 'x64', exists: only(path) })).toBe(path);
    await expect(findSofthsm({ exists: only() })).rejects.toMatchObject({
      code: 'E_MODULE_NOT_FOUND',
    });
  });
});
