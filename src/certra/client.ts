/**
 * CertRA v2: the operations of a certificate's life, each one function (certificate-lifecycle §4).
 *
 * @module
 */

import { PendingError } from '../errors.js';
import type { Identifier } from '../ids/identifier.js';
import type { Ssin } from '../ids/ssin.js';
import type { Signer } from '../keys/keys.js';
import type { Call } from '../soap/call.js';
import type { Certificate } from '../x509/certificate.js';
import type { XmlElement } from '../xml/tree.js';
import { ACTIONS, NS_CERTRA } from './names.js';
import type { CertraOperation } from './names.js';
import { exchange, signedExchange } from './ra-exchange.js';
import type { RaService } from './ra-exchange.js';
import { signRequest } from './ra-frame.js';
import type { RaOptions } from './ra-frame.js';
import { CODE_PENDING, CODE_UNKNOWN, RaRefusedError } from './ra-refusal.js';
import {
  readActorQualities,
  readApplicationIds,
  readCertificateInfos,
  readContract,
  readDelivery,
  readForeignSubmission,
  readOrganisationTypes,
  readOwnCertificateInfo,
  readRevocationContract,
  readSubmission,
} from './reply.js';
import type {
  ActorQualities,
  CertificateInfo,
  ForeignSubmission,
  OrganisationType,
  Submission,
} from './reply.js';
import {
  generateCertificateRequest,
  generateContractRequest,
  generateRevocationContractRequest,
  getActorQualitiesRequest,
  getCertificateInfoForAuthenticationCertificateRequest,
  getCertificateInfoForCitizenRequest,
  getCertificateRequest,
  getExistingApplicationIdsRequest,
  getGenericOrganizationTypesRequest,
  revokeRequest,
} from './request.js';
import type {
  Actor,
  CertificateRequest,
  Contract,
  ContractRequest,
  RevocationContract,
  RevocationReason,
} from './request.js';

const CERTRA: RaService<CertraOperation> = {
  service: 'certra',
  namespace: NS_CERTRA,
  actions: ACTIONS,
};

/**
 * The kinds of organisations that may have a certificate, with the rules of their numbers.
 *
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function getOrganisationTypes(
  call: Call,
  url: string,
  options: RaOptions,
): Promise<readonly OrganisationType[]> {
  const body = getGenericOrganizationTypesRequest(options);
  const { signal } = options;
  return readOrganisationTypes(
    await exchange(CERTRA, 'GetGenericOrganizationTypes', body, { call, url, signal }),
  );
}

/**
 * The application ids that active certificates of an organisation have; `undefined` in the list stands for a
 * certificate without one.
 *
 * @throws TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function getApplicationIds(
  call: Call,
  url: string,
  organisation: Identifier,
  options: RaOptions,
): Promise<readonly (string | undefined)[]> {
  const body = getExistingApplicationIdsRequest(organisation, options);
  const { signal } = options;
  return readApplicationIds(
    await exchange(CERTRA, 'GetExistingApplicationIds', body, { call, url, signal }),
  );
}

/**
 * For whom may this person request a certificate?
 *
 * @param signer The card's Authentication key; its holder must have this SSIN.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function getActorQualities(
  call: Call,
  url: string,
  { ssin, signer }: { readonly ssin: Ssin; readonly signer: Signer },
  options: RaOptions,
): Promise<ActorQualities> {
  const request = getActorQualitiesRequest(ssin, options);
  return readActorQualities(
    await signedExchange(CERTRA, 'GetActorQualities', request, signer, { call, url, options }),
  );
}

/**
 * Has the service compose the contract, and the name for the certificate request with it.
 *
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function generateContract(
  call: Call,
  url: string,
  request: ContractRequest,
  options: RaOptions,
): Promise<Contract> {
  const body = generateContractRequest(request, options);
  const { signal } = options;
  return readContract(await exchange(CERTRA, 'GenerateContract', body, { call, url, signal }));
}

/**
 * Makes and signs the request for a certificate, without sending it: it has to be on disk first.
 *
 * @param signer The card's Signature key.
 * @throws what the signer throws.
 */
export const signGenerateCertificate = (
  request: CertificateRequest,
  signer: Signer,
  options: RaOptions,
): Promise<XmlElement> =>
  signRequest(generateCertificateRequest(request, options), signer, options.newId);

/**
 * Sends a signed request for a certificate. Never repeated on its own.
 *
 * @param signed As {@link signGenerateCertificate} made it, or read from disk.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function sendGenerateCertificate(
  call: Call,
  url: string,
  signed: XmlElement,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<Submission> {
  return readSubmission(
    await exchange(CERTRA, 'GenerateCertificate', signed, { call, url, signal }),
  );
}

/**
 * Fetches the certificate of a request.
 *
 * @param id PublicKeyIdentifier.
 * @returns Leaf first, then its issuers without the root.
 * @throws PendingError while it is not delivered; {@link RaRefusedError} with `E_REQUEST_REFUSED` for any
 *   other refusal ({@link isUnknownRequest} tells one kind); TopazError `E_REPLY_INVALID`,
 *   `E_ASN1_MALFORMED`; and as {@link Call}.
 */
export async function getCertificate(
  call: Call,
  url: string,
  id: string,
  options: RaOptions,
): Promise<readonly [Certificate, ...Certificate[]]> {
  const body = getCertificateRequest(id, options);
  try {
    const { signal } = options;
    return readDelivery(await exchange(CERTRA, 'GetCertificate', body, { call, url, signal }));
  } catch (error) {
    if (!(error instanceof RaRefusedError)) {
      throw error;
    }
    if (error.has(CODE_PENDING)) {
      throw new PendingError(id, { cause: error });
    }
    throw new RaRefusedError(error.refusal, {
      code: 'E_REQUEST_REFUSED',
      message: `eHealth refused request ${id.slice(0, 8)}`,
      hint: 'read the e-mail of eHealth, or ask with the card: topaz cert validate --detail',
    });
  }
}

/** Whether the service said that it never saw this request. */
export const isUnknownRequest = (error: unknown): boolean =>
  error instanceof RaRefusedError && error.has(CODE_UNKNOWN);

/**
 * Everything that eHealth has on its books for this person: own certificates and those of organisations
 * with a mandate. The only place where a refusal shows for sure.
 *
 * @param signer The card's Authentication key.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function getCertificateInfoForCitizen(
  call: Call,
  url: string,
  signer: Signer,
  options: RaOptions,
): Promise<readonly CertificateInfo[]> {
  const request = getCertificateInfoForCitizenRequest(options);
  const operation = 'GetCertificateInfoForCitizen';
  return readCertificateInfos(
    await signedExchange(CERTRA, operation, request, signer, { call, url, options }),
  );
}

/**
 * What eHealth knows about the certificate that signs.
 *
 * @param signer The eHealth authentication key.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function getCertificateInfoForAuthenticationCertificate(
  call: Call,
  url: string,
  signer: Signer,
  options: RaOptions,
): Promise<CertificateInfo> {
  const request = getCertificateInfoForAuthenticationCertificateRequest(options);
  const operation = 'GetCertificateInfoForAuthenticationCertificate';
  return readOwnCertificateInfo(
    await signedExchange(CERTRA, operation, request, signer, { call, url, options }),
  );
}

/**
 * Has the service compose the contract of a revocation.
 *
 * @param request.id PublicKeyIdentifier.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function generateRevocationContract(
  call: Call,
  url: string,
  request: { readonly id: string; readonly signer: Actor; readonly reason: RevocationReason },
  options: RaOptions,
): Promise<RevocationContract> {
  const body = generateRevocationContractRequest(request, options);
  const { signal } = options;
  return readRevocationContract(
    await exchange(CERTRA, 'GenerateRevocationContract', body, { call, url, signal }),
  );
}

/**
 * Revokes a certificate and its encryption token. It cannot be undone.
 *
 * @param request.id PublicKeyIdentifier.
 * @param request.signer The card's Signature key.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, what the signer throws, and as {@link Call}.
 */
export async function revokeCertificate(
  call: Call,
  url: string,
  request: {
    readonly id: string;
    readonly contract: RevocationContract;
    readonly signer: Signer;
  },
  options: RaOptions,
): Promise<void> {
  const body = revokeRequest(request, options);
  await signedExchange(CERTRA, 'Revoke', body, request.signer, { call, url, options });
}

/**
 * Hands in the request of a person without eID. The person then logs on at the address of the answer.
 *
 * @param body As `submitCsrForForeignerRequest` made it, or read from disk.
 * @throws RaRefusedError, TopazError `E_REPLY_INVALID`, and as {@link Call}.
 */
export async function submitCsrForForeigner(
  call: Call,
  url: string,
  body: XmlElement,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<ForeignSubmission> {
  return readForeignSubmission(
    await exchange(CERTRA, 'SubmitCSRForForeigner', body, { call, url, signal }),
  );
}
