/**
 * Contents of messages: one file `messages/<id>.json` per message, with the seed while it waits and with
 * what travels once it is delivered. Read and written without awaiting, so that two requests at the same
 * time never deliver a message twice.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { parseIdentifier } from '../ids/identifier.js';
import type { Identifier } from '../ids/identifier.js';
import type { Certificate } from '../x509/certificate.js';
import { encodeName, parseDistinguishedName } from '../x509/name.js';
import { composeDn } from './certra-contracts.js';
import { DEFAULT_SENDER, namesOf } from './ehbox-addresses.js';
import type { BoxKey } from './ehbox-addresses.js';
import type { Sandbox } from './exchange.js';
import { issueCertificate } from './pki.js';
import { sealBytes } from './seal.js';
import type { Attachment, MessageSeed } from './seed.js';

const DAY_MS = 86_400_000;
const CERTIFICATE_DAYS = 3 * 365;

export interface Document {
  /** What travels: sealed or clear bytes. */
  readonly base64: string;
  readonly fileName: string;
  readonly mimeType: string;
}

export interface Annex extends Document {
  readonly titleBase64: string;
  readonly form: 'inline' | 'swaref' | 'xop';
}

export interface MessageContent {
  readonly from: Identifier;
  readonly title: string;
  readonly contentType: string;
  readonly important: boolean;
  readonly encrypted: boolean;
  readonly document: Document;
  readonly freeTextBase64?: string;
  readonly tableBase64?: readonly (readonly [string, string])[];
  readonly patientBase64?: string;
  readonly annexes: readonly Annex[];
  readonly sizeBytes: number;
  /** Of a message that somebody sent; what a seed makes has none of these. */
  readonly published?: Published;
  readonly acknowledgment?: AcknowledgmentContent;
  readonly error?: ErrorContent;
}

export interface Published {
  readonly publicationId: string;
  /** Quality of the sender. */
  readonly quality: string;
  readonly application: string | undefined;
  readonly recipients: readonly BoxKey[];
  readonly receipts: { readonly received: boolean; readonly read: boolean };
  readonly customMetas: readonly (readonly [string, string])[];
}

/** A receipt. */
export interface AcknowledgmentContent {
  readonly messageId: string;
  readonly type: 'PUBLISHED' | 'RECEIVED' | 'READ';
  readonly at: string;
  readonly recipient: BoxKey | undefined;
}

/** Why a message did not get where it should. */
export interface ErrorContent {
  readonly publicationId: string;
  readonly code: string;
  readonly message: string;
  readonly destinations: readonly BoxKey[];
}

export type MessageFile =
  | { readonly state: 'waiting'; readonly seed: MessageSeed }
  | { readonly state: 'ready'; readonly content: MessageContent };

const pathOf = ({ store }: Sandbox, id: string): string =>
  join(store.folder, 'messages', `${id}.json`);

/** Writes the file of a message whole. */
export function writeMessageFile(sandbox: Sandbox, id: string, file: MessageFile): void {
  const path = pathOf(sandbox, id);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(file)}\n`, { mode: 0o600, flush: true });
  renameSync(temporary, path);
}

/** @throws Error when the file is missing or not one of ours: a bug or a damaged data folder. */
export function readMessageFile(sandbox: Sandbox, id: string): MessageFile {
  const value: unknown = JSON.parse(readFileSync(pathOf(sandbox, id), 'utf8'));
  if (!isMessageFile(value)) {
    throw new Error(`not a message of the sandbox: ${id}`);
  }
  return value;
}

/** @throws Error for a message that still waits. */
export function readContent(sandbox: Sandbox, id: string): MessageContent {
  const file = readMessageFile(sandbox, id);
  if (file.state === 'waiting') {
    throw new Error(`message ${id} was listed before it was delivered`);
  }
  return file.content;
}

export function removeMessageFile(sandbox: Sandbox, id: string): void {
  rmSync(pathOf(sandbox, id), { force: true });
}

const isMessageFile = (value: unknown): value is MessageFile =>
  typeof value === 'object' &&
  value !== null &&
  'state' in value &&
  ((value.state === 'waiting' && 'seed' in value) ||
    (value.state === 'ready' && 'content' in value));

type Seal = (bytes: Uint8Array) => Uint8Array;

/**
 * Makes what travels out of a seeded message.
 *
 * @param recipient Encryption certificate to seal for; `undefined` for a clear message.
 */
export function composeContent(
  seed: MessageSeed,
  sandbox: Sandbox,
  recipient: Certificate | undefined,
): MessageContent {
  const from = parseIdentifier(seed.from ?? DEFAULT_SENDER);
  const seal =
    recipient === undefined ? (bytes: Uint8Array) => bytes : sealer(from, sandbox, [recipient]);
  // Empty content is not sealed (ehealthbox §6).
  const pack = (bytes: Uint8Array, how: Seal = seal): string =>
    Buffer.from(bytes.length === 0 ? bytes : how(bytes)).toString('base64');
  const packText = (text: string): string => pack(Buffer.from(text, 'utf8'));
  const mimeType = seed.mimeType ?? 'text/plain';
  const annexes = seed.attachments.map((attachment): Annex => ({
    titleBase64: packText(attachment.name),
    base64: pack(bytesOf(attachment)),
    fileName: attachment.name,
    mimeType: attachment.mimeType ?? 'text/plain',
    form: attachment.form ?? 'swaref',
  })); // prettier-ignore
  if (seed.unsealable !== undefined && recipient !== undefined) {
    // Sealed for the sender alone: no keystore of the recipient has that key.
    const closed = sealer(from, sandbox, [sandbox.pki.senders.certificate]);
    annexes.push({
      titleBase64: packText(seed.unsealable),
      base64: pack(Buffer.from('nobody can read this\n'), closed),
      fileName: seed.unsealable,
      mimeType: 'text/plain',
      form: 'swaref',
    });
  }
  const document = {
    base64: packText(seed.text),
    fileName: mimeType === 'text/html' ? 'body.html' : 'body.txt',
    mimeType,
  };
  const content = {
    from,
    title: seed.subject,
    contentType: seed.contentType ?? 'DOCUMENT',
    important: seed.important,
    encrypted: recipient !== undefined,
    document,
    ...(seed.freeText === undefined ? {} : { freeTextBase64: packText(seed.freeText) }),
    ...(seed.table === undefined || seed.table.length === 0
      ? {}
      : { tableBase64: seed.table.map(([left = '', right = '']): [string, string] => [packText(left), packText(right)]) }),
    ...(seed.patient === undefined ? {} : { patientBase64: packText(seed.patient) }),
    annexes,
  }; // prettier-ignore
  const sizeBytes = [document, ...annexes].reduce(
    (sum, { base64 }) => sum + Buffer.byteLength(base64, 'base64'),
    Buffer.byteLength(seed.subject),
  );
  return { ...content, sizeBytes };
}

const bytesOf = ({ text, base64 }: Attachment): Uint8Array =>
  base64 === undefined ? Buffer.from(text ?? '', 'utf8') : Buffer.from(base64, 'base64');

/** Seals as the sender: one key for all invented senders, a certificate in the name of each. */
function sealer(from: Identifier, sandbox: Sandbox, recipients: readonly Certificate[]): Seal {
  const { senders, issuingCa, ehealthRoot } = sandbox.pki;
  const now = sandbox.now();
  const { name, firstName } = namesOf(sandbox, from);
  const dn = composeDn(
    { ...from, firstNames: firstName === undefined ? [] : [firstName], name },
    undefined,
  );
  const certificate = issueCertificate(
    sandbox.pki,
    encodeName(parseDistinguishedName(dn)),
    senders.certificate.publicKeyInfo,
    {
      notBefore: new Date(now.getTime() - DAY_MS),
      notAfter: new Date(now.getTime() + CERTIFICATE_DAYS * DAY_MS),
    },
  );
  const chain = [certificate, issuingCa.certificate, ehealthRoot.certificate];
  return (bytes) =>
    sealBytes(bytes, { certificate, privateKey: senders.privateKey }, chain, recipients, now);
}

/** Equal for messages that a seed repeats. */
export const seedText = (seed: MessageSeed): string =>
  JSON.stringify(Object.entries(seed).sort(([a], [b]) => (a < b ? -1 : 1)));
