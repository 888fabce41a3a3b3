/**
 * `topaz etk fetch`: encryption tokens from the depot, verified.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { formatDay } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { ObtainedEtk } from '../../etk/obtain.js';
import { formatIdentifier, parseIdentifier, type Identifier } from '../../ids/identifier.js';
import { openTarget, type Target } from '../seal/payload.js';
import { describeEtk, etkRecord, holderText, maskedIdentifier, type EtkDocument } from './describe.js'; // prettier-ignore
import { etkSource } from './etk-source.js';

export interface FetchOptions {
  application?: string;
  out?: string;
  refresh?: boolean;
  force?: boolean;
}

/** `topaz etk fetch`. */
export function fetchCommand(ctx: Context, run = runFetch): Command {
  const command = new Command('fetch')
    .summary('fetch encryption tokens from the depot')
    .argument('<type=id...>', 'whose, for example SSIN=79021599732')
    .option('--application <name>', "for one application of an organisation; '' for none")
    .option('-o, --out <file>', 'write the token to <file>; - for stdout, also on a terminal')
    .option('--refresh', 'do not use the local copy')
    .option('-f, --force', 'replace the file of --out')
    .addHelpText(
      'after',
      `
Examples:
  # can this colleague receive sealed messages?
  $ topaz etk fetch SSIN=79021599732
  # the token as a file, for another program
  $ topaz etk fetch CBE=0123456749 --application LABO --out labo.etk`,
    );
  return command.action((identifiers: readonly string[], options: FetchOptions) =>
    action(ctx, command, (session) => run(session, identifiers, options)),
  );
}

interface Done extends EtkDocument {
  /** `TYPE=ID` as asked for. */
  readonly asked: string;
  readonly fromCache: boolean;
  readonly sizeBytes: number;
  readonly file?: string;
}

interface Failed {
  readonly identifier: Identifier;
  readonly error: TopazError;
}

export async function runFetch(
  run: Run,
  texts: readonly string[],
  options: FetchOptions,
): Promise<void> {
  const identifiers = texts.map((text) => parseIdentifier(text));
  const target = await prepareTarget(run, identifiers, options);
  const done: Done[] = [];
  const failed: Failed[] = [];
  const { obtainEtk } = await import('../../etk/obtain.js');
  const source = await etkSource(run);
  for (const identifier of identifiers) {
    try {
      const obtained = await run.step(
        run.t('etk.fetch.step', { who: maskedIdentifier(identifier) }),
        () =>
          obtainEtk(source, identifier, {
            applicationId: options.application,
            refresh: options.refresh,
            signal: run.ctx.signal,
          }),
      );
      await target?.write(obtained.etk.token);
      done.push(describeDone(identifier, obtained, source.now, target));
    } catch (error) {
      failed.push({ identifier, error: asFailure(error) });
    }
  }
  conclude(run, done, failed, target);
}

async function prepareTarget(
  run: Run,
  identifiers: readonly Identifier[],
  { out, force }: FetchOptions,
): Promise<Target | undefined> {
  if (out === undefined) {
    return undefined;
  }
  if (identifiers.length > 1) {
    throw new TopazError('E_USAGE', 'several tokens do not fit into one file', {
      hint: 'with --out, name one holder',
    });
  }
  return openTarget(run, { out, force });
}

const describeDone = (
  identifier: Identifier,
  { etk, fromCache }: ObtainedEtk,
  now: Date,
  target: Target | undefined,
): Done => ({
  asked: formatIdentifier(identifier),
  ...describeEtk(etk, now),
  fromCache,
  sizeBytes: etk.token.length,
  ...(target?.path === undefined ? {} : { file: target.path }),
});

/** What one holder's failure is; a bug, an interruption or a broken set-up ends the whole command. */
function asFailure(error: unknown): TopazError {
  if (error instanceof TopazError && /^E_(?:ETK|CERT)_/.test(error.code)) {
    return error;
  }
  throw error;
}

function conclude(
  run: Run,
  done: readonly Done[],
  failed: readonly Failed[],
  target: Target | undefined,
): void {
  const [first] = failed;
  if (done.length === 0 && first !== undefined) {
    throw first.error;
  }
  // With --out - the token itself is the result.
  if (target === undefined || target.path !== undefined) {
    run.result(
      {
        schema: 'topaz.etk.fetch/1',
        done,
        failed: failed.map(({ identifier, error: { code, message, hint, exitCode } }) => ({
          id: formatIdentifier(identifier),
          error: { code, message, ...(hint === undefined ? {} : { hint }), exitCode },
        })),
      },
      () => done.map((entry) => line(run, entry)),
      () => done.map((entry) => etkRecord(entry, entry.file ?? '')),
    );
  }
  for (const { identifier, error } of failed) {
    run.warn(`${maskedIdentifier(identifier)}: ${error.message} [${error.code}]`);
  }
  if (failed.length > 0) {
    throw new TopazError('E_PARTIAL', `${failed.length} of ${done.length + failed.length} tokens could not be fetched`, { hint: 'see the list above' }); // prettier-ignore
  }
}

const line = (run: Run, { holder, notAfter, fromCache }: Done): string =>
  run.t(fromCache ? 'etk.fetch.copy' : 'etk.fetch.fetched', {
    who: holderText(holder),
    date: formatDay(run, notAfter),
  });
