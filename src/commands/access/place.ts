/**
 * What the commands of `access` and the check before each use share: files, the responsible of a keystore, roots.
 *
 * @module
 */

import { realpath } from 'node:fs/promises';
import { join } from 'node:path';

import type { AuditEntry } from '../../access/audit-line.js';
import type { AuditFiles } from '../../access/audit-log.js';
import type { AccessPolicy } from '../../access/policy.js';
import type { AccessQuestion } from '../../access/decide.js';
import { parseSsin } from '../../ids/ssin.js';
import { seconds } from '../../cli/text.js';
import type { Run } from '../../cli/run.js';
import type { LockOptions } from '../../disk/lock.js';
import type { Profile } from '../../profile/profile.js';
import { profileOrNone } from '../eid/open-card.js';

/** A keystore with what is known of the right to use it. */
export interface GuardedKeystore {
  /** Alias of the file itself, where the name is a link. */
  readonly alias: string;
  readonly path: string;
  readonly policyFile: string;
  readonly policy: AccessPolicy | undefined;
  /** SSIN of the responsible that the profile names. */
  readonly responsible: string | undefined;
}

/** The log, and its head in another folder. */
export const auditFiles = ({ paths }: Run): AuditFiles => ({
  log: join(paths.state, 'access.ndjson'),
  head: join(paths.data, 'access-head.json'),
});

export const lockOptions = ({ settings, ctx }: Run): LockOptions => ({
  timeoutMs: settings.lockTimeoutMs,
  signal: ctx.signal,
});

/** @throws TopazError `E_ACCESS_DENIED` for a file of grants that cannot be read. */
export async function guardedKeystore(
  run: Run,
  file: { readonly path: string; readonly alias: string },
): Promise<GuardedKeystore> {
  const [{ policyFile, readPolicy }, { originalOf }, { aliasOf }, path, profile] =
    await Promise.all([
      import('../../access/policy.js'),
      import('../../keystore/backups.js'),
      import('../../keystore/store.js'),
      realpath(file.path).catch(() => file.path),
      usableProfile(run),
    ]);
  // A dated copy is under the rules of its keystore.
  const ruled = originalOf(path) ?? path;
  const alias = aliasOf(ruled);
  const beside = policyFile(ruled);
  return {
    alias,
    path,
    policyFile: beside,
    policy: await readPolicy(beside),
    responsible: responsibleIn(profile, [file.alias, file.path, path, alias, ruled]),
  };
}

/** What {@link GuardedKeystore} lacks for an answer, but for the person and the purpose. */
export async function questionOf(
  run: Run,
  { alias, policy, responsible }: GuardedKeystore,
): Promise<Omit<AccessQuestion, 'person' | 'purpose'>> {
  const { trustRoots } = await import('../../profile/trust.js');
  const profile = await usableProfile(run);
  return {
    keystore: alias,
    policy,
    responsible,
    // Nothing to hold a grant against: then none counts.
    roots: profile === undefined ? [] : await trustRoots(profile, 'eidRoots'),
    pinned: profile?.environment !== 'sandbox',
    now: run.now(),
  };
}

/** Writes a line to the log, in the name of this command. */
export async function note(
  run: Run,
  entry: Omit<AuditEntry, 'at' | 'profile' | 'command'>,
): Promise<void> {
  const { appendEntry } = await import('../../access/audit-log.js');
  const whole = {
    ...entry,
    at: seconds(run.now()),
    profile: run.settings.profileName,
    command: run.command,
  };
  await appendEntry(auditFiles(run), whole, lockOptions(run));
}

/**
 * `mycarenet.responsible` stands for the keystore of the organisation, or for the active one where the profile
 * has no other.
 *
 * @throws TopazError `E_SSIN_INVALID` for a value that is none: closed, not open.
 */
function responsibleIn(profile: Profile | undefined, names: readonly string[]): string | undefined {
  const responsible = profile?.mycarenet.responsible;
  const meant = profile?.organisationKeystore ?? profile?.keystore;
  if (responsible === undefined || meant === undefined) {
    return undefined;
  }
  const isMeant = names.some((name) => name === meant || name.toLowerCase() === meant.toLowerCase()); // prettier-ignore
  return isMeant ? parseSsin(responsible) : undefined;
}

/** A look at a file needs no profile, and is not kept from it by a broken one. */
const usableProfile = (run: Run): Promise<Profile | undefined> =>
  profileOrNone(run).catch(() => undefined);
