/**
 * Reads an answer: plain XML or multipart, fault or payload. From the wire and, for the mailbox mirror,
 * again from the stored bytes.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../errors.js';
import { NS_SOAP } from '../xml/namespaces.js';
import { elements, requireChild } from '../xml/query.js';
import { readXml } from '../xml/read.js';
import type { XmlElement } from '../xml/tree.js';
import { contentId } from './content-id.js';
import { isXmlType, mediaType, parseContentType } from './content-type.js';
import { faultError, isFault, NS_SOAP12 } from './fault.js';
import { splitMultipart } from './multipart.js';
import type { MimePart, PartInfo } from './multipart.js';
import type { FilePart } from './part-store.js';
import { replyInvalid } from './reply-invalid.js';

export interface SoapReply {
  readonly status: number;
  /** The one element of the Body. */
  readonly payload: XmlElement;
  readonly envelope: XmlElement;
  readonly headers: Readonly<Record<string, string>>;
  /** The HTTP body, byte for byte; of an answer whose parts were stored, the part with the envelope. */
  readonly raw: Uint8Array;
  /** Parts beside the envelope, by content id. */
  readonly parts: ReadonlyMap<string, MimePart>;
  /** Parts that were written to files, where the request asked for that; by content id. */
  readonly files?: ReadonlyMap<string, FilePart> | undefined;
}

/** What an answer is made of, before anything of it is judged. */
export interface ReplyParts {
  readonly root: Uint8Array;
  readonly parts: ReadonlyMap<string, MimePart>;
  readonly files?: ReadonlyMap<string, FilePart> | undefined;
}

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Reads an answer.
 *
 * @throws SoapFaultError a fault, with any HTTP status; TopazError `E_NETWORK_HTTP` (an error page or a
 *   redirect), `E_REPLY_INVALID`, `E_XML_MALFORMED`, `E_XML_LIMIT`.
 */
export function parseReply(
  service: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  raw: Uint8Array,
  { maxBytes = MAX_BYTES }: { maxBytes?: number } = {},
): SoapReply {
  return judgeReply(service, status, headers, maxBytes, () => ({
    ...readBody(service, headers['content-type'] ?? '', raw),
    raw,
  }));
}

/**
 * From the parts of an answer to what it says: {@link parseReply} for bytes that came in another way.
 *
 * @param read Gives the parts, or throws what is wrong with their form; `raw` is what is kept of the answer.
 */
export function judgeReply(
  service: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  maxBytes: number,
  read: () => ReplyParts & { readonly raw: Uint8Array },
): SoapReply {
  const isSuccess = status < 300;
  try {
    const { root, raw, parts, files } = read();
    const envelope = readXml(root, { maxBytes });
    const payload = payloadOf(service, envelope);
    if (isFault(payload)) {
      throw faultError(service, status, payload, serverDate(headers));
    }
    if (isSuccess) {
      const stored = files === undefined ? {} : { files };
      return { status, payload, envelope, headers, raw, parts, ...stored };
    }
  } catch (error) {
    if (isSuccess || error instanceof SoapFaultError) {
      throw error;
    }
  }
  throw httpError(service, status, headers);
}

function readBody(service: string, header: string, raw: Uint8Array): ReplyParts {
  const boundary = boundaryOf(service, header);
  if (boundary === undefined) {
    return { root: raw, parts: new Map() };
  }
  const all = splitMultipart(raw, boundary);
  const root = rootPart(all, parseContentType(header).parameters['start']);
  if (root === undefined || !isXmlType(mediaType(root.headers['content-type'] ?? ''))) {
    throw replyInvalid('its first part is not XML', service);
  }
  return { root: root.bytes, parts: byId(service, all.filter((part) => part !== root)) }; // prettier-ignore
}

/**
 * Of a body in parts; `undefined` for one of plain XML.
 *
 * @throws TopazError `E_REPLY_INVALID` for anything else: a page for people, for example.
 */
export function boundaryOf(service: string, header: string): string | undefined {
  const type = mediaType(header);
  if (isXmlType(type)) {
    return undefined;
  }
  if (type !== 'multipart/related') {
    const shown = /^[\w.+/-]{1,80}$/.exec(type)?.[0] ?? 'of a strange type';
    throw replyInvalid(`it is ${shown}`, service);
  }
  return parseContentType(header).parameters['boundary'] ?? '';
}

/** The one element of the Body. */
function payloadOf(service: string, envelope: XmlElement): XmlElement {
  const { name, namespace } = envelope;
  if (name !== 'Envelope' || (namespace !== NS_SOAP && namespace !== NS_SOAP12)) {
    throw replyInvalid('it is no SOAP envelope', service);
  }
  const [payload, ...others] = elements(requireChild(envelope, namespace, 'Body'));
  if (payload === undefined || others.length > 0) {
    throw replyInvalid('its Body does not hold exactly one element', service);
  }
  if (namespace === NS_SOAP12 && !(isFault(payload) && payload.namespace === NS_SOAP12)) {
    throw replyInvalid('it is SOAP 1.2', service);
  }
  return payload;
}

/** A part without id cannot be referred to; two with one id cannot be told apart. */
export function byId<P extends PartInfo>(
  service: string,
  all: readonly P[],
): ReadonlyMap<string, P> {
  const parts = new Map<string, P>();
  for (const part of all.filter(({ id }) => id !== '')) {
    if (parts.has(part.id)) {
      throw replyInvalid('two of its parts have the same content id', service);
    }
    parts.set(part.id, part);
  }
  return parts;
}

/** The part that `start` names, else the first. */
export function rootPart<P extends PartInfo>(
  parts: readonly P[],
  start: string | undefined,
): P | undefined {
  const id = start === undefined ? undefined : contentId(start);
  return parts.find((part) => id !== undefined && part.id === id) ?? parts[0];
}

function httpError(
  service: string,
  status: number,
  headers: Readonly<Record<string, string>>,
): TopazError {
  const retryAfter = headers['retry-after'];
  return new TopazError('E_NETWORK_HTTP', `${service} answered with an error page`, {
    facts: [`HTTP status ${status}`],
    hint:
      status >= 500
        ? 'the service is not available; try again later'
        : 'check the address in the profile, or a proxy in between: topaz profile show',
    details: {
      service,
      httpStatus: status,
      // A number of seconds or a date; anything else is not handed on.
      ...(/^[\w ,:]{1,40}$/.test(retryAfter ?? '') ? { retryAfter } : {}),
    },
  });
}

/** The service's clock, where its answer tells. */
export function serverDate(headers: Readonly<Record<string, string>>): Date | undefined {
  const date = new Date(headers['date'] ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
