/**
 * Keys of the KGSS in memory: fetched once per run and identifier, never written to disk, wiped at the end.
 *
 * @module
 */

/** Gives the key of an identifier, for {@link KeyCache.get}. */
export type FetchKey = (id: Uint8Array) => Promise<Uint8Array>;

export interface KeyCache {
  /** A copy of the key: the caller may wipe it. A refusal is not remembered. */
  get(id: Uint8Array): Promise<Uint8Array>;
  /** Forgets all keys and overwrites them. */
  wipe(): void;
}

/** Makes a cache; two callers that ask for one key at a time share one call. */
export function createKeyCache(fetch: FetchKey): KeyCache {
  const known = new Map<string, Promise<Uint8Array>>();
  return {
    get: async (id) => {
      const name = Buffer.from(id).toString('base64');
      let key = known.get(name);
      if (key === undefined) {
        key = fetch(id);
        known.set(name, key);
        key.catch(() => known.delete(name));
      }
      return Uint8Array.from(await key);
    },
    wipe: () => {
      for (const key of known.values()) {
        key.then(
          (bytes) => bytes.fill(0),
          () => undefined,
        );
      }
      known.clear();
    },
  };
}
