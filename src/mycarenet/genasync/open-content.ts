/**
 * From what a message carried to its business document: inflated, its hash checked, unsealed (mycarenet §3.5). What
 * does not open is told by a word: the message is kept all the same.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { TopazError } from '../../errors.js';
import { unseal } from '../../etee/unseal.js';
import type { UnsealOptions } from '../../etee/unseal.js';
import { attribute, requireChild, text } from '../../xml/query.js';
import { readXml } from '../../xml/read.js';
import { inflateContent } from '../blob.js';
import { NS_ENCRYPTED } from '../names.js';

/** Why a document cannot be read. */
export const PROBLEMS = [
  /** Its bytes did not arrive whole. */
  'damaged',
  /** Compressed in a way that is not known, or not at all. */
  'encoding',
  'too-large',
  'wrong-hash',
  /** Sealed for a key that is not here. */
  'no-key',
  'bad-seal',
  /** Unsealed, but nobody vouches for it. */
  'not-genuine',
] as const;

export type Problem = (typeof PROBLEMS)[number];

export interface OpenedContent {
  /** The document, where it is not what was carried, byte for byte. */
  readonly content?: Uint8Array;
  readonly problem?: Problem;
  /** Holder of the certificate that sealed it: `CBE=…`. */
  readonly sealedBy?: string;
}

/** Keys and trust for what is sealed. */
export type ContentKeys = Omit<UnsealOptions, 'now'>;

/** What a message says of its document. */
export interface CarriedContent {
  readonly encoding?: string | undefined;
  readonly encryption?: string | undefined;
  readonly hashValue?: string | undefined;
}

const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Opens a document.
 *
 * @param carried As decoded from base64; `undefined` when that was damaged.
 * @param keys `undefined` = none: what is sealed stays so.
 */
export async function openContent(
  carried: Uint8Array | undefined,
  { encoding, encryption, hashValue }: CarriedContent,
  keys: ContentKeys | undefined,
  now: Date,
): Promise<OpenedContent> {
  if (carried === undefined) {
    return { problem: 'damaged' };
  }
  const inflated = inflateOrTell(carried, encoding);
  if ('problem' in inflated) {
    return inflated;
  }
  const { bytes } = inflated;
  if (hashValue !== undefined && sha256(bytes) !== hashValue) {
    return { problem: 'wrong-hash' };
  }
  if (encryption === undefined) {
    return bytes === carried ? {} : { content: bytes };
  }
  return keys === undefined ? { problem: 'no-key' } : openSealed(bytes, keys, now);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

function inflateOrTell(
  carried: Uint8Array,
  encoding: string | undefined,
): { readonly bytes: Uint8Array } | { readonly problem: Problem } {
  // An empty document of no declared encoding is an empty document.
  if (encoding === 'none' || carried.length === 0) {
    return { bytes: carried };
  }
  try {
    return { bytes: inflateContent(carried, encoding, MAX_BYTES) };
  } catch (error) {
    if (!(error instanceof TopazError)) {
      throw error;
    }
    return { problem: error.code === 'E_REPLY_TOO_LARGE' ? 'too-large' : 'encoding' };
  }
}

async function openSealed(
  sealed: Uint8Array,
  keys: ContentKeys,
  now: Date,
): Promise<OpenedContent> {
  try {
    const unsealed = await unseal(sealed, { ...keys, now });
    const { sender } = unsealed;
    const sealedBy = sender === undefined ? {} : { sealedBy: `${sender.type}=${sender.id}` };
    if (unsealed.verdict === 'refused') {
      return { problem: 'not-genuine', ...sealedBy };
    }
    return { ...knownContent(unsealed.content), ...sealedBy };
  } catch (error) {
    if (!(error instanceof TopazError)) {
      throw error;
    }
    return { problem: error.code === 'E_SEAL_NOT_FOR_US' ? 'no-key' : 'bad-seal' };
  }
}

/** What is sealed is an `EncryptedKnownContent`; a document without that envelope is taken as it is. */
function knownContent(content: Uint8Array): OpenedContent {
  let business;
  try {
    const root = readXml(content, { maxBytes: MAX_BYTES });
    if (root.name !== 'EncryptedKnownContent' || root.namespace !== NS_ENCRYPTED) {
      return { content };
    }
    business = requireChild(root, NS_ENCRYPTED, 'BusinessContent');
  } catch (error) {
    if (!(error instanceof TopazError)) {
      throw error;
    }
    return { content };
  }
  // Unlike in a Detail, an absent encoding means none here.
  const encoding = attribute(business, 'ContentEncoding') ?? 'none';
  const opened = inflateOrTell(Buffer.from(text(business), 'base64'), encoding);
  return 'problem' in opened ? opened : { content: opened.bytes };
}
