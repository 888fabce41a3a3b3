/**
 * BasicOCSPResponse (RFC 6960 §4.2.1), read from strict DER. Nothing is judged here.
 *
 * @module
 */

import { OID_OCSP_NONCE } from '../der/oids.js';
import { malformed, readDer } from '../der/reader.js';
import type { DerNode } from '../der/reader.js';
import {
  expectTag,
  isContext,
  isType,
  readBitString,
  readBoolean,
  readInteger,
  readOctetString,
  readOid,
  readSequence,
  readTime,
} from '../der/values.js';
import { parseCertificate } from './certificate.js';
import type { Certificate } from './certificate.js';
import { readReason } from './crl.js';
import { readName } from './name.js';
import type { Name } from './name.js';
import type { RevocationFact } from './revocation-status.js';

/** Who answers: by name, or by the hash of the key. */
export type Responder =
  | { readonly kind: 'name'; readonly name: Name }
  | { readonly kind: 'key'; readonly hash: Uint8Array };

/** What is said about one certificate. */
export interface SingleResponse {
  readonly hashOid: string;
  readonly nameHash: Uint8Array;
  readonly keyHash: Uint8Array;
  readonly serial: bigint;
  readonly fact: RevocationFact | { readonly state: 'not-known' };
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
}

/** The signed part of an answer, and what was sent with it. */
export interface BasicResponse {
  readonly tbs: Uint8Array;
  readonly algorithm: DerNode;
  readonly signature: Uint8Array;
  readonly responder: Responder;
  readonly producedAt: Date;
  readonly responses: readonly SingleResponse[];
  readonly nonce: Uint8Array | undefined;
  readonly certificates: readonly Certificate[];
}

/** The responder, and what may stand above it. */
const MAX_CERTIFICATES = 10;

/** @throws TopazError `E_ASN1_MALFORMED`, also for a critical extension that is not understood. */
export function readBasicResponse(der: Uint8Array): BasicResponse {
  const [data, algorithm, signature, chain, ...rest] = readSequence(readDer(der));
  if (rest.length > 0 || (chain !== undefined && !isContext(chain, 0)) || algorithm === undefined) {
    throw malformed('answer of OCSP of a wrong form');
  }
  const fields = [...readSequence(data)];
  if (isContext(fields[0], 0)) {
    // Version 1 is the only one, and DER does not write it; some responders do.
    if (readInteger(fields.shift()?.children[0]) !== 0n) {
      throw malformed('answer of OCSP of an unknown version');
    }
  }
  const [responder, producedAt, responses, extensions] = fields;
  return {
    tbs: expectTag(data, 'SEQUENCE').bytes,
    algorithm,
    signature: readBitString(signature),
    responder: readResponder(responder),
    producedAt: readTime(producedAt),
    responses: readSequence(responses).map((single) => readSingle(single)),
    nonce: readExtensions(extensions, 1, (id) => id === OID_OCSP_NONCE),
    certificates: readSequence(chain?.children[0] ?? EMPTY)
      .slice(0, MAX_CERTIFICATES)
      .map(({ bytes }) => parseCertificate(bytes)),
  };
}

const EMPTY = readDer(Uint8Array.of(0x30, 0x00));

function readResponder(node: DerNode | undefined): Responder {
  switch (contextTag(node)) {
    case 1:
      return { kind: 'name', name: readName(node?.children[0]) };
    case 2:
      return { kind: 'key', hash: readOctetString(node?.children[0]) };
    default:
      throw malformed('answer of OCSP without a responder');
  }
}

/** `n` of `[n]`. */
const contextTag = (node: DerNode | undefined): number | undefined =>
  node?.tagClass === 2 ? node.tag : undefined;

function readSingle(node: DerNode): SingleResponse {
  const [certId, status, thisUpdate, ...optional] = readSequence(node);
  const [hash, nameHash, keyHash, serial] = readSequence(certId);
  const next = optional.find((field) => isContext(field, 0));
  const extensions = optional.find((field) => isContext(field, 1));
  readExtensions(extensions, 1, () => false);
  return {
    hashOid: readOid(readSequence(hash)[0]),
    nameHash: readOctetString(nameHash),
    keyHash: readOctetString(keyHash),
    serial: readInteger(serial),
    fact: readStatus(status),
    thisUpdate: readTime(thisUpdate),
    nextUpdate: next === undefined ? undefined : readTime(next.children[0]),
  };
}

function readStatus(node: DerNode | undefined): SingleResponse['fact'] {
  const [first, second] = node?.children ?? [];
  switch (contextTag(node)) {
    case 0:
      return { state: 'good' };
    case 1:
      return {
        state: 'revoked',
        revokedAt: readTime(first),
        reason: second === undefined ? undefined : readReason(second.children[0]),
      };
    case 2:
      return { state: 'not-known' };
    default:
      throw malformed('answer of OCSP without a status');
  }
}

/** The value of the extension that is wanted; a critical one that is not understood is refused. */
function readExtensions(
  node: DerNode | undefined,
  tag: number,
  isWanted: (id: string) => boolean,
): Uint8Array | undefined {
  if (node === undefined) {
    return undefined;
  }
  let value: Uint8Array | undefined;
  for (const extension of readSequence(isContext(node, tag) ? node.children[0] : undefined)) {
    const [type, ...parts] = readSequence(extension);
    const critical = isType(parts[0], 'BOOLEAN') && readBoolean(parts.shift());
    const known = isWanted(readOid(type));
    if (critical && !known) {
      throw malformed('answer of OCSP with a critical extension that is not understood');
    }
    if (known) {
      value = nonceBytes(readOctetString(parts[0]));
    }
  }
  return value;
}

/** The nonce is an OCTET STRING inside the extension; early responders left that one out. */
function nonceBytes(bytes: Uint8Array): Uint8Array {
  try {
    return readOctetString(readDer(bytes));
  } catch {
    return bytes;
  }
}
