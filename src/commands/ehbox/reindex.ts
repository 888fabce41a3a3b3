/**
 * `topaz ehbox reindex`: the index of the mirror, made anew from the files.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { openMirror, withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';

/** `topaz ehbox reindex`. */
export function reindexCommand(ctx: Context): Command {
  const command = withBox(
    new Command('reindex').summary('rebuild the index of the mirror from its files'),
  ).addHelpText(
    'after',
    `
Lists and searches use the index. A missing or damaged one is made again by itself; this does it in any case.

Examples:
  # doubts about a search?
  $ topaz ehbox reindex && topaz ehbox list --search voorbeeld
  # one of several boxes
  $ topaz ehbox reindex --box NIHII-GROUP=94499180:GROUP`,
  );
  return command.action((options: BoxFlags) =>
    action(ctx, command, (run) => runReindex(run, options)),
  );
}

async function runReindex(run: Run, options: BoxFlags): Promise<void> {
  const { mirror } = await openMirror(run, options);
  const { settleIndex } = await import('../../ehbox/mirror-index.js');
  const { signal } = run.ctx;
  const lock = await mirror.lock({ timeoutMs: run.settings.lockTimeoutMs, signal });
  let messages: number | undefined;
  try {
    messages = await run.step(run.t('ehbox.index.step'), () =>
      settleIndex(mirror, { rebuild: true, signal }),
    );
  } finally {
    await lock.release();
  }
  if (signal.aborted) {
    throw new TopazError('E_INTERRUPTED', 'interrupted; the next list completes the index', {
      hint: 'topaz ehbox reindex',
    });
  }
  if (messages === undefined) {
    throw new TopazError('E_NATIVE_MISSING', 'the package better-sqlite3 is not installed', {
      hint: 'lists and searches read the files instead; to get it: npm install better-sqlite3',
    });
  }
  run.result({ schema: 'topaz.ehbox.reindex/1', messages }, () => []);
  run.done(run.t('ehbox.reindex.done', { count: messages }));
}
