/**
 * Certificates in a file: PEM with one or more, or the DER of one.
 *
 * @module
 */

import { open } from 'node:fs/promises';

import type { Certificate } from '../../x509/certificate.js';

/** No certificate file is larger. */
const MAX_BYTES = 1024 * 1024;

/**
 * The certificates, or `undefined` when there is no such file or it holds none: then it is the name of a
 * keystore, or a keystore itself.
 *
 * @throws TopazError `E_ASN1_MALFORMED` for a PEM certificate that is damaged.
 */
export async function certificatesIn(path: string): Promise<readonly Certificate[] | undefined> {
  const bytes = await readSmall(path);
  if (bytes === undefined) {
    return undefined;
  }
  const text = Buffer.from(bytes).toString('latin1');
  if (text.includes('-----BEGIN CERTIFICATE-----')) {
    const { parsePemCertificates } = await import('../../x509/pem.js');
    return parsePemCertificates(text);
  }
  const { parseCertificate } = await import('../../x509/certificate.js');
  try {
    return [parseCertificate(bytes)];
  } catch {
    return undefined;
  }
}

async function readSmall(path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      return size <= MAX_BYTES ? Uint8Array.from(await file.readFile()) : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
