/**
 * A session: the assertion of the STS and what is worth knowing about it.
 *
 * @module
 */

import type { Environment } from '../profile/environment.js';
import type { SamlAttribute } from '../saml/request.js';

export interface Session {
  readonly via: 'eid' | 'keystore';
  readonly holder: { readonly type: string; readonly id: string; readonly quality: string };
  readonly environment: Environment;
  readonly openedAt: Date;
  readonly notOnOrAfter: Date;
  readonly assertionId: string;
  /** Self-contained XML, sent verbatim. Never shown, never logged. */
  readonly assertion: string;
  /** Fingerprint of the certificate whose key signs with it. */
  readonly holderOfKey: string;
  /** File of the keystore with that key. */
  readonly keystore?: string | undefined;
  /** By which it was asked for; unknown for sessions of earlier versions. */
  readonly protocol?: 'saml' | 'wstrust' | undefined;
  readonly attributes: readonly SamlAttribute[];
}

/** Seconds that are left, never negative. */
export const secondsLeft = ({ notOnOrAfter }: Session, now: Date): number =>
  Math.max(0, Math.floor((notOnOrAfter.getTime() - now.getTime()) / 1000));
