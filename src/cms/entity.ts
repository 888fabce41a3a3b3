/**
 * How CMS names a certificate: by issuer and serial number, or by subject key identifier (RFC 5652 §5.3
 * for signers, §6.2.1 for recipients; both have the same form).
 *
 * @module
 */

import type { DerNode } from '../der/reader.js';
import { isContext, readInteger, readSequence, stringBytes } from '../der/values.js';
import { malformed } from '../der/reader.js';
import { integer, sequence } from '../der/writer.js';
import type { Certificate } from '../x509/certificate.js';
import { publicKeyIdentifier } from '../x509/key-identifier.js';
import { namesEqual, parseName } from '../x509/name.js';

export type EntityIdentifier =
  | {
      readonly kind: 'issuerAndSerial';
      /** DER of the name. */
      readonly issuer: Uint8Array;
      readonly serial: bigint;
    }
  | { readonly kind: 'keyIdentifier'; readonly keyIdentifier: Uint8Array };

/** @throws TopazError `E_ASN1_MALFORMED` */
export function readEntity(node: DerNode | undefined): EntityIdentifier {
  if (isContext(node, 0)) {
    return { kind: 'keyIdentifier', keyIdentifier: stringBytes(node) };
  }
  const [issuer, serial, ...rest] = readSequence(node);
  if (issuer === undefined || rest.length > 0) {
    throw malformed('issuer and serial number of a wrong form');
  }
  return { kind: 'issuerAndSerial', issuer: issuer.bytes, serial: readInteger(serial) };
}

/** Issuer and serial number of a certificate. */
export const encodeIssuerAndSerial = ({ issuer, serial }: Certificate): Uint8Array =>
  sequence(issuer.der, integer(serial));

/** Whether the identifier means this certificate. A name that cannot be read means none. */
export function identifies(entity: EntityIdentifier, certificate: Certificate): boolean {
  if (entity.kind === 'keyIdentifier') {
    const wanted = Buffer.from(entity.keyIdentifier);
    const { subjectKeyIdentifier: own, publicKeyInfo } = certificate;
    return (
      (own !== undefined && wanted.equals(own)) ||
      wanted.toString('hex') === publicKeyIdentifier(publicKeyInfo)
    );
  }
  return entity.serial === certificate.serial && sameIssuer(entity.issuer, certificate);
}

function sameIssuer(issuer: Uint8Array, certificate: Certificate): boolean {
  if (Buffer.from(issuer).equals(certificate.issuer.der)) {
    return true;
  }
  try {
    return namesEqual(parseName(issuer), certificate.issuer);
  } catch {
    return false;
  }
}
