/**
 * `topaz seal`: seals a file for eHealth recipients.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { formatDay, seconds } from '../../cli/text.js';
import { describeEtk, holderFields, holderText } from '../etk/describe.js';
import { openActiveKeystore, withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { newKey, readersText, readReaders, type ReaderFlags } from './kgss.js';
import { openSource, openTarget } from './payload.js';
import { collectRecipients, parseRecipients, readRecipientFiles } from './recipients.js';
import { writeSealed } from './write-sealed.js';

export interface SealOptions extends KeystoreFlags, ReaderFlags {
  to?: readonly string[];
  toFile?: readonly string[];
  etk?: readonly string[];
  out?: string;
  armor?: boolean;
  force?: boolean;
  dryRun?: boolean;
}

/** `topaz seal`. */
export function sealCommand(ctx: Context, run = runSeal): Command {
  const command = withKeystore(
    new Command('seal')
      .summary('seal for eHealth recipients')
      .argument('[file]', 'what to seal; without it, or with -, stdin')
      .option('--to <type=id>', 'a recipient, from the ETK depot; may be repeated', collect)
      .option(
        '--to-file <file>',
        'recipients of a list: one TYPE=ID a line, # for remarks',
        collect,
      )
      .option('--etk <file>', 'a recipient, from a file with an ETK; may be repeated', collect)
      .option('--unaddressed', 'for readers on a list: the KGSS keeps the key for them')
      .option(
        '--reader <who>',
        'one of them: SSIN=ID, QUALITY=ID, or a quality for everybody of it; may be repeated',
        collect,
      )
      .option('--exclude-reader <who>', 'who gets nothing though on the list', collect)
      .option('-o, --out <file>', 'write to <file>; - for stdout, also on a terminal')
      .option('--armor', 'base64 text, no header lines')
      .option('-f, --force', 'replace the file of --out')
      .option('--dry-run', 'say for whom it would be sealed; make no key, write nothing'),
  ).addHelpText(
    'after',
    `
Examples:
  # for one person
  $ topaz seal letter.pdf --to SSIN=79021599732 --out letter.pdf.sealed
  # for a laboratory and a colleague, through a pipe
  $ tar c results | topaz seal --to NIHII-LABO=71234523 --etk colleague.etk > results.sealed
  # for whoever is a doctor, and for one nurse
  $ topaz seal note.txt --unaddressed --reader doctor --reader nurse=79021599732 --out note.sealed`,
  );
  return command.action((file: string | undefined, options: SealOptions) =>
    action(ctx, command, (session) => run(session, file, options)),
  );
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  value,
];

export async function runSeal(
  run: Run,
  file: string | undefined,
  options: SealOptions,
): Promise<void> {
  const armor = options.armor === true;
  const files = options.etk ?? [];
  const lists = await readReaders(run, options);
  const listed = await readRecipientFiles(run, options.toFile ?? []);
  const named = [...(options.to ?? []), ...listed];
  const identifiers = parseRecipients(
    lists === undefined ? await askRecipients(run, named, files) : named,
  );
  if (options.dryRun === true) {
    const { showDryRun } = await import('./dry-run.js');
    await showDryRun(run, { identifiers, files, lists }, options);
    return;
  }
  const target = await openTarget(run, { ...options, isText: armor });
  const source = await openSource(run, file);
  const now = run.now();
  const { holder, recipients, secretKey, written } = await (async () => {
    const recipients = await collectRecipients(run, identifiers, files);
    const keystore = await openActiveKeystore(run, options);
    const { signer: sender, holder } = keystore;
    const secretKey = lists === undefined ? undefined : await newKey(run, keystore, lists);
    const base = { sender, recipients, now, armor };
    const written = await writeSealed(
      run,
      source,
      target,
      secretKey === undefined ? base : { ...base, secretKey },
    ).finally(() => secretKey?.key.fill(0));
    return { holder, recipients, secretKey, written };
  })().finally(() => source.close());
  const documents = recipients.map((etk) => describeEtk(etk, now));
  run.result(
    {
      schema: 'topaz.seal/1',
      sender: holderFields({ ...holder.identifier, ...holder }),
      recipients: documents.map(({ holder: recipient, serial, notAfter }) => ({
        ...recipient,
        serial,
        notAfter,
      })),
      ...(lists === undefined || secretKey === undefined
        ? {}
        : {
            unaddressed: {
              keyIdBase64: Buffer.from(secretKey.id).toString('base64'),
              readers: lists.readers,
              excluded: lists.excluded,
            },
          }),
      signingTime: seconds(now),
      ...written,
      armored: armor,
      ...(target.path === undefined ? {} : { file: target.path }),
    },
    () => [],
  );
  if (lists !== undefined) {
    run.done(readersText(run, lists, 'seal.done.readers'));
    if (documents.length === 0) {
      return;
    }
  }
  run.done(
    run.t('seal.done', {
      count: documents.length,
      recipients: documents
        .map(({ holder: recipient, notAfter }) =>
          run.t('seal.recipient', {
            who: holderText(recipient),
            date: formatDay(run, notAfter),
          }),
        )
        .join('; '),
    }),
  );
}

/** At least one recipient, asked for where there is a person and none was named. */
async function askRecipients(
  run: Run,
  to: readonly string[],
  files: readonly string[],
): Promise<readonly string[]> {
  if (to.length > 0 || files.length > 0) {
    return to;
  }
  const answer = await run.require('--to', undefined, async () =>
    (await run.ctx.prompter()).input(run.t('seal.to')),
  );
  return [answer];
}
