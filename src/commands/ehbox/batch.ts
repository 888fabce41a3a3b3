/**
 * Commands on several messages: `done` and `failed` side by side, status 11 when some failed, the status of
 * the first failure when nothing could be done (cli-ux §4).
 *
 * @module
 */

import { TopazError } from '../../errors.js';

export interface Failure {
  readonly id: string;
  readonly error: TopazError;
}

/** Works through ids; what fails on purpose is kept and does not stop the others. */
export async function forEachId<T>(
  ids: readonly string[],
  work: (id: string) => Promise<T>,
): Promise<{ readonly done: readonly T[]; readonly failed: readonly Failure[] }> {
  const done: T[] = [];
  const failed: Failure[] = [];
  for (const id of new Set(ids)) {
    try {
      done.push(await work(id));
    } catch (error) {
      if (!(error instanceof TopazError)) {
        throw error;
      }
      failed.push({ id, error });
    }
  }
  return { done, failed };
}

/** `failed[]` of a JSON document. */
export const failedJson = (failed: readonly Failure[]): readonly Record<string, unknown>[] =>
  failed.map(({ id, error }) => ({ id, error: errorJson(error) }));

const errorJson = ({ code, message, hint, exitCode, details }: TopazError) => ({
  code,
  message,
  ...(hint === undefined ? {} : { hint }),
  exitCode,
  ...(details === undefined ? {} : { details }),
});

/**
 * Ends a batch.
 *
 * @throws TopazError the first failure when nothing was done, else `E_PARTIAL`.
 */
export function endBatch(doneCount: number, failed: readonly Failure[]): void {
  const [first] = failed;
  if (first === undefined) {
    return;
  }
  if (doneCount === 0) {
    throw first.error;
  }
  throw new TopazError('E_PARTIAL', `${failed.length} of ${doneCount + failed.length} failed`, {
    facts: failed.slice(0, 5).map(({ id, error }) => `${id}: ${error.message} [${error.code}]`),
    hint: first.error.hint ?? 'run the command again for those',
  });
}
