/**
 * The way of a message from the outbox to the eHealthBox of this session.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { attempt } from '../../ehbox/publication/attempt.js';
import { sendMessage } from '../../ehbox/publication/client.js';
import { findSent } from '../../ehbox/publication/find-sent.js';
import { Outbox, outboxFolder } from '../../ehbox/publication/outbox.js';
import type { OutboxRecord } from '../../ehbox/publication/outbox-record.js';
import { endpoint } from '../../profile/endpoints.js';
import { profileFolders } from '../../profile/paths.js';
import type { ConnectedBox } from './connect-box.js';
import { inOutbox } from './send-outcome.js';

/** The outbox of the box that the session opened. */
export async function outboxOf(run: Run, { info, environment }: ConnectedBox): Promise<Outbox> {
  const { ehbox } = profileFolders(run.paths, (await run.profile()).name);
  return new Outbox(outboxFolder(ehbox, environment, info.box));
}

/** @throws as `attempt`; the error says that the message is in the outbox. */
export async function sendFromOutbox(
  run: Run,
  outbox: Outbox,
  publicationId: string,
  { call, url, security, box }: ConnectedBox,
  despiteAbsence: boolean,
): Promise<OutboxRecord> {
  const publicationUrl = endpoint(await run.profile(), 'ehboxPublication');
  const { signal } = run.ctx;
  try {
    return await attempt(outbox, publicationId, {
      post: (publication) =>
        sendMessage(call, publicationUrl, publication, { security, signal, despiteAbsence }),
      find: (record) => findSent(call, url, record, { security, box, signal }),
      now: run.now,
      lockTimeoutMs: run.settings.lockTimeoutMs,
      signal,
    });
  } catch (error) {
    throw inOutbox(error, publicationId);
  }
}
