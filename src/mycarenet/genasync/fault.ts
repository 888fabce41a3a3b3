/**
 * What a mailbox refuses with: the codes of the eHealth bus, those of MyCareNet, and a text that asks for patience
 * (mycarenet §3.5, §3.8).
 *
 * @module
 */

import { SoapFaultError } from '../../errors.js';
import { explainFault } from '../soa-codes.js';
import type { FaultCategory } from '../soa-codes.js';

/** The mailbox was asked too soon; only the text says so. */
export const isTooSoon = (error: unknown): boolean =>
  error instanceof SoapFaultError && /not enough time/i.test(error.faultString);

const CODES: readonly (readonly [RegExp, FaultCategory, string])[] = [
  [/^VALIDATION_ERROR|^INPUT_ERROR/, 'client', 'this is a defect of topaz, or of the document: report the code and the references'],
  [/^AUTHORI[SZ]ATION_ERROR|^AUTHENTICATION_ERROR/, 'config', 'check mycarenet.quality, mycarenet.nihii and mycarenet.license of the profile'],
  [/^SEND_ERROR|^GENERIC_ERROR/, 'platform', 'try again later'],
]; // prettier-ignore

/** The same fault, with who must act and what to do next. */
export function explainMailboxFault(error: SoapFaultError): SoapFaultError {
  if (error.faultCode.startsWith('SOA-')) {
    return explainFault(error);
  }
  const tooSoon = isTooSoon(error);
  const [, category = 'platform', hint = error.hint] =
    CODES.find(([pattern]) => pattern.test(error.faultCode)) ?? [];
  const { service, statusCode, faultCode, faultString, retry, ticket, standardCode } = error;
  return new SoapFaultError(
    { service, statusCode, faultCode, faultString, retry, ticket, standardCode },
    {
      code: error.code,
      hint: tooSoon ? 'the mailbox may be asked every 30 seconds: wait, and run it again' : hint,
      details: {
        ...error.details,
        category: tooSoon ? 'platform' : category,
        retryable: tooSoon || (retry ?? false),
      },
      cause: error,
    },
  );
}
