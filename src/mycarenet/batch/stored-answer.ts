/**
 * An answer of MemberData as JSON and back, so that it can be kept in the journal of a batch. Loses nothing.
 *
 * @module
 */

import type { MemberAssertion } from '../memberdata/assertions.js';
import type { MemberDataReply } from '../memberdata/reply.js';

/** What `JSON.parse` gives back of an answer. */
export interface StoredReply extends Omit<MemberDataReply, 'answeredAt' | 'assertions'> {
  /** ISO 8601. */
  readonly answeredAt?: string;
  /** Left out where they were not asked for: they are the larger part. */
  readonly assertions?: readonly StoredAssertion[];
}

interface StoredAssertion {
  readonly type: string;
  readonly issuer: string;
  readonly subjectSsin?: string;
  readonly notBefore?: string;
  readonly notOnOrAfter?: string;
  readonly attributes: readonly (readonly [string, readonly string[]])[];
}

/** For `JSON.stringify`. */
export const storeReply = (
  { answeredAt, assertions, ...rest }: MemberDataReply,
  { raw }: { readonly raw: boolean },
): StoredReply => ({
  ...rest,
  ...(answeredAt === undefined ? {} : { answeredAt: answeredAt.toISOString() }),
  ...(raw ? { assertions: assertions.map(storeAssertion) } : {}),
});

const storeAssertion = (assertion: MemberAssertion): StoredAssertion => ({
  type: assertion.type,
  issuer: assertion.issuer,
  ...(assertion.subjectSsin === undefined ? {} : { subjectSsin: assertion.subjectSsin }),
  ...(assertion.notBefore === undefined ? {} : { notBefore: assertion.notBefore.toISOString() }),
  ...(assertion.notOnOrAfter === undefined
    ? {}
    : { notOnOrAfter: assertion.notOnOrAfter.toISOString() }),
  attributes: [...assertion.attributes],
});

/** The answer again. */
export const restoreReply = ({
  answeredAt,
  assertions = [],
  ...rest
}: StoredReply): MemberDataReply => ({
  ...rest,
  answeredAt: answeredAt === undefined ? undefined : new Date(answeredAt),
  assertions: assertions.map((stored) => ({
    type: stored.type,
    issuer: stored.issuer,
    subjectSsin: stored.subjectSsin,
    notBefore: stored.notBefore === undefined ? undefined : new Date(stored.notBefore),
    notOnOrAfter: stored.notOnOrAfter === undefined ? undefined : new Date(stored.notOnOrAfter),
    attributes: new Map(stored.attributes),
  })),
});
