/**
 * `topaz help`: the overview, the help of a command, or a topic. Loaded for nothing else.
 *
 * @module
 */

import type { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import type { GlobalOptions } from '../../cli/global-flags.js';
import { formatHelp, pathNames } from '../../cli/help.js';
import { createTranslate, loadCatalog } from '../../cli/messages/catalog.js';
import { formatJson } from '../../cli/render.js';
import { preferredLanguage, useColor } from '../../cli/settings.js';
import { createStyle } from '../../cli/style.js';
import { nearest } from '../../cli/text.js';
import { commandOf, findNoun } from '../../command-line.js';
import { EXIT, TopazError } from '../../errors.js';
import { createProgram, NOUNS } from '../../program.js';
import { formatRoot } from './root.js';
import { TOPICS } from './topics.js';

/** `topaz` and `topaz help [COMMAND… | TOPIC]`. */
export async function showHelp(
  ctx: Context,
  options: GlobalOptions,
  words: readonly string[],
): Promise<number> {
  const [first] = words;
  const page = await openPage(ctx, options);
  if (first === undefined) {
    page.show({ topic: 'topaz' }, formatRoot(page));
    return EXIT.ok;
  }
  const topic = words.length === 1 ? TOPICS.find(({ name }) => name === first) : undefined;
  if (topic !== undefined) {
    page.show({ topic: topic.name }, topic.lines(page.lang));
    return EXIT.ok;
  }
  const nouns = NOUNS.map(({ name }) => name);
  const topics = TOPICS.map(({ name }) => name);
  if (!nouns.includes(first)) {
    const near = nearest(first, [...topics, ...nouns]);
    throw new TopazError('E_USAGE', 'there is no such help topic', {
      facts: [`topics: ${topics.join(', ')}`],
      hint:
        near.length > 0
          ? `did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`
          : 'topaz --help lists the commands',
    });
  }
  const program = await createProgram(findNoun(first), ctx);
  return showCommandHelp(ctx, options, commandOf(program, words).command);
}

/**
 * The help of one command: on stdout when it was asked for, on stderr where a verb was missing.
 *
 * @returns The exit status.
 */
export async function showCommandHelp(
  ctx: Context,
  options: GlobalOptions,
  command: Command,
  { failed = false }: { failed?: boolean } = {},
): Promise<number> {
  const page = await openPage(ctx, options, failed ? 'err' : 'out');
  const lines = formatHelp(command, page);
  if (!failed) {
    page.show({ command: pathNames(command).join(' ') }, lines);
    return EXIT.ok;
  }
  if (options.json === true) {
    throw new TopazError('E_USAGE', `"topaz ${pathNames(command).join(' ')}" needs a verb`, {
      facts: [`verbs: ${command.commands.map((child) => child.name()).join(', ')}`],
      hint: `topaz ${pathNames(command).join(' ')} --help`,
    });
  }
  ctx.io.err(lines.join('\n'));
  return EXIT.usage;
}

async function openPage(ctx: Context, options: GlobalOptions, stream: 'out' | 'err' = 'out') {
  const lang = await preferredLanguage(options.lang, options.profile, ctx);
  const tty = stream === 'out' ? ctx.io.tty.stdout : ctx.io.tty.stderr;
  const style = await createStyle(useColor(options.color, ctx.env, tty));
  return {
    lang,
    style,
    translate: createTranslate(await loadCatalog(lang), lang),
    show: (what: Readonly<Record<string, string>>, lines: readonly string[]): void => {
      ctx.io.out(
        options.json === true
          ? formatJson({ schema: 'topaz.help/1', ...what, lines }, ctx.io.tty.stdout)
          : lines.join('\n'),
      );
    },
  };
}
