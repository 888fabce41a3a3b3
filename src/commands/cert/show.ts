/**
 * `topaz cert show`: everything in a certificate, of a keystore or of a file.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { withPasswordFile } from '../../cli/flags.js';
import { facts, seconds } from '../../cli/text.js';
import { systemCode, TopazError } from '../../errors.js';
import type { Certificate } from '../../x509/certificate.js';
import { activeKeystore, loadKeystore } from '../keystore/open-keystore.js';

export interface ShowOptions extends SecretFlags {
  pem?: boolean;
  file?: string;
}

/** No certificate file is larger. */
const MAX_BYTES = 1024 * 1024;

const USAGES: readonly (readonly [number, string])[] = [
  [0x80, 'digitalSignature'],
  [0x40, 'nonRepudiation'],
  [0x20, 'keyEncipherment'],
  [0x10, 'dataEncipherment'],
  [0x08, 'keyAgreement'],
  [0x04, 'keyCertSign'],
  [0x02, 'cRLSign'],
];

/** `topaz cert show`. */
export function showCommand(ctx: Context, run = runShow): Command {
  const command = withPasswordFile(
    new Command('show')
      .summary('everything in a certificate')
      .argument('[alias]', 'keystore, by alias or file; without it the active one')
      .option('--pem', 'write the certificates as PEM')
      .option('--file <file>', 'a certificate file (PEM or DER) instead of a keystore'),
  ).addHelpText(
    'after',
    `
Examples:
  # the certificates of the active keystore
  $ topaz cert show
  # hand one over
  $ topaz cert show --pem > doctor.pem
  # what is in this file?
  $ topaz cert show --file ca.crt

Asks for the password of the keystore (--password-file, --password-fd).`,
  );
  return command.action((alias: string | undefined, options: ShowOptions) =>
    action(ctx, command, (session) => run(session, alias, options)),
  );
}

interface Shown {
  readonly alias: string;
  readonly usage: 'authentication' | 'encryption' | 'issuer' | 'file';
  readonly certificate: Certificate;
}

export async function runShow(
  run: Run,
  alias: string | undefined,
  options: ShowOptions,
): Promise<void> {
  if (alias !== undefined && options.file !== undefined) {
    throw new TopazError('E_USAGE', 'a keystore and --file are given; one is enough', {
      hint: 'leave out one of the two',
    });
  }
  const shown =
    options.file === undefined
      ? await ofKeystore(run, alias, options)
      : await ofFile(resolve(run.ctx.cwd, options.file), options.file);
  if (options.pem === true && !run.settings.json) {
    const { formatPem } = await import('../../x509/pem.js');
    run.ctx.io.out(
      shown
        .map(({ certificate }) => formatPem('CERTIFICATE', certificate.der))
        .join('')
        .trimEnd(),
    );
    return;
  }
  const certificates = await Promise.all(
    shown.map(async (entry) => describe(entry, options.pem === true)),
  );
  run.result(
    { schema: 'topaz.cert.show/1', certificates },
    () =>
      certificates.flatMap((certificate, index) => [
        ...(index === 0 ? [] : ['']),
        ...facts(
          Object.entries(certificate)
            .filter(([name]) => name !== 'pem')
            .map(([name, value]) => [
              run.t(`cert.show.${name}`),
              Array.isArray(value) ? value.join(', ') : String(value),
            ]),
        ),
      ]),
    () =>
      certificates.map(({ alias: name, usage, serial, notBefore, notAfter, subject, issuer }) => [
        name,
        usage,
        serial,
        notBefore,
        notAfter,
        subject,
        issuer,
      ]),
  );
}

async function describe({ alias, usage, certificate }: Shown, withPem: boolean) {
  const [
    { fingerprint, serialDecimal },
    { formatRfc2253 },
    { publicKeyIdentifier },
    { formatPem },
  ] = await Promise.all([
    import('../../x509/certificate.js'),
    import('../../x509/name.js'),
    import('../../x509/key-identifier.js'),
    import('../../x509/pem.js'),
  ]);
  const keyBits = certificate.publicKey.asymmetricKeyDetails?.modulusLength;
  const { subject, issuer, notBefore, notAfter, keyType, keyUsage, isCa, policies } = certificate;
  return {
    alias,
    usage,
    subject: formatRfc2253(subject),
    issuer: formatRfc2253(issuer),
    serial: serialDecimal(certificate),
    notBefore: seconds(notBefore),
    notAfter: seconds(notAfter),
    keyType,
    ...(keyBits === undefined ? {} : { keyBits }),
    keyUsage: USAGES.filter(([bit]) => ((keyUsage ?? 0) & bit) !== 0).map(([, name]) => name),
    isCa,
    policies,
    publicKeyIdentifier: publicKeyIdentifier(certificate.publicKeyInfo),
    fingerprintSha256: fingerprint(certificate),
    ...(withPem ? { pem: formatPem('CERTIFICATE', certificate.der) } : {}),
  };
}

async function ofKeystore(
  run: Run,
  alias: string | undefined,
  options: ShowOptions,
): Promise<readonly Shown[]> {
  const named = await activeKeystore(run, alias);
  const { keystore } = await loadKeystore(run, named, options);
  const { chain } = keystore.authentication;
  const [leaf, ...issuers] = chain;
  return [
    { alias: 'authentication', usage: 'authentication', certificate: leaf },
    ...keystore.encryption
      .toReversed()
      .map((entry): Shown => ({ alias: entry.alias, usage: 'encryption', certificate: entry.certificate })), // prettier-ignore
    ...issuers.map((certificate, index): Shown => ({ alias: `issuer-${index + 1}`, usage: 'issuer', certificate })), // prettier-ignore
  ];
}

/** PEM with one or more certificates, or the DER of one. */
async function ofFile(path: string, name: string): Promise<readonly Shown[]> {
  const [{ parsePemCertificates }, { parseCertificate }] = await Promise.all([
    import('../../x509/pem.js'),
    import('../../x509/certificate.js'),
  ]);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (systemCode(error) === undefined) {
      throw error;
    }
    throw new TopazError('E_FILE_NOT_FOUND', `cannot read ${name}`, {
      hint: 'check the path',
      cause: error,
    });
  }
  if (bytes.length > MAX_BYTES) {
    throw new TopazError('E_USAGE', `${name} is too large to be a certificate`, {
      hint: 'for a keystore: topaz cert show ALIAS',
    });
  }
  const certificates =
    bytes[0] === 0x30
      ? [parseCertificate(bytes)]
      : parsePemCertificates(Buffer.from(bytes).toString('latin1'));
  return certificates.map((certificate, index) => ({
    alias: `certificate-${index + 1}`,
    usage: 'file',
    certificate,
  }));
}
