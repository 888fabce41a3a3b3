/**
 * Namespaces and URNs of MyCareNet, word for word (mycarenet §1.2, §1.4).
 *
 * @module
 */

/** Prefix of facets, assertion types and attributes. */
export const NIPPIN = 'urn:be:cin:nippin:';

export const NS_MEMBERDATA = 'urn:be:fgov:ehealth:mycarenet:memberdata:protocol:v1';
/** `CommonInput`, `Routing`, `Detail`, `CommonOutput`. */
export const NS_COMMONS_PROTOCOL = 'urn:be:fgov:ehealth:mycarenet:commons:protocol:v3';
/** Everything below `CommonInput`, `Routing` and `CommonOutput`. */
export const NS_COMMONS_CORE = 'urn:be:fgov:ehealth:mycarenet:commons:core:v3';
export const NS_MEMBERDATA_EXTENSION = 'urn:be:cin:nippin:memberdata:saml:extension';
/** `EncryptedKnownContent`: what is under a seal, in every service. */
export const NS_ENCRYPTED = 'urn:be:cin:encrypted';

/** The last part of a URN: `…:status:Success` → `Success`. */
export const lastPart = (urn: string): string => urn.slice(urn.lastIndexOf(':') + 1);

/** A name without {@link NIPPIN} in front; others stay as they are. */
export const shortName = (urn: string): string =>
  urn.startsWith(NIPPIN) ? urn.slice(NIPPIN.length) : urn;
