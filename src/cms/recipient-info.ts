/**
 * RecipientInfos (RFC 5652 §6.2): a content key, wrapped for the holder of a certificate or of a secret key.
 *
 * @module
 */

import { constants, publicEncrypt } from 'node:crypto';

import { context, integer, octetString, sequence } from '../der/writer.js';
import type { Certificate } from '../x509/certificate.js';
import { RSA_IDENTIFIER } from './algorithms.js';
import { encodeIssuerAndSerial } from './entity.js';
import { AES128_WRAP_IDENTIFIER, wrapKey } from './key-wrap.js';

/** A secret key that both sides have from elsewhere (KGSS). */
export interface NamedSecretKey {
  /** As it stands in the message, so that the reader can ask for the key. */
  readonly id: Uint8Array;
  /** 16 bytes. */
  readonly key: Uint8Array;
}

/** KeyTransRecipientInfo, PKCS#1 v1.5. */
export const encodeKeyTrans = (certificate: Certificate, contentKey: Uint8Array): Uint8Array =>
  sequence(
    integer(0),
    encodeIssuerAndSerial(certificate),
    RSA_IDENTIFIER,
    octetString(
      publicEncrypt(
        { key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING },
        contentKey,
      ),
    ),
  );

/** KEKRecipientInfo, AES-128 key wrap. */
export const encodeSecretKey = ({ id, key }: NamedSecretKey, contentKey: Uint8Array): Uint8Array =>
  context(
    2,
    integer(4),
    sequence(octetString(id)),
    AES128_WRAP_IDENTIFIER,
    octetString(wrapKey(key, contentKey)),
  );
