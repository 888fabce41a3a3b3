/**
 * SignerInfo (RFC 5652 §5.3): who signed, with which algorithms, and the signed attributes.
 *
 * Unsigned attributes are passed over: eHealth's own library writes an empty `[1]` there, which the
 * grammar does not allow (etee §3.3).
 *
 * @module
 */

import { malformed, readDer, type DerNode } from '../der/reader.js';
import {
  isContext,
  readOctetString,
  readOid,
  readSequence,
  readSet,
  readSmallInteger,
} from '../der/values.js';
import { setOf } from '../der/writer.js';
import { readAlgorithm, type AlgorithmIdentifier } from './algorithms.js';
import { readEntity, type EntityIdentifier } from './entity.js';

export interface Attribute {
  /** Dotted object identifier. */
  readonly type: string;
  readonly values: readonly DerNode[];
}

export interface SignedAttributes {
  readonly list: readonly Attribute[];
  /**
   * What the signature covers: the attributes as a SET in DER order, whatever order they came in (RFC 5652
   * §5.4). eHealth's own library verifies this order and no other.
   */
  readonly signedBytes: Uint8Array;
}

export interface SignerInfo {
  readonly signer: EntityIdentifier;
  readonly digestAlgorithm: AlgorithmIdentifier;
  /** Absent: the signature covers the content itself. */
  readonly signedAttributes: SignedAttributes | undefined;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** Nobody vouches for them; empty where they cannot be read. */
  readonly unsignedAttributes: readonly Attribute[];
}

const MAX_ATTRIBUTES = 64;

/** @throws TopazError `E_ASN1_MALFORMED` */
export function readSignerInfo(node: DerNode | undefined): SignerInfo {
  const [version, signer, digestAlgorithm, ...rest] = readSequence(node);
  checkVersion(version);
  const attributes = isContext(rest[0], 0) ? rest.shift() : undefined;
  const [signatureAlgorithm, signature, unsigned, ...more] = rest;
  if (more.length > 0 || (unsigned !== undefined && !isContext(unsigned, 1))) {
    throw malformed('signer information of a wrong form');
  }
  return {
    signer: readEntity(signer),
    digestAlgorithm: readAlgorithm(digestAlgorithm),
    signedAttributes: attributes === undefined ? undefined : readAttributes(attributes),
    signatureAlgorithm: readAlgorithm(signatureAlgorithm),
    signature: readOctetString(signature),
    unsignedAttributes: readUnsigned(unsigned),
  };
}

/** 1 with issuer and serial number, 3 with a key identifier; writers mix them up, so either will do. */
function checkVersion(node: DerNode | undefined): void {
  const version = readSmallInteger(node);
  if (version !== 1 && version !== 3) {
    throw malformed('signer information of an unknown version');
  }
}

function readAttributes(node: DerNode): SignedAttributes {
  if (node.children.length > MAX_ATTRIBUTES) {
    throw malformed('too many signed attributes');
  }
  const signedBytes = setOf(...node.children.map(({ bytes }) => bytes));
  return {
    // The signature covers DER, so an attribute in another encoding could not be what was signed.
    list: readSet(readDer(signedBytes)).map((attribute) => {
      const [type, values, ...rest] = readSequence(attribute);
      if (rest.length > 0) {
        throw malformed('attribute of a wrong form');
      }
      return { type: readOid(type), values: readSet(values) };
    }),
    signedBytes,
  };
}

/** The official library writes an empty field, against RFC 5652 (etee §3.3). */
function readUnsigned(node: DerNode | undefined): readonly Attribute[] {
  try {
    return (node?.children ?? []).slice(0, MAX_ATTRIBUTES).map((attribute) => {
      const [type, values] = readSequence(attribute);
      return { type: readOid(type), values: readSet(values) };
    });
  } catch {
    return [];
  }
}

/**
 * The value of an attribute that may be there once with one value (RFC 5652 §11).
 *
 * @throws TopazError `E_ASN1_MALFORMED` when it is there twice, or does not have one value.
 */
export function attributeValue(
  { signedAttributes }: SignerInfo,
  type: string,
): DerNode | undefined {
  const [found, ...others] = (signedAttributes?.list ?? []).filter(
    (attribute) => attribute.type === type,
  );
  if (others.length > 0 || (found !== undefined && found.values.length !== 1)) {
    throw malformed('attribute that does not have one value');
  }
  return found?.values[0];
}
