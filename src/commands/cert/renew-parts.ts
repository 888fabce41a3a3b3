/**
 * What the parts of `topaz cert renew` hand to each other.
 *
 * @module
 */

import type { SecretFlags } from '../../cli/run.js';
import type { Keystore } from '../../keystore/keystore.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { CardFlags } from '../eid/open-card.js';
import type { ContactFlags } from './request-input.js';

export interface RenewOptions extends SecretFlags, ContactFlags, CardFlags {
  newPasswordFile?: string;
  newPasswordFd?: string;
  acceptTerms?: boolean;
  contractOut?: string;
  out?: string;
  ifDue?: boolean;
  until?: string;
  use?: boolean;
  new?: boolean;
  dryRun?: boolean;
}

/** What is renewed. */
export interface Old {
  readonly path: string;
  readonly alias: string;
  readonly keystore: Keystore;
  /** UTF-8; wiped by whoever asked. */
  readonly password: Uint8Array;
}

/** A renewal that is with eHealth. */
export interface Sent {
  readonly record: RequestRecord;
  /** Its keystore as the command line names it. */
  readonly shown?: string;
  /** Of its keystore, where this run gave it; wiped by whoever gets it. */
  readonly password?: Uint8Array;
}
