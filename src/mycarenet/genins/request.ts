/**
 * Values → the XML of a GenericInsurability request (mycarenet §2.2). Pure.
 *
 * @module
 */

import { namespace } from '../../xml/build.js';
import type { XmlElement } from '../../xml/tree.js';
import { commonInputElement } from '../common-input.js';
import type { CommonInput } from '../common-input.js';
import type { PatientId } from '../memberdata/query.js';
import { NS_GENINS, NS_GENINS_CORE } from './names.js';
import type { GenInsQuery } from './question.js';

export interface GenInsRequest {
  readonly commonInput: CommonInput;
  /** Of the record: 1 to 14 digits. */
  readonly recordReference: string;
  readonly query: GenInsQuery;
}

const gp = namespace('gp', NS_GENINS);
const gc = namespace('gc', NS_GENINS_CORE);

/** The SOAP payload. Unlike in MemberData the last day is included, and days carry no zone. */
export function genInsRequest({ commonInput, recordReference, query }: GenInsRequest): XmlElement {
  const root = gp(
    'GetInsurabilityRequest',
    {},
    commonInputElement(gp, gc, commonInput),
    gp('RecordCommonInput', {}, gc('InputReference', {}, recordReference)),
    gp(
      'Request',
      {},
      gc('CareReceiverId', {}, careReceiver(query.patient)),
      gc(
        'InsurabilityRequestDetail',
        {},
        gc('InsurabilityRequestType', {}, query.requestType),
        gc('Period', {}, gc('PeriodStart', {}, query.from), gc('PeriodEnd', {}, query.to)),
        gc(
          'InsurabilityContactType',
          {},
          query.hospitalized ? 'hospitalized_elsewhere' : 'ambulatory_care',
        ),
        // Echoed; capitals and digits only.
        gc('InsurabilityReference', {}, commonInput.inputReference),
      ),
    ),
  );
  return { ...root, declarations: [{ prefix: 'gc', uri: NS_GENINS_CORE }] };
}

const careReceiver = (patient: PatientId): readonly XmlElement[] =>
  patient.kind === 'ssin'
    ? [gc('Inss', {}, patient.ssin)]
    : [gc('RegNrWithMut', {}, patient.registration), gc('Mutuality', {}, patient.mutuality)];

/**
 * The decimal reference of the record, made from the one of the request, so that both are as unique: fourteen
 * digits, the milliseconds of the moment and one that is random.
 *
 * @param newId A random UUID.
 */
export function createRecordReferences(now: () => Date, newId: () => string): () => string {
  let last = 0n;
  return () => {
    const random = BigInt(`0x${newId().replaceAll('-', '')}`) % 10n;
    const next = (BigInt(now().getTime()) * 10n + random) % 100_000_000_000_000n;
    last = next > last ? next : last + 1n;
    return String(last);
  };
}
