/**
 * The message of a command line: texts, files, and what is asked of the service.
 *
 * @module
 */

import { basename } from 'node:path';

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { CustomMeta } from '../../ehbox/fields.js';
import { checkDraft } from '../../ehbox/publication/draft.js';
import type {
  Draft,
  DraftFreeInformation,
  DraftPart,
  Receipts,
} from '../../ehbox/publication/draft.js';
import { mimeTypeOf } from '../../ehbox/publication/mime-type.js';
import { parseRecipients } from '../../ehbox/publication/recipients.js';
import { parseSsin } from '../../ids/ssin.js';
import { readSmallFile } from '../seal/payload.js';
import { resolveRecipients } from './run-contacts.js';
import type { SendFlags } from './send.js'; // prettier-ignore

const RECEIPTS = ['publication', 'received', 'read'] as const;

/**
 * Reads and checks all that the message is made of; nobody is asked and nothing is sent.
 *
 * @throws TopazError `E_USAGE`, `E_IDENTIFIER_INVALID`, `E_SSIN_INVALID`, `E_NIHII_INVALID`, `E_CBE_INVALID`,
 *   `E_FILE_NOT_FOUND`.
 */
export async function readDraft(run: Run, flags: SendFlags): Promise<Draft> {
  const recipients = parseRecipients(await resolveRecipients(run, flags.to));
  const receipts = readReceipts(flags.receipt);
  const customMetas = flags.meta.map(readMeta);
  const { subject } = flags;
  if (subject === undefined) {
    throw usage('a message needs a subject', 'add --subject TEXT; it is never sealed');
  }
  const stdin = [flags.text, flags.document, flags.freeTextFile, flags.tableFile, flags.patientFile, ...flags.attach]; // prettier-ignore
  if (stdin.filter((name) => name === '-').length > 1) {
    throw usage('stdin can be read once only', 'name files for the others');
  }
  const document = await readBody(run, flags);
  const attachments: DraftPart[] = [];
  for (const file of flags.attach) {
    attachments.push(await readPart(run, file));
  }
  const freeInformation = await readFree(run, flags);
  const patient = flags.patientFile === undefined ? undefined : await readPatient(run, flags.patientFile); // prettier-ignore
  const draft: Draft = {
    recipients,
    subject,
    contentType: flags.news === true ? 'NEWS' : 'DOCUMENT',
    document,
    attachments,
    freeInformation,
    patient,
    sealed: flags.seal !== false,
    important: flags.important === true,
    receipts,
    customMetas,
  };
  checkDraft(draft);
  return draft;
}

async function readBody(run: Run, { text, document, attach }: SendFlags): Promise<DraftPart> {
  if (text !== undefined && document !== undefined) {
    throw usage('a text or a document, not both', 'send the other one with --attach');
  }
  if (document !== undefined) {
    return readPart(run, document);
  }
  if (text === undefined && attach.length === 0) {
    throw usage('what shall the message say?', 'add --text TEXT, --document FILE or --attach FILE');
  }
  const bytes = text === '-' ? await run.ctx.io.readStdin() : new TextEncoder().encode(text ?? '');
  return { bytes, fileName: 'body.txt', mimeType: 'text/plain' };
}

async function readPart(run: Run, file: string): Promise<DraftPart> {
  const bytes = await readFileOrStdin(run, file);
  const fileName = file === '-' ? 'stdin.txt' : basename(file).normalize('NFC');
  return { bytes, fileName, mimeType: mimeTypeOf(fileName, bytes) };
}

const readFileOrStdin = (run: Run, file: string): Promise<Uint8Array> =>
  file === '-' ? run.ctx.io.readStdin() : readSmallFile(run, file);

async function readText(run: Run, file: string): Promise<string> {
  const bytes = await readFileOrStdin(run, file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new TopazError('E_USAGE', `${file} is no text in UTF-8`, {
      hint: 'send it with --attach, or convert it',
      cause: error,
    });
  }
}

async function readFree(
  run: Run,
  { freeTextFile, tableFile }: SendFlags,
): Promise<DraftFreeInformation | undefined> {
  if (freeTextFile !== undefined && tableFile !== undefined) {
    throw usage('free information is a text or a table', 'leave out one of the two');
  }
  if (freeTextFile !== undefined) {
    return { kind: 'text', text: await readText(run, freeTextFile) };
  }
  if (tableFile === undefined) {
    return undefined;
  }
  const lines = (await readText(run, tableFile)).split(/\r?\n/).filter((line) => line !== '');
  const rows = lines.map((line, index): readonly [string, string] => {
    const [left = '', right, ...more] = line.split('\t');
    if (right === undefined || more.length > 0) {
      throw usage(`line ${index + 1} of ${tableFile} has not two cells`, 'put one tab between them');
    }
    return [left, right];
  }); // prettier-ignore
  return { kind: 'table', rows };
}

/** @throws TopazError `E_SSIN_INVALID`; the number itself is in no message. */
const readPatient = async (run: Run, file: string): Promise<string> =>
  parseSsin((await readText(run, file)).trim());

function readReceipts(kinds: readonly string[]): Receipts {
  const wrong = kinds.find((kind) => !RECEIPTS.some((known) => known === kind));
  if (wrong !== undefined) {
    throw usage('there is no such receipt', `--receipt ${RECEIPTS.join('|')}`);
  }
  return {
    publication: kinds.includes('publication'),
    received: kinds.includes('received'),
    read: kinds.includes('read'),
  };
}

function readMeta(text: string): CustomMeta {
  const equals = text.indexOf('=');
  if (equals < 1) {
    throw usage('a --meta has a name and a value', 'write --meta NAME=VALUE');
  }
  return { key: text.slice(0, equals), value: text.slice(equals + 1) };
}

const usage = (message: string, hint: string): TopazError =>
  new TopazError('E_USAGE', message, { hint });
