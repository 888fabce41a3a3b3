/**
 * What a search looks through: subject, sender, names and titles of attachments, free information, and the text
 * of text, HTML and XML parts. Only what opened and is genuine; no PDF, no Office file.
 *
 * @module
 */

import type { StoredMessage } from './catalog.js';
import { htmlToText } from './html-text.js';
import { senderName } from './fields.js';
import type { MailboxMirror } from './mirror.js';
import type { PartRecord } from './records.js';

/** Of a part, so many bytes count: a letter or a report, not a data set. */
const MAX_PART_BYTES = 1024 * 1024;
/** Of a message, so many parts. */
const MAX_PARTS = 200;
/** Of a message, so many characters. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

const TEXTUAL = /^(?:text\/|application\/(?:[\w.+-]+\+)?xml\b|application\/xhtml)/i;

/** All texts of a message, as they were written. */
export async function searchTexts(
  mirror: MailboxMirror,
  { key, meta, parts }: StoredMessage,
): Promise<readonly string[]> {
  const free = parts?.freeInformation;
  const texts = [
    meta.subject ?? parts?.subject,
    senderName(meta.sender),
    meta.sender.id,
    ...(parts?.parts ?? []).slice(0, MAX_PARTS).flatMap(({ name, title }) => [name, title]),
    ...(free === undefined ? [] : free.kind === 'table' ? [free.title, ...free.rows.flat()] : [free.text]), // prettier-ignore
  ].filter((text) => text !== undefined);
  let left = MAX_CHARACTERS;
  for (const part of (parts?.parts ?? []).slice(0, MAX_PARTS)) {
    if (left <= 0) {
      break;
    }
    const text = (await partText(mirror, key, part))?.slice(0, left);
    if (text !== undefined) {
      texts.push(text);
      left -= text.length;
    }
  }
  return texts;
}

async function partText(
  mirror: MailboxMirror,
  key: StoredMessage['key'],
  { file, mimeType, sniffedMimeType, quarantined, sizeBytes = 0 }: PartRecord,
): Promise<string | undefined> {
  const textual = TEXTUAL.test(mimeType) || TEXTUAL.test(sniffedMimeType ?? '');
  if (file === undefined || quarantined === true || !textual || sizeBytes > MAX_PART_BYTES) {
    return undefined;
  }
  const bytes = await mirror.readPart(key, file).catch(() => undefined);
  if (bytes === undefined || bytes.includes(0)) {
    return undefined;
  }
  const text = decodeText(bytes);
  if (/html/i.test(mimeType) || /^\s*<(?:!doctype html|html)\b/i.test(text)) {
    return htmlToText(text);
  }
  // The parser of documents is only loaded by who reads one.
  const { documentText, looksLikeXml } = await import('./document-text.js');
  return looksLikeXml(mimeType, text) ? (documentText(text) ?? text) : text;
}

/** UTF-8, or Latin-1 from senders who do not know better. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/** Without case, accents and doubled white space: `Résultat` and `RESULTAT` are the same. */
export const fold = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/[\s\0]+/g, ' '); // prettier-ignore

/** The words of a search, folded: each must occur somewhere in the message. */
export const searchWords = (search: string): readonly string[] => [
  ...new Set(fold(search).split(' ').filter((word) => word !== '')), // prettier-ignore
];
