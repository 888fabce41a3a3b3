/**
 * `topaz mycarenet mailbox send`: posts one document to a mailbox. The reference is on the disk before it leaves.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { action } from '../../../cli/run.js';
import { withKeystore } from '../../keystore/open-keystore.js';
import type { KeystoreFlags } from '../../keystore/open-keystore.js';

export interface SendFlags extends KeystoreFlags {
  domain?: string;
  type?: string;
  reference?: string;
  mutuality?: string;
  dryRun?: boolean;
  force?: boolean;
}

/** `topaz mycarenet mailbox send`. */
export function sendCommand(ctx: Context): Command {
  const command = withKeystore(
    new Command('send')
      .summary('post a document to a mailbox')
      .argument('<file>', 'the document; - for stdin')
      .option('--domain <name>', 'the mailbox: mda, dmg, invoicing, eagreement …')
      .option('--type <name>', 'name of the message, where the mailbox takes several: GMD-CONSULT-HCP …')
      .option('--reference <text>', 'your own reference, at most 14 letters and digits')
      .option('--mutuality <number>', 'only to this mutuality; invoicing needs one')
      .option('--dry-run', 'show what would be sent, send nothing')
      .option('-f, --force', 'post it though the same document was posted before'),
  ).addHelpText(
    'after',
    `
The reference tells the answers apart, and is on the disk before anything is sent. What was sent and not
acknowledged is never sent again by itself: look with status first.

Examples:
  # a list of insurability questions; the answers come to the mailbox
  $ topaz mycarenet mailbox send questions.xml --domain mda
  # look at it first
  $ topaz mycarenet mailbox send questions.xml --domain mda --dry-run
  # an invoice file, signed, to one federation; never sent twice by itself
  $ topaz mycarenet mailbox send invoices.txt --domain invoicing --mutuality 300
  # and later
  $ topaz mycarenet mailbox sync --domain mda`,
  ); // prettier-ignore
  return command.action((file: string, options: SendFlags) =>
    action(ctx, command, async (run) => {
      const { runSend } = await import('./run-send.js');
      await runSend(run, file, options);
    }),
  );
}
