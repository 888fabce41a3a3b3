/**
 * `topaz ehbox list --remote`: what the eHealthBox has now. Nothing is fetched, nothing is stored, no sender is
 * told anything.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { matchesMeta, summarise } from '../../ehbox/catalog.js';
import type { MessageFilter, MessageSummary } from '../../ehbox/catalog.js';
import { fetchMessagesList } from '../../ehbox/client.js';
import { FOLDERS, newMeta } from '../../ehbox/entries.js';
import type { Found } from '../../ehbox/find.js';
import { listFolder } from '../../ehbox/listing.js';
import { withRetries } from '../../ehbox/retry.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { connectBox } from './connect-box.js';
import type { BoxFlags } from './open-mirror.js';
import { pause } from './run-sync.js';

/**
 * Lists a folder, the inbox unless another one is named, in the order of eHealth. What the mirror knows about a
 * message is told with it.
 *
 * @throws TopazError of the session and of the calls.
 */
export async function listRemote(
  run: Run,
  flags: BoxFlags & KeystoreFlags,
  filter: MessageFilter,
): Promise<Omit<Found, 'slow'>> {
  const { folder = 'inbox', limit = Infinity } = filter;
  const { call, url, security, box, mirror } = await connectBox(run, flags);
  const { signal } = run.ctx;
  const found = Object.entries(FOLDERS).flatMap(([side, folders]) =>
    folders.flatMap(([name, wire]) => (name === folder ? [{ side: side === 'sent' ? 'sent' : 'received', wire } as const] : [])),
  )[0]; // prettier-ignore
  const messages = new Map<string, MessageSummary>();
  if (found === undefined) {
    return { messages: [], more: false };
  }
  const { side, wire } = found;
  const listing = await run.step(run.t('ehbox.list.step'), () =>
    listFolder(
      (start, end) =>
        withRetries(
          () => fetchMessagesList(call, url, { security, box, signal, folder: wire, start, end }),
          { signal, pause: (ms) => pause(ms, signal) },
        ),
      {
        onPage: async (page) => {
          for (const { entry } of page) {
            if (entry !== undefined && !messages.has(entry.id)) {
              const key = { side, id: entry.id };
              const meta = (await mirror.readMeta(key)) ?? newMeta(entry, side, folder, run.now(), false); // prettier-ignore
              const now = { ...meta, folder, goneSince: undefined };
              if (matchesMeta(now, filter)) {
                messages.set(entry.id, summarise({ key, meta: now, parts: await mirror.readParts(key) })); // prettier-ignore
              }
            }
          }
        },
      },
    ),
  );
  if (listing.unreadable > 0) {
    run.warn(run.t('ehbox.sync.unreadable', { count: listing.unreadable }));
  }
  if (!listing.complete) {
    run.warn(run.t('ehbox.sync.incomplete'));
  }
  const ordered = listing.ids.flatMap((id) => messages.get(id) ?? []);
  return { messages: ordered.slice(0, limit), more: ordered.length > limit };
}
