/**
 * Writer of PKCS#12 files (keystore-p12 §8): keys in the clear part, each in its own encrypted bag, the
 * authentication key first; certificates in one encrypted part. Two formats: `modern` (PBES2, AES-256) and
 * `compat` (3DES, SHA-1) for old Java. RC2 is never written.
 *
 * @module
 */

import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import {
  OID_CERT_BAG,
  OID_DATA,
  OID_ENCRYPTED_DATA,
  OID_FRIENDLY_NAME,
  OID_LOCAL_KEY_ID,
  OID_SHA1,
  OID_SHA256,
  OID_SHROUDED_KEY_BAG,
  OID_X509_CERTIFICATE,
} from '../der/oids.js';
import {
  bmpString,
  context,
  contextPrimitive,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  set,
  setOf,
} from '../der/writer.js';
import type { Certificate } from '../x509/certificate.js';
import { keyIdentifierBytes } from '../x509/key-identifier.js';
import { isAscii, passwordForms, wipeForms } from './password.js';
import type { PasswordForms } from './password.js';
import { encryptOld3Des, encryptPbes2 } from './pbe.js';
import type { Encrypted } from './pbe.js';
import { derivePkcs12, KDF_PURPOSE } from './pkcs12-kdf.js';

/** `modern`: every current program. `compat`: also Java before 8u301. */
export type Pkcs12Format = 'modern' | 'compat';

/** One private key with its certificates, leaf first. */
export interface KeyEntry {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly chain: readonly [Certificate, ...Certificate[]];
}

interface Scheme {
  readonly encrypt: (plain: Uint8Array, forms: PasswordForms) => Promise<Encrypted>;
  readonly macHash: 'sha1' | 'sha256';
  readonly macIterations: number;
}

// Java 17 writes 10 000 rounds for modern files, 50 000 and 100 000 for old ones.
const SCHEMES: Readonly<Record<Pkcs12Format, Scheme>> = {
  modern: {
    encrypt: (plain, forms) => encryptPbes2(plain, forms, 50_000),
    macHash: 'sha256',
    macIterations: 50_000,
  },
  compat: {
    encrypt: (plain, forms) => encryptOld3Des(plain, forms, 50_000),
    macHash: 'sha1',
    macIterations: 100_000,
  },
};
const MAC_SALT_BYTES = 20;

/**
 * Writes a file.
 *
 * @param password UTF-8. With characters outside ASCII the format is always `compat`: the only one whose
 *   encoding of such a password all programs agree on.
 */
export async function writePkcs12(
  entries: readonly KeyEntry[],
  password: Uint8Array,
  { format = 'modern' }: { format?: Pkcs12Format } = {},
): Promise<Uint8Array> {
  const scheme = SCHEMES[isAscii(password) ? format : 'compat'];
  const forms = passwordForms(password);
  try {
    const named = identify(entries);
    const [keyBags, certificates] = await Promise.all([
      Promise.all(named.map((entry) => keyBag(entry, scheme, forms))),
      scheme.encrypt(sequence(...certificateBags(named)), forms),
    ]);
    const safe = sequence(
      sequence(oid(OID_DATA), context(0, octetString(sequence(...keyBags)))),
      encryptedData(certificates),
    );
    return sequence(
      integer(3),
      sequence(oid(OID_DATA), context(0, octetString(safe))),
      await macData(safe, scheme, forms),
    );
  } finally {
    wipeForms(forms);
  }
}

type NamedEntry = KeyEntry & { readonly attributes: Uint8Array };

/** Key and leaf carry the same name and the same id; no two entries share an id. */
function identify(entries: readonly KeyEntry[]): readonly NamedEntry[] {
  const used = new Set<string>();
  return entries.map((entry) => {
    const [leaf] = entry.chain;
    const usual = Buffer.from(keyIdentifierBytes(leaf.publicKeyInfo));
    // One key with two certificates: Java would hang the first of them under both names.
    const id = used.has(usual.toString('hex'))
      ? createHash('sha1').update(leaf.der).digest()
      : usual;
    used.add(id.toString('hex'));
    const attributes = setOf(
      sequence(oid(OID_FRIENDLY_NAME), set(bmpString(entry.name))),
      sequence(oid(OID_LOCAL_KEY_ID), set(octetString(id))),
    );
    return { ...entry, attributes };
  });
}

async function keyBag(
  { privateKey, attributes }: NamedEntry,
  { encrypt }: Scheme,
  forms: PasswordForms,
): Promise<Uint8Array> {
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const { algorithm, ciphertext } = await encrypt(pkcs8, forms);
  pkcs8.fill(0);
  const value = sequence(algorithm, octetString(ciphertext));
  return sequence(oid(OID_SHROUDED_KEY_BAG), context(0, value), attributes);
}

function certificateBags(entries: readonly NamedEntry[]): readonly Uint8Array[] {
  const leaves = entries.map(({ chain: [leaf] }) => leaf);
  const issuers = new Map(
    entries
      .flatMap(({ chain: [, ...rest] }) => rest)
      .filter((issuer) => !leaves.some((leaf) => Buffer.compare(leaf.der, issuer.der) === 0))
      .map((issuer) => [Buffer.from(issuer.der).toString('latin1'), issuer]),
  );
  const [first, ...others] = entries.map(({ chain: [leaf], attributes }) => certificateBag(leaf, attributes)); // prettier-ignore
  return [
    ...(first === undefined ? [] : [first]),
    ...[...issuers.values()].map((issuer) => certificateBag(issuer)),
    ...others,
  ];
}

const certificateBag = ({ der }: Certificate, attributes?: Uint8Array): Uint8Array =>
  sequence(
    oid(OID_CERT_BAG),
    context(0, sequence(oid(OID_X509_CERTIFICATE), context(0, octetString(der)))),
    ...(attributes === undefined ? [] : [attributes]),
  );

const encryptedData = ({ algorithm, ciphertext }: Encrypted): Uint8Array =>
  sequence(
    oid(OID_ENCRYPTED_DATA),
    context(
      0,
      sequence(integer(0), sequence(oid(OID_DATA), algorithm, contextPrimitive(0, ciphertext))),
    ),
  );

async function macData(
  safe: Uint8Array,
  { macHash, macIterations }: Scheme,
  forms: PasswordForms,
): Promise<Uint8Array> {
  const salt = randomBytes(MAC_SALT_BYTES);
  const key = await derivePkcs12({
    hash: macHash,
    purpose: KDF_PURPOSE.mac,
    password: forms.bmp[0] ?? new Uint8Array(),
    salt,
    iterations: macIterations,
    length: macHash === 'sha1' ? 20 : 32,
  });
  const mac = createHmac(macHash, key).update(safe).digest();
  key.fill(0);
  const algorithm = sequence(oid(macHash === 'sha1' ? OID_SHA1 : OID_SHA256), nullValue());
  return sequence(sequence(algorithm, octetString(mac)), octetString(salt), integer(macIterations));
}
