/**
 * Certificates that the sandbox issued: delivery, validity, replacement, and how CertRA describes them.
 *
 * @module
 */

import { parseCertificate, serialDecimal } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { formatRfc2253 } from '../x509/name.js';
import { actorContent } from './certra-contracts.js';
import type { Sandbox } from './exchange.js';
import { issueCertificate } from './pki.js';
import type { CertificateRecord } from './state.js';
import { el } from './xml-text.js';
import type { Markup } from './xml-text.js';

const DAY_MS = 86_400_000;
const REPLACEMENT_DAYS = 90;
const YEARS = 3;

/** The issued certificate of a record. */
export function certificateOf(record: CertificateRecord): Certificate | undefined {
  return record.certificateBase64 === undefined
    ? undefined
    : parseCertificate(Uint8Array.from(Buffer.from(record.certificateBase64, 'base64')));
}

/** Issues the certificate of a request: valid from a minute ago, for three years. */
export function deliver(
  record: CertificateRecord,
  sandbox: Sandbox,
  validity?: { readonly notBefore: Date; readonly notAfter: Date },
): Certificate {
  const notBefore = new Date(sandbox.now().getTime() - 60_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + YEARS);
  const certificate = issueCertificate(
    sandbox.pki,
    Uint8Array.from(Buffer.from(record.subjectBase64, 'base64')),
    Uint8Array.from(Buffer.from(record.publicKeyInfoBase64, 'base64')),
    validity ?? { notBefore, notAfter },
  );
  record.certificateBase64 = Buffer.from(certificate.der).toString('base64');
  record.status = 'VALID_ACTIVE';
  delete record.approveAt;
  delete record.logOn;
  return certificate;
}

/** What `--approve` makes of a request that just came in: approved at once, later, or by hand. */
export function decide(record: CertificateRecord, sandbox: Sandbox): void {
  const { approve } = sandbox.state;
  if (approve === 'auto') {
    deliver(record, sandbox);
  } else if (approve !== 'manual') {
    record.approveAt = sandbox.realNow() + approve * 1000;
  }
}

/** Delivers what approves itself after some seconds; refuses where nobody logged on in time. */
export function settle(sandbox: Sandbox): void {
  for (const record of sandbox.state.certificates) {
    if (
      record.status === 'IN_PROGRESS' &&
      record.logOn !== undefined &&
      sandbox.now() > new Date(record.logOn.expiresAt)
    ) {
      record.status = 'REFUSED';
    }
    if (
      record.status === 'IN_PROGRESS' &&
      record.approveAt !== undefined &&
      sandbox.realNow() >= record.approveAt
    ) {
      deliver(record, sandbox);
    }
  }
}

const isValid = (certificate: Certificate, at: Date): boolean =>
  at >= certificate.notBefore && at <= certificate.notAfter;

/** The newest certificate of that DN that is neither revoked nor expired. */
export function activeCertificate(sandbox: Sandbox, dn: string): CertificateRecord | undefined {
  return sandbox.state.certificates.findLast((record) => {
    const certificate = certificateOf(record);
    return (
      record.dn === dn &&
      record.status === 'VALID_ACTIVE' &&
      certificate !== undefined &&
      certificate.notAfter >= sandbox.now()
    );
  });
}

const replacementStart = ({ notAfter }: Certificate): Date =>
  new Date(notAfter.getTime() - REPLACEMENT_DAYS * DAY_MS);

export function inReplacementPeriod(record: CertificateRecord, sandbox: Sandbox): boolean {
  const certificate = certificateOf(record);
  return certificate !== undefined && sandbox.now() >= replacementStart(certificate);
}

/** States of a token that end with its certificate. */
const ENDS: ReadonlySet<string> = new Set(['VALID_ACTIVE', 'WAIT_FOR_ACTIVATION']);

/** `p:CertificateInfo`. */
export function certificateInfo(record: CertificateRecord, sandbox: Sandbox): Markup {
  const certificate = certificateOf(record);
  const now = sandbox.now();
  const expired = certificate !== undefined && certificate.notAfter < now;
  const active = record.status === 'VALID_ACTIVE' && !expired;
  return el(
    'p:CertificateInfo',
    {},
    el('c:RequestedDate', {}, record.requestedAt),
    el('c:PublicKeyIdentifier', {}, record.id),
    el(
      'c:CertificateEntity',
      { EntityType: record.actor.type === 'SSIN' ? 'NaturalPerson' : 'Organization' },
      el(
        'c:CertificateIdentifier',
        {},
        el('c:Actor', {}, actorContent(record.actor)),
        record.applicationId === undefined
          ? undefined
          : el('c:ApplicationId', {}, record.applicationId),
      ),
    ),
    el(
      'c:AuthenticationCertificateStatus',
      {},
      expired && record.status === 'VALID_ACTIVE' ? 'EXPIRED' : record.status,
    ),
    el('c:ETKStatus', {}, expired && ENDS.has(record.etk.status) ? 'EXPIRED' : record.etk.status),
    el('c:AutomaticallyValidated', {}, String(record.automaticallyValidated)),
    certificate === undefined
      ? undefined
      : el(
          'c:AuthenticationCertificateDetails',
          {},
          el('c:SerialNumber', {}, serialDecimal(certificate)),
          el('c:DN', {}, record.dn),
          el('c:IssuerDN', {}, formatRfc2253(certificate.issuer)),
          el('c:ValidNotBefore', {}, certificate.notBefore.toISOString()),
          el('c:ValidNotAfter', {}, certificate.notAfter.toISOString()),
        ),
    el('c:Revocable', {}, String(active)),
    el('c:Replaceable', {}, String(active && inReplacementPeriod(record, sandbox))),
    certificate === undefined
      ? undefined
      : el('c:ReplacementPeriodStartDate', {}, replacementStart(certificate).toISOString()),
    el(
      'c:ContactData',
      {},
      el('c:EmailPrivate', {}, record.contact.emailPrivate),
      record.contact.emailGeneral === undefined
        ? undefined
        : el('c:EmailGeneral', {}, record.contact.emailGeneral),
      el('c:PhonePrivate', {}, record.contact.phonePrivate),
      record.contact.phoneGeneral === undefined
        ? undefined
        : el('c:PhoneGeneral', {}, record.contact.phoneGeneral),
    ),
  );
}

/** Whether a record's certificate counts today. */
export function isActive(record: CertificateRecord, sandbox: Sandbox): boolean {
  const certificate = certificateOf(record);
  return (
    record.status === 'VALID_ACTIVE' &&
    certificate !== undefined &&
    isValid(certificate, sandbox.now())
  );
}
