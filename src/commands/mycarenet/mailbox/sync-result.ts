/**
 * What a synchronisation of mailboxes tells: its JSON document, its warnings, its exit status.
 *
 * @module
 */

import type { ResultDocument } from '../../../cli/render.js';
import type { Run } from '../../../cli/run.js';
import { TopazError } from '../../../errors.js';
import type { SyncResult } from '../../../mycarenet/genasync/sync.js';
import { failureDocument } from '../insurability-document.js';
import { itemJson } from './summary.js';
import type { Item } from './summary.js';

/** What became of one mailbox. */
export type DomainOutcome =
  | { readonly domain: string; readonly result: SyncResult; readonly error?: undefined }
  | { readonly domain: string; readonly error: TopazError; readonly result?: undefined };

/** Why it did not go through, where it did not. */
const failureOf = ({ result, error }: DomainOutcome): TopazError | undefined =>
  error ?? result.stopped;

/** `topaz.mycarenet.mailbox.sync/1`. */
export function syncJson(
  outcomes: readonly DomainOutcome[],
  fresh: readonly Item[],
  saved: readonly string[] | undefined,
): ResultDocument {
  return {
    schema: 'topaz.mycarenet.mailbox.sync/1',
    mailboxes: outcomes.flatMap(({ domain, result }) =>
      result === undefined
        ? []
        : [
            {
              domain,
              new: result.fresh.length,
              duplicates: result.duplicates,
              confirmed: result.confirmed,
              unreadable: result.unreadable,
              complete: result.complete,
              ...(result.interrupted ? { interrupted: true } : {}),
            },
          ],
    ),
    messages: fresh.map(itemJson),
    ...(saved === undefined ? {} : { files: saved }),
    failed: outcomes.flatMap((outcome) => {
      const error = failureOf(outcome);
      return error === undefined ? [] : [failureDocument(outcome.domain, error)];
    }),
  };
}

const SHOWN = 5;

/** What can be acted upon, and what was done. */
export function warnings(
  run: Run,
  outcomes: readonly DomainOutcome[],
  fresh: readonly Item[],
): void {
  for (const item of fresh) {
    if (item.kind === 'tack' && item.record.result === 'failure') {
      run.warn(run.t('mailbox.sync.undelivered', { reference: item.record.appliesTo, text: item.record.message ?? item.record.issuer })); // prettier-ignore
    }
  }
  for (const { domain, result } of outcomes) {
    if (result === undefined) {
      continue;
    }
    run.done(run.t('mailbox.sync.done', { domain, count: result.fresh.length, confirmed: result.confirmed })); // prettier-ignore
    for (const { id, problem } of result.unreadable.slice(0, SHOWN)) {
      run.warn(run.t('mailbox.sync.unreadable', { id, domain, reason: run.t(`mailbox.problem.${problem}`) })); // prettier-ignore
    }
    if (result.unreadable.length > SHOWN) {
      run.warn(run.t('mailbox.sync.more-unreadable', { count: result.unreadable.length - SHOWN }));
    }
  }
}

/**
 * Ends the command with the status that fits.
 *
 * @throws TopazError `E_INTERRUPTED`; the first failure when nothing was done; `E_PARTIAL` when something is left.
 */
export function endSync(run: Run, outcomes: readonly DomainOutcome[]): void {
  if (run.ctx.signal.aborted || outcomes.some(({ result }) => result?.interrupted === true)) {
    throw new TopazError('E_INTERRUPTED', 'interrupted; what was fetched is stored', {
      hint: 'topaz mycarenet mailbox sync goes on where it stopped',
    });
  }
  const failures = outcomes.filter((outcome) => failureOf(outcome) !== undefined);
  const [first] = failures;
  const left = outcomes.filter(
    (outcome) => failureOf(outcome) === undefined && outcome.result?.complete !== true,
  );
  if (first === undefined && left.length === 0) {
    return;
  }
  const did = outcomes.some(
    ({ result }) => result !== undefined && (result.fresh.length > 0 || result.complete),
  );
  const error = first === undefined ? undefined : failureOf(first);
  if (error !== undefined && !did) {
    throw error;
  }
  throw new TopazError('E_PARTIAL', `${failures.length + left.length} of ${outcomes.length} mailboxes were not emptied`, {
    facts: [
      ...failures.map((outcome) => `${outcome.domain}: ${failureOf(outcome)?.message ?? ''} [${failureOf(outcome)?.code ?? ''}]`),
      ...left.map(({ domain }) => `${domain}: messages that stay hide what is behind them`),
    ],
    hint: error?.hint ?? 'topaz mycarenet mailbox sync',
    cause: error,
  }); // prettier-ignore
}
