/**
 * The JSON shapes that several commands of this group share (cli-ux §4).
 *
 * @module
 */

import { seconds } from '../../cli/text.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';

/** `request{…}`. */
export const requestDocument = ({
  id,
  state,
  as,
  submittedAt,
  email,
  automaticallyValidated,
  refusal,
}: RequestRecord): Readonly<Record<string, unknown>> => ({
  id,
  state,
  as,
  ...(submittedAt === undefined ? {} : { submittedAt: seconds(new Date(submittedAt)) }),
  ...(email === undefined ? {} : { email }),
  ...(automaticallyValidated === undefined ? {} : { automaticallyValidated }),
  ...(refusal === undefined ? {} : { refusal }),
});

/** The first digits, as people see a request. */
export const shortId = (id: string): string => id.slice(0, 8);
