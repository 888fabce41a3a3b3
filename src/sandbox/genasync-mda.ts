/**
 * A list of MemberData questions that came through the mailbox: each is answered by itself, the answers grouped by
 * mutuality (mycarenet §3.7). A question that breaks a rule is refused alone.
 *
 * @module
 */

import type { Exchange, Sandbox } from './exchange.js';
import { Refusal } from './faults-soap.js';
import { issuerOf, samlResponse } from './memberdata-answer.js';
import type { ResponseValues } from './memberdata-answer.js';
import { factsOf, findPatient } from './memberdata-patients.js';
import { isQuery, readQuery } from './memberdata-query.js';
import { MDA_EXTENSION } from './names.js';
import { attributeOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';
import { el } from './xml-text.js';
import type { Markup } from './xml-text.js';

export interface GroupedAnswers {
  readonly mutuality: string;
  /** `ext:ResponseList`, UTF-8. */
  readonly content: Uint8Array;
}

const MAX_QUERIES = 10_000;

/** Whether a document is a list of questions at all. */
export const isQueryList = (root: ReadElement): boolean =>
  root.name === 'AttributeQueryList' &&
  root.namespace === MDA_EXTENSION &&
  root.children.length > 0 &&
  root.children.length <= MAX_QUERIES &&
  root.children.every(isQuery);

/** Answers a list. */
export function answerList(
  exchange: Exchange,
  sandbox: Sandbox,
  list: ReadElement,
  provider: { readonly quality: string; readonly nihii: string },
): readonly GroupedAnswers[] {
  const groups = new Map<string, Markup[]>();
  for (const query of list.children) {
    const values = answerOne(sandbox, query, provider);
    const mutuality = values.issuer.replace(/^IO-BE-/, '');
    const answers = groups.get(mutuality) ?? [];
    groups.set(mutuality, answers);
    answers.push(samlResponse(sandbox, exchange, values));
  }
  return [...groups].map(([mutuality, responses]) => ({
    mutuality,
    content: Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?>${
        el('ext:ResponseList', { 'xmlns:ext': MDA_EXTENSION }, responses).text
      }`,
      'utf8',
    ),
  }));
}

function answerOne(
  sandbox: Sandbox,
  root: ReadElement,
  { quality, nihii }: { readonly quality: string; readonly nihii: string },
): ResponseValues {
  const id = attributeOf(root, 'ID') ?? '';
  try {
    // The reference of the post cannot be that of each question: only the form of its ID is left to check.
    const inputReference = id.replace(/^_/, '');
    const query = readQuery(root, { inputReference, quality, nihii, now: sandbox.now() });
    const found = findPatient(sandbox.state.patients, query);
    const { statements, warnings } = factsOf(found, query);
    return {
      inResponseTo: id,
      issuer: issuerOf(found.mutuality),
      query,
      statements,
      details: warnings,
    };
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    const mutuality = new Map(error.parameters).get('mutuality') ?? '300';
    return {
      inResponseTo: id,
      issuer: issuerOf(mutuality),
      details: [{ code: error.code, reason: error.message }],
    };
  }
}
