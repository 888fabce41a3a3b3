/**
 * The registration authority as one command reaches it: the connection, the addresses, the clock.
 *
 * @module
 */

import type { RaOptions } from '../certra/ra-frame.js';
import type { Call } from '../soap/call.js';

export interface Authority {
  readonly call: Call;
  /** URL of CertRA. */
  readonly certra: string;
  /** URL of ETKRA. */
  readonly etkra: string;
  readonly now: () => Date;
  /** Gives a fresh UUID. */
  readonly newId: () => string;
  readonly signal?: AbortSignal | undefined;
}

/** What a request made now needs. */
export const raOptions = ({ now, newId, signal }: Authority): RaOptions => ({
  now: now(),
  newId,
  signal,
});
