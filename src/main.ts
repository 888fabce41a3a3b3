/**
 * One command line, from its words to the exit status. The only place that maps errors to statuses.
 *
 * @module
 */

import { CommanderError } from 'commander';
import type { Command } from 'commander';

import { PipeClosed } from './cli/context.js';
import type { Context } from './cli/context.js';
import type { GlobalOptions } from './cli/global-flags.js';
import { createProcessContext } from './cli/process-context.js';
import { report } from './cli/report.js';
import { preferredLanguage, useColor } from './cli/settings.js';
import { VERSION } from './cli/version.js';
import {
  commandOf,
  commanderFailure,
  findNoun,
  readLine,
  refuseSecrets,
  unknownFlag,
} from './command-line.js';
import type { Line } from './command-line.js';
import type { HelpPages } from './commands/help/pages.js';
import { EXIT, TopazError } from './errors.js';
import { createProgram, createRoot } from './program.js';

/** Runs this process's command line; gives its exit status. */
export async function start(argv: readonly string[]): Promise<number> {
  const { context, endedBy, finish } = createProcessContext();
  const { io } = context;
  process.on('uncaughtException', (error) => {
    void report(error, io, { lang: 'en', json: argv.includes('--json'), debug: argv.includes('--debug'), color: false }) // prettier-ignore
      .finally(() => process.exit(EXIT.internal));
  });
  let status = await main(argv, context);
  try {
    await finish();
  } catch (error) {
    status = await fail(error, argv, context);
  }
  if (endedBy() === undefined) {
    return status;
  }
  // Whatever still waits (a read that nobody answers) would keep the process alive.
  process.exit(status === EXIT.interrupted && endedBy() === 'SIGTERM' ? 143 : status);
}

/** Every page of help, for the build. */
export async function helpPages(): Promise<HelpPages> {
  const { allPages } = await import('./commands/help/pages.js');
  return allPages(createProcessContext().context);
}

/** Runs one command line and gives its exit status. Never throws and never ends the process. */
export async function main(argv: readonly string[], ctx: Context): Promise<number> {
  try {
    return await run(readLine(argv), ctx);
  } catch (error) {
    if (ctx.signal.aborted) {
      const reason: unknown = ctx.signal.reason;
      return reason instanceof PipeClosed ? EXIT.ok : fail(interrupted(error), argv, ctx);
    }
    return fail(error instanceof CommanderError ? commanderFailure(error) : error, argv, ctx);
  }
}

async function run(line: Line, ctx: Context): Promise<number> {
  if (line.version) {
    ctx.io.out(`topaz ${VERSION}`);
    return EXIT.ok;
  }
  const root = createRoot();
  const { operands, unknown } = root.parseOptions([...line.words]);
  const [first, ...rest] = operands;
  if (first === undefined || first === 'help') {
    if (first === undefined && unknown[0] !== undefined) {
      throw unknownFlag(unknown[0], root);
    }
    const { showHelp } = await import('./commands/help/help.js');
    return showHelp(ctx, root.opts<GlobalOptions>(), rest);
  }
  if (first === '__complete') {
    const { printValues } = await import('./commands/completion/complete.js');
    await printValues(ctx, rest[0]);
    return EXIT.ok;
  }
  const program = await createProgram(findNoun(first), ctx);
  const { command, missing } = commandOf(program, operands);
  if (line.help || missing) {
    if (!line.help && unknown[0] !== undefined) {
      throw unknownFlag(unknown[0], command, { group: true });
    }
    const { showCommandHelp } = await import('./commands/help/help.js');
    return showCommandHelp(ctx, root.opts<GlobalOptions>(), command, { failed: !line.help });
  }
  refuseSecrets(line.words, command);
  await parse(program, command, line.words);
  return EXIT.ok;
}

async function parse(program: Command, command: Command, words: readonly string[]): Promise<void> {
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? commanderFailure(error, command) : error;
  }
}

/** One line is enough: the person knows why. What was half done and says so is kept. */
const interrupted = (error: unknown): unknown =>
  error instanceof TopazError && error.code === 'E_INTERRUPTED'
    ? error
    : new TopazError('E_INTERRUPTED', 'interrupted', { cause: error });

async function fail(error: unknown, argv: readonly string[], ctx: Context): Promise<number> {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  const json = words.includes('--json');
  const lang = await preferredLanguage(valueOf('--lang', words), valueOf('--profile', words) ?? valueOf('-p', words), ctx); // prettier-ignore
  const color =
    !words.includes('--no-color') && useColor(colorOf(words), ctx.env, ctx.io.tty.stderr);
  const debug = words.includes('--debug') || !['', '0', undefined].includes(ctx.env['TOPAZ_DEBUG']);
  return report(error, ctx.io, { lang, json, debug, color });
}

/** A flag's value, read without the parser: it may be the parser that failed. */
function valueOf(flag: string, words: readonly string[]): string | undefined {
  const index = words.lastIndexOf(flag);
  return index < 0
    ? words.findLast((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1)
    : words[index + 1];
}

const colorOf = (words: readonly string[]): string | undefined => {
  const value = valueOf('--color', words);
  return value === 'always' || value === 'never' ? value : undefined;
};
