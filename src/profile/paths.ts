/**
 * Where topaz keeps its files: the XDG folders, their Windows counterparts, or all below `TOPAZ_HOME`.
 *
 * Nothing is read from the current folder and no `.env` is looked at.
 *
 * @module
 */

import { posix, win32 } from 'node:path';

export interface Paths {
  /** `config.json` and `profiles/<name>.json`. */
  readonly config: string;
  /** Keystores, mirrors of mailboxes, user keys. */
  readonly data: string;
  /** Sessions, pending requests, logs. */
  readonly state: string;
  /** May be deleted at any time. */
  readonly cache: string;
}

export interface PathOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/** The four folders of this home. Makes none of them. */
export function resolvePaths({ env, platform, home }: PathOptions): Paths {
  const path = platform === 'win32' ? win32 : posix;
  const join = (...parts: readonly string[]): string => path.join(...parts);
  const own = env['TOPAZ_HOME'];
  if (own !== undefined && own !== '') {
    const root = path.resolve(own);
    return {
      config: join(root, 'config'),
      data: join(root, 'data'),
      state: join(root, 'state'),
      cache: join(root, 'cache'),
    };
  }
  // The XDG specification: a relative path is invalid and counts as not set.
  const folder = (name: string, ...fallback: readonly string[]): string => {
    const value = env[name];
    return value !== undefined && path.isAbsolute(value) ? value : join(home, ...fallback);
  };
  if (platform === 'win32') {
    const local = folder('LOCALAPPDATA', 'AppData', 'Local');
    return {
      config: join(folder('APPDATA', 'AppData', 'Roaming'), 'topaz'),
      data: join(local, 'topaz'),
      state: join(local, 'topaz', 'state'),
      cache: join(local, 'topaz', 'cache'),
    };
  }
  return {
    config: join(folder('XDG_CONFIG_HOME', '.config'), 'topaz'),
    data: join(folder('XDG_DATA_HOME', '.local', 'share'), 'topaz'),
    state: join(folder('XDG_STATE_HOME', '.local', 'state'), 'topaz'),
    cache: join(folder('XDG_CACHE_HOME', '.cache'), 'topaz'),
  };
}

export interface ProfileFolders {
  readonly keystores: string;
  readonly ehbox: string;
  readonly keys: string;
  readonly state: string;
}

/** The folders of one profile; its name was checked when it was read. */
export function profileFolders(paths: Paths, profile: string): ProfileFolders {
  const path = paths.data.includes('\\') ? win32 : posix;
  const join = (...parts: readonly string[]): string => path.join(...parts);
  return {
    keystores: join(paths.data, profile, 'keystores'),
    ehbox: join(paths.data, profile, 'ehbox'),
    keys: join(paths.data, profile, 'keys'),
    state: join(paths.state, profile),
  };
}

/** Where temporary plaintext is registered until it is removed: one folder for all profiles. */
export function pendingRegistry({ state }: Paths): string {
  return (state.includes('\\') ? win32 : posix).join(state, 'pending');
}
