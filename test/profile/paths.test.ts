/** Where files are, per system. Windows is table-tested with an injected platform, not verified on it. */

import { describe, expect, test } from '@jest/globals';

import { profileFolders, resolvePaths } from '../../src/profile/paths.js';

describe('resolvePaths', () => {
  test('Linux without variables', () => {
    expect(resolvePaths({ env: {}, platform: 'linux', home: '/home/jean' })).toEqual({
      config: '/home/jean/.config/topaz',
      data: '/home/jean/.local/share/topaz',
      state: '/home/jean/.local/state/topaz',
      cache: '/home/jean/.cache/topaz',
    });
  });

  test('XDG variables; a relative or empty one counts as not set', () => {
    const env = {
      XDG_CONFIG_HOME: '/c',
      XDG_DATA_HOME: 'relative',
      XDG_STATE_HOME: '',
      XDG_CACHE_HOME: '/k',
    };
    expect(resolvePaths({ env, platform: 'linux', home: '/h' })).toEqual({
      config: '/c/topaz',
      data: '/h/.local/share/topaz',
      state: '/h/.local/state/topaz',
      cache: '/k/topaz',
    });
  });

  test('TOPAZ_HOME puts all four below one folder, made absolute', () => {
    const paths = resolvePaths({
      env: { TOPAZ_HOME: '/t/../home', XDG_DATA_HOME: '/d' },
      platform: 'linux',
      home: '/h',
    });
    expect(paths).toEqual({
      config: '/home/config',
      data: '/home/data',
      state: '/home/state',
      cache: '/home/cache',
    });
    expect(resolvePaths({ env: { TOPAZ_HOME: 'here' }, platform: 'linux', home: '/h' }).data).toBe(
      `${process.cwd()}/here/data`,
    );
  });

  test('Windows', () => {
    const env = { APPDATA: 'C:\\Users\\j\\AppData\\Roaming', LOCALAPPDATA: 'D:\\Local' };
    const paths = resolvePaths({ env, platform: 'win32', home: 'C:\\Users\\j' });
    expect(paths).toEqual({
      config: 'C:\\Users\\j\\AppData\\Roaming\\topaz',
      data: 'D:\\Local\\topaz',
      state: 'D:\\Local\\topaz\\state',
      cache: 'D:\\Local\\topaz\\cache',
    });
    expect(profileFolders(paths, 'cabinet').keystores).toBe('D:\\Local\\topaz\\cabinet\\keystores');
    expect(resolvePaths({ env: {}, platform: 'win32', home: 'C:\\Users\\j' }).config).toBe(
      'C:\\Users\\j\\AppData\\Roaming\\topaz',
    );
  });
});

test('the folders of a profile', () => {
  const paths = resolvePaths({ env: {}, platform: 'linux', home: '/h' });
  expect(profileFolders(paths, 'cabinet')).toEqual({
    keystores: '/h/.local/share/topaz/cabinet/keystores',
    ehbox: '/h/.local/share/topaz/cabinet/ehbox',
    keys: '/h/.local/share/topaz/cabinet/keys',
    state: '/h/.local/state/topaz/cabinet',
  });
});
