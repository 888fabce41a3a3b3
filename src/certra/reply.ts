/**
 * Answers of CertRA v2: XML → values (certificate-lifecycle §4). Each function takes an answer whose frame
 * was checked by `checkReply`.
 *
 * @module
 */

import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { attribute, child, children, requireChild, text } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { NS_CERTRA, NS_CERTRA_CORE, NS_COMMONS_CORE } from './names.js';
import { invalid } from './ra-frame.js';
import type { Actor, ContactData, Contract, RevocationContract } from './request.js';
import {
  base64Bytes,
  optionalDate,
  requireBoolean,
  requireDate,
  requireIdentifier,
  requireText,
} from './values.js';

const NS_XML = 'http://www.w3.org/XML/1998/namespace';

/** A kind of organisation that may have a certificate. */
export interface OrganisationType {
  /** `NIHII-GROUP`, `CBE` … */
  readonly type: string;
  readonly names: readonly { readonly language: string; readonly name: string }[];
  /** Java regular expression for the number. */
  readonly pattern: string | undefined;
  /** `CHECK-MOD-97`, `CHECK-97-MOD-97`, or another one. */
  readonly checkDigits: readonly string[];
}

export const readOrganisationTypes = (reply: XmlElement): readonly OrganisationType[] =>
  children(reply, NS_CERTRA, 'OrganizationType').map((entry) => ({
    type: requireText(entry, NS_CERTRA_CORE, 'IdentifierType'),
    names: namesOf(entry),
    pattern: optionalText(entry, 'ValidationRegEx'),
    checkDigits: children(entry, NS_CERTRA_CORE, 'CheckDigitAlgorithm').map((algorithm) =>
      text(algorithm).trim(),
    ),
  }));

const namesOf = (entry: XmlElement): OrganisationType['names'] =>
  localized(requireChild(entry, NS_CERTRA_CORE, 'Name')).map(({ language, value }) => ({
    language,
    name: value.trim(),
  }));

const NS_XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** `undefined`: a certificate without application id. */
export const readApplicationIds = (reply: XmlElement): readonly (string | undefined)[] =>
  children(reply, NS_CERTRA, 'ApplicationId').map((element) => {
    const nil = attribute(element, 'nil', NS_XSI);
    const value = text(element).trim();
    return nil === 'true' || nil === '1' || value === '' ? undefined : value;
  });

/** What a person may request certificates for. */
export interface ActorQualities {
  /** Whether the person has a health-care quality that eHealth knows. */
  readonly person: boolean;
  /** Organisations with a mandate for this person. */
  readonly organisations: readonly {
    readonly type: string;
    readonly id: string;
    readonly names: readonly { readonly language: string; readonly name: string }[];
  }[];
}

export const readActorQualities = (reply: XmlElement): ActorQualities => ({
  person: requireBoolean(reply, NS_CERTRA, 'NaturalPersonAuthorization'),
  organisations: children(reply, NS_CERTRA, 'OrganizationAuthorization').map((organisation) => {
    const identifier = requireChild(organisation, NS_CERTRA_CORE, 'Identifier');
    return {
      type: requireAttribute(identifier, 'Type'),
      id: text(identifier).trim(),
      names: namesOf(organisation),
    };
  }),
});

export const readContract = (reply: XmlElement): Contract =>
  contractOf(requireChild(reply, NS_CERTRA, 'Contract'));

export function readRevocationContract(reply: XmlElement): RevocationContract {
  const contract = requireChild(reply, NS_CERTRA, 'Contract');
  return {
    ...contractOf(contract),
    reason: requireText(contract, NS_CERTRA_CORE, 'RevocationReason'),
  };
}

function contractOf(contract: XmlElement): Contract {
  const texts = localized(requireChild(contract, NS_CERTRA_CORE, 'Text')).map(
    ({ language, value }) => ({ language, html: value }),
  );
  if (texts.length === 0) {
    throw invalid('the contract has no text');
  }
  return {
    // As it stands, white space and escapes included: it is sent back like this.
    dn: text(requireChild(contract, NS_CERTRA_CORE, 'DN')),
    signer: readActor(requireChild(contract, NS_CERTRA_CORE, 'Signer')),
    texts,
  };
}

const localized = (
  parent: XmlElement,
): readonly { readonly language: string; readonly value: string }[] =>
  children(parent, NS_CERTRA_CORE, 'Value').map((value) => ({
    language: requireAttribute(value, 'lang', NS_XML),
    value: text(value),
  }));

const readActor = (actor: XmlElement): Actor => ({
  ids: children(actor, NS_COMMONS_CORE, 'Id').map((id) => ({
    type: requireAttribute(id, 'Type'),
    id: text(id),
  })),
  firstNames: children(actor, NS_COMMONS_CORE, 'FirstName').map((first) => text(first)),
  name: text(requireChild(actor, NS_COMMONS_CORE, 'Name')),
});

function requireAttribute(element: XmlElement, name: string, namespace?: string): string {
  const value = attribute(element, name, namespace);
  if (value === undefined) {
    throw invalid(`${element.name} has no ${name}`);
  }
  return value;
}

/** What became of a request that was sent. */
export interface Submission {
  /** PublicKeyIdentifier, 40 lower-case hex digits. */
  readonly id: string;
  /** `false`: people at eHealth look at it, which takes days. */
  readonly automaticallyValidated: boolean;
  /** Identifier of the certificate that will be replaced. */
  readonly replaces: string | undefined;
}

export const readSubmission = (reply: XmlElement): Submission => ({
  id: requireIdentifier(reply, NS_CERTRA, 'PublicKeyIdentifier'),
  automaticallyValidated: requireBoolean(reply, NS_CERTRA, 'AutomaticallyValidated'),
  replaces:
    child(reply, NS_CERTRA, 'ReplacesCertificate') === undefined
      ? undefined
      : requireIdentifier(reply, NS_CERTRA, 'ReplacesCertificate'),
});

/** What became of the request of a person without eID. */
export interface ForeignSubmission {
  /** Where the person logs on; `https`. */
  readonly url: string;
  /** Until when; afterwards the request is void. */
  readonly expiresAt: Date;
}

export function readForeignSubmission(reply: XmlElement): ForeignSubmission {
  const url = requireText(reply, NS_CERTRA, 'ValidationUrl');
  if (!/^https:\/\/[^\s<>"']{1,2000}$/.test(url)) {
    throw invalid('the address at which to log on is no https address');
  }
  return { url, expiresAt: requireDate(reply, NS_CERTRA, 'ExpirationDate') };
}

/** Leaf first, then its issuers without the root. */
export function readDelivery(reply: XmlElement): readonly [Certificate, ...Certificate[]] {
  const [leaf, ...issuers] = children(reply, NS_CERTRA, 'X509Certificate').map((element) =>
    parseCertificate(base64Bytes(element)),
  );
  if (leaf === undefined) {
    throw invalid('GetCertificateResponse holds no certificate');
  }
  return [leaf, ...issuers];
}

export const CERTIFICATE_STATUSES = [
  'IN_PROGRESS',
  'VALID_ACTIVE',
  'REFUSED',
  'REVOKED',
  'EXPIRED',
] as const;
export const ETK_STATUSES = [
  'NOT_REQUESTED',
  'IN_REQUEST',
  'WAIT_FOR_ACTIVATION',
  'VALID_ACTIVE',
  'REVOKED',
  'EXPIRED',
] as const;

/** A certificate as eHealth has it on its books. */
export interface CertificateInfo {
  readonly id: string;
  readonly requestedAt: Date;
  readonly holder: Actor;
  readonly applicationId: string | undefined;
  readonly status: (typeof CERTIFICATE_STATUSES)[number];
  readonly etkStatus: (typeof ETK_STATUSES)[number];
  readonly automaticallyValidated: boolean;
  readonly revocable: boolean;
  readonly replaceable: boolean;
  /** First day on which it may be replaced; `undefined` until it is delivered. */
  readonly replaceableFrom: Date | undefined;
  readonly contact: ContactData;
  /** The certificate; `undefined` until it is delivered. */
  readonly certificate: CertificateDetails | undefined;
}

export interface CertificateDetails {
  /** As the service writes it. */
  readonly serial: string;
  /** RFC 2253. */
  readonly dn: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export const readCertificateInfos = (reply: XmlElement): readonly CertificateInfo[] =>
  children(reply, NS_CERTRA, 'CertificateInfo').map(readCertificateInfo);

/** The one that the answer about one certificate must hold. */
export const readOwnCertificateInfo = (reply: XmlElement): CertificateInfo =>
  readCertificateInfo(requireChild(reply, NS_CERTRA, 'CertificateInfo'));

function readCertificateInfo(info: XmlElement): CertificateInfo {
  const entity = requireChild(info, NS_CERTRA_CORE, 'CertificateEntity');
  const identifier = requireChild(entity, NS_CERTRA_CORE, 'CertificateIdentifier');
  const contact = requireChild(info, NS_CERTRA_CORE, 'ContactData');
  return {
    id: requireIdentifier(info, NS_CERTRA_CORE, 'PublicKeyIdentifier'),
    requestedAt: requireDate(info, NS_CERTRA_CORE, 'RequestedDate'),
    holder: readActor(requireChild(identifier, NS_CERTRA_CORE, 'Actor')),
    applicationId: optionalText(identifier, 'ApplicationId'),
    status: oneOf(info, 'AuthenticationCertificateStatus', CERTIFICATE_STATUSES),
    etkStatus: oneOf(info, 'ETKStatus', ETK_STATUSES),
    automaticallyValidated: requireBoolean(info, NS_CERTRA_CORE, 'AutomaticallyValidated'),
    revocable: requireBoolean(info, NS_CERTRA_CORE, 'Revocable'),
    replaceable: requireBoolean(info, NS_CERTRA_CORE, 'Replaceable'),
    replaceableFrom: optionalDate(info, NS_CERTRA_CORE, 'ReplacementPeriodStartDate'),
    contact: {
      emailPrivate: text(requireChild(contact, NS_CERTRA_CORE, 'EmailPrivate')).trim(),
      emailGeneral: optionalText(contact, 'EmailGeneral'),
      phonePrivate: text(requireChild(contact, NS_CERTRA_CORE, 'PhonePrivate')).trim(),
      phoneGeneral: optionalText(contact, 'PhoneGeneral'),
    },
    certificate: readDetails(child(info, NS_CERTRA_CORE, 'AuthenticationCertificateDetails')),
  };
}

const readDetails = (details: XmlElement | undefined): CertificateDetails | undefined =>
  details && {
    serial: requireText(details, NS_CERTRA_CORE, 'SerialNumber'),
    dn: requireText(details, NS_CERTRA_CORE, 'DN'),
    notBefore: requireDate(details, NS_CERTRA_CORE, 'ValidNotBefore'),
    notAfter: requireDate(details, NS_CERTRA_CORE, 'ValidNotAfter'),
  };

function optionalText(parent: XmlElement, name: string): string | undefined {
  const element = child(parent, NS_CERTRA_CORE, name);
  return element === undefined ? undefined : text(element).trim();
}

function oneOf<T extends string>(parent: XmlElement, name: string, values: readonly T[]): T {
  const value = requireText(parent, NS_CERTRA_CORE, name);
  const found = values.find((known) => known === value);
  if (found === undefined) {
    throw invalid(`${name} has a value that is not known here`);
  }
  return found;
}
