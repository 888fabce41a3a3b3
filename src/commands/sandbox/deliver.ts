/**
 * `topaz sandbox deliver`: a message into an eHealthBox, or into a mailbox of MyCareNet, from an invented sender.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError, systemCode } from '../../errors.js';
import { ask, withData } from './data-folder.js';
import type { DataFlags } from './data-folder.js';

export interface DeliverOptions extends DataFlags {
  to?: string;
  quality?: string;
  from?: string;
  subject?: string;
  text?: string;
  attach: readonly string[];
  seal?: boolean;
  important?: boolean;
  mailbox?: string;
  type?: string;
}

/** `topaz sandbox deliver`. */
export function deliverCommand(ctx: Context, run = runDeliver): Command {
  const command = withData(
    new Command('deliver')
      .summary('put a message in a box')
      .option('--to <type=id>', 'whose box, for example SSIN=79021599732')
      .option('--quality <quality>', 'of the box: DOCTOR, NURSE, GROUP …')
      .option('--from <type=id>', 'the invented sender')
      .option('--subject <text>', 'title of the message')
      .option('--text <text>', 'its body')
      .option('--attach <file>', 'an attachment; may be repeated', collect, [])
      .option('--seal', 'sealed for the ETK of the recipient; waits until there is one')
      .option('--important', 'marked as important')
      .option(
        '--mailbox <name>',
        'into this mailbox of MyCareNet: invoicing, mda, dmg … with --attach',
      )
      .option('--type <name>', 'name of the message in that mailbox: HCPAFD …'),
  ).addHelpText(
    'after',
    `
Examples:
  # a sealed message for the doctor of the demo
  $ topaz sandbox deliver --to SSIN=79021599732 --quality DOCTOR --subject Hello --seal
  # with a file
  $ topaz sandbox deliver --to NIHII-GROUP=94499180 --subject Plan --attach plan.pdf
  # into a mailbox of MyCareNet
  $ topaz sandbox deliver --mailbox invoicing --to NIHII=94499180 --type HCPAFD --attach return.txt`,
  );
  return command.action((options: DeliverOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

const collect = (file: string, files: readonly string[]): readonly string[] => [...files, file];

export async function runDeliver(run: Run, options: DeliverOptions): Promise<void> {
  if (options.mailbox !== undefined) {
    await deliverToMailbox(run, options.mailbox, options);
    return;
  }
  const { to, subject } = options;
  if (to === undefined || subject === undefined) {
    throw new TopazError('E_USAGE', 'whose box, and which subject?', {
      hint: 'add --to TYPE=ID and --subject TEXT',
    });
  }
  const { parseIdentifier, formatIdentifier } = await import('../../ids/identifier.js');
  const recipient = parseIdentifier(to);
  const message = {
    to: formatIdentifier(recipient),
    quality: options.quality ?? (await defaultQuality(recipient.type)),
    ...(options.from === undefined
      ? {}
      : { from: formatIdentifier(parseIdentifier(options.from)) }),
    subject,
    text: options.text ?? subject,
    sealed: options.seal === true,
    important: options.important === true,
    attachments: await Promise.all(
      options.attach.map((file) => attachment(resolve(run.ctx.cwd, file))),
    ),
  };
  const { delivered } = await ask(run, options, 'deliver', {
    document: { schema: 'topaz.sandbox.seed/1', messages: [message] },
  });
  run.result({ schema: 'topaz.sandbox.deliver/1', delivered }, () => []);
  run.done(run.t('sandbox.deliver.done'));
}

/** Documents into a mailbox of MyCareNet, as they are. */
async function deliverToMailbox(run: Run, service: string, options: DeliverOptions): Promise<void> {
  const { to, type, attach, seal } = options;
  if (to === undefined || type === undefined || attach.length === 0) {
    throw new TopazError('E_USAGE', 'whose mailbox, which kind of message, which document?', {
      hint: 'add --to NIHII=NUMBER, --type NAME and --attach FILE',
    });
  }
  const files = await Promise.all(attach.map((file) => attachment(resolve(run.ctx.cwd, file))));
  const genasync = files.map(({ base64 }) => ({
    to,
    service,
    messageName: type,
    contentBase64: base64,
    ...(seal === true ? { sealed: true } : {}),
  }));
  const { delivered } = await ask(run, options, 'deliver', {
    document: { schema: 'topaz.sandbox.seed/1', genasync },
  });
  run.result({ schema: 'topaz.sandbox.deliver/1', delivered }, () => []);
  run.done(run.t('sandbox.deliver.done'));
}

/** A person needs one; an organisation has only one. */
async function defaultQuality(type: string): Promise<string> {
  if (type === 'SSIN' || type === 'NIHII') {
    throw new TopazError('E_USAGE', 'a person has a box per quality', {
      hint: 'add --quality DOCTOR, NURSE …',
    });
  }
  const { organisationBoxQuality } = await import('../../sandbox/people.js');
  return organisationBoxQuality(type);
}

async function attachment(path: string): Promise<{ name: string; base64: string }> {
  try {
    return { name: basename(path), base64: (await readFile(path)).toString('base64') };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      throw new TopazError('E_FILE_NOT_FOUND', `there is no file ${path}`, {
        hint: '--attach takes a file',
        cause: error,
      });
    }
    throw error;
  }
}
