/**
 * `topaz session status`: is one open, how long still, and are its keys unlocked? A check: exit 10 says no.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { parseDuration } from '../../cli/duration.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { agentDocument, agentLine } from './agent-document.js';
import { agentState } from './held-keys.js';
import { sessionDocument, sessionLine } from './session-document.js';
import { currentSession } from './stored-session.js';

export interface StatusOptions {
  failWithin?: string;
}

/** `topaz session status`. */
export function statusCommand(ctx: Context, run = runStatus): Command {
  const command = new Command('status')
    .summary('is a session open, and until when?')
    .option('--fail-within <duration>', 'exit with 10 when it ends within <duration>: 15m, 2h')
    .addHelpText(
      'after',
      `
Examples:
  # open, and until when?
  $ topaz session status
  # in a script: open one when needed
  $ topaz session status --fail-within 15m -q || topaz session open --via keystore

Exit status 10 when none is open, or when it ends too soon.`,
    );
  return command.action((options: StatusOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runStatus(run: Run, { failWithin }: StatusOptions): Promise<void> {
  const limitMs = failWithin === undefined ? 0 : parseDuration(failWithin, '--fail-within');
  const session = await currentSession(run);
  if (session === undefined) {
    throw new TopazError('E_CHECK_FAILED', 'no session is open', { hint: 'topaz session open' });
  }
  const agent = await agentState(run);
  run.result(
    {
      schema: 'topaz.session.status/1',
      session: sessionDocument(session, run.now()),
      agent: agentDocument(agent),
    },
    () => [sessionLine(run, session), agentLine(run, agent)],
    () => [[sessionLine(run, session), agentLine(run, agent)]],
  );
  if (session.notOnOrAfter.getTime() - run.now().getTime() <= limitMs) {
    throw new TopazError('E_CHECK_FAILED', 'the session ends soon', {
      hint: 'topaz session open --force',
    });
  }
}
