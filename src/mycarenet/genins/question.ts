/**
 * What GenericInsurability can be asked (mycarenet §2.2): less than MemberData. What it has no place for is refused,
 * never left out.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import type { MemberDataQuery } from '../memberdata/query.js';

/** A question without other facets, and with an SSIN or a membership number. */
export type GenInsQuery = MemberDataQuery;

/**
 * Refuses what cannot be asked here.
 *
 * @throws TopazError `E_USAGE`.
 */
export function checkGenIns({ patient, requestType, otherFacets }: GenInsQuery): void {
  const refuse = (problem: string, hint: string): never => {
    throw new TopazError('E_USAGE', problem, { hint });
  };
  if (otherFacets.length > 0) {
    refuse('GenIns knows no facets but insurability', 'leave out --facet, or --service genins');
  }
  if (requestType !== 'information') {
    refuse('GenIns answers for information only', 'leave out --request-type, or --service genins');
  }
  if (patient.kind === 'ssin' && patient.mutuality !== undefined) {
    refuse(
      'GenIns takes an SSIN, or a mutuality with a membership number',
      '--registration NUMBER --mutuality NUMBER, or leave out --mutuality',
    );
  }
}
