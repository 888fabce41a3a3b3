/**
 * Certificate revocation lists (RFC 5280 §5), in strict DER. A list may hold hundreds of thousands of
 * entries: they are walked once, header by header, without a tree of nodes.
 *
 * Refused: lists that another than the issuer of the certificates signed (indirect), that are partial (delta,
 * some reasons, only attributes), and critical extensions that nothing here understands, of the list or of
 * any entry.
 *
 * @module
 */

import type { KeyObject } from 'node:crypto';

import {
  OID_AUTHORITY_KEY_ID,
  OID_CRL_NUMBER,
  OID_CRL_REASON,
  OID_INVALIDITY_DATE,
  OID_ISSUING_DISTRIBUTION_POINT,
} from '../der/oids.js';
import { readHeader } from '../der/header.js';
import { malformed, readDer } from '../der/reader.js';
import type { DerNode } from '../der/reader.js';
import {
  isContext,
  isType,
  readBitString,
  readBoolean,
  readOctetString,
  readOid,
  readSequence,
  readTime,
} from '../der/values.js';
import { integer } from '../der/writer.js';
import type { Certificate } from './certificate.js';
import { namesEqual, parseName } from './name.js';
import type { Name } from './name.js';
import { reasonOf } from './revocation-status.js';
import type { RevocationFact } from './revocation-status.js';
import { isSignature } from './signature-algorithm.js';

/** A list as it was read; byte fields are views on the input. */
export interface Crl {
  /** The signed part. */
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  /** DER of the AlgorithmIdentifier. */
  readonly algorithm: Uint8Array;
  readonly issuer: Name;
  readonly thisUpdate: Date;
  /** `undefined`: the list does not say, against the profile of RFC 5280. */
  readonly nextUpdate: Date | undefined;
  /** What the list is only about, where it is not about all certificates. */
  readonly only: 'user' | 'ca' | undefined;
  /** Begin and end of the entries in `tbs`. */
  readonly entries: readonly [start: number, stop: number];
}

/** One element: where its value begins and where it ends. */
interface Span {
  readonly tag: number;
  readonly offset: number;
  readonly start: number;
  readonly stop: number;
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BOOLEAN = 0x01;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const BIT_STRING = 0x03;

const UNDERSTOOD_ENTRY: ReadonlySet<string> = new Set([OID_CRL_REASON, OID_INVALIDITY_DATE]);
const UNDERSTOOD_LIST: ReadonlySet<string> = new Set([
  OID_AUTHORITY_KEY_ID,
  OID_CRL_NUMBER,
  OID_ISSUING_DISTRIBUTION_POINT,
]);

function spanAt(bytes: Uint8Array, offset: number, end: number, tag?: number): Span {
  const { length = 0, start } = readHeader(bytes, offset, end, true);
  const stop = start + length;
  if (stop > end) {
    throw malformed('length beyond the end');
  }
  const found = bytes[offset] ?? 0;
  if (tag !== undefined && found !== tag) {
    throw malformed('revocation list of another form');
  }
  return { tag: found, offset, start, stop };
}

/**
 * Reads a list from its DER; every entry is looked at.
 *
 * @throws TopazError `E_ASN1_MALFORMED`, also for the lists that are refused.
 */
export function parseCrl(der: Uint8Array): Crl {
  const outer = spanAt(der, 0, der.length, SEQUENCE);
  const tbs = spanAt(der, outer.start, outer.stop, SEQUENCE);
  const algorithm = spanAt(der, tbs.stop, outer.stop, SEQUENCE);
  const signature = spanAt(der, algorithm.stop, outer.stop, BIT_STRING);
  if (outer.stop !== der.length || signature.stop !== outer.stop) {
    throw malformed('bytes after the revocation list');
  }
  const bytes = der.subarray(tbs.offset, tbs.stop);
  const at = (span: Span): Uint8Array => bytes.subarray(span.offset, span.stop);
  let next = tbs.start - tbs.offset;
  const take = (tag?: number): Span => {
    const span = spanAt(bytes, next, bytes.length, tag);
    next = span.stop;
    return span;
  };
  const peek = (): number => bytes[next] ?? 0;
  if (peek() === INTEGER) {
    take();
  }
  const inner = at(take(SEQUENCE));
  const algorithmBytes = der.subarray(algorithm.offset, algorithm.stop);
  if (Buffer.compare(inner, algorithmBytes) !== 0) {
    throw malformed('revocation list with two signature algorithms');
  }
  const issuer = parseName(at(take(SEQUENCE)));
  const thisUpdate = readTime(readDer(at(take())));
  const nextUpdate =
    peek() === UTC_TIME || peek() === GENERALIZED_TIME ? readTime(readDer(at(take()))) : undefined;
  const list = next < bytes.length && peek() === SEQUENCE ? take(SEQUENCE) : undefined;
  const extensions = next < bytes.length ? readDer(at(take())) : undefined;
  if (next !== bytes.length || (extensions !== undefined && !isContext(extensions, 0))) {
    throw malformed('revocation list with an unknown part');
  }
  const crl = {
    tbs: bytes,
    signature: readBitString(readDer(der.subarray(signature.offset, signature.stop))),
    algorithm: algorithmBytes,
    issuer,
    thisUpdate,
    nextUpdate,
    only: readListExtensions(extensions?.children[0]),
    entries: list === undefined ? ([0, 0] as const) : ([list.start, list.stop] as const),
  };
  checkEntries(crl);
  return crl;
}

/** Walks all entries once: an entry that cannot be understood makes the whole list useless (§5.3). */
function checkEntries({ tbs, entries: [start, stop] }: Pick<Crl, 'tbs' | 'entries'>): void {
  for (let at = start; at < stop;) {
    const entry = spanAt(tbs, at, stop, SEQUENCE);
    const serial = spanAt(tbs, entry.start, entry.stop, INTEGER);
    const date = spanAt(tbs, serial.stop, entry.stop);
    if (date.tag !== UTC_TIME && date.tag !== GENERALIZED_TIME) {
      throw malformed('revocation without a date');
    }
    if (date.stop < entry.stop) {
      const extensions = spanAt(tbs, date.stop, entry.stop, SEQUENCE);
      if (extensions.stop !== entry.stop) {
        throw malformed('revocation with an unknown part');
      }
      refuseCritical(tbs, extensions);
    }
    at = entry.stop;
  }
}

function refuseCritical(bytes: Uint8Array, { start, stop }: Span): void {
  for (let at = start; at < stop;) {
    const extension = spanAt(bytes, at, stop, SEQUENCE);
    const id = spanAt(bytes, extension.start, extension.stop, 0x06);
    const second = spanAt(bytes, id.stop, extension.stop);
    if (
      second.tag === BOOLEAN &&
      bytes[second.start] !== 0 &&
      !UNDERSTOOD_ENTRY.has(readOid(readDer(bytes.subarray(id.offset, id.stop))))
    ) {
      throw malformed('revocation with a critical extension that is not understood');
    }
    at = extension.stop;
  }
}

function readListExtensions(node: DerNode | undefined): Crl['only'] {
  let only: Crl['only'];
  for (const extension of node === undefined ? [] : readSequence(node)) {
    const [type, ...parts] = readSequence(extension);
    const id = readOid(type);
    const critical = isType(parts[0], 'BOOLEAN') && readBoolean(parts.shift());
    if (critical && !UNDERSTOOD_LIST.has(id)) {
      throw malformed('revocation list with a critical extension that is not understood');
    }
    if (id === OID_ISSUING_DISTRIBUTION_POINT) {
      only = readDistributionPoint(readDer(readOctetString(parts[0])));
    }
  }
  return only;
}

/** IssuingDistributionPoint: [1] only users, [2] only CAs, [3] some reasons, [4] indirect, [5] attributes. */
function readDistributionPoint(node: DerNode): Crl['only'] {
  const isSet = (n: number): boolean =>
    readSequence(node).some((field) => isContext(field, n) && (n === 3 || field.content[0] !== 0));
  if (isSet(3) || isSet(4) || isSet(5)) {
    throw malformed('revocation list that is indirect or partial');
  }
  return isSet(1) ? 'user' : isSet(2) ? 'ca' : undefined;
}

/** Whether the list is that of this issuer: by name, allowed to sign lists, and by signature. */
export function isCrlOf(crl: Crl, issuer: Certificate): boolean {
  const mayList = issuer.keyUsage === undefined || (issuer.keyUsage & CRL_SIGN) !== 0;
  return mayList && namesEqual(crl.issuer, issuer.subject) && isCrlSignedBy(crl, issuer.publicKey);
}

const CRL_SIGN = 0x02;

const isCrlSignedBy = ({ algorithm, tbs, signature }: Crl, key: KeyObject): boolean =>
  isSignature(readDer(algorithm), tbs, key, signature);

/** What the list says of a serial number. An entry that says `removeFromCRL` counts as none. */
export function lookUp({ tbs, entries: [start, stop] }: Crl, serial: bigint): RevocationFact {
  const wanted = integer(serial);
  for (let at = start; at < stop;) {
    const entry = spanAt(tbs, at, stop, SEQUENCE);
    const found = tbs.subarray(entry.start, entry.start + wanted.length);
    if (Buffer.compare(found, wanted) === 0) {
      const fact = readEntry(readDer(tbs.subarray(entry.offset, entry.stop)));
      if (fact.state === 'revoked') {
        return fact;
      }
    }
    at = entry.stop;
  }
  return { state: 'good' };
}

function readEntry(node: DerNode): RevocationFact {
  const [, date, extensions] = readSequence(node);
  let reason: string | undefined;
  for (const extension of extensions === undefined ? [] : readSequence(extensions)) {
    const parts = readSequence(extension);
    if (readOid(parts[0]) === OID_CRL_REASON) {
      reason = readReason(readDer(readOctetString(parts.at(-1))));
    }
  }
  return reason === 'removeFromCRL'
    ? { state: 'good' }
    : { state: 'revoked', revokedAt: readTime(date), reason };
}

/** ENUMERATED; a number that is no reason is none. */
export function readReason(node: DerNode | undefined): string | undefined {
  if (!isType(node, 'ENUMERATED') || node.content.length !== 1) {
    throw malformed('reason of a revocation of a wrong form');
  }
  return reasonOf(node.content[0] ?? 0);
}
