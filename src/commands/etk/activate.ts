/**
 * `topaz etk activate`: after a renewal, the token of the new keystore replaces the older one, once every
 * place has the new keystore.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { Activation } from '../../lifecycle/etk-activation.js';
import type { Holder } from '../../x509/holder.js';
import { openAuthority, requestsOf } from '../cert/authority.js';
import { openNamedKeystore } from '../keystore/open-keystore.js';
import { holderText } from './describe.js';
import {
  chooseKeystore,
  isPublished,
  ownerFields,
  requireOrdinary,
  withOwnToken,
  type NamedKeystore,
  type OwnTokenFlags,
} from './own-token.js';

/** `topaz etk activate`. */
export function activateCommand(ctx: Context, run = runActivate): Command {
  const command = withOwnToken(
    new Command('activate').summary('after a renewal, put the new token in use'),
  ).addHelpText(
    'after',
    `
Examples:
  # once the new keystore is in use everywhere
  $ topaz etk activate
  # would there be something to activate?
  $ topaz etk activate --dry-run --json

From then on senders seal for the new key, and the older certificate ends. Keep the old
keys: older messages need them. Asks for the password (--password-file) and for a
confirmation (--yes).`,
  );
  return command.action((options: OwnTokenFlags) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runActivate(run: Run, options: OwnTokenFlags): Promise<void> {
  const named = await chooseKeystore(run, options.alias);
  const { signer, decrypters, holder } = await openNamedKeystore(run, named.path, options);
  requireOrdinary(holder, named.alias);
  const keys = { signer, encryption: decrypters.map(({ certificate }) => certificate) };
  const [authority, store, { activateToken, tokenOf }] = await Promise.all([
    openAuthority(run),
    requestsOf(run),
    import('../../lifecycle/etk-activation.js'),
  ]);
  const dryRun = options.dryRun === true;
  const before = await run.step(run.t('etk.activate.ask'), () =>
    activateToken(authority, store, keys, { dryRun: true }),
  );
  const isWaiting = before.etkStatus !== 'VALID_ACTIVE';
  if (dryRun) {
    show(run, { named, holder, outcome: before, dryRun, isWaiting });
    return;
  }
  if (isWaiting) {
    const who = holderText(ownerFields(holder));
    await run.confirm(run.t('etk.activate.question', { alias: named.alias, who }));
  }
  const outcome = await run.step(run.t('etk.activate.step'), () =>
    activateToken(authority, store, keys),
  );
  const published = await isPublished(run, holder, tokenOf(keys));
  show(run, { named, holder, outcome, dryRun, isWaiting, published });
}

interface Shown {
  readonly named: NamedKeystore;
  readonly holder: Holder;
  readonly outcome: Activation;
  readonly dryRun: boolean;
  readonly isWaiting: boolean;
  readonly published?: boolean;
}

function show(
  run: Run,
  { named: { alias, path }, holder, outcome, dryRun, isWaiting, published }: Shown,
): void {
  const owner = ownerFields(holder);
  const words = { alias, who: holderText(owner) };
  run.result(
    {
      schema: 'topaz.etk.activate/1',
      keystore: { alias, path },
      holder: owner,
      ...outcome,
      ...(published === undefined ? {} : { published }),
      dryRun,
    },
    () => (dryRun ? [run.t(isWaiting ? 'etk.activate.dry' : 'etk.activate.there', words)] : []),
    () => [[alias, owner.type, owner.id, outcome.serial ?? '', outcome.etkStatus]],
  );
  if (!dryRun) {
    run.done(run.t(isWaiting ? 'etk.activate.done' : 'etk.activate.there', words));
  }
}
