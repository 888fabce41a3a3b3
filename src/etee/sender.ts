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
  /** Doctor, nurse …, where the carrier of the message said so: no certificate does. */
  readonly quality: string | undefined;
  readonly certificate: Certificate;
}

/** By certificate: a busy mailbox has few senders. */
const known = new WeakMap<Certificate, Sender>();

/** @param quality What the carrier of the message (mailbox, token) says of the sender. */
export function readSender(certificate: Certificate, quality?: string): Sender {
  const sender = known.get(certificate) ?? describe(certificate);
  known.set(certificate, sender);
  return quality === undefined ? sender : { ...sender, quality };
}

function describe(certificate: Certificate): Sender {
  const { subject } = certificate;
  const holder = readHolder(subject);
  const none = { type: '', id: '', name: attributeValue(subject, OID_COMMON_NAME) };
  return {
    ...(holder === undefined ? none : { ...holder.identifier, name: holder.name }),
    applicationId: holder?.applicationId,
    quality: undefined,
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
