/**
 * Detail codes of GenericInsurability: who must act (mycarenet §2.3). None of them changes by waiting. What each means
 * is said by `mycarenet.genins.<CODE>` of the messages.
 *
 * @module
 */

import type { FaultCategory } from '../soa-codes.js';

export interface GenInsCode {
  readonly code: string;
  readonly category: FaultCategory;
  readonly hint?: string;
}

const ONE_DAY = 'ask about one day: --on DATE';

export const GENINS_CODES: readonly GenInsCode[] = [
  { code: '10', category: 'client' },
  { code: '11', category: 'input' },
  { code: '12', category: 'input' },
  { code: '21', category: 'input', hint: 'check the number of the mutuality' },
  { code: '23', category: 'data' },
  { code: '30', category: 'input', hint: 'the first day must not be in the future' },
  { code: '31', category: 'input' },
  { code: '32', category: 'input', hint: ONE_DAY },
  { code: '40', category: 'input', hint: ONE_DAY },
  { code: '42', category: 'data', hint: 'ask without --hospitalized' },
  { code: '43', category: 'data', hint: 'check the SSIN and the day, or ask the patient for the mutuality' },
  { code: '44', category: 'data', hint: 'ask one of them: --mutuality NUMBER --registration NUMBER' },
  { code: '99', category: 'client' },
]; // prettier-ignore

const BY_CODE: ReadonlyMap<string, GenInsCode> = new Map(
  GENINS_CODES.map((entry) => [entry.code, entry]),
);

export const genInsCode = (code: string): GenInsCode | undefined => BY_CODE.get(code);
