/**
 * Answers of the KGSS v1: XML → values (etee §4.2), outside and inside the seal.
 *
 * @module
 */

import { decodeBase64 } from '../der/base64.js';
import { TopazError } from '../errors.js';
import { attribute, child, children, childText, requireChild, text } from '../xml/query.js';
import { readXml } from '../xml/read.js';
import type { XmlElement } from '../xml/tree.js';
import { KEY_BYTES, MAX_KEY_ID_BYTES, NS_KGSS } from './names.js';
import { refusalError } from './refusal.js';
import type { KgssOperation } from './refusal.js';

/** A key and the name under which the KGSS keeps it. */
export interface NewKey {
  /** To be written into the message. */
  readonly id: Uint8Array;
  /** 16 bytes, secret. */
  readonly key: Uint8Array;
}

/** Both were seen as success. */
const SUCCESS: ReadonlySet<string> = new Set(['100', '200']);
const SEALED: Readonly<Record<KgssOperation, string>> = {
  GetNewKey: 'SealedNewKeyResponse',
  GetKey: 'SealedKeyResponse',
};
const MAX_CONTENT_BYTES = 64 * 1024;

/**
 * The sealed part of an answer.
 *
 * @param payload The one child of the SOAP body.
 * @throws TopazError `E_SERVICE_REFUSED` (GetNewKey), `E_KEY_REFUSED` (GetKey), `E_REPLY_INVALID`.
 */
export function readSealedReply(payload: XmlElement, operation: KgssOperation): Uint8Array {
  if (payload.namespace !== NS_KGSS || payload.name !== `${operation}Response`) {
    throw invalid(`it begins with ${payload.name}`);
  }
  // Quirk: Status, Error and what is in them are in no namespace.
  const status = requireChild(payload, '', 'Status');
  const code = childText(status, '', 'Code') ?? '';
  const errors = children(payload, '', 'Error').map((error) => ({
    code: childText(error, '', 'Code') ?? '',
    message: messageOf(error),
  }));
  if (!SUCCESS.has(code) || errors.length > 0) {
    throw refusalError({ operation, status: code, message: messageOf(status), errors });
  }
  const sealed = childText(child(payload, NS_KGSS, SEALED[operation]), NS_KGSS, 'SealedContent');
  if (sealed === undefined) {
    throw invalid('it holds nothing sealed');
  }
  return base64(sealed, 'SealedContent');
}

/** The English text, else the first one. */
function messageOf(element: XmlElement): string {
  const messages = children(element, '', 'Message');
  const chosen = messages.find((message) => attribute(message, 'Lang') === 'EN') ?? messages[0];
  return chosen === undefined ? '' : text(chosen).trim();
}

/** @throws TopazError `E_REPLY_INVALID`, `E_XML_MALFORMED`, `E_XML_LIMIT`. */
export function readNewKeyContent(content: Uint8Array): NewKey {
  const root = readContent(content, 'GetNewKeyResponseContent');
  const id = part(root, 'NewKeyIdentifier');
  if (id.length > MAX_KEY_ID_BYTES) {
    throw invalid('the identifier of the key is too long');
  }
  return { id, key: keyOf(root, 'NewKey') };
}

/** @throws TopazError `E_REPLY_INVALID`, `E_XML_MALFORMED`, `E_XML_LIMIT`. */
export const readKeyContent = (content: Uint8Array): Uint8Array =>
  keyOf(readContent(content, 'GetKeyResponseContent'), 'Key');

function readContent(content: Uint8Array, name: string): XmlElement {
  const root = readXml(content, { maxBytes: MAX_CONTENT_BYTES });
  if (root.namespace !== NS_KGSS || root.name !== name) {
    throw invalid(`what is sealed in it begins with ${root.name}`);
  }
  return root;
}

function keyOf(root: XmlElement, name: string): Uint8Array {
  const key = part(root, name);
  if (key.length !== KEY_BYTES) {
    throw invalid('the key has not 16 bytes');
  }
  return key;
}

function part(root: XmlElement, name: string): Uint8Array {
  const value = childText(root, NS_KGSS, name);
  if (value === undefined) {
    throw invalid(`${name} is missing`);
  }
  return base64(value, name);
}

function base64(value: string, name: string): Uint8Array {
  const bytes = decodeBase64(value);
  if (bytes === undefined || bytes.length === 0) {
    throw invalid(`${name} is not base64`);
  }
  return bytes;
}

/** The refusal of an answer that must not be used. */
export const invalid = (...facts: readonly string[]): TopazError =>
  new TopazError('E_REPLY_INVALID', 'the answer of the KGSS cannot be used', {
    facts,
    hint: 'try again later; if it goes on, send the log of --debug to support',
  });
