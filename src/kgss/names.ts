/**
 * Names of the KGSS v1 (etee §4.2).
 *
 * @module
 */

import type { Identifier } from '../ids/identifier.js';

/** Of the messages, and of what is sealed inside them. */
export const NS_KGSS = 'urn:be:fgov:ehealth:etee:kgss:1_0:protocol';

/** Under this the depot has the token for which requests are sealed. */
export const KGSS_HOLDER: Identifier = { type: 'CBE', id: '0809394427' };
export const KGSS_APPLICATION = 'KGSS';

/** AES-128. */
export const KEY_BYTES = 16;
/** The identifiers seen have 16 bytes; anything longer than this is none. */
export const MAX_KEY_ID_BYTES = 128;
