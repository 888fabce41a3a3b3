/**
 * `topaz unseal`: opens a sealed message, and says who sealed it.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { Unsealed } from '../../etee/unseal.js';
import type { Decrypter } from '../../keys/keys.js';
import {
  activeKeystore,
  checkEnvironment,
  loadKeystore,
  withKeystore,
} from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { openTarget, readPayload } from '../seal/payload.js';
import { describeUnsealed, refusal, sayVerdict } from './verdict.js';

export interface UnsealOptions extends KeystoreFlags {
  out?: string;
  senderOut?: string;
  force?: boolean;
  allowExpiredSender?: boolean;
  allowUnverified?: boolean;
}

/** `topaz unseal`. */
export function unsealCommand(ctx: Context, run = runUnseal): Command {
  const command = withKeystore(
    new Command('unseal')
      .summary('open, and say who sealed it')
      .argument('[file]', 'a sealed message, binary or base64; without it, or with -, stdin')
      .option('-o, --out <file>', 'write to <file>; - for stdout, also on a terminal')
      .option('--sender-out <file>', 'write the certificate of the sender (PEM) to <file>')
      .option('--allow-expired-sender', 'also when the certificate of the sender had ended')
      .option('--allow-unverified', 'write a content that nobody vouches for')
      .option('-f, --force', 'replace the files of --out and --sender-out'),
  ).addHelpText(
    'after',
    `
Examples:
  # open a file
  $ topaz unseal letter.pdf.sealed --out letter.pdf
  # who sealed it, for a script
  $ topaz unseal letter.pdf.sealed --out letter.pdf --json
  # a message for an old certificate
  $ topaz unseal old.sealed --keystore doctor-2023 --out old.pdf`,
  );
  return command.action((file: string | undefined, options: UnsealOptions) =>
    action(ctx, command, (session) => run(session, file, options)),
  );
}

export async function runUnseal(
  run: Run,
  file: string | undefined,
  options: UnsealOptions,
): Promise<void> {
  const target = await openTarget(run, options);
  const senderTarget =
    options.senderOut === undefined
      ? undefined
      : await openTarget(run, { out: options.senderOut, force: options.force, isText: true });
  const { decodeArmor } = await import('../seal/armor.js');
  const sealed = decodeArmor(await readPayload(run, file));
  const unsealed = await open(run, sealed, options);
  if (unsealed.verdict === 'refused' && options.allowUnverified !== true) {
    throw refusal(unsealed);
  }
  const content = unsealed.verdict === 'refused' ? unsealed.quarantined : unsealed.content;
  await target.write(content);
  if (senderTarget !== undefined && unsealed.sender !== undefined) {
    const { formatPem } = await import('../../x509/pem.js');
    await senderTarget.write(
      Buffer.from(formatPem('CERTIFICATE', unsealed.sender.certificate.der)),
    );
  }
  run.result(
    {
      schema: 'topaz.unseal/1',
      ...describeUnsealed(unsealed, content),
      ...(target.path === undefined ? {} : { file: target.path }),
      ...(senderTarget?.path === undefined || unsealed.sender === undefined
        ? {}
        : { senderFile: senderTarget.path }),
    },
    () => [],
  );
  sayVerdict(run, unsealed);
}

async function open(run: Run, sealed: Uint8Array, options: UnsealOptions): Promise<Unsealed> {
  const [{ unseal }, { trustRoots }] = await Promise.all([
    import('../../etee/unseal.js'),
    import('../../profile/trust.js'),
  ]);
  const roots = await trustRoots(await run.profile(), 'ehealthRoots');
  const decrypters = await openDecrypters(run, options);
  return run.step(run.t('seal.step.open'), () =>
    unseal(sealed, {
      decrypters,
      roots,
      now: run.now(),
      allowExpiredSender: options.allowExpiredSender,
    }),
  );
}

/** A keystore whose certificate has ended still opens what was sealed for it. */
async function openDecrypters(run: Run, options: KeystoreFlags): Promise<readonly Decrypter[]> {
  const named = await activeKeystore(run, options.keystore);
  const { keystore, alias } = await loadKeystore(run, named, options);
  await checkEnvironment(run, keystore.authentication.chain[0], alias);
  const { keystoreDecrypters } = await import('../../keystore/keystore.js');
  return keystoreDecrypters(keystore);
}
