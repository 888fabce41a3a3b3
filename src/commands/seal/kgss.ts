/**
 * Keys of the KGSS for sealing and unsealing: messages whose readers are told by a list, not by their tokens.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { NamedSecretKey } from '../../cms/recipient-info.js';
import { TopazError } from '../../errors.js';
import type { EtkSource } from '../../etk/obtain.js';
import type { Decrypter, SecretKeySource, Signer } from '../../keys/keys.js';
import type { KgssOptions } from '../../kgss/client.js';
import type { Reader } from '../../kgss/readers.js';
import { fingerprint } from '../../x509/certificate.js';
import type { Holder } from '../../x509/holder.js';
import { etkSource } from '../etk/etk-source.js';
import { requireSession } from '../session/stored-session.js';

export interface ReaderFlags {
  unaddressed?: boolean;
  /** `--reader`, `--exclude-reader`. */
  reader?: readonly string[];
  excludeReader?: readonly string[];
}

/** Readers as they were written, and the attributes they stand for. */
export interface ReaderLists {
  readonly readers: readonly string[];
  readonly excluded: readonly string[];
  readonly allowedAttributes: readonly Reader[];
  readonly excludedAttributes: readonly Reader[];
}

/**
 * The readers of a command line; `undefined` where none are meant.
 *
 * @throws TopazError `E_USAGE` for readers without `--unaddressed`; `E_INPUT_REQUIRED` for the reverse; and as
 *   `parseReader`.
 */
export async function readReaders(
  run: Run,
  { unaddressed = false, reader: readers = [], excludeReader: excluded = [] }: ReaderFlags,
): Promise<ReaderLists | undefined> {
  if (!unaddressed) {
    if (readers.length + excluded.length > 0) {
      throw new TopazError('E_USAGE', '--reader says who may open a message without recipients', {
        hint: 'add --unaddressed, or name recipients with --to',
      });
    }
    return undefined;
  }
  const named =
    readers.length > 0
      ? readers
      : [
          await run.require('--reader', undefined, async () =>
            (await run.ctx.prompter()).input(run.t('seal.reader')),
          ),
        ];
  const { parseReader } = await import('../../kgss/readers.js');
  return {
    readers: named,
    excluded,
    allowedAttributes: named.flatMap((text) => parseReader(text)),
    excludedAttributes: excluded.flatMap((text) => parseReader(text)),
  };
}

/** The readers in a sentence: `key`, or `key.but` where some are excluded. */
export const readersText = (run: Run, { readers, excluded }: ReaderLists, key: string): string =>
  run.t(excluded.length === 0 ? key : `${key}.but`, {
    readers: readers.join(', '),
    excluded: excluded.join(', '),
  });

/** The keys of a keystore in use, and whose they are. */
export interface KeysInUse {
  readonly signer: Signer;
  readonly decrypters: readonly Decrypter[];
  readonly holder: Holder;
}

/**
 * Has a key made for these readers.
 *
 * @throws TopazError as `getNewKey`, `obtainOwn` and `obtainService`.
 */
export async function newKey(
  run: Run,
  keys: KeysInUse,
  { allowedAttributes, excludedAttributes }: ReaderLists,
): Promise<NamedSecretKey> {
  const [{ getNewKey }, { obtainOwn }] = await Promise.all([
    import('../../kgss/client.js'),
    import('../../kgss/parties.js'),
  ]);
  const { decrypters, holder } = keys;
  return run.step(run.t('seal.step.newKey'), async () => {
    const source = await etkSource(run);
    const own = await obtainOwn(source, holder, decrypters, run.ctx.signal);
    const options = await kgssOptions(run, keys.signer, source);
    return getNewKey(
      { ...options, own, decrypters },
      { allowed: allowedAttributes, excluded: excludedAttributes },
    );
  });
}

/**
 * Looks whether a key could be made, without making one.
 *
 * @throws TopazError as `obtainOwn` and `obtainService`.
 */
export async function checkKgss(
  run: Run,
  { signer, decrypters, holder }: KeysInUse,
): Promise<void> {
  const { obtainOwn } = await import('../../kgss/parties.js');
  const source = await etkSource(run);
  await obtainOwn(source, holder, decrypters, run.ctx.signal);
  await kgssOptions(run, signer, source);
}

export interface KgssKeys extends SecretKeySource {
  /** Overwrites what was fetched. */
  wipe(): void;
}

/** A call must end before its session does. */
const LEAST_MS = 60_000;

/**
 * Where the key of a message comes from that names no recipient: asked only when such a message is met, with
 * the open session. A key is fetched once and kept in memory alone.
 *
 * Its `find` throws TopazError `E_SESSION_NONE`, `E_SESSION_EXPIRED`, and as `getKey` and `obtainService`.
 *
 * @param signer The key of the session.
 */
export async function kgssKeys(run: Run, signer: Signer): Promise<KgssKeys> {
  const { createKeyCache } = await import('../../kgss/key-cache.js');
  const cache = createKeyCache((id) => fetchKey(run, signer, id));
  return {
    find: (id) => cache.get(id),
    wipe: () => {
      cache.wipe();
    },
  };
}

async function fetchKey(run: Run, signer: Signer, id: Uint8Array): Promise<Uint8Array> {
  const { assertion, assertionId, holderOfKey } = await requireSession(run, LEAST_MS).catch(sayWhy);
  if (fingerprint(signer.certificate) !== holderOfKey) {
    throw new TopazError('E_SESSION_EXPIRED', 'the session was opened with another keystore', {
      facts: [WHY],
      hint: 'topaz session open --force, or choose the other keystore with --keystore',
    });
  }
  const { getKey } = await import('../../kgss/client.js');
  const security = { kind: 'saml', assertion, assertionId, signer } as const;
  return getKey(await kgssOptions(run, signer, await etkSource(run)), id, security);
}

const WHY = 'the KGSS gives the key of this message to the holder of a session';

/** Nobody expects that a file needs a session. */
function sayWhy(error: unknown): never {
  if (error instanceof TopazError && error.code.startsWith('E_SESSION_')) {
    throw new TopazError(error.code, error.message, {
      facts: [WHY, ...error.facts],
      hint: error.hint,
      details: error.details,
      cause: error,
    });
  }
  throw error;
}

async function kgssOptions(run: Run, sender: Signer, source: EtkSource): Promise<KgssOptions> {
  const [{ endpoint }, { obtainService }] = await Promise.all([
    import('../../profile/endpoints.js'),
    import('../../kgss/parties.js'),
  ]);
  const url = endpoint(await run.profile(), 'kgss');
  const { signal } = run.ctx;
  const service = await obtainService(source, signal);
  const { roots, revocation } = source;
  const call = await run.call();
  return { call, url, service, sender, roots, revocation, now: run.now, signal };
}
