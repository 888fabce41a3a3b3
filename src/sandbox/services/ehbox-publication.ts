/**
 * eHealthBox publication v3 (ehealthbox §4): SendMessage. Strict where the real service is: holder of key,
 * digests, addresses, size, one publication id per document.
 *
 * @module
 */

import { addressMarkup, destinationMarkup, requestedBox } from '../ehbox-addresses.js';
import type { BoxKey } from '../ehbox-addresses.js';
import { SUCCESS } from '../ehbox-answers.js';
import { deliverWaiting } from '../ehbox-delivery.js';
import {
  absenceOf,
  PublicationRefused,
  publish,
  readDestinations,
  readPublication,
} from '../ehbox-publishing.js';
import { messageId } from '../ehbox-receipt-messages.js';
import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { SandboxFault } from '../faults-soap.js';
import { EHBOX_PUBLICATION } from '../names.js';
import { verifyTokenSecurity } from '../security.js';
import { attributeOf, childOf, textOf } from '../xml-read.js';
import { el } from '../xml-text.js';
import type { Content, Markup } from '../xml-text.js';

/** The sandbox's own codes: those of the real service were never seen (ehealthbox §7). */
const USED_ID = ['829', 'a document of this PublicationId was published already'] as const;
const WRONG_KIND = ['830', 'only documents and news can be published'] as const;
const ABSENT = ['826', 'one or more recipients are out of office'] as const;

export const ehboxPublication: Service = {
  name: 'ehboxPublication',
  paths: ['/ehBoxPublication/v3'],
  namespace: EHBOX_PUBLICATION,
  actions: () => [`${EHBOX_PUBLICATION}:sendMessage`],
  handle: async (exchange, sandbox) => {
    if (exchange.operation !== 'SendMessage') {
      throw new SandboxFault('SOA-03005', `no operation ${exchange.operation}`);
    }
    const { payload, ...security } = verifyTokenSecurity(exchange, sandbox);
    await deliverWaiting(sandbox);
    const from = requestedBox(payload, { payload, ...security }, sandbox);
    const publicationId = attributeOf(payload, 'PublicationId') ?? messageId(sandbox);
    try {
      return await answer(exchange, sandbox, { payload, from, publicationId });
    } catch (error) {
      if (error instanceof PublicationRefused) {
        return refused(exchange, publicationId, error.status);
      }
      throw error;
    }
  },
  refuse: ({ payload }, _sandbox, code, message) => ({
    payload: response(attributeOf(payload, 'PublicationId'), undefined, [code, message]),
  }),
};

interface Request {
  readonly payload: Exchange['payload'];
  readonly from: BoxKey;
  readonly publicationId: string;
}

async function answer(
  exchange: Exchange,
  sandbox: Sandbox,
  { payload, from, publicationId }: Request,
): Promise<Answer> {
  const destinations = readDestinations(payload, sandbox);
  const boxes = destinations.map(({ box }) => box);
  const content = readPublication(payload, exchange, from, boxes, publicationId);
  if (content.contentType !== 'DOCUMENT' && content.contentType !== 'NEWS') {
    throw new PublicationRefused(WRONG_KIND);
  }
  const { state, store } = sandbox;
  const used = `${from.type}=${from.id}:${from.quality} ${publicationId}`;
  if (content.contentType === 'DOCUMENT' && state.publications.includes(used)) {
    throw new PublicationRefused(USED_ID);
  }
  if (destinations.some(({ box, processed }) => !processed && absenceOf(sandbox, box) !== undefined)) {
    exchange.checks.ok('business');
    return { payload: response(publicationId, undefined, ABSENT, recipientsMarkup(sandbox, boxes)) };
  } // prettier-ignore
  state.publications.push(used);
  const specification = childOf(childOf(payload, '', 'ContentContext'), '', 'ContentSpecification');
  const wantsReceipt = /^(?:true|1)$/.test(textOf(specification, '', 'PublicationReceipt'));
  const id = publish(sandbox, content, from, wantsReceipt);
  await deliverWaiting(sandbox);
  await store.save();
  exchange.checks.ok('business');
  return { payload: response(publicationId, id, SUCCESS, recipientsMarkup(sandbox, boxes)) };
}

function refused(exchange: Exchange, id: string, status: readonly [string, string]): Answer {
  exchange.checks.failed('business', status.join(' '));
  return { payload: response(id, undefined, status) };
}

const response = (
  publicationId: string | undefined,
  id: string | undefined,
  [code, message]: readonly [string, string],
  ...content: readonly Content[]
): Markup =>
  el(
    'pub:SendMessageResponse',
    { 'xmlns:pub': EHBOX_PUBLICATION, Id: id, SentPublicationId: publicationId },
    el('Status', {}, el('Code', {}, code), el('Message', { Lang: 'EN' }, message)),
    ...content,
  );

/** All recipients; those who are out of office with their substitutes. */
const recipientsMarkup = (sandbox: Sandbox, boxes: readonly BoxKey[]): readonly Markup[] =>
  boxes.map((box) => {
    const absence = absenceOf(sandbox, box);
    if (absence === undefined) {
      return destinationMarkup(sandbox, 'Recipient', box);
    }
    return el(
      'Recipient',
      {},
      ...addressMarkup(box),
      el('Quality', {}, box.quality),
      el('AbsentFrom', {}, absence.from),
      el('AbsentTo', {}, absence.to),
      absence.substitutes.map((one) =>
        el('Substitute', {}, ...addressMarkup(one), el('Quality', {}, one.quality)),
      ),
    );
  });
