/**
 * CertRA v2: the operations that a person's certificate needs, each one function (certificate-lifecycle §4).
 * No call carries WS-Security: what must be authentic is signed inside the body.
 *
 * @module
 */

import { PendingError } from '../errors.js';
import type { Ssin } from '../ids/ssin.js';
import type { Signer } from '../keys/keys.js';
import type { Call } from '../soap/call.js';
import type { Certificate } from '../x509/certificate.js';
import { attribute } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { ACTIONS, NS_CERTRA } from './names.js';
import type { CertraOperation } from './names.js';
import { checkReply, signRequest } from './ra-frame.js';
import type { RaOptions } from './ra-frame.js';
import { CODE_PENDING, CODE_UNKNOWN, RaRefusedError } from './ra-refusal.js';
import {
  readActorQualities,
  readCertificateInfos,
  readContract,
  readDelivery,
  readOwnCertificateInfo,
  readSubmission,
} from './reply.js';
import type { ActorQualities, CertificateInfo, Submission } from './reply.js';
import {
  generateCertificateRequest,
  generateContractRequest,
  getActorQualitiesRequest,
  getCertificateInfoForAuthenticationCertificateRequest,
  getCertificateInfoForCitizenRequest,
  getCertificateRequest,
} from './request.js';
import type { CertificateRequest, Contract, ContractRequest } from './request.js';

async function exchange(
  call: Call,
  url: string,
  operation: CertraOperation,
  body: XmlElement,
  signal: AbortSignal | undefined,
): Promise<XmlElement> {
  const { payload } = await call(
    {
      service: 'certra',
      operation,
      url,
      action: ACTIONS[operation],
      body,
      security: { kind: 'none' },
    },
    { signal },
  );
  return checkReply(payload, {
    service: 'certra',
    namespace: NS_CERTRA,
    operation,
    requestId: attribute(body, 'Id') ?? '',
  });
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
  const signed = await signRequest(request, signer, options.newId);
  return readActorQualities(await exchange(call, url, 'GetActorQualities', signed, options.signal));
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
  return readContract(await exchange(call, url, 'GenerateContract', body, options.signal));
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
  return readSubmission(await exchange(call, url, 'GenerateCertificate', signed, signal));
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
    return readDelivery(await exchange(call, url, 'GetCertificate', body, options.signal));
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
  const signed = await signRequest(request, signer, options.newId);
  return readCertificateInfos(
    await exchange(call, url, 'GetCertificateInfoForCitizen', signed, options.signal),
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
  const signed = await signRequest(request, signer, options.newId);
  return readOwnCertificateInfo(
    await exchange(
      call,
      url,
      'GetCertificateInfoForAuthenticationCertificate',
      signed,
      options.signal,
    ),
  );
}
