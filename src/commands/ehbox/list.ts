/**
 * `topaz ehbox list`: the messages of the mirror, without any network.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { MessageFilter, MessageSummary } from '../../ehbox/catalog.js';
import type { Folder } from '../../ehbox/records.js';
import { TopazError } from '../../errors.js';
import { formatIdentifier, parseIdentifier } from '../../ids/identifier.js';
import { parseCount, parseDay } from './days.js';
import { openMirror, withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';
import { messageRecord, messageTable } from './render.js';

export interface ListOptions extends BoxFlags {
  folder?: string;
  unread?: boolean;
  sealed?: boolean;
  from?: string;
  since?: string;
  until?: string;
  search?: string;
  limit?: string;
}

const FOLDERS: readonly Folder[] = ['inbox', 'bin', 'sent', 'sent-bin'];

/** `topaz ehbox list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = withBox(
    new Command('list')
      .alias('ls')
      .summary('list the messages of the mirror')
      .option('--folder <name>', 'only this folder at eHealth: inbox, bin, sent or sent-bin')
      .option('--unread', 'only what was not read here')
      .option('--sealed', 'only what could not be unsealed')
      .option('--from <type=id>', 'only from this sender, for example NIHII-LABO=71234523')
      .option('--since <day>', 'published on this day or later: 2026-03-01, today, 30d')
      .option('--until <day>', 'published on this day or earlier')
      .option('--search <text>', 'words in subject, sender, attachment names or text')
      .option('--limit <n>', 'at most so many, the newest'),
  ).addHelpText(
    'after',
    `
Examples:
  # what is new?
  $ topaz ehbox list --unread
  # from the laboratory, this month, for a script
  $ topaz ehbox list --from NIHII-LABO=71234523 --since 30d --json`,
  );
  return command.action((options: ListOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runList(run: Run, options: ListOptions): Promise<void> {
  const filter = parseFilter(options, run.now());
  const messages = await readList(run, options, filter);
  run.result(
    { schema: 'topaz.ehbox.list/1', messages },
    () => messageTable(run, messages),
    () => messages.map(messageRecord),
  );
  if (messages.length === 0) {
    run.remark(run.t('ehbox.list.none'));
  }
}

/** Nothing mirrored yet is an empty list, not a failure. */
async function readList(
  run: Run,
  options: ListOptions,
  filter: MessageFilter,
): Promise<readonly MessageSummary[]> {
  try {
    const { mirror } = await openMirror(run, options);
    const { listMessages } = await import('../../ehbox/find.js');
    const { messages, slow } = await listMessages(mirror, filter);
    if (slow) {
      run.remark(run.t('ehbox.index.missing'));
    }
    return messages;
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_MESSAGE_UNKNOWN') {
      return [];
    }
    throw error;
  }
}

function parseFilter(options: ListOptions, now: Date): MessageFilter {
  const folder = FOLDERS.find((name) => name === options.folder);
  if (options.folder !== undefined && folder === undefined) {
    throw new TopazError('E_USAGE', 'the mirror has no such folder', {
      hint: `one of: ${FOLDERS.join(', ')}`,
    });
  }
  return {
    folder,
    unread: options.unread,
    sealed: options.sealed,
    from: options.from === undefined ? undefined : formatIdentifier(parseIdentifier(options.from)),
    since: options.since === undefined ? undefined : parseDay(options.since, '--since', now),
    until: options.until === undefined ? undefined : parseDay(options.until, '--until', now),
    search: options.search,
    limit: options.limit === undefined ? undefined : parseCount(options.limit, '--limit'),
  };
}
