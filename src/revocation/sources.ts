/**
 * What asking needs: the wire, the local copies, a clock and chance; and what is remembered in one run.
 *
 * @module
 */

import type { Crl } from '../x509/crl.js';
import type { Copies } from './copies.js';
import type { Fetch } from './fetch.js';

export interface Sources {
  readonly fetch: Fetch;
  readonly copies: Copies;
  readonly now: () => Date;
  /** Random bytes. */
  readonly newNonce: (length: number) => Uint8Array;
  readonly signal: AbortSignal | undefined;
  /** Lists that were read in this run: a large one is read once. */
  readonly lists: Map<string, { readonly crl: Crl; readonly cached: boolean }>;
}
