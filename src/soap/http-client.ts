/**
 * What the transport needs of an HTTP client: one POST, its answer as it comes. Limits, errors for people and
 * decompression are the transport's, so that they are the same with every client.
 *
 * @module
 */

import type { Readable } from 'node:stream';

/** Content that is made while it is sent. */
export interface StreamedContent {
  /** Announced before the first byte; another length is an error. */
  readonly sizeBytes: number;
  /** Each call begins anew. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

export type OutgoingBody = Uint8Array | StreamedContent;

export const isStreamed = (body: OutgoingBody): body is StreamedContent => 'open' in body;

export interface ClientRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: OutgoingBody;
  /** Ends whatever is under way. */
  readonly signal: AbortSignal;
  /** From the last byte of the request to the headers of the answer; absent = no limit of its own. */
  readonly firstByteMs: number | undefined;
}

export interface ClientResponse {
  readonly status: number;
  /** Names in lower case; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it came, compressed or not. Destroying it gives up the connection. */
  readonly stream: Readable;
}

/** Code of the error for an answer that does not begin in time. */
export const NO_FIRST_BYTE = 'ERR_NO_FIRST_BYTE';

/** Redirects are answers like others. Errors are those of the client, with a `code`. */
export interface HttpClient {
  send(request: ClientRequest): Promise<ClientResponse>;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** Settings that both clients share. */
export interface ClientLimits {
  readonly connections: number;
  /** How long a connection without work is kept: less than servers and firewalls usually do. */
  readonly idleConnectionMs: number;
  readonly maxHeaderBytes: number;
}

/** `Name: [a, b]` as one value. */
export function plainHeaders(headers: object): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers) as [string, unknown][]) {
    plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return plain;
}
