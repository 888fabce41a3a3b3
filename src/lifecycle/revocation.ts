/**
 * Revocation: the card signs a contract that names the reason; eHealth then withdraws certificate and
 * encryption token. It needs no keystore, so it works where the password is lost (certificate-lifecycle §4).
 *
 * @module
 */

import { generateRevocationContract, revokeCertificate } from '../certra/client.js';
import { invalid } from '../certra/ra-frame.js';
import type { CertificateInfo } from '../certra/reply.js';
import { personActor } from '../certra/request.js';
import type { RevocationContract, RevocationReason } from '../certra/request.js';
import { TopazError } from '../errors.js';
import type { Signer } from '../keys/keys.js';
import { namesEqual } from '../x509/name.js';
import { checkSigner, readableTexts, subjectOf } from './applicant-contract.js';
import type { Applicant, ReadableContract } from './applicant-contract.js';
import { raOptions } from './authority.js';
import type { Authority } from './authority.js';
import type { RequestStore } from './request-store.js';
import { withoutMs } from './request.js';

/**
 * The certificate that is meant: by its reference or the beginning of it, else the only one that can be
 * revoked.
 *
 * @throws TopazError `E_USAGE` when there is none, or more than one that could be meant.
 */
export function chooseCertificate(
  infos: readonly CertificateInfo[],
  reference: string | undefined,
): CertificateInfo {
  const candidates =
    reference === undefined
      ? infos.filter(({ revocable }) => revocable)
      : infos.filter(({ id }) => id.startsWith(reference.toLowerCase()));
  const [info] = candidates;
  if (info !== undefined && candidates.length === 1) {
    return info;
  }
  if (info === undefined) {
    throw new TopazError(
      'E_USAGE',
      reference === undefined
        ? 'eHealth has no certificate of this person that can be revoked'
        : 'eHealth has no such certificate of this person',
      {
        facts: ['asked with the card; certificates of organisations show with a mandate'],
        hint: 'topaz cert list --detail shows what eHealth knows',
      },
    );
  }
  throw new TopazError('E_USAGE', 'there are several certificates; which one?', {
    facts: candidates.map(
      ({ id, certificate }) =>
        `${id.slice(0, 8)}${certificate === undefined ? '' : ` until ${withoutMs(certificate.notAfter)}`}`,
    ),
    hint: 'name it: --request REFERENCE; topaz cert list --detail shows them',
  });
}

export interface ReadableRevocation {
  readonly contract: RevocationContract;
  readonly texts: ReadableContract['texts'];
}

/**
 * Asks for the contract, and checks that it is about this certificate, this reason and this person.
 *
 * @throws RaRefusedError; TopazError `E_REPLY_INVALID`; and as `Call`.
 */
export async function fetchRevocationContract(
  authority: Authority,
  applicant: Applicant,
  { id, certificate }: CertificateInfo,
  reason: RevocationReason,
): Promise<ReadableRevocation> {
  const contract = await generateRevocationContract(
    authority.call,
    authority.certra,
    { id, signer: personActor(applicant), reason },
    raOptions(authority),
  );
  checkSigner(contract, applicant.ssin);
  if (contract.reason !== reason) {
    throw invalid('the contract names another reason than the one given');
  }
  if (certificate !== undefined && !namesEqual(subjectOf(contract.dn), subjectOf(certificate.dn))) {
    throw invalid('the contract is about another certificate than the one asked for');
  }
  return { contract, texts: readableTexts(contract) };
}

/**
 * Signs and sends the revocation, once. When the answer is lost, the card tells what became of it.
 *
 * @param options.signer The card's Signature key.
 * @throws RaRefusedError; TopazError `E_REPLY_INVALID`; what the signer throws; and as `Call`.
 */
export async function revoke(
  authority: Authority,
  store: RequestStore,
  {
    id,
    contract,
    signer,
  }: { readonly id: string; readonly contract: RevocationContract; readonly signer: Signer },
): Promise<void> {
  await revokeCertificate(
    authority.call,
    authority.certra,
    { id, contract, signer },
    raOptions(authority),
  );
  await noteRevocation(store, id, { at: withoutMs(authority.now()), reason: contract.reason });
}

/** Writes down that a certificate is revoked; one of another machine has no record here. */
export async function noteRevocation(
  store: RequestStore,
  id: string,
  revocation: { readonly at: string; readonly reason?: string },
): Promise<void> {
  const record = await store.find(id);
  if (record !== undefined && record.revocation === undefined) {
    await store.save({ ...record, revocation });
  }
}
