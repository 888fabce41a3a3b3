/** Certificates made on the spot, with a P-256 key: good ones and wrong ones. */

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { buildCertificate } from '../../src/x509/build.js';
import type { CertificateFields } from '../../src/x509/build.js';
import { encodeName } from '../../src/x509/name.js';

export const newEcKey = (): KeyObject =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

export const publicKeyInfoOf = (key: KeyObject): Uint8Array =>
  Uint8Array.from(createPublicKey(key).export({ type: 'spki', format: 'der' }));

export const named = (name: string): Uint8Array =>
  encodeName([
    { type: '2.5.4.6', value: 'BE' },
    { type: '2.5.4.3', value: name },
  ]);

export const EVER = {
  notBefore: new Date('2020-01-01T00:00:00Z'),
  notAfter: new Date('2040-01-01T00:00:00Z'),
};

/** Self-signed by `key` unless `issuerKey` signs. */
export function makeCertificate(
  fields: Partial<CertificateFields>,
  { key = newEcKey(), issuerKey = key }: { key?: KeyObject; issuerKey?: KeyObject } = {},
): Uint8Array {
  const name = named('made in a test');
  return buildCertificate(
    {
      serial: 7n,
      issuer: name,
      subject: name,
      ...EVER,
      publicKeyInfo: publicKeyInfoOf(key),
      extensions: [],
      ...fields,
    },
    issuerKey,
  );
}

/** A copy with one byte changed. */
export function changeAt(bytes: Uint8Array, at: number, mask = 0x01): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ mask;
  return changed;
}
