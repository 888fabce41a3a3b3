/**
 * The two refusals of the reader. Neither repeats anything of the document.
 *
 * @module
 */

import { TopazError } from '../errors.js';

export const malformed = (reason: string, cause?: unknown): TopazError =>
  new TopazError('E_XML_MALFORMED', 'this is not the XML that was expected', {
    facts: [reason],
    hint: 'nothing of it was used; try again, and report it if it stays',
    cause,
  });

export const limit = (reason: string): TopazError =>
  new TopazError('E_XML_LIMIT', 'this XML document exceeds what is accepted', {
    facts: [reason],
    hint: 'nothing of it was used; report it to the sender',
  });
