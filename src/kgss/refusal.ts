/**
 * What the KGSS refuses with. Its official codes are not public: nothing but success is told from them, and
 * they are shown as they came, numbers of persons masked.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../errors.js';
import type { ErrorCode } from '../errors.js';
import { maskSsins } from '../ids/ssin.js';

export type KgssOperation = 'GetNewKey' | 'GetKey';

export interface KgssRefusal {
  readonly operation: KgssOperation;
  /** Code of the status. */
  readonly status: string;
  readonly message: string;
  /** Code and text of each error. */
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

const MAX_SHOWN = 3;
const SESSION_FAULT = 'SOA-01001';

const WORDS: Readonly<
  Record<
    KgssOperation,
    { readonly code: ErrorCode; readonly message: string; readonly hint: string }
  >
> = {
  GetNewKey: {
    code: 'E_SERVICE_REFUSED',
    message: 'the KGSS did not make a key',
    hint: 'check the readers; the code above is for the support of eHealth',
  },
  GetKey: {
    code: 'E_KEY_REFUSED',
    message: 'the KGSS does not hand out the key of this message',
    hint: 'only readers on the list of the sender get it: open the session with the quality that is meant, or ask the sender',
  },
};

/** The error of a refused operation: `E_SERVICE_REFUSED` for a new key, `E_KEY_REFUSED` for a stored one. */
export function refusalError({ operation, status, message, errors }: KgssRefusal): TopazError {
  const { code, message: text, hint } = WORDS[operation];
  const lines = errors.length > 0 ? errors : [{ code: status, message }];
  return new TopazError(code, text, {
    facts: lines
      .slice(0, MAX_SHOWN)
      .map((line) => maskSsins(`eHealth: ${line.code} ${line.message}`.trimEnd())),
    hint,
    details: {
      service: 'kgss',
      operation,
      status,
      serviceCode: lines[0]?.code ?? status,
      errors: errors.map((error) => ({ code: error.code, message: maskSsins(error.message) })),
    },
  });
}

/** A fault of the bus that is about the session says so in its next step. */
export function explainFault(error: unknown): unknown {
  if (!(error instanceof SoapFaultError) || error.faultCode !== SESSION_FAULT) {
    return error;
  }
  const { service, statusCode, faultCode, faultString, retry, ticket } = error;
  return new SoapFaultError(
    { service, statusCode, faultCode, faultString, retry, ticket },
    { hint: 'topaz session open --force', cause: error },
  );
}
