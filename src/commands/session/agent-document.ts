/**
 * How the session agent is shown: who holds which keys, until when.
 *
 * @module
 */

import type { HeldKeystore } from '../../agent/client.js';
import type { Run } from '../../cli/run.js';
import { formatMoment, seconds } from '../../cli/text.js';
import { fingerprint } from '../../x509/certificate.js';
import { readHolder } from '../../x509/holder.js';
import type { AgentState } from './held-keys.js';

/** `agent` of the JSON documents of `topaz session`; times by the clock of this machine. */
export function agentDocument(agent: AgentState): Readonly<Record<string, unknown>> {
  if (agent.state !== 'unlocked') {
    return { state: agent.state };
  }
  const { pid, unlockedAt, usedAt, locksAt, idleMs, keystores } = agent.status;
  return {
    state: 'unlocked',
    pid,
    unlockedAt: seconds(unlockedAt),
    lastUseAt: seconds(usedAt),
    locksAt: seconds(locksAt),
    idleMinutes: Math.ceil(idleMs / 60_000),
    keystores: keystores.map(keystoreDocument),
  };
}

function keystoreDocument({ alias, path, signer, decrypters }: HeldKeystore): object {
  const holder = readHolder(signer.certificate.subject)?.identifier;
  return {
    alias,
    path,
    ...(holder === undefined ? {} : { holder: { type: holder.type, id: holder.id } }),
    keys: new Set([signer, ...decrypters].map(({ certificate }) => fingerprint(certificate))).size,
  };
}

/** One line for people. */
export function agentLine(run: Run, agent: AgentState): string {
  switch (agent.state) {
    case 'none':
      return run.t('session.agent.none');
    case 'locked':
      return run.t('session.agent.locked');
    case 'unlocked':
      return run.t('session.agent.unlocked', {
        aliases: agent.status.keystores.map(({ alias }) => alias).join(', '),
        until: formatMoment(run, agent.status.locksAt),
      });
  }
}
