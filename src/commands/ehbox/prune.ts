/**
 * `topaz ehbox prune`: removes old copies from this machine. A dry run unless it is confirmed.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { PruneCandidate } from '../../ehbox/prune.js';
import { TopazError } from '../../errors.js';
import { endBatch, failedJson, forEachId } from './batch.js';
import { openMirror, withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';
import { settle } from './settle-index.js';

export interface PruneFlags extends BoxFlags {
  olderThan?: string;
  force?: boolean;
  confirm?: string;
  dryRun?: boolean;
}

const DAY_MS = 86_400_000;
const REASONS = ['unread', 'pending', 'undecoded'] as const;

/** `topaz ehbox prune`. */
export function pruneCommand(ctx: Context): Command {
  const command = withBox(
    new Command('prune')
      .summary('remove old copies from this machine; a dry run without --yes')
      .option('--older-than <days>', 'published more than so many days ago: 365d')
      .option('-f, --force', 'also what is unread, not fetched or not opened')
      .option('--confirm <name>', 'with --force: the name of the profile')
      .option('--dry-run', 'say what would be removed, change nothing'),
  ).addHelpText(
    'after',
    `
Nothing changes at eHealth, and what was removed is not fetched again. What is unread, not fetched or not
opened stays, unless --force is given.

Examples:
  # what would go?
  $ topaz ehbox prune --older-than 365d
  # do it
  $ topaz ehbox prune --older-than 365d --yes`,
  );
  return command.action((options: PruneFlags) =>
    action(ctx, command, (run) => runPrune(run, options)),
  );
}

async function runPrune(run: Run, options: PruneFlags): Promise<void> {
  const before = limitDay(options.olderThan, run.now());
  const { mirror } = await openMirror(run, options);
  const { pruneCandidates, pruneMessage } = await import('../../ehbox/prune.js');
  const dryRun = options.dryRun === true || !run.settings.yes;
  if (options.force === true && !dryRun) {
    await confirmForce(run, options.confirm);
  }
  const { signal } = run.ctx;
  const lock = await mirror.lock({ timeoutMs: run.settings.lockTimeoutMs, signal });
  try {
    const old = await pruneCandidates(mirror, before);
    const chosen = old.filter(({ keep }) => keep === undefined || options.force === true);
    const kept = old.filter((candidate) => !chosen.includes(candidate));
    const document = { schema: 'topaz.ehbox.prune/1', before, kept: countKept(kept) };
    if (dryRun) {
      run.result(
        { ...document, dryRun: true, done: chosen.map(messageJson), failed: [] },
        () => [run.t('ehbox.prune.dry', { count: chosen.length, before })],
        () => chosen.map(({ key, meta }) => [key.id, meta.publicationDate ?? '']),
      );
      sayKept(run, kept);
      return;
    }
    await mirror.begin();
    const { done, failed } = await forEachId(
      chosen.map(({ key }) => `${key.side}/${key.id}`),
      async (name) => {
        const candidate = chosen.find(({ key }) => `${key.side}/${key.id}` === name);
        if (candidate === undefined || signal.aborted) {
          throw new TopazError('E_INTERRUPTED', 'interrupted; the rest stays', {
            hint: 'run it again for the rest',
          });
        }
        await pruneMessage(mirror, candidate, run.now());
        return candidate;
      },
    );
    await mirror.journal.flush();
    await mirror.end();
    await settle(run, mirror, { vacuum: true });
    run.result({ ...document, done: done.map(messageJson), failed: failedJson(failed) }, () => []);
    run.done(run.t('ehbox.prune.done', { count: done.length }));
    sayKept(run, kept);
    endBatch(done.length, failed);
  } finally {
    await lock.release();
  }
}

/** `365d` before now. */
function limitDay(text: string | undefined, now: Date): string {
  const [, days] = /^([1-9]\d{0,4})d$/.exec(text ?? '') ?? [];
  if (days === undefined) {
    throw new TopazError('E_USAGE', 'how old must a message be?', {
      hint: 'for example --older-than 365d',
    });
  }
  return new Date(now.getTime() - Number(days) * DAY_MS).toISOString().slice(0, 10);
}

/** What was never read or opened may exist nowhere else. */
async function confirmForce(run: Run, confirm: string | undefined): Promise<void> {
  const { name } = await run.profile();
  const text = await run.require('--confirm', confirm, async () =>
    (await run.ctx.prompter()).input(run.t('ehbox.prune.confirm', { name })),
  );
  if (text.trim() !== name) {
    throw new TopazError('E_NOT_CONFIRMED', 'not confirmed; nothing was removed', {
      hint: `with --force, --confirm takes the name of the profile: ${name}`,
    });
  }
}

const messageJson = ({ key, meta }: PruneCandidate) => ({
  id: key.id,
  side: key.side,
  ...(meta.publicationDate === undefined ? {} : { date: meta.publicationDate }),
});

const countKept = (kept: readonly PruneCandidate[]) =>
  Object.fromEntries(
    REASONS.map((reason) => [reason, kept.filter(({ keep }) => keep === reason).length]),
  );

function sayKept(run: Run, kept: readonly PruneCandidate[]): void {
  if (kept.length > 0) {
    run.remark(run.t('ehbox.prune.kept', { count: kept.length }));
  }
}
