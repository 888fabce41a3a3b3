/**
 * Finds out whether a certificate was revoked: an answer that came with a message, else the responder, else
 * the revocation list that the certificate names. Answers that still count are taken from the local copies.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';

import type { Certificate } from '../x509/certificate.js';
import { judgeBasicResponse, TOLERANCE_MS } from '../x509/ocsp-response.js';
import type {
  RevocationChecker,
  RevocationQuestion,
  RevocationStatus,
} from '../x509/revocation-status.js';
import type { Copies } from './copies.js';
import { askList } from './crl-source.js';
import type { Fetch } from './fetch.js';
import { askResponder, storedAnswer } from './ocsp-source.js';
import type { OcspAnswer, OcspAsking } from './ocsp-source.js';
import type { Sources } from './sources.js';

export interface CheckerOptions {
  readonly fetch: Fetch;
  readonly copies: Copies;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
  /** Only local copies count; nothing is asked. @default false */
  readonly offline?: boolean | undefined;
  /** Asks the responder even where a copy still counts; the copy serves when it does not answer. @default false */
  readonly fresh?: boolean | undefined;
  /** @default random bytes */
  readonly newNonce?: ((length: number) => Uint8Array) | undefined;
}

/** Makes a checker; what it found is remembered as long as it lives. */
export function createRevocationChecker(options: CheckerOptions): RevocationChecker {
  const { fetch, copies, now, signal, newNonce = randomNonce } = options;
  const sources: Sources = { fetch, copies, now, newNonce, signal, lists: new Map() };
  const known = new Map<string, Promise<RevocationStatus>>();
  return {
    check: async (certificate, issuer, question = {}) => {
      const at = question.at ?? now();
      const embedded = fromMessage({ certificate, issuer }, question, at);
      if (embedded !== undefined) {
        return seenFrom(embedded, at);
      }
      const key = `${Buffer.from(certificate.der).toString('base64')} ${Buffer.from(issuer.publicKeyInfo).toString('base64')}`;
      const asked = known.get(key) ?? ask(sources, { certificate, issuer }, options);
      known.set(key, asked);
      return seenFrom(await asked, at);
    },
  };
}

const randomNonce = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));

/** Who was revoked after the moment that counts was good at that moment (etee §5.5). */
function seenFrom(status: RevocationStatus, at: Date): RevocationStatus {
  return status.state === 'revoked' && status.revokedAt > at
    ? { state: 'good', source: status.source }
    : status;
}

/** An answer that was made when the message was signed, and counted then. */
function fromMessage(
  asking: OcspAsking,
  { embedded = [] }: RevocationQuestion,
  at: Date,
): RevocationStatus | undefined {
  for (const der of embedded) {
    const verdict = judgeBasicResponse(der, { ...asking, now: at });
    if (
      verdict.state === 'answered' &&
      verdict.fact.state !== 'not-known' &&
      verdict.producedAt.getTime() + TOLERANCE_MS >= at.getTime()
    ) {
      const { fact, thisUpdate, nextUpdate } = verdict;
      return {
        ...fact,
        source: { kind: 'ocsp', url: undefined, cached: false, thisUpdate, nextUpdate },
      };
    }
  }
  return undefined;
}

async function ask(
  sources: Sources,
  asking: OcspAsking,
  { offline = false, fresh = false }: CheckerOptions,
): Promise<RevocationStatus> {
  const { certificate, issuer } = asking;
  if (certificate.ocspUrls.length === 0 && certificate.crlUrls.length === 0) {
    return {
      state: 'unknown',
      cause: 'no-source',
      detail: 'the certificate names no place to ask',
    };
  }
  const answered = await askOcsp(sources, asking, { offline, fresh });
  if (answered !== undefined && answered.state !== 'unknown') {
    return answered;
  }
  // The issuer's own word that it does not know the certificate is not mended by a list.
  if (answered?.cause === 'not-known' || certificate.crlUrls.length === 0) {
    return answered ?? { state: 'unknown', cause: 'offline', detail: 'not asked' };
  }
  const listed = await askList(sources, certificate, issuer, { offline });
  return listed.state === 'unknown' && answered !== undefined
    ? { ...listed, detail: `${answered.detail}; ${listed.detail}` }
    : listed;
}

async function askOcsp(
  sources: Sources,
  asking: OcspAsking,
  { offline, fresh }: { readonly offline: boolean; readonly fresh: boolean },
): Promise<RevocationStatus | undefined> {
  if (asking.certificate.ocspUrls.length === 0) {
    return undefined;
  }
  const stored = await storedAnswer(sources, asking);
  const isEnough = stored !== undefined && (offline || !fresh);
  const online = isEnough || offline ? undefined : await askResponder(sources, asking);
  const answer = online?.state === 'answered' ? online : (stored ?? online);
  if (answer === undefined) {
    return { state: 'unknown', cause: 'offline', detail: 'not asked' };
  }
  return toStatus(sources, answer, asking.issuer, offline);
}

async function toStatus(
  sources: Sources,
  answer: OcspAnswer,
  issuer: Certificate,
  offline: boolean,
): Promise<RevocationStatus> {
  if (answer.state === 'none') {
    return { state: 'unknown', cause: answer.cause, detail: answer.detail };
  }
  const { fact, delegate, url, cached, thisUpdate, nextUpdate } = answer;
  if (fact.state === 'not-known') {
    return {
      state: 'unknown',
      cause: 'not-known',
      detail: `${url}: the responder does not know the certificate`,
    };
  }
  if (delegate !== undefined && !delegate.ocspNoCheck && delegate.crlUrls.length > 0) {
    const own = await askList(sources, delegate, issuer, { offline });
    if (own.state !== 'good') {
      return {
        state: 'unknown',
        cause: 'invalid',
        detail: `${url}: the responder's own certificate ${own.state === 'revoked' ? 'was revoked' : 'could not be checked'}`,
      };
    }
  }
  return { ...fact, source: { kind: 'ocsp', url, cached, thisUpdate, nextUpdate } };
}
