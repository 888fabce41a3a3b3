/**
 * `topaz doctor`: is everything in place? Looks at the machine, the card, the profile and, when asked, the
 * services; mends what is safe to mend.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { pad, wrap } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { Check, CheckGroup, CheckState, DoctorOptions } from './check.js';

/** `topaz doctor`. */
export function doctorCommand(ctx: Context, run = runDoctor): Command {
  const command = new Command('doctor')
    .summary('is everything in place?')
    .option('--network', 'also ask every service whether it answers, and what time it is there')
    .option('--card', 'a card must be there: read its certificates, without PIN')
    .option('--fix', 'mend what is safe: permissions, locks and files that crashes left')
    .option('--report <file>', 'write all findings to <file>, redacted, to send to support')
    .option('-f, --force', 'replace the file of --report')
    .addHelpText(
      'after',
      `
Examples:
  # is everything in place?
  $ topaz doctor
  # before the first request: card and network too
  $ topaz doctor --card --network
  # for support
  $ topaz doctor --network --report doctor.json

No PIN and no password is asked. Without --fix nothing is changed.
Exit status 10 when a check failed; warnings alone are 0.`,
    );
  return command.action((options: DoctorOptions) =>
    action(ctx, command, (session) => run(session, options, ctx.env)),
  );
}

const GROUPS: readonly CheckGroup[] = ['machine', 'card', 'profile', 'network'];

/** @param env With the secrets still in it. */
export async function runDoctor(
  run: Run,
  options: DoctorOptions,
  env: Context['env'] = run.ctx.env,
): Promise<void> {
  const { cleanCheck, examineAll, writeReport } = await import('./examination.js');
  const checks = (await examineAll(run, options, env)).map((found) =>
    cleanCheck(found, run.ctx.home),
  );
  run.result(
    {
      schema: 'topaz.doctor/1',
      checks,
    },
    () => lines(run, checks),
    () => checks.map(({ id, state, summary, hint = '' }) => [id, state, summary, hint]),
  );
  if (options.report !== undefined) {
    const file = await writeReport(run, env, checks, {
      file: options.report,
      force: options.force === true,
    });
    run.done(run.t('doctor.report', { file }));
  }
  const failed = checks.filter(({ state }) => state === 'failed');
  if (failed.length > 0) {
    throw new TopazError('E_CHECK_FAILED', `${failed.length} of ${checks.length} checks failed`, {
      facts: failed.slice(0, 5).map(({ id }) => id),
      hint: failed.find(({ hint }) => hint !== undefined)?.hint ?? 'topaz doctor --report FILE',
      details: { failed: failed.map(({ id }) => id) },
    });
  }
}

function lines(run: Run, checks: readonly Check[]): readonly string[] {
  const { t, style } = run;
  return [
    ...GROUPS.flatMap((group) => {
      const own = checks.filter((entry) => entry.group === group);
      return [style.out.bold(t(`doctor.group.${group}`)), ...own.flatMap((entry) => entryLines(run, entry))]; // prettier-ignore
    }),
    '',
    totals(run, checks),
  ];
}

const signWidth = ({ success, warning, failure, skipped }: Run['signs']): number =>
  Math.max(...[success, warning, failure, skipped].map((sign) => sign.length));

/** The sign and the sentence; below it what to do. */
function entryLines(run: Run, { state, summary, hint }: Check): readonly string[] {
  const { t, ctx, settings } = run;
  const columns = Math.max(60, ctx.io.columns);
  if (settings.plain) {
    return [`${t(`doctor.state.${state}`)}: ${summary}`, ...(hint === undefined ? [] : [`${t('frame.next')} ${hint}`])]; // prettier-ignore
  }
  const width = signWidth(run.signs);
  const [first = '', ...others] = wrap(summary, columns - width - 3);
  const indent = ' '.repeat(width + 3);
  return [
    `  ${painted(run, state)} ${first}`,
    ...others.map((line) => `${indent}${line}`),
    ...(hint === undefined
      ? []
      : wrap(`${t('frame.next')} ${hint}`, columns - width - 7).map((line, index) => `${indent}${index === 0 ? '    ' : '      '}${line}`)), // prettier-ignore
  ];
}

function painted({ style: { out }, signs }: Run, state: CheckState): string {
  const width = signWidth(signs);
  switch (state) {
    case 'ok':
      return out.success(pad(signs.success, width));
    case 'warning':
      return out.warning(pad(signs.warning, width));
    case 'failed':
      return out.failure(pad(signs.failure, width));
    case 'skipped':
      return out.dim(pad(signs.skipped, width));
  }
}

function totals({ t }: Run, checks: readonly Check[]): string {
  const count = (wanted: CheckState): number =>
    checks.filter(({ state }) => state === wanted).length;
  const parts = (['failed', 'warning'] as const)
    .filter((state) => count(state) > 0)
    .map((state) => t(`doctor.total.${state}`, { count: count(state) }));
  return parts.length === 0 ? t('doctor.total.ok') : parts.join(', ');
}
