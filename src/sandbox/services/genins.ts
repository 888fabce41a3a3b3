/**
 * GenericInsurability v1 (mycarenet §2): the caller is checked against the token, the question by the rules of the
 * broker, then the patients of the seed are answered about. The older service beside MemberData: plain XML, no seal.
 *
 * @module
 */

import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { Refusal, SandboxFault } from '../faults-soap.js';
import { dataOf, faultOf, findCareReceiver } from '../genins-answer.js';
import { checkFields, fieldsOf } from '../genins-question.js';
import type { GenInsAsked } from '../genins-question.js';
import { dayAt } from '../memberdata-days.js';
import { checkOriginElement } from '../memberdata-origin.js';
import { GENINS, GENINS_CORE } from '../names.js';
import { verifyTokenSecurity } from '../security.js';
import type { TokenSecurity } from '../security.js';
import { childOf, textOf } from '../xml-read.js';
import type { ReadElement } from '../xml-read.js';
import { el } from '../xml-text.js';
import type { Markup } from '../xml-text.js';

const OPERATION = 'GetInsurability';
const REFERENCE_DIGITS = 7;

/** Every detail code, with the field that it is about where there is one. */
const CODES: ReadonlyMap<string, string | undefined> = new Map([
  ['10', 'CareReceiverId/Inss'],
  ['11', 'CareReceiverId/Inss'],
  ['12', 'CareReceiverId/Inss'],
  ['21', 'CareReceiverId/Mutuality'],
  ['23', 'CareReceiverId/Inss'],
  ['30', 'InsurabilityRequestDetail/Period/PeriodStart'],
  ['31', 'InsurabilityRequestDetail/Period/PeriodEnd'],
  ['32', 'InsurabilityRequestDetail/Period/PeriodEnd'],
  ['40', undefined],
  ['42', 'InsurabilityRequestDetail/InsurabilityContactType'],
  ['43', 'InsurabilityRequestDetail/Period/PeriodStart'],
  ['44', 'InsurabilityRequestDetail/Period/PeriodStart'],
  ['99', 'InsurabilityRequestDetail/InsurabilityRequestType'],
]);

export const genins: Service = {
  name: 'genins',
  paths: ['/GenericInsurability/v1'],
  namespace: GENINS,
  actions: () => [`${GENINS}:${OPERATION}`],
  handle: (exchange, sandbox): Promise<Answer> => {
    if (exchange.operation !== OPERATION) {
      throw new SandboxFault('SOA-03005', `no operation ${exchange.operation}`);
    }
    const { payload, attributes } = verifyTokenSecurity(exchange, sandbox);
    checkCaller(exchange, payload, attributes);
    const asked = fieldsOf(payload);
    return Promise.resolve(
      answer(sandbox, payload, asked, consult(exchange, sandbox, asked), exchange),
    );
  },
  refuse: (exchange, sandbox, code, message) => {
    if (!CODES.has(code)) {
      return undefined;
    }
    const asked = fieldsOf(exchange.payload);
    const field = CODES.get(code);
    const error = new Refusal(code, message, field === undefined ? [] : [['field', field]]);
    return answer(sandbox, exchange.payload, asked, faultOf(error, asked), exchange);
  },
};

/** Another care provider than the token's has no code of its own here. */
function checkCaller(
  { checks }: Exchange,
  payload: ReadElement,
  attributes: TokenSecurity['attributes'],
): void {
  const input = childOf(payload, GENINS, 'CommonInput');
  if (textOf(childOf(input, GENINS_CORE, 'Request'), GENINS_CORE, 'IsTest') !== 'true') {
    checks.tolerated('origin', 'IsTest is not true, though nothing here is real');
  }
  try {
    checkOriginElement(checks, childOf(input, GENINS_CORE, 'Origin'), GENINS_CORE, attributes);
  } catch (error) {
    throw error instanceof Refusal ? new SandboxFault('SOA-01002', error.message) : error;
  }
}

function consult(exchange: Exchange, sandbox: Sandbox, asked: GenInsAsked): readonly Markup[] {
  try {
    checkFields(asked, dayAt(sandbox.now()));
    const data = dataOf(findCareReceiver(sandbox.state.patients, asked), asked);
    exchange.checks.ok('business');
    return data;
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    exchange.checks.failed('business', `${error.code} ${error.message}`);
    return faultOf(error, asked);
  }
}

function answer(
  sandbox: Sandbox,
  payload: ReadElement,
  asked: GenInsAsked,
  inside: readonly Markup[],
  { hints }: Exchange,
): Answer {
  const gc = (name: string, ...content: Parameters<typeof el>[2][]): Markup =>
    el(`gc:${name}`, {}, ...content);
  const number = `${dayAt(sandbox.now()).slice(2).replaceAll('-', '')}${String(sandbox.state.exchanges).padStart(REFERENCE_DIGITS, '0')}`;
  const referenceIn = (name: string): string =>
    textOf(childOf(payload, GENINS, name), GENINS_CORE, 'InputReference');
  return {
    payload: el(
      'gp:GetInsurabilityResponse',
      { 'xmlns:gp': GENINS, 'xmlns:gc': GENINS_CORE, Id: `_${sandbox.newId()}` },
      el('Status', {}, el('Code', {}, '100'), el('Message', { Lang: 'EN' }, 'Success')),
      el(
        'gp:CommonOutput',
        {},
        gc('InputReference', hints.wrongHolder ? 'TANOTHERONE001' : referenceIn('CommonInput')),
        gc('NIPReference', `N${number}`),
        gc('OutputReference', `O${number}`),
      ),
      el(
        'gp:RecordCommonOutput',
        {},
        gc('InputReference', referenceIn('RecordCommonInput')),
        gc('OutputReference', number),
      ),
      el(
        'gp:Response',
        {},
        inside,
        gc(
          'InsurabilityRequestDetail',
          gc('InsurabilityRequestType', asked.requestType),
          gc('Period', gc('PeriodStart', asked.from), gc('PeriodEnd', asked.to)),
          gc('InsurabilityContactType', asked.contactType),
          asked.reference === '' ? undefined : gc('InsurabilityReference', asked.reference),
        ),
      ),
    ),
  };
}
