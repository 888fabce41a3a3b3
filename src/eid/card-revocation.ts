/**
 * Whether the holder's certificates on a card were revoked (eid-pkcs11 §9): a lost card is valid by its dates
 * and its signatures. Asked with the paths that end in a trusted root, and with no others.
 *
 * @module
 */

import { checkPathStatus } from '../revocation/path-status.js';
import type { PathStatus } from '../revocation/path-status.js';
import type { Certificate } from '../x509/certificate.js';
import { buildPath } from '../x509/chain.js';
import type { RevocationChecker } from '../x509/revocation-status.js';
import type { EidCard } from './card.js';

/** What holders use; the National Register answers for its own. */
const HOLDER_LABELS: ReadonlySet<string> = new Set(['Authentication', 'Signature']);

/** Worst first. */
const RANK = ['revoked', 'unknown', 'good'] as const;

/**
 * The worst of the holder's certificates.
 *
 * @param roots As for `verifyCard`.
 * @returns `undefined` where none of them has a path.
 */
export async function checkCardRevocation(
  card: EidCard,
  roots: readonly Certificate[],
  at: Date,
  checker: RevocationChecker,
): Promise<PathStatus | undefined> {
  const carried = await card.certificates();
  const candidates = carried.map(({ certificate }) => certificate);
  const found: PathStatus[] = [];
  for (const { label, certificate } of carried) {
    const path = HOLDER_LABELS.has(label)
      ? buildPath(certificate, candidates, roots, at)
      : undefined;
    if (path !== undefined) {
      found.push(await checkPathStatus(checker, path));
    }
  }
  return RANK.map((state) => found.find((status) => status.state === state)).find(
    (status) => status !== undefined,
  );
}
