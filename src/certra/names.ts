/**
 * Names on the wire of CertRA and ETKRA v2 (certificate-lifecycle §2, §3).
 *
 * @module
 */

import { namespace } from '../xml/build.js';

/** Root elements of CertRA and their direct children. */
export const NS_CERTRA = 'urn:be:fgov:ehealth:certra:protocol:v2';
/** Children of CertRA's core types. */
export const NS_CERTRA_CORE = 'urn:be:fgov:ehealth:certra:core:v2';
/** Id, FirstName, Name, Status. */
export const NS_COMMONS_CORE = 'urn:be:fgov:ehealth:commons:core:v2';
/** EteeStatusDetail; what stands inside it is in no namespace. */
export const NS_ETEE_COMMONS = 'urn:be:fgov:ehealth:etee:commons:core:v2';

export const p = namespace('p', NS_CERTRA);
export const c = namespace('c', NS_CERTRA_CORE);
export const core = namespace('core', NS_COMMONS_CORE);

/**
 * `SOAPAction` of each operation. Quirk: prefix and letter case follow no rule, and the service compares
 * them exactly.
 */
export const ACTIONS = {
  GetGenericOrganizationTypes: 'urn:be:fgov:ehealth:certra:protocol:v2:getGenericOrganizationTypes',
  GetActorQualities: 'urn:be:fgov:ehealth:certra:protocol:v2:getActorQualities',
  GetExistingApplicationIds:
    'urn:be:fgov:ehealth:etee:certra:protocol:v2:getexistingapplicationids',
  GenerateContract: 'urn:be:fgov:ehealth:certra:protocol:v2:generateContract',
  GenerateCertificate: 'urn:be:fgov:ehealth:etee:certra:protocol:v2:generatecertificate',
  GetCertificate: 'urn:be:fgov:ehealth:etee:certra:protocol:v2:getcertificate',
  GetCertificateInfoForCitizen:
    'urn:be:fgov:ehealth:certra:protocol:v2:getCertificateInfoForCitizen',
  GetCertificateInfoForAuthenticationCertificate:
    'urn:be:fgov:ehealth:etee:certra:protocol:v2:getCertificateInfoForAuthenticationCertificate',
  GenerateRevocationContract: 'urn:be:fgov:ehealth:certra:protocol:v2:generateRevocationContract',
  Revoke: 'urn:be:fgov:ehealth:etee:certra:protocol:v2:revoke',
  SubmitCSRForForeigner: 'urn:be:fgov:ehealth:certra:protocol:v2:submitCSRForForeigner',
} as const;

export type CertraOperation = keyof typeof ACTIONS;
