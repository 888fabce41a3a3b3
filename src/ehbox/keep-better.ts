/**
 * Decoding again never loses what opened before: a try with other keys, or with fewer, keeps for each part
 * the better of the two results (sync design, “What cannot be unsealed”).
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { maybe } from './fields.js';
import type { DecodedFreeInformation } from './decode.js';
import type { MailboxMirror, MessageKey } from './mirror.js';
import type { PartRecord, PartsRecord } from './records.js';
import { isBetter, isReadable, worst } from './seal-status.js';

/** A record and the bytes of the files that it names. */
export interface PartsState {
  readonly record: PartsRecord;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/**
 * What is unpacked now. A file that is missing or is not what the record says counts as not opened.
 *
 * @returns `undefined` when the message was not decoded yet.
 */
export async function currentParts(
  mirror: MailboxMirror,
  key: MessageKey,
): Promise<PartsState | undefined> {
  const record = await mirror.readParts(key);
  if (record === undefined) {
    return undefined;
  }
  const files: Record<string, Uint8Array> = {};
  const parts: PartRecord[] = [];
  for (const part of record.parts) {
    const bytes =
      part.file === undefined
        ? undefined
        : await mirror.readPart(key, part.file).catch(() => undefined);
    if (part.file === undefined) {
      parts.push(part);
    } else if (bytes !== undefined && sha256(bytes) === part.sha256) {
      parts.push(part);
      files[part.file] = bytes;
    } else {
      parts.push({ ...part, status: 'no-key', file: undefined, sizeBytes: undefined });
    }
  }
  return { record: { ...record, parts }, files };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Of each part the better result; without an older one, the newer as it is. */
export function keepBetter(older: PartsState | undefined, newer: PartsState): PartsState {
  if (older === undefined || !isBetterSomewhere(older.record, newer.record)) {
    return older === undefined
      ? newer
      : { ...newer, record: withTried(older.record, newer.record) };
  }
  const files: Record<string, Uint8Array> = {};
  const parts = newer.record.parts.map((part) => {
    const before = older.record.parts.find(({ position }) => position === part.position);
    const useOld = before !== undefined && beats(before, part);
    const chosen = useOld ? before : part;
    const bytes = (useOld ? older : newer).files[chosen.file ?? ''];
    if (chosen.file !== undefined && bytes !== undefined) {
      files[chosen.file] = bytes;
    }
    const title = (useOld ? before.title : part.title) ?? part.title ?? before?.title;
    return { ...chosen, ...maybe('title', title) };
  });
  const freeInformation = betterFree(older.record.freeInformation, newer.record.freeInformation);
  const rest = newer.record.status;
  const status = worst([
    ...parts.map((part) => part.status),
    ...(freeInformation === undefined ? [] : [freeInformation.status]),
    // A title that opened in neither try is among what is not readable yet.
    ...parts.flatMap(({ role, title }) =>
      role === 'annex' && title === undefined && !isReadable(rest) ? [rest] : [],
    ),
  ]);
  const { signer: was } = older.record;
  const { signer: is } = newer.record;
  const merged: PartsRecord = {
    ...newer.record,
    status,
    unpacked: parts.every((part) => part.file !== undefined || part.sizeBytes === undefined),
    parts,
    ...maybe('freeInformation', freeInformation),
    ...maybe('patient', newer.record.patient ?? older.record.patient),
    // One part that somebody else sealed is what a reader must hear about.
    ...maybe('signer', was !== undefined && was.match !== 'same' ? was : (is ?? was)),
    ...maybe('signingTime', older.record.signingTime ?? newer.record.signingTime),
  };
  return { record: withTried(older.record, merged), files };
}

const isBetterSomewhere = (older: PartsRecord, newer: PartsRecord): boolean =>
  newer.parts.some((part) => {
    const before = older.parts.find(({ position }) => position === part.position);
    return (
      before !== undefined &&
      (beats(before, part) || (before.title !== undefined && part.title === undefined))
    );
  }) ||
  (older.patient !== undefined && newer.patient === undefined) ||
  (older.freeInformation !== undefined &&
    betterFree(older.freeInformation, newer.freeInformation) !== newer.freeInformation);

/** Whether a part has content, on the disk or only known by its size. */
const isOpen = ({ sizeBytes }: PartRecord): boolean => sizeBytes !== undefined;

function beats(older: PartRecord, newer: PartRecord): boolean {
  if (isOpen(older) !== isOpen(newer)) {
    return isOpen(older);
  }
  if (older.status !== newer.status) {
    return isBetter(older.status, newer.status);
  }
  // The same result: the one that is unpacked.
  return older.file !== undefined && newer.file === undefined;
}

function betterFree(
  older: DecodedFreeInformation | undefined,
  newer: DecodedFreeInformation | undefined,
): DecodedFreeInformation | undefined {
  if (older === undefined || newer?.kind !== older.kind) {
    return newer ?? older;
  }
  if (older.kind === 'table' && newer.kind === 'table') {
    const rows = newer.rows.map(
      ([left, right], index) =>
        [
          left === '' ? (older.rows[index]?.[0] ?? '') : left,
          right === '' ? (older.rows[index]?.[1] ?? '') : right,
        ] as const,
    );
    const same = rows.every(
      ([left, right], index) => left === newer.rows[index]?.[0] && right === newer.rows[index][1],
    );
    return same && !isBetter(older.status, newer.status)
      ? newer
      : { ...newer, rows, status: isBetter(older.status, newer.status) ? older.status : newer.status }; // prettier-ignore
  }
  return isBetter(older.status, newer.status) ? older : newer;
}

/** Keys that were tried at any time, as long as something does not open. */
function withTried(older: PartsRecord, record: PartsRecord): PartsRecord {
  const { triedKeys, ...rest } = record;
  if (record.status === 'no-key' || (triedKeys !== undefined && !isReadable(record.status))) {
    const tried = [...new Set([...(older.triedKeys ?? []), ...(triedKeys ?? [])])].sort();
    return tried.length === 0 ? rest : { ...rest, triedKeys: tried };
  }
  return rest;
}
