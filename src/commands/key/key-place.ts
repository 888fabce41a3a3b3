/**
 * Which key a command line means, and how one is read from wherever it is.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

import type { Run, SecretFlags } from '../../cli/run.js';
import { systemCode, TopazError } from '../../errors.js';
import { profileFolders } from '../../profile/paths.js';
import { readKey } from '../../userkey/key-text.js';
import type { KeyFormat } from '../../userkey/key-text.js';
import { listKeys } from '../../userkey/key-store.js';
import {
  idOfFileName,
  keyFingerprint,
  parsePartyId,
  readPrivateKey,
  toUserKey,
} from '../../userkey/user-key.js';
import type { PartyId, UserKey } from '../../userkey/user-key.js';

/** The folder of the profile's user keys; it may not exist yet. */
export const keysFolder = (run: Run): string =>
  profileFolders(run.paths, run.settings.profileName).keys;

/** What every document says of a key; never the key. */
export interface KeyDocument {
  readonly id: PartyId;
  readonly bits: number;
  readonly fingerprint: string;
}

export const describeKey = ({ id, spki }: Pick<UserKey, 'id' | 'spki'>): KeyDocument => ({
  id,
  bits: 2048,
  fingerprint: keyFingerprint(spki),
});

/**
 * The id of `--id`, or the only one there is.
 *
 * @throws TopazError `E_KEY_UNKNOWN`, `E_USAGE` when there are several.
 */
export async function chosenId(run: Run, option: string | undefined): Promise<PartyId> {
  if (option !== undefined) {
    return parsePartyId(option);
  }
  const ids = await listKeys(keysFolder(run));
  const [only] = ids;
  if (only === undefined) {
    throw new TopazError('E_KEY_UNKNOWN', 'there is no Topaz user key in this profile', {
      hint: 'topaz key import FILE, or: topaz key generate --id UUID',
    });
  }
  if (ids.length > 1) {
    throw new TopazError('E_USAGE', 'there are several user keys: which one is not said', {
      facts: ids,
      hint: `add --id, for example --id ${only}`,
    });
  }
  return only;
}

export interface ReadOptions extends SecretFlags {
  readonly id?: string | undefined;
  readonly format?: 'auto' | 'key' | 'jwk' | undefined;
}

export interface ReadResult {
  readonly key: UserKey;
  readonly format: KeyFormat;
  readonly encrypted: boolean;
}

/**
 * Reads a key from a file or stdin; asks for its passphrase where it has one. The id comes from `--id`, the name
 * of the file or the scanned text; where two say different ones, it is refused.
 *
 * @throws TopazError `E_FILE_NOT_FOUND`, `E_KEY_INVALID`, `E_KEY_MISMATCH`, `E_PASSPHRASE`, `E_INPUT_REQUIRED`.
 */
export async function readKeyFrom(
  run: Run,
  file: string,
  { id, format = 'auto', ...flags }: ReadOptions,
): Promise<ReadResult> {
  const bytes = await readBytes(run, file);
  try {
    const read = readKey(bytes, format === 'auto' ? undefined : format);
    const party = await partyOf(run, [
      id === undefined ? undefined : parsePartyId(id),
      file === '-' ? undefined : idOfFileName(basename(file)),
      read.id,
    ]);
    const privateKey = read.privateKey ?? (await unlock(run, read.encrypted, flags));
    return {
      key: toUserKey(party, privateKey),
      format: read.format,
      encrypted: read.encrypted !== undefined,
    };
  } finally {
    bytes.fill(0);
  }
}

/** Reads a small file, or stdin for `-`. */
export async function readBytes(run: Run, file: string): Promise<Uint8Array> {
  if (file === '-') {
    return run.ctx.io.readStdin();
  }
  try {
    return await readFile(resolve(run.ctx.cwd, file));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(systemCode(error) ?? '')) {
      throw new TopazError('E_FILE_NOT_FOUND', `${file} cannot be read`, {
        hint: 'check the path',
        cause: error,
      });
    }
    throw error;
  }
}

async function partyOf(run: Run, candidates: readonly (PartyId | undefined)[]): Promise<PartyId> {
  const ids = [...new Set(candidates.filter((each) => each !== undefined))];
  const [only] = ids;
  if (ids.length > 1) {
    throw new TopazError('E_KEY_MISMATCH', 'the name of the file belongs to another id', {
      facts: ids,
      hint: 'take the file whose name carries the id that the platform asks for',
    });
  }
  return only ?? parsePartyId(await run.require('--id UUID', undefined, async () =>
    (await run.ctx.prompter()).input(run.t('key.ask.id')),
  )); // prettier-ignore
}

async function unlock(
  run: Run,
  encrypted: Uint8Array,
  flags: SecretFlags,
): Promise<ReturnType<typeof readPrivateKey>> {
  const { decryptKey } = await import('../../userkey/passphrase.js');
  const { bytes: passphrase } = await run.secret('passphrase', flags, run.t('key.ask.passphrase'));
  try {
    const pkcs8 = await run.step(run.t('key.unlock.step'), () => decryptKey(encrypted, passphrase));
    try {
      return readPrivateKey(pkcs8);
    } finally {
      pkcs8.fill(0);
    }
  } finally {
    passphrase.fill(0);
  }
}

/** Refuses to go on without a `--out` that is a file. */
export function refuseStdout(out: string): void {
  if (out === '-') {
    throw new TopazError('E_USAGE', 'a key is written to a file, not to stdout', {
      hint: '--out FILE',
    });
  }
}

/**
 * Asks for the last word before a key leaves its place: the first eight digits of its id.
 *
 * @throws TopazError `E_INPUT_REQUIRED`, `E_NOT_CONFIRMED`.
 */
export async function confirmId(
  run: Run,
  id: PartyId,
  given: string | undefined,
  question: string,
): Promise<void> {
  const start = id.slice(0, 8);
  const typed = await run.require(`--confirm ${start}`, given, async () =>
    (await run.ctx.prompter()).input(question),
  );
  if (typed !== start && typed.toLowerCase() !== id) {
    throw new TopazError('E_NOT_CONFIRMED', 'not confirmed; nothing was written', {
      hint: `--confirm takes the first eight digits of the id: ${start}`,
    });
  }
}
