/**
 * ETK depot v1 (etee §2): a public look-up without security. "Not found" is an ordinary answer.
 *
 * @module
 */

import { identifierTypes, normaliseIdentifier } from '../../ids/identifier.js';
import { tokensOf } from '../etk.js';
import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { SandboxFault } from '../faults-soap.js';
import { COMMONS_1, ETKDEPOT } from '../names.js';
import { childOf, childrenOf, textOf } from '../xml-read.js';
import type { ReadElement } from '../xml-read.js';
import { el } from '../xml-text.js';
import type { Content, Markup } from '../xml-text.js';

export const etkdepot: Service = {
  name: 'etkdepot',
  paths: ['/EtkDepot/v1'],
  namespace: ETKDEPOT,
  actions: () => [],
  handle: async (exchange, sandbox): Promise<Answer> => ({
    payload: await getEtk(exchange, sandbox),
  }),
};

async function getEtk(exchange: Exchange, sandbox: Sandbox): Promise<Markup> {
  if (exchange.operation !== 'GetEtk') {
    throw new SandboxFault('SOA-03005', `no operation ${exchange.operation}`);
  }
  const identifiers = childrenOf(childOf(exchange.payload, ETKDEPOT, 'SearchCriteria'), ETKDEPOT, 'Identifier'); // prettier-ignore
  const [identifier] = identifiers;
  const type = textOf(identifier, ETKDEPOT, 'Type');
  const given = el('p:GivenSearchCriteria', {}, identifiers.map(echo));
  if (identifier === undefined || !identifierTypes().includes(type)) {
    exchange.checks.failed('business', '400');
    return answer(sandbox, '400', 'identifier type unknown', given, error('400', 'identifier type unknown')); // prettier-ignore
  }
  const { id } = normaliseIdentifier({ type, id: textOf(identifier, ETKDEPOT, 'Value') });
  const application = childOf(identifier, ETKDEPOT, 'ApplicationID')?.text.trim();
  const service = await sandbox.pki.holders.find(type, id, application);
  if (service !== undefined) {
    exchange.checks.ok('business');
    const token = Buffer.from(service.token).toString('base64');
    return answer(sandbox, '200', 'OK', given, el('p:ETK', {}, token));
  }
  const found = tokensOf(sandbox, type, id, application);
  const [first] = found;
  if (first === undefined) {
    exchange.checks.failed('business', '404');
    return answer(sandbox, '404', 'no ETK found', given, error('404', 'no ETK found'));
  }
  exchange.checks.ok('business');
  if (new Set(found.map(({ applicationId }) => applicationId)).size > 1) {
    return answer(
      sandbox,
      '200',
      'several matches',
      given,
      found.map((record) =>
        el(
          'p:MatchingEtk',
          {},
          el(
            'p:Identifier',
            {},
            el('p:Type', {}, type),
            el('p:Value', {}, id),
            el('p:ApplicationID', {}, record.applicationId ?? ''),
          ),
        ),
      ),
    );
  }
  return answer(sandbox, '200', 'OK', given, el('p:ETK', {}, found.at(-1)?.etk.tokenBase64));
}

const answer = (
  sandbox: Sandbox,
  code: string,
  message: string,
  ...content: readonly Content[]
): Markup =>
  el(
    'p:GetEtkResponse',
    { 'xmlns:p': ETKDEPOT, Id: `_${sandbox.newId()}` },
    el(
      'c:Status',
      { 'xmlns:c': COMMONS_1 },
      el('Code', {}, code),
      el('Message', { Lang: 'EN' }, message),
    ),
    ...content,
  );

const error = (code: string, message: string): Markup =>
  el('p:Error', {}, el('p:Code', {}, code), el('p:Message', {}, message));

const echo = (identifier: ReadElement): Markup =>
  el(
    'p:Identifier',
    {},
    ['Type', 'Value', 'ApplicationID'].map((name) => {
      const child = childOf(identifier, ETKDEPOT, name);
      return child === undefined ? undefined : el(`p:${name}`, {}, child.text.trim());
    }),
  );
