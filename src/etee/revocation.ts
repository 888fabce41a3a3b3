/**
 * Revocation of those who sealed, and of those to be sealed for, with the official names (etee §5.5): the
 * answer that the sender embedded, else asked. Who was revoked after the signing time was good.
 *
 * @module
 */

import { OID_REVOCATION_VALUES } from '../der/oids.js';
import { isContext, readSequence } from '../der/values.js';
import { checkPathStatus, judgeStatus } from '../revocation/path-status.js';
import type { RevocationPolicy } from '../revocation/path-status.js';
import type { Certificate } from '../x509/certificate.js';
import { buildPath } from '../x509/chain.js';
import type { RevocationChecker } from '../x509/revocation-status.js';
import { findPath } from './certificate-cache.js';
import type { Etk } from './etk.js';
import type { Findings } from './findings.js';
import type { SignedLayer } from './signed-layer.js';

export interface SealRevocation {
  readonly policy: RevocationPolicy;
  readonly checker: RevocationChecker;
}

export interface AtTime {
  readonly roots: readonly Certificate[];
  /** The moment that counts. */
  readonly at: Date;
}

/** Adds what is found to the findings; a signer without a path was refused for that already. */
export async function checkSignerRevocation(
  layer: SignedLayer,
  signer: Certificate,
  { roots, at }: AtTime,
  revocation: SealRevocation | undefined,
  findings: Findings,
): Promise<void> {
  const path = findPath(signer, layer.certificates, roots, at);
  if (revocation === undefined || revocation.policy === 'off' || path === undefined) {
    return;
  }
  const embedded = embeddedAnswers(layer);
  const { state } = await checkPathStatus(revocation.checker, path, { at, embedded });
  const judged = judgeStatus(state, revocation.policy);
  const unknown = `${layer.layer}_CERTIFICATE_STATUS_UNKNOWN`;
  if (judged === 'refused') {
    findings.error(state === 'revoked' ? `${layer.layer}_CERTIFICATE_REVOKED` : unknown);
  } else if (judged === 'warning') {
    findings.warn(unknown);
  }
}

/** BasicOCSPResponses in revocation-values: `SEQUENCE { [0] lists, [1] answers }`. */
function embeddedAnswers({ info }: SignedLayer): readonly Uint8Array[] {
  const values = info.unsignedAttributes.find(({ type }) => type === OID_REVOCATION_VALUES);
  try {
    return (values?.values ?? [])
      .flatMap((value) => readSequence(value))
      .filter((field) => isContext(field, 1))
      .flatMap((field) => readSequence(field.children[0]))
      .map(({ bytes }) => bytes);
  } catch {
    return [];
  }
}

/**
 * @returns Official names of what is wrong with the holder of a token, and of what is only not known.
 */
export async function checkEtkRevocation(
  { authentication, authorities }: Etk,
  { roots, at }: AtTime,
  revocation: SealRevocation | undefined,
): Promise<{ readonly errors: readonly string[]; readonly warnings: readonly string[] }> {
  const none = { errors: [], warnings: [] };
  if (revocation === undefined || revocation.policy === 'off') {
    return none;
  }
  const path = buildPath(authentication, authorities, roots, at);
  if (path === undefined) {
    return none;
  }
  const { state } = await checkPathStatus(revocation.checker, path, { at });
  const judged = judgeStatus(state, revocation.policy);
  const name = `ETK_AUTHENTICATION_CERT_${state === 'revoked' ? 'REVOKED' : 'STATUS_UNKNOWN'}`;
  return {
    errors: judged === 'refused' ? [name] : [],
    warnings: judged === 'warning' ? [name] : [],
  };
}
