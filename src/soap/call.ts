/**
 * One SOAP call: envelope, security, transport, answer. Nothing is sent twice here: which call may be
 * repeated is for the services to say.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../errors.js';
import type { XmlElement } from '../xml/tree.js';
import { writeXml } from '../xml/write.js';
import { writeMultipart } from './multipart.js';
import type { OutgoingPart } from './multipart.js';
import { parseReply } from './reply.js';
import type { SoapReply } from './reply.js';
import { secureEnvelope } from './security.js';
import type { Security } from './security.js';
import type { Transport } from './transport.js';

export type { SoapReply } from './reply.js';
export type { Security } from './security.js';

export type Attachment = OutgoingPart;

export interface SoapRequest {
  /** As records and faults of the sandbox name it: `certra`, `sts`, `ehboxConsultation` … */
  readonly service: string;
  /** Body element without `Request`: for logs. */
  readonly operation: string;
  readonly url: string;
  /** SOAPAction without quotes; absent = an empty one. */
  readonly action?: string | undefined;
  readonly body: XmlElement;
  readonly security: Security;
  /** Other SOAP headers. */
  readonly headers?: readonly XmlElement[] | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  /** Of the answer. @default 32 MiB */
  readonly maxBytes?: number | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request. */
export type Call = (request: SoapRequest, options?: CallOptions) => Promise<SoapReply>;

export interface CreateCallOptions {
  readonly transport: Transport;
  readonly now: () => Date;
  /** A fresh UUID. */
  readonly newId: () => string;
  readonly timeoutMs: number;
  /** One line per exchange: names and figures, never contents. */
  readonly log?: ((line: string) => void) | undefined;
  /** Told the service's clock with each answer. */
  readonly onDate?: ((serverDate: Date) => void) | undefined;
}

const MAX_REPLY_BYTES = 32 * 1024 * 1024;
const XML = 'text/xml; charset=utf-8';

/**
 * Makes the function through which every service speaks.
 *
 * It throws SoapFaultError, and TopazError `E_NETWORK_*`, `E_XML_*`, `E_REPLY_*`, `E_INTERRUPTED`.
 */
export function createCall(options: CreateCallOptions): Call {
  const { transport, now, newId, timeoutMs, log, onDate } = options;
  return async (request, { signal } = {}) => {
    const { body, security, headers = [], maxBytes = MAX_REPLY_BYTES } = request;
    const envelope = await secureEnvelope(body, headers, security, { now: now(), newId });
    const { contentType, bytes } = encode(envelope, request.attachments ?? [], newId);
    const name = `soap ${request.service} ${request.operation}`;
    const started = now().getTime();
    const note = (outcome: string): void => {
      log?.(`${name} ${outcome} ${now().getTime() - started}ms`);
    };
    try {
      const reply = await transport.post(
        request.url,
        { 'Content-Type': contentType, SOAPAction: `"${request.action ?? ''}"` },
        bytes,
        { signal, timeoutMs, maxBytes },
      );
      const date = new Date(reply.headers['date'] ?? '');
      if (!Number.isNaN(date.getTime())) {
        onDate?.(date);
      }
      const { status, headers: replyHeaders, body: raw } = reply;
      const parsed = parseReply(request.service, status, replyHeaders, raw, { maxBytes });
      note(String(status));
      return parsed;
    } catch (error) {
      note(outcomeOf(error));
      throw error;
    }
  };
}

/** A fault by its own code, everything else by ours: no text of the service, which may name people. */
function outcomeOf(error: unknown): string {
  if (error instanceof SoapFaultError) {
    return `${error.statusCode} fault ${/^[\w.:-]{1,40}$/.exec(error.faultCode)?.[0] ?? '?'}`;
  }
  return error instanceof TopazError ? error.code : 'failed';
}

function encode(
  envelope: XmlElement,
  attachments: readonly Attachment[],
  newId: () => string,
): { readonly contentType: string; readonly bytes: Uint8Array } {
  const xml = Buffer.from(writeXml(envelope), 'utf8');
  if (attachments.length === 0) {
    return { contentType: XML, bytes: xml };
  }
  const { contentType, body } = writeMultipart(xml, attachments, `part-${newId()}`);
  return { contentType, bytes: body };
}
