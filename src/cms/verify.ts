/**
 * Does a signature of a CMS message fit a key and a content (RFC 5652 §5.4, §5.6)?
 *
 * Which algorithms are allowed, and whose key it is, is not decided here: this module verifies what the
 * message says of itself, in the way of eHealth's own library.
 *
 * @module
 */

import { constants, createHash, verify as verifySignature } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import {
  OID_CMS_ALGORITHM_PROTECTION,
  OID_CONTENT_TYPE,
  OID_ECDSA_SHA1,
  OID_ECDSA_SHA256,
  OID_ECDSA_SHA384,
  OID_ECDSA_SHA512,
  OID_MESSAGE_DIGEST,
  OID_MGF1,
  OID_RSA,
  OID_RSA_PSS,
  OID_RSA_SHA1,
  OID_RSA_SHA256,
  OID_RSA_SHA384,
  OID_RSA_SHA512,
  OID_SIGNING_TIME,
} from '../der/oids.js';
import { malformed, type DerNode } from '../der/reader.js';
import {
  isContext,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
  readTime,
} from '../der/values.js';
import { digestName, PSS_SALT_LENGTH, PSS_SHA256_IDENTIFIER, readAlgorithm } from './algorithms.js';
import type { AlgorithmIdentifier, DigestName } from './algorithms.js';
import { unwrapExplicit } from './content-info.js';
import { attributeValue, type SignerInfo } from './signer-info.js';
import { verifyDigest } from './verify-digest.js';

/**
 * `mismatch`: made with another key, or over other attributes. `unverifiable`: the content is not the one
 * that was signed, an attribute is missing or wrong, or the algorithm is not known.
 */
export type SignatureOutcome = 'valid' | 'mismatch' | 'unverifiable';

/** What a signature covers: its type, and its digests where the octets themselves have gone by. */
export interface SignedContent {
  /** Dotted object identifier. */
  readonly contentType: string;
  /** `undefined` for a digest that was not computed. */
  readonly digest: (name: DigestName) => Uint8Array | undefined;
  /** Where they are at hand: an ECDSA signature without attributes cannot do without. */
  readonly octets?: Uint8Array | undefined;
}

/** A content in memory. */
export const contentOf = (contentType: string, octets: Uint8Array): SignedContent => ({
  contentType,
  digest: (name) => createHash(name).update(octets).digest(),
  octets,
});

/** How to verify a signature value. */
export interface SignatureScheme {
  readonly kind: 'pss' | 'pkcs1' | 'ecdsa';
  readonly digest: DigestName;
  /** Bytes; for `pss`. */
  readonly saltLength: number;
}

const FIXED: ReadonlyMap<string, SignatureScheme> = new Map<string, SignatureScheme>([
  [OID_RSA_SHA1, { kind: 'pkcs1', digest: 'sha1', saltLength: 0 }],
  [OID_RSA_SHA256, { kind: 'pkcs1', digest: 'sha256', saltLength: 0 }],
  [OID_RSA_SHA384, { kind: 'pkcs1', digest: 'sha384', saltLength: 0 }],
  [OID_RSA_SHA512, { kind: 'pkcs1', digest: 'sha512', saltLength: 0 }],
  [OID_ECDSA_SHA1, { kind: 'ecdsa', digest: 'sha1', saltLength: 0 }],
  [OID_ECDSA_SHA256, { kind: 'ecdsa', digest: 'sha256', saltLength: 0 }],
  [OID_ECDSA_SHA384, { kind: 'ecdsa', digest: 'sha384', saltLength: 0 }],
  [OID_ECDSA_SHA512, { kind: 'ecdsa', digest: 'sha512', saltLength: 0 }],
]);

/** That of everything official. */
const PSS_SHA256: SignatureScheme = {
  kind: 'pss',
  digest: 'sha256',
  saltLength: PSS_SALT_LENGTH,
};

/** The scheme of a signature, or `undefined` for one that cannot be verified here. */
export function signatureScheme({
  signatureAlgorithm,
  digestAlgorithm,
}: SignerInfo): SignatureScheme | undefined {
  try {
    switch (signatureAlgorithm.oid) {
      case OID_RSA_PSS:
        return readPss(signatureAlgorithm);
      case OID_RSA: {
        const digest = digestName(digestAlgorithm.oid);
        return digest === undefined ? undefined : { kind: 'pkcs1', digest, saltLength: 0 };
      }
      default:
        return FIXED.get(signatureAlgorithm.oid);
    }
  } catch {
    return undefined;
  }
}

/** The claimed time of signing, or `undefined` when there is none that can be read. */
export function signingTime(info: SignerInfo): Date | undefined {
  try {
    const value = attributeValue(info, OID_SIGNING_TIME);
    return value === undefined ? undefined : readTime(value);
  } catch {
    return undefined;
  }
}

/** Verifies a signature over a content with a key. Never throws. */
export function verifySigner(
  info: SignerInfo,
  content: SignedContent,
  key: KeyObject,
): SignatureOutcome {
  try {
    const scheme = signatureScheme(info);
    if (scheme === undefined) {
      return 'unverifiable';
    }
    if (info.signedAttributes !== undefined) {
      checkAttributes(info, content);
    }
    const signed = info.signedAttributes?.signedBytes ?? content.octets;
    if (signed !== undefined) {
      return fits(scheme, signed, key, info.signature) ? 'valid' : 'mismatch';
    }
    const digest = content.digest(scheme.digest);
    if (digest === undefined || scheme.kind === 'ecdsa') {
      return 'unverifiable';
    }
    return verifyDigest(scheme, digest, key, info.signature) ? 'valid' : 'mismatch';
  } catch {
    return 'unverifiable';
  }
}

function checkAttributes(info: SignerInfo, content: SignedContent): void {
  if (readOid(attributeValue(info, OID_CONTENT_TYPE)) !== content.contentType) {
    throw malformed('signed for another type of content');
  }
  const name = digestName(info.digestAlgorithm.oid);
  const actual = name === undefined ? undefined : content.digest(name);
  const claimed = Buffer.from(readOctetString(attributeValue(info, OID_MESSAGE_DIGEST)));
  if (actual === undefined || !claimed.equals(actual)) {
    throw malformed('signed for another content');
  }
  const protection = attributeValue(info, OID_CMS_ALGORITHM_PROTECTION);
  if (protection !== undefined) {
    checkProtection(info, protection);
  }
  const time = attributeValue(info, OID_SIGNING_TIME);
  if (time !== undefined) {
    readTime(time);
  }
}

/** RFC 6211: the algorithms under the signature are those beside it. */
function checkProtection(info: SignerInfo, protection: DerNode): void {
  const [digest, signature, ...rest] = readSequence(protection);
  const same =
    sameBytes(digest?.bytes, info.digestAlgorithm.bytes) &&
    isContext(signature, 1) &&
    sameBytes(signature.bytes.subarray(1), info.signatureAlgorithm.bytes.subarray(1));
  if (!same || rest.length > 0) {
    throw malformed('signed for other algorithms');
  }
}

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0;

function readPss({ parameters, bytes }: AlgorithmIdentifier): SignatureScheme | undefined {
  if (sameBytes(bytes, PSS_SHA256_IDENTIFIER)) {
    return PSS_SHA256;
  }
  const fields = [...readSequence(parameters)];
  const take = (n: number): DerNode | undefined =>
    isContext(fields[0], n) ? unwrapExplicit(fields.shift(), n) : undefined;
  const hash = take(0);
  const mask = take(1);
  const salt = take(2);
  const trailer = take(3);
  // RFC 4055 §3.1: SHA-1 and a salt of 20 bytes where nothing is said.
  const digest = hash === undefined ? 'sha1' : digestName(readAlgorithm(hash).oid);
  const maskDigest = mask === undefined ? 'sha1' : readMask(mask);
  const plain = trailer === undefined || readSmallInteger(trailer) === 1;
  if (fields.length > 0 || digest === undefined || maskDigest !== digest || !plain) {
    return undefined;
  }
  return { kind: 'pss', digest, saltLength: salt === undefined ? 20 : readSmallInteger(salt) };
}

function readMask(node: DerNode): DigestName | undefined {
  const { oid, parameters } = readAlgorithm(node);
  return oid === OID_MGF1 ? digestName(readAlgorithm(parameters).oid) : undefined;
}

function fits(
  { kind, digest, saltLength }: SignatureScheme,
  signed: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
): boolean {
  if ((kind === 'ecdsa') !== (key.asymmetricKeyType === 'ec')) {
    return false;
  }
  const padding = kind === 'pss' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return verifySignature(
    digest,
    signed,
    kind === 'ecdsa' ? { key } : { key, padding, saltLength },
    signature,
  );
}
