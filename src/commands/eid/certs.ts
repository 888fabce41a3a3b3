/**
 * `topaz eid certs`: the certificates of the card.
 *
 * @module
 */

import { join } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import type { Certificate } from '../../x509/certificate.js';
import { openCard, withReader } from './open-card.js';
import type { CardFlags } from './open-card.js';

export interface CertsOptions extends CardFlags {
  out?: string;
  chain?: boolean;
  force?: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** `topaz eid certs`. */
export function certsCommand(ctx: Context, run = runCerts): Command {
  const command = withReader(
    new Command('certs')
      .summary('show the certificates of the card')
      .option('-o, --out <dir>', 'write them to <dir> as PEM files')
      .option('--chain', 'also those of the issuers that the card carries')
      .option('-f, --force', 'replace files that are there'),
  ).addHelpText(
    'after',
    `
Examples:
  # until when are they valid?
  $ topaz eid certs
  # all four, as files
  $ topaz eid certs --chain --out certificates`,
  );
  return command.action((options: CertsOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runCerts(run: Run, options: CertsOptions): Promise<void> {
  const { serialDecimal } = await import('../../x509/certificate.js');
  const { formatRfc2253 } = await import('../../x509/name.js');
  const card = await openCard(run, options);
  try {
    const all = await run.step(run.t('eid.certs.step'), () => card.certificates());
    const shown = all.filter(
      ({ label }) => options.chain === true || label === 'Authentication' || label === 'Signature',
    );
    if (options.out !== undefined) {
      await save(options.out, shown, options.force === true);
    }
    const now = run.now();
    const certificates = shown.map(({ label, certificate }) => ({
      label,
      subject: formatRfc2253(certificate.subject),
      issuer: formatRfc2253(certificate.issuer),
      serial: serialDecimal(certificate),
      keyType: certificate.keyType,
      notBefore: seconds(certificate.notBefore),
      notAfter: seconds(certificate.notAfter),
      daysLeft: Math.floor((certificate.notAfter.getTime() - now.getTime()) / DAY_MS),
      state: stateAt(certificate, now),
      ...(options.out === undefined ? {} : { file: join(options.out, fileName(label)) }),
    }));
    run.result(
      { schema: 'topaz.eid.certs/1', certificates },
      () =>
        certificates.map(
          ({ label, state, notAfter, keyType }) =>
            `${label.padEnd(14)}  ${run.t(`eid.certs.${state}`, { date: notAfter.slice(0, 10) })}  ${keyType.toUpperCase()}`,
        ),
      () =>
        certificates.map(({ label, state, notBefore, notAfter, serial, subject }) => [
          label,
          state,
          notBefore,
          notAfter,
          serial,
          subject,
        ]),
    );
  } finally {
    await card.close();
  }
}

const fileName = (label: string): string => `${label.toLowerCase()}.pem`;
const seconds = (date: Date): string => date.toISOString().replace(/\.[0-9]{3}Z$/, 'Z');

function stateAt(
  { notBefore, notAfter }: Certificate,
  now: Date,
): 'valid' | 'expired' | 'not-yet-valid' {
  return now > notAfter ? 'expired' : now < notBefore ? 'not-yet-valid' : 'valid';
}

async function save(
  dir: string,
  certificates: readonly { label: string; certificate: Certificate }[],
  overwrite: boolean,
): Promise<void> {
  const { makePrivateFolder, writeFileAtomic } = await import('../../disk/atomic.js');
  await makePrivateFolder(dir);
  for (const { label, certificate } of certificates) {
    const base64 = Buffer.from(certificate.der).toString('base64');
    const lines = base64.match(/.{1,64}/g) ?? [];
    await writeFileAtomic(
      join(dir, fileName(label)),
      `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
      { overwrite },
    );
  }
}
