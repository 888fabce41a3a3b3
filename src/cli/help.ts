/**
 * The help of one command, made from its definition: what it does, how to call it, examples, arguments and
 * flags; at most 78 columns (cli-ux §12).
 *
 * @module
 */

import type { Argument, Command, Option } from 'commander';

import type { Translate } from './messages/catalog.js';
import type { Style } from './style.js';
import { pad, wrap } from './text.js';

export const HELP_COLUMNS = 78;
/** Where descriptions begin at most; a longer flag stands on a line of its own. */
const MAX_INDENT = 32;

export interface HelpTexts {
  readonly translate: Translate;
  readonly style: Style;
}

/** One line of a list: what is typed, and what it is. */
export type HelpRow = readonly [string, string];

/** Lines of the help of a verb or a group. */
export function formatHelp(
  command: Command,
  { translate: t, style }: HelpTexts,
): readonly string[] {
  const { examples, notes } = extraText(command);
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', style.bold(t(title)), ...lines];
  const names = pathNames(command);
  return [
    ...wrap(sentence(summaryOf(command, t)), HELP_COLUMNS),
    '',
    `${style.bold(t('frame.usage'))} ${usage(command, names)}`,
    ...section('frame.examples', examples),
    ...section(
      'frame.arguments',
      helpRows(command.registeredArguments.map((argument) => argumentRow(argument, t))),
    ),
    ...section(
      'frame.commands',
      helpRows(
        command.commands.map((child) => [
          [child.name(), ...child.registeredArguments.map(argumentName)].join(' '),
          summaryOf(child, t),
        ]),
      ),
    ),
    ...section(
      'frame.flags',
      helpRows(
        command.options.filter(({ hidden }) => !hidden).map((option) => optionRow(option, t)),
      ),
    ),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
    style.dim(t('frame.globalFlags')),
  ];
}

/** `cert request`, without the name of the program. */
export function pathNames(command: Command): readonly string[] {
  return command.parent === null ? [] : [...pathNames(command.parent), command.name()];
}

/** The summary in the language of the person; English where the catalog has none. */
export function summaryOf(command: Command, translate: Translate): string {
  const key = `help.${pathNames(command).join('.')}`;
  const text = translate(key);
  return text === key ? command.summary() : text;
}

/** `topaz cert request [flags]`. */
export function usage(command: Command, names: readonly string[]): string {
  const rest =
    command.commands.length > 0
      ? ['<command>']
      : [
          ...command.registeredArguments.map(argumentName),
          ...(command.options.length > 0 ? ['[flags]'] : []),
        ];
  return ['topaz', ...names, ...rest].join(' ');
}

function argumentName(argument: Argument): string {
  const name = `<${argument.name()}>${argument.variadic ? '...' : ''}`;
  return argument.required ? name : `[${name}]`;
}

/** Name and description of an argument. */
export const argumentRow = (argument: Argument, t: Translate): HelpRow => [
  argumentName(argument),
  withRemarks(argument.description, [...choiceRemark(argument.argChoices, t)]),
];

/** A flag and its description, with choices and default. */
export function optionRow(option: Option, t: Translate): HelpRow {
  const preset: unknown = option.defaultValue;
  const shown =
    option.defaultValueDescription ??
    (typeof preset === 'string' || typeof preset === 'number' ? String(preset) : undefined);
  return [
    option.short === undefined ? `    ${option.flags}` : option.flags,
    withRemarks(option.description, [
      ...choiceRemark(option.argChoices, t),
      ...(option.variadic ? [t('frame.repeat')] : []),
      ...(shown === undefined ? [] : [t('frame.default', { value: shown })]),
    ]),
  ];
}

const choiceRemark = (choices: readonly string[] | undefined, t: Translate): readonly string[] =>
  choices === undefined ? [] : [t('frame.one', { values: choices.join(', ') })];

const withRemarks = (text: string, remarks: readonly string[]): string =>
  remarks.length === 0 ? text : `${text} (${remarks.join('; ')})`;

/** Two columns; descriptions are broken within theirs. */
export function helpRows(rows: readonly HelpRow[]): readonly string[] {
  const widest = Math.max(0, ...rows.map(([name]) => name.length));
  const indent = Math.min(widest, MAX_INDENT - 4) + 4;
  return rows.flatMap(([name, text]) => {
    const [first = '', ...more] = wrap(text, HELP_COLUMNS - indent);
    const continued = more.map((line) => `${' '.repeat(indent)}${line}`);
    return name.length + 4 > indent
      ? [`  ${name}`, `${' '.repeat(indent)}${first}`, ...continued]
      : [`  ${pad(name, indent - 2)}${first}`.trimEnd(), ...continued];
  });
}

export interface ExtraText {
  /** Comment and command lines. */
  readonly examples: readonly string[];
  /** What stands behind the examples. */
  readonly notes: readonly string[];
}

/** What a command added with `addHelpText('after', …)`: its examples, and remarks behind them. */
export function extraText(command: Command): ExtraText {
  let text = '';
  // The parser writes its own help and then what was added; its own is made empty.
  command
    .configureHelp({ formatHelp: () => '' })
    .configureOutput({
      writeOut: (piece) => {
        text += piece;
      },
    })
    .outputHelp();
  const paragraphs = text.trim().split(/\n{2,}/);
  const examples = paragraphs
    .filter((paragraph) => paragraph.startsWith('Examples:'))
    .flatMap((paragraph) => paragraph.split('\n').slice(1));
  const notes = paragraphs
    .filter((paragraph) => paragraph !== '' && !paragraph.startsWith('Examples:'))
    .flatMap((paragraph, index) => [
      ...(index === 0 ? [] : ['']),
      ...flow(paragraph.split('\n').map((line) => line.trim())),
    ]);
  return { examples, notes };
}

/** Breaks lines that are too long; what is left of one flows into the next, unless that begins with a label. */
function flow(lines: readonly string[]): readonly string[] {
  let rest = '';
  return lines.flatMap((line, index) => {
    const pieces = wrap(rest === '' ? line : `${rest} ${line}`, HELP_COLUMNS);
    const next = lines[index + 1];
    rest =
      pieces.length > 1 && next !== undefined && !/^[a-z][a-z ]*:/i.test(next)
        ? (pieces.at(-1) ?? '')
        : '';
    return rest === '' ? pieces : pieces.slice(0, -1);
  });
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
