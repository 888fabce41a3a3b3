/**
 * The renewal that an earlier run of `topaz cert renew` began: nothing is asked twice.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { PendingError, TopazError } from '../../errors.js';
import type { Authority } from '../../lifecycle/authority.js';
import type { RequestStore } from '../../lifecycle/request-store.js';
import { useRenewed } from './renew-finish.js';
import type { Old, RenewOptions, Sent } from './renew-parts.js';
import { showNothingToDo } from './renew-result.js';

/**
 * Looks after it: sends it if it was not sent, tells where it stands, or hands it on to be finished.
 *
 * @returns `done` when all is said; `undefined`: there is none, make one.
 * @throws PendingError; TopazError `E_USAGE` (renewed, or approved already); and as `resumeRequest`.
 */
export async function earlierRenewal(
  run: Run,
  options: RenewOptions,
  { path, keystore }: Old,
  authority: Authority,
  store: RequestStore,
): Promise<Sent | 'done' | undefined> {
  const [{ renewalOf }, { keystoreRequestId }, { resumeRequest }] = await Promise.all([
    import('../../lifecycle/renewal.js'),
    import('../../keystore/keystore.js'),
    import('../../lifecycle/resume.js'),
  ]);
  const renewal = renewalOf(await store.list(), { id: keystoreRequestId(keystore), path });
  if (renewal === undefined) {
    return undefined;
  }
  if (renewal.state === 'issued') {
    if (options.ifDue === true) {
      if (options.use === true && options.dryRun !== true) {
        await useRenewed(run, renewal);
      }
      showNothingToDo(run, { renewal });
      return 'done';
    }
    throw new TopazError('E_USAGE', 'this keystore is renewed already', {
      facts: [`by ${renewal.keystore}`],
      hint: 'topaz keystore use with the new one; to renew again all the same: --new',
      details: { requestId: renewal.id },
    });
  }
  const { outcome, record } = await run.step(run.t('cert.request.earlier'), () =>
    resumeRequest(authority, store, renewal, {
      dryRun: options.dryRun === true,
      authenticate: () => Promise.reject(inDoubt(renewal.id)),
    }),
  );
  if (outcome === 'over') {
    run.warn(run.t('cert.request.over', { id: record.id.slice(0, 8) }));
    return undefined;
  }
  if (options.ifDue === true || renewal.state === 'new') {
    if (options.dryRun !== true) {
      return { record };
    }
    showNothingToDo(run, { renewal: record });
    return 'done';
  }
  if (record.state === 'approved') {
    throw new TopazError('E_USAGE', `renewal ${record.id.slice(0, 8)} is approved already`, {
      facts: [record.keystore],
      hint: 'topaz cert finalize',
      details: { requestId: record.id },
    });
  }
  throw new PendingError(record.id, {
    facts: [record.keystore],
    hint: 'topaz cert validate --watch',
  });
}

const inDoubt = (id: string): TopazError =>
  new TopazError(
    'E_REQUEST_REFUSED',
    `eHealth gives no certificate for renewal ${id.slice(0, 8)}`,
    {
      facts: ['without the card it is not sure whether it was refused'],
      hint: 'topaz cert validate --detail asks with the card; then renew again',
      details: { requestId: id },
    },
  );
