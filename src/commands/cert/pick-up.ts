/**
 * What an earlier command left behind: a request whose answer was lost is put in order before another one is
 * made; one in progress is not doubled.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { PendingError, TopazError } from '../../errors.js';
import type { Identifier } from '../../ids/identifier.js';
import type { Signer } from '../../keys/keys.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import type { RequestStore } from '../../lifecycle/request-store.js';

export interface PickUpOptions {
  readonly authority: Authority;
  readonly store: RequestStore;
  readonly dryRun: boolean;
  /** Gives the card's Authentication key; absent where there is no card. */
  readonly authenticate?: (() => Promise<Signer>) | undefined;
  /** `cert request` or `cert renew`, for the next step. */
  readonly command: string;
}

/**
 * Looks after the open requests of a holder. The caller holds the lock of the requests.
 *
 * @returns A request whose answer was lost and that is in order now; `undefined`: make a new one.
 * @throws PendingError, TopazError `E_USAGE`: one is in progress.
 */
export async function pickUp(
  run: Run,
  { holder, applicationId }: { readonly holder: Identifier; readonly applicationId?: string | undefined }, // prettier-ignore
  options: PickUpOptions,
): Promise<RequestRecord | undefined> {
  const [{ openRequestsOf }, { environment }] = await Promise.all([
    import('../../lifecycle/request-store.js'),
    run.profile(),
  ]);
  const records = await options.store.list();
  for (const record of openRequestsOf(records, holder, environment, applicationId)) {
    const { over, now } = await resume(run, record, options);
    if (over) {
      run.warn(run.t('cert.request.over', { id: now.id.slice(0, 8) }));
    } else if (record.state === 'new') {
      return now;
    } else {
      throw inProgress(now, options.command);
    }
  }
  return undefined;
}

/**
 * Looks after every request that may not have been sent, for whomever it is.
 *
 * @returns The first one that is in order now.
 */
export async function pickUpUnsent(
  run: Run,
  options: PickUpOptions,
): Promise<RequestRecord | undefined> {
  const { environment } = await run.profile();
  for (const record of await options.store.list()) {
    if (record.state === 'new' && record.environment === environment && record.foreigner !== true) {
      const { over, now } = await resume(run, record, options);
      if (!over) {
        return now;
      }
      run.warn(run.t('cert.request.over', { id: now.id.slice(0, 8) }));
    }
  }
  return undefined;
}

async function resume(
  run: Run,
  record: RequestRecord,
  { authority, store, dryRun, authenticate }: PickUpOptions,
): Promise<{ readonly over: boolean; readonly now: RequestRecord }> {
  const { resumeRequest } = await import('../../lifecycle/resume.js');
  const { outcome, record: now } = await run.step(run.t('cert.request.earlier'), () =>
    resumeRequest(authority, store, record, { authenticate, dryRun }),
  );
  return { over: outcome === 'over', now };
}

function inProgress(
  { id, state, submittedAt, keystore, logOn }: RequestRecord,
  command: string,
): TopazError {
  const facts = [
    ...(submittedAt === undefined ? [] : [`sent ${submittedAt}`]),
    ...(logOn === undefined ? [] : [`log on at ${logOn.url} before ${logOn.expiresAt}`]),
    keystore,
  ];
  return state === 'approved'
    ? new TopazError('E_USAGE', `request ${id.slice(0, 8)} is approved already`, {
        facts,
        hint: `topaz cert finalize; to make another request all the same: topaz ${command} --new`,
        details: { requestId: id },
      })
    : new PendingError(id, {
        facts,
        hint: `topaz cert validate --watch; to make another request all the same: topaz ${command} --new`,
      });
}
