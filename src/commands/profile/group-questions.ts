/**
 * What `topaz profile create --group` has to know, from flags or from a person: certificate, responsible, who may use
 * it, the number under which is billed. Nothing is written here.
 *
 * @module
 */

import { join, resolve } from 'node:path';

import type { Purpose } from '../../access/purpose.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { parseNihii } from '../../ids/nihii.js';
import { formatSsin, isSsin, parseSsin } from '../../ids/ssin.js';
import type { Environment } from '../../profile/environment.js';
import { purposesOf, untilOf } from '../access/grant.js';
import type { CardFlags } from '../eid/open-card.js';
import { openCard } from '../eid/open-card.js';
import type { HolderDocument } from '../keystore/describe.js';
import { chooseAlias, readSource, refuseOther } from '../keystore/import.js';
import { keystoreFiles, refuseSandbox, withPassword } from '../keystore/open-keystore.js';

export interface GroupOptions extends SecretFlags, CardFlags {
  keystore?: string;
  alias?: string;
  responsible?: string;
  grant?: readonly string[];
  may?: readonly string[];
  until?: string;
  billing?: string;
}

/** The certificate of a group, checked, not yet copied. */
export interface GroupKeystore {
  readonly folder: string;
  readonly path: string;
  readonly alias: string;
  readonly bytes: Uint8Array;
  readonly holder: HolderDocument;
}

export interface Responsible {
  readonly ssin: string;
  /** As on the card. */
  readonly name?: string;
}

/** Whom the responsible lets use it. */
export interface Wish {
  readonly persons: readonly string[];
  readonly purposes: readonly Purpose[];
  readonly until: string | undefined;
}

const MAX_CHOICES = 8;

/**
 * Which certificate, and whose it is.
 *
 * @throws TopazError `E_KEYSTORE_INCOMPLETE` while it is pending, `E_USAGE` for one of a person, and as
 *   `keystore import`.
 */
export async function askKeystore(
  run: Run,
  environment: Environment,
  options: GroupOptions,
): Promise<GroupKeystore> {
  const file = await run.require('--keystore FILE', options.keystore, () => askFile(run));
  const source = resolve(run.ctx.cwd, file);
  const [bytes, alias, folder] = await Promise.all([
    readSource(run, source),
    chooseAlias(source, options.alias === undefined ? {} : { alias: options.alias }),
    keystoreFiles(run),
  ]);
  await refuseOther(folder, alias, false);
  const [{ pathOfAlias }, { readKeystore }, { describeKeystore }] = await Promise.all([
    import('../../keystore/store.js'),
    import('../../keystore/keystore.js'),
    import('../keystore/describe.js'),
  ]);
  const path = pathOfAlias(folder, alias);
  const keystore = await withPassword(run, { alias, path }, options, (password) =>
    run.step(run.t('keystore.open.step', { alias }), () => readKeystore(bytes, password)),
  );
  refuseSandbox(environment, keystore.authentication.chain[0], alias);
  const { holder } = describeKeystore(keystore, { alias, path, now: run.now() });
  if (holder === undefined) {
    throw new TopazError('E_KEYSTORE_INCOMPLETE', 'this keystore has no certificate of eHealth yet', {
      hint: 'wait for it (topaz cert finalize), then make the profile',
    }); // prettier-ignore
  }
  if (holder.type === 'SSIN') {
    throw new TopazError('E_USAGE', 'this certificate is that of a person, not of a group', {
      hint: 'topaz profile create without --group, then topaz keystore import --use',
    });
  }
  return { folder, path, alias, bytes, holder };
}

/** The files where official tools put them, or another one. */
async function askFile(run: Run): Promise<string> {
  const { listKeystores } = await import('../../keystore/store.js');
  const found = await listKeystores(join(run.ctx.home, 'ehealth', 'keystore'));
  const prompter = await run.ctx.prompter();
  const other = '';
  const chosen =
    found.length === 0
      ? other
      : await prompter.choose(run.t('profile.group.ask.keystore'), [
          ...found.slice(-MAX_CHOICES).map(({ alias, path }) => ({ value: path, label: alias })),
          { value: other, label: run.t('profile.group.ask.other') },
        ]);
  return chosen === other ? prompter.input(run.t('profile.group.ask.file')) : chosen;
}

/**
 * Who answers for the certificate: the flag, else the card in the reader, else a person says it.
 *
 * @throws TopazError `E_SSIN_INVALID`, `E_INPUT_REQUIRED`.
 */
export async function askResponsible(run: Run, options: GroupOptions): Promise<Responsible> {
  if (options.responsible !== undefined) {
    return { ssin: parseSsin(options.responsible) };
  }
  const onCard = await run.step(run.t('profile.group.card'), () => holderOfCard(run, options));
  if (onCard !== undefined) {
    return onCard;
  }
  const typed = await run.require('--responsible SSIN', undefined, async () =>
    (await run.ctx.prompter()).input(run.t('profile.group.ask.responsible')),
  );
  return { ssin: parseSsin(typed) };
}

/** The certificate says it; no PIN is needed. `undefined` without a card. */
async function holderOfCard(run: Run, options: CardFlags): Promise<Responsible | undefined> {
  const { readHolder } = await import('../../x509/holder.js');
  try {
    const card = await openCard(run, options);
    try {
      const holder = readHolder((await card.certificate('Authentication')).subject);
      return holder?.isEid === true
        ? { ssin: holder.identifier.id, ...(holder.name === undefined ? {} : { name: holder.name }) }
        : undefined; // prettier-ignore
    } finally {
      await card.close();
    }
  } catch (error) {
    if (error instanceof TopazError && error.code !== 'E_INTERRUPTED') {
      run.remark(run.t('profile.group.noCard', { reason: error.message }));
      return undefined;
    }
    throw error;
  }
}

/**
 * Who else may use it: the persons of other profiles are asked for one by one, others are typed. Without a person
 * to ask and without flags, nobody.
 */
export async function askPersons(
  run: Run,
  responsible: string,
  options: GroupOptions,
): Promise<Wish> {
  const purposes = await purposesOf(options.may);
  const until = untilOf(run, options.until);
  const named = options.grant ?? (run.settings.canAsk ? await tick(run, responsible) : []);
  const persons = [...new Set(named.map((text) => parseSsin(text)))].filter((ssin) => ssin !== responsible); // prettier-ignore
  return { persons, purposes, until };
}

async function tick(run: Run, responsible: string): Promise<readonly string[]> {
  const prompter = await run.ctx.prompter();
  const ticked: string[] = [];
  for (const person of await personsOfProfiles(run)) {
    if (person !== responsible && (await prompter.confirm(run.t('profile.group.ask.person', { person: formatSsin(person) })))) {
      ticked.push(person);
    }
  } // prettier-ignore
  const more = await prompter.input(run.t('profile.group.ask.more'));
  return [...ticked, ...more.split(/[\s,;]+/).filter((word) => word !== '')];
}

/** Holders of the profiles of this home. */
async function personsOfProfiles(run: Run): Promise<readonly string[]> {
  const { listProfiles, readProfileValues } = await import('../../profile/files.js');
  const found = new Set<string>();
  for (const name of await listProfiles(run.paths)) {
    const values = await readProfileValues(run.paths, name).catch(() => undefined);
    const id = values?.get('holder.id');
    if (values?.get('holder.type') === 'SSIN' && typeof id === 'string' && isSsin(id)) {
      found.add(id);
    }
  }
  return [...found];
}

/**
 * The number under which the group bills: that of the certificate unless another one is named.
 *
 * @returns `undefined` for a group without such a number.
 * @throws TopazError `E_NIHII_INVALID`.
 */
export async function askBilling(
  run: Run,
  { type, id }: HolderDocument,
  { billing }: GroupOptions,
): Promise<string | undefined> {
  const own = type.startsWith('NIHII') ? id : undefined;
  if (billing !== undefined) {
    return parseNihii(billing);
  }
  if (!run.settings.canAsk) {
    return own;
  }
  const typed = await (await run.ctx.prompter()).input(run.t('profile.group.ask.billing'), own === undefined ? {} : { default: own }); // prettier-ignore
  return typed.trim() === '' ? own : parseNihii(typed);
}
