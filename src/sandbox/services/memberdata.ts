/**
 * MemberData v1, synchronous, in clear or sealed (mycarenet §1): the caller is checked against the token, the query
 * by the rules of the broker, then a mutuality answers about the patients of the seed.
 *
 * @module
 */

import type { Certificate } from '../../x509/certificate.js';
import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { Refusal, SandboxFault } from '../faults-soap.js';
import { issuerOf, samlResponse } from '../memberdata-answer.js';
import type { ResponseValues } from '../memberdata-answer.js';
import { dayAt } from '../memberdata-days.js';
import { openDetail } from '../memberdata-detail.js';
import { detailRow } from '../memberdata-faults.js';
import { checkOrigin } from '../memberdata-origin.js';
import { factsOf, findPatient } from '../memberdata-patients.js';
import { isQuery, readQuery } from '../memberdata-query.js';
import { sealAnswer } from '../memberdata-sealed.js';
import { signAssertions } from '../memberdata-sign.js';
import { MCN_CORE, MCN_PROTOCOL, MEMBERDATA } from '../names.js';
import { verifyTokenSecurity } from '../security.js';
import type { TokenSecurity } from '../security.js';
import { attributeOf, childOf, textOf } from '../xml-read.js';
import type { ReadElement } from '../xml-read.js';
import { el } from '../xml-text.js';
import type { Markup } from '../xml-text.js';

const OPERATION = 'MemberDataConsultation';
const REFERENCE_DIGITS = 7;

export const memberdata: Service = {
  name: 'memberdata',
  paths: ['/MyCareNet/MemberData/v1'],
  namespace: MEMBERDATA,
  actions: () => [`${MEMBERDATA}:${OPERATION}`],
  handle: async (exchange, sandbox): Promise<Answer> => {
    if (exchange.operation !== OPERATION) {
      throw new SandboxFault('SOA-03005', `no operation ${exchange.operation}`);
    }
    const { payload, attributes } = verifyTokenSecurity(exchange, sandbox);
    const { values, replyTo } = await consult(exchange, sandbox, payload, attributes);
    const id = `_${sandbox.newId()}`;
    const document = responseOf(exchange, sandbox, values);
    return replyTo === undefined
      ? answer(sandbox, payload, values, { id, content: document })
      : answer(sandbox, payload, values, {
          id,
          content: await sealAnswer(sandbox, document, id, replyTo),
          encryption: 'encryptedForKnownRecipient',
        });
  },
  refuse: (exchange, sandbox, code) => {
    if (detailRow(code) === undefined) {
      return undefined;
    }
    const values: ResponseValues = {
      inResponseTo: queryIdOf(exchange.payload),
      issuer: issuerOf('300'),
      details: [{ code }],
    };
    const content = responseOf(exchange, sandbox, values);
    return answer(sandbox, exchange.payload, values, {
      id: `_${sandbox.newId()}`,
      content,
    });
  },
};

interface Consulted {
  readonly values: ResponseValues;
  /** Whom the answer is sealed for; in clear, nobody. */
  readonly replyTo: Certificate | undefined;
}

async function consult(
  exchange: Exchange,
  sandbox: Sandbox,
  payload: ReadElement,
  attributes: TokenSecurity['attributes'],
): Promise<Consulted> {
  let replyTo: Certificate | undefined;
  try {
    const provider = checkOrigin(exchange, payload, attributes);
    const detail = childOf(payload, MCN_PROTOCOL, 'Detail');
    const opened = detail === undefined ? undefined : await openDetail(exchange, sandbox, detail);
    replyTo = opened?.replyTo;
    if (opened === undefined || !isQuery(opened.root)) {
      exchange.checks.failed('detail', 'not an AttributeQuery');
      throw new SandboxFault('SOA-03007', 'the Detail is not an AttributeQuery');
    }
    const query = readQuery(opened.root, { ...provider, now: sandbox.now() });
    refuseInvalid(exchange);
    const found = findPatient(sandbox.state.patients, query);
    const { statements, warnings } = factsOf(found, query);
    const codes = warnings.map(({ code }) => code).join(' ');
    exchange.checks.ok('business', codes === '' ? undefined : codes);
    const issuer = issuerOf(found.mutuality);
    return {
      values: { inResponseTo: query.id, issuer, query, statements, details: warnings },
      replyTo,
    };
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    exchange.checks.failed('business', `${error.code} ${error.message}`);
    const mutuality = new Map(error.parameters).get('mutuality') ?? '300';
    return {
      values: {
        inResponseTo: queryIdOf(payload),
        issuer: issuerOf(mutuality),
        details: [{ code: error.code, reason: error.message }],
      },
      replyTo,
    };
  }
}

/** What broke no rule of the broker, but the schema, was not said by any of its codes. */
function refuseInvalid({ checks }: Exchange): void {
  const verdict = checks.list.find(
    ({ name, state }) => name === 'detailSchema' && state === 'failed',
  );
  if (verdict !== undefined) {
    throw new SandboxFault('SOA-03007', `Detail: not valid by the schema: ${verdict.detail ?? ''}`);
  }
}

/** By the rule for IDs, known without opening the query. */
const queryIdOf = (payload: ReadElement): string => `_${inputReferenceOf(payload)}`;

const inputReferenceOf = (payload: ReadElement): string =>
  textOf(childOf(payload, MCN_PROTOCOL, 'CommonInput'), MCN_CORE, 'InputReference');

/** The document inside the answer. */
function responseOf(exchange: Exchange, sandbox: Sandbox, values: ResponseValues): Buffer {
  const unsigned = samlResponse(sandbox, exchange, values);
  const response = signAssertions(unsigned, values.issuer, exchange, sandbox);
  checkResponse(exchange, sandbox, response);
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${response.text}`, 'utf8');
}

interface Carried {
  readonly id: string;
  readonly content: Uint8Array;
  readonly encryption?: string;
}

function answer(
  sandbox: Sandbox,
  payload: ReadElement,
  { query }: ResponseValues,
  { id, content, encryption }: Carried,
): Answer {
  const now = sandbox.now();
  const number = `${dayAt(now).slice(2).replaceAll('-', '')}${String(sandbox.state.exchanges).padStart(REFERENCE_DIGITS, '0')}`;
  return {
    payload: el(
      'mda:MemberDataConsultationResponse',
      {
        'xmlns:mda': MEMBERDATA,
        'xmlns:mcp': MCN_PROTOCOL,
        'xmlns:mc': MCN_CORE,
        Id: `ID_${sandbox.newId()}`,
        InResponseTo: attributeOf(payload, 'Id'),
        IssueInstant: now.toISOString(),
      },
      el(
        'mcp:Return',
        {},
        el(
          'mcp:CommonOutput',
          {},
          el('mc:InputReference', {}, inputReferenceOf(payload)),
          el('mc:NIPReference', {}, `N${number}`),
          // Only what a mutuality answered has a reference of the mutuality.
          query === undefined ? undefined : el('mc:OutputReference', {}, `O${number}`),
        ),
        el(
          'mcp:Detail',
          {
            ContentType: 'text/xml',
            ContentEncoding: 'none',
            ContentEncryption: encryption,
            Id: id,
          },
          Buffer.from(content).toString('base64'),
        ),
      ),
    ),
  };
}

/** The inner answer is judged like the outer one: a failure is a bug of the sandbox, and is shown. */
function checkResponse(exchange: Exchange, { schemas }: Sandbox, response: Markup): void {
  const { checks } = exchange;
  const { state, detail = '' } = schemas.validate(exchange.read(response.text).node);
  if (state === 'ok') {
    checks.ok('answerDetailSchema');
  } else {
    checks[state]('answerDetailSchema', detail);
  }
}
