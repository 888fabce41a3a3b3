/**
 * Renewal: the same request for the same name, in the replacement period that eHealth names, in a new keystore
 * that takes over every encryption key of the old one (certificate-lifecycle §9 to §11).
 *
 * @module
 */

import { getCertificateInfoForAuthenticationCertificate } from '../certra/client.js';
import type { CertificateInfo } from '../certra/reply.js';
import { TopazError } from '../errors.js';
import { keystoreHolder, keystoreRequestId, keystoreSigner } from '../keystore/keystore.js';
import type { Keystore } from '../keystore/keystore.js';
import { PENDING_ENCRYPTION } from '../keystore/roles.js';
import type { Holder } from '../x509/holder.js';
import { raOptions } from './authority.js';
import type { Authority } from './authority.js';
import { renewableFrom } from './replacement.js';
import type { RequestRecord } from './request-record.js';
import type { RequestStore } from './request-store.js';
import type { TakenOver } from './request.js';

/** What eHealth says about the certificate of a keystore. */
export interface Due {
  readonly due: boolean;
  readonly from: Date;
  readonly info: CertificateInfo;
  readonly holder: Holder;
}

/**
 * Asks eHealth whether the certificate of a keystore can be replaced now, signed by its own key.
 *
 * @param keystore `ready` and not expired.
 * @throws TopazError `E_KEYSTORE_INCOMPLETE` when it names no holder, `E_CERT_REVOKED`; RaRefusedError; and
 *   as `Call`.
 */
export async function askDue(
  authority: Authority,
  store: RequestStore,
  keystore: Keystore,
): Promise<Due> {
  const holder = keystoreHolder(keystore);
  if (holder === undefined) {
    throw new TopazError('E_KEYSTORE_INCOMPLETE', 'the keystore names no holder', {
      hint: 'choose the keystore of an eHealth certificate: topaz keystore list',
    });
  }
  const info = await getCertificateInfoForAuthenticationCertificate(
    authority.call,
    authority.certra,
    keystoreSigner(keystore),
    raOptions(authority),
  );
  if (info.status === 'REVOKED') {
    throw new TopazError('E_CERT_REVOKED', 'the certificate is revoked', {
      facts: ['eHealth: REVOKED'],
      hint: 'topaz cert request',
    });
  }
  const record = await store.find(keystoreRequestId(keystore));
  const from =
    info.replaceableFrom ?? renewableFrom(keystore.authentication.chain[0].notAfter, record);
  if (record !== undefined && record.renewableFrom !== from.toISOString()) {
    await store.save({ ...record, renewableFrom: from.toISOString() });
  }
  return { due: info.replaceable, from, info, holder };
}

/** The later request that renews a keystore, if there is one that is not over. */
export const renewalOf = (
  records: readonly RequestRecord[],
  { id, path }: { readonly id: string; readonly path: string },
): RequestRecord | undefined =>
  records.findLast(
    (record) => record.state !== 'refused' && (record.renews === path || record.replaces === id),
  );

/**
 * The keys that move into the new keystore. The authentication key does not: simple readers would take it for
 * the new one. A key whose registration was not finished belongs to the old certificate: it is kept under
 * another name, so that the new registration makes its own.
 */
export function takenOverFrom({ encryption, unpairedKeys = [] }: Keystore): TakenOver {
  const kept = unpairedKeys.map((key) =>
    key.alias.startsWith(PENDING_ENCRYPTION) ? { ...key, alias: `former-${key.alias}` } : key,
  );
  return { encryption, ...(kept.length === 0 ? {} : { unpairedKeys: kept }) };
}
