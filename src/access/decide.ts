/**
 * May this person use this keystore for this? The whole rule, without disk and clock.
 *
 * @module
 */

import type { Certificate } from '../x509/certificate.js';
import { claimOf, verifyGrant } from './grant.js';
import type { Grant, GrantFault, GrantVerdict, SignedGrant } from './grant.js';
import type { AccessPolicy } from './policy.js';
import type { Purpose } from './purpose.js';

export interface AccessQuestion {
  /** Alias. */
  readonly keystore: string;
  readonly policy: AccessPolicy | undefined;
  /** SSIN of the responsible that the profile names for this keystore. */
  readonly responsible: string | undefined;
  /** SSIN of the person; `undefined` when nobody knows. */
  readonly person: string | undefined;
  readonly purpose: Purpose | undefined;
  readonly roots: readonly Certificate[];
  readonly pinned: boolean;
  readonly now: Date;
}

export type AccessReason =
  | 'free'
  | 'responsible'
  | 'granted'
  | 'person-unknown'
  | 'no-grant'
  | 'other-purpose'
  | 'expired'
  | 'revoked'
  | GrantFault;

export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason: AccessReason;
  readonly grant?: Grant;
}

/** How near each refusal is to a yes: the nearest is the one that helps. */
const NEARNESS: readonly AccessReason[] = ['no-grant', 'foreign', 'altered', 'untrusted', 'early', 'revoked', 'expired', 'other-purpose']; // prettier-ignore

/** Who may grant on a keystore, or `undefined` for a free one. A profile is right against the file. */
export const responsibleOf = ({
  policy,
  responsible,
}: Pick<AccessQuestion, 'policy' | 'responsible'>): string | undefined =>
  responsible ?? policy?.responsible;

/** The answer, with the reason that a person can act upon. */
export function decideAccess(question: AccessQuestion): AccessAnswer {
  const responsible = responsibleOf(question);
  if (responsible === undefined) {
    return { allowed: true, reason: 'free' };
  }
  const { person, policy, purpose } = question;
  if (person === undefined) {
    return { allowed: false, reason: 'person-unknown' };
  }
  if (person === responsible) {
    return { allowed: true, reason: 'responsible' };
  }
  let best: AccessAnswer = { allowed: false, reason: 'no-grant' };
  for (const signed of policy?.grants ?? []) {
    if (claimOf(signed)?.person !== person) {
      continue;
    }
    const answer = answerOf(judgeGrant(signed, question, responsible), purpose);
    if (answer.allowed) {
      return answer;
    }
    best = NEARNESS.indexOf(answer.reason) > NEARNESS.indexOf(best.reason) ? answer : best;
  }
  return best;
}

/** What one grant of a keystore is worth; `revoked` where it was taken back. */
export function judgeGrant(
  signed: SignedGrant,
  { keystore, policy, roots, pinned, now }: Omit<AccessQuestion, 'person' | 'purpose' | 'responsible'>, // prettier-ignore
  responsible: string,
): GrantVerdict | { readonly state: 'revoked'; readonly grant: Grant } {
  const verdict = verifyGrant(signed, { keystore, responsible, roots, pinned, now });
  return verdict.state !== 'refused' && policy?.revoked.includes(verdict.grant.id) === true
    ? { state: 'revoked', grant: verdict.grant }
    : verdict;
}

function answerOf(
  verdict: ReturnType<typeof judgeGrant>,
  purpose: Purpose | undefined,
): AccessAnswer {
  switch (verdict.state) {
    case 'refused':
      return { allowed: false, reason: verdict.reason };
    case 'valid': {
      const { grant } = verdict;
      return purpose === undefined || grant.purposes.includes(purpose)
        ? { allowed: true, reason: 'granted', grant }
        : { allowed: false, reason: 'other-purpose', grant };
    }
    default:
      return { allowed: false, reason: verdict.state, grant: verdict.grant };
  }
}
