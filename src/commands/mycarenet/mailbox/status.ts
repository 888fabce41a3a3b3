/**
 * `topaz mycarenet mailbox status`: where a post stands, by what was fetched so far; with `--watch` it fetches.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { action } from '../../../cli/run.js';
import type { Run } from '../../../cli/run.js';
import { facts, seconds } from '../../../cli/text.js';
import { TopazError } from '../../../errors.js';
import { findDomain } from '../../../mycarenet/genasync/domains.js';
import { postStatus } from '../../../mycarenet/genasync/post-state.js';
import type { PostStatus } from '../../../mycarenet/genasync/post-state.js';
import type { Profile } from '../../../profile/profile.js';
import { withKeystore } from '../../keystore/open-keystore.js';
import type { KeystoreFlags } from '../../keystore/open-keystore.js';
import { moment } from '../insurability-text.js';
import { localMailboxes, withDomains } from './domain-flags.js';
import type { DomainFlags } from './domain-flags.js';
import { parseWatch, waitForNext, withWatch } from './watch-flags.js';
import type { Watch, WatchFlags } from './watch-flags.js';
import { itemJson, itemTable } from './summary.js';
import type { Item } from './summary.js';

export interface StatusFlags extends DomainFlags, WatchFlags, KeystoreFlags {}

/** `topaz mycarenet mailbox status`. */
export function statusCommand(ctx: Context, run = runStatus): Command {
  const command = withKeystore(
    withWatch(
      withDomains(
        new Command('status')
          .summary('where does a post stand?')
          .argument('<reference>', 'reference of the post, as send showed it'),
      ),
      'fetch the mailbox again and again, until there is an answer',
    ),
  ).addHelpText(
    'after',
    `
Exit status 8 while no message came back, 7 when the post was refused.

Examples:
  # fetch first, then look
  $ topaz mycarenet mailbox sync
  $ topaz mycarenet mailbox status T0LKX3Q1A8F2Z9
  # wait for the answer, at most a day
  $ topaz mycarenet mailbox status T0LKX3Q1A8F2Z9 --watch --until 24h`,
  );
  return command.action((reference: string, options: StatusFlags) =>
    action(ctx, command, (session) => run(session, reference, options)),
  );
}

interface Found {
  readonly domain: string;
  readonly status: PostStatus;
}

export async function runStatus(run: Run, reference: string, flags: StatusFlags): Promise<void> {
  const profile = await run.profile();
  const watch = parseWatch(flags, profile.environment === 'sandbox');
  let found = await findPost(run, reference, flags);
  if (watch !== undefined && isPending(found)) {
    found = await fetchUntilAnswered(run, profile, { found, flags, watch });
  }
  const { domain, status } = found;
  const items: readonly Item[] = [
    ...status.tacks.map((record): Item => ({ domain, kind: 'tack', record })),
    ...status.messages.map((record): Item => ({ domain, kind: 'message', record })),
  ];
  run.result(
    {
      schema: 'topaz.mycarenet.mailbox.status/1',
      domain,
      reference,
      state: status.state,
      ...(status.sent === undefined ? {} : { sentAt: seconds(new Date(status.sent.sentAt)) }),
      ...(status.sent?.tack === undefined ? {} : { broker: tackJson(status.sent.tack) }),
      messages: items.map(itemJson),
    },
    () => lines(run, domain, status, items),
  );
  end(status);
}

/** @throws TopazError `E_MESSAGE_UNKNOWN`. */
async function findPost(run: Run, reference: string, flags: DomainFlags): Promise<Found> {
  for (const { domain, store } of await localMailboxes(run, flags)) {
    const status = await postStatus(store, reference);
    if (status !== undefined) {
      return { domain, status };
    }
  }
  throw new TopazError('E_MESSAGE_UNKNOWN', 'nothing on this machine knows that reference', {
    hint: 'topaz mycarenet mailbox sync, then ask again',
  });
}

const isPending = ({ status: { state } }: Found): boolean =>
  state !== 'answered' && state !== 'refused';

async function fetchUntilAnswered(
  run: Run,
  profile: Profile,
  {
    found,
    flags,
    watch,
  }: { readonly found: Found; readonly flags: StatusFlags; readonly watch: Watch },
): Promise<Found> {
  const [{ contentKeys, ownEtk, withMailboxes }, { syncOne }] = await Promise.all([
    import('./connect.js'),
    import('./run-sync.js'),
  ]);
  const domain = findDomain(found.domain, profile);
  const { reference } = found.status;
  return withMailboxes(run, profile, flags, async (connected) => {
    const keys = await contentKeys(run, profile, connected.keystore);
    const etk = domain.version === 3 ? await ownEtk(run, connected.keystore) : undefined;
    const startedAt = run.now().getTime();
    for (;;) {
      const { error, result } = await syncOne(run, profile, connected, {
        domain,
        keys,
        etk,
        flags: { confirm: true },
      });
      const problem = error ?? result.stopped;
      if (problem !== undefined) {
        throw problem;
      }
      const now = await findPost(run, reference, { domain: [domain.name] });
      if (!isPending(now) || !(await waitForNext(run, watch, startedAt))) {
        return now;
      }
    }
  });
}

const tackJson = ({ result, minor, message }: NonNullable<NonNullable<PostStatus['sent']>['tack']>) => ({
  result,
  ...(minor === undefined ? {} : { minor }),
  ...(message === undefined ? {} : { message }),
}); // prettier-ignore

function lines(
  run: Run,
  domain: string,
  { reference, state, sent }: PostStatus,
  items: readonly Item[],
): readonly string[] {
  return [
    ...facts([
      [run.t('mailbox.row.post'), reference],
      [run.t('mailbox.row.mailbox'), domain],
      [run.t('mailbox.row.state'), run.t(`mailbox.state.${state}`)],
      ...(sent === undefined
        ? []
        : [[run.t('mailbox.row.sent'), moment(run, new Date(sent.sentAt))] as const]),
      ...(sent?.tack?.message === undefined
        ? []
        : [[run.t('mailbox.row.message'), sent.tack.message] as const]),
    ]),
    ...(items.length === 0 ? [] : ['', ...itemTable(run, items)]),
  ];
}

/** @throws TopazError `E_ASYNC_PENDING`, `E_SERVICE_REFUSED`. */
function end({ state, reference, sent }: PostStatus): void {
  if (state === 'refused') {
    throw new TopazError('E_SERVICE_REFUSED', `the post ${reference} was refused, or not delivered`, {
      facts: sent?.tack?.message === undefined ? [] : [sent.tack.message],
      hint: 'correct what is wrong, and post it again under another reference',
    }); // prettier-ignore
  }
  if (state !== 'answered') {
    throw new TopazError('E_ASYNC_PENDING', `the post ${reference} has no answer yet`, {
      facts: state === 'unknown' ? ['whether it arrived is not known'] : [],
      hint: 'topaz mycarenet mailbox sync, then ask again; do not post it twice',
      details: { reference, state },
    });
  }
}
