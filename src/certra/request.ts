/**
 * Requests to CertRA v2: values → XML. The order of the elements is the schema's (certificate-lifecycle §4).
 *
 * @module
 */

import type { Identifier } from '../ids/identifier.js';
import type { Ssin } from '../ids/ssin.js';
import type { XmlElement } from '../xml/tree.js';
import { c, core, p } from './names.js';
import { requestAttributes } from './ra-frame.js';
import type { RaOptions } from './ra-frame.js';

/** How eHealth reaches the applicant. Checked by `src/lifecycle/contact.ts`. */
export interface ContactData {
  readonly emailPrivate: string;
  readonly emailGeneral?: string | undefined;
  readonly phonePrivate: string;
  readonly phoneGeneral?: string | undefined;
}

/** A person or an organisation. */
export interface Actor {
  readonly ids: readonly { readonly type: string; readonly id: string }[];
  readonly firstNames: readonly string[];
  readonly name: string;
}

/** A contract as the service made it; it goes back to the service without a change. */
export interface Contract {
  /** Subject that the certificate request must carry, RFC 2253 text. */
  readonly dn: string;
  readonly signer: Actor;
  /** HTML documents, one per language (`fr`, `nl`). */
  readonly texts: readonly { readonly language: string; readonly html: string }[];
}

/** A person's actor: SSIN and names as on the card. */
export const personActor = (person: {
  readonly ssin: Ssin;
  readonly firstNames: string;
  readonly lastName: string;
}): Actor => ({
  ids: [{ type: 'SSIN', id: person.ssin }],
  firstNames: person.firstNames === '' ? [] : [person.firstNames],
  name: person.lastName,
});

/** An organisation's actor. */
export const organisationActor = ({ type, id }: Identifier, name: string): Actor => ({
  ids: [{ type, id }],
  firstNames: [],
  name,
});

const actorContent = ({ ids, firstNames, name }: Actor): readonly XmlElement[] => [
  ...ids.map(({ type, id }) => core('Id', { Type: type }, id)),
  ...firstNames.map((first) => core('FirstName', {}, first)),
  core('Name', {}, name),
];

const contactContent = (contact: ContactData): readonly (XmlElement | undefined)[] => [
  c('EmailPrivate', {}, contact.emailPrivate),
  contact.emailGeneral === undefined ? undefined : c('EmailGeneral', {}, contact.emailGeneral),
  c('PhonePrivate', {}, contact.phonePrivate),
  contact.phoneGeneral === undefined ? undefined : c('PhoneGeneral', {}, contact.phoneGeneral),
];

export const getGenericOrganizationTypesRequest = (options: RaOptions): XmlElement =>
  p('GetGenericOrganizationTypesRequest', requestAttributes(options));

export const getExistingApplicationIdsRequest = (
  { type, id }: Identifier,
  options: RaOptions,
): XmlElement =>
  p(
    'GetExistingApplicationIdsRequest',
    requestAttributes(options),
    p('OrganizationIdentifier', { Type: type }, id),
  );

/** To be signed with the card's Authentication key. */
export const getActorQualitiesRequest = (ssin: Ssin, options: RaOptions): XmlElement =>
  p('GetActorQualitiesRequest', requestAttributes(options), p('SSIN', { Type: 'SSIN' }, ssin));

export interface ContractRequest {
  readonly contact: ContactData;
  readonly signer: Actor;
  /** For whom; a person asks for himself. */
  readonly actor: Actor;
  /** Organisations only. */
  readonly applicationId?: string | undefined;
}

export const generateContractRequest = (
  { contact, signer, actor, applicationId }: ContractRequest,
  options: RaOptions,
): XmlElement =>
  p(
    'GenerateContractRequest',
    requestAttributes(options),
    p('ContactData', {}, contactContent(contact)),
    p('Signer', {}, actorContent(signer)),
    p(
      'CertificateIdentifier',
      {},
      c('Actor', {}, actorContent(actor)),
      applicationId === undefined ? undefined : c('ApplicationId', {}, applicationId),
    ),
  );

const textOf = ({ texts }: Contract): XmlElement =>
  c(
    'Text',
    {},
    texts.map(({ language, html }) => c('Value', { 'xml:lang': language }, html)),
  );

export interface CertificateRequest {
  readonly contact: ContactData;
  /** DER of the PKCS#10 request. */
  readonly csr: Uint8Array;
  readonly contract: Contract;
}

/** To be signed with the card's Signature key: it binds the signer. */
export const generateCertificateRequest = (
  { contact, csr, contract }: CertificateRequest,
  options: RaOptions,
): XmlElement =>
  p(
    'GenerateCertificateRequest',
    requestAttributes(options),
    p(
      'EHealthCSR',
      {},
      c('ContactData', {}, contactContent(contact)),
      c('CSR', {}, Buffer.from(csr).toString('base64')),
      c(
        'Contract',
        {},
        c('DN', {}, contract.dn),
        c('Signer', {}, actorContent(contract.signer)),
        textOf(contract),
      ),
    ),
  );

/** @param id PublicKeyIdentifier, 40 hex digits. */
export const getCertificateRequest = (id: string, options: RaOptions): XmlElement =>
  p('GetCertificateRequest', requestAttributes(options), p('PublicKeyIdentifier', {}, id));

/** To be signed with the card's Authentication key. */
export const getCertificateInfoForCitizenRequest = (options: RaOptions): XmlElement =>
  p('GetCertificateInfoForCitizenRequest', requestAttributes(options));

/** To be signed with the eHealth authentication key. */
export const getCertificateInfoForAuthenticationCertificateRequest = (
  options: RaOptions,
): XmlElement =>
  p('GetCertificateInfoForAuthenticationCertificateRequest', requestAttributes(options));

export const REVOCATION_REASONS = [
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
] as const;

export type RevocationReason = (typeof REVOCATION_REASONS)[number];

/** A contract to revoke, as the service made it. */
export interface RevocationContract extends Contract {
  readonly reason: string;
}

export const generateRevocationContractRequest = (
  { id, signer, reason }: { readonly id: string; readonly signer: Actor; readonly reason: string },
  options: RaOptions,
): XmlElement =>
  p(
    'GenerateRevocationContractRequest',
    requestAttributes(options),
    p('PublicKeyIdentifier', {}, id),
    p('Signer', {}, actorContent(signer)),
    p('RevocationReason', {}, reason),
  );

/** To be signed with the card's Signature key: it cannot be undone. */
export const revokeRequest = (
  { id, contract }: { readonly id: string; readonly contract: RevocationContract },
  options: RaOptions,
): XmlElement =>
  p(
    'RevokeRequest',
    requestAttributes(options),
    p('PublicKeyIdentifier', {}, id),
    p(
      'Contract',
      {},
      c('DN', {}, contract.dn),
      c('Signer', {}, actorContent(contract.signer)),
      c('RevocationReason', {}, contract.reason),
      textOf(contract),
    ),
  );

/** A person with a bis number and no eID; nothing is signed. */
export const submitCsrForForeignerRequest = (
  {
    person,
    contact,
    csr,
  }: { readonly person: Actor; readonly contact: ContactData; readonly csr: Uint8Array },
  options: RaOptions,
): XmlElement =>
  p(
    'SubmitCSRForForeignerRequest',
    requestAttributes(options),
    p('ForeignPerson', {}, actorContent(person)),
    p('ContactData', {}, contactContent(contact)),
    p('CSR', {}, Buffer.from(csr).toString('base64')),
  );
