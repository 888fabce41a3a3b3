/**
 * `topaz ehbox read` and `topaz ehbox unread`: the mark of this machine. The eHealthBox has none that could
 * be set; nothing is sent.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { findMessage } from '../../ehbox/catalog.js';
import { endBatch, failedJson, forEachId } from './batch.js';
import { openMirror, withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';

/** `topaz ehbox read`. */
export const readCommand = (ctx: Context, run = runMark): Command =>
  markCommand(ctx, 'read', 'mark messages as read, on this machine', run);

/** `topaz ehbox unread`. */
export const unreadCommand = (ctx: Context, run = runMark): Command =>
  markCommand(ctx, 'unread', 'mark messages as unread, on this machine', run);

function markCommand(
  ctx: Context,
  name: 'read' | 'unread',
  summary: string,
  run: typeof runMark,
): Command {
  const command = withBox(
    new Command(name).summary(summary).argument('<id...>', 'ids of the messages'),
  ).addHelpText(
    'after',
    `
Examples:
  # one message
  $ topaz ehbox ${name} 9Y0001A7F3K02
  # all of today
  $ topaz ehbox list --since today | cut -f1 | xargs topaz ehbox ${name}`,
  );
  return command.action((ids: string[], options: BoxFlags) =>
    action(ctx, command, (session) => run(session, name, ids, options)),
  );
}

export async function runMark(
  run: Run,
  name: 'read' | 'unread',
  ids: readonly string[],
  options: BoxFlags,
): Promise<void> {
  const { mirror } = await openMirror(run, options);
  const { done, failed } = await forEachId(ids, async (id) => {
    const { key, meta } = await findMessage(mirror, id);
    const unread = name === 'unread';
    if (meta.unread !== unread) {
      await mirror.updateMeta(key, (state) => ({ ...state, unread }));
    }
    return { id, unread };
  });
  run.result({ schema: `topaz.ehbox.${name}/1`, done, failed: failedJson(failed) }, () => []);
  if (done.length > 0) {
    run.done(run.t(`ehbox.${name}.done`, { count: done.length }));
  }
  endBatch(done.length, failed);
}
