/**
 * Encryption tokens: made once from the registered certificate, stored in the record of the holder's
 * authentication certificate, so that depot and keystore can never disagree.
 *
 * @module
 */

import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { certificateOf, isActive } from './certificates.js';
import type { Sandbox } from './exchange.js';
import { makeEtk } from './seal.js';
import type { CertificateRecord } from './state.js';

/** Makes the token of a record and puts it in the depot, or in waiting. */
export async function registerToken(
  record: CertificateRecord,
  encryption: Certificate,
  sandbox: Sandbox,
  activate: boolean,
): Promise<Uint8Array> {
  const authentication = certificateOf(record);
  const { etkRa, issuingCa, ehealthRoot } = sandbox.pki;
  const token = makeEtk(etkRa, encryption.der, [
    ...(authentication === undefined ? [] : [authentication]),
    issuingCa.certificate,
    ehealthRoot.certificate,
  ]);
  record.etk = {
    ...record.etk,
    status: activate ? 'VALID_ACTIVE' : 'WAIT_FOR_ACTIVATION',
    encryptionBase64: Buffer.from(encryption.der).toString('base64'),
    tokenBase64: Buffer.from(token).toString('base64'),
  };
  await sandbox.store.save();
  return token;
}

/** Records with a token in the depot for a holder; the application id narrows when it is given. */
export const tokensOf = (
  sandbox: Sandbox,
  type: string,
  id: string,
  applicationId?: string,
): readonly CertificateRecord[] =>
  sandbox.state.certificates.filter(
    (record) =>
      record.actor.type === type &&
      record.actor.id === id &&
      record.etk.status === 'VALID_ACTIVE' &&
      isActive(record, sandbox) &&
      (applicationId === undefined || (record.applicationId ?? '') === applicationId),
  );

/** The encryption certificate to seal for, or `undefined` while the holder has no token. */
export function encryptionCertificate(
  sandbox: Sandbox,
  type: string,
  id: string,
): Certificate | undefined {
  const base64 = tokensOf(sandbox, type, id).at(-1)?.etk.encryptionBase64;
  return base64 === undefined
    ? undefined
    : parseCertificate(Uint8Array.from(Buffer.from(base64, 'base64')));
}
