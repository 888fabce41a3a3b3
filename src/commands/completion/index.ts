/**
 * `topaz completion`: the script that lets a shell complete commands, flags and names.
 *
 * @module
 */

import { Argument, Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { CommandEntry } from './describe-tree.js';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
type Shell = (typeof SHELLS)[number];

/** `topaz completion`. */
export function completionCommand(ctx: Context, run = runCompletion): Command {
  const command = new Command('completion')
    .summary('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  # for this shell, from now on (a line of ~/.bashrc)
  $ source <(topaz completion bash)
  # for all users of zsh
  $ topaz completion zsh > /usr/local/share/zsh/site-functions/_topaz
  # fish and PowerShell
  $ topaz completion fish | source
  $ topaz completion powershell | Out-String | Invoke-Expression

Names of profiles, keystores and messages come from this machine alone.`,
    );
  return command.action((shell: Shell) => action(ctx, command, (session) => run(session, shell)));
}

export async function runCompletion(run: Run, shell: Shell): Promise<void> {
  const [{ createWholeProgram }, { describeTree }] = await Promise.all([
    import('../../program.js'),
    import('./describe-tree.js'),
  ]);
  const tree = describeTree(await createWholeProgram(run.ctx), run.t);
  const script = (await scriptOf(shell))(tree);
  run.result({ schema: 'topaz.completion/1', shell, script }, () => [script.trimEnd()]);
}

async function scriptOf(shell: Shell): Promise<(tree: readonly CommandEntry[]) => string> {
  switch (shell) {
    case 'bash':
      return (await import('./bash.js')).bashScript;
    case 'zsh':
      return (await import('./zsh.js')).zshScript;
    case 'fish':
      return (await import('./fish.js')).fishScript;
    case 'powershell':
      return (await import('./powershell.js')).powershellScript;
  }
}
