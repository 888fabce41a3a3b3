/**
 * Reader of PKCS#12 files (RFC 7292) as they occur: of the official tool, Java, BouncyCastle, OpenSSL and
 * Windows; BER or DER, certificates encrypted or not (keystore-p12 §5–§8). What each entry is for is decided
 * in `roles.ts`.
 *
 * @module
 */

import { createHmac, createPrivateKey, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import {
  OID_CERT_BAG,
  OID_DATA,
  OID_ENCRYPTED_DATA,
  OID_FRIENDLY_NAME,
  OID_KEY_BAG,
  OID_SAFE_CONTENTS_BAG,
  OID_SHA1,
  OID_SHA256,
  OID_SHA384,
  OID_SHA512,
  OID_SHROUDED_KEY_BAG,
  OID_X509_CERTIFICATE,
} from '../der/oids.js';
import { malformed, readBer } from '../der/reader.js';
import type { DerNode } from '../der/reader.js';
import {
  isContext,
  isType,
  readOctetString,
  readOid,
  readSequence,
  readSet,
  readSmallInteger,
  readText,
  stringBytes,
} from '../der/values.js';
import { TopazError } from '../errors.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { passwordForms, wipeForms } from './password.js';
import { decryptPbe, unsupported, wrongPassword } from './pbe.js';
import type { PbeContext } from './pbe.js';
import { derivePkcs12, IterationBudget, KDF_PURPOSE } from './pkcs12-kdf.js';

export interface KeyBag {
  readonly name: string | undefined;
  readonly privateKey: KeyObject;
}

/** Keys and certificates in the order of the file. */
export interface Pkcs12Contents {
  readonly keys: readonly KeyBag[];
  /** Without repetitions. */
  readonly certificates: readonly Certificate[];
  /** Entries that are not understood (revocation lists, secrets, odd certificates): a rewrite loses them. */
  readonly unread?: number;
}

/** Far beyond any keystore; a made-up file must not cost more. */
const MAX_BAGS = 1_000;
const MAX_FILE_BYTES = 10 * 1024 * 1024;
const MAX_NESTING = 4;

const HASHES: ReadonlyMap<string, 'sha1' | 'sha256' | 'sha384' | 'sha512'> = new Map([
  [OID_SHA1, 'sha1'],
  [OID_SHA256, 'sha256'],
  [OID_SHA384, 'sha384'],
  [OID_SHA512, 'sha512'],
]);

/**
 * Reads a file.
 *
 * @throws TopazError `E_KEYSTORE_PASSWORD` for a wrong password or a changed file, `E_KEYSTORE_FORMAT` for
 *   what is no PKCS#12 file, has no MAC, asks for too many rounds or uses an unknown algorithm.
 */
export async function readPkcs12(bytes: Uint8Array, password: Uint8Array): Promise<Pkcs12Contents> {
  const forms = passwordForms(password);
  try {
    return await read(bytes, { forms, budget: new IterationBudget() });
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_ASN1_MALFORMED') {
      throw new TopazError(
        'E_KEYSTORE_FORMAT',
        'this is not a PKCS#12 keystore, or it is cut off',
        {
          facts: [error.message],
          hint: 'check the file: a keystore ends in .p12 and is written by the eHealth tools',
          cause: error,
        },
      );
    }
    throw error;
  } finally {
    wipeForms(forms);
  }
}

async function read(bytes: Uint8Array, context: PbeContext): Promise<Pkcs12Contents> {
  if (bytes.length > MAX_FILE_BYTES) {
    throw malformed('larger than any keystore');
  }
  const [version, authSafe, macData] = readSequence(readBer(bytes, { trailing: true }));
  if (readSmallInteger(version) !== 3) {
    throw unsupported('a version other than 3');
  }
  const [type, content] = readSequence(authSafe);
  if (readOid(type) !== OID_DATA) {
    throw unsupported('integrity by a signature instead of a password');
  }
  if (macData === undefined) {
    throw new TopazError('E_KEYSTORE_FORMAT', 'this keystore has no integrity check (MAC)', {
      hint: 'anybody could have changed it: write it again with a password',
    });
  }
  const safe = readOctetString(explicit(content));
  const bmp = await verifyMac(macData, safe, context);
  const forms = { ...context.forms, bmp: [bmp] };
  const contents = new Contents({ ...context, forms });
  for (const info of readSequence(readBer(safe))) {
    await contents.addContentInfo(info);
  }
  return contents;
}

const explicit = (node: DerNode | undefined): DerNode | undefined =>
  isContext(node, 0) ? node.children[0] : undefined;

/** @returns The form of the password that fits. */
async function verifyMac(
  macData: DerNode,
  content: Uint8Array,
  { forms, budget }: PbeContext,
): Promise<Uint8Array> {
  const [digestInfo, saltNode, iterationsNode] = readSequence(macData);
  const [algorithm, digestNode] = readSequence(digestInfo);
  const id = readOid(readSequence(algorithm)[0]);
  const hash = HASHES.get(id);
  if (hash === undefined) {
    throw unsupported(`MAC algorithm ${id}`);
  }
  const salt = readOctetString(saltNode);
  const expected = readOctetString(digestNode);
  const iterations = iterationsNode === undefined ? 1 : readSmallInteger(iterationsNode);
  const length = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 }[hash];
  for (const password of forms.bmp) {
    budget.spend(iterations);
    const options = { hash, purpose: KDF_PURPOSE.mac, password, salt, iterations, length };
    const key = await derivePkcs12(options);
    const mac = createHmac(hash, key).update(content).digest();
    key.fill(0);
    if (mac.length === expected.length && timingSafeEqual(mac, expected)) {
      return password;
    }
  }
  throw wrongPassword();
}

/** Collects what the bags hold. */
class Contents implements Pkcs12Contents {
  readonly keys: KeyBag[] = [];
  readonly certificates: Certificate[] = [];
  unread = 0;
  readonly #seen = new Set<string>();
  readonly #context: PbeContext;
  #bags = 0;

  constructor(context: PbeContext) {
    this.#context = context;
  }

  async addContentInfo(info: DerNode): Promise<void> {
    const [type, content] = readSequence(info);
    switch (readOid(type)) {
      case OID_DATA:
        return this.#addSafeContents(readBer(readOctetString(explicit(content))), 0);
      case OID_ENCRYPTED_DATA:
        return this.#addEncrypted(explicit(content));
      default:
        throw unsupported(`content of type ${readOid(type)}`);
    }
  }

  async #addEncrypted(encryptedData: DerNode | undefined): Promise<void> {
    const [, info] = readSequence(encryptedData);
    const [, algorithm, encrypted] = readSequence(info);
    if (!isContext(encrypted, 0)) {
      throw malformed('encrypted content is missing');
    }
    // Copied: the decrypted bytes are wiped, the certificates in them stay.
    const contents = await decryptPbe(algorithm, stringBytes(encrypted), this.#context, (plain) =>
      readBer(Uint8Array.from(plain)),
    );
    return this.#addSafeContents(contents, 0);
  }

  async #addSafeContents(safeContents: DerNode, depth: number): Promise<void> {
    if (depth > MAX_NESTING) {
      throw malformed('bags nested too deeply');
    }
    for (const bag of readSequence(safeContents)) {
      this.#bags += 1;
      if (this.#bags > MAX_BAGS) {
        throw malformed('too many bags');
      }
      await this.#addBag(bag, depth);
    }
  }

  async #addBag(bag: DerNode, depth: number): Promise<void> {
    const [type, wrapped, attributes] = readSequence(bag);
    const value = explicit(wrapped);
    if (value === undefined) {
      throw malformed('bag without a value');
    }
    switch (readOid(type)) {
      case OID_KEY_BAG:
        this.keys.push({ name: readName(attributes), privateKey: importKey(value.bytes) });
        return;
      case OID_SHROUDED_KEY_BAG: {
        const [algorithm, encrypted] = readSequence(value);
        const bytes = readOctetString(encrypted);
        const privateKey = await decryptPbe(algorithm, bytes, this.#context, importKey);
        this.keys.push({ name: readName(attributes), privateKey });
        return;
      }
      case OID_CERT_BAG:
        this.#addCertificate(value);
        return;
      case OID_SAFE_CONTENTS_BAG:
        return this.#addSafeContents(value, depth + 1);
      default:
        // Revocation lists and secrets of Java: nothing that an eHealth keystore holds.
        this.unread += 1;
    }
  }

  #addCertificate(value: DerNode): void {
    const [type, wrapped] = readSequence(value);
    if (readOid(type) !== OID_X509_CERTIFICATE) {
      this.unread += 1;
      return;
    }
    const der = readOctetString(explicit(wrapped));
    // Java repeats the certificates of chains.
    const seen = Buffer.from(der).toString('latin1');
    if (!this.#seen.has(seen)) {
      this.#seen.add(seen);
      const certificate = tryParse(Uint8Array.from(der));
      if (certificate === undefined) {
        this.unread += 1;
      } else {
        this.certificates.push(certificate);
      }
    }
  }
}

/** A certificate that cannot be read (a CA with a key of another kind) must not lock the keys out. */
function tryParse(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_ASN1_MALFORMED') {
      return undefined;
    }
    throw error;
  }
}

function importKey(pkcs8: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  } catch {
    throw malformed('private key of a wrong form');
  }
}

function readName(attributes: DerNode | undefined): string | undefined {
  for (const attribute of attributes === undefined ? [] : readSet(attributes)) {
    const [type, values] = readSequence(attribute);
    if (readOid(type) === OID_FRIENDLY_NAME) {
      const [value] = readSet(values);
      return isType(value, 'BMPString') ? readText(value) : undefined;
    }
  }
  return undefined;
}
