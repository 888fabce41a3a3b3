/**
 * What waits in the MyCareNet mailboxes: heads in the state, documents as files beside it. A message comes again at
 * every `get` until it is confirmed (mycarenet §3.5, §3.6).
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

import { padNihii11 } from '../ids/nihii.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import type { Sandbox } from './exchange.js';
import { sealBytes } from './seal.js';
import type { GenasyncSeed } from './seed.js';
import type { MailboxEntry } from './state.js';
import { el } from './xml-text.js';

export interface NewMessage {
  readonly domain: string;
  /** 11 digits. */
  readonly to: string;
  /** `300`; '' for the broker. */
  readonly mutuality: string;
  readonly messageName: string;
  readonly inputReference: string;
  readonly content: Uint8Array;
  readonly encoding?: 'none' | 'deflate' | 'undeclared' | undefined;
  readonly sealed?: boolean | undefined;
  readonly form?: 'inline' | 'xop' | undefined;
  readonly contentType?: string | undefined;
}

export interface NewTack {
  readonly domain: string;
  readonly to: string;
  readonly mutuality: string;
  readonly inputReference: string;
  readonly result: 'success' | 'failure';
  readonly minor?: string | undefined;
  readonly message?: string | undefined;
}

const MIN_DIGITS = 7;

const numbered = (prefix: string, number: number): string =>
  `${prefix}-${String(number).padStart(MIN_DIGITS, '0')}`;

const fileOf = ({ store }: Sandbox, reference: string): string =>
  join(store.folder, 'genasync', reference);

/** Puts a message in a mailbox. The caller saves the state. */
export function addMailboxMessage(sandbox: Sandbox, message: NewMessage): MailboxEntry {
  const { state } = sandbox;
  state.mailboxCount += 1;
  const { content, encoding = 'none', sealed = false, form = 'inline', ...head } = message;
  const entry: MailboxEntry = {
    ...head,
    kind: 'message',
    reference: numbered('MSG', state.mailboxCount),
    encoding,
    sealed,
    form,
    sizeBytes: content.length,
  };
  mkdirSync(join(sandbox.store.folder, 'genasync'), { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(sandbox, entry.reference), content, { mode: 0o600 });
  state.mailbox.push(entry);
  return entry;
}

/** Puts an acknowledgement in a mailbox. The caller saves the state. */
export function addMailboxTack(sandbox: Sandbox, tack: NewTack): MailboxEntry {
  const { state } = sandbox;
  state.mailboxCount += 1;
  const entry: MailboxEntry = {
    ...tack,
    kind: 'tack',
    reference: numbered('TACK', state.mailboxCount),
  };
  state.mailbox.push(entry);
  return entry;
}

/** Brings seeded messages into their mailbox; one that was there before does not come again. */
export function deliverSeeds(sandbox: Sandbox): void {
  const { state } = sandbox;
  for (const seed of state.genasync) {
    const key = sha256(JSON.stringify(seed), 'hex');
    if (!state.mailboxSeeds.includes(key)) {
      state.mailboxSeeds.push(key);
      deliverSeed(sandbox, seed);
    }
  }
}

/** Puts one message in its mailbox, also one like another before. The caller saves the state. */
export const deliverSeed = (sandbox: Sandbox, seed: GenasyncSeed): MailboxEntry =>
  addMailboxMessage(sandbox, messageOf(sandbox, seed));

function messageOf(sandbox: Sandbox, seed: GenasyncSeed): NewMessage {
  const { service, messageName, contentBase64, mutuality = '300', inputReference } = seed;
  return {
    domain: service,
    to: mailboxAddress(seed.to),
    mutuality,
    messageName,
    inputReference: inputReference ?? `S${String(sandbox.state.mailboxCount).padStart(13, '0')}`,
    content: Buffer.from(contentBase64, 'base64'),
    encoding: seed.encoding,
    sealed: seed.sealed,
    form: seed.form,
    contentType: seed.contentType,
  };
}

/** `NIHII=94499180`, `NIHII-GROUP=94499180` → 11 digits. */
export const mailboxAddress = (to: string): string =>
  padNihii11(to.replace(/^[^=]*=/, '').replace(/\D/g, ''));

/** Takes entries out, by what was confirmed. */
export function removeEntries(sandbox: Sandbox, isGone: (entry: MailboxEntry) => boolean): number {
  const { state } = sandbox;
  const gone = state.mailbox.filter(isGone);
  state.mailbox = state.mailbox.filter((entry) => !isGone(entry));
  for (const { kind, reference } of gone) {
    if (kind === 'message') {
      rmSync(fileOf(sandbox, reference), { force: true });
      rmSync(`${fileOf(sandbox, reference)}.sealed`, { force: true });
    }
  }
  return gone.length;
}

/** What travels: the document, sealed where it must be, compressed where it must be; and its hash. */
export interface Carriage {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

/** @param recipient For whom it is sealed, where that is asked. */
export async function carriageOf(
  sandbox: Sandbox,
  entry: MailboxEntry,
  recipient: Certificate | undefined,
): Promise<Carriage> {
  const content = readFileSync(fileOf(sandbox, entry.reference));
  const plain =
    entry.sealed === true && recipient !== undefined
      ? await sealOnce(sandbox, entry, content, recipient)
      : content;
  return {
    bytes: entry.encoding === 'deflate' ? deflateRawSync(plain) : plain,
    hash: sha256(plain, 'base64'),
  };
}

/** A sealed document is made once: the same message must have the same hash every time. */
async function sealOnce(
  sandbox: Sandbox,
  { reference }: MailboxEntry,
  content: Uint8Array,
  recipient: Certificate,
): Promise<Uint8Array> {
  const file = `${fileOf(sandbox, reference)}.sealed`;
  try {
    return readFileSync(file);
  } catch {
    // Not yet.
  }
  const known = el(
    'enc:EncryptedKnownContent',
    { 'xmlns:enc': 'urn:be:cin:encrypted' },
    el(
      'enc:BusinessContent',
      { id: `_${sandbox.newId()}`, ContentType: 'text/xml', ContentEncoding: 'deflate' },
      deflateRawSync(content).toString('base64'),
    ),
  );
  const { authentication, chain } = await sandbox.pki.holders.of('bed');
  const text = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${known.text}`, 'utf8');
  const sealed = sealBytes(text, authentication, chain, [recipient], sandbox.now());
  writeFileSync(file, sealed, { mode: 0o600 });
  return sealed;
}

/** The encryption certificate in a token that this sandbox handed out. */
export function recipientOf({ state }: Sandbox, token: string): Certificate | undefined {
  const base64 = token.replace(/\s/g, '');
  const record = state.certificates.find(({ etk }) => etk.tokenBase64 === base64);
  const certificate = record?.etk.encryptionBase64;
  return certificate === undefined
    ? undefined
    : parseCertificate(Uint8Array.from(Buffer.from(certificate, 'base64')));
}

/** Receipt of an acknowledgement; opaque to clients. */
export const receiptOf = ({ reference, inputReference, result }: MailboxEntry): string =>
  sha256(`${reference} ${inputReference} ${result ?? ''}`, 'base64');

const sha256 = (content: string | Uint8Array, form: 'hex' | 'base64'): string =>
  createHash('sha256').update(content).digest(form);
