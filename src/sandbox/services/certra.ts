/**
 * CertRA v2 (certificate-lifecycle §2–§4, §12). Refusals carry codes of our own, since the official list is
 * not public: `UNKNOWN_REQUEST`, `REQUEST_REFUSED`, `CONTRACT_UNKNOWN` …; `CERT_NOT_YET_DELIVERED` is the
 * real one.
 *
 * @module
 */

import { readHolder } from '../../x509/holder.js';
import { generateCertificate } from '../certra-request.js';
import {
  contractReply,
  generateContract,
  generateRevocationContract,
} from '../certra-contracts.js';
import { certificateInfo, isActive, settle } from '../certificates.js';
import type { Answer, Exchange, Sandbox, Service } from '../exchange.js';
import { Refusal, SandboxFault } from '../faults-soap.js';
import { submitForForeigner } from '../foreigners.js';
import { CERTRA, CERTRA_CORE, COMMONS_2 } from '../names.js';
import { frame, refusal, success, verifySignedRequest } from '../ra-frame.js';
import { organisationTypes } from '../organisation-types.js';
import { mandatesOf } from '../people.js';
import type { CertificateRecord } from '../state.js';
import { attributeOf, childOf, childrenOf, textOf } from '../xml-read.js';
import type { ReadElement } from '../xml-read.js';
import { el, raw } from '../xml-text.js';
import type { Content, Markup } from '../xml-text.js';
import { publicKeyIdentifier } from '../../x509/key-identifier.js';

const ACTIONS: Readonly<Record<string, string>> = {
  GenerateContract: 'urn:be:fgov:ehealth:certra:protocol:v2:generateContract',
  GenerateCertificate: 'urn:be:fgov:ehealth:etee:certra:protocol:v2:generatecertificate',
  GetCertificate: 'urn:be:fgov:ehealth:etee:certra:protocol:v2:getcertificate',
  GetActorQualities: 'urn:be:fgov:ehealth:certra:protocol:v2:getActorQualities',
  GetGenericOrganizationTypes: 'urn:be:fgov:ehealth:certra:protocol:v2:getGenericOrganizationTypes',
  GetExistingApplicationIds:
    'urn:be:fgov:ehealth:etee:certra:protocol:v2:getexistingapplicationids',
  GetCertificateInfoForCitizen:
    'urn:be:fgov:ehealth:certra:protocol:v2:getCertificateInfoForCitizen',
  GetCertificateInfoForAuthenticationCertificate:
    'urn:be:fgov:ehealth:etee:certra:protocol:v2:getCertificateInfoForAuthenticationCertificate',
  GenerateRevocationContract: 'urn:be:fgov:ehealth:certra:protocol:v2:generateRevocationContract',
  Revoke: 'urn:be:fgov:ehealth:etee:certra:protocol:v2:revoke',
  SubmitCSRForForeigner: 'urn:be:fgov:ehealth:certra:protocol:v2:submitCSRForForeigner',
};

export const certra: Service = {
  name: 'certra',
  paths: ['/CertRa/v2'],
  namespace: CERTRA,
  actions: (operation) => {
    const action = ACTIONS[operation];
    return action === undefined ? [] : [action];
  },
  refuse: (exchange, sandbox, code, message) => ({
    payload: refusal(replyOf(exchange), exchange, sandbox, new Refusal(code, message)),
  }),
  handle: async (exchange, sandbox): Promise<Answer> => {
    settle(sandbox);
    try {
      const content = await operate(exchange, sandbox);
      exchange.checks.ok('business');
      return {
        payload:
          exchange.operation === 'GetExistingApplicationIds'
            ? frame(replyOf(exchange), exchange, sandbox, content)
            : success(replyOf(exchange), exchange, sandbox, content),
      };
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error;
      }
      exchange.checks.failed('business', error.code);
      return { payload: refusal(replyOf(exchange), exchange, sandbox, error) };
    }
  },
};

const replyOf = ({ operation }: Exchange) => ({ prefix: 'p', namespace: CERTRA, operation });

async function operate(exchange: Exchange, sandbox: Sandbox): Promise<Content> {
  const { payload } = exchange;
  switch (exchange.operation) {
    case 'GetGenericOrganizationTypes':
      return organisationTypes();
    case 'GetActorQualities':
      return actorQualities(exchange, sandbox);
    case 'GetExistingApplicationIds':
      return applicationIds(payload, sandbox);
    case 'GenerateContract':
      return contractReply(await generateContract(exchange, sandbox));
    case 'GenerateCertificate':
      return generateCertificate(exchange, sandbox);
    case 'GetCertificate':
      return getCertificate(payload, sandbox);
    case 'GetCertificateInfoForCitizen': {
      const ssin = signerSsin(exchange, sandbox);
      const own = sandbox.state.certificates.filter((record) => maySee(sandbox, ssin, record));
      return own.map((record) => certificateInfo(record, sandbox));
    }
    case 'GetCertificateInfoForAuthenticationCertificate': {
      const { certificate } = verifySignedRequest(exchange, sandbox, 'ehealth');
      const id = publicKeyIdentifier(certificate.publicKeyInfo);
      return certificateInfo(findRequest(sandbox, id), sandbox);
    }
    case 'GenerateRevocationContract':
      return contractReply(await generateRevocationContract(exchange, sandbox));
    case 'Revoke':
      return revoke(exchange, sandbox);
    case 'SubmitCSRForForeigner':
      return submitForForeigner(exchange, sandbox);
    default:
      throw new SandboxFault('SOA-03005', `no operation ${exchange.operation}`);
  }
}

/** SSIN of the card that signed with its Authentication key. */
function signerSsin(exchange: Exchange, sandbox: Sandbox): string {
  const { certificate } = verifySignedRequest(exchange, sandbox, 'eid-authentication');
  return readHolder(certificate.subject)?.identifier.id ?? '';
}

/** Own ones, those of mandates, and what the person asked for himself. */
const maySee = (
  sandbox: Sandbox,
  ssin: string,
  { actor, signerSsin: applicant }: CertificateRecord,
): boolean =>
  applicant === ssin ||
  (actor.type === 'SSIN' && actor.id === ssin) ||
  mandatesOf(sandbox, ssin).some(({ type, id }) => type === actor.type && id === actor.id);

function actorQualities(exchange: Exchange, sandbox: Sandbox): Content {
  const { root, certificate } = verifySignedRequest(exchange, sandbox, 'eid-authentication');
  const ssin = textOf(root, CERTRA, 'SSIN');
  if (readHolder(certificate.subject)?.identifier.id !== ssin) {
    throw new Refusal('SSIN_MISMATCH', 'the SSIN is not the one of the card');
  }
  const person = sandbox.state.persons.find((entry) => entry.ssin === ssin);
  return [
    el('p:NaturalPersonAuthorization', {}, String((person?.qualities.length ?? 0) > 0)),
    mandatesOf(sandbox, ssin).map(({ type, id, name }) =>
      el(
        'p:OrganizationAuthorization',
        {},
        el(
          'c:Name',
          {},
          ['fr', 'nl'].map((language) => el('c:Value', { 'xml:lang': language }, name)),
        ),
        el('c:Identifier', { Type: type }, id),
      ),
    ),
  ];
}

function applicationIds(payload: ReadElement, sandbox: Sandbox): Content {
  const identifier = childOf(payload, CERTRA, 'OrganizationIdentifier');
  const type = attributeOf(identifier, 'Type');
  return sandbox.state.certificates
    .filter(
      (record) =>
        isActive(record, sandbox) &&
        record.actor.type === type &&
        record.actor.id === identifier?.text.trim(),
    )
    .map(({ applicationId }) =>
      applicationId === undefined
        ? raw(
            '<p:ApplicationId xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>',
          )
        : el('p:ApplicationId', {}, applicationId),
    );
}

/** @throws Refusal `UNKNOWN_REQUEST`. */
function findRequest({ state }: Sandbox, id: string): CertificateRecord {
  const record = state.certificates.find((entry) => entry.id === id.toLowerCase());
  if (record === undefined) {
    throw new Refusal('UNKNOWN_REQUEST', 'no request with this public key identifier');
  }
  return record;
}

function getCertificate(payload: ReadElement, sandbox: Sandbox): Content {
  const record = findRequest(sandbox, textOf(payload, CERTRA, 'PublicKeyIdentifier'));
  if (record.status === 'REFUSED') {
    throw new Refusal('REQUEST_REFUSED', 'the request was refused');
  }
  if (record.certificateBase64 === undefined) {
    throw new Refusal('CERT_NOT_YET_DELIVERED', 'the certificate is not delivered yet');
  }
  const issuing = Buffer.from(sandbox.pki.issuingCa.certificate.der).toString('base64');
  return [record.certificateBase64, issuing].map((text) => el('p:X509Certificate', {}, text));
}

async function revoke(exchange: Exchange, sandbox: Sandbox): Promise<Markup | undefined> {
  const { root, certificate } = verifySignedRequest(exchange, sandbox, 'eid-signature');
  const id = textOf(root, CERTRA, 'PublicKeyIdentifier').toLowerCase();
  const record = findRequest(sandbox, id);
  const signed = childOf(root, CERTRA, 'Contract');
  const reason = textOf(signed, CERTRA_CORE, 'RevocationReason');
  const contract = sandbox.state.contracts.find(
    (entry) =>
      entry.kind === 'revocation' && entry.publicKeyIdentifier === id && entry.reason === reason,
  );
  if (contract === undefined) {
    throw new Refusal('CONTRACT_UNKNOWN', 'this contract was not issued');
  }
  const ssin = readHolder(certificate.subject)?.identifier.id ?? '';
  if (!maySee(sandbox, ssin, record)) {
    throw new Refusal('NOT_ALLOWED', 'neither the own certificate nor one of a mandate');
  }
  const signer = childOf(signed, CERTRA_CORE, 'Signer');
  const named = childrenOf(signer, COMMONS_2, 'Id').map(({ text }) => text.trim());
  if (contract.signerSsin !== ssin || !named.includes(ssin)) {
    throw new Refusal('SIGNER_MISMATCH', 'the signer of the contract is not the card');
  }
  if (record.status !== 'VALID_ACTIVE') {
    throw new Refusal('NOT_REVOCABLE', 'the certificate is not active');
  }
  record.status = 'REVOKED';
  record.revocation = { at: sandbox.now().toISOString(), reason };
  record.etk.status = 'REVOKED';
  await sandbox.store.save();
  return undefined;
}
