/**
 * Opens a message sealed for eHealth recipients (ETEE "triple wrapped": signed, encrypted, signed) and
 * judges it in the order and with the names of the official library (etee §5).
 *
 * Deliberate differences: a content with errors is handed out only as `quarantined`; a damaged content key
 * looks like a damaged message; certificates may come in any order; the digest inside a PSS signature must
 * be SHA-256 too. Revocation is checked where the caller brings a checker.
 *
 * One implementation serves bytes and streams: the three layers are read at the same time, in chunks.
 *
 * @module
 */

import { pullBytes, type Pull } from '../der/pull.js';
import type { Certificate } from '../x509/certificate.js';
import { Fatal, Findings } from './findings.js';
import { faultOf, openEnvelope, type OwnKeys } from './open-envelope.js';
import { checkSignerRevocation, type SealRevocation } from './revocation.js';
import { isSamePerson, readSender, type Sender } from './sender.js';
import {
  checkKeyUsage,
  checkSignature,
  checkSigner,
  openSignedLayer,
  type SignedLayer,
  type SignerContext,
} from './signed-layer.js';

export interface UnsealOptions extends OwnKeys {
  /** Trusted certificates of eHealth: roots, and issuing CAs for messages without a chain. */
  readonly roots: readonly Certificate[];
  readonly now: Date;
  /** The certificate of the sender may have ended before the signing time. @default false */
  readonly allowExpiredSender?: boolean | undefined;
  /** Without it, nobody is asked whether the sender was revoked: the official default. */
  readonly revocation?: SealRevocation | undefined;
  /** Quality of the sender, as the carrier of the message gives it: it is in no certificate. */
  readonly senderQuality?: string | undefined;
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
  /** Of the content. */
  readonly sizeBytes: number;
}

/** Genuine: sealed by the holder of `sender.certificate`. */
export interface Accepted extends Opened {
  readonly verdict: 'clean' | 'warning';
  readonly sender: Sender;
}

/** Not to be trusted, for the reasons in `errors`. */
export interface Rejected extends Opened {
  readonly verdict: 'refused';
  /** Claimed; absent when the message does not carry the certificate of its signer. */
  readonly sender: Sender | undefined;
}

export type Judgement = Accepted | Rejected;

export interface Released extends Accepted {
  readonly content: Uint8Array;
}

export interface Refused extends Rejected {
  /** What the message holds; nobody vouches for it. */
  readonly quarantined: Uint8Array;
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
  // No content is larger than its seal, so nothing is copied twice.
  const room = Buffer.allocUnsafeSlow(sealed.length);
  let size = 0;
  const judgement = await unsealStream(
    pullBytes(sealed),
    (chunk) => {
      room.set(chunk, size);
      size += chunk.length;
    },
    options,
  );
  const content = room.subarray(0, size);
  return judgement.verdict === 'refused'
    ? { ...judgement, quarantined: content }
    : { ...judgement, content };
}

/**
 * Opens a message of any size in constant memory.
 *
 * @param source BER or DER, chunk by chunk.
 * @param write Takes the content *before anything is known about it*: to be kept where nobody reads it, and
 *   thrown away unless this function returns what must be.
 * @returns What {@link unseal} says, without the content.
 * @throws As {@link unseal}; errors of `source` and `write` pass through.
 */
export async function unsealStream(
  source: Pull,
  write: (chunk: Uint8Array) => Promise<void> | void,
  options: UnsealOptions,
): Promise<Judgement> {
  const findings = new Findings();
  try {
    return await openLayers(source, write, options, findings);
  } catch (error) {
    throw error instanceof Fatal ? findings.conclude(error) : error;
  }
}

async function openLayers(
  source: Pull,
  write: (chunk: Uint8Array) => Promise<void> | void,
  options: UnsealOptions,
  findings: Findings,
): Promise<Judgement> {
  const middleFindings = new Findings();
  const innerFindings = new Findings();
  let inner: SignedLayer | undefined;
  let fault: Fatal | undefined;
  let sizeBytes = 0;
  const keep = async (content: Pull): Promise<void> => {
    for (let chunk = await content(); chunk !== undefined; chunk = await content()) {
      sizeBytes += chunk.length;
      await write(chunk);
    }
  };
  const openInner = async (bytes: Pull): Promise<void> => {
    inner = await openSignedLayer(bytes, keep, 'INNER', innerFindings);
  };
  const openMiddle = async (bytes: Pull): Promise<void> => {
    fault = await faultOf(() => openEnvelope(bytes, openInner, options, middleFindings));
  };
  const outer = await openSignedLayer(source, openMiddle, 'OUTER', findings);
  const context: SignerContext = {
    roots: options.roots,
    at: checkTime(outer, options.now, findings),
    allowExpired: options.allowExpiredSender === true,
  };
  if (outer.signer === undefined) {
    findings.error('OUTER_CERTIFICATE_EXPECTED_BUT_NOT_PRESENT');
  } else {
    checkSigner(outer, outer.signer, context, findings);
    await checkSignerRevocation(outer, outer.signer, context, options.revocation, findings);
  }
  findings.add(middleFindings);
  findings.add(innerFindings);
  if (fault !== undefined) {
    throw fault;
  }
  if (inner === undefined) {
    throw new Fatal('INNER_SIGNED_DATA_STRUCTURE_INCORRECT', 'the sealed message is damaged');
  }
  checkInner(inner, outer, context, findings);
  if (inner.signer !== undefined) {
    await checkSignerRevocation(inner, inner.signer, context, options.revocation, findings);
  }
  return conclude(inner, outer, findings, { sizeBytes, quality: options.senderQuality });
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

function conclude(
  inner: SignedLayer,
  outer: SignedLayer,
  { errors, warnings }: Findings,
  { sizeBytes, quality }: { readonly sizeBytes: number; readonly quality: string | undefined },
): Judgement {
  const sender = outer.signer === undefined ? undefined : readSender(outer.signer, quality);
  const opened = {
    signingTime: outer.signingTime,
    innerCertificate: inner.signer,
    errors,
    warnings,
    sizeBytes,
  };
  return errors.length > 0 || sender === undefined
    ? { ...opened, verdict: 'refused', sender }
    : { ...opened, verdict: warnings.length > 0 ? 'warning' : 'clean', sender };
}
