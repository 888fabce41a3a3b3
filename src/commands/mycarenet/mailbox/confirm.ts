/**
 * `topaz mycarenet mailbox confirm`: tells MyCareNet to forget messages that are stored here.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { action } from '../../../cli/run.js';
import type { Run } from '../../../cli/run.js';
import { confirmMessages } from '../../../mycarenet/genasync/client.js';
import type { AcknowledgementRecord, MessageRecord } from '../../../mycarenet/genasync/records.js';
import { claim, confirmation } from '../../../mycarenet/genasync/sync.js';
import { endBatch, failedJson, forEachId } from '../../ehbox/batch.js';
import type { Failure } from '../../ehbox/batch.js';
import { withKeystore } from '../../keystore/open-keystore.js';
import type { KeystoreFlags } from '../../keystore/open-keystore.js';
import type { Connected } from './connect.js';
import { localMailboxes, namedDomains, withDomains } from './domain-flags.js';
import type { DomainFlags, LocalMailbox } from './domain-flags.js';
import { allItems, findItem } from './find-item.js';
import { itemJson } from './summary.js';
import type { Item } from './summary.js';

export interface ConfirmFlags extends DomainFlags, KeystoreFlags {
  dryRun?: boolean;
}

/** `topaz mycarenet mailbox confirm`. */
export function confirmCommand(ctx: Context, run = runConfirm): Command {
  const command = withKeystore(
    withDomains(
      new Command('confirm')
        .summary('confirm messages by hand; MyCareNet forgets them')
        .argument('<id...>', 'ids as list shows them')
        .option('--dry-run', 'say what would be confirmed, tell MyCareNet nothing'),
    ),
  ).addHelpText(
    'after',
    `
What is stored on this machine stays. MyCareNet does not give it again.

Examples:
  # one that cannot be read, and is not needed
  $ topaz mycarenet mailbox confirm 4f2a91c05be377d1
  # in a script
  $ topaz mycarenet mailbox confirm 4f2a91c05be377d1 --yes --json`,
  );
  return command.action((ids: readonly string[], options: ConfirmFlags) =>
    action(ctx, command, (session) => run(session, ids, options)),
  );
}

export async function runConfirm(
  run: Run,
  ids: readonly string[],
  flags: ConfirmFlags,
): Promise<void> {
  const profile = await run.profile();
  const mailboxes = await localMailboxes(run, flags);
  const all = await allItems(mailboxes);
  const { done: found, failed: unknown } = await forEachId(ids, (id) => Promise.resolve().then(() => findItem(all, id))); // prettier-ignore
  if (flags.dryRun === true) {
    run.result(
      { schema: 'topaz.mycarenet.mailbox.confirm/1', dryRun: true, done: found.map(itemJson), failed: failedJson(unknown) }, // prettier-ignore
      () => [run.t('mailbox.confirm.dry', { count: found.length })],
      () => found.map(({ record }) => [record.id]),
    );
    endBatch(found.length, unknown);
    return;
  }
  const done: Item[] = [];
  const failed: Failure[] = [...unknown];
  if (found.length > 0) {
    await run.confirm(run.t('mailbox.confirm.ask', { count: found.length }));
    const { withMailboxes } = await import('./connect.js');
    await withMailboxes(run, profile, flags, async (connected) => {
      for (const mailbox of mailboxes) {
        const items = found.filter(({ domain }) => domain === mailbox.domain);
        const [domain] = namedDomains(profile, [mailbox.domain]);
        if (items.length === 0 || domain === undefined) {
          continue;
        }
        const outcome = await forEachId([mailbox.domain], () =>
          confirmAll(run, mailbox, items, {
            connected,
            caller: connected.caller(domain),
            environment: profile.environment,
          }),
        );
        done.push(...outcome.done.flat());
        failed.push(...outcome.failed);
      }
    });
  }
  run.result(
    {
      schema: 'topaz.mycarenet.mailbox.confirm/1',
      done: done.map(itemJson),
      failed: failedJson(failed),
    },
    () => [],
  );
  if (done.length > 0) {
    run.done(run.t('mailbox.confirm.done', { count: done.length }));
  }
  endBatch(done.length, failed);
}

/** Confirms things of one mailbox, and notes that. */
async function confirmAll(
  run: Run,
  { store }: LocalMailbox,
  items: readonly Item[],
  {
    connected: { call, nihii },
    caller,
    environment,
  }: {
    readonly connected: Connected;
    readonly caller: ReturnType<Connected['caller']>;
    readonly environment: string;
  },
): Promise<readonly Item[]> {
  const lock = await store.lock({ timeoutMs: run.settings.lockTimeoutMs, signal: run.ctx.signal });
  try {
    await claim(store, { environment, nihii });
    const messages: MessageRecord[] = [];
    const tacks: AcknowledgementRecord[] = [];
    for (const item of items) {
      if (item.kind === 'message') {
        messages.push(item.record);
      } else {
        tacks.push(item.record);
      }
    }
    await confirmMessages(call, caller, confirmation(messages, tacks));
    const confirmedAt = run.now().toISOString();
    const done: Item[] = [];
    for (const item of items) {
      if (item.kind === 'message') {
        const record = { ...item.record, confirmedAt };
        await store.updateMessage(record);
        done.push({ ...item, record });
      } else {
        const record = { ...item.record, confirmedAt };
        await store.putTack(record);
        done.push({ ...item, record });
      }
    }
    return done;
  } finally {
    await lock.release();
  }
}
