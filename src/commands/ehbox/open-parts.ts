/**
 * The parts of a stored message for the commands that write them elsewhere, and what may not leave the mirror
 * unasked.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { StoredMessage } from '../../ehbox/catalog.js';
import { decodeMessage } from '../../ehbox/decode.js';
import type { ExportedPart } from '../../ehbox/export/exported.js';
import type { FullMessage } from '../../ehbox/message.js';
import type { MailboxMirror } from '../../ehbox/mirror.js';
import type { PartRecord, PartsRecord } from '../../ehbox/records.js';
import { isReadable } from '../../ehbox/seal-status.js';
import { describe, readStored } from '../../ehbox/unpack.js';
import { TopazError } from '../../errors.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { openerFor } from './open-mirror.js';

export interface OpenParts {
  readonly message: FullMessage;
  readonly record: PartsRecord;
  readonly parts: readonly ExportedPart[];
}

/**
 * From `parts/` where they are unpacked, else opened in memory.
 *
 * @throws TopazError `E_MESSAGE_UNKNOWN` when the message was not fetched, and those of opening a keystore.
 */
export async function readParts(
  run: Run,
  mirror: MailboxMirror,
  stored: StoredMessage,
  options: KeystoreFlags,
): Promise<OpenParts> {
  const { key, parts } = stored;
  const message = await readStored(mirror, key);
  const useKept = parts?.unpacked === true && (options.keystore === undefined || isReadable(parts.status)); // prettier-ignore
  if (useKept) {
    const kept = parts.parts.map(async (record) => ({
      record,
      bytes: record.file === undefined ? undefined : await mirror.readPart(key, record.file),
    }));
    return { message, record: parts, parts: await Promise.all(kept) };
  }
  const decoded = await decodeMessage(message, await openerFor(run, stored, options));
  const record = describe(message, decoded, new Set(decoded.parts));
  const opened = record.parts.map((part, index) => ({ record: part, bytes: decoded.parts[index]?.bytes })); // prettier-ignore
  return { message, record, parts: opened };
}

/** Why a part does not leave the mirror. */
export function problemOf(
  command: 'save' | 'export',
  id: string,
  { status, position }: PartRecord,
  { allowUnverified }: { readonly allowUnverified?: boolean },
): TopazError | undefined {
  const place = `message ${id}, part ${String(position).padStart(2, '0')}`;
  switch (status) {
    case 'no-key':
      return new TopazError('E_SEAL_NOT_FOR_US', `${place}: sealed for another keystore`, {
        hint: `topaz ehbox ${command} ${id} --out DIR --keystore OLD.p12`,
      });
    case 'bad-signature':
      return allowUnverified === true
        ? undefined
        : new TopazError('E_SEAL_INVALID', `${place}: the seal is not genuine`, {
            hint: 'do not trust the content; --allow-unverified saves it all the same',
          });
    case 'corrupt':
      return new TopazError('E_SEAL_INVALID', `${place}: damaged`, {
        hint: 'ask the sender to send it again',
      });
    case 'part-missing':
      return new TopazError('E_REPLY_INVALID', `${place}: eHealth did not send it`, {
        hint: 'ask the sender to send it again',
      });
    default:
      return undefined;
  }
}
