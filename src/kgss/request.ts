/**
 * Requests to the KGSS v1: values → XML (etee §4.2). What counts is the content, sealed inside the request.
 *
 * @module
 */

import { namespace } from '../xml/build.js';
import type { XmlElement } from '../xml/tree.js';
import { writeXml } from '../xml/write.js';
import { NS_KGSS } from './names.js';
import type { Reader } from './readers.js';

const k = namespace('k', NS_KGSS);
/** Contents go alone: the default namespace spares the prefix. */
const c = namespace('', NS_KGSS);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export interface NewKeyContent {
  readonly allowed: readonly Reader[];
  readonly excluded: readonly Reader[];
  /** Our own token: the answer is sealed for it. */
  readonly token: Uint8Array;
}

/** What is sealed in GetNewKey, as UTF-8. */
export const newKeyContent = ({ allowed, excluded, token }: NewKeyContent): Uint8Array =>
  encode(
    c(
      'GetNewKeyRequestContent',
      {},
      allowed.map((reader) => readerElement('AllowedReader', reader)),
      // Quirk: the schema spells it without c.
      excluded.map((reader) => readerElement('ExludedReader', reader)),
      c('ETK', {}, base64(token)),
    ),
  );

const readerElement = (element: string, { namespace: uri, name, values }: Reader): XmlElement =>
  c(
    element,
    {},
    c('Namespace', {}, uri),
    c('Name', {}, name),
    values.map((value) => c('Value', {}, value)),
  );

/**
 * What is sealed in GetKey, as UTF-8.
 *
 * @param answerKey 16 bytes, for this one answer: it is sealed with them, as the official connector asks for
 *   it. So a reader needs no token of his own.
 */
export const keyContent = (id: Uint8Array, answerKey: Uint8Array): Uint8Array =>
  encode(
    c(
      'GetKeyRequestContent',
      {},
      c('KeyIdentifier', {}, base64(id)),
      c('KeyEncryptionKey', {}, base64(answerKey)),
    ),
  );

export const getNewKeyRequest = (sealed: Uint8Array): XmlElement =>
  k('GetNewKeyRequest', {}, k('SealedNewKeyRequest', {}, k('SealedContent', {}, base64(sealed))));

export const getKeyRequest = (sealed: Uint8Array): XmlElement =>
  k('GetKeyRequest', {}, k('SealedKeyRequest', {}, k('SealedContent', {}, base64(sealed))));

const encode = (element: XmlElement): Uint8Array => Buffer.from(writeXml(element), 'utf8');
