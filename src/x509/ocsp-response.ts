/**
 * Answers of OCSP (RFC 6960 §4.2): read from strict DER and judged. An answer counts when it was signed by the
 * issuer itself or by a responder that the issuer named for it, is about this certificate, and is of today.
 *
 * @module
 */

import { OID_OCSP_BASIC, OID_OCSP_SIGNING } from '../der/oids.js';
import { malformed, readDer } from '../der/reader.js';
import { expectTag, isContext, readOctetString, readOid, readSequence } from '../der/values.js';
import { isSignedBy } from './certificate.js';
import type { Certificate } from './certificate.js';
import { isValidAt } from './chain.js';
import { namesEqual } from './name.js';
import { readBasicResponse } from './ocsp-read.js';
import type { BasicResponse, Responder, SingleResponse } from './ocsp-read.js';
import { certIdHash, issuerKeyHash, issuerNameHash } from './ocsp-request.js';
import type { RevocationFact } from './revocation-status.js';
import { isSignature } from './signature-algorithm.js';

/** What the responder says when it has no answer. */
const ERROR_STATUS: Readonly<Record<number, string>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
};

export interface OcspQuestion {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly now: Date;
  /** What was sent; an answer with another one is refused, one without is taken. */
  readonly nonce?: Uint8Array | undefined;
}

/** What an answer says, or why it does not count. */
export type OcspVerdict =
  | {
      readonly state: 'answered';
      readonly fact: RevocationFact | { readonly state: 'not-known' };
      readonly thisUpdate: Date;
      readonly nextUpdate: Date | undefined;
      readonly producedAt: Date;
      /** Who signed, where it was not the issuer: not yet asked whether it is revoked itself. */
      readonly delegate: Certificate | undefined;
    }
  | { readonly state: 'refused'; readonly why: string };

const MINUTE_MS = 60_000;
/** Clocks may differ so much (etee §5.5). */
export const TOLERANCE_MS = 5 * MINUTE_MS;
/** An answer that does not say when the next one comes counts so long. */
const UNDATED_MS = 60 * MINUTE_MS;
const DIGITAL_SIGNATURE = 0x80;

/** Judges the DER of an OCSPResponse. Never throws. */
export function judgeOcspResponse(der: Uint8Array, question: OcspQuestion): OcspVerdict {
  try {
    const [status, bytes, ...rest] = readSequence(readDer(der));
    const code = expectTag(status, 'ENUMERATED').content;
    if (code.length !== 1 || rest.length > 0) {
      throw malformed('answer of OCSP of a wrong form');
    }
    if (code[0] !== 0) {
      return refused(`the responder answers ${ERROR_STATUS[code[0] ?? 0] ?? 'an unknown status'}`);
    }
    const [type, content] = readSequence(isContext(bytes, 0) ? bytes.children[0] : undefined);
    if (readOid(type) !== OID_OCSP_BASIC) {
      return refused('an answer of an unknown kind');
    }
    return judge(readBasicResponse(readOctetString(content)), question);
  } catch {
    return refused('the answer cannot be read');
  }
}

/** Judges a BasicOCSPResponse that came with a message. Never throws. */
export function judgeBasicResponse(der: Uint8Array, question: OcspQuestion): OcspVerdict {
  try {
    return judge(readBasicResponse(der), question);
  } catch {
    return refused('the answer cannot be read');
  }
}

const refused = (why: string): OcspVerdict => ({ state: 'refused', why });

function judge(response: BasicResponse, question: OcspQuestion): OcspVerdict {
  const { issuer, now, nonce } = question;
  const signer = signerOf(response, issuer, now);
  if (signer === undefined) {
    return refused('signed by someone whom the issuer did not name for it');
  }
  if (!isSignature(response.algorithm, response.tbs, signer.publicKey, response.signature)) {
    return refused('the signature is not genuine');
  }
  if (
    nonce !== undefined &&
    response.nonce !== undefined &&
    Buffer.compare(nonce, response.nonce) !== 0
  ) {
    return refused('an answer to another question');
  }
  const answers = response.responses.filter((single) => isAbout(single, question));
  // Of several answers the worst counts.
  const single =
    answers.find(({ fact }) => fact.state === 'revoked') ??
    answers.find(({ fact }) => fact.state === 'not-known') ??
    answers[0];
  if (single === undefined) {
    return refused('an answer about another certificate');
  }
  const { fact, thisUpdate, nextUpdate } = single;
  const ahead = now.getTime() + TOLERANCE_MS;
  const until = nextUpdate?.getTime() ?? thisUpdate.getTime() + UNDATED_MS;
  if (thisUpdate.getTime() > ahead || response.producedAt.getTime() > ahead) {
    return refused('an answer of the future');
  }
  if (until + TOLERANCE_MS < now.getTime()) {
    return refused('the answer is out of date');
  }
  return {
    state: 'answered',
    fact,
    thisUpdate,
    nextUpdate,
    producedAt: response.producedAt,
    delegate: signer === issuer ? undefined : signer,
  };
}

/** The issuer, or a responder that it certified for this with its own key (RFC 6960 §4.2.2.2). */
function signerOf(
  { responder, certificates }: BasicResponse,
  issuer: Certificate,
  now: Date,
): Certificate | undefined {
  if (isResponder(responder, issuer)) {
    return issuer;
  }
  return certificates.find(
    (candidate) =>
      isResponder(responder, candidate) &&
      namesEqual(candidate.issuer, issuer.subject) &&
      candidate.extendedKeyUsage?.includes(OID_OCSP_SIGNING) === true &&
      (candidate.keyUsage === undefined || (candidate.keyUsage & DIGITAL_SIGNATURE) !== 0) &&
      candidate.unknownCritical.length === 0 &&
      isValidAt(candidate, now) &&
      isSignedBy(candidate, issuer.publicKey),
  );
}

const isResponder = (responder: Responder, certificate: Certificate): boolean =>
  responder.kind === 'name'
    ? namesEqual(responder.name, certificate.subject)
    : Buffer.compare(responder.hash, issuerKeyHash(certificate, 'sha1')) === 0;

function isAbout(
  { hashOid, nameHash, keyHash, serial }: SingleResponse,
  { certificate, issuer }: OcspQuestion,
): boolean {
  const hash = certIdHash(hashOid);
  return (
    hash !== undefined &&
    serial === certificate.serial &&
    Buffer.compare(nameHash, issuerNameHash(certificate, hash)) === 0 &&
    Buffer.compare(keyHash, issuerKeyHash(issuer, hash)) === 0
  );
}
