/**
 * `topaz ehbox contacts`: names for recipients.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';

export interface ContactAddFlags {
  address?: string;
}

/** `topaz ehbox contacts`. */
export function contactsCommand(ctx: Context): Command {
  const contacts = new Command('contacts').summary('names for recipients');
  contacts.addCommand(listCommand(ctx));
  contacts.addCommand(addCommand(ctx));
  contacts.addCommand(removeCommand(ctx));
  return contacts;
}

function listCommand(ctx: Context): Command {
  const command = new Command('list')
    .alias('ls')
    .summary('list the names, those of senders seen among them')
    .addHelpText(
      'after',
      `
Examples:
  # who can be written to by name?
  $ topaz ehbox contacts list
  # for a script
  $ topaz ehbox contacts list --json`,
    );
  return command.action(() =>
    action(ctx, command, async (run) => {
      const { runContactsList } = await import('./run-contacts.js');
      await runContactsList(run);
    }),
  );
}

function addCommand(ctx: Context): Command {
  const command = new Command('add')
    .summary('give a name to an address')
    .argument('<name>', 'the name, as it will be typed after --to')
    .option('--address <address>', 'what it stands for, TYPE=ID:QUALITY')
    .addHelpText(
      'after',
      `
Examples:
  # an organisation
  $ topaz ehbox contacts add "Labo Exemple" --address NIHII-LABO=71234523
  # a person, whose box has a quality
  $ topaz ehbox contacts add marie --address SSIN=85061199814:DOCTOR`,
    );
  return command.action((name: string, options: ContactAddFlags) =>
    action(ctx, command, async (run) => {
      const { runContactsAdd } = await import('./run-contacts.js');
      await runContactsAdd(run, name, options);
    }),
  );
}

function removeCommand(ctx: Context): Command {
  const command = new Command('remove')
    .alias('rm')
    .summary('remove a name that was added')
    .argument('<name>', 'the name')
    .addHelpText(
      'after',
      `
Examples:
  # he moved to another practice
  $ topaz ehbox contacts remove marie
  # names of senders stay as long as their messages
  $ topaz ehbox contacts list`,
    );
  return command.action((name: string) =>
    action(ctx, command, async (run) => {
      const { runContactsRemove } = await import('./run-contacts.js');
      await runContactsRemove(run, name);
    }),
  );
}
