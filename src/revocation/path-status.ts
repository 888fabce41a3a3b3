/**
 * Revocation of a whole path, and what it means under a policy (etee §5.5): `off` asks nothing, `optional`
 * takes what cannot be found out, `mandatory` refuses it.
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';
import type {
  RevocationChecker,
  RevocationQuestion,
  RevocationStatus,
} from '../x509/revocation-status.js';

export type RevocationPolicy = 'off' | 'optional' | 'mandatory';

export interface CertificateStatus {
  readonly certificate: Certificate;
  readonly status: RevocationStatus;
}

export interface PathStatus {
  /** `unknown`: of the leaf nothing is known, or of a CA that names a place to ask. */
  readonly state: 'good' | 'revoked' | 'unknown';
  /** The entry that decides, else the leaf's; `undefined` for a path of a root alone. */
  readonly decisive: CertificateStatus | undefined;
  /** One for each certificate that has an issuer in the path, leaf first. */
  readonly all: readonly CertificateStatus[];
}

/**
 * Checks every certificate of a path but its root.
 *
 * @param path As `buildPath` gives it: leaf first, root last.
 */
export async function checkPathStatus(
  checker: RevocationChecker,
  path: readonly Certificate[],
  question: RevocationQuestion = {},
): Promise<PathStatus> {
  const all: CertificateStatus[] = [];
  for (const [index, certificate] of path.entries()) {
    const issuer = path[index + 1];
    if (issuer !== undefined) {
      // What came with a message is about its signer.
      const asked = index === 0 ? question : { ...question, embedded: [] };
      all.push({ certificate, status: await checker.check(certificate, issuer, asked) });
    }
  }
  const revoked = all.find(({ status }) => status.state === 'revoked');
  const unknown = all.find(
    ({ status }, index) =>
      status.state === 'unknown' && (index === 0 || status.cause !== 'no-source'),
  );
  const state = revoked !== undefined ? 'revoked' : unknown !== undefined ? 'unknown' : 'good';
  return { state, decisive: revoked ?? unknown ?? all[0], all };
}

/** What a status means for a command that signs or trusts. */
export function judgeStatus(
  state: PathStatus['state'],
  policy: RevocationPolicy,
): 'accepted' | 'warning' | 'refused' {
  if (policy === 'off' || state === 'good') {
    return 'accepted';
  }
  return state === 'revoked' || policy === 'mandatory' ? 'refused' : 'warning';
}
