/**
 * The folder of a simulated card: `card.json` (state, read again at every access, so that a change by hand
 * or by `sandbox card set` takes effect at once), `dialog` (what the PIN window answers), PEM certificates
 * and keys, and the card's raw files. Contract: sandbox sheet §4; fields may be added, never renamed.
 *
 * @module
 */

import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic } from '../../disk/atomic.js';
import { withLock } from '../../disk/lock.js';
import { systemCode, TopazError } from '../../errors.js';

/** Tries of a fresh card, and after a right PIN. */
export const MAX_TRIES = 3;

export const CARD_TYPES = ['citizen', 'foreigner', 'kids'] as const;
export type CardType = (typeof CARD_TYPES)[number];

/** `card.json`. */
export interface CardState {
  readonly schema: 'topaz.sandbox.card-file/1';
  readonly ssin: string;
  readonly name: string;
  readonly type: CardType;
  readonly keyType: 'rsa' | 'ec';
  /** Applet version: 0x17 for RSA, 0x18 for EC. */
  readonly applet: number;
  /** 32 hex digits. */
  readonly serial: string;
  /** The made-up PIN of a test card: no secret. */
  readonly pin: string;
  /** 3, 2, 1, 0. */
  readonly triesLeft: number;
  /** `false`: pulled out of the reader. */
  readonly present: boolean;
  /** How long each access takes. */
  readonly delayMs: number;
  /** The card never answers: every access lasts until its limit. */
  readonly mute?: boolean;
  /** Another program uses the card alone: the reader looks empty. */
  readonly held?: boolean;
  /** The reader has keys of its own and takes no PIN from a program. */
  readonly pinpad?: boolean;
  /** The next access of this kind is cut short: the card is pulled out in its middle. */
  readonly removeDuring?: Moment;
  /** PINs that reached the card since it was made, right and wrong. */
  readonly pinsTried?: number;
}

/** Kinds of access to a card. */
export const MOMENTS = ['never', 'read', 'login', 'sign'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Answers of the simulated PIN window. */
export const DIALOG_ANSWERS = ['right', 'wrong', 'cancel', 'none'] as const;
export type DialogAnswer = (typeof DIALOG_ANSWERS)[number];

/** What `sandbox card set` may change. */
export const SETTABLE = [
  'triesLeft', 'present', 'delayMs', 'mute', 'held', 'pinpad', 'removeDuring', 'pin', 'dialog',
] as const; // prettier-ignore
export type Settable = (typeof SETTABLE)[number];

export const CARD_FILE = 'card.json';
export const DIALOG_FILE = 'dialog';
/** Folder of the raw files, each named by its label (`DATA_FILE` …). */
export const RAW_FOLDER = 'files';

const isCount = (value: unknown, max: number): value is number =>
  Number.isInteger(value) && typeof value === 'number' && value >= 0 && value <= max;

function invalid(dir: string, why: string): TopazError {
  return new TopazError('E_MODULE_NOT_FOUND', `${dir} is not a usable test card`, {
    facts: [why],
    hint: 'make one: topaz sandbox card create --out DIR',
  });
}

/**
 * Reads and checks `card.json`.
 *
 * @throws TopazError `E_MODULE_NOT_FOUND` when the folder holds no card or the file is damaged.
 */
export async function readCard(dir: string): Promise<CardState> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(dir, CARD_FILE), 'utf8'));
  } catch (error) {
    const code = systemCode(error);
    throw invalid(
      dir,
      code === 'ENOENT' || code === 'ENOTDIR'
        ? 'there is no card.json'
        : 'card.json cannot be read',
    );
  }
  if (!isCardState(value)) {
    throw invalid(dir, 'card.json is damaged');
  }
  return value;
}

function isCardState(value: unknown): value is CardState {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const card = value as Partial<Record<keyof CardState, unknown>>;
  return (
    typeof card.ssin === 'string' &&
    /^[0-9]{11}$/.test(card.ssin) &&
    typeof card.name === 'string' &&
    CARD_TYPES.some((type) => type === card.type) &&
    (card.keyType === 'rsa' || card.keyType === 'ec') &&
    isCount(card.applet, 0xff) &&
    typeof card.serial === 'string' &&
    /^[0-9a-f]{32}$/i.test(card.serial) &&
    typeof card.pin === 'string' &&
    isCount(card.triesLeft, MAX_TRIES) &&
    typeof card.present === 'boolean' &&
    isCount(card.delayMs, 600_000) &&
    [card.mute, card.held, card.pinpad].every(isFlag) &&
    (card.removeDuring === undefined || MOMENTS.some((moment) => moment === card.removeDuring)) &&
    (card.pinsTried === undefined || isCount(card.pinsTried, Number.MAX_SAFE_INTEGER))
  );
}

const isFlag = (value: unknown): boolean => value === undefined || typeof value === 'boolean';

/**
 * Changes some fields; the file is on disk (fsync) when this returns. Read-modify-write under a lock, so
 * that two programs on one card lose no try.
 */
export async function updateCard(
  dir: string,
  change: (card: CardState) => Partial<CardState>,
): Promise<CardState> {
  return withLock(join(dir, '.card.lock'), {}, async () => {
    const card = await readCard(dir);
    const next = { ...card, ...change(card) };
    await writeFileAtomic(join(dir, CARD_FILE), `${JSON.stringify(next, undefined, 2)}\n`);
    return next;
  });
}

/**
 * `sandbox card set`: changes one key from its text.
 *
 * @throws TopazError `E_USAGE` for an unknown key or a value of the wrong form.
 */
export async function setCard(dir: string, key: string, text: string): Promise<void> {
  switch (key) {
    case 'triesLeft':
      await updateCard(dir, () => ({ triesLeft: readCount(key, text, MAX_TRIES) }));
      return;
    case 'delayMs':
      await updateCard(dir, () => ({ delayMs: readCount(key, text, 600_000) }));
      return;
    case 'present':
    case 'mute':
    case 'held':
    case 'pinpad':
      if (text !== 'true' && text !== 'false') {
        throw badValue(key, 'true or false');
      }
      await updateCard(dir, () => ({ [key]: text === 'true' }));
      return;
    case 'removeDuring':
      await updateCard(dir, () => ({ removeDuring: readWord(key, text, MOMENTS) }));
      return;
    case 'pin':
      if (!/^[0-9]{4,12}$/.test(text)) {
        throw badValue(key, '4 to 12 digits');
      }
      await updateCard(dir, () => ({ pin: text }));
      return;
    case 'dialog':
      readWord(key, text, DIALOG_ANSWERS);
      await readCard(dir);
      await writeFileAtomic(join(dir, DIALOG_FILE), `${text}\n`);
      return;
    default:
      throw new TopazError('E_USAGE', 'a test card has no such key', {
        facts: [`keys: ${SETTABLE.join(', ')}`],
        hint: 'topaz sandbox card set DIR present false',
      });
  }
}

function readCount(key: string, text: string, max: number): number {
  if (!/^[0-9]{1,6}$/.test(text) || Number(text) > max) {
    throw badValue(key, `a number from 0 to ${max}`);
  }
  return Number(text);
}

function readWord<T extends string>(key: string, text: string, words: readonly T[]): T {
  const word = words.find((known) => known === text);
  if (word === undefined) {
    throw badValue(key, words.join(', '));
  }
  return word;
}

const badValue = (key: string, expected: string): TopazError =>
  new TopazError('E_USAGE', `${key} does not take this value`, { hint: `give ${expected}` });

/** What the PIN window will answer; `right` without a file. */
export async function readDialog(dir: string): Promise<DialogAnswer> {
  const text = (await readOptional(join(dir, DIALOG_FILE)))?.toString('utf8').trim() ?? 'right';
  const answer = DIALOG_ANSWERS.find((each) => each === (text === '' ? 'right' : text));
  if (answer === undefined) {
    throw invalid(dir, `the file dialog holds none of ${DIALOG_ANSWERS.join(', ')}`);
  }
  return answer;
}

/** A file of the card, or `undefined` where the card lacks it. */
export async function readOptional(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** DER of one PEM certificate of the folder, `authentication`, `signature`, `ca`, `root` or `rrn`. */
export async function readCardCertificate(
  dir: string,
  name: string,
): Promise<Uint8Array | undefined> {
  const pem = await readOptional(join(dir, `${name}.crt`));
  const body = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/.exec(
    pem?.toString('latin1') ?? '',
  )?.[1];
  return body === undefined ? undefined : Uint8Array.from(Buffer.from(body, 'base64'));
}

/** A private key of the folder, `authentication` or `signature`. */
export async function readCardKey(dir: string, name: string): Promise<KeyObject | undefined> {
  const pem = await readOptional(join(dir, `${name}.key`));
  return pem === undefined ? undefined : createPrivateKey(pem);
}
