/**
 * What `topaz cert request` says in the end.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { cleanText, formatMoment } from '../../cli/text.js';
import type { ContactData } from '../../certra/request.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import { requestDocument, shortId } from './documents.js';
import type { Whom } from './request-whom.js';

/** The request is with eHealth. */
export function showSent(run: Run, record: RequestRecord, path = record.keystore): void {
  const { id, state, email = '', logOn } = record;
  run.result(
    { schema: 'topaz.cert.request/1', request: requestDocument(record), keystore: { path } },
    () => [
      run.t('cert.request.sent', { id: shortId(id) }),
      run.t('cert.request.file', { path }),
      ...(logOn === undefined ? nextOf(run, record, email) : logOnLines(run, logOn)),
      '    topaz cert finalize',
    ],
    () => [[id, state, path, ...(logOn === undefined ? [] : [logOn.url, logOn.expiresAt])]],
  );
}

const nextOf = (
  run: Run,
  { automaticallyValidated }: RequestRecord,
  email: string,
): readonly string[] => [
  run.t(automaticallyValidated === true ? 'cert.request.next.soon' : 'cert.request.next.days', {
    email,
  }),
];

/** Where a person without eID logs on, the address on a line of its own, and until when. */
export const logOnLines = (
  run: Run,
  { url, expiresAt }: NonNullable<RequestRecord['logOn']>,
): readonly string[] => [
  run.t('cert.request.logOn', { time: formatMoment(run, new Date(expiresAt)) }),
  `    ${cleanText(url)}`,
  run.t('cert.request.logOn.then'),
];

/** What would be signed and sent. */
export interface Prepared {
  readonly whom: Whom;
  /** Subject of the certificate. */
  readonly dn: string;
  readonly contact: ContactData;
  readonly path: string;
}

/** `--dry-run`: what would be signed and sent. */
export function showPrepared(
  run: Run,
  { whom: { holder, organisation }, dn, contact, path }: Prepared,
  schema = 'topaz.cert.request/1',
  more: Readonly<Record<string, unknown>> = {},
): void {
  const { emailPrivate, emailGeneral, phonePrivate, phoneGeneral } = contact;
  const { applicationId } = organisation ?? {};
  run.result(
    {
      schema,
      dryRun: true,
      ...more,
      request: {
        as: organisation === undefined ? 'person' : 'organisation',
        holder: {
          ...holder,
          ...(organisation === undefined ? {} : { name: organisation.name }),
          ...(applicationId === undefined ? {} : { applicationId }),
        },
        email: emailPrivate,
        ...(emailGeneral === undefined ? {} : { emailGeneral }),
        phone: phonePrivate,
        ...(phoneGeneral === undefined ? {} : { phoneGeneral }),
        dn,
      },
      keystore: { path },
    },
    () => [
      run.t('cert.request.dry'),
      run.t('cert.request.dry.dn', { dn }),
      run.t('cert.request.dry.contact', { email: emailPrivate, phone: phonePrivate }),
      run.t('cert.request.file', { path }),
    ],
    () => [['dry-run', dn, path]],
  );
}
