/**
 * The stand-in for a certificate that does not exist yet. PKCS#12 programs drop a private key without a
 * certificate, so the official connector gives it a self-signed one that nobody can mistake: subject
 * `C=Dummy`, serial 0, over since yesterday (certificate-lifecycle §10). It means pending, not expired.
 *
 * @module
 */

import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { OID_COUNTRY } from '../der/oids.js';
import { buildCertificate, keyUsageExtension } from '../x509/build.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { attributeValue, encodeName } from '../x509/name.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const KEY_AND_DATA_ENCIPHERMENT = 0x30;
const DUMMY = 'Dummy';

/** Makes the placeholder of a key. */
export function buildPlaceholder(privateKey: KeyObject, now: Date): Certificate {
  const name = encodeName([{ type: OID_COUNTRY, value: DUMMY }]);
  const notBefore = new Date(now.getTime() - DAY_MS);
  const der = buildCertificate(
    {
      serial: 0n,
      issuer: name,
      subject: name,
      notBefore,
      notAfter: new Date(notBefore.getTime() + MINUTE_MS),
      publicKeyInfo: Uint8Array.from(
        createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
      ),
      extensions: [keyUsageExtension(KEY_AND_DATA_ENCIPHERMENT)],
    },
    privateKey,
  );
  return parseCertificate(der);
}

/** Whether this certificate stands in for one that is to come. */
export const isPlaceholder = ({ serial, subject }: Certificate): boolean =>
  serial === 0n || attributeValue(subject, OID_COUNTRY) === DUMMY;
