/**
 * `topaz sandbox fail`: what may go wrong with a service, on demand.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { ask, withData } from './data-folder.js';
import type { DataFlags } from './data-folder.js';

export interface FailOptions extends DataFlags {
  with?: string;
  times?: string;
  after?: string;
  list?: boolean;
  clear?: boolean;
}

interface Rule {
  readonly target: string;
  readonly kind: string;
  readonly times: number | null;
  readonly after: number;
}

/** `topaz sandbox fail`. */
export function failCommand(ctx: Context, run = runFail): Command {
  const command = withData(
    new Command('fail')
      .summary('make a service fail in a chosen way')
      .argument('[service]', 'certra, etkra, etkdepot, sts, ocsp, crl … or service.Operation')
      .option('--with <kind>', 'what happens: refused, reset, timeout, http:503 …')
      .option('--times <n>', 'how often (default: until --clear)')
      .option('--after <n>', 'let so many exchanges pass first')
      .option('--list', 'show what is set')
      .option('--clear', 'nothing fails any more'),
  ).addHelpText(
    'after',
    `
Kinds:
  refused reset timeout http:STATUS fault:CODE bad-signature expired
  wrong-holder truncated oversized duplicate lost reordered
  xml:dtd xml:bomb xml:deep xml:wrapped slow:BYTES_PER_SECOND

Of ocsp also: fault:revoked fault:unknown fault:tryLater fault:unauthorized
fault:internalError; one issuer alone: ocsp.citizen-ca, crl.ehealth-root …

Kinds of sts alone, for the token in its answer:
  signed, but wrong: wrong-signer wrong-issuer not-yet-valid too-long bearer
  second-holder wrong-subject wrong-identity wrong-audience not-certified
  expiring:SECONDS wrong-request
  changed afterwards: no-assertion no-signature several-assertions
  late-timestamp
  wrapped:header wrapped:moved wrapped:advice wrapped:nested wrapped:object
  wrapped:extension wrapped:before wrapped:after wrapped:same-id
  wrapped:copy-in-header wrapped:other-element wrapped:whole-document
  wrapped:other-namespace wrapped:comment-in-name wrapped:comment-in-value
  wrapped:instruction

Examples:
  # the next answer of the STS is signed by somebody else
  $ topaz sandbox fail sts --with bad-signature --times 1
  # the real token hides in a header, a forged one is in its place
  $ topaz sandbox fail sts --with wrapped:header --times 1
  # a session that ends in two minutes
  $ topaz sandbox fail sts --with expiring:120 --times 1
  # the answer to the second list is lost
  $ topaz sandbox fail ehboxConsultation.GetMessagesList --with lost --after 1 --times 1
  # a mailbox of MyCareNet was asked too soon
  $ topaz sandbox fail genasync.get --with fault:NOT_ENOUGH_TIME --times 1
  $ topaz sandbox fail --clear`,
  );
  return command.action((service: string | undefined, options: FailOptions) =>
    action(ctx, command, (session) => run(session, service, options)),
  );
}

export async function runFail(
  run: Run,
  service: string | undefined,
  options: FailOptions,
): Promise<void> {
  const { faults } = await ask(run, options, 'fail', parametersOf(service, options));
  const rules = faults as readonly Rule[];
  const rows = rules.map(({ target, kind, times, after }) => [
    target,
    kind,
    times === null ? '∞' : String(times),
    String(after),
  ]);
  run.result(
    { schema: 'topaz.sandbox.fail/1', faults: rules },
    () => rows.map((row) => row.join('  ')),
    () => rows,
  );
}

function parametersOf(
  service: string | undefined,
  { with: kind, times, after, list, clear }: FailOptions,
): Readonly<Record<string, unknown>> {
  if (list === true || clear === true) {
    return { list, clear };
  }
  if (service === undefined || kind === undefined) {
    throw new TopazError('E_USAGE', 'which service fails, and how?', {
      hint: 'topaz sandbox fail sts --with http:503, or --list, or --clear',
    });
  }
  return {
    target: service,
    kind,
    times: countOf('--times', times),
    after: countOf('--after', after),
  };
}

function countOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  if (!/^\d{1,6}$/.test(text) || (flag === '--times' && Number(text) === 0)) {
    throw new TopazError('E_USAGE', `${flag} takes a whole number`, { hint: `${flag} 1` });
  }
  return Number(text);
}
