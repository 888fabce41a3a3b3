/**
 * `topaz access revoke`: takes every grant of a person on a keystore back. It needs no card: what only takes rights
 * away must not wait for one. The keys that the session agent holds are dropped.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { formatSsin, maskSsin, parseSsin } from '../../ids/ssin.js';
import { requireKeystore } from './describe.js';
import { currentPerson } from './person.js';
import { lockOptions, note } from './place.js';

export interface RevokeOptions {
  keystore?: string;
  dryRun?: boolean;
}

/** `topaz access revoke SSIN`. */
export function revokeCommand(ctx: Context, run = runRevoke): Command {
  const command = new Command('revoke')
    .summary('take back what a person was granted')
    .argument('<ssin>', 'SSIN of the person')
    .option('--keystore <alias>', 'which keystore: alias or file')
    .option('--dry-run', 'say what would be taken back, change nothing')
    .addHelpText(
      'after',
      `
Examples:
  # a colleague leaves; asks before it does
  $ topaz access revoke 85.06.11-998.14 --keystore group
  # in a script
  $ topaz access revoke 85061199814 --keystore group --yes

The session agent of this profile forgets the keystore. Asks for a confirmation (--yes).
Who knows the password and has a copy of the file can still use it elsewhere: change
the password too (topaz keystore passwd).`,
    );
  return command.action((ssin: string, options: RevokeOptions) =>
    action(ctx, command, (session) => run(session, ssin, options)),
  );
}

export async function runRevoke(
  run: Run,
  text: string,
  { keystore: named, dryRun = false }: RevokeOptions,
): Promise<void> {
  const person = parseSsin(text);
  const [{ claimOf }, { changePolicy }, keystore] = await Promise.all([
    import('../../access/grant.js'),
    import('../../access/policy.js'),
    requireKeystore(run, named),
  ]);
  const { alias, policy, policyFile, path } = keystore;
  const ids = (policy?.grants ?? []).flatMap((known) => {
    const claim = claimOf(known);
    return claim?.person === person ? [claim.id] : [];
  });
  if (policy === undefined || ids.length === 0) {
    throw new TopazError('E_GRANT_UNKNOWN', 'this person was granted nothing on this keystore', {
      facts: [`keystore "${alias}", ${maskSsin(person)}`],
      hint: `topaz access list --keystore "${alias}"`,
    });
  }
  if (!dryRun) {
    await run.confirm(run.t('access.revoke.question', { person: formatSsin(person), alias }));
    await changePolicy(policyFile, lockOptions(run), (now) => ({
      responsible: now?.responsible ?? policy.responsible,
      grants: (now?.grants ?? []).filter((known) => claimOf(known)?.person !== person),
      revoked: [...new Set([...(now?.revoked ?? []), ...ids])],
    }));
    // Whose card is there now, and not who worked before: the log says who took it back.
    const who = await currentPerson(run, { card: 'first' });
    for (const grant of ids) {
      await note(run, { event: 'revoke', keystore: alias, person, grant, ...(who === undefined ? {} : { who: who.ssin }) }); // prettier-ignore
    }
    const { dropKeystore } = await import('../session/held-keys.js');
    await dropKeystore(run, path);
  }
  run.result(
    { schema: 'topaz.access.revoke/1', keystore: alias, person, revoked: ids, ...(dryRun ? { dryRun } : {}) }, // prettier-ignore
    () => (dryRun ? [run.t('access.revoke.dry', { person: formatSsin(person), alias })] : []),
    () => ids.map((id) => [alias, person, id]),
  );
  if (!dryRun) {
    run.done(run.t('access.revoke.done', { person: maskSsin(person), alias }));
    run.remark(run.t('access.revoke.password', { alias }));
  }
}
