/**
 * Names of files in a backup: below one of the three roots, and nowhere else, on any system.
 *
 * @module
 */

import { backupInvalid } from './invalid.js';

const MAX_LENGTH = 4096;
const MAX_PART = 255;
const MAX_DEPTH = 40;
const ROOTS: ReadonlySet<string> = new Set(['config', 'data', 'state']);
/** Control characters, and what parts folders or streams on Windows. */
// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u001f\u007f\\:]/;

/** Whether a file of this name can be in a backup. */
export function isEntryName(name: string): boolean {
  const [root = '', ...parts] = name.split('/');
  return (
    name.length <= MAX_LENGTH &&
    ROOTS.has(root) &&
    parts.length >= 1 &&
    parts.length <= MAX_DEPTH &&
    !FORBIDDEN.test(name) &&
    // Windows drops dots and blanks at the end of a name.
    parts.every((part) => part !== '' && !/^\.+$/.test(part) && !/[. ]$/.test(part) && part.length <= MAX_PART) // prettier-ignore
  );
}

/** @throws TopazError `E_BACKUP_INVALID`; the name itself is not repeated. */
export function checkEntryName(name: string): string {
  if (!isEntryName(name)) {
    throw backupInvalid('a file in it would lie outside the folders of topaz');
  }
  return name;
}
