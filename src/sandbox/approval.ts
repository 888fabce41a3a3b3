/**
 * What eHealth's support would do: approve a request, or refuse it.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { deliver, settle } from './certificates.js';
import type { Sandbox } from './exchange.js';
import type { CertificateRecord } from './state.js';

const MIN_PREFIX = 8;

/**
 * Approves one request, or every one that waits.
 *
 * @returns The identifiers that were approved.
 * @throws TopazError `E_USAGE` for an unknown request or one that no longer waits.
 */
export async function approve(
  sandbox: Sandbox,
  id: string | undefined,
): Promise<readonly string[]> {
  settle(sandbox);
  const records =
    id === undefined
      ? sandbox.state.certificates.filter(({ status }) => status === 'IN_PROGRESS')
      : [waiting(sandbox, id)];
  for (const record of records) {
    deliver(record, sandbox);
  }
  await sandbox.store.save();
  return records.map((record) => record.id);
}

/**
 * Refuses a request. The protocol has no place for the reason: it goes to the answer of the command only.
 *
 * @throws TopazError as {@link approve}.
 */
export async function refuse(sandbox: Sandbox, id: string): Promise<string> {
  settle(sandbox);
  const record = waiting(sandbox, id);
  record.status = 'REFUSED';
  delete record.approveAt;
  await sandbox.store.save();
  return record.id;
}

function waiting({ state }: Sandbox, id: string): CertificateRecord {
  const wanted = id.toLowerCase();
  const found =
    wanted.length < MIN_PREFIX
      ? []
      : state.certificates.filter((record) => record.id.startsWith(wanted));
  const [record] = found;
  if (record === undefined || found.length > 1) {
    throw new TopazError('E_USAGE', 'the sandbox has no such request', {
      hint: 'give 8 or more digits of the reference; topaz sandbox status lists them',
    });
  }
  if (record.status !== 'IN_PROGRESS') {
    throw new TopazError(
      'E_USAGE',
      `request ${record.id.slice(0, MIN_PREFIX)} does not wait any more`,
      {
        facts: [`it is ${record.status}`],
        hint: 'topaz sandbox status',
      },
    );
  }
  return record;
}
