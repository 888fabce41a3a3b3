/**
 * `topaz ehbox receipts`: who got a message that was sent, and who read it, as the eHealthBox knows it.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { seconds, table } from '../../cli/text.js';
import { identifierOf } from '../../ehbox/address.js';
import type { Receipt } from '../../ehbox/receipts.js';
import { formatIdentifier } from '../../ids/identifier.js';
import { TopazError } from '../../errors.js';
import { withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';

export type ReceiptsFlags = BoxFlags & KeystoreFlags;

const MESSAGE_ID = /^[A-Za-z0-9]{13}$/;

/** `topaz ehbox receipts`. */
export function receiptsCommand(ctx: Context): Command {
  const command = withKeystore(
    withBox(
      new Command('receipts')
        .summary('who got a message that was sent, and who read it')
        .argument('<id>', 'id of the sent message'),
    ),
  ).addHelpText(
    'after',
    `
Delivery takes some seconds: a message that was sent just now may have no receipts yet.

Examples:
  # who read it?
  $ topaz ehbox receipts 9Y0001A7F3K02
  # for a script
  $ topaz ehbox receipts 9Y0001A7F3K02 --json`,
  );
  return command.action((id: string, options: ReceiptsFlags) =>
    action(ctx, command, (run) => runReceipts(run, id, options)),
  );
}

async function runReceipts(run: Run, id: string, options: ReceiptsFlags): Promise<void> {
  if (!MESSAGE_ID.test(id)) {
    throw new TopazError('E_USAGE', 'this is no id of a message', {
      hint: 'an id has 13 letters and digits',
    });
  }
  const [{ connectBox }, { fetchReceipts }] = await Promise.all([
    import('./connect-box.js'),
    import('../../ehbox/receipts.js'),
  ]);
  const { call, url, security, box } = await connectBox(run, options);
  const receipts = await run.step(run.t('ehbox.info.step'), () =>
    fetchReceipts(call, url, { security, box, signal: run.ctx.signal, id }),
  );
  const rows = receipts.map(receiptJson);
  const cells = rows.map(({ recipient, published, received, read }) => [
    formatIdentifier(recipient),
    recipient.quality,
    recipient.name ?? '',
    published ?? '',
    received ?? '',
    read ?? '',
  ]);
  const headings = ['recipient', 'published', 'received', 'read'].map((name) =>
    run.t(`ehbox.receipts.column.${name}`),
  );
  run.result(
    { schema: 'topaz.ehbox.receipts/1', id, receipts: rows },
    () =>
      cells.length === 0
        ? []
        : table(
            run,
            cells.map(([who = '', quality = '', name = '', ...times]) => [
              `${name === '' ? who : name} (${quality})`,
              ...times,
            ]),
            headings,
            { free: 0 },
          ),
    () => cells,
  );
  if (rows.length === 0) {
    run.remark(run.t('ehbox.receipts.none'));
  }
}

function receiptJson({ recipient, published, received, read }: Receipt) {
  const { user } = recipient;
  const name = [user?.firstName, user?.lastName].filter((word) => word !== undefined).join(' ');
  return {
    recipient: {
      ...identifierOf(recipient),
      quality: recipient.quality,
      ...(name === '' ? {} : { name }),
    },
    ...(published === undefined ? {} : { published: moment(published) }),
    ...(received === undefined ? {} : { received: moment(received) }),
    ...(read === undefined ? {} : { read: moment(read) }),
  };
}

/** In UTC with seconds; what is no time is shown as it came. */
function moment(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : seconds(time);
}
