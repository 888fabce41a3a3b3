/**
 * PEM (RFC 7468): DER in base64 between two lines.
 *
 * @module
 */

import { decodeBase64 } from '../der/base64.js';
import { malformed } from '../der/reader.js';
import { parseCertificate } from './certificate.js';
import type { Certificate } from './certificate.js';

/** One block, 64 characters per line, with a line break at the end. */
export function formatPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/**
 * All blocks with that label, in order; text around them is ignored.
 *
 * @throws TopazError `E_ASN1_MALFORMED` for a block that is no base64.
 */
export function parsePem(text: string, label: string): readonly Uint8Array[] {
  const escaped = label.replace(/[^A-Za-z0-9 ]/g, '\\$&');
  const blocks = text.matchAll(
    new RegExp(`-----BEGIN ${escaped}-----([^-]*)-----END ${escaped}-----`, 'g'),
  );
  return [...blocks].map(([, body = '']) => {
    const bytes = decodeBase64(body);
    if (bytes === undefined || bytes.length === 0) {
      throw malformed('PEM block that is no base64');
    }
    return bytes;
  });
}

/**
 * The certificates of a PEM text, at least one.
 *
 * @throws TopazError `E_ASN1_MALFORMED`, also when there is none.
 */
export function parsePemCertificates(text: string): readonly Certificate[] {
  const certificates = parsePem(text, 'CERTIFICATE').map((der) => parseCertificate(der));
  if (certificates.length === 0) {
    throw malformed('no certificate in this text');
  }
  return certificates;
}
