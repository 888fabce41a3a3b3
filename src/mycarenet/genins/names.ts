/**
 * Names of GenericInsurability, word for word (mycarenet §2.1).
 *
 * @module
 */

export const NS_GENINS = 'urn:be:fgov:ehealth:genericinsurability:protocol:v1';
export const NS_GENINS_CORE = 'urn:be:fgov:ehealth:genericinsurability:core:v1';
