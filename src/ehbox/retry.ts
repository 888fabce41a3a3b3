/**
 * Which failures of the service go away by waiting, and the waiting (sync design, “Errors”).
 *
 * @module
 */

import { FAMILY, SoapFaultError, TopazError } from '../errors.js';

/** Pauses before the second, third and fourth try. */
const PAUSES_MS = [1_000, 4_000, 15_000] as const;
const TRANSIENT_FAULTS = new Set(['SOA-02001', 'SOA-02002']);

export interface RetryOptions {
  /** Waits about so long; the caller adds what spreads clients apart. */
  readonly pause: (ms: number) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** Network trouble and a service that says it is away; never a certificate that is not trusted. */
export function isTransient(error: unknown): boolean {
  if (error instanceof SoapFaultError) {
    return TRANSIENT_FAULTS.has(error.faultCode);
  }
  if (!(error instanceof TopazError) || FAMILY[error.code] !== 'network') {
    return false;
  }
  const status = error.details?.['httpStatus'];
  return error.code !== 'E_NETWORK_TLS' && !(typeof status === 'number' && isFinal(status));
}

/** An error page that will be the same the next time. */
const isFinal = (status: number): boolean => status < 500 && status !== 408 && status !== 429;

/** The service understood and said no: as a status in its answer, or as a fault with a code of its own. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof SoapFaultError
    ? !error.faultCode.startsWith('SOA-')
    : error instanceof TopazError && error.code === 'E_SERVICE_REFUSED';

/** The session is over for this service: no other call can succeed. */
export const isUnauthenticated = (error: unknown): boolean =>
  error instanceof TopazError &&
  (error.code === 'E_SESSION_EXPIRED' ||
    error.code === 'E_SESSION_NONE' ||
    (error instanceof SoapFaultError && error.faultCode === 'SOA-01001'));

/** The disk, or another command, keeps us from writing: going on is pointless. */
export const isLocalTrouble = (error: unknown): boolean =>
  error instanceof TopazError && ['E_DISK_FULL', 'E_READ_ONLY', 'E_LOCKED'].includes(error.code);

/**
 * Tries, and tries again while the failure is transient.
 *
 * @throws what the last try threw.
 */
export async function withRetries<T>(
  work: () => Promise<T>,
  { pause, signal }: RetryOptions,
): Promise<T> {
  for (const ms of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || signal?.aborted === true) {
        throw error;
      }
    }
    await pause(ms);
  }
  return work();
}
