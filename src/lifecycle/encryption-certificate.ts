/**
 * The encryption certificate of a holder: eHealth imposes its serial number by a challenge, the holder's own
 * authentication key signs it (certificate-lifecycle §5).
 *
 * @module
 */

import { createHash, timingSafeEqual } from 'node:crypto';

import { invalid } from '../certra/ra-frame.js';
import type { Decrypter, Signer } from '../keys/keys.js';
import { buildSignedCertificate, keyUsageExtension } from '../x509/build.js';
import { isSignedBy, parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { namesEqual } from '../x509/name.js';

const DIGEST_BYTES = 32;
const SERIAL_BYTES = 16;
/** keyEncipherment and dataEncipherment. */
const ENCRYPTION_USAGE = 0x30;

/**
 * The serial number inside a challenge. A wrong padding is not told from a wrong serial: unwrapping always
 * gives 16 bytes, and the digest behind decides.
 *
 * @param challenge What is wrapped for the encryption key, then SHA-256 of the serial number.
 * @throws TopazError `E_REPLY_INVALID` when the challenge is not for this key.
 */
export async function solveChallenge(
  challenge: Uint8Array,
  decrypter: Pick<Decrypter, 'unwrap'>,
): Promise<bigint> {
  if (challenge.length <= DIGEST_BYTES) {
    throw invalid('the challenge of eHealth is too short');
  }
  const wrapped = challenge.subarray(0, -DIGEST_BYTES);
  const serial = await decrypter.unwrap(wrapped, SERIAL_BYTES);
  const digest = createHash('sha256').update(serial).digest();
  if (!timingSafeEqual(digest, challenge.subarray(-DIGEST_BYTES))) {
    throw invalid('the challenge of eHealth is not for this encryption key');
  }
  return BigInt(`0x${Buffer.from(serial).toString('hex')}`);
}

/**
 * Makes the encryption certificate: name and validity are those of the authentication certificate.
 *
 * Quirk: the signature algorithm follows the key that signs (RSA → SHA-256), not the authentication
 * certificate, whose issuer may have an EC key.
 */
export async function buildEncryptionCertificate(
  signer: Signer,
  { serial, publicKeyInfo }: { readonly serial: bigint; readonly publicKeyInfo: Uint8Array },
): Promise<Certificate> {
  const { subject, notBefore, notAfter } = signer.certificate;
  return parseCertificate(
    await buildSignedCertificate(
      {
        serial,
        issuer: subject.der,
        subject: subject.der,
        notBefore,
        notAfter,
        publicKeyInfo,
        extensions: [keyUsageExtension(ENCRYPTION_USAGE)],
      },
      signer,
    ),
  );
}

/** Whether an encryption certificate belongs to this authentication certificate, and to no older one. */
export const belongsTo = (encryption: Certificate, authentication: Certificate): boolean =>
  namesEqual(encryption.subject, authentication.subject) &&
  isSignedBy(encryption, authentication.publicKey);
