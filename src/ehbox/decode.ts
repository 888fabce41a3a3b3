/**
 * From a message as it travelled to what a person reads: every sealed field opened on its own, each with its
 * own outcome, so that one part that cannot be opened hides no other (ehealthbox §6).
 *
 * The result depends on the message and the keys alone: decoding again gives the same bytes.
 *
 * @module
 */

import { decodeBase64 } from '../der/base64.js';
import { maybe } from './fields.js';
import type { LocalDate } from './fields.js';
import type { FreeInformation, FullMessage, MessageDocument, Transmitted } from './message.js';
import type { Opened, Opener, Signer } from './opener.js';
import { isReadable, worst } from './seal-status.js';
import type { PartStatus } from './seal-status.js';
import { matchSigner } from './signer-match.js';

export interface DecodedPart {
  /** 0 = the body, then the annexes in their order. */
  readonly position: number;
  readonly role: 'body' | 'annex';
  /** As the sender named it. */
  readonly name: string;
  readonly title?: string | undefined;
  readonly mimeType: string;
  readonly status: PartStatus;
  /** Absent when it did not open; there for `bad-signature`, to be kept in quarantine. */
  readonly bytes?: Uint8Array | undefined;
  /** Names of the official library. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Free text or a table; texts are absent where they did not open well. */
export type DecodedFreeInformation =
  | {
      readonly kind: 'text' | 'old';
      readonly status: PartStatus;
      readonly text?: string | undefined;
    }
  | {
      readonly kind: 'table';
      readonly status: PartStatus;
      readonly title?: string | undefined;
      readonly rows: readonly (readonly [string, string])[];
    };

export interface DecodedMessage {
  readonly status: PartStatus;
  readonly parts: readonly DecodedPart[];
  readonly freeInformation?: DecodedFreeInformation | undefined;
  /** SSIN of the patient, when it opened. */
  readonly patient?: string | undefined;
  /** Who sealed it, by the certificate in the seal; of several, one that is not the sender. */
  readonly signer?: Signer | undefined;
  /** As the signer claims. */
  readonly signingTime?: string | undefined;
  /** Keys that were tried in vain: another try needs another key. */
  readonly triedKeys?: readonly string[] | undefined;
}

interface Field {
  readonly status: PartStatus;
  readonly bytes?: Uint8Array | undefined;
  readonly opened?: Opened | undefined;
}

const DER_SEQUENCE = 0x30;

/** Opens every part of a message. */
export async function decodeMessage(message: FullMessage, opener: Opener): Promise<DecodedMessage> {
  const seen: Field[] = [];
  const open = async (content: Transmitted): Promise<Field> => {
    const field = await openField(content, message.encrypted, message.publicationDate, opener);
    seen.push(field);
    return field;
  };
  const documents: { role: 'body' | 'annex'; document: MessageDocument; title?: Transmitted }[] = [
    ...(message.document === undefined ? [] : [{ role: 'body' as const, document: message.document }]), // prettier-ignore
    ...message.annexes.map((annex) => ({ role: 'annex' as const, document: annex, title: annex.title })), // prettier-ignore
  ];
  const parts: DecodedPart[] = [];
  for (const { role, document, title } of documents) {
    const content = await open(document.content);
    const titleField = title === undefined ? undefined : await open(title);
    parts.push({
      position: role === 'body' ? 0 : parts.filter((part) => part.role === 'annex').length + 1,
      role,
      name: document.fileName,
      ...maybe('title', titleField === undefined ? undefined : textOf(titleField)),
      mimeType: document.mimeType,
      status: content.status,
      ...maybe('bytes', content.bytes),
      errors: content.opened?.errors ?? [],
      warnings: content.opened?.warnings ?? [],
    });
  }
  const freeInformation =
    message.freeInformation === undefined ? undefined : await decodeFree(message.freeInformation, open); // prettier-ignore
  const status = worst(seen.map((field) => field.status));
  const noKey = seen.some((field) => field.status === 'no-key');
  const genuine = seen.flatMap((field) =>
    field.opened !== undefined && isReadable(field.status) ? field.opened : [],
  );
  const signers = genuine.flatMap(({ signer }) => signer ?? []);
  // One part that somebody else sealed is what a reader must hear about.
  const stranger = signers.find((signer) => matchSigner(message.sender, signer) !== 'same');
  // A patient that does not open is a missing field, no more.
  const patient =
    message.patient === undefined
      ? undefined
      : textOf(
          await openField(message.patient, message.encrypted, message.publicationDate, opener),
        );
  return {
    status,
    parts,
    ...maybe('freeInformation', freeInformation),
    ...maybe('patient', patient === '' ? undefined : patient),
    ...maybe('signer', stranger ?? signers[0]),
    ...maybe('signingTime', genuine[0]?.signingTime),
    ...maybe('triedKeys', noKey ? opener.keys : undefined),
  };
}

async function openField(
  content: Transmitted,
  encrypted: boolean,
  publicationDate: LocalDate | undefined,
  opener: Opener,
): Promise<Field> {
  if (content.state !== 'there') {
    return { status: content.state };
  }
  // Empty content is never sealed; clear content is kept as it is, also when it looks like base64.
  if (!encrypted || content.bytes.length === 0) {
    return { status: 'clear', bytes: content.bytes };
  }
  const outcome = await opener.open(unwrapBase64(content.bytes), publicationDate);
  return outcome.state === 'opened'
    ? { status: outcome.status, bytes: outcome.content, opened: outcome }
    : { status: outcome.state };
}

/** Quirk: some senders encode in base64 before the field does it again; a seal begins with a SEQUENCE. */
function unwrapBase64(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === DER_SEQUENCE) {
    return bytes;
  }
  const inner = decodeBase64(Buffer.from(bytes).toString('latin1'));
  return inner === undefined || inner.length === 0 ? bytes : inner;
}

/** UTF-8 text of a field that opened well. */
const textOf = ({ status, bytes }: Field): string | undefined =>
  bytes === undefined || !isReadable(status) ? undefined : Buffer.from(bytes).toString('utf8');

async function decodeFree(
  free: FreeInformation,
  open: (content: Transmitted) => Promise<Field>,
): Promise<DecodedFreeInformation> {
  if (free.kind !== 'table') {
    const field = await open(free.content);
    return { kind: free.kind, status: field.status, ...maybe('text', textOf(field)) };
  }
  const rows: [string, string][] = [];
  const statuses: PartStatus[] = [];
  for (const { left, right } of free.rows) {
    const cells = [await open(left), await open(right)] as const;
    statuses.push(cells[0].status, cells[1].status);
    rows.push([textOf(cells[0]) ?? '', textOf(cells[1]) ?? '']);
  }
  return { kind: 'table', status: worst(statuses), ...maybe('title', free.title), rows };
}
