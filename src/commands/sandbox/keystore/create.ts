/**
 * `topaz sandbox keystore create`: a finished keystore with its ETK, for anyone of the seed. The private
 * keys are made here; the running sandbox sees the public ones.
 *
 * @module
 */

import { createPublicKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { withPasswordFile } from '../../../cli/flags.js';
import { action } from '../../../cli/run.js';
import type { Run, SecretFlags } from '../../../cli/run.js';
import { TopazError } from '../../../errors.js';
import type { Certificate } from '../../../x509/certificate.js';
import { ask, withData } from '../data-folder.js';
import type { DataFlags } from '../data-folder.js';
import { timeOf } from '../start.js';

export interface CreateOptions extends DataFlags, SecretFlags {
  holder?: string;
  application?: string;
  out?: string;
  notBefore?: string;
  notAfter?: string;
  force?: boolean;
}

/** keyEncipherment and dataEncipherment. */
const ENCRYPTION_USAGE = 0x30;
const generate = promisify(generateKeyPair);

/** `topaz sandbox keystore create`. */
export function createCommand(ctx: Context, run = runCreate): Command {
  const command = withPasswordFile(
    withData(
      new Command('create')
        .summary('make a finished keystore, without request and card')
        .option('--holder <type=id>', 'a person or organisation of the seed')
        .option('--application <name>', 'application id, of an organisation')
        .option('-o, --out <file>', 'the PKCS#12 file')
        .option('--not-before <date>', 'start of its validity')
        .option('--not-after <date>', 'end of its validity')
        .option('-f, --force', 'replace the file'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # the group of nurses of the demo
  $ topaz sandbox keystore create --holder NIHII-GROUP=94499180 --out group.p12 --password-file pw
  # one that has ended
  $ topaz sandbox keystore create --holder SSIN=79021599732 --out old.p12 \\
      --not-after 2025-12-31 --password-file pw`,
  );
  return command.action((options: CreateOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runCreate(run: Run, options: CreateOptions): Promise<void> {
  const { holder, out } = options;
  if (holder === undefined || out === undefined) {
    throw new TopazError('E_USAGE', 'for whom, and in which file?', {
      hint: 'add --holder TYPE=ID and --out FILE',
    });
  }
  const path = resolve(run.ctx.cwd, out);
  const [{ saveKeystore }, { formatIdentifier, parseIdentifier }] = await Promise.all([
    import('../../../keystore/keystore.js'),
    import('../../../ids/identifier.js'),
  ]);
  const identifier = parseIdentifier(holder);
  const { bytes: password } = await run.secret(
    'password',
    options,
    run.t('sandbox.keystore.password'),
  );
  try {
    const [authentication, encryption] = await Promise.all([newKey(), newKey()]);
    const issued = await issue(run, options, formatIdentifier(identifier), authentication);
    const certificate = await encryptionCertificate(issued, authentication, encryption);
    await ask(run, options, 'keystore.publish', {
      id: issued.id,
      certificateBase64: Buffer.from(certificate.der).toString('base64'),
    });
    const { serialDecimal } = await import('../../../x509/certificate.js');
    await saveKeystore(
      path,
      {
        state: 'ready',
        authentication: { privateKey: authentication, chain: issued.chain },
        encryption: [{ alias: serialDecimal(certificate), privateKey: encryption, certificate }],
      },
      password,
      { overwrite: options.force === true },
    );
    run.result(
      {
        schema: 'topaz.sandbox.keystore.create/1',
        path,
        holder: identifier,
        notBefore: seconds(issued.chain[0].notBefore),
        notAfter: seconds(issued.chain[0].notAfter),
        etkSerial: serialDecimal(certificate),
      },
      () => [path],
    );
  } finally {
    password.fill(0);
  }
}

const newKey = async (): Promise<KeyObject> =>
  (await generate('rsa', { modulusLength: 2048 })).privateKey;

const publicKeyInfoOf = (key: KeyObject): Uint8Array =>
  Uint8Array.from(createPublicKey(key).export({ type: 'spki', format: 'der' }));

const seconds = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, 'Z');

interface Issued {
  readonly id: string;
  readonly serial: bigint;
  readonly chain: readonly [Certificate, ...Certificate[]];
}

async function issue(
  run: Run,
  options: CreateOptions,
  holder: string,
  key: KeyObject,
): Promise<Issued> {
  const { parseCertificate } = await import('../../../x509/certificate.js');
  const reply = (await ask(run, options, 'keystore.issue', {
    holder,
    applicationId: options.application,
    publicKeyInfoBase64: Buffer.from(publicKeyInfoOf(key)).toString('base64'),
    notBefore: timeOf(options.notBefore)?.toISOString(),
    notAfter: timeOf(options.notAfter)?.toISOString(),
  })) as { id: string; encryptionSerialHex: string; chainBase64: readonly string[] };
  const [leaf, ...issuers] = reply.chainBase64.map((text) =>
    parseCertificate(Uint8Array.from(Buffer.from(text, 'base64'))),
  );
  if (leaf === undefined) {
    throw new TopazError('E_REPLY_INVALID', 'the sandbox gave no certificate', {
      hint: 'stop it and start it with this version of topaz',
    });
  }
  return {
    id: reply.id,
    serial: BigInt(`0x${reply.encryptionSerialHex}`),
    chain: [leaf, ...issuers],
  };
}

/** As a registration makes it: the holder's own key signs, the serial is imposed. */
async function encryptionCertificate(
  { serial, chain }: Issued,
  authentication: KeyObject,
  encryption: KeyObject,
): Promise<Certificate> {
  const [{ buildCertificate, keyUsageExtension }, { parseCertificate }] = await Promise.all([
    import('../../../x509/build.js'),
    import('../../../x509/certificate.js'),
  ]);
  const [{ subject, notBefore, notAfter }] = chain;
  return parseCertificate(
    buildCertificate(
      {
        serial,
        issuer: subject.der,
        subject: subject.der,
        notBefore,
        notAfter,
        publicKeyInfo: publicKeyInfoOf(encryption),
        extensions: [keyUsageExtension(ENCRYPTION_USAGE)],
      },
      authentication,
      { digest: 'sha256' },
    ),
  );
}
