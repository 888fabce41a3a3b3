/**
 * Fault codes of the eHealth bus: who must act, and whether waiting helps (mycarenet §1.9).
 *
 * @module
 */

import { SoapFaultError } from '../errors.js';

/** Who must act after a refusal. */
export type FaultCategory =
  'input' | 'client' | 'config' | 'profile' | 'data' | 'platform' | 'mutuality' | 'session';

interface SoaCode {
  readonly category: FaultCategory;
  readonly retryable: boolean;
  readonly hint: string;
}

const REPORT = 'this is a defect of topaz: report it';
const defect: SoaCode = { category: 'client', retryable: false, hint: REPORT };

const CODES: ReadonlyMap<string, SoaCode> = new Map([
  ['SOA-00001', { category: 'platform', retryable: true, hint: 'ask again; then call the help desk' }],
  ['SOA-01001', { category: 'session', retryable: false, hint: 'topaz session open --force' }],
  ['SOA-01002', { category: 'profile', retryable: false, hint: 'your quality or your licence is not released for this service: check mycarenet.quality and mycarenet.license of the profile' }],
  ['SOA-02001', { category: 'platform', retryable: true, hint: 'the service does not answer: try again later' }],
  ['SOA-02002', { category: 'platform', retryable: true, hint: 'the service does not answer for the moment: try again later' }],
  ['SOA-03001', defect],
  ['SOA-03002', defect],
  ['SOA-03003', defect],
  ['SOA-03004', defect],
  ['SOA-03005', defect],
  ['SOA-03006', defect],
  ['SOA-03007', defect],
]); // prettier-ignore

/** Whether a call that was refused so may succeed later. `Retry` of the fault wins over the table. */
export const isRetryableFault = ({ faultCode, retry }: SoapFaultError): boolean =>
  retry ?? CODES.get(faultCode)?.retryable ?? false;

/** The same fault, with who must act and what to do next. */
export function explainFault(error: SoapFaultError): SoapFaultError {
  const known = CODES.get(error.faultCode);
  const { service, statusCode, faultCode, faultString, retry, ticket } = error;
  return new SoapFaultError(
    { service, statusCode, faultCode, faultString, retry, ticket },
    {
      code: error.code,
      hint: known?.hint ?? error.hint,
      details: {
        ...error.details,
        category: known?.category ?? 'platform',
        retryable: isRetryableFault(error),
      },
      cause: error,
    },
  );
}
