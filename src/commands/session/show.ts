/**
 * `topaz session show`: what the STS certified.
 *
 * @module
 */

import { resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { cleanText } from '../../cli/text.js';
import { sessionDocument, sessionLine } from './session-document.js';
import { requireSession } from './stored-session.js';

export interface ShowOptions {
  saml?: string;
  force?: boolean;
}

/** `topaz session show`. */
export function showCommand(ctx: Context, run = runShow): Command {
  const command = new Command('show')
    .summary('show the attributes that eHealth certified')
    .option('--saml <file>', 'write the assertion to <file>, readable by you alone')
    .option('-f, --force', 'replace the file of --saml')
    .addHelpText(
      'after',
      `
Examples:
  # which attributes did I get?
  $ topaz session show
  # the assertion itself, for the helpdesk
  $ topaz session show --saml assertion.xml`,
    );
  return command.action((options: ShowOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runShow(run: Run, { saml, force = false }: ShowOptions): Promise<void> {
  const session = await requireSession(run, 0);
  if (saml !== undefined) {
    const { writeFileAtomic } = await import('../../disk/atomic.js');
    await writeFileAtomic(resolve(run.ctx.cwd, saml), session.assertion, { overwrite: force });
  }
  const rows = session.attributes.map(({ name, values }) => [name, cleanText(values.join(', '))]);
  run.result(
    {
      schema: 'topaz.session.show/1',
      session: sessionDocument(session, run.now()),
      attributes: session.attributes,
    },
    () => [sessionLine(run, session), ...rows.map((row) => row.join('  '))],
    () => rows,
  );
}
