/**
 * `topaz ehbox info`: which box, how full, what waits outside, and what is unread here.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { facts, formatMoment, formatSize, seconds } from '../../cli/text.js';
import { findMessages } from '../../ehbox/catalog.js';
import type { StoredMessage } from '../../ehbox/catalog.js';
import { TopazError } from '../../errors.js';
import { withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';
import { boxJson } from './render.js';

export interface InfoOptions extends BoxFlags, KeystoreFlags {
  failIfUnread?: boolean;
}

/** `topaz ehbox info`. */
export function infoCommand(ctx: Context, run = runInfo): Command {
  const command = withKeystore(
    withBox(
      new Command('info')
        .summary('show the box, how full it is, what is unread')
        .option('--fail-if-unread', 'exit with 10 when a message is unread here'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # is there room left?
  $ topaz ehbox info
  # for a monitor
  $ topaz ehbox info --fail-if-unread --json`,
  );
  return command.action((options: InfoOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runInfo(run: Run, options: InfoOptions): Promise<void> {
  const { connectBox } = await import('./connect-box.js');
  const { info, mirror } = await run.step(run.t('ehbox.info.step'), () => connectBox(run, options));
  const record = await mirror.readBox();
  const messages = (await findMessages(mirror)).filter(({ meta }) => meta.goneSince === undefined);
  const unread = messages.filter(({ meta }) => meta.unread).length;
  const acknowledgments = messages.filter(isAcknowledgment).length;
  const lastSync = record?.lastSync === undefined ? undefined : new Date(record.lastSync);
  run.result(
    {
      schema: 'topaz.ehbox.info/1',
      box: boxJson(info.box),
      capacity: { usedBytes: info.usedBytes, maxBytes: info.maxBytes },
      standBy: info.standBy,
      messages: messages.length,
      unread,
      acknowledgments,
      ...(lastSync === undefined ? {} : { lastSync: seconds(lastSync) }),
    },
    () =>
      facts([
        [run.t('ehbox.info.box'), Object.values(boxJson(info.box)).join(' ')],
        [run.t('ehbox.info.capacity'), run.t('ehbox.info.used', { used: formatSize(run, info.usedBytes), max: formatSize(run, info.maxBytes) })],
        [run.t('ehbox.info.standBy'), String(info.standBy)],
        [run.t('ehbox.info.messages'), String(messages.length)],
        [run.t('ehbox.info.unread'), String(unread)],
        [run.t('ehbox.info.acknowledgments'), String(acknowledgments)],
        [run.t('ehbox.info.lastSync'), lastSync === undefined ? run.t('ehbox.info.never') : formatMoment(run, lastSync)],
      ]),
  ); // prettier-ignore
  if (info.standBy > 0) {
    run.warn(run.t('ehbox.standBy', { count: info.standBy }));
  }
  if (options.failIfUnread === true && unread > 0) {
    throw new TopazError('E_UNREAD', `${unread} unread in the mirror of this machine`, {
      hint: 'topaz ehbox list --unread',
      details: { unread },
    });
  }
}

const isAcknowledgment = ({ meta }: StoredMessage): boolean =>
  meta.contentType === 'ACKNOWLEDGMENT';
