/**
 * Opens a message sealed for eHealth recipients (ETEE "triple wrapped": signed, encrypted, signed) and
 * judges it in the order and with the names of the official library (etee §5).
 *
 * Deliberate differences: a content with errors is handed out only as `quarantined`; a damaged content key
 * looks like a damaged message; certificates may come in any order; the digest inside a PSS signature must
 * be SHA-256 too; a content key under OAEP is not opened. Revocation is not checked.
 *
 * @module
 */

import type { Decrypter } from '../keys/keys.js';
import type { Certificate } from '../x509/certificate.js';
import { Findings } from './findings.js';
import { openEnvelope } from './open-envelope.js';
import { isSamePerson, readSender, type Sender } from './sender.js';
import {
  checkKeyUsage,
  checkSignature,
  checkSigner,
  openSignedLayer,
  type SignedLayer,
  type SignerContext,
} from './signed-layer.js';

export interface UnsealOptions {
  /** Every encryption key at hand, old ones too: a message is sealed for the key of its day. */
  readonly decrypters: readonly Decrypter[];
  /** Trusted certificates of eHealth: roots, and issuing CAs for messages without a chain. */
  readonly roots: readonly Certificate[];
  readonly now: Date;
  /** The certificate of the sender may have ended before the signing time. @default false */
  readonly allowExpiredSender?: boolean | undefined;
}

interface Opened {
  /** Claimed by the sender, outer layer; certificates are judged at this time. */
  readonly signingTime: Date | undefined;
  /** Certificate of the inner layer, where it carries one of its own (eID: the Signature certificate). */
  readonly innerCertificate: Certificate | undefined;
  /** Official names; empty but for `refused`. */
  readonly errors: readonly string[];
  /**
   * Official names. `SIGNING_TIME_EXPIRED` (not sealed within the last ten minutes) is the normal case for
   * a stored message.
   */
  readonly warnings: readonly string[];
}

/** Genuine: sealed by the holder of `sender.certificate`. */
export interface Released extends Opened {
  readonly verdict: 'clean' | 'warning';
  readonly content: Uint8Array;
  readonly sender: Sender;
}

/** Not to be trusted, for the reasons in `errors`. */
export interface Refused extends Opened {
  readonly verdict: 'refused';
  /** What the message holds; nobody vouches for it. */
  readonly quarantined: Uint8Array;
  /** Claimed; absent when the message does not carry the certificate of its signer. */
  readonly sender: Sender | undefined;
}

export type Unsealed = Released | Refused;

const MINUTE_MS = 60_000;
/** Oldest signing time without a warning: five minutes, and five for clocks that differ. */
const MAX_AGE_MS = 10 * MINUTE_MS;
const MAX_AHEAD_MS = 5 * MINUTE_MS;

/**
 * @param sealed BER or DER.
 * @returns The content with the verdict `clean` or `warning`; `refused` when the message opens but is not
 *   genuine.
 * @throws SealError `E_SEAL_NOT_FOR_US` when none of the keys opens it, `E_SEAL_INVALID` when it is
 *   damaged or not a sealed message; `fatal` holds the official name.
 */
export async function unseal(sealed: Uint8Array, options: UnsealOptions): Promise<Unsealed> {
  const findings = new Findings();
  const outer = openSignedLayer(sealed, 'OUTER', findings);
  const context: SignerContext = {
    roots: options.roots,
    at: checkTime(outer, options.now, findings),
    allowExpired: options.allowExpiredSender === true,
  };
  if (outer.signer === undefined) {
    findings.error('OUTER_CERTIFICATE_EXPECTED_BUT_NOT_PRESENT');
  } else {
    checkSigner(outer, outer.signer, context, findings);
  }
  const bytes = await openEnvelope(outer.data.content, options.decrypters, findings);
  const inner = openSignedLayer(bytes ?? new Uint8Array(), 'INNER', findings);
  checkInner(inner, outer, context, findings);
  return conclude(inner, outer, findings);
}

/** The time at which certificates are judged: the claimed one, even when it is far from now. */
function checkTime({ signingTime }: SignedLayer, now: Date, findings: Findings): Date {
  if (signingTime === undefined) {
    findings.warn('SIGNING_TIME_MISSING');
    return now;
  }
  const ageMs = now.getTime() - signingTime.getTime();
  if (ageMs > MAX_AGE_MS || ageMs < -MAX_AHEAD_MS) {
    findings.warn('SIGNING_TIME_EXPIRED');
  }
  return signingTime;
}

function checkInner(
  inner: SignedLayer,
  outer: SignedLayer,
  context: SignerContext,
  findings: Findings,
): void {
  if (inner.policy !== undefined && outer.policy !== undefined && inner.policy !== outer.policy) {
    findings.error('MESSAGE_INTEGRITY_INVALID');
  }
  if (inner.signer !== undefined) {
    if (outer.signer !== undefined && !isSamePerson(inner.signer, outer.signer)) {
      findings.error('MESSAGE_INTEGRITY_INVALID');
    }
    checkSigner(inner, inner.signer, context, findings);
  } else if (outer.signer !== undefined) {
    checkSignature(inner, outer.signer, context, findings);
    checkKeyUsage('INNER', outer.signer, findings);
  }
}

function conclude(inner: SignedLayer, outer: SignedLayer, findings: Findings): Unsealed {
  const { errors, warnings } = findings;
  const sender = outer.signer === undefined ? undefined : readSender(outer.signer);
  const opened = {
    signingTime: outer.signingTime,
    innerCertificate: inner.signer,
    errors,
    warnings,
  };
  const { content } = inner.data;
  return errors.length > 0 || sender === undefined
    ? { ...opened, verdict: 'refused', quarantined: content, sender }
    : { ...opened, verdict: warnings.length > 0 ? 'warning' : 'clean', content, sender };
}
