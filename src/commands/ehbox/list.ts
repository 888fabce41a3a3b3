/**
 * `topaz ehbox list`: the messages of the mirror without any network, or those that eHealth has now.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { MessageFilter } from '../../ehbox/catalog.js';
import type { Found } from '../../ehbox/find.js';
import type { Folder } from '../../ehbox/records.js';
import { TopazError } from '../../errors.js';
import { formatIdentifier, parseIdentifier } from '../../ids/identifier.js';
import { withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { parseCount, parseDay } from './days.js';
import { openMirror, withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';
import { messageRecord, messageTable } from './render.js';

export interface ListOptions extends BoxFlags, KeystoreFlags {
  folder?: string;
  unread?: boolean;
  sealed?: boolean;
  from?: string;
  since?: string;
  until?: string;
  search?: string;
  limit?: string;
  all?: boolean;
  /** What eHealth has now, instead of the mirror. */
  remote?: boolean;
}

/** The newest ones: as many as a person looks through, as many as a program expects at once. */
const LIMIT = { terminal: 100, pipe: 1000 } as const;

const FOLDERS: readonly Folder[] = ['inbox', 'bin', 'sent', 'sent-bin'];

/** `topaz ehbox list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = withKeystore(
    withBox(
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
        .option('--limit <n>', 'at most so many, the newest (100 on a terminal, else 1000)')
        .option('--all', 'every message')
        .option('--remote', 'what eHealth has now; nothing is fetched or stored'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # what is new?
  $ topaz ehbox list --unread
  # from the laboratory, this month, for a script
  $ topaz ehbox list --from NIHII-LABO=71234523 --since 30d --json
  # what lies in the bin at eHealth, without fetching
  $ topaz ehbox list --remote --folder bin`,
  );
  return command.action((options: ListOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runList(run: Run, options: ListOptions): Promise<void> {
  const filter = parseFilter(options, run.now());
  const limit = limitOf(run, options);
  const { messages, more } = await (options.remote === true
    ? readRemote(run, options, { ...filter, limit })
    : readList(run, options, { ...filter, limit }));
  run.result(
    { schema: 'topaz.ehbox.list/1', messages, ...(more ? { more } : {}) },
    () => messageTable(run, messages),
    () => messages.map(messageRecord),
  );
  if (more && options.limit === undefined) {
    run.warn(run.t('ehbox.list.more', { count: messages.length }));
  }
  if (messages.length === 0) {
    run.remark(run.t('ehbox.list.none'));
  }
}

function limitOf(run: Run, { limit, all }: ListOptions): number | undefined {
  if (all === true) {
    if (limit !== undefined) {
      throw new TopazError('E_USAGE', '--all and --limit contradict each other', { hint: 'leave out one of the two' }); // prettier-ignore
    }
    return undefined;
  }
  return limit === undefined
    ? LIMIT[run.ctx.io.tty.stdout && !run.settings.json ? 'terminal' : 'pipe']
    : parseCount(limit, '--limit');
}

async function readRemote(
  run: Run,
  options: ListOptions,
  filter: MessageFilter,
): Promise<Omit<Found, 'slow'>> {
  if (options.search !== undefined || options.sealed === true) {
    throw new TopazError('E_USAGE', 'only the mirror knows texts and seals', {
      hint: 'leave out --remote, or --search and --sealed',
    });
  }
  const { listRemote } = await import('./list-remote.js');
  return listRemote(run, options, filter);
}

/** Nothing mirrored yet is an empty list, not a failure. */
async function readList(
  run: Run,
  options: ListOptions,
  filter: MessageFilter,
): Promise<Omit<Found, 'slow'>> {
  try {
    const { mirror } = await openMirror(run, options);
    const { listMessages } = await import('../../ehbox/find.js');
    const { slow, ...found } = await listMessages(mirror, filter);
    if (slow) {
      run.remark(run.t('ehbox.index.missing'));
    }
    return found;
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_MESSAGE_UNKNOWN') {
      return { messages: [], more: false };
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
  };
}
