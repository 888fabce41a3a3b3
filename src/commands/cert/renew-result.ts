/**
 * What `topaz cert renew` says in the end, and what comes next.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatDay, seconds } from '../../cli/text.js';
import type { Finalized } from '../../lifecycle/finalize.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import { requestDocument, shortId } from './documents.js';
import { showPrepared } from './request-result.js';
import type { Prepared } from './request-result.js';

const SCHEMA = 'topaz.cert.renew/1';

/** The renewal is with eHealth. */
export function showRenewal(run: Run, record: RequestRecord, path = record.keystore): void {
  const { id, state, email = '', replaces, automaticallyValidated } = record;
  run.result(
    {
      schema: SCHEMA,
      due: true,
      request: { ...requestDocument(record), ...(replaces === undefined ? {} : { replaces }) },
      keystore: { path },
    },
    () => [
      run.t('cert.renew.sent', { id: shortId(id) }),
      run.t('cert.request.file', { path }),
      run.t(automaticallyValidated === true ? 'cert.request.next.soon' : 'cert.request.next.days', {
        email,
      }),
      '    topaz cert finalize --use',
      run.t('cert.renew.activate'),
      '    topaz etk activate',
    ],
    () => [[id, state, path]],
  );
}

/** Sent, delivered and finalized in one command. */
export function showFinished(
  run: Run,
  { record, keystore, etk }: Finalized,
  { path, use }: { readonly path: string; readonly use: boolean },
): void {
  const [{ notBefore, notAfter }] = keystore.authentication.chain;
  const { replaces } = record;
  run.result(
    {
      schema: SCHEMA,
      due: true,
      request: { ...requestDocument(record), ...(replaces === undefined ? {} : { replaces }) },
      keystore: { path, notBefore: seconds(notBefore), notAfter: seconds(notAfter), active: use },
      etk,
    },
    () => [
      run.t('cert.renew.finished', { date: formatDay(run, notAfter) }),
      run.t('cert.renew.file', { path }),
      run.t('cert.finalize.copies'),
      ...(use ? [] : [run.t('cert.renew.use'), `    topaz keystore use "${path}"`]),
      ...(etk.toBeActivated ? [run.t('cert.renew.activate'), '    topaz etk activate'] : []),
    ],
    () => [[record.id, record.state, path, seconds(notBefore), seconds(notAfter)]],
  );
}

/** Why there is nothing to do: too early, or a renewal that was made before. */
export interface NothingToDo {
  readonly renewableFrom?: Date;
  readonly renewal?: RequestRecord;
}

/** `--if-due`, and it is not. */
export function showNothingToDo(run: Run, { renewableFrom, renewal }: NothingToDo): void {
  run.result(
    {
      schema: SCHEMA,
      due: false,
      ...(renewableFrom === undefined ? {} : { renewableFrom: seconds(renewableFrom) }),
      ...(renewal === undefined
        ? {}
        : { request: requestDocument(renewal), keystore: { path: renewal.keystore } }),
    },
    () => [
      ...(renewableFrom === undefined
        ? []
        : [run.t('cert.renew.early', { date: formatDay(run, renewableFrom) })]),
      ...(renewal === undefined
        ? []
        : [
            run.t('cert.renew.before', {
              id: shortId(renewal.id),
              state: run.t(`cert.state.${renewal.state}`),
              path: renewal.keystore,
            }),
          ]),
    ],
    () => [
      renewal === undefined
        ? ['not-due', renewableFrom === undefined ? '' : seconds(renewableFrom)]
        : [renewal.id, renewal.state, renewal.keystore],
    ],
  );
}

/** `--dry-run`. */
export const showDryRenewal = (run: Run, prepared: Prepared): void => {
  showPrepared(run, prepared, SCHEMA, { due: true });
};
