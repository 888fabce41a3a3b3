/**
 * The tree of commands as completion needs it: for each place the words that may follow, and what each flag
 * takes.
 *
 * @module
 */

import type { Command, Option } from 'commander';

import { pathNames, summaryOf } from '../../cli/help.js';
import type { Translate } from '../../cli/messages/catalog.js';
import { qualityNames } from '../../sts/qualities.js';
import { TOPICS } from '../help/topics.js';

/** What completes a value: files of the disk, folders, fixed words, or a list that topaz itself gives. */
export type ValueKind =
  | { readonly kind: 'file' | 'folder' | 'free' | 'profiles' | 'keystores' | 'messages' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export interface FlagEntry {
  /** `--json`. */
  readonly long: string;
  /** `-o`. */
  readonly short?: string;
  readonly description: string;
  /** Absent where the flag takes none. */
  readonly value?: ValueKind;
}

export interface CommandEntry {
  /** `cert request`; empty for topaz itself. */
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly summary: string }[];
  /** Its own; global ones stand with the root. */
  readonly flags: readonly FlagEntry[];
  /** What its argument is, where it takes one. */
  readonly argument?: ValueKind;
}

/** All commands, the root first. */
export function describeTree(root: Command, translate: Translate): readonly CommandEntry[] {
  const entries = [root, ...root.commands.flatMap(withChildren)].map((command) =>
    describe(command, translate),
  );
  return [
    ...entries.map((entry) => (entry.path === '' ? withHelp(entry) : entry)),
    helpEntry(root),
  ];
}

const withChildren = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withChildren),
];

function describe(command: Command, translate: Translate): CommandEntry {
  const [argument] = command.registeredArguments;
  return {
    path: pathNames(command).join(' '),
    children: command.commands.map((child) => ({
      name: child.name(),
      summary: summaryOf(child, translate),
    })),
    flags: command.options.filter(({ hidden }) => !hidden).map(describeFlag),
    ...(argument === undefined
      ? {}
      : { argument: valueOf(argument.name(), argument.argChoices, pathNames(command)) }),
  };
}

const withHelp = (root: CommandEntry): CommandEntry => ({
  ...root,
  children: [...root.children, { name: 'help', summary: '' }],
  flags: [
    ...root.flags,
    { long: '--help', short: '-h', description: 'help of the command' },
    { long: '--version', short: '-V', description: 'the version' },
  ],
});

const helpEntry = (root: Command): CommandEntry => ({
  path: 'help',
  children: [],
  flags: [],
  argument: {
    kind: 'words',
    words: [...TOPICS.map(({ name }) => name), ...root.commands.map((command) => command.name())],
  },
});

function describeFlag(option: Option): FlagEntry {
  const { long, short, description, argChoices } = option;
  const [, placeholder] = /[<[]([^>\]]+)[>\]]/.exec(option.flags) ?? [];
  return {
    long: long ?? '',
    ...(short === undefined ? {} : { short }),
    description,
    ...(placeholder === undefined ? {} : { value: flagValue(long ?? '', placeholder, argChoices) }),
  };
}

/** Values of global flags stand in their description only. */
const GLOBAL_WORDS: Readonly<Record<string, readonly string[]>> = {
  '--env': ['sandbox', 'int', 'acc', 'prod'],
  '--color': ['auto', 'always', 'never'],
  '--lang': ['fr', 'nl', 'de', 'en'],
};

/** Words of placeholders that commands check themselves. */
const NAMED_WORDS: Readonly<Record<string, readonly string[]>> = {
  role: ['person', 'organisation'],
  quality: qualityNames(),
  reason: ['keyCompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation'],
};

function flagValue(
  long: string,
  placeholder: string,
  choices: readonly string[] | undefined,
): ValueKind {
  const words = choices ?? GLOBAL_WORDS[long] ?? NAMED_WORDS[placeholder];
  if (words !== undefined) {
    return { kind: 'words', words };
  }
  if (long === '--profile') {
    return { kind: 'profiles' };
  }
  if (long === '--keystore') {
    return { kind: 'keystores' };
  }
  return valueOf(placeholder, undefined, []);
}

/** Told by the name of the argument: the same word means the same everywhere. */
function valueOf(
  name: string,
  choices: readonly string[] | undefined,
  path: readonly string[],
): ValueKind {
  if (choices !== undefined) {
    return { kind: 'words', words: choices };
  }
  if (path[0] === 'profile' && name === 'name') {
    return { kind: 'profiles' };
  }
  if (name === 'alias' || (path[0] === 'keystore' && name !== 'file')) {
    return { kind: 'keystores' };
  }
  if (path[0] === 'ehbox' && /^(id|ids|message-id)$/.test(name)) {
    return { kind: 'messages' };
  }
  if (/^(dir|folder)$/.test(name)) {
    return { kind: 'folder' };
  }
  return /^(file|place|path|share|list)$/.test(name) ? { kind: 'file' } : { kind: 'free' };
}
