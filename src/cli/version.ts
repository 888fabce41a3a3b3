/**
 * The version of this program. The build puts it in; sources run without one.
 *
 * @module
 */

declare const TOPAZ_VERSION: string | undefined;

export const VERSION = typeof TOPAZ_VERSION === 'undefined' ? '0.0.0' : TOPAZ_VERSION;

export const USER_AGENT = `topaz/${VERSION}`;
