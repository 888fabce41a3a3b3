/**
 * `topaz access list`: the keystores of the profile that are not free, and what was granted on each.
 *
 * @module
 */

import { Command } from 'commander';

import type { GrantFault } from '../../access/grant.js';
import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { table } from '../../cli/text.js';
import { formatSsin, parseSsin } from '../../ids/ssin.js';
import { keystoreFiles } from '../keystore/open-keystore.js';
import { purposeText, requireKeystore } from './describe.js';
import { guardedKeystore, questionOf } from './place.js';
import type { GuardedKeystore } from './place.js';

export interface ListOptions {
  keystore?: string;
  person?: string;
}

interface ListedGrant {
  readonly id: string;
  readonly person: string;
  readonly purposes: readonly string[];
  readonly until?: string;
  readonly issuedAt: string;
  readonly state: 'valid' | 'expired' | 'revoked' | 'refused';
  /** Why it is refused. */
  readonly reason?: GrantFault;
}

interface Listed {
  readonly alias: string;
  readonly responsible: string;
  readonly grants: readonly ListedGrant[];
}

/** `topaz access list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = new Command('list')
    .alias('ls')
    .summary('who may use which keystore, and until when')
    .option('--keystore <alias>', 'this keystore alone: alias or file')
    .option('--person <ssin>', 'what this person may')
    .addHelpText(
      'after',
      `
Examples:
  # everything that was granted
  $ topaz access list
  # what may this colleague use?
  $ topaz access list --person 85.06.11-998.14

A keystore that is not listed is free: everybody with its password may use it.`,
    );
  return command.action((options: ListOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runList(run: Run, options: ListOptions): Promise<void> {
  const person = options.person === undefined ? undefined : parseSsin(options.person);
  const files =
    options.keystore === undefined
      ? await ofProfile(run)
      : [await requireKeystore(run, options.keystore)];
  const keystores: Listed[] = [];
  for (const keystore of files) {
    const listed = await describe(run, keystore, person);
    if (listed !== undefined) {
      keystores.push(listed);
    }
  }
  run.result(
    { schema: 'topaz.access.list/1', keystores },
    () => tableOf(run, keystores),
    () =>
      keystores.flatMap(({ alias, responsible, grants }) => [
        [alias, responsible, 'responsible', '', 'valid', responsible],
        ...grants.map(({ person: who, purposes, until = '', state }) => [alias, who, purposes.join(' '), until, state, responsible]), // prettier-ignore
      ]),
  );
  if (keystores.length === 0) {
    run.remark(run.t('access.list.none'));
  }
}

async function ofProfile(run: Run): Promise<readonly GuardedKeystore[]> {
  const { listKeystores } = await import('../../keystore/store.js');
  const stored = await listKeystores(await keystoreFiles(run));
  return Promise.all(stored.map((file) => guardedKeystore(run, file)));
}

async function describe(
  run: Run,
  keystore: GuardedKeystore,
  person: string | undefined,
): Promise<Listed | undefined> {
  const { judgeGrant, responsibleOf } = await import('../../access/decide.js');
  const { claimOf } = await import('../../access/grant.js');
  const responsible = responsibleOf(keystore);
  if (responsible === undefined) {
    return undefined;
  }
  const question = await questionOf(run, keystore);
  const grants = (keystore.policy?.grants ?? []).flatMap((signed): ListedGrant[] => {
    const claim = claimOf(signed);
    if (claim === undefined || (person !== undefined && claim.person !== person)) {
      return [];
    }
    const verdict = judgeGrant(signed, question, responsible);
    const { id, purposes, until, issuedAt } = claim;
    return [
      {
        id,
        person: claim.person,
        purposes,
        ...(until === undefined ? {} : { until }),
        issuedAt,
        state: verdict.state,
        ...(verdict.state === 'refused' ? { reason: verdict.reason } : {}),
      },
    ];
  });
  return { alias: keystore.alias, responsible, grants };
}

function tableOf(run: Run, keystores: readonly Listed[]): readonly string[] {
  const rows = keystores.flatMap(({ alias, responsible, grants }) => [
    [alias, formatSsin(responsible), run.t('access.may.responsible'), '', run.t('access.state.valid')], // prettier-ignore
    ...grants.map(({ person, purposes, until, state }) => [
      alias,
      formatSsin(person),
      purposeText(run, purposes.filter(isShown)),
      until ?? '',
      run.t(`access.state.${state}`),
    ]),
  ]);
  return rows.length === 0
    ? []
    : table(run, rows, ['keystore', 'person', 'may', 'until', 'state'].map((key) => run.t(`access.row.${key}`).toUpperCase())); // prettier-ignore
}

const isShown = (text: string): text is 'read' | 'send' | 'bill' | 'manage' => text !== '';
