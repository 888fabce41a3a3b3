/**
 * What went wrong on the wire, by what a person can do about it.
 *
 * @module
 */

import { systemCode, TopazError } from '../errors.js';
import type { ErrorCode } from '../errors.js';
import { NO_FIRST_BYTE } from './http-client.js';
import { ConnectError } from './connector.js';
import { UNKNOWN_ENCODING } from './inflate.js';
import { PROXY_ERROR } from './proxy.js';

/** System, TLS and client codes by what a person can do about them. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'E_NETWORK_DNS',
  EAI_AGAIN: 'E_NETWORK_DNS',
  ECONNREFUSED: 'E_NETWORK_REFUSED',
  EHOSTUNREACH: 'E_NETWORK_REFUSED',
  ENETUNREACH: 'E_NETWORK_REFUSED',
  ETIMEDOUT: 'E_NETWORK_TIMEOUT',
  ECONNABORTED: 'E_NETWORK_TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'E_NETWORK_TIMEOUT',
  [NO_FIRST_BYTE]: 'E_NETWORK_TIMEOUT',
  ECONNRESET: 'E_NETWORK_RESET',
  EPIPE: 'E_NETWORK_RESET',
  ERR_STREAM_PREMATURE_CLOSE: 'E_NETWORK_RESET',
  UND_ERR_SOCKET: 'E_NETWORK_RESET',
  UND_ERR_ABORTED: 'E_NETWORK_RESET',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'E_NETWORK_RESET',
  UND_ERR_HEADERS_OVERFLOW: 'E_NETWORK_HTTP',
  // A compressed answer that ends too early.
  Z_BUF_ERROR: 'E_NETWORK_RESET',
};

const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO)/;

export interface Situation {
  readonly interrupted: boolean;
  /** Which limit ended the exchange. */
  readonly late: 'total' | 'idle' | undefined;
  readonly maxBytes: number;
}

const TOO_LARGE = 'ERR_REPLY_TOO_LARGE';

/** For an answer above its limit; {@link networkError} says it to people. */
export const tooLarge = (): Error =>
  Object.assign(new Error('the answer is too large'), { code: TOO_LARGE });

/**
 * The error for people. It has no cause: that of a client holds headers and body, and a code says what there
 * is to know. `details.sent` is false where the connection was not established.
 */
export function networkError(
  failure: unknown,
  host: string,
  { interrupted: stopped, late, maxBytes }: Situation,
): TopazError {
  if (stopped) {
    return interrupted();
  }
  const error = unwrapped(failure);
  if (error instanceof TopazError) {
    return error;
  }
  const code = systemCode(error) ?? '';
  if (code === TOO_LARGE) {
    return new TopazError('E_REPLY_TOO_LARGE', `the answer of ${host} is larger than expected`, {
      facts: [`more than ${maxBytes} bytes; nothing of it was used`],
      hint: 'try again; report it if it stays',
      details: { host },
    });
  }
  const details = { host, ...(error instanceof ConnectError ? { sent: false } : {}) };
  if (late === undefined && code.startsWith(PROXY_ERROR)) {
    return proxyRefusal(code.slice(PROXY_ERROR.length), host, details);
  }
  const known = late === undefined ? codeOf(code, messageOf(error)) : 'E_NETWORK_TIMEOUT';
  return new TopazError(known, textOf(known, host), {
    facts: factsOf(code, error, late),
    hint: HINTS[known] ?? 'check the network connection and try again',
    details,
  });
}

/** axios wraps what it is given. */
function unwrapped(error: unknown): unknown {
  const cause =
    typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
  return cause instanceof ConnectError || cause instanceof TopazError ? cause : error;
}

function factsOf(code: string, error: unknown, late: Situation['late']): readonly string[] {
  if (late === 'idle') {
    return ['the answer stopped in the middle'];
  }
  if (late === 'total') {
    return [];
  }
  if (error instanceof ConnectError && error.late) {
    return [error.phase === 'tls' ? 'no TLS within its limit' : 'no connection within its limit'];
  }
  return code === '' ? [] : [code];
}

/** Not `instanceof Error`: system errors come from another realm where a test has its own globals. */
const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';

/** What a proxy says is never an answer of the service. */
function proxyRefusal(
  reason: string,
  host: string,
  details: Readonly<Record<string, unknown>>,
): TopazError {
  const isStatus = /^\d+$/.test(reason);
  const code = isStatus ? 'E_NETWORK_REFUSED' : codeOf(reason, '');
  return new TopazError(
    code,
    isStatus
      ? `the proxy does not open a way to ${host}`
      : textOf(code, `the proxy on the way to ${host}`),
    {
      facts: [isStatus ? `HTTP status ${reason} from the proxy` : reason],
      hint: 'check the proxy in the profile, with its user and password: topaz profile show',
      details,
    },
  );
}

function codeOf(code: string, message: string): ErrorCode {
  if (TLS_CODE.test(code)) {
    return 'E_NETWORK_TLS';
  }
  // The parser of HTTP, or a compression that is none.
  if (code.startsWith('HPE_') || code === 'Z_DATA_ERROR' || code === UNKNOWN_ENCODING) {
    return 'E_NETWORK_HTTP';
  }
  // The parser of undici has no code of its own.
  if (code === '' && message.startsWith('Response does not match the HTTP/1.1 protocol')) {
    return 'E_NETWORK_HTTP';
  }
  return CODES[code] ?? (/aborted|hang up/.test(message) ? 'E_NETWORK_RESET' : 'E_NETWORK');
}

export const interrupted = (): TopazError =>
  new TopazError('E_INTERRUPTED', 'interrupted', { hint: 'run the command again' });

const HINTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  E_NETWORK_DNS: 'check the network connection and the address in the profile: topaz profile show',
  E_NETWORK_REFUSED: 'check the address in the profile, or a proxy in between: topaz profile show',
  E_NETWORK_TIMEOUT: 'try again later, or wait longer with --timeout 60s',
  E_NETWORK_RESET: 'try again',
  E_NETWORK_TLS:
    'a proxy may be in between: ask for its root certificate, then topaz profile set trust.caFile FILE',
  E_NETWORK_HTTP: 'check the address in the profile, or a proxy in between: topaz profile show',
};

function textOf(code: ErrorCode, host: string): string {
  switch (code) {
    case 'E_NETWORK_DNS':
      return `${host} cannot be found`;
    case 'E_NETWORK_REFUSED':
      return `${host} cannot be reached`;
    case 'E_NETWORK_TIMEOUT':
      return `${host} did not answer in time`;
    case 'E_NETWORK_RESET':
      return `the connection to ${host} was cut`;
    case 'E_NETWORK_TLS':
      return `${host} could not prove who it is`;
    case 'E_NETWORK_HTTP':
      return `${host} does not answer as a web service`;
    default:
      return `the call to ${host} failed`;
  }
}
