/**
 * Next steps after a refusal of the STS, whichever protocol it came by.
 *
 * @module
 */

export const HINT_QUALITY = 'check --as, or the quality in the profile: topaz profile show';
export const HINT_REPORT = 'this is a mistake of topaz or of the data sent: report the code';
export const HINT_DATES =
  'check the clock of this machine, --minutes, and the dates of the certificates: topaz cert status';
export const HINT_CERTIFICATES = 'check the card and the certificates: topaz cert status';
export const HINT_LATER = 'the STS could not do it now; try again in some minutes';
export const HINT_NEW =
  'a session cannot be renewed any more; open a new one: topaz session open --force';
