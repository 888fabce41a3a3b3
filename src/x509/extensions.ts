/**
 * Extensions of a certificate (RFC 5280 §4.2): what is read, and which critical ones are not understood.
 *
 * @module
 */

import {
  OID_AUTHORITY_INFORMATION_ACCESS,
  OID_AUTHORITY_KEY_ID,
  OID_BASIC_CONSTRAINTS,
  OID_CERTIFICATE_POLICIES,
  OID_CRL_DISTRIBUTION_POINTS,
  OID_EXTENDED_KEY_USAGE,
  OID_KEY_USAGE,
  OID_OCSP,
  OID_OCSP_NO_CHECK,
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
  /** OIDs of the purposes; `undefined` without the extension: no limit. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Where the issuer answers OCSP requests; as the certificate spells it. */
  readonly ocspUrls: readonly string[];
  /** Where the issuer publishes its revocation list. */
  readonly crlUrls: readonly string[];
  /** A responder of OCSP whose own revocation is not to be asked (RFC 6960 §4.2.2.2.1). */
  readonly ocspNoCheck: boolean;
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

/** Never critical, and no reason to refuse a certificate: one that cannot be read counts as absent. */
const LENIENT: ReadonlySet<string> = new Set([
  OID_AUTHORITY_INFORMATION_ACCESS,
  OID_CRL_DISTRIBUTION_POINTS,
]);
/** More places than this are not tried, and not kept. */
const MAX_URLS = 8;
const MAX_URL_LENGTH = 1024;

/**
 * Reads what follows the public key: unique identifiers (ignored) and the extensions.
 *
 * @throws TopazError `E_ASN1_MALFORMED`, also for an extension that occurs twice.
 */
export function readExtensions(optional: readonly DerNode[]): ExtensionFields {
  const values = new Map<string, DerNode>();
  const places = new Map<string, Uint8Array>();
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
    if (LENIENT.has(id)) {
      places.set(id, bytes);
    }
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
    extendedKeyUsage: optionally(get(OID_EXTENDED_KEY_USAGE), (node) =>
      readSequence(node).map((purpose) => readOid(purpose)),
    ),
    ocspUrls: urlsOf(places.get(OID_AUTHORITY_INFORMATION_ACCESS), accessUrl),
    crlUrls: urlsOf(places.get(OID_CRL_DISTRIBUTION_POINTS), distributionUrls),
    ocspNoCheck: values.has(OID_OCSP_NO_CHECK),
    unknownCritical,
  };
}

function urlsOf(
  bytes: Uint8Array | undefined,
  urls: (entry: DerNode) => readonly string[],
): readonly string[] {
  try {
    return bytes === undefined
      ? []
      : readSequence(readDer(bytes))
          .flatMap((entry) => urls(entry))
          .filter((url) => /^https?:/i.test(url) && url.length <= MAX_URL_LENGTH)
          .slice(0, MAX_URLS);
  } catch {
    return [];
  }
}

/** AccessDescription: method, location. */
function accessUrl(entry: DerNode): readonly string[] {
  const [method, location] = readSequence(entry);
  return readOid(method) === OID_OCSP ? uriOf(location) : [];
}

/** Only points that cover every reason and whose list is that of the issuer itself. */
function distributionUrls(point: DerNode): readonly string[] {
  const [name, ...others] = readSequence(point);
  const full = isContext(name, 0) && others.length === 0 ? name.children[0] : undefined;
  return isContext(full, 0) ? full.children.flatMap((general) => uriOf(general)) : [];
}

const uriOf = (general: DerNode | undefined): readonly string[] =>
  isContext(general, 6) ? [Buffer.from(general.content).toString('latin1')] : [];

const optionally = <T>(node: DerNode | undefined, read: (node: DerNode) => T): T | undefined =>
  node === undefined ? undefined : read(node);

function readBasicConstraints(
  node: DerNode | undefined,
): Pick<ExtensionFields, 'isCa' | 'pathLength'> {
  const [first, second] = node === undefined ? [] : readSequence(node);
  const isCa = isType(first, 'BOOLEAN') && readBoolean(first);
  return { isCa, pathLength: isCa && second !== undefined ? readSmallInteger(second) : undefined };
}
