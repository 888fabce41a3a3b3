/**
 * The work of `topaz mycarenet mailbox sync`, loaded when it is needed.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises';

import type { Run } from '../../../cli/run.js';
import { TopazError } from '../../../errors.js';
import { confirmMessages, getMessages } from '../../../mycarenet/genasync/client.js';
import { reachableDomains } from '../../../mycarenet/genasync/domains.js';
import type { Domain } from '../../../mycarenet/genasync/domains.js';
import type { ContentKeys } from '../../../mycarenet/genasync/open-content.js';
import { syncMailbox } from '../../../mycarenet/genasync/sync.js';
import type { SyncResult } from '../../../mycarenet/genasync/sync.js';
import type { Profile } from '../../../profile/profile.js';
import { contentKeys, ownEtk, withMailboxes } from './connect.js';
import type { Connected } from './connect.js';
import { namedDomains, openStore } from './domain-flags.js';
import { itemsOf } from './find-item.js';
import { saveDocuments } from './save-documents.js';
import type { Item } from './summary.js';
import { itemRecord, itemTable } from './summary.js';
import type { SyncFlags } from './sync.js';
import { endSync, syncJson, warnings } from './sync-result.js';
import type { DomainOutcome } from './sync-result.js';
import { parseWatch, waitForNext } from './watch-flags.js';

/** Synchronises, shows what is new, and ends with the status that fits. */
export async function runSync(run: Run, flags: SyncFlags): Promise<void> {
  const profile = await run.profile();
  const domains =
    flags.domain === undefined ? reachableDomains(profile) : namedDomains(profile, flags.domain);
  if (domains.length === 0) {
    throw new TopazError('E_ENDPOINT_UNKNOWN', 'no mailbox has an address in this profile', {
      facts: [`profile "${profile.name}"`],
      hint: 'topaz profile set endpoints.genasync.mda URL',
      details: { key: 'endpoints.genasync' },
    });
  }
  const watch = parseWatch(flags, profile.environment === 'sandbox');
  const startedAt = run.now().getTime();
  await withMailboxes(run, profile, flags, async (connected) => {
    const keys = await contentKeys(run, profile, connected.keystore);
    const etk = domains.some(({ version }) => version === 3)
      ? await ownEtk(run, connected.keystore)
      : undefined;
    let more = true;
    while (more) {
      const outcomes = await syncAll(run, profile, connected, { domains, keys, etk, flags });
      await showRound(run, profile, outcomes, flags);
      // Where no mailbox could be asked, the next time would be no better: a session that is over, for example.
      const isHopeless = outcomes.every(({ result }) => result?.complete !== true);
      more = !isHopeless && (await waitForNext(run, watch, startedAt));
      if (!more) {
        endSync(run, outcomes);
      }
    }
  });
}

async function syncAll(
  run: Run,
  profile: Profile,
  connected: Connected,
  { domains, ...rest }: Omit<SyncOne, 'domain'> & { readonly domains: readonly Domain[] },
): Promise<readonly DomainOutcome[]> {
  const outcomes: DomainOutcome[] = [];
  for (const domain of domains) {
    if (run.ctx.signal.aborted) {
      break;
    }
    outcomes.push(await syncOne(run, profile, connected, { ...rest, domain }));
  }
  return outcomes;
}

/** What is new, and what is to be known about it. */
async function showRound(
  run: Run,
  profile: Profile,
  outcomes: readonly DomainOutcome[],
  { out }: SyncFlags,
): Promise<void> {
  const fresh: Item[] = [];
  for (const outcome of outcomes) {
    fresh.push(...(await freshItems(run, profile, outcome)));
  }
  const saved = out === undefined ? undefined : await saveDocuments(run, profile, fresh, out);
  run.result(
    syncJson(outcomes, fresh, saved),
    () => itemTable(run, fresh),
    () => fresh.map(itemRecord),
  );
  warnings(run, outcomes, fresh);
}

export interface SyncOne {
  readonly domain: Domain;
  readonly keys: ContentKeys;
  readonly etk: Uint8Array | undefined;
  readonly flags: Pick<SyncFlags, 'confirm' | 'confirmUnreadable'>;
}

/** One mailbox; its failure is its own. */
export async function syncOne(
  run: Run,
  profile: Profile,
  { call, nihii, caller }: Connected,
  { domain, keys, etk, flags }: SyncOne,
): Promise<DomainOutcome> {
  const { signal } = run.ctx;
  const store = openStore(run, profile, domain.name);
  const work = async (): Promise<SyncResult> => {
    const us = caller(domain);
    await store.create();
    const lock = await store.lock({ timeoutMs: run.settings.lockTimeoutMs, signal });
    try {
      return await syncMailbox(store, {
        environment: profile.environment,
        nihii,
        remote: {
          get: (max) =>
            getMessages(
              call,
              us,
              {
                messageNames: domain.messageNames,
                max,
                replyToEtk: domain.version === 3 ? etk : undefined,
              },
              { folder: store.tmp, inline: true },
            ),
          confirm: (what) => confirmMessages(call, us, what),
        },
        keys,
        max: domain.max,
        confirm: flags.confirm,
        confirmUnreadable: flags.confirmUnreadable === true,
        now: run.now,
        pause: (ms) => sleep(ms, undefined, { signal }).catch(() => undefined),
        signal,
        onWait: (ms) => {
          run.remark(run.t('mailbox.sync.wait', { domain: domain.name, seconds: ms / 1000 }));
        },
      });
    } finally {
      await lock.release();
    }
  };
  try {
    const title = run.t('mailbox.sync.step', { domain: domain.name });
    return { domain: domain.name, result: await run.step(title, work) };
  } catch (error) {
    if (!(error instanceof TopazError)) {
      throw error;
    }
    return { domain: domain.name, error };
  }
}

async function freshItems(
  run: Run,
  profile: Profile,
  { domain, result }: DomainOutcome,
): Promise<readonly Item[]> {
  const ids = new Set(result?.fresh ?? []);
  return ids.size === 0
    ? []
    : (await itemsOf({ domain, store: openStore(run, profile, domain) })).filter(({ record }) =>
        ids.has(record.id),
      );
}
