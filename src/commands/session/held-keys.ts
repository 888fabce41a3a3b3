/**
 * Keys that the session agent of this profile holds: every command that signs or unseals looks here first.
 *
 * A password given by a flag goes before the agent, the agent before a password in the environment, and
 * `--no-agent` leaves it out. Once the agent has locked, its keystores need `topaz session open` again.
 *
 * @module
 */

import type { AgentStatus, HeldKeystore } from '../../agent/client.js';
import type { AgentRecord } from '../../agent/record.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Decrypter } from '../../keys/keys.js';
import { currentSession, sessionFolder } from './stored-session.js';

export type AgentState =
  /** Nothing was unlocked, or the session of that time is over. */
  | { readonly state: 'none' }
  /** The keys of the open session were unlocked, and are gone. */
  | { readonly state: 'locked'; readonly record: AgentRecord }
  | { readonly state: 'unlocked'; readonly record: AgentRecord; readonly status: AgentStatus };

/** A keystore file. */
export interface KeystoreFile {
  readonly path: string;
  readonly alias: string;
}

/** @throws TopazError `E_AGENT_UNSAFE`. */
export async function agentState(run: Run): Promise<AgentState> {
  const { readRecord } = await import('../../agent/record.js');
  const record = await readRecord(sessionFolder(run));
  if (record === undefined) {
    return { state: 'none' };
  }
  const { agentStatus, closeAgent } = await import('../../agent/client.js');
  const status = await unlessLocked(agentStatus(record.socket));
  if (status !== undefined) {
    if (status.notOnOrAfter > run.now()) {
      return { state: 'unlocked', record, status };
    }
    // By the clock of the profile the assertion has ended: a sandbox may have moved it.
    await unlessLocked(closeAgent(record.socket));
  }
  const session = await sessionOrNone(run);
  return session?.assertionId === record.assertionId
    ? { state: 'locked', record }
    : { state: 'none' };
}

/**
 * The keys of a keystore, from the agent; `undefined` when its password is to be used.
 *
 * @throws TopazError `E_SESSION_LOCKED` when only the agent could give them and it has locked,
 *   `E_AGENT_UNSAFE`.
 */
export async function heldKeystore(
  run: Run,
  file: KeystoreFile,
  flags: SecretFlags,
): Promise<HeldKeystore | undefined> {
  const from = run.secretFrom('password', flags, file.alias);
  if (!run.settings.useAgent || from === 'flag') {
    return undefined;
  }
  const agent = await agentState(run);
  const held = await findHeld(agent, file.path);
  if (held === undefined && from === undefined && (await wasUnlocked(run, agent, file.path))) {
    const { sessionLocked } = await import('../../agent/client.js');
    throw sessionLocked([`keystore "${file.alias}" is not unlocked any more`]);
  }
  return held;
}

/** A keystore that is held as it is on disk now: a file that was changed since needs its password. */
export async function findHeld(agent: AgentState, path: string): Promise<HeldKeystore | undefined> {
  const held =
    agent.state === 'unlocked'
      ? agent.status.keystores.find((keystore) => keystore.path === path)
      : undefined;
  if (held === undefined) {
    return undefined;
  }
  const { fileDigest } = await import('../../agent/client.js');
  return (await fileDigest(path)) === held.digest ? held : undefined;
}

async function wasUnlocked(run: Run, agent: AgentState, path: string): Promise<boolean> {
  if (agent.state === 'none' || !agent.record.keystores.includes(path)) {
    return false;
  }
  return (await sessionOrNone(run))?.assertionId === agent.record.assertionId;
}

/**
 * Keys of the profile's alternates that the agent holds; the others stay closed, nobody is asked for them.
 *
 * @throws TopazError `E_AGENT_UNSAFE`.
 */
export async function heldAlternates(
  run: Run,
): Promise<{ readonly decrypters: readonly Decrypter[]; readonly closed: readonly string[] }> {
  const { alternates } = await run.profile();
  if (alternates.length === 0) {
    return { decrypters: [], closed: [] };
  }
  const [{ keystorePath }, { mayUse }] = await Promise.all([
    import('../keystore/open-keystore.js'),
    import('../access/admit.js'),
  ]);
  const agent = run.settings.useAgent ? await agentState(run) : ({ state: 'none' } as const);
  const decrypters: Decrypter[] = [];
  const closed: string[] = [];
  for (const alias of alternates) {
    const path = await keystorePath(run, alias).catch(() => undefined);
    const held = path === undefined ? undefined : await findHeld(agent, path);
    if (held === undefined || !(await mayUse(run, { alias, path: held.path }))) {
      closed.push(alias);
    } else {
      decrypters.push(...held.decrypters);
    }
  }
  return { decrypters, closed };
}

/**
 * Makes the agent forget the keys of a keystore, because its password changes or it goes away.
 *
 * @param path Its file.
 * @throws TopazError `E_AGENT_UNSAFE`.
 */
export async function dropKeystore(run: Run, path: string): Promise<void> {
  const [{ readRecord }, { closeAgent }] = await Promise.all([
    import('../../agent/record.js'),
    import('../../agent/client.js'),
  ]);
  const record = await readRecord(sessionFolder(run));
  if (record?.keystores.includes(path) === true) {
    await unlessLocked(closeAgent(record.socket, path));
  }
}

/**
 * Makes the agent forget the keys of a certificate that was revoked.
 *
 * @param reference PublicKeyIdentifier of its key, 40 hex digits.
 * @throws TopazError `E_AGENT_UNSAFE`.
 */
export async function dropRevoked(run: Run, reference: string): Promise<void> {
  const agent = await agentState(run);
  if (agent.state !== 'unlocked') {
    return;
  }
  const [{ closeAgent }, { publicKeyIdentifier }] = await Promise.all([
    import('../../agent/client.js'),
    import('../../x509/key-identifier.js'),
  ]);
  for (const { path, signer } of agent.status.keystores) {
    if (publicKeyIdentifier(signer.certificate.publicKeyInfo) === reference.toLowerCase()) {
      await unlessLocked(closeAgent(agent.record.socket, path));
    }
  }
}

async function unlessLocked<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_SESSION_LOCKED') {
      return undefined;
    }
    throw error;
  }
}

/** Some commands work without a profile, and so without a session. */
async function sessionOrNone(run: Run): ReturnType<typeof currentSession> {
  try {
    return await currentSession(run);
  } catch (error) {
    if (error instanceof TopazError && error.exitCode === 3) {
      return undefined;
    }
    throw error;
  }
}
