/**
 * Extensions of a certificate (RFC 5280 §4.2): what is read, and which critical ones are not understood.
 *
 * @module
 */

import {
  OID_AUTHORITY_KEY_ID,
  OID_BASIC_CONSTRAINTS,
  OID_CERTIFICATE_POLICIES,
  OID_EXTENDED_KEY_USAGE,
  OID_KEY_USAGE,
  OID_SUBJECT_ALT_NAME,
  OID_SUBJECT_KEY_ID,
} from '../der/oids.js';
import { malformed, readDer } from '../der/reader.js';
import type { DerNode } from '../der/reader.js';
import {
  isContext,
  isType,
  readBits,
  readBoolean,
  readOctetString,
  readOid,
  readSequence,
  readSmallInteger,
} from '../der/values.js';

/** The extensions that topaz uses. */
export interface ExtensionFields {
  readonly subjectKeyIdentifier: Uint8Array | undefined;
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  /**
   * First byte of the bits: 0x80 digitalSignature, 0x40 nonRepudiation, 0x20 keyEncipherment,
   * 0x10 dataEncipherment, 0x04 keyCertSign, 0x02 cRLSign. `undefined` without the extension.
   */
  readonly keyUsage: number | undefined;
  readonly isCa: boolean;
  /** How many further CAs may stand below this one; `undefined`: no limit. */
  readonly pathLength: number | undefined;
  /** OIDs. */
  readonly policies: readonly string[];
  /** Critical extensions that nothing here understands: such a certificate is part of no path. */
  readonly unknownCritical: readonly string[];
}

const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID_SUBJECT_KEY_ID,
  OID_AUTHORITY_KEY_ID,
  OID_KEY_USAGE,
  OID_BASIC_CONSTRAINTS,
  OID_CERTIFICATE_POLICIES,
  OID_EXTENDED_KEY_USAGE,
  OID_SUBJECT_ALT_NAME,
]);

/**
 * Reads what follows the public key: unique identifiers (ignored) and the extensions.
 *
 * @throws TopazError `E_ASN1_MALFORMED`, also for an extension that occurs twice.
 */
export function readExtensions(optional: readonly DerNode[]): ExtensionFields {
  const values = new Map<string, DerNode>();
  const unknownCritical: string[] = [];
  const block = optional.find((node) => isContext(node, 3));
  for (const extension of block === undefined ? [] : readSequence(block.children[0])) {
    const [type, ...parts] = readSequence(extension);
    const id = readOid(type);
    const critical = isType(parts[0], 'BOOLEAN') && readBoolean(parts.shift());
    if (values.has(id)) {
      throw malformed('extension that occurs twice');
    }
    if (critical && !UNDERSTOOD.has(id)) {
      unknownCritical.push(id);
    }
    const bytes = readOctetString(parts[0]);
    values.set(id, UNDERSTOOD.has(id) ? readDer(bytes) : extension);
  }
  const get = (id: string): DerNode | undefined => values.get(id);
  return {
    subjectKeyIdentifier: optionally(get(OID_SUBJECT_KEY_ID), readOctetString),
    authorityKeyIdentifier: optionally(
      get(OID_AUTHORITY_KEY_ID),
      (node) => readSequence(node).find((part) => isContext(part, 0))?.content,
    ),
    keyUsage: optionally(get(OID_KEY_USAGE), (node) => readBits(node).bytes[0] ?? 0),
    ...readBasicConstraints(get(OID_BASIC_CONSTRAINTS)),
    policies:
      optionally(get(OID_CERTIFICATE_POLICIES), (node) =>
        readSequence(node).map((policy) => readOid(readSequence(policy)[0])),
      ) ?? [],
    unknownCritical,
  };
}

const optionally = <T>(node: DerNode | undefined, read: (node: DerNode) => T): T | undefined =>
  node === undefined ? undefined : read(node);

function readBasicConstraints(
  node: DerNode | undefined,
): Pick<ExtensionFields, 'isCa' | 'pathLength'> {
  const [first, second] = node === undefined ? [] : readSequence(node);
  const isCa = isType(first, 'BOOLEAN') && readBoolean(first);
  return { isCa, pathLength: isCa && second !== undefined ? readSmallInteger(second) : undefined };
}
