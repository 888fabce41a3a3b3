/**
 * The XML of a mailbox's answers → values (mycarenet §3.4, §3.5). One message that is damaged does not keep the
 * others back: it is handed on as it came, for whoever stores it.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { TopazError } from '../../errors.js';
import { maskSsins } from '../../ids/ssin.js';
import { findByReference } from '../../soap/content-id.js';
import type { FilePart } from '../../soap/part-store.js';
import type { SoapReply } from '../../soap/reply.js';
import { NS_XOP } from '../../xml/namespaces.js';
import { attribute, child, children, elements, text } from '../../xml/query.js';
import type { XmlElement } from '../../xml/tree.js';
import { readReferences } from '../common-input.js';
import type { References } from '../common-input.js';
import { INPUT_REFERENCE, NS_COMMON, NS_GENASYNC } from './names.js';

/** Bytes of a document as they were carried: decoded from base64, not inflated, not opened. */
export type Carried =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'file'; readonly part: FilePart }
  /** Neither: the text that stood there. */
  | { readonly kind: 'damaged'; readonly bytes: Uint8Array };

export interface MailboxMessage {
  /** By which it is confirmed. */
  readonly reference: string | undefined;
  /** Base64. */
  readonly hashValue: string | undefined;
  readonly messageName: string;
  /** `urn:nip:issuer:io:300`. */
  readonly issuer: string | undefined;
  readonly contentType: string | undefined;
  /** As written; `undefined` means deflated by the schema. */
  readonly encoding: string | undefined;
  /** `undefined` = in clear. */
  readonly encryption: string | undefined;
  readonly references: References;
  readonly content: Carried;
  /** The signature that proves origin and time; `undefined` when it is empty. */
  readonly xades: Carried | undefined;
}

/** A technical acknowledgement: of the broker at once, of each mutuality later. */
export interface Acknowledgement {
  readonly reference: string | undefined;
  /** The receipt, base64; opaque. */
  readonly value: string;
  readonly issuer: string;
  /** Reference of the post, without the URN in front. */
  readonly appliesTo: string;
  readonly result: 'success' | 'failure';
  /** With a success it is a warning. */
  readonly minor: string | undefined;
  readonly message: string | undefined;
}

export interface Page {
  readonly messages: readonly MailboxMessage[];
  readonly acknowledgements: readonly Acknowledgement[];
}

/**
 * Reads the answer to `get`. The counts in it are not looked at: what they count is not known.
 *
 * @throws TopazError `E_REPLY_INVALID` for another answer.
 */
export function readGetReply({ payload, parts, files }: SoapReply): Page {
  const returned = returnOf(payload, 'getResponse');
  const carried = (element: XmlElement | undefined): Carried => readCarried(element, parts, files);
  const messages = children(returned, NS_GENASYNC, 'MsgResponse').map((response) => {
    const detail = child(response, NS_GENASYNC, 'Detail');
    const xades = carried(child(response, NS_GENASYNC, 'Xades-t'));
    return {
      reference: filled(attribute(detail, 'Reference')),
      hashValue: filled(attribute(detail, 'HashValue')?.replace(/\s/g, '')),
      messageName: attribute(detail, 'MessageName') ?? '',
      issuer: filled(attribute(detail, 'Issuer')),
      contentType: filled(attribute(detail, 'ContentType')),
      encoding: attribute(detail, 'ContentEncoding'),
      encryption: filled(attribute(detail, 'ContentEncryption')),
      references: readReferences(child(response, NS_GENASYNC, 'CommonOutput'), NS_COMMON),
      content: carried(detail),
      xades: xades.kind !== 'file' && xades.bytes.length === 0 ? undefined : xades,
    };
  });
  const acknowledgements = children(returned, NS_GENASYNC, 'TAckResponse').flatMap((response) =>
    children(response, NS_GENASYNC, 'TAck').map(readAcknowledgement),
  );
  return { messages, acknowledgements };
}

/**
 * Reads the answer to `post`: the acknowledgement of the broker.
 *
 * @throws TopazError `E_REPLY_INVALID` for another answer, or one about another post.
 */
export function readPostReply({ payload }: SoapReply, inputReference: string): Acknowledgement {
  const acknowledgement = readAcknowledgement(returnOf(payload, 'postResponse'));
  if (acknowledgement.appliesTo !== inputReference) {
    throw unexpected('this is the acknowledgement of another post');
  }
  return acknowledgement;
}

/** @throws TopazError `E_REPLY_INVALID` for another answer than the one to `confirm`. */
export function checkConfirmReply({ payload }: SoapReply): void {
  if (payload.name !== 'confirmResponse' || payload.namespace !== NS_GENASYNC) {
    throw unexpected(`${payload.name} in the body`);
  }
}

function returnOf(payload: XmlElement, name: string): XmlElement {
  const returned = child(payload, NS_GENASYNC, 'return');
  if (payload.name !== name || payload.namespace !== NS_GENASYNC || returned === undefined) {
    throw unexpected(`${payload.name} in the body`);
  }
  return returned;
}

function readAcknowledgement(element: XmlElement): Acknowledgement {
  const appliesTo = attribute(element, 'AppliesTo') ?? '';
  const major = attribute(element, 'ResultMajor') ?? '';
  const message = filled(attribute(element, 'ResultMessage'));
  return {
    reference: filled(attribute(element, 'Reference')),
    value: text(element).replace(/\s/g, ''),
    issuer: attribute(element, 'Issuer') ?? '',
    appliesTo: appliesTo.startsWith(INPUT_REFERENCE)
      ? appliesTo.slice(INPUT_REFERENCE.length)
      : appliesTo,
    // Anything that does not say success is treated as none.
    result: major === 'urn:nip:tack:result:major:success' ? 'success' : 'failure',
    minor: filled(attribute(element, 'ResultMinor')),
    message: message === undefined ? undefined : maskSsins(message),
  };
}

const filled = (value: string | undefined): string | undefined =>
  value === undefined || value.trim() === '' ? undefined : value;

function readCarried(
  element: XmlElement | undefined,
  parts: SoapReply['parts'],
  files: SoapReply['files'],
): Carried {
  const include = elements(element).find(
    ({ name, namespace }) => name === 'Include' && namespace === NS_XOP,
  );
  if (include !== undefined) {
    const href = attribute(include, 'href') ?? '';
    const part = findByReference(parts, href);
    if (part !== undefined) {
      return { kind: 'bytes', bytes: part.bytes };
    }
    const file = files === undefined ? undefined : findByReference(files, href);
    return file === undefined
      ? { kind: 'damaged', bytes: Buffer.from(href) }
      : { kind: 'file', part: file };
  }
  if (elements(element).length > 0) {
    return { kind: 'damaged', bytes: new Uint8Array() };
  }
  const written = text(element);
  const bytes = decodeBase64(written) ?? decodeBase64(written.replace(/\s+/g, ''));
  return bytes === undefined
    ? { kind: 'damaged', bytes: Buffer.from(written) }
    : { kind: 'bytes', bytes };
}

/** `undefined` for what is no base64. Not by a regular expression: a document may have many megabytes. */
function decodeBase64(base64: string): Uint8Array | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return base64.length % 4 === 0 && bytes.length === decodedLength(base64) ? bytes : undefined;
}

/** `Buffer.from` leaves out what is no base64, so that its result is shorter than this. */
const decodedLength = (base64: string): number =>
  (base64.length / 4) * 3 - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0);

/** Hash of what a message would be told apart by, where it has neither reference nor hash. */
export const carriedHash = (carried: Carried): string =>
  carried.kind === 'file'
    ? carried.part.sha256
    : createHash('sha256').update(carried.bytes).digest('hex');

const unexpected = (fact: string): TopazError =>
  new TopazError('E_REPLY_INVALID', 'the mailbox answered with another message', {
    facts: [fact],
    hint: 'nothing of it was used; ask again, and report it if it happens again',
  });
