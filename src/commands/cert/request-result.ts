/**
 * What `topaz cert request` says in the end.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { ContactData } from '../../certra/request.js';
import type { ReadableContract } from '../../lifecycle/applicant-contract.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import { requestDocument, shortId } from './documents.js';

/** The request is with eHealth. */
export function showSent(run: Run, record: RequestRecord, path = record.keystore): void {
  const { id, state, email = '' } = record;
  run.result(
    { schema: 'topaz.cert.request/1', request: requestDocument(record), keystore: { path } },
    () => [
      run.t('cert.request.sent', { id: shortId(id) }),
      run.t('cert.request.file', { path }),
      run.t(
        record.automaticallyValidated === true
          ? 'cert.request.next.soon'
          : 'cert.request.next.days',
        { email },
      ),
      '    topaz cert finalize',
    ],
    () => [[id, state, path]],
  );
}

/** `--dry-run`: what would be signed and sent. */
export function showPrepared(
  run: Run,
  {
    contract,
    contact,
    path,
  }: {
    readonly contract: ReadableContract;
    readonly contact: ContactData;
    readonly path: string;
  },
): void {
  const { dn } = contract.contract;
  run.result(
    {
      schema: 'topaz.cert.request/1',
      dryRun: true,
      request: {
        as: 'person',
        email: contact.emailPrivate,
        phone: contact.phonePrivate,
        dn: dn.trim(),
      },
      keystore: { path },
    },
    () => [
      run.t('cert.request.dry'),
      run.t('cert.request.dry.dn', { dn: dn.trim() }),
      run.t('cert.request.dry.contact', {
        email: contact.emailPrivate,
        phone: contact.phonePrivate,
      }),
      run.t('cert.request.file', { path }),
    ],
    () => [['dry-run', dn.trim(), path]],
  );
}
