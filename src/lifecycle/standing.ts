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
 * Everything that eHealth has on its books for the person at the card and the organisations with a mandate.
 *
 * @param signer The card's Authentication key.
 * @throws RaRefusedError; TopazError `E_REPLY_INVALID`; and as `Call`.
 */
export const listWithCard = (
  authority: Authority,
  signer: Signer,
): Promise<readonly CertificateInfo[]> =>
  getCertificateInfoForCitizen(authority.call, authority.certra, signer, raOptions(authority));

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
  const infos = await listWithCard(authority, signer);
  return infos.find((info) => info.id === id);
}

/** Accepted for sure: the signed request is not needed any more. */
export async function markSent(
  store: RequestStore,
  record: RequestRecord,
  facts: Pick<RequestRecord, 'submittedAt' | 'automaticallyValidated' | 'replaces' | 'logOn'>,
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

/** States at eHealth after which nothing comes of a request any more. */
const OVER: ReadonlySet<CertificateInfo['status']> = new Set(['REFUSED', 'REVOKED', 'EXPIRED']);

/** Writes down what the card's answer says. */
export async function noteInfo(
  store: RequestStore,
  record: RequestRecord,
  info: CertificateInfo,
  now: Date,
): Promise<RequestRecord> {
  const known = withFacts(record, info, now);
  if (OVER.has(info.status) && record.state !== 'issued') {
    const over: RequestRecord = {
      ...known,
      state: 'refused',
      refusal: { code: info.status, message: '' },
    };
    await store.save(over);
    await store.removeMessage(record.id);
    return over;
  }
  if (JSON.stringify(known) !== JSON.stringify(record)) {
    await store.save(known);
  }
  return noteStanding(store, known, {
    state: info.status === 'IN_PROGRESS' ? 'pending' : 'approved',
  });
}

const withFacts = (
  record: RequestRecord,
  { status, automaticallyValidated, replaceableFrom }: CertificateInfo,
  now: Date,
): RequestRecord => ({
  ...record,
  automaticallyValidated,
  ...(replaceableFrom === undefined ? {} : { renewableFrom: replaceableFrom.toISOString() }),
  ...(status === 'REVOKED' && record.revocation === undefined
    ? { revocation: { at: now.toISOString() } }
    : {}),
});

/** The first code and text of a refusal, for the record. */
export function refusalOf({ refusal }: RaRefusedError): { code: string; message: string } {
  const [first] = refusal.errors;
  return {
    code: first?.code ?? refusal.status,
    message: first?.message ?? refusal.statusMessage ?? '',
  };
}
