/**
 * The request of a person who has a bis number and no eID: nothing is signed by a card, the person logs on at
 * an address of eHealth before a deadline instead (certificate-lifecycle §4, SubmitCSRForForeigner).
 *
 * @module
 */

import { submitCsrForForeigner } from '../certra/client.js';
import { RaRefusedError } from '../certra/ra-refusal.js';
import { personActor, submitCsrForForeignerRequest } from '../certra/request.js';
import type { ContactData } from '../certra/request.js';
import { TopazError } from '../errors.js';
import { parseSsin } from '../ids/ssin.js';
import type { Ssin } from '../ids/ssin.js';
import { createPendingKeystore, keystoreRequestId } from '../keystore/keystore.js';
import { createCsr } from '../x509/csr.js';
import { encodeName } from '../x509/name.js';
import {
  OID_COMMON_NAME,
  OID_COUNTRY,
  OID_ORGANIZATION,
  OID_ORGANIZATIONAL_UNIT,
} from '../der/oids.js';
import type { XmlElement } from '../xml/tree.js';
import type { Applicant } from './applicant-contract.js';
import { raOptions } from './authority.js';
import type { Authority } from './authority.js';
import type { RequestRecord } from './request-record.js';
import type { RequestStore } from './request-store.js';
import { generateRsaKey, withoutMs } from './request.js';
import type { SignedRequest } from './request.js';
import { markSent, refusalOf } from './standing.js';

const BIS = [20, 40];

/**
 * Reads a bis number: 20 or 40 is added to the month.
 *
 * @throws TopazError `E_SSIN_INVALID`.
 */
export function parseBisNumber(text: string): Ssin {
  const ssin = parseSsin(text);
  const month = Number(ssin.slice(2, 4));
  if (!BIS.some((added) => month >= added && month <= added + 12)) {
    throw new TopazError('E_SSIN_INVALID', 'this is not a bis number', {
      facts: ['20 or 40 is added to the month of birth in a bis number'],
      hint: 'with a Belgian eID: topaz cert request, without --foreigner',
    });
  }
  return ssin;
}

/** Upper case, without diacritics, single spaces. */
const normaliseName = (text: string): string =>
  text.toUpperCase().normalize('NFD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').trim();

/**
 * The subject of the certificate, which the client composes here. Quirk: the name stands before the first
 * name, the other way round than in contracts.
 *
 * @returns DER.
 */
export function foreignerSubject({ ssin, firstNames, lastName }: Applicant): Uint8Array {
  const who = `SSIN=${ssin}`;
  const unit = (value: string) => ({ type: OID_ORGANIZATIONAL_UNIT, value });
  return encodeName([
    { type: OID_COUNTRY, value: 'BE' },
    { type: OID_ORGANIZATION, value: 'Federal Government' },
    unit(who),
    unit(normaliseName(`${lastName} ${firstNames}`)),
    unit('eHealth-platform Belgium'),
    { type: OID_COMMON_NAME, value: who },
  ]);
}

/** Makes a key and the request for its certificate; nothing is on disk and nothing was sent. */
export async function makeForeignerRequest(
  authority: Authority,
  person: Applicant,
  contact: ContactData,
): Promise<SignedRequest> {
  const privateKey = await generateRsaKey();
  const keystore = createPendingKeystore(privateKey, authority.now());
  const csr = createCsr(foreignerSubject(person), privateKey);
  return {
    id: keystoreRequestId(keystore),
    keystore,
    message: submitCsrForForeignerRequest(
      { person: personActor(person), contact, csr },
      raOptions(authority),
    ),
  };
}

/**
 * Sends a request that is on disk. Nothing in it is signed, so it may be handed in again as long as nobody
 * logged on for it.
 *
 * @returns The record, `sent`, with the address and its deadline.
 * @throws {@link RaRefusedError}: the record is `refused` then; everything else leaves it `new`.
 */
export async function sendForeignerRequest(
  authority: Authority,
  store: RequestStore,
  record: RequestRecord,
  message: XmlElement,
): Promise<RequestRecord> {
  try {
    const { call, certra } = authority;
    const { url, expiresAt } = await submitCsrForForeigner(call, certra, message, authority);
    return await markSent(store, record, {
      submittedAt: withoutMs(authority.now()),
      logOn: { url, expiresAt: withoutMs(expiresAt) },
    });
  } catch (error) {
    if (error instanceof RaRefusedError) {
      await store.save({ ...record, state: 'refused', refusal: refusalOf(error) });
      await store.removeMessage(record.id);
    }
    throw error;
  }
}

/** Whether the person did not log on in time: the request has to be made again. */
export const missedLogOn = ({ logOn }: RequestRecord, now: Date): boolean =>
  logOn !== undefined && now > new Date(logOn.expiresAt);
