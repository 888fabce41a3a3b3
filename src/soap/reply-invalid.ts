/**
 * The error for an answer that is not in the form that was agreed.
 *
 * @module
 */

import { TopazError } from '../errors.js';

/**
 * `E_REPLY_INVALID`.
 *
 * @param reason Without contents of the answer.
 * @param service As the records name it, where it is known.
 */
export const replyInvalid = (reason: string, service?: string): TopazError =>
  new TopazError(
    'E_REPLY_INVALID',
    `the answer${service === undefined ? '' : ` of ${service}`} has another form than expected`,
    {
      facts: [reason],
      hint: 'nothing of it was used; try again, and report it if it stays',
      ...(service === undefined ? {} : { details: { service } }),
    },
  );
