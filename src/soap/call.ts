/**
 * One SOAP call: envelope, security, transport, answer. A call is sent once, but for what `repeat` of its request
 * allows: which operation may be repeated is for the services to say.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../errors.js';
import type { XmlElement } from '../xml/tree.js';
import { writeXmlBytes } from '../xml/write.js';
import { addressingHeaders, checkRelation } from './addressing.js';
import type { Addressing } from './addressing.js';
import type { OutgoingBody } from './http-client.js';
import { writeMultipart } from './multipart-writer.js';
import type { OutgoingPart, Packaging } from './multipart-writer.js';
import type { PartStore } from './part-store.js';
import { receiveReply } from './receive.js';
import { serverDate } from './reply.js';
import type { SoapReply } from './reply.js';
import { withRetry } from './retry.js';
import type { Repeat } from './retry.js';
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
  /** WS-Addressing headers; the SOAPAction is not taken from them. */
  readonly addressing?: Addressing | undefined;
  readonly attachments?: readonly Attachment[] | undefined;
  /** How attachments travel; `xop` also without any, for a service that wants it so. @default 'swa' */
  readonly packaging?: Packaging | undefined;
  /** Of the answer. @default 32 MiB */
  readonly maxBytes?: number | undefined;
  /** Where large parts of the answer go; without it they stay in memory. */
  readonly store?: PartStore | undefined;
  /** Whether it may be sent again, with new ids and a new signature. @default 'never' */
  readonly repeat?: Repeat | undefined;
  /** Other limits than those of every call, for what takes long. Milliseconds. */
  readonly limits?:
    | { readonly timeoutMs?: number; readonly firstByteMs?: number; readonly idleMs?: number }
    | undefined;
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
  /** Without it, nothing is ever sent again. */
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
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
  const { now, sleep } = options;
  return (request, { signal } = {}) => {
    const repeat = sleep === undefined ? 'never' : (request.repeat ?? 'never');
    const context = { now, sleep: sleep ?? (() => Promise.resolve()), signal };
    return withRetry(repeat, context, () => callOnce(request, signal, options));
  };
}

async function callOnce(
  request: SoapRequest,
  signal: AbortSignal | undefined,
  { transport, now, newId, timeoutMs, log, onDate }: CreateCallOptions,
): Promise<SoapReply> {
  const { service, operation, maxBytes = MAX_REPLY_BYTES, store, limits } = request;
  const messageId = request.addressing === undefined ? undefined : newId();
  const { contentType, body } = await encode(request, messageId, now(), newId);
  const started = now().getTime();
  const note = (outcome: string): void => {
    log?.(`soap ${service} ${operation} ${outcome} ${now().getTime() - started}ms`);
  };
  try {
    const reply = await transport.post(
      request.url,
      { 'Content-Type': contentType, SOAPAction: `"${request.action ?? ''}"` },
      body,
      { timeoutMs, ...limits, signal, maxBytes },
    );
    const date = serverDate(reply.headers);
    if (date !== undefined) {
      onDate?.(date);
    }
    const answer = await receiveReply(service, reply, { maxBytes, store, newId });
    if (messageId !== undefined) {
      checkRelation(service, answer.envelope, messageId);
    }
    note(String(answer.status));
    return answer;
  } catch (error) {
    note(outcomeOf(error));
    throw error;
  }
}

/** A fault by its own code, everything else by ours: no text of the service, which may name people. */
function outcomeOf(error: unknown): string {
  if (error instanceof SoapFaultError) {
    return `${error.statusCode} fault ${/^[\w.:-]{1,40}$/.exec(error.faultCode)?.[0] ?? '?'}`;
  }
  return error instanceof TopazError ? error.code : 'failed';
}

async function encode(
  { body, headers = [], security, addressing, attachments = [], packaging }: SoapRequest,
  messageId: string | undefined,
  now: Date,
  newId: () => string,
): Promise<{ readonly contentType: string; readonly body: OutgoingBody }> {
  if (packaging === 'xop' && security.kind !== 'none' && !signsTimestampOnly(security)) {
    // The receiver puts the bytes back before it verifies: what is signed would have to hold them.
    throw new TypeError('the Body of a message with XOP parts is not signed');
  }
  const ours =
    addressing === undefined || messageId === undefined
      ? headers
      : [...addressingHeaders(addressing, messageId), ...headers];
  const envelope = await secureEnvelope(body, ours, security, { now, newId });
  const xml = writeXmlBytes(envelope);
  return attachments.length === 0 && packaging !== 'xop'
    ? { contentType: XML, body: xml }
    : writeMultipart(xml, attachments, `part-${newId()}`, packaging);
}

const signsTimestampOnly = (security: Security): boolean =>
  security.kind === 'saml' && security.parts === 'timestamp';
