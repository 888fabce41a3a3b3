/**
 * Asks MemberData about one patient (mycarenet §1). A read: it changes nothing and may be repeated.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../../errors.js';
import type { Call, Security, SoapReply } from '../../soap/call.js';
import type { Certificate } from '../../x509/certificate.js';
import { NS_MEMBERDATA } from '../names.js';
import type { Origin } from '../origin.js';
import { explainFault, isRetryableFault } from '../soa-codes.js';
import type { MemberDataQuery } from './query.js';
import { MemberDataRefusal } from './refusal.js';
import { readMemberDataReply, readSealableReply } from './reply.js';
import type { MemberDataReply } from './reply.js';
import { memberDataRequest, queryBytes } from './request.js';
import { openDocument, sealDocument } from './sealed.js';
import type { Opening, Sealing } from './sealed.js';

export interface MemberDataCaller {
  readonly origin: Origin;
  readonly isTest: boolean;
  /** The session's token and the key that signs with it. */
  readonly security: Security;
  /** Roots of the certificates with which mutualities sign; none = signers are not known. */
  readonly roots: readonly Certificate[];
  /** Seals the question; without it, the question goes in clear. */
  readonly sealing?: Sealing | undefined;
  /** Opens an answer that is sealed; without it, such an answer is refused. */
  readonly opening?: Opening | undefined;
}

export interface ConsultOptions {
  readonly now: () => Date;
  /** A random UUID. */
  readonly newId: () => string;
  /** References that never come twice: `createReferences`. */
  readonly newReference: () => string;
  readonly signal?: AbortSignal | undefined;
}

const OPERATION = 'MemberDataConsultation';
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Sends one question and reads its answer.
 *
 * @returns The reply, and the reference under which it was asked.
 * @throws MemberDataRefusal, SoapFaultError (with category and next step), and TopazError as
 *   {@link readMemberDataReply} and the transport.
 */
export async function consultMemberData(
  call: Call,
  url: string,
  { origin, isTest, security, roots, sealing, opening }: MemberDataCaller,
  query: MemberDataQuery,
  { now, newId, newReference, signal }: ConsultOptions,
): Promise<{ readonly reply: MemberDataReply; readonly reference: string }> {
  const reference = newReference();
  const id = `ID_${newId()}`;
  const request = {
    commonInput: { isTest, origin, inputReference: reference },
    query,
    id,
    detailId: `_${newId()}`,
    issuedAt: now(),
  };
  const sealed =
    sealing === undefined
      ? undefined
      : await sealDocument(queryBytes(request), request.detailId, sealing, now());
  const body = memberDataRequest(request, sealed);
  let answer: SoapReply;
  try {
    answer = await call(
      {
        service: 'memberdata',
        operation: OPERATION,
        url,
        action: `${NS_MEMBERDATA}:${OPERATION}`,
        body,
        security,
        maxBytes: MAX_BYTES,
      },
      { signal },
    );
  } catch (error) {
    throw error instanceof SoapFaultError ? explainFault(error) : error;
  }
  const asked = {
    requestId: id,
    inputReference: reference,
    query,
    trust: { roots, now: now() },
  };
  const reply =
    opening === undefined
      ? readMemberDataReply(answer.payload, asked)
      : await readSealableReply(answer.payload, asked, {
          sealed: sealing !== undefined,
          open: (bytes) => openDocument(bytes, opening, now()),
        });
  return { reply, reference };
}

export interface PatientOptions extends ConsultOptions {
  /** Waits so many milliseconds, or until the signal. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Pauses before the second and third try: a person waits for the answer. */
const PAUSES_MS = [1_000, 3_000];
/** Bad gateway, unavailable, gateway timeout. */
const GATEWAY: ReadonlySet<number> = new Set([502, 503, 504]);

/** As {@link consultMemberData}, {@link askPatiently}. */
export const consultPatiently = (
  call: Call,
  url: string,
  caller: MemberDataCaller,
  query: MemberDataQuery,
  options: PatientOptions,
): ReturnType<typeof consultMemberData> =>
  askPatiently(() => consultMemberData(call, url, caller, query, options), options);

/**
 * Asks, and asks again where waiting a little may help: the mutuality or the platform says so, or the connection
 * broke. A service that did not answer in time is not asked again: that wait was the caller's limit.
 *
 * @param consult Each try has a reference of its own.
 */
export async function askPatiently<T>(
  consult: () => Promise<T>,
  { sleep }: Pick<PatientOptions, 'sleep'>,
): Promise<T> {
  for (const [tries, pauseMs] of PAUSES_MS.entries()) {
    try {
      return await consult();
    } catch (error) {
      if (!mayHelp(error, tries)) {
        throw error;
      }
    }
    await sleep(pauseMs);
  }
  return consult();
}

function mayHelp(error: unknown, tries: number): boolean {
  if (error instanceof MemberDataRefusal) {
    return error.refusal.retryable;
  }
  if (error instanceof SoapFaultError) {
    // The undefined error is worth one more try, not two.
    return isRetryableFault(error) && (error.faultCode !== 'SOA-00001' || tries === 0);
  }
  return (
    error instanceof TopazError &&
    (error.code === 'E_NETWORK_RESET' || GATEWAY.has(Number(error.details?.['httpStatus'])))
  );
}
