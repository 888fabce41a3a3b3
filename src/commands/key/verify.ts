/**
 * `topaz key verify`: is a copy sound, and is it the key that it says to be?
 *
 * @module
 */

import { join } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPassphraseFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import { describeKey, keysFolder, readBytes, readKeyFrom } from './key-place.js';
import type { ReadOptions } from './key-place.js';

export interface VerifyOptions extends ReadOptions {
  public?: string;
}

/** `topaz key verify`. */
export function verifyCommand(ctx: Context, run = runVerify): Command {
  const command = withPassphraseFile(
    new Command('verify')
      .summary('is a copy sound, and of the right key?')
      .argument('<file>', 'the copy; - for stdin')
      .option('--id <uuid>', 'id of the healthcare party, where the name of the file has none')
      .option('--public <file>', 'compare with this public key (…-icc-pub.2048.key)'),
  ).addHelpText(
    'after',
    `
Examples:
  # a copy on a stick, against the key of the profile
  $ topaz key verify /media/stick/3f2504e0-4f89-41d3-9a0c-0305e82c3301-icc-priv.2048.key
  # against the public key of the platform
  $ topaz key verify copy.key --id 3f2504e0-4f89-41d3-9a0c-0305e82c3301 --public pub.key

The check of the platform is made: what the public key closes, the private key
opens. Exit 9 when it does not hold.`,
  );
  return command.action((file: string, options: VerifyOptions) =>
    action(ctx, command, (session) => run(session, file, options)),
  );
}

export async function runVerify(run: Run, file: string, options: VerifyOptions): Promise<void> {
  const [{ listKeys, loadKey }, { opens, keyFingerprint, privateFileName }] = await Promise.all([
    import('../../userkey/key-store.js'),
    import('../../userkey/user-key.js'),
  ]);
  const { key, format, encrypted } = await readKeyFrom(run, file, options);
  const folder = keysFolder(run);
  const other =
    options.public !== undefined
      ? { name: options.public, spki: await readPublic(run, options.public) }
      : (await listKeys(folder)).includes(key.id)
        ? {
            name: join(folder, privateFileName(key.id)),
            spki: (await loadKey(folder, key.id)).spki,
          }
        : undefined;
  if (!opens(key.privateKey, other?.spki ?? key.spki)) {
    throw new TopazError('E_KEY_MISMATCH', 'the key does not open what the public key closes', {
      facts: [
        `${file}: ${keyFingerprint(key.spki)}`,
        ...(other === undefined ? [] : [`${other.name}: ${keyFingerprint(other.spki)}`]),
      ],
      hint: 'take another copy of the key: topaz key show says where copies were made',
    });
  }
  run.result(
    {
      schema: 'topaz.key.verify/1',
      key: describeKey(key),
      format,
      encrypted,
      valid: true,
      ...(other === undefined ? {} : { comparedWith: other.name }),
    },
    () => [
      run.t(other === undefined ? 'key.verify.sound' : 'key.verify.same', {
        id: key.id,
        other: other?.name ?? '',
      }),
    ],
    () => [[key.id, keyFingerprint(key.spki), 'valid']],
  );
}

/** Hexadecimal digits of a SubjectPublicKeyInfo, as the platform writes them. */
async function readPublic(run: Run, file: string): Promise<Uint8Array> {
  const { createPublicKey } = await import('node:crypto');
  const text = Buffer.from(await readBytes(run, file))
    .toString()
    .trim();
  try {
    const der = Buffer.from(/^[0-9a-fA-F]+$/.test(text) ? text : '', 'hex');
    return createPublicKey({ key: der, format: 'der', type: 'spki' }).export({ type: 'spki', format: 'der' }); // prettier-ignore
  } catch {
    throw new TopazError('E_KEY_INVALID', `${file} is no public key of the platform`, {
      hint: 'one line of hexadecimal digits, in a file <id>-icc-pub.2048.key',
    });
  }
}
