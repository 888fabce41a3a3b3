/**
 * Asks the responder that a certificate names (RFC 6960), and keeps its answers as long as they say.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { Certificate } from '../x509/certificate.js';
import { buildOcspRequest } from '../x509/ocsp-request.js';
import { judgeOcspResponse } from '../x509/ocsp-response.js';
import type { OcspVerdict } from '../x509/ocsp-response.js';
import { FetchRefusal } from './fetch.js';
import type { Sources } from './sources.js';

/** An answer that counts, or why there is none. */
export type OcspAnswer =
  | (Extract<OcspVerdict, { state: 'answered' }> & {
      readonly url: string;
      readonly cached: boolean;
    })
  | { readonly state: 'none'; readonly cause: 'unreachable' | 'invalid'; readonly detail: string };

/** An answer with its certificates; nobody sends more. */
const MAX_BYTES = 128 * 1024;
const NONCE_BYTES = 16;
/** Places that are tried for one certificate. */
export const MAX_PLACES = 2;

export interface OcspAsking {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
}

/** The copy, where it still counts. */
export async function storedAnswer(
  sources: Sources,
  { certificate, issuer }: OcspAsking,
): Promise<OcspAnswer | undefined> {
  const bytes = await sources.copies.read('ocsp', keyOf(certificate, issuer));
  const [url] = certificate.ocspUrls;
  if (bytes === undefined || url === undefined) {
    return undefined;
  }
  const verdict = judgeOcspResponse(bytes, { certificate, issuer, now: sources.now() });
  return verdict.state === 'answered' ? { ...verdict, url, cached: true } : undefined;
}

/** Asks one place after the other until an answer counts. */
export async function askResponder(
  sources: Sources,
  { certificate, issuer }: OcspAsking,
): Promise<OcspAnswer> {
  let answer: OcspAnswer = { state: 'none', cause: 'unreachable', detail: 'no responder' };
  for (const url of certificate.ocspUrls.slice(0, MAX_PLACES)) {
    answer = await askAt(url, sources, { certificate, issuer });
    if (answer.state === 'answered') {
      return answer;
    }
  }
  return answer;
}

async function askAt(
  url: string,
  sources: Sources,
  { certificate, issuer }: OcspAsking,
): Promise<OcspAnswer> {
  const { signal, now, newNonce, copies } = sources;
  const nonce = newNonce(NONCE_BYTES);
  let bytes: Uint8Array;
  try {
    bytes = await sources.fetch(url, {
      body: buildOcspRequest(certificate, issuer, { nonce }),
      contentType: 'application/ocsp-request',
      maxBytes: MAX_BYTES,
      signal,
    });
  } catch (error) {
    if (error instanceof FetchRefusal) {
      return { state: 'none', cause: 'unreachable', detail: `${url}: ${error.message}` };
    }
    throw error;
  }
  const verdict = judgeOcspResponse(bytes, { certificate, issuer, nonce, now: now() });
  if (verdict.state === 'refused') {
    return { state: 'none', cause: 'invalid', detail: `${url}: ${verdict.why}` };
  }
  if (verdict.nextUpdate !== undefined && verdict.fact.state !== 'not-known') {
    await copies.write('ocsp', keyOf(certificate, issuer), bytes);
  }
  return { ...verdict, url, cached: false };
}

/** Names a question among the copies: issuer and serial number. */
const keyOf = ({ serial }: Certificate, { publicKeyInfo, subject }: Certificate): string =>
  createHash('sha256')
    .update(publicKeyInfo)
    .update(subject.der)
    .update(serial.toString(16))
    .digest('hex');
