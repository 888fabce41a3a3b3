import { describe, expect, test } from '@jest/globals';

import { EXIT, FAMILY, PinError, TopazError } from '../../src/errors.js';
import { cardError, CKR, ckrName } from '../../src/pkcs11/ckr.js';
import type { CardStep } from '../../src/pkcs11/ckr.js';
import { CkrError } from '../../src/pkcs11/module.js';

const explain = (ckr: number, step: CardStep, triesLeft?: number): TopazError => {
  const error = cardError(new CkrError(ckr, 'C_Test'), { step, reader: 'ACME', triesLeft });
  if (!(error instanceof TopazError)) throw new Error('not explained');
  return error;
};

describe('a return code of the module', () => {
  test.each<[number, CardStep, string]>([
    [CKR.TOKEN_NOT_PRESENT, 'list', 'E_CARD_ABSENT'],
    [CKR.TOKEN_NOT_PRESENT, 'sign', 'E_CARD_REMOVED'],
    [CKR.TOKEN_NOT_RECOGNIZED, 'list', 'E_CARD_NOT_EID'],
    [CKR.DEVICE_REMOVED, 'read', 'E_CARD_REMOVED'],
    [CKR.SESSION_HANDLE_INVALID, 'sign', 'E_CARD_REMOVED'],
    [CKR.DEVICE_ERROR, 'read', 'E_CARD_ERROR'],
    [CKR.PIN_INCORRECT, 'login', 'E_PIN_INCORRECT'],
    [CKR.PIN_LOCKED, 'login', 'E_PIN_LOCKED'],
    [CKR.PIN_LEN_RANGE, 'login', 'E_PIN_FORMAT'],
    [CKR.PIN_INVALID, 'login', 'E_PIN_FORMAT'],
    [CKR.FUNCTION_FAILED, 'login', 'E_PIN_FORMAT'],
    [CKR.FUNCTION_FAILED, 'sign', 'E_INPUT_REQUIRED'],
    [CKR.FUNCTION_FAILED, 'read', 'E_CARD_ERROR'],
    [CKR.FUNCTION_CANCELED, 'sign', 'E_INTERRUPTED'],
    [CKR.USER_NOT_LOGGED_IN, 'sign', 'E_INPUT_REQUIRED'],
    [CKR.USER_ALREADY_LOGGED_IN, 'login', 'E_CARD_ERROR'],
    [CKR.MECHANISM_INVALID, 'sign', 'E_CARD_ERROR'],
    [CKR.FUNCTION_NOT_SUPPORTED, 'sign', 'E_SIGNATURE_KEY_UNUSABLE'],
    [CKR.FUNCTION_NOT_SUPPORTED, 'list', 'E_CARD_ERROR'],
    [CKR.SLOT_ID_INVALID, 'list', 'E_READER_ABSENT'],
    [CKR.GENERAL_ERROR, 'sign', 'E_CARD_ERROR'],
    [CKR.OPERATION_ACTIVE, 'sign', 'E_INTERNAL'],
    [CKR.BUFFER_TOO_SMALL, 'sign', 'E_INTERNAL'],
    [0x1ff, 'sign', 'E_CARD_ERROR'],
  ])('0x%s in step %s is %s', (ckr, step, code) => {
    const error = explain(ckr, step);

    expect(error.code).toBe(code);
    expect(error.hint).toEqual(expect.stringMatching(/\S/));
    expect(error.details).toMatchObject({ ckr: ckrName(ckr) });
  });

  test('is never shown bare', () => {
    for (const ckr of Object.values(CKR)) {
      expect(explain(ckr, 'sign').message).not.toMatch(/CKR_|0x/);
    }
  });

  test('tells the tries left where they are known, and the end of them', () => {
    expect(explain(CKR.PIN_INCORRECT, 'login', 2)).toMatchObject({
      code: 'E_PIN_INCORRECT',
      triesLeft: 2,
      details: { triesLeft: 2 },
    });
    expect(explain(CKR.PIN_INCORRECT, 'login').details).not.toHaveProperty('triesLeft');
    expect(explain(CKR.PIN_INCORRECT, 'login', 0).code).toBe('E_PIN_LOCKED');
    expect(explain(CKR.PIN_LOCKED, 'sign')).toBeInstanceOf(PinError);
  });

  test('belongs to the card: exit 5, but for cancelling and a PIN that nobody can type', () => {
    expect(EXIT[FAMILY[explain(CKR.DEVICE_REMOVED, 'sign').code]]).toBe(5);
    expect(EXIT[FAMILY[explain(CKR.FUNCTION_CANCELED, 'sign').code]]).toBe(130);
    expect(EXIT[FAMILY[explain(CKR.FUNCTION_FAILED, 'sign').code]]).toBe(2);
  });

  test('leaves other errors alone', () => {
    const other = new TypeError('x');
    expect(cardError(other, { step: 'read' })).toBe(other);
  });
});
