/**
 * `topaz unseal`: opens a sealed message, and says who sealed it.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Judgement } from '../../etee/unseal.js';
import type { Decrypter, Signer } from '../../keys/keys.js';
import { sealRevocation } from '../cert/open-revocation.js';
import {
  activeKeystore,
  checkEnvironment,
  keystoreFiles,
  openDecrypters,
  withKeystore,
} from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { kgssKeys } from '../seal/kgss.js';
import { countBytes, openSource, openTarget } from '../seal/payload.js';
import type { Output, Source } from '../seal/payload.js';
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
  $ topaz unseal old.sealed --keystore doctor-2023 --out old.pdf

A message for readers on a list (seal --unaddressed) needs an open session.`,
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
  const source = await openSource(run, file);
  const output = await target.open();
  const unsealed = await open(run, source, output, options)
    .then(async (judgement) => {
      if (judgement.verdict === 'refused' && options.allowUnverified !== true) {
        throw refusal(judgement);
      }
      await output.commit();
      return judgement;
    })
    .catch(async (error: unknown) => {
      await output.discard();
      throw error;
    })
    .finally(() => source.close());
  if (senderTarget !== undefined && unsealed.sender !== undefined) {
    const { formatPem } = await import('../../x509/pem.js');
    await senderTarget.write(
      Buffer.from(formatPem('CERTIFICATE', unsealed.sender.certificate.der)),
    );
  }
  run.result(
    {
      schema: 'topaz.unseal/1',
      ...describeUnsealed(unsealed),
      ...(target.path === undefined ? {} : { file: target.path }),
      ...(senderTarget?.path === undefined || unsealed.sender === undefined
        ? {}
        : { senderFile: senderTarget.path }),
    },
    () => [],
  );
  sayVerdict(run, unsealed);
}

/** Opens into the output, which nobody has seen yet: the verdict decides what becomes of it. */
async function open(
  run: Run,
  source: Source,
  output: Output,
  options: UnsealOptions,
): Promise<Judgement> {
  const [{ unsealStream }, { trustRoots }, { decodeArmor }] = await Promise.all([
    import('../../etee/unseal.js'),
    import('../../profile/trust.js'),
    import('../seal/armor.js'),
  ]);
  const roots = await trustRoots(await run.profile(), 'ehealthRoots');
  const revocation = await sealRevocation(run);
  const { signer, decrypters, others, closed } = await openKeys(run, options);
  const secretKeys = await kgssKeys(run, signer);
  const unsealed = countBytes(run, run.t('seal.step.open'), source, (pull) =>
    unsealStream(decodeArmor(pull), (chunk) => output.write(chunk), {
      decrypters,
      moreDecrypters: () => unlock(run, others, options),
      secretKeys,
      roots,
      now: run.now(),
      allowExpiredSender: options.allowExpiredSender,
      revocation,
    }),
  );
  return sayClosed(run, closed, unsealed).finally(() => {
    secretKeys.wipe();
  });
}

interface Keys {
  /** Asks the KGSS for the key of a message without recipients. */
  readonly signer: Signer;
  readonly decrypters: readonly Decrypter[];
  /** Other keystores of the profile whose password is at hand. */
  readonly others: readonly string[];
  /** Those that nobody has unlocked. */
  readonly closed: readonly string[];
}

/** A keystore whose certificate has ended still opens what was sealed for it; unlocked older ones help. */
async function openKeys(run: Run, options: KeystoreFlags): Promise<Keys> {
  const named = await activeKeystore(run, options.keystore);
  const { alias, certificate, signer, decrypters } = await openDecrypters(run, named, options);
  await checkEnvironment(run, certificate, alias);
  if (options.keystore !== undefined) {
    return { signer, decrypters, others: [], closed: [] };
  }
  const [{ heldAlternates }, { listKeystores }] = await Promise.all([
    import('../session/held-keys.js'),
    import('../../keystore/store.js'),
  ]);
  const held = await heldAlternates(run);
  const { alternates } = await run.profile();
  const inFolder = (await listKeystores(await keystoreFiles(run))).map((entry) => entry.alias);
  const rest = [...held.closed, ...inFolder.filter((other) => !alternates.includes(other))];
  const [others, closed] = [true, false].map((isOpen) =>
    rest.filter(
      (other) =>
        other !== alias && (run.secretFrom('password', options, other) !== undefined) === isOpen,
    ),
  );
  return {
    signer,
    decrypters: [...decrypters, ...held.decrypters],
    others: others ?? [],
    closed: closed ?? [],
  };
}

/** Keys of other keystores, opened one after the other as long as none was meant. */
async function* unlock(
  run: Run,
  aliases: readonly string[],
  options: KeystoreFlags,
): AsyncGenerator<readonly Decrypter[]> {
  for (const alias of aliases) {
    const opened = await openDecrypters(run, alias, options).catch((error: unknown) => {
      if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
        throw error;
      }
      run.warn(run.t('session.agent.skipped', { alias }));
      return undefined;
    });
    if (opened !== undefined) {
      yield opened.decrypters;
    }
  }
}

/** Names the keystores that were not tried, where one of them might have opened the message. */
async function sayClosed<T>(run: Run, closed: readonly string[], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_SEAL_NOT_FOR_US') {
      for (const alias of closed) {
        run.warn(run.t('session.agent.skipped', { alias }));
      }
    }
    throw error;
  }
}
