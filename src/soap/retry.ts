/**
 * When a call may be sent again. The rule that nothing else weakens: what may have been processed is not sent
 * twice, unless the caller says that the operation only reads.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { interrupted } from './network-error.js';

/**
 * `unsent`: again only where no connection was established, so that the service cannot have seen it.
 * `read`: also where the answer was lost, or a gateway had none; for operations that change nothing.
 */
export type Repeat = 'never' | 'unsent' | 'read';

/** Pauses before the second and the third try: a person waits for the answer. */
const PAUSES_MS: readonly number[] = [300, 1_500];
/** A service that asks for more patience than this is reported instead. */
const MAX_PAUSE_MS = 20_000;

/** A name that is not found, or a port that is closed, may be there a moment later. */
const CONNECTING: ReadonlySet<string> = new Set([
  'E_NETWORK_DNS',
  'E_NETWORK_REFUSED',
  'E_NETWORK_RESET',
  'E_NETWORK_TIMEOUT',
  'E_NETWORK',
]);
/** Bad gateway, gateway timeout: the service did not answer the gateway. */
const GATEWAY: ReadonlySet<number> = new Set([502, 504]);
const UNAVAILABLE = 503;

export interface RetryContext {
  readonly now: () => Date;
  /** Waits; ends early, by rejecting, when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly signal: AbortSignal | undefined;
  /** Told before each pause. */
  readonly onRetry?: ((error: TopazError, pauseMs: number) => void) | undefined;
}

/**
 * Runs `attempt`, again where {@link pauseBefore} allows it.
 *
 * @throws The error of the last attempt; TopazError `E_INTERRUPTED`.
 */
export async function withRetry<T>(
  repeat: Repeat,
  { now, sleep, signal, onRetry }: RetryContext,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const pauseMs = pauseBefore(error, repeat, tries, now());
      if (pauseMs === undefined || !(error instanceof TopazError) || isAborted(signal)) {
        throw error;
      }
      onRetry?.(error, pauseMs);
      await sleep(pauseMs, signal).catch((reason: unknown) => {
        throw isAborted(signal) ? interrupted() : reason;
      });
    }
  }
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/**
 * How long to wait before the next try, in milliseconds; `undefined` = do not try again.
 *
 * @param tries How many have failed before this one.
 */
export function pauseBefore(
  error: unknown,
  repeat: Repeat,
  tries: number,
  now: Date,
): number | undefined {
  const pauseMs = PAUSES_MS[tries];
  if (repeat === 'never' || pauseMs === undefined || !(error instanceof TopazError)) {
    return undefined;
  }
  if (error.details?.['sent'] === false) {
    // A certificate or a proxy that refuses will do so again.
    const isPermanent = error.code === 'E_NETWORK_TLS' || error.code === 'E_NETWORK_HTTP' || isProxyStatus(error); // prettier-ignore
    return CONNECTING.has(error.code) && !isPermanent ? pauseMs : undefined;
  }
  if (repeat === 'unsent') {
    return undefined;
  }
  const status = Number(error.details?.['httpStatus']);
  if (error.code === 'E_NETWORK_HTTP' && status === UNAVAILABLE) {
    const asked = retryAfterMs(error.details?.['retryAfter'], now);
    // Without a word of the service, 503 is how long failures announce themselves.
    return asked === undefined || asked > MAX_PAUSE_MS ? undefined : Math.max(asked, pauseMs);
  }
  // Not a timeout: that wait was the caller's limit.
  return error.code === 'E_NETWORK_RESET' ||
    (error.code === 'E_NETWORK_HTTP' && GATEWAY.has(status))
    ? pauseMs
    : undefined;
}

const isProxyStatus = ({ facts }: TopazError): boolean =>
  facts.some((fact) => fact.endsWith('from the proxy'));

/** `Retry-After` in seconds or as a date; `undefined` for neither. A date that has passed is no wait. */
export function retryAfterMs(value: unknown, now: Date): number | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  if (/^\d{1,9}$/.test(text)) {
    return Number(text) * 1000;
  }
  // Only the form with a day's name: everything else that Date reads is a guess.
  const date = /^[A-Z][a-z]{2}/.test(text) ? new Date(text) : new Date(Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : Math.max(0, date.getTime() - now.getTime());
}
