/**
 * What `topaz cert revoke` says in the end, and what comes next.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { CertificateInfo } from '../../certra/reply.js';
import { certificateDocument, shortId } from './documents.js';

export interface RevocationOutcome {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly alreadyRevoked?: boolean;
}

/** Revoked, revoked before, or what would be. */
export function showRevocation(run: Run, info: CertificateInfo, outcome: RevocationOutcome): void {
  const { dryRun = false, alreadyRevoked = false, reason } = outcome;
  const id = shortId(info.id);
  const key = dryRun ? 'cert.revoke.dry' : alreadyRevoked ? 'cert.revoke.before' : 'cert.revoke.done'; // prettier-ignore
  const serial = info.certificate?.serial ?? '';
  run.result(
    {
      schema: 'topaz.cert.revoke/1',
      certificate: {
        ...certificateDocument(info),
        ...(dryRun ? {} : { status: 'REVOKED' }),
      },
      revoked: !dryRun,
      ...(alreadyRevoked ? { alreadyRevoked } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(dryRun ? { dryRun } : {}),
    },
    () => [
      run.t(key, { id }),
      ...(dryRun
        ? [run.t('cert.revoke.serial', { serial })]
        : [run.t('cert.revoke.next'), '    topaz cert request', run.t('cert.revoke.keep')]),
    ],
    () => [[info.id, dryRun ? 'dry-run' : 'revoked', serial]],
  );
}
