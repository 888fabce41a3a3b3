/**
 * Decoding during a run: what was stored just now, and what earlier runs left closed. A message that cannot
 * be decoded stops nothing; its answer stays, and the next run tries again.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { FullMessage } from './message.js';
import type { MailboxMirror, MessageKey } from './mirror.js';
import type { Opener } from './opener.js';
import { isLocalTrouble } from './retry.js';
import { isReadable } from './seal-status.js';
import type { PartStatus } from './seal-status.js';
import { decodeStored, needsDecoding } from './unpack.js';

export interface DecodeOptions {
  /** Opens what is sealed; `undefined` keeps the answers as they came and unpacks nothing. */
  readonly opener: Opener | undefined;
  /** Whether annexes are unpacked. */
  readonly annexes: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A stored message that does not open, or not wholly. */
export interface UnopenedMessage {
  readonly id: string;
  readonly status: PartStatus;
}

/** Decodes what was stored just now. A failure is noted and tried again at the next run. */
export async function decodeOne(
  mirror: MailboxMirror,
  key: MessageKey,
  { opener, annexes }: DecodeOptions,
  message?: FullMessage,
): Promise<PartStatus | undefined> {
  if (opener === undefined) {
    return undefined;
  }
  try {
    const { status } = await decodeStored(mirror, key, opener, { annexes, message });
    mirror.journal.add({ event: 'decoded', ...key });
    return status;
  } catch (error) {
    if (isLocalTrouble(error)) {
      throw error;
    }
    const code = error instanceof TopazError ? error.code : 'E_INTERNAL';
    mirror.journal.add({ event: 'error', ...key, code });
    return 'corrupt';
  }
}

/**
 * Decodes what an earlier run left, or what another key may open; tells what stays closed.
 *
 * @param done Ids that were decoded just now, with their outcome.
 */
export async function decodeRest(
  mirror: MailboxMirror,
  keys: readonly MessageKey[],
  options: DecodeOptions,
  done: ReadonlyMap<string, PartStatus> = new Map(),
): Promise<readonly UnopenedMessage[]> {
  const { opener, annexes } = options;
  const unopened: UnopenedMessage[] = [];
  for (const key of keys) {
    const now = done.get(key.id);
    if (now !== undefined && isReadable(now)) {
      continue;
    }
    const record = await mirror.readParts(key);
    const again =
      opener !== undefined &&
      options.signal?.aborted !== true &&
      needsDecoding(record, opener, annexes) &&
      (await mirror.hasRaw(key));
    const status = again ? await decodeOne(mirror, key, options) : record?.status;
    if (status !== undefined && !isReadable(status)) {
      unopened.push({ id: key.id, status });
    }
  }
  return unopened;
}
