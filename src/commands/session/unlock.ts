/**
 * Unlocking for a session: opens keystores by their passwords and hands their keys over to a new agent.
 *
 * @module
 */

import { agentAddress, prepareFolder } from '../../agent/address.js';
import { fileDigest } from '../../agent/client.js';
import type { UnlockedKeystore } from '../../agent/handover.js';
import { readRecord, writeRecord } from '../../agent/record.js';
import { startAgent } from '../../agent/start.js';
import { stopAgent } from '../../agent/stop.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { aliasOf } from '../../keystore/store.js';
import type { Session } from '../../sts/session.js';
import {
  keystorePath,
  loadKeystore,
  openNamedKeystore,
  unlockKeystore,
} from '../keystore/open-keystore.js';
import type { LoadedKeystore, OpenedKeystore } from '../keystore/open-keystore.js';
import { agentState, findHeld } from './held-keys.js';
import type { AgentState } from './held-keys.js';
import { sessionFolder } from './stored-session.js';

const MINUTE_MS = 60_000;
const IDLE_MINUTES = 60;

export interface UnlockFlags extends SecretFlags {
  /** `--unlock`: aliases of more keystores. */
  readonly unlock?: readonly string[];
}

/** The active keystore, and what is to be handed to a new agent, if one is to be started. */
export interface UnlockedKeys {
  readonly active: OpenedKeystore;
  readonly start?: {
    readonly socket: string;
    readonly keystores: readonly LoadedKeystore[];
  };
}

/**
 * The keys for a new session: from a running agent that holds all that is wanted, else by their passwords.
 *
 * @param active File of the active keystore.
 * @throws TopazError `E_AGENT_UNSAFE` before anything is asked, and as `unlockKeystore`.
 */
export async function unlock(run: Run, flags: UnlockFlags, active: string): Promise<UnlockedKeys> {
  if (!run.settings.useAgent) {
    return { active: await unlockKeystore(run, active, flags) };
  }
  const agent = await agentState(run);
  if (
    run.secretFrom('password', flags, aliasOf(active)) !== 'flag' &&
    (await holdsAll(run, agent, flags, active))
  ) {
    return { active: await openNamedKeystore(run, active, flags) };
  }
  const socket = await agentPlace(run);
  const opened = await unlockKeystore(run, active, flags);
  const more = await unlockMore(run, flags, active);
  return { active: opened, start: { socket, keystores: [opened, ...more] } };
}

/**
 * After a new session was stored: its agent is started, or the one that runs goes on until its own end.
 * Without an agent the session is as good, so a failure is only told.
 */
export async function handOver(run: Run, session: Session, { start }: UnlockedKeys): Promise<void> {
  const state = sessionFolder(run);
  if (!run.settings.useAgent) {
    await stopAgent(state);
  } else if (start === undefined) {
    const record = await readRecord(state);
    if (record !== undefined) {
      await writeRecord(state, { ...record, assertionId: session.assertionId });
    }
  } else {
    try {
      await startAgentFor(run, session, start.socket, start.keystores);
    } catch (error) {
      if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
        throw error;
      }
      run.warn(run.t('session.agent.failed', { reason: error.message }));
    }
  }
}

/**
 * For a session that is kept: its keys are unlocked again where they are not. Nothing is asked of the STS.
 *
 * @throws TopazError as {@link unlock}, and what kept the agent from starting.
 */
export async function keepUnlocked(
  run: Run,
  flags: UnlockFlags,
  session: Session,
  active: string,
): Promise<void> {
  if (!run.settings.useAgent) {
    await stopAgent(sessionFolder(run));
    return;
  }
  if (await holdsAll(run, await agentState(run), flags, active)) {
    return;
  }
  const socket = await agentPlace(run);
  const opened = await unlockKeystore(run, active, flags);
  await startAgentFor(run, session, socket, [opened, ...(await unlockMore(run, flags, active))]);
}

async function holdsAll(
  run: Run,
  agent: AgentState,
  { unlock: more = [] }: UnlockFlags,
  active: string,
): Promise<boolean> {
  if (agent.state !== 'unlocked') {
    return false;
  }
  const paths = [active, ...(await Promise.all(more.map((alias) => keystorePath(run, alias))))];
  const held = await Promise.all(paths.map((path) => findHeld(agent, path)));
  return held.every((keystore) => keystore !== undefined);
}

/**
 * Opens more keystores than the active one: those of `--unlock`, and that of the organisation where its
 * password is there. One of the latter that stays closed is named.
 *
 * @param active File of the active one: not opened again.
 * @throws TopazError for `--unlock` as `loadKeystore`; `E_KEYSTORE_INCOMPLETE` for one without certificate.
 */
async function unlockMore(
  run: Run,
  flags: UnlockFlags,
  active: string,
): Promise<readonly LoadedKeystore[]> {
  const opened: LoadedKeystore[] = [];
  const open = async (alias: string): Promise<void> => {
    const path = await keystorePath(run, alias);
    if (path !== active && opened.every((known) => known.path !== path)) {
      const loaded = await loadKeystore(run, path, flags);
      if (loaded.keystore.state === 'pending') {
        throw new TopazError('E_KEYSTORE_INCOMPLETE', `keystore "${loaded.alias}" has no certificate yet`, {
          hint: 'topaz cert finalize',
        }); // prettier-ignore
      }
      opened.push(loaded);
    }
  };
  for (const alias of flags.unlock ?? []) {
    await open(alias);
  }
  const { organisationKeystore } = await run.profile();
  if (organisationKeystore !== undefined) {
    try {
      await open(organisationKeystore);
    } catch (error) {
      if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
        throw error;
      }
      run.warn(
        run.t('session.agent.closed', { alias: organisationKeystore, reason: error.message }),
      );
    }
  }
  return opened;
}

/** Where the agent of this profile listens; its folder was made and looked at. */
async function agentPlace(run: Run): Promise<string> {
  const { platform, env } = run.ctx;
  const socket = await agentAddress(sessionFolder(run), { env, platform });
  await prepareFolder(socket, { platform });
  return socket;
}

/**
 * Replaces the agent of this profile. The caller holds the lock of the session.
 *
 * @throws TopazError what kept it from starting.
 */
async function startAgentFor(
  run: Run,
  session: Session,
  socket: string,
  keystores: readonly LoadedKeystore[],
): Promise<void> {
  const state = sessionFolder(run);
  await stopAgent(state);
  const { name, environment, session: wishes } = await run.profile();
  const handed = await Promise.all(
    keystores.map(async ({ alias, path, keystore }): Promise<UnlockedKeystore> => ({
      alias,
      path,
      keystore,
      digest: await fileDigest(path),
    })),
  );
  // The agent has the clock of this machine; that of a sandbox may be ahead of it or behind.
  const offsetMs = run.now().getTime() - run.ctx.now().getTime();
  await startAgent(
    {
      rules: {
        state,
        socket,
        profile: name,
        environment,
        assertionId: session.assertionId,
        notOnOrAfter: session.notOnOrAfter.toISOString(),
        endsAt: session.notOnOrAfter.getTime() - offsetMs,
        idleMs: (wishes.idleMinutes ?? IDLE_MINUTES) * MINUTE_MS,
      },
      keystores: handed,
    },
    { signal: run.ctx.signal, env: run.ctx.env, platform: run.ctx.platform },
  );
}
