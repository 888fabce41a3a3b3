/**
 * A keystore as PEM, for web servers and other programs: each private key encrypted (PKCS#8, PBES2) and
 * followed by its certificates. A private key never leaves unencrypted.
 *
 * @module
 */

import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { octetString, sequence } from '../der/writer.js';
import { TopazError } from '../errors.js';
import type { Certificate } from '../x509/certificate.js';
import { formatPem, parsePem } from '../x509/pem.js';
import type { Keystore } from './keystore.js';
import { passwordForms, wipeForms } from './password.js';
import { encryptPbes2 } from './pbe.js';
import { AUTHENTICATION } from './roles.js';

const ITERATIONS = 50_000;
const LABEL = 'ENCRYPTED PRIVATE KEY';

/**
 * Writes the authentication key with its chain first, then the encryption keys, oldest first, then keys that
 * wait. A line with the name stands before each (RFC 7468 allows text between the blocks).
 *
 * @param password UTF-8; protects every key.
 */
export async function writePem(keystore: Keystore, password: Uint8Array): Promise<string> {
  const forms = passwordForms(password);
  try {
    const parts: string[] = [];
    for (const { name, privateKey, certificates } of entriesOf(keystore)) {
      const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
      const { algorithm, ciphertext } = await encryptPbes2(pkcs8, forms, ITERATIONS);
      pkcs8.fill(0);
      parts.push(
        `${printable(name)}\n`,
        formatPem(LABEL, sequence(algorithm, octetString(ciphertext))),
        ...certificates.map(({ der }) => formatPem('CERTIFICATE', der)),
      );
    }
    return parts.join('');
  } finally {
    wipeForms(forms);
  }
}

/**
 * Reads the file back and compares every key.
 *
 * @throws TopazError `E_KEYSTORE_FORMAT` when one is missing or differs.
 */
export function checkPem(written: Uint8Array, keystore: Keystore, password: Uint8Array): void {
  const wanted = entriesOf(keystore).map(({ privateKey }) => privateKey);
  const found = parsePem(new TextDecoder().decode(written), LABEL).map((der) =>
    openKey(der, password),
  );
  if (
    found.length !== wanted.length ||
    !wanted.every((key, index) => found[index]?.equals(key) === true)
  ) {
    throw new TopazError('E_KEYSTORE_FORMAT', 'the file does not read back as written', {
      hint: 'nothing was replaced; check the disk and try again',
    });
  }
}

interface Entry {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly certificates: readonly Certificate[];
}

/** The placeholder of a key that waits is left out: no other program should take it for a certificate. */
const entriesOf = ({
  state,
  authentication,
  encryption,
  unpairedKeys = [],
}: Keystore): readonly Entry[] => [
  {
    name: AUTHENTICATION,
    privateKey: authentication.privateKey,
    certificates: state === 'pending' ? [] : authentication.chain,
  },
  ...encryption.map(({ alias, privateKey, certificate }) => ({
    name: alias,
    privateKey,
    certificates: [certificate],
  })),
  ...unpairedKeys.map(({ alias, privateKey, certificate }) => ({
    name: alias,
    privateKey,
    certificates: certificate === undefined ? [] : [certificate],
  })),
];

/** A name comes from the file: it must not begin a block of its own. */
const printable = (name: string): string => name.replace(/[^\p{L}\p{N} =,.@+_]/gu, '_');

function openKey(der: Uint8Array, password: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({
      key: Buffer.from(der),
      format: 'der',
      type: 'pkcs8',
      passphrase: Buffer.from(password),
    });
  } catch {
    return undefined;
  }
}
