/**
 * Whether the native packages load here. Both are optional: they are asked for by name at run time, and only
 * by this command and by the one part that uses each.
 *
 * @module
 */

import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** Loads `pkcs11js`; no PKCS#11 library is touched. */
export const loadsPkcs11 = (name = 'pkcs11js'): boolean => {
  try {
    load(name);
    return true;
  } catch {
    return false;
  }
};

/** Opens a database in memory: the package itself loads its binary only then. */
export const loadsSqlite = (name = 'better-sqlite3'): boolean => {
  try {
    const made: unknown = load(name);
    if (typeof made !== 'function') {
      return false;
    }
    const database: unknown = Reflect.construct(made, [':memory:']);
    if (typeof database === 'object' && database !== null && 'close' in database) {
      const { close } = database;
      if (typeof close === 'function') {
        close.call(database);
      }
    }
    return true;
  } catch {
    return false;
  }
};
