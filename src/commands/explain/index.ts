/**
 * `topaz explain`: what a code means, who must act, and what to do.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { wrap } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { Explanation } from './find-code.js';

/** `topaz explain`. */
export function explainCommand(ctx: Context, run = runExplain): Command {
  const command = new Command('explain')
    .summary('what a code means, who must act, what to do')
    .argument('<code>', 'of topaz, of the card (CKR_…), or of a service, as it was shown')
    .addHelpText(
      'after',
      `
Examples:
  # what does this error want from me?
  $ topaz explain E_PIN_LOCKED
  # a code of eHealth, in French
  $ topaz explain SOA-01001 --lang fr
  # for a script
  $ topaz explain UNKNOWN_NISS_ROUTING --json

Codes of topaz, of PKCS#11 (CKR_… or 0x…), of the eHealth bus (SOA-…), the STS,
the registration authority, the eHealthBox and MyCareNet.`,
    );
  return command.action((code: string) => action(ctx, command, (session) => run(session, code)));
}

export async function runExplain(run: Run, given: string): Promise<void> {
  const { findCode, nearCodes } = await import('./find-code.js');
  const found = findCode(given);
  const [first] = found;
  if (first === undefined) {
    throw unknown(given, nearCodes(given));
  }
  const documents = found.map((entry) => describe(run, entry));
  run.result(
    {
      schema: 'topaz.explain/1',
      code: first.code,
      language: run.settings.lang,
      explanations: documents,
    },
    () =>
      found.flatMap((entry, index) => [...(index === 0 ? [] : ['']), ...entryLines(run, entry)]),
    () =>
      documents.map(({ code, system, fault, meaning, action: act, commands }) => [
        code,
        system,
        fault,
        meaning.join('; '),
        act,
        commands.join('; '),
      ]),
  );
}

const MAX_SHOWN = 40;

function unknown(given: string, near: readonly string[]): TopazError {
  const shown = given.length > MAX_SHOWN ? `${given.slice(0, MAX_SHOWN)}…` : given;
  return new TopazError('E_USAGE', `the code "${shown}" is not known here`, {
    hint:
      near.length > 0
        ? `did you mean ${near.map((code) => `"${code}"`).join(' or ')}?`
        : 'a code of a service that is new here is explained by the support of eHealth or of MyCareNet',
    details: { nearest: near },
  });
}

function describe({ t }: Run, entry: Explanation) {
  const { system, code, meaning, fault, remedy, commands, retryable, exitCode, becomes } = entry;
  return {
    code,
    system,
    meaning: meaning.map((key) => t(key)),
    fault,
    faultText: t(`explain.fault.${fault}`),
    action: t(`explain.do.${remedy}`),
    commands,
    ...(retryable === undefined ? {} : { retryable }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(becomes === undefined ? {} : { becomes }),
  };
}

function entryLines(run: Run, entry: Explanation): readonly string[] {
  const { t, style, ctx } = run;
  const { code, system, meaning, fault, remedy, commands, retryable, exitCode } = entry;
  const columns = Math.max(60, ctx.io.columns);
  const part = (name: string, texts: readonly string[]): readonly string[] => [
    t(`explain.${name}`),
    ...texts.flatMap((text) => wrap(text, columns - 2).map((line) => `  ${line}`)),
  ];
  return [
    `${style.out.bold(code)}  ${style.out.dim(t(`explain.system.${system}`))}`,
    ...part(
      'meaning',
      meaning.map((key) => t(key)),
    ),
    ...part('fault', [t(`explain.fault.${fault}`)]),
    ...part('action', [t(`explain.do.${remedy}`), ...(retryable === true ? [t('explain.retryable')] : [])]), // prettier-ignore
    ...commands.map((line) => `  $ ${line}`),
    ...(exitCode === undefined ? [] : part('exit', [`${exitCode}`])),
  ];
}
