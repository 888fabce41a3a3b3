/**
 * From a draft to what travels: every value that can be sealed is sealed by itself, once for all recipients;
 * empty ones stay empty (ehealthbox §6). The size is known before anything is sealed.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { MAILBOX_MAX_BYTES } from '../../etee/seal.js';
import type { BoxAddress } from '../address.js';
import type { CustomMeta } from '../fields.js';
import type { Draft, DraftPart, Receipts } from './draft.js';

/** Bytes as transmitted. */
export interface PackedPart {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly mimeType: string;
}

export interface PackedAnnex extends PackedPart {
  readonly title: Uint8Array;
}

export type PackedFreeInformation =
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  | { readonly kind: 'table'; readonly rows: readonly (readonly [Uint8Array, Uint8Array])[] };

/** A message that is ready to be sent, again and again the same. */
export interface Publication {
  /** Chosen by the sender: a document of one id is published once. */
  readonly publicationId: string;
  /** Another box of the sender than the one that the session proves. */
  readonly box?: BoxAddress | undefined;
  readonly recipients: readonly BoxAddress[];
  readonly subject: string;
  readonly contentType: 'DOCUMENT' | 'NEWS';
  readonly sealed: boolean;
  readonly important: boolean;
  readonly receipts: Receipts;
  readonly document: PackedPart;
  readonly freeInformation?: PackedFreeInformation | undefined;
  readonly patient?: Uint8Array | undefined;
  readonly annexes: readonly PackedAnnex[];
  readonly customMetas: readonly CustomMeta[];
}

const PUBLICATION_ID = /^[0-9A-Z]{1,13}$/;
const ID_LENGTH = 13;

/** Thirteen characters `0-9A-Z` out of a fresh UUID. */
export const publicationIdOf = (uuid: string): string =>
  BigInt(`0x${uuid.replace(/[^0-9a-f]/gi, '')}`)
    .toString(36)
    .toUpperCase()
    // The first digits of a UUID's number are not evenly spread, the last ones are.
    .slice(-ID_LENGTH)
    .padStart(ID_LENGTH, '0');

/** @throws TopazError `E_USAGE`. */
export function checkPublicationId(id: string): string {
  if (!PUBLICATION_ID.test(id)) {
    throw new TopazError('E_USAGE', 'an own id has 1 to 13 digits and capital letters', {
      hint: 'for example --id VISIT20261124',
    });
  }
  return id;
}

/** Seals one value, or passes it on. */
export type Pack = (bytes: Uint8Array) => Promise<Uint8Array>;

export const packClear: Pack = (bytes) => Promise.resolve(bytes);

/** @throws Whatever `pack` throws. */
export async function packDraft(
  draft: Draft,
  { publicationId, box }: Pick<Publication, 'publicationId' | 'box'>,
  pack: Pack,
): Promise<Publication> {
  const whole: Pack = (bytes) => (bytes.length === 0 ? Promise.resolve(bytes) : pack(bytes));
  const text = (value: string): Promise<Uint8Array> => whole(utf8(value));
  const part = async ({ bytes, fileName, mimeType }: DraftPart): Promise<PackedPart> => ({
    bytes: await whole(bytes),
    fileName,
    mimeType,
  });
  const document = await part(draft.document);
  const annexes: PackedAnnex[] = [];
  for (const attachment of draft.attachments) {
    annexes.push({ ...(await part(attachment)), title: await text(attachment.fileName) });
  }
  return {
    publicationId,
    ...(box === undefined ? {} : { box }),
    recipients: draft.recipients,
    subject: draft.subject,
    contentType: draft.contentType,
    sealed: draft.sealed,
    important: draft.important,
    receipts: draft.receipts,
    document,
    ...(draft.freeInformation === undefined ? {} : { freeInformation: await packFree(draft.freeInformation, text) }),
    ...(draft.patient === undefined ? {} : { patient: await text(draft.patient) }),
    annexes,
    customMetas: draft.customMetas,
  }; // prettier-ignore
}

async function packFree(
  free: NonNullable<Draft['freeInformation']>,
  text: (value: string) => Promise<Uint8Array>,
): Promise<PackedFreeInformation> {
  if (free.kind === 'text') {
    return { kind: 'text', bytes: await text(free.text) };
  }
  const rows: [Uint8Array, Uint8Array][] = [];
  for (const [left, right] of free.rows) {
    rows.push([await text(left), await text(right)]);
  }
  return { kind: 'table', rows };
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Every value that counts for the size, in clear. */
function* valuesOf(draft: Draft): Generator<Uint8Array> {
  yield draft.document.bytes;
  for (const { bytes, fileName } of draft.attachments) {
    yield bytes;
    yield utf8(fileName);
  }
  const { freeInformation: free, patient } = draft;
  for (const text of free === undefined ? [] : free.kind === 'text' ? [free.text] : free.rows.flat()) {
    yield utf8(text);
  } // prettier-ignore
  if (patient !== undefined) {
    yield utf8(patient);
  }
}

/**
 * Bytes that will travel.
 *
 * @param sizeOf Bytes of a value of that length once it is packed.
 */
export function plannedBytes(draft: Draft, sizeOf: (length: number) => number): number {
  let sum = 0;
  for (const { length } of valuesOf(draft)) {
    sum += length === 0 ? 0 : sizeOf(length);
  }
  return sum;
}

/** Largest message with all its parts, as it travels. */
export const MAX_MESSAGE_BYTES = MAILBOX_MAX_BYTES;

/** @throws TopazError `E_MESSAGE_TOO_LARGE`. */
export function checkSize(sizeBytes: number): void {
  if (sizeBytes > MAX_MESSAGE_BYTES) {
    const megabytes = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
    throw new TopazError('E_MESSAGE_TOO_LARGE', 'the message is too large for the eHealthBox', {
      facts: [`${megabytes(sizeBytes)} MB as it would travel, at most ${megabytes(MAX_MESSAGE_BYTES)} MB`],
      hint: 'send it in several messages, or make the attachments smaller',
      details: { sizeBytes, maxBytes: MAX_MESSAGE_BYTES },
    }); // prettier-ignore
  }
}
