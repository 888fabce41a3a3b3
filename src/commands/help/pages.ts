/**
 * Every page of help in every language, for the build: without colour, as a pipe would get them.
 *
 * @module
 */

import type { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { formatHelp, pathNames } from '../../cli/help.js';
import { createTranslate, loadCatalog } from '../../cli/messages/catalog.js';
import { createStyle } from '../../cli/style.js';
import { LANGUAGES } from '../../profile/language.js';
import { createWholeProgram } from '../../program.js';
import { formatRoot } from './root.js';
import { TOPICS } from './topics.js';

/** By language, then by name: ``, `cert`, `cert request`, and topics as `help exit-codes`. */
export type HelpPages = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** @param ctx Is handed to the commands; none of them runs. */
export async function allPages(ctx: Context): Promise<HelpPages> {
  const style = await createStyle(false);
  const program = await createWholeProgram(ctx);
  const commands = program.commands.flatMap(withChildren);
  const pages: Record<string, Record<string, string>> = {};
  for (const language of LANGUAGES) {
    const texts = { translate: createTranslate(await loadCatalog(language), language), style };
    pages[language] = Object.fromEntries([
      ['', formatRoot(texts).join('\n')],
      ...TOPICS.map(({ name, lines }) => [`help ${name}`, lines(language).join('\n')] as const),
      ...commands.map(
        (command) => [pathNames(command).join(' '), formatHelp(command, texts).join('\n')] as const,
      ),
    ]);
  }
  return pages;
}

const withChildren = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withChildren),
];
