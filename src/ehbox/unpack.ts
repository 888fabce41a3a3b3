/**
 * The decoding step of the mirror: from the stored answer to parts, as often as one likes (sync design,
 * “Run” 5). Its failure never touches `raw/`.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { TopazError } from '../errors.js';
import { parseReply } from '../soap/reply.js';
import { EHBOX_SERVICE, MAX_REPLY_BYTES } from './client.js';
import { decodeMessage } from './decode.js';
import type { DecodedMessage, DecodedPart } from './decode.js';
import { maybe } from './fields.js';
import { partFileName } from './file-names.js';
import { currentParts, keepBetter } from './keep-better.js';
import { readFullMessage } from './message.js';
import type { FullMessage } from './message.js';
import type { MailboxMirror, MessageKey } from './mirror.js';
import type { Opener } from './opener.js';
import type { PartRecord, PartsRecord } from './records.js';
import { isReadable } from './seal-status.js';
import { matchSigner } from './signer-match.js';
import { sniffMimeType } from './sniff.js';

/** Ending of a part that opened but is not to be trusted. */
const QUARANTINE = '.quarantine';

/**
 * Reads a stored message again from the bytes of its answer.
 *
 * @throws TopazError `E_MESSAGE_UNKNOWN` when it was never fetched, and those of reading an answer.
 */
export async function readStored(mirror: MailboxMirror, key: MessageKey): Promise<FullMessage> {
  const raw = await mirror.readRaw(key);
  if (raw === undefined) {
    throw new TopazError(
      'E_MESSAGE_UNKNOWN',
      `message ${key.id} is listed but was not fetched yet`,
      {
        hint: 'topaz ehbox sync',
      },
    );
  }
  return readFullMessage(
    parseReply(EHBOX_SERVICE, raw.status, raw.headers, raw.body, { maxBytes: MAX_REPLY_BYTES }),
  );
}

/** Whether another decoding could bring more than the last one. */
export function needsDecoding(
  record: PartsRecord | undefined,
  { keys }: Opener,
  annexes: boolean,
): boolean {
  const tried = record?.triedKeys;
  return (
    record === undefined ||
    (annexes && !record.unpacked) ||
    (tried !== undefined && keys.some((key) => !tried.includes(key)))
  );
}

/**
 * Opens a stored message and replaces its parts on disk; what opened in an earlier try stays open.
 *
 * @param options.annexes Whether annexes are written too.
 * @param options.message What the stored answer holds, when it was just read from it.
 * @throws TopazError as {@link readStored}, `E_DISK_FULL`, `E_READ_ONLY`.
 */
export async function decodeStored(
  mirror: MailboxMirror,
  key: MessageKey,
  opener: Opener,
  {
    annexes,
    message: given,
  }: { readonly annexes: boolean; readonly message?: FullMessage | undefined },
): Promise<PartsRecord> {
  const message = given ?? (await readStored(mirror, key));
  const decoded = await decodeMessage(message, opener);
  const kept = decoded.parts.filter(({ role }) => annexes || role === 'body');
  const files = Object.fromEntries(
    kept.flatMap((part): [string, Uint8Array][] => {
      const file = fileOf(part);
      return part.bytes === undefined || file === undefined ? [] : [[file, part.bytes]];
    }),
  );
  const better = keepBetter(await currentParts(mirror, key), {
    record: describe(message, decoded, new Set(kept)),
    files,
  });
  await mirror.writeParts(key, better.record, better.files);
  return better.record;
}

const fileOf = ({ position, name, status, bytes }: DecodedPart): string | undefined =>
  bytes === undefined
    ? undefined
    : `${partFileName(position, name)}${isReadable(status) ? '' : QUARANTINE}`;

/** What `parts.json` says about an opened message. */
export function describe(
  message: FullMessage,
  decoded: DecodedMessage,
  kept: ReadonlySet<DecodedPart>,
): PartsRecord {
  const { status, freeInformation, patient, signer, signingTime, triedKeys } = decoded;
  return {
    schema: 'topaz.ehbox.parts/1',
    status,
    unpacked: decoded.parts.every((part) => kept.has(part)),
    ...maybe('subject', message.title),
    parts: decoded.parts.map((part) => describePart(part, kept.has(part))),
    ...maybe('freeInformation', freeInformation),
    ...maybe('patient', patient),
    ...maybe('signer', signer && { ...signer, match: matchSigner(message.sender, signer) }),
    ...maybe('signingTime', signingTime),
    ...maybe('triedKeys', triedKeys),
  };
}

function describePart(part: DecodedPart, kept: boolean): PartRecord {
  const { position, role, name, title, mimeType, status, bytes, errors, warnings } = part;
  return {
    position,
    role,
    ...maybe('file', kept ? fileOf(part) : undefined),
    ...maybe('quarantined', bytes !== undefined && !isReadable(status) ? true : undefined),
    name,
    ...maybe('title', title),
    mimeType,
    ...maybe('sniffedMimeType', bytes === undefined ? undefined : sniffMimeType(bytes)),
    ...maybe('sizeBytes', bytes?.length),
    ...maybe('sha256', bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex')), // prettier-ignore
    status,
    ...maybe('errors', errors.length === 0 ? undefined : errors),
    ...maybe('warnings', warnings.length === 0 ? undefined : warnings),
  };
}
