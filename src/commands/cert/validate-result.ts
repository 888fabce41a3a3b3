/**
 * What `topaz cert validate` found out, as it is told.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { formatDay, seconds } from '../../cli/text.js';
import type { CertificateInfo } from '../../certra/reply.js';
import type { TopazError } from '../../errors.js';
import { renewableFrom } from '../../lifecycle/replacement.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import { requestDocument, shortId } from './documents.js';
import { logOnLines } from './request-result.js';

/** What is known after a question. */
export interface Answer {
  readonly record: RequestRecord;
  readonly info?: CertificateInfo;
  /** Why it is not approved. */
  readonly problem?: TopazError;
}

const detailOf = (info: CertificateInfo): Readonly<Record<string, unknown>> => ({
  status: info.status,
  etkStatus: info.etkStatus,
  requestedAt: seconds(info.requestedAt),
  automaticallyValidated: info.automaticallyValidated,
  revocable: info.revocable,
  replaceable: info.replaceable,
  ...(info.replaceableFrom === undefined ? {} : { replaceableFrom: seconds(info.replaceableFrom) }),
  ...(info.certificate === undefined
    ? {}
    : {
        notBefore: seconds(info.certificate.notBefore),
        notAfter: seconds(info.certificate.notAfter),
      }),
});

const datesOf = (run: Run, { certificate, replaceableFrom }: CertificateInfo): readonly string[] =>
  certificate === undefined
    ? []
    : [
        run.t('cert.finalize.period', {
          from: formatDay(run, certificate.notBefore),
          until: formatDay(run, certificate.notAfter),
          renewal: formatDay(
            run,
            renewableFrom(certificate.notAfter, { renewableFrom: replaceableFrom?.toISOString() }),
          ),
        }),
      ];

/** State, and with the card all that eHealth has on its books. */
export function showAnswer(run: Run, { record, info }: Answer): void {
  run.result(
    {
      schema: 'topaz.cert.validate/1',
      request: requestDocument(record),
      ...(info === undefined
        ? {}
        : {
            detail: detailOf(info),
          }),
    },
    () => [
      run.t('cert.validate.state', {
        id: shortId(record.id),
        state: run.t(`cert.state.${record.state}`),
      }),
      ...(info === undefined
        ? []
        : [
            run.t('cert.validate.detail', { status: info.status, etk: info.etkStatus }),
            ...datesOf(run, info),
          ]),
      ...(record.state === 'sent' && record.logOn !== undefined
        ? logOnLines(run, record.logOn)
        : []),
      ...(record.state === 'approved' ? ['    topaz cert finalize'] : []),
    ],
    () => [[record.id, record.state]],
  );
}
