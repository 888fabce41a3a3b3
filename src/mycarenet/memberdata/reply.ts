/**
 * The XML of a MemberData answer → values (mycarenet §1.7). Strict about whose answer it is, tolerant about what
 * is in it.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { attribute, child, requireChild } from '../../xml/query.js';
import { readXml } from '../../xml/read.js';
import type { XmlElement } from '../../xml/tree.js';
import { parseInstant } from '../belgian-day.js';
import { readBlob } from '../blob.js';
import type { Blob } from '../blob.js';
import { readReferences } from '../common-input.js';
import type { References } from '../common-input.js';
import { NS_COMMONS_CORE, NS_COMMONS_PROTOCOL, NS_MEMBERDATA } from '../names.js';
import { readResponse } from './assertions.js';
import type { MemberAssertion, MemberDataResponse } from './assertions.js';
import { toInsurability } from './insurability.js';
import type { Insurability, Warning } from './insurability.js';
import type { MemberDataQuery } from './query.js';
import { refusalOf } from './refusal.js';
import { queryId } from './request.js';
import { checkSignatures } from './signatures.js';
import type { SignatureTrust } from './signatures.js';

/** What the answer must be an answer to. */
export interface Asked {
  /** `Id` of the request. */
  readonly requestId: string;
  readonly inputReference: string;
  readonly query: MemberDataQuery;
  readonly trust: SignatureTrust;
}

export interface MemberDataReply {
  readonly insurability: Insurability;
  /** Of the answer, then our own: all of them are to be shown. */
  readonly warnings: readonly Warning[];
  readonly references: References;
  readonly answeredAt: Date | undefined;
  /** Every fact as it was stated. */
  readonly assertions: readonly MemberAssertion[];
}

/**
 * Reads an answer in clear.
 *
 * @param payload The one child of the SOAP body.
 * @throws MemberDataRefusal `E_PATIENT_UNKNOWN`, `E_INSURABILITY_REFUSED`, `E_INTERNAL` (our question was wrong).
 * @throws TopazError `E_REPLY_INVALID` for the answer to another question, a sealed or a malformed one;
 *   `E_SIGNATURE_INVALID` (hash or signature), `E_REPLY_TOO_LARGE`, `E_XML_MALFORMED`, `E_XML_LIMIT`.
 */
export function readMemberDataReply(payload: XmlElement, asked: Asked): MemberDataReply {
  const { blob, envelope } = readEnvelope(payload, asked);
  if (blob.encryption !== undefined) {
    throw unexpected('the answer is sealed, though the question was not', blob.encryption);
  }
  return readAnswer(readXml(blob.bytes), { ...asked, ...envelope });
}

/**
 * Reads an answer that may be sealed: whether it is, the answer says. One in clear to a sealed question is used, and
 * told.
 *
 * @param sealed Whether the question was.
 * @param open Opens what is sealed.
 * @throws As {@link readMemberDataReply}, and as `open`.
 */
export async function readSealableReply(
  payload: XmlElement,
  asked: Asked,
  {
    sealed,
    open,
  }: {
    readonly sealed: boolean;
    readonly open: (sealed: Uint8Array) => Promise<Uint8Array>;
  },
): Promise<MemberDataReply> {
  const { blob, envelope } = readEnvelope(payload, asked);
  const { bytes, encryption } = blob;
  const document = encryption === undefined ? bytes : await open(bytes);
  const reply = readAnswer(readXml(document), { ...asked, ...envelope });
  return sealed && encryption === undefined
    ? { ...reply, warnings: [...reply.warnings, ANSWER_IN_CLEAR] }
    : reply;
}

const ANSWER_IN_CLEAR: Warning = {
  code: 'ANSWER_IN_CLEAR',
  source: 'TOPAZ',
  message: 'the question was sealed and its answer was not',
};

/** What is around the document: whose answer it is. */
function readEnvelope(
  payload: XmlElement,
  asked: Asked,
): { readonly blob: Blob; readonly envelope: Pick<AskedInside, 'references' | 'answeredAt'> } {
  if (payload.name !== 'MemberDataConsultationResponse' || payload.namespace !== NS_MEMBERDATA) {
    throw unexpected('MemberData answered with another message', `${payload.name} in the body`);
  }
  const returned = requireChild(payload, NS_COMMONS_PROTOCOL, 'Return');
  const output = child(returned, NS_COMMONS_PROTOCOL, 'CommonOutput');
  const references = readReferences(output, NS_COMMONS_CORE);
  checkAddressee('the request', attribute(payload, 'InResponseTo'), asked.requestId);
  checkAddressee('the reference', references.input, asked.inputReference);
  return {
    blob: readBlob(requireChild(returned, NS_COMMONS_PROTOCOL, 'Detail')),
    envelope: {
      references,
      answeredAt: parseInstant(attribute(payload, 'IssueInstant') ?? ''),
    },
  };
}

/** As {@link Asked}, without an envelope: `inputReference` is what the ID of the query is made of. */
export interface AskedInside extends Omit<Asked, 'requestId'> {
  readonly references: References;
  /** Of the envelope; else the response itself says when. */
  readonly answeredAt: Date | undefined;
}

/**
 * Reads one `Response`.
 *
 * @throws As {@link readMemberDataReply}.
 */
export function readAnswer(element: XmlElement, asked: AskedInside): MemberDataReply {
  const { references, query, answeredAt } = asked;
  const { root, unchecked } = checkSignatures(element, asked.trust);
  const response = readResponse(root);
  checkQuery(response, asked.inputReference);
  if (response.level1 !== 'Success') {
    throw refusalOf(response, references);
  }
  const insurability = toInsurability(response.assertions, {
    ssin: query.patient.kind === 'ssin' ? query.patient.ssin : undefined,
    from: query.from,
    to: query.to,
    chronicCondition: query.otherFacets.includes('chronicCondition'),
  });
  return {
    insurability,
    warnings: [
      ...warningsOf(response),
      ...insurability.remarks,
      ...unchecked.map((message) => ({ code: 'SIGNATURE_NOT_CHECKED', source: 'TOPAZ', message })),
    ],
    references,
    answeredAt: answeredAt ?? response.issuedAt,
    assertions: response.assertions,
  };
}

/** What the envelope repeats of the question is optional, but must not be another's. */
function checkAddressee(what: string, answered: string | undefined, expected: string): void {
  if (answered !== undefined && answered !== '' && answered !== expected) {
    throw unexpected('this is the answer to another question', `it names another: ${what}`);
  }
}

/** A successful answer must name the query; a refusal may come from where the query was not read. */
function checkQuery({ inResponseTo, level1 }: MemberDataResponse, inputReference: string): void {
  const expected = queryId(inputReference);
  const missing = inResponseTo === undefined || inResponseTo === '';
  if (
    missing ? level1 === 'Success' : inResponseTo !== expected && `_${inResponseTo}` !== expected
  ) {
    throw unexpected('this is the answer to another question', 'it names another query, or none');
  }
}

/** A partial answer says why, in one or more details; where it does not, its own code stands for it. */
function warningsOf({ level2, faults }: MemberDataResponse): readonly Warning[] {
  const warnings = faults.flatMap((fault) => {
    const lines =
      fault.details.length > 0
        ? fault.details
        : [
            {
              code: fault.code ?? level2 ?? 'WARNING',
              source: fault.source,
              message: fault.message,
            },
          ];
    return lines.map(({ code, source, message = fault.message }) => ({
      code,
      source: source ?? fault.source ?? 'MYCARENET',
      ...(message === undefined ? {} : { message }),
    }));
  });
  return warnings.length === 0 && level2 !== undefined
    ? [{ code: level2, source: 'MYCARENET' }]
    : warnings;
}

const unexpected = (message: string, fact: string): TopazError =>
  new TopazError('E_REPLY_INVALID', message, {
    facts: [fact],
    hint: 'nothing of it was used; ask again, and report it if it happens again',
  });
