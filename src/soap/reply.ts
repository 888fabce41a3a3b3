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
import { faultError, isFault } from './fault.js';
import { parseContentType, splitMultipart } from './multipart.js';
import type { MimePart } from './multipart.js';

export interface SoapReply {
  readonly status: number;
  /** The one element of the Body. */
  readonly payload: XmlElement;
  readonly envelope: XmlElement;
  readonly headers: Readonly<Record<string, string>>;
  /** The HTTP body, byte for byte. */
  readonly raw: Uint8Array;
  /** Parts beside the envelope, by content id. */
  readonly parts: ReadonlyMap<string, MimePart>;
}

const MAX_BYTES = 32 * 1024 * 1024;
/** '' where the server says nothing. */
const XML_TYPES: ReadonlySet<string> = new Set([
  'text/xml',
  'application/xml',
  'application/soap+xml',
  'application/xop+xml',
  '',
]);

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
  const isSuccess = status < 300;
  try {
    const { envelope, parts } = readBody(service, headers['content-type'] ?? '', raw, maxBytes);
    const payload = payloadOf(service, envelope);
    if (isFault(payload)) {
      throw faultError(service, status, payload);
    }
    if (isSuccess) {
      return { status, payload, envelope, headers, raw, parts };
    }
  } catch (error) {
    if (isSuccess || error instanceof SoapFaultError) {
      throw error;
    }
  }
  throw httpError(service, status);
}

function readBody(
  service: string,
  header: string,
  raw: Uint8Array,
  maxBytes: number,
): { readonly envelope: XmlElement; readonly parts: ReadonlyMap<string, MimePart> } {
  const { type, parameters } = parseContentType(header);
  if (XML_TYPES.has(type)) {
    return { envelope: readXml(raw, { maxBytes }), parts: new Map() };
  }
  if (type !== 'multipart/related') {
    throw invalid(service, `it is ${/^[\w.+/-]{1,80}$/.exec(type)?.[0] ?? 'of a strange type'}`);
  }
  const all = splitMultipart(raw, parameters['boundary'] ?? '');
  const root = rootPart(all, parameters['start']);
  if (!XML_TYPES.has(parseContentType(root?.headers['content-type'] ?? '').type)) {
    throw invalid(service, 'its first part is not XML');
  }
  return {
    envelope: readXml(root?.bytes ?? raw, { maxBytes }),
    parts: partsById(
      service,
      all.filter((part) => part !== root),
    ),
  };
}

/** The one element of the Body. */
function payloadOf(service: string, envelope: XmlElement): XmlElement {
  if (envelope.name !== 'Envelope' || envelope.namespace !== NS_SOAP) {
    throw invalid(service, 'it is no SOAP envelope');
  }
  const [payload, ...others] = elements(requireChild(envelope, NS_SOAP, 'Body'));
  if (payload === undefined || others.length > 0) {
    throw invalid(service, 'its Body does not hold exactly one element');
  }
  return payload;
}

/** A part without id cannot be referred to; two with one id cannot be told apart. */
function partsById(service: string, all: readonly MimePart[]): ReadonlyMap<string, MimePart> {
  const parts = new Map<string, MimePart>();
  for (const part of all.filter(({ id }) => id !== '')) {
    if (parts.has(part.id)) {
      throw invalid(service, 'two of its parts have the same content id');
    }
    parts.set(part.id, part);
  }
  return parts;
}

/** The part that `start` names, else the first. */
function rootPart(parts: readonly MimePart[], start: string | undefined): MimePart | undefined {
  const id = start?.trim().replace(/^<(.*)>$/, '$1');
  return parts.find((part) => id !== undefined && part.id === id) ?? parts[0];
}

const httpError = (service: string, status: number): TopazError =>
  new TopazError('E_NETWORK_HTTP', `${service} answered with an error page`, {
    facts: [`HTTP status ${status}`],
    hint:
      status >= 500
        ? 'the service is not available; try again later'
        : 'check the address in the profile, or a proxy in between: topaz profile show',
    details: { service, httpStatus: status },
  });

const invalid = (service: string, reason: string): TopazError =>
  new TopazError('E_REPLY_INVALID', `the answer of ${service} has another form than expected`, {
    facts: [reason],
    hint: 'nothing of it was used; try again, and report it if it stays',
    details: { service },
  });
