/**
 * What is in a message: the contents that are known, as values; others are told by their form and kept as they came
 * (mycarenet §3.5, §3.8).
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { maskSsins } from '../../ids/ssin.js';
import { elements, text, walk } from '../../xml/query.js';
import { readXml } from '../../xml/read.js';
import type { XmlElement } from '../../xml/tree.js';
import { NS_MEMBERDATA_EXTENSION } from '../names.js';
import { readFlat } from './flat-file.js';
import type { FlatFile } from './flat-file.js';
import { readMemberDataAnswers } from './memberdata-answers.js';
import type { MemberDataAnswer, Question } from './memberdata-answers.js';

export type DecodedContent =
  | { readonly kind: 'member-data'; readonly answers: readonly MemberDataAnswer[] }
  | ({ readonly kind: 'flat' } & FlatFile)
  /** A post, or an answer, that was handed back. */
  | { readonly kind: 'reject'; readonly codes: readonly string[]; readonly message?: string }
  | { readonly kind: 'xml'; readonly root: string }
  | { readonly kind: 'text' }
  | { readonly kind: 'binary' };

const MAX_XML_BYTES = 64 * 1024 * 1024;

/**
 * Looks into a document. It never fails: what cannot be read is text or binary.
 *
 * @param questions Everything that was asked from here, by the id of the question.
 */
export function decodeContent(
  bytes: Uint8Array,
  questions: ReadonlyMap<string, Question>,
  now: Date,
): DecodedContent {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1').replace(/^\xef\xbb\xbf/, '').trimStart(); // prettier-ignore
  if (start.startsWith('<')) {
    const root = rootOf(bytes);
    if (root !== undefined) {
      return decodeXml(root, questions, now);
    }
  }
  const flat = readFlat(bytes);
  if (flat !== undefined) {
    return { kind: 'flat', ...flat };
  }
  return { kind: isText(bytes) ? 'text' : 'binary' };
}

function rootOf(bytes: Uint8Array): XmlElement | undefined {
  try {
    return readXml(bytes, { maxBytes: MAX_XML_BYTES });
  } catch (error) {
    if (error instanceof TopazError) {
      return undefined;
    }
    throw error;
  }
}

function decodeXml(
  root: XmlElement,
  questions: ReadonlyMap<string, Question>,
  now: Date,
): DecodedContent {
  if (root.name === 'ResponseList' && root.namespace === NS_MEMBERDATA_EXTENSION) {
    return { kind: 'member-data', answers: readMemberDataAnswers(root, questions, now) };
  }
  if (root.name === 'RejectInb' || root.name === 'RejectOutb') {
    return readReject(root);
  }
  return { kind: 'xml', root: root.name };
}

/** Local names count: the namespaces of faults differ from one mutuality to the next. */
function readReject(root: XmlElement): DecodedContent {
  const named = (name: string): readonly string[] =>
    [...walk(root)].flatMap((element) =>
      element.name === name && elements(element).length === 0 ? [text(element).trim()] : [],
    );
  const codes = [...named('FaultCode'), ...named('DetailCode')].filter((code) => code !== '');
  const [message] = named('Message');
  return {
    kind: 'reject',
    codes: [...new Set(codes)],
    ...(message === undefined || message === '' ? {} : { message: maskSsins(message) }),
  };
}

/** What a person can read; of a long document its beginning decides. */
const isText = (bytes: Uint8Array): boolean =>
  bytes
    .subarray(0, 4096)
    .every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
