/**
 * A list of MemberData answers, each matched to the question that it answers (mycarenet §3.7). One that cannot be
 * read or whose signature does not hold does not keep the others back.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { NS_SAML2, NS_SAML2P } from '../../xml/namespaces.js';
import { attribute, child, children, elements, text } from '../../xml/query.js';
import type { XmlElement } from '../../xml/tree.js';
import { belgianDay, parseInstant } from '../belgian-day.js';
import type { LocalDate } from '../belgian-day.js';
import { readResponse } from '../memberdata/assertions.js';
import type { MemberDataResponse } from '../memberdata/assertions.js';
import { toInsurability } from '../memberdata/insurability.js';
import type { Insurability } from '../memberdata/insurability.js';
import { checkSignatures } from '../memberdata/signatures.js';
import type { Facet } from '../memberdata/query.js';
import { shortName } from '../names.js';

/** What was asked, as far as an answer needs it. */
export interface Question {
  /** Reference of the post that it was part of. */
  readonly post: string;
  /** As written: an SSIN, `SSIN@319`, `number@319`. */
  readonly patient: string;
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly chronicCondition: boolean;
  /** Equal for the same question: {@link markOf}. */
  readonly mark: string;
}

export interface MemberDataAnswer {
  /** Id of the question, without the `_` in front; '' when the answer names none. */
  readonly question: string;
  /** Reference of the post; absent = nothing from here asked this. */
  readonly post?: string;
  /** Who was asked about; absent where that is not known. */
  readonly patient?: string;
  readonly insurability?: Insurability;
  /** Codes of a refusal, or of warnings. */
  readonly codes: readonly string[];
  /** Why it cannot be relied on: a code of ours. */
  readonly error?: string;
}

/** The id of a question as it is compared: with or without the `_` in front. */
export const questionId = (id: string): string => id.replace(/^_/, '');

/** Reads a `ResponseList`. */
export const readMemberDataAnswers = (
  list: XmlElement,
  questions: ReadonlyMap<string, Question>,
  now: Date,
): readonly MemberDataAnswer[] =>
  children(list, NS_SAML2P, 'Response').map((response) => readAnswer(response, questions, now));

function readAnswer(
  element: XmlElement,
  questions: ReadonlyMap<string, Question>,
  now: Date,
): MemberDataAnswer {
  const id = questionId(attribute(element, 'InResponseTo') ?? '');
  const question = questions.get(id);
  const known = {
    question: id,
    ...(question === undefined ? {} : { post: question.post, patient: question.patient }),
  };
  try {
    const { root } = checkSignatures(element, { roots: [], now });
    const response = readResponse(root);
    const codes = response.faults.flatMap(({ code, details }) =>
      details.length > 0 ? details.map((detail) => detail.code) : (code ?? []),
    );
    return response.level1 === 'Success'
      ? { ...known, codes, insurability: insurabilityOf(response, question, now) }
      : { ...known, codes: codes.length > 0 ? codes : [response.level2 ?? response.level1] };
  } catch (error) {
    if (!(error instanceof TopazError)) {
      throw error;
    }
    return { ...known, codes: [], error: error.code };
  }
}

function insurabilityOf(
  response: MemberDataResponse,
  question: Question | undefined,
  now: Date,
): Insurability {
  const day = belgianDay(response.issuedAt ?? now);
  const ssin = /^([0-9]{11})(?:@|$)/.exec(question?.patient ?? '')?.[1];
  return toInsurability(response.assertions, {
    ssin,
    from: question?.from ?? day,
    to: question?.to ?? day,
    chronicCondition: question?.chronicCondition ?? false,
  });
}

/** The questions in a posted list, by their id. */
export function questionsOf(list: XmlElement, post: string): ReadonlyMap<string, Question> {
  const questions = new Map<string, Question>();
  for (const query of children(list, NS_SAML2P, 'AttributeQuery')) {
    const subject = child(query, NS_SAML2, 'Subject');
    const data = child(child(subject, NS_SAML2, 'SubjectConfirmation'), NS_SAML2, 'SubjectConfirmationData'); // prettier-ignore
    const from = parseInstant(attribute(data, 'NotBefore') ?? '');
    const until = parseInstant(attribute(data, 'NotOnOrAfter') ?? '');
    const id = attribute(query, 'ID');
    if (id === undefined || from === undefined || until === undefined) {
      continue;
    }
    const patient = text(child(subject, NS_SAML2, 'NameID')).trim();
    // The end of the period is exclusive.
    const to = belgianDay(new Date(until.getTime() - 1));
    const facets = facetsIn(query);
    questions.set(questionId(id), {
      post,
      patient,
      from: belgianDay(from),
      to,
      chronicCondition: facets.some(({ name }) => name === 'chronicCondition'),
      mark: markOf({ patient, from: belgianDay(from), to, facets }),
    });
  }
  return questions;
}

/** By what the same question is recognised, however it was written. */
export const markOf = ({
  patient,
  from,
  to,
  facets,
}: Pick<Question, 'patient' | 'from' | 'to'> & { readonly facets: readonly Facet[] }): string =>
  JSON.stringify([patient, from, to, facets.map(({ name, dimensions }) => [name, dimensions])]);

const facetsIn = (query: XmlElement): readonly Facet[] =>
  elements(child(query, NS_SAML2P, 'Extensions')).map((facet) => ({
    name: shortName(attribute(facet, 'id') ?? ''),
    dimensions: elements(facet).map(
      (dimension) => [attribute(dimension, 'id') ?? '', text(dimension).trim()] as const,
    ),
  }));
