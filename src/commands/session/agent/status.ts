/**
 * `topaz session agent status`: who holds which keys unlocked, and until when.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { action } from '../../../cli/run.js';
import type { Run } from '../../../cli/run.js';
import { seconds } from '../../../cli/text.js';
import { agentDocument, agentLine } from '../agent-document.js';
import { agentState } from '../held-keys.js';

/** `topaz session agent status`. */
export function agentStatusCommand(ctx: Context, run = runAgentStatus): Command {
  const command = new Command('status')
    .summary('which keys are unlocked, and until when?')
    .addHelpText(
      'after',
      `
Examples:
  # who holds my keys, and until when?
  $ topaz session agent status
  # in a script: unlock again when needed
  $ topaz session agent status --json | jq -r .agent.state

State "unlocked": commands ask for no password. "locked": the session is open,
"topaz session open" needs the password alone. "none": nothing was unlocked.
The agent locks after session.idleMinutes of the profile without use (60),
at the end of the session, and with "topaz session close".`,
    );
  return command.action(() => action(ctx, command, run));
}

export async function runAgentStatus(run: Run): Promise<void> {
  const agent = await agentState(run);
  const { profileName } = run.settings;
  run.result(
    {
      schema: 'topaz.session.agent.status/1',
      profile: profileName,
      agent: agentDocument(agent),
    },
    () => [agentLine(run, agent)],
    () => [
      agent.state === 'unlocked'
        ? [
            agent.state,
            profileName,
            seconds(agent.status.locksAt),
            String(agent.status.pid),
            agent.status.keystores.map(({ alias }) => alias).join(','),
          ]
        : [agent.state, profileName],
    ],
  );
}
