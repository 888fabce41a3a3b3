/**
 * Opens a stored message again, with a keystore that was not at hand when it came.
 *
 * @module
 */

import type { Run } from '../../../cli/run.js';
import { withLock } from '../../../disk/lock.js';
import { openContent } from '../../../mycarenet/genasync/open-content.js';
import type { MessageRecord } from '../../../mycarenet/genasync/records.js';
import type { MailboxStore } from '../../../mycarenet/genasync/store.js';
import { openDecrypters } from '../../keystore/open-keystore.js';
import type { KeystoreFlags } from '../../keystore/open-keystore.js';
import { contentKeys } from './connect.js';

/**
 * @returns The record as it is then: the same one where that keystore does not open it either.
 * @throws TopazError as opening the keystore; `E_LOCKED`.
 */
export async function reopen(
  run: Run,
  store: MailboxStore,
  record: MessageRecord,
  keystore: string,
  flags: KeystoreFlags,
): Promise<MessageRecord> {
  const opened = await openDecrypters(run, keystore, flags);
  const keys = await contentKeys(run, await run.profile(), opened);
  const { content, problem, sealedBy } = await openContent(
    await store.readContent(record.id, { source: true }),
    record,
    keys,
    run.now(),
  );
  if (content === undefined || problem !== undefined) {
    return record;
  }
  const better: MessageRecord = {
    ...record,
    problem: undefined,
    sizeBytes: content.length,
    ...(sealedBy === undefined ? {} : { sealedBy }),
  };
  await withLock(`${store.folder}/lock`, { timeoutMs: run.settings.lockTimeoutMs }, () =>
    store.addContent(better, content),
  );
  return better;
}
