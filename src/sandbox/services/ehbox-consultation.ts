/**
 * eHealthBox consultation v3 (ehealthbox §3, §11): what a box holds, its lists, its messages, moving and
 * deleting. The box is the one that the token proves, or another one of the caller that the request names.
 *
 * History, receipts and out of office stand in files of their own.
 *
 * @module
 */

import { addressMarkup, boxesOf, requestedBox } from '../ehbox-addresses.js';
import type { BoxKey } from '../ehbox-addresses.js';
import { fullMessage, listEntry, response, SUCCESS } from '../ehbox-answers.js';
import {
  boxSize,
  delivered,
  deliverWaiting,
  MAX_SIZE_BYTES,
  removeMessages,
  standBy,
} from '../ehbox-delivery.js';
import { deleteOoo, getOooList, insertOoo } from '../ehbox-office.js';
import { receiptOfReading } from '../ehbox-publishing.js';
import { getHistory, getMessageAcknowledgmentsStatus } from '../ehbox-receipts.js';
import { refused, sourceOf, UNKNOWN_MESSAGE } from '../ehbox-request.js';
import type { BoxRequest } from '../ehbox-request.js';
import type { Answer, Service } from '../exchange.js';
import { SandboxFault } from '../faults-soap.js';
import { EHBOX } from '../names.js';
import { verifyTokenSecurity } from '../security.js';
import type { BoxMessage, Folder } from '../state.js';
import { childrenOf, textOf } from '../xml-read.js';
import { el } from '../xml-text.js';

const PAGE = 100;

/** Codes of the real service that were never seen: a refusal is told by its text (ehealthbox §7). */
const PARTIAL = ['821', 'the messages below were not found in this folder'] as const;
const BAD_MOVE = ['822', 'a message moves between a folder and its bin only'] as const;

const MOVES: Readonly<Record<Folder, Folder>> = {
  INBOX: 'BININBOX',
  BININBOX: 'INBOX',
  SENTBOX: 'BINSENTBOX',
  BINSENTBOX: 'SENTBOX',
};

const OPERATIONS: Readonly<Record<string, (request: BoxRequest) => Answer | Promise<Answer>>> = {
  GetBoxInfo: getBoxInfo,
  GetMessagesList: getMessagesList,
  GetAllEhboxesMessagesList: getAllEhboxesMessagesList,
  GetFullMessage: getFullMessage,
  MoveMessage: moveMessage,
  DeleteMessage: deleteMessage,
  GetHistory: getHistory,
  GetMessageAcknowledgmentsStatus: getMessageAcknowledgmentsStatus,
  GetOoOList: getOooList,
  InsertOoO: insertOoo,
  DeleteOoO: deleteOoo,
};

/** SOAP actions that are not the operation with a small first letter. */
const ACTIONS: Readonly<Record<string, string>> = { GetHistory: 'getMessageHistory' };

export const ehboxConsultation: Service = {
  name: 'ehboxConsultation',
  paths: ['/ehBoxConsultation/v3'],
  namespace: EHBOX,
  actions: (operation) => [
    `${EHBOX}:${ACTIONS[operation] ?? `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`}`,
  ],
  handle: async (exchange, sandbox) => {
    const answer = OPERATIONS[exchange.operation];
    if (answer === undefined) {
      throw new SandboxFault('SOA-03005', `no operation ${exchange.operation}`);
    }
    const security = verifyTokenSecurity(exchange, sandbox);
    await deliverWaiting(sandbox);
    return answer({ exchange, sandbox, security, payload: security.payload });
  },
  refuse: ({ operation }, sandbox, code, message) => ({
    payload: response(operation, sandbox, [code, message]),
  }),
};

function getBoxInfo({ exchange, sandbox, security, payload }: BoxRequest): Answer {
  const box = requestedBox(payload, security, sandbox);
  exchange.checks.ok('business');
  return {
    payload: response(
      'GetBoxInfo',
      sandbox,
      SUCCESS,
      el('BoxId', {}, ...addressMarkup(box), el('Quality', {}, box.quality)),
      el('NbrMessagesInStandBy', {}, String(standBy(sandbox, box))),
      el('CurrentSize', {}, String(boxSize(sandbox, box))),
      el('MaxSize', {}, String(MAX_SIZE_BYTES)),
    ),
  };
}

function getMessagesList(request: BoxRequest): Answer {
  const { sandbox, security, payload } = request;
  return list(request, [requestedBox(payload, security, sandbox)]);
}

function getAllEhboxesMessagesList(request: BoxRequest): Answer {
  return list(request, boxesOf(request.security, request.sandbox));
}

function list({ exchange, sandbox, payload }: BoxRequest, boxes: readonly BoxKey[]): Answer {
  const source = sourceOf(payload);
  const start = Number(textOf(payload, '', 'StartIndex') || 1);
  const end = Number(textOf(payload, '', 'EndIndex') || PAGE);
  if (end - start >= PAGE) {
    exchange.checks.tolerated('business', `more than ${PAGE} messages asked for, cut`);
  } else {
    exchange.checks.ok('business');
  }
  const entries = boxes
    .flatMap((box) => delivered(sandbox, box))
    .filter(({ folder }) => folder === source)
    .slice(start - 1, Math.min(end, start + PAGE - 1))
    .map((message) => listEntry(sandbox, message));
  return {
    payload: response(
      exchange.operation,
      sandbox,
      SUCCESS,
      el('Source', {}, source),
      exchange.hints.reordered ? entries.toReversed() : entries,
    ),
  };
}

function getFullMessage(request: BoxRequest): Answer {
  const { exchange, sandbox, security, payload } = request;
  const source = sourceOf(payload);
  const id = textOf(payload, '', 'MessageId');
  // The bin has no source of its own here: INBOX and SENTBOX serve it too.
  // HISTORY serves earlier versions of news.
  const folders = source === 'SENTBOX' ? ['SENTBOX', 'BINSENTBOX'] : ['INBOX', 'BININBOX'];
  const message = delivered(sandbox, requestedBox(payload, security, sandbox)).find(
    (entry) => entry.id === id && folders.includes(entry.folder),
  );
  if (message === undefined) {
    return refused(request, UNKNOWN_MESSAGE);
  }
  if (source === 'INBOX') {
    message.read = true;
    if (message.readAt === undefined) {
      message.readAt = sandbox.now().toISOString();
      receiptOfReading(sandbox, message);
    }
  }
  exchange.checks.ok('business');
  return fullMessage(sandbox, message);
}

/** Messages of a folder by number; those that are not there apart. */
function named({ sandbox, security, payload }: BoxRequest): {
  readonly found: readonly BoxMessage[];
  readonly missing: readonly string[];
} {
  const inFolder = delivered(sandbox, requestedBox(payload, security, sandbox)).filter(
    ({ folder }) => folder === sourceOf(payload),
  );
  const ids = childrenOf(payload, '', 'MessageId').map(({ text }) => text.trim());
  return {
    found: inFolder.filter(({ id }) => ids.includes(id)),
    missing: ids.filter((id) => !inFolder.some((message) => message.id === id)),
  };
}

/** Some may fail while the others were handled; the answer then names those that failed. */
function handled(
  request: BoxRequest,
  found: readonly BoxMessage[],
  missing: readonly string[],
): Answer {
  const { exchange, sandbox } = request;
  const whole = missing.length === 0;
  if (whole) {
    exchange.checks.ok('business');
  } else {
    exchange.checks.failed('business', PARTIAL.join(' '));
  }
  const ids = whole ? found.map(({ id }) => id) : missing;
  return {
    payload: response(
      exchange.operation,
      sandbox,
      whole ? SUCCESS : PARTIAL,
      ids.map((id) => el('MessageId', {}, id)),
    ),
  };
}

function moveMessage(request: BoxRequest): Answer {
  const source = sourceOf(request.payload);
  const folder = Object.values(MOVES).find((target) => MOVES[target] === source);
  if (folder === undefined || folder !== textOf(request.payload, '', 'Destination')) {
    return refused(request, BAD_MOVE);
  }
  const { found, missing } = named(request);
  for (const message of found) {
    message.folder = folder;
  }
  return handled(request, found, missing);
}

async function deleteMessage(request: BoxRequest): Promise<Answer> {
  const { found, missing } = named(request);
  await removeMessages(request.sandbox, found);
  return handled(request, found, missing);
}
