/**
 * The commands that ask the running sandbox for one thing: reset, seed, approve, refuse, time, profile.
 *
 * @module
 */

import { resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { ask, withData } from './data-folder.js';
import type { DataFlags } from './data-folder.js';
import { timeOf } from './start.js';

/** `topaz sandbox reset`. */
export function resetCommand(ctx: Context): Command {
  const command = withData(
    new Command('reset').summary('forget everything that was seeded or requested'),
  ).addHelpText(
    'after',
    `
Examples:
  # an empty sandbox again; its certificates of trust stay
  $ topaz sandbox reset`,
  );
  return command.action((options: DataFlags) =>
    action(ctx, command, async (run) => {
      await ask(run, options, 'reset');
      run.result({ schema: 'topaz.sandbox.reset/1' }, () => []);
      run.done(run.t('sandbox.reset.done'));
    }),
  );
}

/** `topaz sandbox seed NAME|FILE`. */
export function seedCommand(ctx: Context): Command {
  const command = withData(
    new Command('seed')
      .summary('add people, organisations, patients and messages')
      .argument('<name>', 'demo, or a seed file (see: topaz help sandbox)'),
  ).addHelpText(
    'after',
    `
Examples:
  # the built-in people
  $ topaz sandbox seed demo
  # your own; entries with the same number are replaced
  $ topaz sandbox seed people.json`,
  );
  return command.action((name: string, options: DataFlags) =>
    action(ctx, command, async (run) => {
      const { readSeed } = await import('../../sandbox/apply-seed.js');
      const seed = await readSeed(name === 'demo' ? name : resolve(run.ctx.cwd, name));
      const document = { schema: 'topaz.sandbox.seed/1', ...seed };
      const counts = await ask(run, options, 'seed', { document });
      run.result({ schema: 'topaz.sandbox.seed/1', ...counts }, () => []);
      run.done(run.t('sandbox.seed.done'));
    }),
  );
}

/** `topaz sandbox approve [REQUEST-ID]`. */
export function approveCommand(ctx: Context): Command {
  const command = withData(
    new Command('approve')
      .summary('approve a certificate request, as eHealth would')
      .argument('[request-id]', '8 or more digits of the reference; all that wait without it'),
  ).addHelpText(
    'after',
    `
Examples:
  # every request that waits
  $ topaz sandbox approve
  # one of them
  $ topaz sandbox approve 3a444d24`,
  );
  return command.action((id: string | undefined, options: DataFlags) =>
    action(ctx, command, async (run) => {
      const { approved } = await ask(run, options, 'approve', id === undefined ? {} : { id });
      const ids = Array.isArray(approved) ? approved.map(String) : [];
      run.result({ schema: 'topaz.sandbox.approve/1', approved: ids }, () => ids, () => ids.map((one) => [one])); // prettier-ignore
      run.remark(run.t('sandbox.approve.done', { count: ids.length }));
    }),
  );
}

/** `topaz sandbox refuse REQUEST-ID`. */
export function refuseCommand(ctx: Context): Command {
  const command = withData(
    new Command('refuse')
      .summary('refuse a certificate request, as eHealth would')
      .argument('<request-id>', '8 or more digits of the reference')
      .option('--reason <text>', 'for the output only: the protocol has no place for it'),
  ).addHelpText(
    'after',
    `
Examples:
  # what does my software say then?
  $ topaz sandbox refuse 3a444d24`,
  );
  return command.action((id: string, options: DataFlags & { reason?: string }) =>
    action(ctx, command, async (run) => {
      const { refused } = await ask(run, options, 'refuse', { id });
      run.result(
        { schema: 'topaz.sandbox.refuse/1', refused, ...(options.reason === undefined ? {} : { reason: options.reason }) },
        () => [String(refused)],
      ); // prettier-ignore
    }),
  );
}

/** `topaz sandbox time DATE`. */
export function timeCommand(ctx: Context): Command {
  const command = withData(
    new Command('time')
      .summary('move the clock of the running sandbox')
      .argument('<date>', 'for example 2026-03-01 or 2026-03-01T09:00:00Z'),
  ).addHelpText(
    'after',
    `
Examples:
  # three years later the certificate has ended
  $ topaz sandbox time 2029-03-01`,
  );
  return command.action((date: string, options: DataFlags) =>
    action(ctx, command, async (run) => {
      const { now } = await ask(run, options, 'time', { date: timeOf(date)?.toISOString() });
      run.result({ schema: 'topaz.sandbox.time/1', now }, () => [String(now)]);
    }),
  );
}

/** `topaz sandbox profile`. */
export function profileCommand(ctx: Context): Command {
  const command = withData(
    new Command('profile').summary('write a profile that points to the running sandbox'),
  ).addHelpText(
    'after',
    `
Examples:
  # a second profile for another person
  $ topaz sandbox profile --profile nurse`,
  );
  return command.action((options: DataFlags) =>
    action(ctx, command, (run) => writeProfile(run, options)),
  );
}

async function writeProfile(run: Run, options: DataFlags): Promise<void> {
  const name = run.settings.profileFlag ?? 'sandbox';
  const { path } = await ask(run, options, 'profile', { name });
  run.result({ schema: 'topaz.sandbox.profile/1', profile: name, path }, () => [String(path)]);
}
