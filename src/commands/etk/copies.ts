/**
 * Local copies of tokens as `list` and `prune` show them. Both work offline.
 *
 * @module
 */

import { join } from 'node:path';

import type { Run } from '../../cli/run.js';
import { seconds } from '../../cli/text.js';
import type { EtkCopy } from '../../etk/copies.js';
import { describeEtk, type EtkDocument } from './describe.js';

/** One copy in JSON; a damaged one has no facts but its file. */
export interface CopyDocument extends Partial<EtkDocument> {
  readonly state: string;
  readonly fetchedAt?: string;
  readonly file: string;
}

/** The copies of the environment of the profile. */
export async function profileCopies(run: Run): Promise<readonly EtkCopy[]> {
  const [{ listCopies }, { builtInEndpoint }] = await Promise.all([
    import('../../etk/copies.js'),
    import('../../profile/endpoints.js'),
  ]);
  const { environment, endpoints } = await run.profile();
  return listCopies(join(run.paths.cache, 'etk', environment), {
    now: run.now(),
    url: endpoints.etkdepot ?? builtInEndpoint(environment, 'etkdepot'),
  });
}

export const describeCopy = ({ state, path, copy }: EtkCopy, now: Date): CopyDocument => ({
  ...(copy === undefined ? {} : describeEtk(copy.etk, now)),
  state,
  ...(copy === undefined ? {} : { fetchedAt: seconds(copy.fetchedAt) }),
  file: path,
});

/** One record per copy, for a pipe. */
export const copyRecord = ({
  holder,
  serial = '',
  notBefore = '',
  notAfter = '',
  state,
  fetchedAt = '',
  file,
}: CopyDocument): readonly string[] => [
  holder?.type ?? '',
  holder?.id ?? '',
  holder?.applicationId ?? '',
  holder?.name ?? '',
  serial,
  notBefore,
  notAfter,
  state,
  fetchedAt,
  file,
];
