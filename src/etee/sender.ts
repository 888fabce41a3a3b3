/**
 * Who sealed a message: what the certificate of the outer layer says. A quality (doctor, nurse …) is not in
 * it; that comes from whoever carried the message (etee §5.10).
 *
 * @module
 */

import { OID_COMMON_NAME, OID_SERIAL_NUMBER } from '../der/oids.js';
import type { Certificate } from '../x509/certificate.js';
import { readHolder } from '../x509/holder.js';
import { attributeValue, namesEqual } from '../x509/name.js';

export interface Sender {
  /** `SSIN`, `NIHII-LABO` …; empty for a certificate that names no holder. */
  readonly type: string;
  /** Digits; empty for a certificate that names no holder. */
  readonly id: string;
  /** Person or organisation; the common name for a certificate that names no holder. */
  readonly name: string | undefined;
  readonly applicationId: string | undefined;
  readonly certificate: Certificate;
}

export function readSender(certificate: Certificate): Sender {
  const holder = readHolder(certificate.subject);
  return holder === undefined
    ? {
        type: '',
        id: '',
        name: attributeValue(certificate.subject, OID_COMMON_NAME),
        applicationId: undefined,
        certificate,
      }
    : {
        ...holder.identifier,
        name: holder.name,
        applicationId: holder.applicationId,
        certificate,
      };
}

/** The serialNumber of the subjects decides; the whole subject where neither has one. */
export function isSamePerson(a: Certificate, b: Certificate): boolean {
  const [first, second] = [a, b].map(({ subject }) => attributeValue(subject, OID_SERIAL_NUMBER));
  return first === undefined && second === undefined
    ? namesEqual(a.subject, b.subject)
    : first === second;
}
