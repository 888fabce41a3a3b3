/**
 * Namespaces and URNs of the MyCareNet mailbox, word for word (mycarenet §3.1, §3.4).
 *
 * @module
 */

export const NS_GENASYNC = 'urn:be:cin:nip:async:generic';
/** What is inside `CommonInput`, `Origin` and `CommonOutput`. */
export const NS_COMMON = 'urn:be:cin:mycarenet:esb:common:v2';

/** `wsa:Action` and SOAPAction; the same for every domain and both versions. */
export const ACTIONS = {
  post: `${NS_GENASYNC}:post:msg`,
  get: `${NS_GENASYNC}:get:query`,
  // Quirk: also for what is confirmed by reference.
  confirm: `${NS_GENASYNC}:confirm:hash`,
} as const;

export type Operation = keyof typeof ACTIONS;

/** Before the reference of a post in the `AppliesTo` of its acknowledgement. */
export const INPUT_REFERENCE = 'urn:nip:reference:input:';
