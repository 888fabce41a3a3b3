/**
 * The words of a command line before the parser sees them, and the parser's complaints in our own form:
 * what was mistyped, what was probably meant, and never a secret.
 *
 * @module
 */

import type { Command, CommanderError } from 'commander';

import { GLOBAL_FLAGS } from './cli/global-flags.js';
import { nearest } from './cli/text.js';
import { TopazError } from './errors.js';
import { NOUNS } from './program.js';
import type { Noun } from './program.js';

export interface Line {
  /** Without `--help` and `--version`. */
  readonly words: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

/** Finds `--help` and `--version` wherever they stand before `--`. */
export function readLine(argv: readonly string[]): Line {
  const end = argv.indexOf('--');
  const flags = end < 0 ? argv : argv.slice(0, end);
  const others = end < 0 ? [] : argv.slice(end);
  const isHelp = (word: string): boolean => word === '--help' || word === '-h';
  const isVersion = (word: string): boolean => word === '--version' || word === '-V';
  return {
    words: [...flags.filter((word) => !isHelp(word) && !isVersion(word)), ...others],
    help: flags.some(isHelp),
    version: flags.some(isVersion),
  };
}

/** @throws TopazError `E_USAGE` with suggestions. */
export function findNoun(name: string): Noun {
  const noun = NOUNS.find((known) => known.name === name);
  if (noun === undefined) {
    throw unknownCommand(name, 'topaz', [...NOUNS.map((known) => known.name), 'help']);
  }
  return noun;
}

/**
 * The command that the operands name.
 *
 * @returns `missing` where a group stands alone and a verb is needed.
 * @throws TopazError `E_USAGE` with suggestions.
 */
export function commandOf(
  program: Command,
  operands: readonly string[],
): { readonly command: Command; readonly missing: boolean } {
  let command = program;
  for (const word of operands) {
    if (command.commands.length === 0) {
      break;
    }
    const child = command.commands.find(
      (known) => known.name() === word || known.aliases().includes(word),
    );
    if (child === undefined) {
      throw unknownCommand(
        word,
        pathOf(command),
        command.commands.map((known) => known.name()),
      );
    }
    command = child;
  }
  return { command, missing: command.commands.length > 0 };
}

/** `topaz cert request`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Names of flags that people expect and that must not exist: the whole machine can read a command line. */
const SECRET_FLAG = /^--((?:new-)?(?:pin|password|passphrase)|(?:keystore|license)-password)(=|$)/;

/**
 * Explains why a secret cannot stand on the line. The value is not repeated.
 *
 * @throws TopazError `E_USAGE`.
 */
export function refuseSecrets(words: readonly string[], command: Command): void {
  const end = words.indexOf('--');
  for (const word of end < 0 ? words : words.slice(0, end)) {
    const [, name] = SECRET_FLAG.exec(word) ?? [];
    if (name !== undefined && !command.options.some(({ long }) => long === `--${name}`)) {
      const pin = name.includes('pin');
      throw new TopazError(
        'E_USAGE',
        `a ${pin ? 'PIN' : 'password'} cannot be given on the command line`,
        {
          facts: ['every program on this machine, and the history of the shell, can read it there'],
          hint: `use --${name.replace(/^(keystore|license)-/, '')}-file FILE (mode 0600), or let topaz ask`,
        },
      );
    }
  }
}

interface FlagPlace {
  /** It was given to a group, before its verb. */
  readonly group?: boolean;
}

/** `E_USAGE` for a flag that the command does not have. A value after `=` is not repeated. */
export function unknownFlag(
  word: string,
  command: Command,
  { group = false }: FlagPlace = {},
): TopazError {
  const [flag = word] = word.split('=');
  const path = pathOf(command);
  const globals = GLOBAL_FLAGS.map(({ flags }) => /--[a-z-]+/.exec(flags)?.[0] ?? '');
  const near = nearest(flag, [...command.options.map(({ long }) => long ?? ''), ...globals]);
  return new TopazError('E_USAGE', `unknown flag "${shown(flag)}" for "${path}"`, {
    hint:
      near.length > 0
        ? `did you mean ${list(near)}?  (${path} --help lists all)`
        : group
          ? `flags stand behind the verb; ${path} --help lists the verbs`
          : `${path} --help lists all`,
  });
}

/** What the parser complains about, in our form. */
export function commanderFailure(error: CommanderError, command?: Command): TopazError {
  const path = command === undefined ? 'topaz' : pathOf(command);
  const [, quoted = ''] = /'([^']*)'/.exec(error.message) ?? [];
  const help = `${path} --help`;
  switch (error.code) {
    case 'commander.unknownOption':
      if (command !== undefined) {
        return unknownFlag(quoted, command);
      }
      break;
    case 'commander.optionMissingArgument':
      return new TopazError('E_USAGE', `${quoted} needs a value`, { hint: help });
    case 'commander.missingArgument':
      return new TopazError('E_USAGE', `<${quoted}> is missing`, { hint: help });
    case 'commander.excessArguments':
      return new TopazError('E_USAGE', `too many arguments for "${path}"`, { hint: help });
    case 'commander.conflictingOption': {
      const [first = '', second = ''] = [...error.message.matchAll(/'([^']*)'/g)].map(
        ([, name = '']) => name,
      );
      return new TopazError('E_USAGE', `${first} and ${second} exclude each other`, {
        hint: 'leave out one of them',
      });
    }
    case 'commander.invalidArgument': {
      // `option '--key <type>' argument 'dsa' is invalid. Allowed choices are ec, rsa.`
      // `command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh.`
      const [, argument, why = ''] = /is invalid(?: for argument '([^']*)')?\.\s*(.*)$/s.exec(error.message) ?? []; // prettier-ignore
      const place = argument === undefined ? quoted : `<${argument}>`;
      return new TopazError('E_USAGE', `${place} does not take this value`, {
        facts: why === '' ? [] : [why.trim().replace(/\.$/, '')],
        hint: help,
      });
    }
  }
  return new TopazError('E_USAGE', 'the command line is not right', { hint: help });
}

function unknownCommand(word: string, path: string, known: readonly string[]): TopazError {
  const near = nearest(word, known);
  return new TopazError(
    'E_USAGE',
    `unknown command "${shown(word)}"${path === 'topaz' ? '' : ` of "${path}"`}`,
    {
      hint:
        near.length > 0
          ? `did you mean ${list(near)}?  (${path} --help lists all)`
          : `${path} --help lists all`,
    },
  );
}

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(' or ');

const shown = (word: string): string => (word.length > 40 ? `${word.slice(0, 40)}…` : word);
