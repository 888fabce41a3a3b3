/**
 * Constants of the assertions of eHealth (sts-session §3, §5).
 *
 * @module
 */

export const HOLDER_OF_KEY = 'urn:oasis:names:tc:SAML:1.0:cm:holder-of-key';
export const STS_ISSUER = 'urn:be:fgov:ehealth:sts:1_0';
/** Claimed by the holder, compared with the certificates. */
export const NS_IDENTIFICATION = 'urn:be:fgov:identification-namespace';
/** Looked up by eHealth. */
export const NS_CERTIFIED = 'urn:be:fgov:certified-namespace:ehealth';
