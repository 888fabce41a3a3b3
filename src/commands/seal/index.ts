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
import { openTarget, readPayload } from './payload.js';
import { collectRecipients, parseRecipients } from './recipients.js';

export interface SealOptions extends KeystoreFlags {
  to?: readonly string[];
  etk?: readonly string[];
  out?: string;
  armor?: boolean;
  force?: boolean;
}

/** `topaz seal`. */
export function sealCommand(ctx: Context, run = runSeal): Command {
  const command = withKeystore(
    new Command('seal')
      .summary('seal for eHealth recipients')
      .argument('[file]', 'what to seal; without it, or with -, stdin')
      .option('--to <type=id>', 'a recipient, from the ETK depot; may be repeated', collect)
      .option('--etk <file>', 'a recipient, from a file with an ETK; may be repeated', collect)
      .option('-o, --out <file>', 'write to <file>; - for stdout, also on a terminal')
      .option('--armor', 'base64 text, no header lines')
      .option('-f, --force', 'replace the file of --out'),
  ).addHelpText(
    'after',
    `
Examples:
  # for one person
  $ topaz seal letter.pdf --to SSIN=79021599732 --out letter.pdf.sealed
  # for a laboratory and a colleague, through a pipe
  $ tar c results | topaz seal --to NIHII-LABO=71234523 --etk colleague.etk > results.sealed`,
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
  const identifiers = parseRecipients(await askRecipients(run, options.to ?? [], files));
  const target = await openTarget(run, { ...options, isText: armor });
  const content = await readPayload(run, file);
  const recipients = await collectRecipients(run, identifiers, files);
  const { signer, holder } = await openActiveKeystore(run, options);
  const { seal } = await import('../../etee/seal.js');
  const now = run.now();
  const sealed = await run.step(run.t('seal.step'), () =>
    seal(content, { sender: signer, recipients, now }),
  );
  const { encodeArmor } = await import('./armor.js');
  const written = armor ? encodeArmor(sealed) : sealed;
  await target.write(written);
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
      signingTime: seconds(now),
      contentSizeBytes: content.length,
      sizeBytes: written.length,
      armored: armor,
      ...(target.path === undefined ? {} : { file: target.path }),
    },
    () => [],
  );
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
