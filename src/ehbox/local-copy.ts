/**
 * Whether a message may be moved or deleted at eHealth: only when its whole answer is on this disk and can be
 * read again.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { FullMessage, Transmitted } from './message.js';
import type { MailboxMirror, MessageKey } from './mirror.js';
import { readStored } from './unpack.js';

/**
 * Reads the stored answer and checks that it is this message, with every part of it.
 *
 * @throws TopazError `E_COPY_MISSING` that says what is wrong.
 */
export async function verifyCopy(mirror: MailboxMirror, key: MessageKey): Promise<void> {
  let message: FullMessage;
  try {
    message = await readStored(mirror, key);
  } catch (error) {
    if (!(error instanceof TopazError)) {
      throw error;
    }
    throw noCopy(key, error.message, error);
  }
  if (message.id !== undefined && message.id !== key.id) {
    throw noCopy(key, 'the stored answer is about another message');
  }
  if (contents(message).some(({ state }) => state !== 'there')) {
    throw noCopy(key, 'a part of the stored answer is missing or damaged');
  }
}

function contents({ document, annexes, freeInformation, patient }: FullMessage): Transmitted[] {
  const free =
    freeInformation === undefined
      ? []
      : freeInformation.kind === 'table'
        ? freeInformation.rows.flatMap(({ left, right }) => [left, right])
        : [freeInformation.content];
  return [
    ...(document === undefined ? [] : [document.content]),
    ...annexes.flatMap(({ content, title }) => [content, title]),
    ...free,
    ...(patient === undefined ? [] : [patient]),
  ];
}

const noCopy = ({ id }: MessageKey, fact: string, cause?: unknown): TopazError =>
  new TopazError('E_COPY_MISSING', `message ${id} has no verified copy here`, {
    facts: [fact],
    hint: 'topaz ehbox sync fetches it; nothing was changed at eHealth',
    cause,
  });
