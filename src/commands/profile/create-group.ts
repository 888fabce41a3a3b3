/**
 * `topaz profile create --group`: from the certificate of a group to a profile that works. Its quality is shown, the
 * responsible is named with the eID in the reader, the persons who may use it are ticked, the number for the bills is
 * linked. Everything is asked first; then it is written, and the grants are signed with one PIN.
 *
 * @module
 */

import type { Command } from 'commander';

import type { Grant } from '../../access/grant.js';
import type { Context } from '../../cli/context.js';
import type { GlobalOptions } from '../../cli/global-flags.js';
import { createRun } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { facts, seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import { formatNihii } from '../../ids/nihii.js';
import { formatSsin } from '../../ids/ssin.js';
import type { Environment } from '../../profile/environment.js';
import type { ProfileValue } from '../../profile/keys.js';
import { purposeText } from '../access/describe.js';
import { signGrants } from '../access/grant.js';
import { guardedKeystore } from '../access/place.js';
import { qualityWord } from '../keystore/describe.js';
import { copyIn } from '../keystore/import.js';
import { askBilling, askKeystore, askPersons, askResponsible } from './group-questions.js';
import type { GroupKeystore, GroupOptions, Responsible, Wish } from './group-questions.js';
import { askEnvironment, refuseTaken } from './new-profile.js';

export interface CreateGroupOptions extends GroupOptions {
  use?: boolean;
  dryRun?: boolean;
}

interface Plan {
  readonly name: string;
  readonly environment: Environment;
  readonly keystore: GroupKeystore;
  readonly responsible: Responsible;
  readonly wish: Wish;
  readonly billing: string | undefined;
}

/** Two runs: the second one works in the profile that the first one made. */
export async function createGroup(
  ctx: Context,
  command: Command,
  { name, options }: { readonly name: string; readonly options: CreateGroupOptions },
): Promise<void> {
  const flags = { ...command.optsWithGlobals<GlobalOptions>(), profile: name };
  const within = async <T>(work: (run: Run) => Promise<T>): Promise<T> => {
    const { run, close } = await createRun(ctx, flags, 'profile create');
    try {
      return await work(run);
    } finally {
      await close();
    }
  };
  const plan = await within(async (run) => {
    const made = await ask(run, name, options);
    if (options.dryRun === true) {
      report(run, made, { grants: [], dryRun: true });
      return undefined;
    }
    await run.confirm(run.t('profile.group.question', { name, environment: made.environment }));
    await write(run, made, options.use === true);
    return made;
  });
  if (plan !== undefined) {
    await within(async (run) => {
      report(run, plan, { grants: await grantAll(run, plan, options), dryRun: false });
    });
  }
}

async function ask(run: Run, name: string, options: CreateGroupOptions): Promise<Plan> {
  await refuseTaken(run, name);
  const environment = await askEnvironment(run);
  const keystore = await askKeystore(run, environment, options);
  tell(run, holderRows(run, keystore));
  const responsible = await askResponsible(run, options);
  tell(run, [[run.t('access.row.responsible'), responsibleText(responsible)]]);
  const wish = await askPersons(run, responsible.ssin, options);
  const billing = await askBilling(run, keystore.holder, options);
  const plan = { name, environment, keystore, responsible, wish, billing };
  tell(run, summaryRows(run, plan));
  return plan;
}

type Rows = readonly (readonly [string, string])[];

/** On the way, for a person. */
function tell(run: Run, rows: Rows): void {
  if (run.settings.canAsk) {
    for (const line of facts(rows)) {
      run.remark(line);
    }
  }
}

/** As certificates of groups are shown elsewhere: quality, name, sector, value, type. */
function holderRows(run: Run, { holder }: GroupKeystore): Rows {
  const { quality, name, sector, id, type } = holder;
  const t = (key: string): string => run.t(`profile.group.row.${key}`);
  return [
    [t('quality'), qualityWord(run, quality ?? 'organisation')],
    ...(name === undefined ? [] : [[t('name'), name] as const]),
    ...(sector === undefined ? [] : [[t('sector'), sector] as const]),
    [t('value'), id],
    [t('type'), type.split('-')[0] ?? type],
  ];
}

const responsibleText = ({ ssin, name }: Responsible): string =>
  name === undefined ? formatSsin(ssin) : `${name} (${formatSsin(ssin)})`;

function summaryRows(run: Run, { keystore, responsible, wish, billing }: Plan): Rows {
  return [
    [run.t('access.row.keystore'), keystore.alias],
    [run.t('access.row.responsible'), responsibleText(responsible)],
    ...wish.persons.map((person) => [run.t('access.row.person'), formatSsin(person)] as const),
    ...(wish.persons.length === 0
      ? []
      : [[run.t('access.row.may'), purposeText(run, wish.purposes)] as const]),
    ...(billing === undefined
      ? []
      : [[run.t('profile.group.row.billing'), formatNihii(billing)] as const]),
  ];
}

/** First the profile, which names the responsible: the keystore is closed from the moment that it is there. */
async function write(run: Run, plan: Plan, use: boolean): Promise<void> {
  const [{ changeProfile }, { useProfile }] = await Promise.all([
    import('../../profile/profile.js'),
    import('../../profile/files.js'),
  ]);
  const { name, environment, keystore, responsible, billing } = plan;
  const { type, id, quality, name: holderName } = keystore.holder;
  const values: [string, ProfileValue | undefined][] = [
    ['environment', environment],
    ['keystore', keystore.alias],
    ['holder.type', type],
    ['holder.id', id],
    ['holder.quality', quality],
    ['mycarenet.nihii', billing],
    ['mycarenet.quality', quality],
    ['mycarenet.name', holderName],
    ['mycarenet.responsible', responsible.ssin],
  ];
  const given = values.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])); // prettier-ignore
  const places = environment === 'sandbox' ? await sandboxPlaces(run) : [];
  await changeProfile(run.paths, name, () => new Map([...places, ...given]), { environment });
  await copyIn(run, keystore, false);
  if (use) {
    await useProfile(run.paths, name);
  }
}

/** A sandbox is found, and believed, by what its own profile says. */
async function sandboxPlaces(run: Run): Promise<readonly (readonly [string, ProfileValue])[]> {
  const { listProfiles, readProfileValues } = await import('../../profile/files.js');
  for (const name of await listProfiles(run.paths)) {
    const values = await readProfileValues(run.paths, name).catch(() => undefined);
    if (values?.get('environment') === 'sandbox') {
      return [...values].filter(([key]) => /^(endpoints|trust|clock)\./.test(key));
    }
  }
  throw new TopazError('E_SANDBOX_NOT_RUNNING', 'no profile says where the sandbox is', {
    hint: 'topaz sandbox start',
  });
}

async function grantAll(run: Run, plan: Plan, options: GroupOptions): Promise<readonly Grant[]> {
  const { keystore, responsible, wish } = plan;
  const { persons, purposes, until } = wish;
  if (persons.length === 0) {
    return [];
  }
  const { alias, path } = keystore;
  const wanted = persons.map((person) => ({
    id: run.ctx.newId(),
    keystore: alias,
    person,
    purposes,
    ...(until === undefined ? {} : { until }),
    issuedAt: seconds(run.now()),
  }));
  try {
    const guarded = await guardedKeystore(run, { path, alias });
    const { reader, wait, ...secrets } = options;
    return await signGrants(run, guarded, {
      wanted,
      expected: responsible.ssin,
      options: {
        ...pinFlags(secrets),
        ...(reader === undefined ? {} : { reader }),
        ...(wait === undefined ? {} : { wait }),
      },
    });
  } catch (error) {
    // The rest stands: the profile, the keystore, and nobody but the responsible who may use it.
    run.warn(run.t('profile.group.later', { alias }));
    throw error;
  }
}

const pinFlags = ({ pinFile, pinFd, pinWindow, allowLastPinTry }: GroupOptions): GroupOptions => ({
  ...(pinFile === undefined ? {} : { pinFile }),
  ...(pinFd === undefined ? {} : { pinFd }),
  ...(pinWindow === undefined ? {} : { pinWindow }),
  ...(allowLastPinTry === undefined ? {} : { allowLastPinTry }),
});

function report(
  run: Run,
  plan: Plan,
  { grants, dryRun }: { readonly grants: readonly Grant[]; readonly dryRun: boolean },
): void {
  const { name, environment, keystore, responsible, wish, billing } = plan;
  const file = `${run.paths.config}/profiles/${name}.json`;
  const { alias, path, holder } = keystore;
  const shown = dryRun
    ? wish.persons.map((person) => ({ person, purposes: wish.purposes, ...(wish.until === undefined ? {} : { until: wish.until }) }))
    : grants.map(({ id, person, purposes, until }) => ({ id, person, purposes, ...(until === undefined ? {} : { until }) })); // prettier-ignore
  run.result(
    {
      schema: 'topaz.profile.create/1',
      profile: name,
      environment,
      file,
      group: {
        keystore: { alias, path, holder },
        responsible,
        grants: shown,
        ...(billing === undefined ? {} : { billing }),
      },
      ...(dryRun ? { dryRun } : {}),
    },
    // A person was told on the way.
    () => run.settings.canAsk && !dryRun ? [] : facts([...holderRows(run, keystore), ...summaryRows(run, plan)]), // prettier-ignore
  );
  if (!dryRun) {
    run.done(run.t('profile.group.done', { name, alias, count: grants.length }));
    run.remark(run.t('profile.group.next', { name }));
  }
}
