/**
 * `topaz sandbox card create`: a test eID that every sandbox of this home trusts.
 *
 * @module
 */

import { Command, Option } from 'commander';

import type { Context } from '../../../cli/context.js';
import { action } from '../../../cli/run.js';
import type { Run } from '../../../cli/run.js';
import { TopazError } from '../../../errors.js';

export interface CreateOptions {
  out?: string;
  ssin: string;
  name: string;
  key: 'rsa' | 'ec';
  pin: string;
  type: 'citizen' | 'foreigner' | 'kids';
  softhsm?: boolean;
}

/** `topaz sandbox card create`. */
export function createCommand(ctx: Context, run = runCreate): Command {
  const command = new Command('create')
    .summary('make a test identity card')
    .option('-o, --out <dir>', 'folder of the card')
    .option('--ssin <ssin>', 'number of the made-up holder', '79021599732')
    .option('--name <name>', 'first and last name', 'Jean Exemple')
    .addOption(new Option('--key <type>', 'kind of keys').choices(['ec', 'rsa']).default('ec'))
    .option('--pin <digits>', 'PIN of the test card (it is no secret)', '1234')
    .addOption(
      new Option('--type <type>', 'kind of card')
        .choices(['citizen', 'foreigner', 'kids'])
        .default('citizen'),
    )
    .option('--softhsm', 'also as a SoftHSM2 token')
    .addHelpText(
      'after',
      `
Examples:
  # a card for the demo, and use it
  $ topaz sandbox card create --out card
  $ export TOPAZ_PKCS11_MODULE=sandbox:$PWD/card
  # an older card with RSA keys, as a SoftHSM2 token too
  $ topaz sandbox card create --out card-rsa --key rsa --softhsm`,
    );
  return command.action((options: CreateOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runCreate(run: Run, options: CreateOptions): Promise<void> {
  if (options.out === undefined) {
    throw new TopazError('E_USAGE', 'the folder of the card is needed', { hint: 'add --out DIR' });
  }
  const { createCard } = await import('../../../sandbox/cards.js');
  const card = await createCard({
    dir: options.out,
    dataFolder: run.paths.data,
    ssin: options.ssin,
    name: options.name,
    key: options.key,
    pin: options.pin,
    type: options.type,
    softhsm: options.softhsm,
    now: run.ctx.now(),
    env: run.ctx.env,
  });
  run.result({ schema: 'topaz.sandbox.card.create/1', ...card }, () => [
    `TOPAZ_PKCS11_MODULE=${card.module}`,
    ...(card.softhsm === undefined
      ? []
      : [`SOFTHSM2_CONF=${card.softhsm.conf}`, `# ${card.softhsm.module}`]),
  ]);
  run.remark(run.t('eid.card.created'));
}
