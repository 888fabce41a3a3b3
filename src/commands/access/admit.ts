/**
 * The gate before every keystore: whoever opens one with its password, or asks the session agent for its keys,
 * comes through {@link admit}. A keystore under a policy is not used without a line in the log.
 *
 * @module
 */

import type { AccessReason } from '../../access/decide.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { maskSsin } from '../../ids/ssin.js';
import { guardedKeystore, note, questionOf } from './place.js';

interface KeystoreFile {
  readonly path: string;
  readonly alias: string;
}

/** A command is admitted to a keystore once, and is one line in the log. */
const admitted = new WeakMap<Run, Map<string, Promise<void>>>();

/**
 * Lets the person use a keystore, or refuses.
 *
 * @throws TopazError `E_ACCESS_DENIED`; `E_LOCKED`, `E_DISK_FULL`, `E_READ_ONLY` when the use cannot be logged.
 */
export function admit(run: Run, file: KeystoreFile): Promise<void> {
  const known = admitted.get(run) ?? new Map<string, Promise<void>>();
  admitted.set(run, known);
  const answer = known.get(file.path) ?? admitOnce(run, file);
  known.set(file.path, answer);
  return answer;
}

/** The same as a question: for keys that are left aside when they may not be used. */
export async function mayUse(run: Run, file: KeystoreFile): Promise<boolean> {
  try {
    await admit(run, file);
    return true;
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_ACCESS_DENIED') {
      return false;
    }
    throw error;
  }
}

async function admitOnce(run: Run, file: KeystoreFile): Promise<void> {
  const keystore = await guardedKeystore(run, file);
  const { alias, policy, responsible } = keystore;
  if (policy === undefined && responsible === undefined) {
    return;
  }
  const { decideAccess } = await import('../../access/decide.js');
  const { purposeOf } = await import('../../access/purpose.js');
  const { currentPerson } = await import('./person.js');
  const person = await currentPerson(run);
  const purpose = purposeOf(run.command);
  const question = await questionOf(run, keystore);
  const answer = decideAccess({ ...question, person: person?.ssin, purpose });
  await note(run, {
    event: 'use',
    keystore: alias,
    outcome: answer.allowed ? 'allowed' : 'denied',
    reason: answer.reason,
    ...(person === undefined ? {} : { who: person.ssin }),
    ...(answer.grant === undefined ? {} : { grant: answer.grant.id }),
  });
  if (!answer.allowed) {
    throw denied(alias, answer.reason, person?.ssin, purpose);
  }
}

const WHY: Readonly<Record<Exclude<AccessReason, 'free' | 'responsible' | 'granted'>, string>> = {
  'person-unknown': 'neither the profile nor a card says who you are',
  'no-grant': 'the responsible has granted nothing',
  'other-purpose': 'what was granted does not go so far',
  expired: 'what was granted has ended',
  revoked: 'what was granted was taken back',
  altered: 'the grant is not what was signed',
  foreign: 'the grant is for another keystore, or not by its responsible',
  untrusted: 'the card that signed the grant does not end in a trusted root',
  early: 'the grant was signed later than now: check the clock of this machine',
};

function denied(
  alias: string,
  reason: AccessReason,
  person: string | undefined,
  purpose: string | undefined,
): TopazError {
  const why = reason in WHY ? WHY[reason as keyof typeof WHY] : reason;
  const may = purpose === undefined ? '' : ` --may ${purpose}`;
  return new TopazError('E_ACCESS_DENIED', `you may not use keystore "${alias}"`, {
    facts: [person === undefined ? why : `${why} (${maskSsin(person)})`],
    hint:
      person === undefined
        ? 'topaz profile set holder.type SSIN and holder.id, or insert your eID'
        : `ask the responsible to run: topaz access grant SSIN --keystore "${alias}"${may}`,
    details: { keystore: alias, reason, ...(purpose === undefined ? {} : { purpose }) },
  });
}
