/**
 * Answers of OCSP (RFC 6960) and revocation lists (RFC 5280 §5), as the sandbox writes them. Nothing of the
 * client's reading is used: openssl judges both.
 *
 * @module
 */

import { createHash, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import {
  OID_AUTHORITY_KEY_ID,
  OID_CRL_NUMBER,
  OID_CRL_REASON,
  OID_OCSP_BASIC,
  OID_OCSP_NONCE,
  OID_OCSP_SIGNING,
  OID_SHA1,
  OID_SHA256,
} from '../der/oids.js';
import { readDer } from '../der/reader.js';
import type { DerNode } from '../der/reader.js';
import {
  readBitString,
  readInteger,
  readOctetString,
  readOid,
  readSequence,
} from '../der/values.js';
import {
  bitString,
  concat,
  context,
  contextPrimitive,
  generalizedTime,
  integer,
  octetString,
  oid,
  sequence,
  time,
  tlv,
} from '../der/writer.js';
import { OID_SANDBOX_POLICY } from '../profile/trust.js';
import {
  authorityKeyIdentifierExtension,
  buildCertificate,
  extendedKeyUsageExtension,
  keyUsageExtension,
  ocspNoCheckExtension,
  policiesExtension,
} from '../x509/build.js';
import { signatureAlgorithmIdentifier } from '../x509/signature-algorithm.js';
import { publicKeyInfoOf, randomSerial, subjectOf } from './citizen-pki.js';
import type { Authority } from './citizen-pki.js';

/** A certificate that was revoked. */
export interface Revoked {
  readonly serial: bigint;
  readonly at: Date;
  /** Number of RFC 5280 §5.3.1. */
  readonly reason: number;
}

export interface OcspAsked {
  /** DER of each CertID. */
  readonly certIds: readonly DerNode[];
  /** The nonce's extension, to be repeated as it came. */
  readonly nonce: Uint8Array | undefined;
}

/** @throws TopazError `E_ASN1_MALFORMED`. */
export function readOcspRequest(der: Uint8Array): OcspAsked {
  const fields = readSequence(readSequence(readDer(der))[0]);
  const list = fields.find(({ tagClass }) => tagClass === 0);
  const extensions = fields.find(({ tagClass, tag }) => tagClass === 2 && tag === 2);
  const nonce = extensions?.children
    .flatMap((block) => readSequence(block))
    .find((extension) => readOid(readSequence(extension)[0]) === OID_OCSP_NONCE);
  return {
    certIds: readSequence(list).flatMap((entry) => readSequence(entry).slice(0, 1)),
    nonce: nonce?.bytes,
  };
}

/** The serial number of a CertID, where it names this issuer. */
export function serialAsked(certId: DerNode, { certificate }: Authority): bigint | undefined {
  const [algorithm, nameHash, keyHash, serial] = readSequence(certId);
  const name = { [OID_SHA1]: 'sha1', [OID_SHA256]: 'sha256' }[readOid(readSequence(algorithm)[0])];
  if (name === undefined) {
    return undefined;
  }
  const digest = (bytes: Uint8Array): Buffer => createHash(name).update(bytes).digest();
  const key = readBitString(readSequence(readDer(certificate.publicKeyInfo))[1]);
  return digest(certificate.subject.der).equals(readOctetString(nameHash)) &&
    digest(key).equals(readOctetString(keyHash))
    ? readInteger(serial)
    : undefined;
}

/** A responder that the issuer names for it, as the real ones have. */
export function makeResponder(
  issuer: Authority,
  privateKey: KeyObject,
  validity: { readonly notBefore: Date; readonly notAfter: Date },
): { readonly der: Uint8Array; readonly name: Uint8Array; readonly privateKey: KeyObject } {
  const name = subjectOf([
    ['2.5.4.6', 'BE'],
    ['2.5.4.3', 'topaz sandbox OCSP responder'],
  ]);
  const identifier = issuer.certificate.subjectKeyIdentifier;
  const der = buildCertificate(
    {
      serial: randomSerial(),
      issuer: issuer.certificate.subject.der,
      subject: name,
      ...validity,
      publicKeyInfo: publicKeyInfoOf(privateKey),
      extensions: [
        keyUsageExtension(0x80),
        extendedKeyUsageExtension([OID_OCSP_SIGNING]),
        ocspNoCheckExtension(),
        ...(identifier === undefined ? [] : [authorityKeyIdentifierExtension(identifier)]),
        policiesExtension([OID_SANDBOX_POLICY]),
      ],
    },
    issuer.privateKey,
    { digest: 'sha384' },
  );
  return { der, name, privateKey };
}

export type OcspFact =
  { readonly state: 'good' | 'unknown' } | { readonly state: 'revoked'; readonly by: Revoked };

export interface OcspAnswerFields {
  readonly responder: ReturnType<typeof makeResponder>;
  readonly single: readonly { readonly certId: Uint8Array; readonly fact: OcspFact }[];
  readonly producedAt: Date;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  readonly nonce: Uint8Array | undefined;
}

const ENUMERATED = 0x0a;
const SHA256 = 'sha256';

/** A signed answer. */
export function writeOcspAnswer(fields: OcspAnswerFields): Uint8Array {
  const { responder, single, producedAt, thisUpdate, nextUpdate, nonce } = fields;
  const responses = single.map(({ certId, fact }) =>
    sequence(
      certId,
      factBytes(fact),
      generalizedTime(thisUpdate),
      ...(nextUpdate === undefined ? [] : [context(0, generalizedTime(nextUpdate))]),
    ),
  );
  const data = sequence(
    context(1, responder.name),
    generalizedTime(producedAt),
    sequence(...responses),
    ...(nonce === undefined ? [] : [context(1, sequence(nonce))]),
  );
  const basic = sequence(
    data,
    signatureAlgorithmIdentifier('ec', SHA256),
    bitString(sign(SHA256, data, responder.privateKey)),
    context(0, sequence(responder.der)),
  );
  return sequence(
    tlv(ENUMERATED, Uint8Array.of(0)),
    context(0, sequence(oid(OID_OCSP_BASIC), octetString(basic))),
  );
}

/** An answer that holds none: 1 malformedRequest, 2 internalError, 3 tryLater, 5 sigRequired, 6 unauthorized. */
export const writeOcspError = (status: number): Uint8Array =>
  sequence(tlv(ENUMERATED, Uint8Array.of(status)));

function factBytes(fact: OcspFact): Uint8Array {
  switch (fact.state) {
    case 'good':
      return contextPrimitive(0, new Uint8Array());
    case 'unknown':
      return contextPrimitive(2, new Uint8Array());
    case 'revoked':
      return context(
        1,
        generalizedTime(fact.by.at),
        context(0, tlv(ENUMERATED, Uint8Array.of(fact.by.reason))),
      );
  }
}

export interface ListFields {
  readonly revoked: readonly Revoked[];
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
}

/** A list, signed by the issuer itself. */
export function writeCrl(issuer: Authority, fields: ListFields): Uint8Array {
  const { revoked, number, thisUpdate, nextUpdate } = fields;
  const digest = issuer.certificate.publicKeyInfo.length > 100 ? 'sha384' : SHA256;
  const algorithm = signatureAlgorithmIdentifier('ec', digest);
  const identifier = issuer.certificate.subjectKeyIdentifier;
  const extension = (id: string, value: Uint8Array): Uint8Array =>
    sequence(oid(id), octetString(value));
  const entries = revoked.map(({ serial, at, reason }) =>
    sequence(
      integer(serial),
      time(at),
      sequence(extension(OID_CRL_REASON, tlv(ENUMERATED, Uint8Array.of(reason)))),
    ),
  );
  const tbs = sequence(
    integer(1),
    algorithm,
    issuer.certificate.subject.der,
    time(thisUpdate),
    time(nextUpdate),
    // RFC 5280 §5.1.2.6: an empty list is left out.
    ...(entries.length === 0 ? [] : [tlv(0x30, concat(...entries))]),
    context(
      0,
      sequence(
        ...(identifier === undefined
          ? []
          : [extension(OID_AUTHORITY_KEY_ID, sequence(contextPrimitive(0, identifier)))]),
        extension(OID_CRL_NUMBER, integer(number)),
      ),
    ),
  );
  return sequence(tbs, algorithm, bitString(sign(digest, tbs, issuer.privateKey)));
}
