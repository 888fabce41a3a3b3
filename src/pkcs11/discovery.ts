/**
 * Where PKCS#11 modules are installed (eid-pkcs11 §2). The user's own setting comes before all of them:
 * callers ask here only without one. Windows and macOS paths were not verified on those systems.
 *
 * @module
 */

import { access } from 'node:fs/promises';

import { TopazError } from '../errors.js';

const TRIPLET: Readonly<Record<string, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
  ia32: 'i386-linux-gnu',
};

/** Candidates in the order of preference: the eID middleware first, OpenSC last. */
export function modulePaths(platform: NodeJS.Platform, arch: string): readonly string[] {
  const triplet = TRIPLET[arch] ?? 'x86_64-linux-gnu';
  switch (platform) {
    case 'darwin':
      return [
        '/Library/Belgium Identity Card/Pkcs11/libbeidpkcs11.dylib',
        '/Library/Belgium Identity Card/Pkcs11/beid-pkcs11.bundle/Contents/MacOS/libbeidpkcs11.dylib',
        '/usr/local/lib/libbeidpkcs11.dylib',
        '/Library/OpenSC/lib/opensc-pkcs11.so',
      ];
    case 'win32':
      // A 32-bit process that names System32 is redirected to SysWOW64.
      return ['C:\\Windows\\System32\\beidpkcs11.dll', 'C:\\Windows\\SysWOW64\\beidpkcs11.dll'];
    default:
      return [
        `/usr/lib/${triplet}/libbeidpkcs11.so.0`,
        '/usr/lib64/libbeidpkcs11.so.0',
        '/usr/local/lib/libbeidpkcs11.so.0',
        `/usr/lib/${triplet}/pkcs11/beidpkcs11.so`,
        '/usr/lib64/pkcs11/beidpkcs11.so',
        `/usr/lib/${triplet}/opensc-pkcs11.so`,
        '/usr/lib64/opensc-pkcs11.so',
      ];
  }
}

/** Where SoftHSM2 is installed, for test cards. */
export function softhsmPaths(platform: NodeJS.Platform, arch: string): readonly string[] {
  const triplet = TRIPLET[arch] ?? 'x86_64-linux-gnu';
  return platform === 'darwin'
    ? [
        '/opt/homebrew/lib/softhsm/libsofthsm2.so',
        '/usr/local/lib/softhsm/libsofthsm2.so',
        '/opt/local/lib/softhsm/libsofthsm2.so',
      ]
    : [
        '/usr/lib/softhsm/libsofthsm2.so',
        `/usr/lib/${triplet}/softhsm/libsofthsm2.so`,
        '/usr/lib64/softhsm/libsofthsm2.so',
        '/usr/lib64/pkcs11/libsofthsm2.so',
        '/usr/local/lib/softhsm/libsofthsm2.so',
      ];
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export interface FindModuleOptions {
  readonly platform?: NodeJS.Platform | undefined;
  readonly arch?: string | undefined;
  /** Replaces the look at the disk, for tests. */
  readonly exists?: ((path: string) => Promise<boolean>) | undefined;
  /** To say why a program in a snap or Flatpak sees no module. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * The first module that is installed.
 *
 * @throws TopazError `E_MODULE_NOT_FOUND` with the paths that were tried.
 */
export async function findModule({
  platform = process.platform,
  arch = process.arch,
  exists = isThere,
  env = {},
}: FindModuleOptions = {}): Promise<string> {
  return firstOf(modulePaths(platform, arch), exists, () => {
    const caged = env['SNAP'] !== undefined || env['FLATPAK_ID'] !== undefined;
    return caged
      ? 'Node runs in a snap or Flatpak, which hides the middleware: use a normal package of Node'
      : 'install the eID middleware, or: topaz profile set pkcs11.module PATH';
  });
}

/**
 * The SoftHSM2 library.
 *
 * @throws TopazError `E_MODULE_NOT_FOUND`.
 */
export async function findSofthsm({
  platform = process.platform,
  arch = process.arch,
  exists = isThere,
}: FindModuleOptions = {}): Promise<string> {
  return firstOf(
    softhsmPaths(platform, arch),
    exists,
    () => 'install SoftHSM2 (Debian: apt-get install softhsm2)',
  );
}

async function firstOf(
  paths: readonly string[],
  exists: (path: string) => Promise<boolean>,
  hint: () => string,
): Promise<string> {
  for (const path of paths) {
    if (await exists(path)) {
      return path;
    }
  }
  throw moduleNotFound(paths, hint());
}

/** `E_MODULE_NOT_FOUND` that names what was tried. */
export function moduleNotFound(paths: readonly string[], hint: string, why?: string): TopazError {
  return new TopazError('E_MODULE_NOT_FOUND', 'no usable PKCS#11 module was found', {
    facts: [`tried ${paths.join(', ')}`, ...(why === undefined ? [] : [why])],
    hint,
    details: { tried: paths },
  });
}
