/**
 * Asks GenericInsurability about one patient (mycarenet §2): the older service, for when MemberData does not answer.
 * A read: it changes nothing and may be repeated.
 *
 * @module
 */

import { SoapFaultError } from '../../errors.js';
import type { Call, SoapReply } from '../../soap/call.js';
import type { ConsultOptions, MemberDataCaller } from '../memberdata/client.js';
import type { MemberDataReply } from '../memberdata/reply.js';
import { explainFault } from '../soa-codes.js';
import { NS_GENINS } from './names.js';
import { checkGenIns } from './question.js';
import type { GenInsQuery } from './question.js';
import { readGenInsReply } from './reply.js';
import { genInsRequest } from './request.js';

export interface GenInsOptions extends ConsultOptions {
  /** References of records: `createRecordReferences`. */
  readonly newRecordReference: () => string;
}

const OPERATION = 'GetInsurability';
const MAX_BYTES = 1024 * 1024;

/**
 * Sends one question and reads its answer.
 *
 * @returns The reply, and the reference under which it was asked.
 * @throws GenInsRefusal, SoapFaultError (with category and next step), and TopazError as `checkGenIns`,
 *   `readGenInsReply` and the transport.
 */
export async function consultGenIns(
  call: Call,
  url: string,
  { origin, isTest, security }: Pick<MemberDataCaller, 'origin' | 'isTest' | 'security'>,
  query: GenInsQuery,
  { now, newReference, newRecordReference, signal }: GenInsOptions,
): Promise<{ readonly reply: MemberDataReply; readonly reference: string }> {
  checkGenIns(query);
  const reference = newReference();
  const recordReference = newRecordReference();
  const commonInput = { isTest, origin, inputReference: reference };
  let answer: SoapReply;
  try {
    answer = await call(
      {
        service: 'genins',
        operation: OPERATION,
        url,
        action: `${NS_GENINS}:${OPERATION}`,
        body: genInsRequest({ commonInput, recordReference, query }),
        security,
        maxBytes: MAX_BYTES,
      },
      { signal },
    );
  } catch (error) {
    throw error instanceof SoapFaultError ? explainFault(error) : error;
  }
  const reply = readGenInsReply(answer.payload, {
    inputReference: reference,
    recordReference,
    query,
    answeredAt: now(),
  });
  return { reply, reference };
}
