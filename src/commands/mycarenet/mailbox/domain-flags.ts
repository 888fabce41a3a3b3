/**
 * Which mailboxes a command is about, and where they are on this machine.
 *
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Command } from 'commander';

import type { Run } from '../../../cli/run.js';
import { systemCode } from '../../../errors.js';
import { DOMAINS, findDomain } from '../../../mycarenet/genasync/domains.js';
import type { Domain } from '../../../mycarenet/genasync/domains.js';
import { MailboxStore } from '../../../mycarenet/genasync/store.js';
import type { Profile } from '../../../profile/profile.js';

export interface DomainFlags {
  domain?: readonly string[];
}

/** Adds `--domain`, which may be repeated. */
export const withDomains = (command: Command): Command =>
  command.option(
    '--domain <name>',
    `only this mailbox: ${DOMAINS.map(({ name }) => name).join(', ')}; repeat it for several`,
    collect,
  );

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

/** The folder of a profile's mailboxes. */
export const mailboxFolder = ({ paths }: Run, { name }: Profile): string =>
  join(paths.data, name, 'mycarenet');

/** One mailbox on this machine; its folder may not exist yet. */
export const openStore = (run: Run, profile: Profile, domain: string): MailboxStore =>
  new MailboxStore(join(mailboxFolder(run, profile), domain), { newId: run.ctx.newId });

export interface LocalMailbox {
  readonly domain: string;
  readonly store: MailboxStore;
}

/**
 * The mailboxes that this machine holds, or those of the flags.
 *
 * @throws TopazError `E_USAGE` for a name that is none.
 */
export async function localMailboxes(
  run: Run,
  { domain }: DomainFlags,
): Promise<readonly LocalMailbox[]> {
  const profile = await run.profile();
  const names =
    domain === undefined
      ? await foldersIn(mailboxFolder(run, profile))
      : [...new Set(domain)].map((name) => findDomain(name, profile).name);
  const all = names.map((name) => ({ domain: name, store: openStore(run, profile, name) }));
  const there = await Promise.all(all.map(({ store }) => store.exists()));
  return all.filter((_, index) => there[index]);
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

/** The mailboxes of the flags. @throws TopazError `E_USAGE`. */
export const namedDomains = (profile: Profile, names: readonly string[]): readonly Domain[] =>
  [...new Set(names)].map((name) => findDomain(name, profile));
