/**
 * The tree of commands. A noun is loaded only when the line names it, so that help and version stay fast.
 *
 * @module
 */

import { Command, Option } from 'commander';

import type { Context } from './cli/context.js';
import { GLOBAL_FLAGS } from './cli/global-flags.js';

export interface Noun {
  readonly name: string;
  /** Key of the heading under which the root's help lists it. */
  readonly group: 'card' | 'session' | 'services' | 'settings' | 'trying';
  readonly load: (ctx: Context) => Promise<Command>;
}

/** In the order of the work. */
export const NOUNS: readonly Noun[] = [
  {
    name: 'eid',
    group: 'card',
    load: async (ctx) => (await import('./commands/eid/index.js')).eidCommand(ctx),
  },
  {
    name: 'cert',
    group: 'card',
    load: async (ctx) => (await import('./commands/cert/index.js')).certCommand(ctx),
  },
  {
    name: 'keystore',
    group: 'card',
    load: async (ctx) => (await import('./commands/keystore/index.js')).keystoreCommand(ctx),
  },
  {
    name: 'etk',
    group: 'card',
    load: async (ctx) => (await import('./commands/etk/index.js')).etkCommand(ctx),
  },
  {
    name: 'session',
    group: 'session',
    load: async (ctx) => (await import('./commands/session/index.js')).sessionCommand(ctx),
  },
  {
    name: 'access',
    group: 'session',
    load: async (ctx) => (await import('./commands/access/index.js')).accessCommand(ctx),
  },
  {
    name: 'ehbox',
    group: 'services',
    load: async (ctx) => (await import('./commands/ehbox/index.js')).ehboxCommand(ctx),
  },
  {
    name: 'mycarenet',
    group: 'services',
    load: async (ctx) => (await import('./commands/mycarenet/index.js')).mycarenetCommand(ctx),
  },
  {
    name: 'today',
    group: 'services',
    load: async (ctx) => (await import('./commands/today/index.js')).todayCommand(ctx),
  },
  {
    name: 'seal',
    group: 'services',
    load: async (ctx) => (await import('./commands/seal/index.js')).sealCommand(ctx),
  },
  {
    name: 'unseal',
    group: 'services',
    load: async (ctx) => (await import('./commands/unseal/index.js')).unsealCommand(ctx),
  },
  {
    name: 'key',
    group: 'settings',
    load: async (ctx) => (await import('./commands/key/index.js')).keyCommand(ctx),
  },
  {
    name: 'profile',
    group: 'settings',
    load: async (ctx) => (await import('./commands/profile/index.js')).profileCommand(ctx),
  },
  {
    name: 'doctor',
    group: 'settings',
    load: async (ctx) => (await import('./commands/doctor/index.js')).doctorCommand(ctx),
  },
  {
    name: 'explain',
    group: 'settings',
    load: async (ctx) => (await import('./commands/explain/index.js')).explainCommand(ctx),
  },
  {
    name: 'completion',
    group: 'settings',
    load: async (ctx) => (await import('./commands/completion/index.js')).completionCommand(ctx),
  },
  {
    name: 'backup',
    group: 'settings',
    load: async (ctx) => (await import('./commands/backup/index.js')).backupCommand(ctx),
  },
  {
    name: 'sandbox',
    group: 'trying',
    load: async (ctx) => (await import('./commands/sandbox/index.js')).sandboxCommand(ctx),
  },
];

/** The root with its global flags and no noun. */
export function createRoot(): Command {
  const root = prepare(new Command('topaz'));
  for (const { flags, description } of GLOBAL_FLAGS) {
    root.addOption(new Option(flags, description));
  }
  // Commander counts no flag without a value: `-v`, `-vv`.
  let verbose = 0;
  root.on('option:verbose', () => {
    verbose += 1;
    root.setOptionValue('verbose', verbose);
  });
  return root;
}

/** The root with one noun, ready to parse. */
export async function createProgram(noun: Noun, ctx: Context): Promise<Command> {
  const root = createRoot();
  root.addCommand(prepareAll(await noun.load(ctx)));
  return root;
}

/** The whole tree, for documentation and tests. */
export async function createWholeProgram(ctx: Context): Promise<Command> {
  const root = createRoot();
  for (const noun of NOUNS) {
    root.addCommand(prepareAll(await noun.load(ctx)));
  }
  return root;
}

/** `addCommand` hands nothing down: each command is made to throw, and to leave printing to us. */
function prepareAll(command: Command): Command {
  for (const child of command.commands) {
    prepareAll(child);
  }
  return prepare(command);
}

const prepare = (command: Command): Command =>
  command
    .exitOverride()
    .helpOption(false)
    .helpCommand(false)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
