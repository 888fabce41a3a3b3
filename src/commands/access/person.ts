/**
 * Who is at the keyboard, for the right to use a keystore: the SSIN of the profile's holder; else that of the eID
 * in the reader, read once and remembered for half a day.
 *
 * This is what the account says of itself, not a proof: SECURITY.md.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { isSsin } from '../../ids/ssin.js';
import { profileFolders } from '../../profile/paths.js';
import { openCard, profileOrNone } from '../eid/open-card.js';

export type PersonSource = 'profile' | 'remembered' | 'card';

export interface Person {
  readonly ssin: string;
  readonly source: PersonSource;
}

const REMEMBER_MS = 12 * 3_600_000;

/**
 * The person, or `undefined` when neither profile nor card says who it is.
 *
 * @param options.card Whether to look at the card: after what is remembered, or `first`, which remembers nobody.
 *   @default true
 */
export async function currentPerson(
  run: Run,
  { card = true }: { readonly card?: boolean | 'first' } = {},
): Promise<Person | undefined> {
  const profile = await profileOrNone(run).catch(() => undefined);
  const { type, id } = profile?.holder ?? {};
  if (type === 'SSIN' && id !== undefined && isSsin(id)) {
    return { ssin: id, source: 'profile' };
  }
  const present = card === 'first' ? await readCard(run, { remember: false }) : undefined;
  if (present !== undefined) {
    return present;
  }
  const remembered = await readRemembered(run);
  if (remembered !== undefined) {
    return { ssin: remembered, source: 'remembered' };
  }
  return card === true ? readCard(run, { remember: true }) : undefined;
}

/** Remembers who the card says it is. */
export async function rememberPerson(run: Run, ssin: string): Promise<void> {
  const { makePrivateFolder, writeFileAtomic } = await import('../../disk/atomic.js');
  await makePrivateFolder(profileFolders(run.paths, run.settings.profileName).state);
  const at = run.now().toISOString();
  await writeFileAtomic(fileOf(run), `${JSON.stringify({ schema: 'topaz.access.person/1', ssin, at })}\n`); // prettier-ignore
}

async function readCard(
  run: Run,
  { remember }: { readonly remember: boolean },
): Promise<Person | undefined> {
  const { readHolder } = await import('../../x509/holder.js');
  try {
    const card = await openCard(run);
    try {
      const holder = readHolder((await card.certificate('Authentication')).subject);
      if (holder?.isEid !== true) {
        return undefined;
      }
      if (remember) {
        await rememberPerson(run, holder.identifier.id);
      }
      return { ssin: holder.identifier.id, source: 'card' };
    } finally {
      await card.close();
    }
  } catch (error) {
    if (error instanceof TopazError && error.code !== 'E_INTERRUPTED') {
      return undefined;
    }
    throw error;
  }
}

async function readRemembered(run: Run): Promise<string | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(fileOf(run), 'utf8'));
    if (typeof value !== 'object' || value === null || !('ssin' in value) || !('at' in value)) {
      return undefined;
    }
    const { ssin, at } = value;
    const age = typeof at === 'string' ? run.now().getTime() - Date.parse(at) : NaN;
    return typeof ssin === 'string' && isSsin(ssin) && age >= 0 && age < REMEMBER_MS
      ? ssin
      : undefined;
  } catch {
    return undefined;
  }
}

const fileOf = (run: Run): string =>
  join(profileFolders(run.paths, run.settings.profileName).state, 'access-person.json');
