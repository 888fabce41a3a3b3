/**
 * Paths from a certificate to a trusted root: each step by name *and* signature, through CAs only, all valid
 * at the moment asked for. Revocation is not looked at.
 *
 * An eHealth encryption certificate has issuer = subject and is signed by the holder's authentication key,
 * which is no CA (etee §1.2): it has no path here, and is never mistaken for a root. Check it with
 * `isSignedBy` against the authentication certificate, and build the path of that one.
 *
 * @module
 */

import { isSignedBy } from './certificate.js';
import type { Certificate } from './certificate.js';
import { namesEqual } from './name.js';

const MAX_LENGTH = 8;
/** Against piles of certificates with one name: more signatures than this are not tried. */
const MAX_CHECKS = 64;

const KEY_CERT_SIGN = 0x04;

interface Search {
  readonly issuers: readonly Certificate[];
  readonly roots: readonly Certificate[];
  readonly at: Date;
  checks: number;
}

/**
 * Finds a path.
 *
 * @param candidates Certificates that may stand between; any order, with repetitions or strangers.
 * @param roots The trusted ones. A leaf that is itself among them is its own path.
 * @returns Leaf first, root last; `undefined` when there is no path.
 */
export function buildPath(
  leaf: Certificate,
  candidates: readonly Certificate[],
  roots: readonly Certificate[],
  at: Date,
): readonly Certificate[] | undefined {
  // Roots first: the shortest path wins, and a cross-certificate does not lead astray.
  return extend([leaf], { issuers: [...roots, ...candidates], roots, at, checks: 0 });
}

/**
 * Finds the path of an eHealth encryption certificate: the holder's authentication certificate, found by name
 * and key among the candidates, and the path of that one.
 *
 * @returns Encryption certificate first; `undefined` when nobody vouches for it.
 */
export function buildEncryptionPath(
  leaf: Certificate,
  candidates: readonly Certificate[],
  roots: readonly Certificate[],
  at: Date,
): readonly Certificate[] | undefined {
  if (leaf.isCa || leaf.unknownCritical.length > 0 || !isValidAt(leaf, at)) {
    return undefined;
  }
  const holders = candidates.filter(
    (candidate) =>
      !candidate.isCa &&
      !isSame(candidate, leaf) &&
      namesEqual(candidate.subject, leaf.issuer) &&
      isSignedBy(leaf, candidate.publicKey),
  );
  for (const holder of holders) {
    const path = buildPath(holder, candidates, roots, at);
    if (path !== undefined) {
      return [leaf, ...path];
    }
  }
  return undefined;
}

function extend(
  path: readonly [Certificate, ...Certificate[]],
  search: Search,
): readonly Certificate[] | undefined {
  const last = path.at(-1) ?? path[0];
  if (!isValidAt(last, search.at) || last.unknownCritical.length > 0) {
    return undefined;
  }
  if (search.roots.some((root) => isSame(root, last))) {
    return path;
  }
  if (path.length >= MAX_LENGTH) {
    return undefined;
  }
  for (const issuer of search.issuers) {
    if (!path.some((entry) => isSame(entry, issuer)) && isIssuer(issuer, path, search)) {
      const found = extend([...path, issuer], search);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

/** Whether `issuer` may stand next in the path; the signature comes last, it costs most. */
function isIssuer(
  issuer: Certificate,
  path: readonly [Certificate, ...Certificate[]],
  search: Search,
): boolean {
  const last = path.at(-1) ?? path[0];
  if (
    !issuer.isCa ||
    (issuer.keyUsage !== undefined && (issuer.keyUsage & KEY_CERT_SIGN) === 0) ||
    (issuer.pathLength !== undefined && path.length - 1 > issuer.pathLength) ||
    !namesEqual(issuer.subject, last.issuer) ||
    search.checks >= MAX_CHECKS
  ) {
    return false;
  }
  search.checks += 1;
  return isSignedBy(last, issuer.publicKey);
}

const isSame = (a: Certificate, b: Certificate): boolean => Buffer.compare(a.der, b.der) === 0;

/** Whether the moment lies inside the validity, its last second included. */
export const isValidAt = ({ notBefore, notAfter }: Certificate, at: Date): boolean =>
  at >= notBefore && at.getTime() < notAfter.getTime() + 1000;
