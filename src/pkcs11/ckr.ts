/**
 * Return codes of PKCS#11 → errors for people (eid-pkcs11 §13). One table; a bare CKR is never shown, but
 * stays in `details.ckr` for support.
 *
 * @module
 */

import { PinError, TopazError } from '../errors.js';
import type { ErrorCode } from '../errors.js';
import { CkrError } from './module.js';

/** Return codes by the names of the standard. */
export const CKR = {
  HOST_MEMORY: 0x2,
  SLOT_ID_INVALID: 0x3,
  GENERAL_ERROR: 0x5,
  FUNCTION_FAILED: 0x6,
  ARGUMENTS_BAD: 0x7,
  ATTRIBUTE_TYPE_INVALID: 0x12,
  ATTRIBUTE_VALUE_INVALID: 0x13,
  DATA_LEN_RANGE: 0x21,
  DEVICE_ERROR: 0x30,
  DEVICE_MEMORY: 0x31,
  DEVICE_REMOVED: 0x32,
  FUNCTION_CANCELED: 0x50,
  FUNCTION_NOT_SUPPORTED: 0x54,
  KEY_HANDLE_INVALID: 0x60,
  KEY_FUNCTION_NOT_PERMITTED: 0x68,
  MECHANISM_INVALID: 0x70,
  OBJECT_HANDLE_INVALID: 0x82,
  OPERATION_ACTIVE: 0x90,
  OPERATION_NOT_INITIALIZED: 0x91,
  PIN_INCORRECT: 0xa0,
  PIN_INVALID: 0xa1,
  PIN_LEN_RANGE: 0xa2,
  PIN_LOCKED: 0xa4,
  SESSION_HANDLE_INVALID: 0xb3,
  TOKEN_NOT_PRESENT: 0xe0,
  TOKEN_NOT_RECOGNIZED: 0xe1,
  USER_ALREADY_LOGGED_IN: 0x100,
  USER_NOT_LOGGED_IN: 0x101,
  USER_TYPE_INVALID: 0x103,
  BUFFER_TOO_SMALL: 0x150,
  CRYPTOKI_NOT_INITIALIZED: 0x190,
  CRYPTOKI_ALREADY_INITIALIZED: 0x191,
} as const;

/** What was being done: some codes mean different things in different steps. */
export type CardStep = 'list' | 'read' | 'login' | 'sign';

export interface CardErrorContext {
  readonly step: CardStep;
  readonly reader?: string | undefined;
  /** Tries left after this attempt, where known. */
  readonly triesLeft?: number | undefined;
}

interface Row {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

const REMOVED: Row = {
  code: 'E_CARD_REMOVED',
  message: 'the card was removed',
  hint: 'insert the card and run the command again',
};
const BUG: Row = {
  code: 'E_INTERNAL',
  message: 'the card was used in the wrong order; this is a bug',
  hint: 'run again with --debug and report it',
};
const PIN_FORM: Row = {
  code: 'E_PIN_FORMAT',
  message: 'the card did not accept the form of this PIN',
  hint: 'a PIN has 4 to 12 digits; no try was used',
};
const PIN_NEEDED: Row = {
  code: 'E_INPUT_REQUIRED',
  message: 'the PIN is needed and its window could not be opened',
  hint: 'run the command in a desktop session, at the card, or use a reader with its own keys',
};

const rows = (step: CardStep): ReadonlyMap<number, Row> =>
  new Map<number, Row>([
    [
      CKR.TOKEN_NOT_PRESENT,
      step === 'sign' || step === 'login'
        ? REMOVED
        : {
            code: 'E_CARD_ABSENT',
            message: 'no card in the reader, or another program uses it',
            hint: 'insert your eID, or close the program that uses it; --wait 60s waits for it',
          },
    ],
    [
      CKR.TOKEN_NOT_RECOGNIZED,
      {
        code: 'E_CARD_NOT_EID',
        message: 'the card in the reader is not an eID, or is inserted wrongly',
        hint: 'insert a Belgian eID, chip first and up',
      },
    ],
    [CKR.DEVICE_REMOVED, REMOVED],
    [CKR.SESSION_HANDLE_INVALID, REMOVED],
    [
      CKR.SLOT_ID_INVALID,
      {
        code: 'E_READER_ABSENT',
        message: 'the card reader is gone',
        hint: 'connect it again',
      },
    ],
    [
      CKR.DEVICE_ERROR,
      {
        code: 'E_CARD_ERROR',
        message: 'the reader or the card reported an error',
        hint: 'clean the chip, try another port; a card that was never activated answers like this too',
      },
    ],
    [CKR.PIN_LEN_RANGE, PIN_FORM],
    [CKR.PIN_INVALID, PIN_FORM],
    [
      CKR.FUNCTION_FAILED,
      step === 'login'
        ? PIN_FORM
        : step === 'sign'
          ? PIN_NEEDED
          : {
              code: 'E_CARD_ERROR',
              message: 'the card could not be read',
              hint: 'take the card out, insert it again, and repeat the command',
            },
    ],
    [
      CKR.FUNCTION_CANCELED,
      {
        code: 'E_INTERRUPTED',
        message: 'cancelled at the PIN window or the reader',
        hint: 'nothing was signed; run the command again',
      },
    ],
    [
      CKR.USER_NOT_LOGGED_IN,
      {
        code: 'E_INPUT_REQUIRED',
        message: 'the card wants its PIN first',
        hint: 'give it with --pin-file or --pin-fd, or type it',
      },
    ],
    [
      CKR.MECHANISM_INVALID,
      {
        code: 'E_CARD_ERROR',
        message: 'this card or module does not support the signature algorithm',
        hint: 'install the eID middleware: OpenSC cannot sign with newer cards',
      },
    ],
    [
      CKR.FUNCTION_NOT_SUPPORTED,
      step === 'sign'
        ? {
            code: 'E_SIGNATURE_KEY_UNUSABLE',
            message: 'this module cannot use the Signature key',
            hint: 'install the eID middleware',
          }
        : {
            code: 'E_CARD_ERROR',
            message: 'this module cannot do what was asked',
            hint: 'install the eID middleware',
          },
    ],
    [
      CKR.HOST_MEMORY,
      { code: 'E_CARD_ERROR', message: 'out of memory', hint: 'close other programs' },
    ],
    [CKR.KEY_HANDLE_INVALID, BUG],
    [CKR.OBJECT_HANDLE_INVALID, BUG],
    [CKR.OPERATION_ACTIVE, BUG],
    [CKR.OPERATION_NOT_INITIALIZED, BUG],
    [CKR.BUFFER_TOO_SMALL, BUG],
    [CKR.CRYPTOKI_NOT_INITIALIZED, BUG],
    [CKR.CRYPTOKI_ALREADY_INITIALIZED, BUG],
  ]);

/** `CKR_PIN_INCORRECT`; `0x…` for a code that has no name here. */
export function ckrName(ckr: number): string {
  const name = Object.entries(CKR).find(([, value]) => value === ckr)?.[0];
  return name === undefined ? `0x${ckr.toString(16)}` : `CKR_${name}`;
}

/**
 * Gives a {@link CkrError} its meaning in the step where it came up; any other error is passed through.
 *
 * @returns A `PinError` for a refused PIN, else a `TopazError` of the family `token` or `usage`.
 */
export function cardError(error: unknown, { step, reader, triesLeft }: CardErrorContext): unknown {
  if (!(error instanceof CkrError)) {
    return error;
  }
  const ckr = ckrName(error.ckr);
  const facts = reader === undefined ? [] : [`reader: ${reader}`];
  if (error.ckr === CKR.PIN_INCORRECT && triesLeft !== 0) {
    return new PinError(triesLeft, {
      cause: error,
      details: { ckr, ...(triesLeft === undefined ? {} : { triesLeft }) },
      ...(triesLeft === undefined
        ? { facts: ['three wrong PINs block the card; nothing was sent'] }
        : {}),
    });
  }
  if (error.ckr === CKR.PIN_LOCKED || error.ckr === CKR.PIN_INCORRECT) {
    return new PinError(0, { cause: error, details: { ckr, triesLeft: 0 } });
  }
  const row = rows(step).get(error.ckr);
  return row === undefined
    ? new TopazError('E_CARD_ERROR', 'the card gave an unexpected answer', {
        hint: 'take the card out, insert it again, and repeat the command',
        facts: [...facts, `code ${ckr}`],
        details: { ckr },
        cause: error,
      })
    : new TopazError(row.code, row.message, {
        hint: row.hint,
        facts,
        details: { ckr },
        cause: error,
      });
}
