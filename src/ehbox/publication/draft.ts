/**
 * A message as its author wrote it, and the limits of the service for it (ehealthbox §2, §4, §9).
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import type { BoxAddress } from '../address.js';
import type { CustomMeta } from '../fields.js';

export interface DraftPart {
  readonly bytes: Uint8Array;
  /** Always clear on the way. */
  readonly fileName: string;
  readonly mimeType: string;
}

export type DraftFreeInformation =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'table'; readonly rows: readonly (readonly [string, string])[] };

/** Receipts that the sender asks for; they come as messages into his box. */
export interface Receipts {
  readonly publication: boolean;
  readonly received: boolean;
  readonly read: boolean;
}

export interface Draft {
  readonly recipients: readonly BoxAddress[];
  /** Always clear on the way. */
  readonly subject: string;
  /** News replace earlier ones of the same publication id. */
  readonly contentType: 'DOCUMENT' | 'NEWS';
  readonly document: DraftPart;
  readonly attachments: readonly DraftPart[];
  readonly freeInformation?: DraftFreeInformation | undefined;
  /** SSIN; such a message is sealed. */
  readonly patient?: string | undefined;
  readonly sealed: boolean;
  readonly important: boolean;
  readonly receipts: Receipts;
  /** Always clear on the way. */
  readonly customMetas: readonly CustomMeta[];
}

const MAX_TITLE = 400;
const MAX_NAME = 255;
const MAX_META = 250;
const MAX_METAS = 100;
/** Control characters and halves of characters have no place in XML, nor in a title. */
const UNFIT = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+(?:;[\x20-\x7e]*)?$/;
/** Without separators and directory names: what a receiver saves it as. */
const MIME_MAX = 255;

/**
 * Refuses what the service would refuse, before anything is sealed or sent.
 *
 * @throws TopazError `E_USAGE`.
 */
export function checkDraft(draft: Draft): void {
  const { subject, document, attachments, customMetas, patient, sealed } = draft;
  checkText('the subject', subject, MAX_TITLE, 'shorten it: --subject TEXT');
  for (const { fileName, mimeType } of [document, ...attachments]) {
    checkText('the name of a file', fileName, MAX_NAME, 'rename the file');
    if (!MIME_TYPE.test(mimeType) || mimeType.length > MIME_MAX) {
      throw usage('a MIME type has the form type/subtype', 'for example text/plain');
    }
  }
  if (customMetas.length > MAX_METAS) {
    throw usage(`a message has at most ${MAX_METAS} values of --meta`, 'leave some out');
  }
  for (const { key, value } of customMetas) {
    checkText('the name of a --meta', key, MAX_META, 'write --meta NAME=VALUE');
    checkText('the value of a --meta', value, MAX_META, 'write --meta NAME=VALUE');
  }
  if (patient !== undefined && !sealed) {
    throw usage('the number of a patient travels sealed only', 'leave out --no-seal');
  }
  if (draft.freeInformation?.kind === 'table' && draft.freeInformation.rows.length === 0) {
    throw usage('the table has no rows', 'one row per line, two cells with a tab between them');
  }
}

function checkText(what: string, text: string, max: number, hint: string): void {
  const length = Array.from(text).length;
  if (text.trim() === '') {
    throw usage(`${what} is empty`, hint);
  }
  if (length > max) {
    throw usage(`${what} has ${length} characters, at most ${max} are possible`, hint);
  }
  if (UNFIT.test(text)) {
    throw usage(`${what} holds control characters`, hint);
  }
}

const usage = (message: string, hint: string): TopazError =>
  new TopazError('E_USAGE', message, { hint });
