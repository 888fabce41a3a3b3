/**
 * Where a request stands, by what eHealth says about it. Without the card only `CERT_NOT_YET_DELIVERED` and a
 * delivery are sure; every other answer of GetCertificate may be a refusal (certificate-lifecycle §4, §10).
 *
 * @module
 */

import {
  getCertificate,
  getCertificateInfoForCitizen,
  isUnknownRequest,
} from '../certra/client.js';
import { RaRefusedError } from '../certra/ra-refusal.js';
import type { CertificateInfo } from '../certra/reply.js';
import { PendingError } from '../errors.js';
import type { Signer } from '../keys/keys.js';
import type { Certificate } from '../x509/certificate.js';
import { raOptions } from './authority.js';
import type { Authority } from './authority.js';
import type { RequestRecord } from './request-record.js';
import type { RequestStore } from './request-store.js';

export type Standing =
  | { readonly state: 'pending' }
  | { readonly state: 'approved'; readonly chain: readonly [Certificate, ...Certificate[]] }
  /** The service never saw it. */
  | { readonly state: 'unknown'; readonly error: RaRefusedError }
  | { readonly state: 'refused'; readonly error: RaRefusedError };

/**
 * Asks without the card.
 *
 * @param id PublicKeyIdentifier.
 * @throws TopazError `E_REPLY_INVALID`, and as `Call`.
 */
export async function askStanding(authority: Authority, id: string): Promise<Standing> {
  try {
    const chain = await getCertificate(authority.call, authority.certra, id, raOptions(authority));
    return { state: 'approved', chain };
  } catch (error) {
    if (error instanceof PendingError) {
      return { state: 'pending' };
    }
    if (error instanceof RaRefusedError) {
      return { state: isUnknownRequest(error) ? 'unknown' : 'refused', error };
    }
    throw error;
  }
}

/**
 * Asks with the card: the sure way.
 *
 * @param signer The card's Authentication key.
 * @returns `undefined` when eHealth has nothing under this identifier for this person.
 * @throws RaRefusedError; TopazError `E_REPLY_INVALID`; and as `Call`.
 */
export async function askWithCard(
  authority: Authority,
  id: string,
  signer: Signer,
): Promise<CertificateInfo | undefined> {
  const infos = await getCertificateInfoForCitizen(
    authority.call,
    authority.certra,
    signer,
    raOptions(authority),
  );
  return infos.find((info) => info.id === id);
}

/** Accepted for sure: the signed request is not needed any more. */
export async function markSent(
  store: RequestStore,
  record: RequestRecord,
  facts: Pick<RequestRecord, 'submittedAt' | 'automaticallyValidated' | 'replaces'>,
): Promise<RequestRecord> {
  const sent: RequestRecord = { ...record, ...facts, state: 'sent' };
  await store.save(sent);
  await store.removeMessage(record.id);
  return sent;
}

/**
 * Writes down what is sure: accepted, approved. What may be a refusal changes nothing.
 *
 * @returns The record as it is now.
 */
export async function noteStanding(
  store: RequestStore,
  record: RequestRecord,
  { state }: Pick<Standing, 'state'>,
): Promise<RequestRecord> {
  if (record.state === 'issued' || (state !== 'pending' && state !== 'approved')) {
    return record;
  }
  const accepted =
    record.state === 'new' || record.state === 'refused'
      ? await markSent(store, record, { submittedAt: record.submittedAt ?? record.createdAt })
      : record;
  if (state === 'pending' || accepted.state === 'approved') {
    return accepted;
  }
  const approved: RequestRecord = { ...accepted, state: 'approved' };
  await store.save(approved);
  return approved;
}

/** Writes down what the card's answer says. */
export async function noteInfo(
  store: RequestStore,
  record: RequestRecord,
  { status, automaticallyValidated }: CertificateInfo,
): Promise<RequestRecord> {
  if (status === 'REFUSED') {
    const refused: RequestRecord = {
      ...record,
      state: 'refused',
      refusal: { code: status, message: '' },
    };
    await store.save(refused);
    await store.removeMessage(record.id);
    return refused;
  }
  const noted = await noteStanding(store, record, {
    state: status === 'IN_PROGRESS' ? 'pending' : 'approved',
  });
  if (noted.automaticallyValidated === automaticallyValidated) {
    return noted;
  }
  const known: RequestRecord = { ...noted, automaticallyValidated };
  await store.save(known);
  return known;
}

/** The first code and text of a refusal, for the record. */
export function refusalOf({ refusal }: RaRefusedError): { code: string; message: string } {
  const [first] = refusal.errors;
  return {
    code: first?.code ?? refusal.status,
    message: first?.message ?? refusal.statusMessage ?? '',
  };
}
