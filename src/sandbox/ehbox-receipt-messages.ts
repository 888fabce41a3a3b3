/**
 * Messages that the eHealthBox itself writes to a sender: receipts, and errors about what could not be delivered
 * (ehealthbox §3, §4).
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { BoxKey } from './ehbox-addresses.js';
import { readContent, writeMessageFile } from './ehbox-content.js';
import type { AcknowledgmentContent, ErrorContent, MessageContent } from './ehbox-content.js';
import type { Sandbox } from './exchange.js';
import type { BoxMessage } from './state.js';

const ID_LENGTH = 13;
/** The platform. */
const FROM = { type: 'CBE', id: '0809394427' };

/** Thirteen characters, never given twice. */
export function messageId(sandbox: Sandbox): string {
  const digest = createHash('sha256').update(sandbox.newId()).digest('hex');
  return `9Z${BigInt(`0x${digest}`).toString(36).toUpperCase()}`.slice(0, ID_LENGTH);
}

/** Puts a finished content on its way into a box; it enters with the next delivery. */
export function post(
  { state }: Sandbox,
  id: string,
  to: BoxKey,
  {
    sealed,
    folder = 'INBOX',
  }: { readonly sealed: boolean; readonly folder?: BoxMessage['folder'] },
): void {
  state.messages.push({
    id,
    seedKey: `${id} ${JSON.stringify(to)} ${folder}`,
    to,
    sealed,
    folder,
    read: folder !== 'INBOX',
  });
}

/** Tells the sender of a message what became of it, where he asked for that. */
export function receipt(
  sandbox: Sandbox,
  message: BoxMessage,
  type: AcknowledgmentContent['type'],
): void {
  if (message.folder !== 'INBOX' && message.folder !== 'BININBOX') {
    return;
  }
  const { from, published, title } = readContent(sandbox, message.id);
  const asked =
    published !== undefined && (type === 'READ' ? published.receipts.read : type === 'RECEIVED' && published.receipts.received); // prettier-ignore
  if (asked) {
    tell(sandbox, { ...from, quality: published.quality }, title, {
      contentType: 'ACKNOWLEDGMENT',
      acknowledgment: acknowledgment(sandbox, message.id, type, message.to),
    });
  }
}

export const acknowledgment = (
  sandbox: Sandbox,
  id: string,
  type: AcknowledgmentContent['type'],
  recipient: BoxKey | undefined,
): AcknowledgmentContent => ({
  messageId: id,
  type,
  at: sandbox.now().toISOString(),
  recipient,
});

/** A message of the platform to one box. */
export function tell(
  sandbox: Sandbox,
  to: BoxKey,
  title: string,
  what:
    | { readonly contentType: 'ACKNOWLEDGMENT'; readonly acknowledgment: AcknowledgmentContent }
    | { readonly contentType: 'ERROR'; readonly error: ErrorContent },
): void {
  const id = messageId(sandbox);
  const content: MessageContent = {
    from: FROM,
    title,
    important: false,
    encrypted: false,
    document: { base64: '', fileName: 'body.txt', mimeType: 'text/plain' },
    annexes: [],
    sizeBytes: title.length,
    ...what,
  };
  writeMessageFile(sandbox, id, { state: 'ready', content });
  post(sandbox, id, to, { sealed: false });
}
