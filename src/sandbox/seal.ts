/**
 * The sandbox's own sealing, for messages of the seed, and its maker of ETKs: the layout of the official
 * library, BER with indefinite lengths and pieces of 1000 bytes (etee §1.1 and §3). It shares no code with
 * the client's sealing; the etee oracle judges both in tests.
 *
 * @module
 */

import {
  constants,
  createCipheriv,
  createHash,
  publicEncrypt,
  randomBytes,
  sign,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import {
  OID_AES128_CBC,
  OID_CONTENT_TYPE,
  OID_DATA,
  OID_ENVELOPED_DATA,
  OID_MESSAGE_DIGEST,
  OID_MGF1,
  OID_RSA,
  OID_RSA_PSS,
  OID_SHA256,
  OID_SIGNED_DATA,
  OID_SIGNING_TIME,
} from '../der/oids.js';
import {
  concat,
  context,
  contextPrimitive,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  setOf,
  utcTime,
} from '../der/writer.js';
import type { Certificate } from '../x509/certificate.js';

const OID_AES128_WRAP = '2.16.840.1.101.3.4.1.5';
const WRAP_IV = Buffer.alloc(8, 0xa6);
const CHUNK = 1000;
const SHA256_IDENTIFIER = sequence(oid(OID_SHA256), nullValue());
const RSA_IDENTIFIER = sequence(oid(OID_RSA), nullValue());
const PSS_IDENTIFIER = sequence(
  oid(OID_RSA_PSS),
  sequence(
    context(0, SHA256_IDENTIFIER),
    context(1, sequence(oid(OID_MGF1), SHA256_IDENTIFIER)),
    context(2, integer(32)),
  ),
);

/** A constructed element of indefinite length. */
const open = (tagByte: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  concat(Uint8Array.of(tagByte, 0x80), ...parts, Uint8Array.of(0, 0));

function pieces(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    parts.push(octetString(bytes.subarray(at, at + CHUNK)));
  }
  return parts;
}

/** SignedData in a ContentInfo, around data. */
function signedData(
  content: Uint8Array,
  certificates: readonly Uint8Array[],
  signerInfo: Uint8Array,
): Uint8Array {
  return open(
    0x30,
    oid(OID_SIGNED_DATA),
    open(
      0xa0,
      open(
        0x30,
        integer(1),
        setOf(SHA256_IDENTIFIER),
        open(0x30, oid(OID_DATA), open(0xa0, open(0x24, ...pieces(content)))),
        ...(certificates.length === 0 ? [] : [open(0xa0, ...certificates)]),
        setOf(signerInfo),
      ),
    ),
  );
}

const issuerAndSerial = ({ issuer, serial }: Certificate): Uint8Array =>
  sequence(issuer.der, integer(serial));

export interface Credential {
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
}

/**
 * An encryption token: the encryption certificate, signed by the ETK-RA without signed attributes. The
 * certificates stand in the order that the official checker needs: RA, holder, issuing CA, root.
 */
export function makeEtk(
  ra: Credential,
  encryption: Uint8Array,
  chain: readonly Certificate[],
): Uint8Array {
  const signature = sign('sha256', encryption, ra.privateKey);
  const signerInfo = sequence(
    integer(1),
    issuerAndSerial(ra.certificate),
    SHA256_IDENTIFIER,
    RSA_IDENTIFIER,
    octetString(signature),
  );
  return signedData(
    encryption,
    [ra.certificate, ...chain].map(({ der }) => der),
    signerInfo,
  );
}

/** A secret key that both sides know, and its name. */
export interface SharedKey {
  readonly key: Uint8Array;
  readonly id: Uint8Array;
}

/**
 * Seals bytes in three layers for holders of encryption certificates, or for a shared key (etee §4.1).
 *
 * @param chain Certificates of the sender, leaf first, then issuing CA and root.
 * @param now Signing time.
 */
export function sealBytes(
  content: Uint8Array,
  sender: Credential,
  chain: readonly Certificate[],
  recipients: readonly Certificate[] | SharedKey,
  now: Date,
): Uint8Array {
  const inner = signedData(content, [], signer(content, sender, now));
  const middle = envelope(inner, recipients);
  return signedData(
    middle,
    chain.map(({ der }) => der),
    signer(middle, sender, now),
  );
}

function signer(
  content: Uint8Array,
  { certificate, privateKey }: Credential,
  now: Date,
): Uint8Array {
  const attribute = (type: string, value: Uint8Array): Uint8Array =>
    sequence(oid(type), setOf(value));
  const attributes = setOf(
    attribute(OID_CONTENT_TYPE, oid(OID_DATA)),
    attribute(OID_SIGNING_TIME, utcTime(now)),
    attribute(OID_MESSAGE_DIGEST, octetString(createHash('sha256').update(content).digest())),
  );
  const signature = sign('sha256', attributes, {
    key: privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  });
  // Signed as SET, written as [0]: the tag byte alone differs.
  const written = concat(Uint8Array.of(0xa0), attributes.subarray(1));
  return sequence(
    integer(1),
    issuerAndSerial(certificate),
    SHA256_IDENTIFIER,
    written,
    PSS_IDENTIFIER,
    octetString(signature),
  );
}

function envelope(content: Uint8Array, recipients: readonly Certificate[] | SharedKey): Uint8Array {
  const key = randomBytes(16);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  const encrypted = Buffer.concat([cipher.update(content), cipher.final()]);
  const isShared = 'key' in recipients;
  const recipientInfos = isShared
    ? [kekRecipient(key, recipients)]
    : recipients.map((certificate) => keyTransRecipient(key, certificate));
  return open(
    0x30,
    oid(OID_ENVELOPED_DATA),
    open(
      0xa0,
      open(
        0x30,
        integer(isShared ? 2 : 0),
        setOf(...recipientInfos),
        open(
          0x30,
          oid(OID_DATA),
          sequence(oid(OID_AES128_CBC), octetString(iv)),
          encrypted.length === 0
            ? contextPrimitive(0, encrypted)
            : open(0xa0, ...pieces(encrypted)),
        ),
      ),
    ),
  );
}

const keyTransRecipient = (key: Uint8Array, certificate: Certificate): Uint8Array =>
  sequence(
    integer(0),
    issuerAndSerial(certificate),
    RSA_IDENTIFIER,
    octetString(
      publicEncrypt({ key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING }, key),
    ),
  );

/** KEKRecipientInfo: the key of the content under AES key wrap (RFC 3394). */
function kekRecipient(key: Uint8Array, { key: kek, id }: SharedKey): Uint8Array {
  const wrap = createCipheriv('id-aes128-wrap', kek, WRAP_IV);
  const wrapped = Buffer.concat([wrap.update(key), wrap.final()]);
  return context(
    2,
    concat(
      integer(4),
      sequence(octetString(id)),
      sequence(oid(OID_AES128_WRAP)),
      octetString(wrapped),
    ),
  );
}

/** The challenge of StartETKRegistration: the serial under the new key, then its digest. */
export function makeChallenge(publicKey: KeyObject, serial: Uint8Array): Uint8Array {
  return Buffer.concat([
    publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, serial),
    createHash('sha256').update(serial).digest(),
  ]);
}
