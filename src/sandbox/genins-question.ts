/**
 * The question of a GenericInsurability request, judged by the rules of the broker: each broken one has its own code
 * and names its field (mycarenet §2.2, §2.3).
 *
 * @module
 */

import { isSsin } from '../ids/ssin.js';
import { Refusal } from './faults-soap.js';
import { GENINS, GENINS_CORE } from './names.js';
import { childOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

export interface GenInsAsked {
  readonly ssin: string;
  readonly registrationNumber: string;
  readonly mutuality: string;
  readonly requestType: string;
  readonly from: string;
  readonly to: string;
  readonly contactType: string;
  /** Repeated in the answer. */
  readonly reference: string;
}

/** The fields as written; nothing is judged. */
export function fieldsOf(payload: ReadElement): GenInsAsked {
  const request = childOf(payload, GENINS, 'Request');
  const receiver = childOf(request, GENINS_CORE, 'CareReceiverId');
  const detail = childOf(request, GENINS_CORE, 'InsurabilityRequestDetail');
  const period = childOf(detail, GENINS_CORE, 'Period');
  const of = (parent: ReadElement | undefined, name: string): string =>
    textOf(parent, GENINS_CORE, name).trim();
  return {
    ssin: of(receiver, 'Inss'),
    registrationNumber: of(receiver, 'RegNrWithMut'),
    mutuality: of(receiver, 'Mutuality'),
    requestType: of(detail, 'InsurabilityRequestType'),
    // The official client writes a zone behind the day.
    from: of(period, 'PeriodStart').slice(0, 10),
    to: of(period, 'PeriodEnd').slice(0, 10),
    contactType: of(detail, 'InsurabilityContactType'),
    reference: of(detail, 'InsurabilityReference'),
  };
}

/** A code and the field that it is about. */
export const refusal = (code: string, field: string, why: string): Refusal =>
  new Refusal(code, why, [['field', field]]);

const PERIOD = 'InsurabilityRequestDetail/Period';

/**
 * Judges the fields.
 *
 * @param today The day in Belgium.
 * @throws Refusal with a detail code of GenericInsurability.
 */
export function checkFields(asked: GenInsAsked, today: string): void {
  const { ssin, registrationNumber, mutuality, requestType, from, to } = asked;
  if (ssin === '' && registrationNumber === '') {
    throw refusal('10', 'CareReceiverId/Inss', 'no patient');
  }
  if (ssin !== '' && (registrationNumber !== '' || mutuality !== '')) {
    throw refusal('10', 'CareReceiverId/RegNrWithMut', 'an SSIN goes alone');
  }
  if (registrationNumber !== '' && mutuality === '') {
    throw refusal('10', 'CareReceiverId/Mutuality', 'no mutuality');
  }
  if (ssin !== '' && !isSsin(ssin)) {
    throw refusal('12', 'CareReceiverId/Inss', 'check digits');
  }
  if (requestType !== 'information') {
    throw refusal('99', 'InsurabilityRequestDetail/InsurabilityRequestType', requestType);
  }
  if (from === '') {
    throw refusal('10', `${PERIOD}/PeriodStart`, 'no first day');
  }
  if (to === '') {
    throw refusal('10', `${PERIOD}/PeriodEnd`, 'no last day');
  }
  if (from > today) {
    throw refusal('30', `${PERIOD}/PeriodStart`, 'in the future');
  }
  if (to < from) {
    throw refusal('31', `${PERIOD}/PeriodEnd`, 'before the first day');
  }
}
