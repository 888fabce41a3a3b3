/**
 * Names on the wire, as the schemas and fact sheets write them. Kept apart from the client's constants on
 * purpose: a misspelt name there must be seen here.
 *
 * @module
 */

export const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
export const WSSE =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
export const WSU =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
export const X509_TOKEN =
  'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3';
export const SAML_ASSERTION_ID =
  'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID';
export const DS = 'http://www.w3.org/2000/09/xmldsig#';
export const SOA_ERRORS = 'urn:be:fgov:ehealth:errors:soa:v1';

export const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
export const SHA1 = 'http://www.w3.org/2000/09/xmldsig#sha1';
export const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
export const RSA_SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1';
export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
export const ECDSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256';
export const ECDSA_SHA384 = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384';

export const CERTRA = 'urn:be:fgov:ehealth:certra:protocol:v2';
export const CERTRA_CORE = 'urn:be:fgov:ehealth:certra:core:v2';
export const ETKRA = 'urn:be:fgov:ehealth:etkra:protocol:v2';
export const COMMONS_2 = 'urn:be:fgov:ehealth:commons:core:v2';
export const ETEE_COMMONS_2 = 'urn:be:fgov:ehealth:etee:commons:core:v2';
export const ETKDEPOT = 'urn:be:fgov:ehealth:etkdepot:1_0:protocol';
export const KGSS = 'urn:be:fgov:ehealth:etee:kgss:1_0:protocol';
export const COMMONS_1 = 'urn:be:fgov:ehealth:commons:1_0:core';

export const SAML = 'urn:oasis:names:tc:SAML:1.0:assertion';
export const SAMLP = 'urn:oasis:names:tc:SAML:1.0:protocol';
export const HOLDER_OF_KEY = 'urn:oasis:names:tc:SAML:1.0:cm:holder-of-key';
export const IDENTIFICATION = 'urn:be:fgov:identification-namespace';
export const CERTIFIED = 'urn:be:fgov:certified-namespace:ehealth';
export const STS_ISSUER = 'urn:be:fgov:ehealth:sts:1_0';

export const WST = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512';
/** Spelt without hyphen by every client of eHealth. */
export const WST_PUBLIC_KEY = 'http://docs.oasis-open.org/ws-sx/wstrust/200512/PublicKey';
export const AUTHORIZATION = 'http://docs.oasis-open.org/wsfed/authorization/200706';
export const SAML_TOKEN =
  'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1';

export const EHBOX = 'urn:be:fgov:ehealth:ehbox:consultation:protocol:v3';
export const EHBOX_PUBLICATION = 'urn:be:fgov:ehealth:ehbox:publication:protocol:v3';

export const MEMBERDATA = 'urn:be:fgov:ehealth:mycarenet:memberdata:protocol:v1';
export const MCN_PROTOCOL = 'urn:be:fgov:ehealth:mycarenet:commons:protocol:v3';
export const MCN_CORE = 'urn:be:fgov:ehealth:mycarenet:commons:core:v3';
export const MDA_EXTENSION = 'urn:be:cin:nippin:memberdata:saml:extension';
/** What is sealed for the broker of MyCareNet. */
export const ENCRYPTED = 'urn:be:cin:encrypted';
export const GENINS = 'urn:be:fgov:ehealth:genericinsurability:protocol:v1';
export const GENINS_CORE = 'urn:be:fgov:ehealth:genericinsurability:core:v1';
export const SAML2 = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const SAML2P = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const GENASYNC = 'urn:be:cin:nip:async:generic';
export const MCN_COMMON_2 = 'urn:be:cin:mycarenet:esb:common:v2';
export const WSA = 'http://www.w3.org/2005/08/addressing';
export const XMIME = 'http://www.w3.org/2005/05/xmlmime';
export const XOP = 'http://www.w3.org/2004/08/xop/include';
export const CIN_TYPES = 'urn:be:cin:types:v1';
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
