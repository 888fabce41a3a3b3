/**
 * What a synchronisation tells: its JSON document, its warnings, and its exit status (sync design, “Errors”).
 *
 * @module
 */

import type { ResultDocument } from '../../cli/render.js';
import type { Run } from '../../cli/run.js';
import { formatSize, seconds } from '../../cli/text.js';
import type { BoxInfo } from '../../ehbox/reply.js';
import type { SyncResult } from '../../ehbox/sync.js';
import { TopazError } from '../../errors.js';
import { failedJson } from './batch.js';
import { boxJson } from './render.js';

/** Share of the capacity from which a box counts as nearly full. */
const NEARLY_FULL = 0.9;
const SHOWN = 5;

/** `topaz.ehbox.sync/1`. */
export function syncJson(info: BoxInfo, result: SyncResult): ResultDocument {
  return {
    schema: 'topaz.ehbox.sync/1',
    box: boxJson(info.box),
    listed: result.listed,
    new: result.fresh.length,
    stored: result.stored,
    pending: result.pending,
    sealed: result.unopened.length,
    moved: result.moved,
    gone: result.gone,
    back: result.back,
    total: result.total,
    standBy: info.standBy,
    capacity: { usedBytes: info.usedBytes, maxBytes: info.maxBytes },
    failed: failedJson(result.failed),
    ...(result.unopened.length === 0 ? {} : { unopened: result.unopened }),
    ...(result.unreadable === 0 ? {} : { unreadableEntries: result.unreadable }),
    ...(result.complete ? {} : { incomplete: true }),
    ...(result.interrupted ? { interrupted: true } : {}),
    ...(result.lastSync === undefined ? {} : { lastSync: seconds(new Date(result.lastSync)) }),
  };
}

/** What can be acted upon. */
export function warnings(run: Run, info: BoxInfo, result: SyncResult): void {
  if (info.standBy > 0) {
    run.warn(run.t('ehbox.standBy', { count: info.standBy }));
  }
  if (info.usedBytes >= info.maxBytes * NEARLY_FULL) {
    run.warn(
      run.t('ehbox.full', {
        used: formatSize(run, info.usedBytes),
        max: formatSize(run, info.maxBytes),
      }),
    );
  }
  for (const { id, status } of result.unopened.slice(0, SHOWN)) {
    run.warn(run.t('ehbox.sync.unopened', { id, reason: run.t(`ehbox.seal.${status}`) }));
  }
  if (result.unopened.length > SHOWN) {
    run.warn(run.t('ehbox.sync.moreUnopened', { count: result.unopened.length - SHOWN }));
  }
  if (result.unreadable > 0) {
    run.warn(run.t('ehbox.sync.unreadable', { count: result.unreadable }));
  }
  if (!result.complete) {
    run.warn(run.t('ehbox.sync.incomplete'));
  }
}

/**
 * Ends the command with the status that fits.
 *
 * @throws TopazError `E_INTERRUPTED`; the first failure when nothing was done; `E_PARTIAL` when something is
 *   left; with `failIfSealed`, `E_SEAL_NOT_FOR_US` or `E_SEAL_INVALID`.
 */
export function checkOutcome(
  result: SyncResult,
  options: { readonly listOnly: boolean; readonly failIfSealed: boolean },
): void {
  if (result.interrupted) {
    throw new TopazError('E_INTERRUPTED', 'interrupted; what was fetched is stored', {
      hint: 'topaz ehbox sync goes on where it stopped',
    });
  }
  const left = options.listOnly ? 0 : result.pending;
  const problems = result.failed.length + left + result.unreadable + (result.complete ? 0 : 1);
  if (problems > 0 || result.stopped !== undefined) {
    const first = result.stopped ?? result.failed[0]?.error;
    const nothing = result.stored === 0 && result.fresh.length === 0;
    throw nothing && first !== undefined ? first : partial(result, left);
  }
  const [closed] = result.unopened;
  if (options.failIfSealed && closed !== undefined) {
    const notForUs = result.unopened.every(({ status }) => status === 'no-key');
    throw new TopazError(
      notForUs ? 'E_SEAL_NOT_FOR_US' : 'E_SEAL_INVALID',
      `${result.unopened.length} could not be unsealed`,
      {
        facts: result.unopened.slice(0, SHOWN).map(({ id, status }) => `${id}: ${status}`),
        hint: notForUs
          ? 'topaz ehbox show ID --keystore OLD.p12, with the keystore of that time'
          : 'do not trust the content; report it to the sender',
      },
    );
  }
}

const partial = ({ failed, stored, stopped }: SyncResult, left: number): TopazError =>
  new TopazError('E_PARTIAL', `${stored} stored, ${failed.length} failed, ${left} left`, {
    facts: [
      ...(stopped === undefined ? [] : [`stopped: ${stopped.message} [${stopped.code}]`]),
      ...failed.slice(0, SHOWN).map(({ id, error }) => `${id}: ${error.message} [${error.code}]`),
    ],
    hint: 'run it again: topaz ehbox sync',
    cause: stopped,
  });
