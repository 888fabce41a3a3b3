/**
 * Activation of the encryption token of a renewed keystore. Until then senders seal for the older key, so it is
 * done only when asked, once every place has the new file (certificate-lifecycle §5).
 *
 * @module
 */

import { getCertificateInfoForAuthenticationCertificate } from '../certra/client.js';
import type { CertificateInfo } from '../certra/reply.js';
import { TopazError } from '../errors.js';
import { activateEtk } from '../etkra/client.js';
import type { Signer } from '../keys/keys.js';
import { serialDecimal } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { publicKeyIdentifier } from '../x509/key-identifier.js';
import { raOptions } from './authority.js';
import type { Authority } from './authority.js';
import { belongsTo } from './encryption-certificate.js';
import type { RequestStore } from './request-store.js';

/** The keys of a keystore, wherever they are. */
export interface TokenKeys {
  /** Of the authentication key. */
  readonly signer: Signer;
  /** Certificates of the encryption keys. */
  readonly encryption: readonly Certificate[];
}

/** The certificate of the token that belongs to the authentication key. */
export const tokenOf = ({ signer, encryption }: TokenKeys): Certificate | undefined =>
  encryption.find((certificate) => belongsTo(certificate, signer.certificate));

export interface Activation {
  /** `false`: it was active already, or nothing was sent because of `dryRun`. */
  readonly activated: boolean;
  /** What eHealth says now, or said before a dry run. */
  readonly etkStatus: CertificateInfo['etkStatus'];
  /** Decimal serial number of the encryption certificate; absent when the keystore does not hold it. */
  readonly serial?: string;
}

/**
 * Activates the token of a keystore, or finds that it is active: may be run again after a lost answer.
 *
 * @param store The requests of the profile: the record of the keystore learns of it.
 * @throws TopazError `E_KEYSTORE_INCOMPLETE` when the keystore does not hold the key of the token that waits,
 *   `E_ETK_NOT_FOUND` when no token waits for activation; RaRefusedError; and as `Call`.
 */
export async function activateToken(
  authority: Authority,
  store: RequestStore,
  keys: TokenKeys,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<Activation> {
  const { signer } = keys;
  const { etkStatus } = await getCertificateInfoForAuthenticationCertificate(
    authority.call,
    authority.certra,
    signer,
    raOptions(authority),
  );
  const token = tokenOf(keys);
  const serial = token === undefined ? {} : { serial: serialDecimal(token) };
  if (etkStatus === 'VALID_ACTIVE') {
    if (!dryRun) {
      await remember(store, signer);
    }
    return { activated: false, etkStatus, ...serial };
  }
  if (etkStatus !== 'WAIT_FOR_ACTIVATION') {
    throw new TopazError('E_ETK_NOT_FOUND', 'no encryption token waits for activation', {
      facts: [`eHealth: ${etkStatus}`],
      hint: 'topaz cert finalize registers one',
      details: { etkStatus },
    });
  }
  if (token === undefined) {
    throw new TopazError(
      'E_KEYSTORE_INCOMPLETE',
      'this keystore does not hold the key of the token that waits',
      {
        facts: ['messages that are sealed for it could not be opened'],
        hint: 'topaz cert finalize completes the keystore',
      },
    );
  }
  if (dryRun) {
    return { activated: false, etkStatus, ...serial };
  }
  await activateEtk(authority.call, authority.etkra, signer, raOptions(authority));
  await remember(store, signer);
  return { activated: true, etkStatus: 'VALID_ACTIVE', ...serial };
}

async function remember(store: RequestStore, { certificate }: Signer): Promise<void> {
  const record = await store.find(publicKeyIdentifier(certificate.publicKeyInfo));
  if (record?.etk?.toBeActivated === true) {
    await store.save({ ...record, etk: { ...record.etk, toBeActivated: false } });
  }
}
