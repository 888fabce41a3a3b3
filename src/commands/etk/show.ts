/**
 * `topaz etk show`: what is in an encryption token, and whether it can be trusted.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { facts, formatDay, seconds } from '../../cli/text.js';
import { checkEtk } from '../../etee/verify-etk.js';
import { serialDecimal, type Certificate } from '../../x509/certificate.js';
import { formatRfc2253 } from '../../x509/name.js';
import { describeEtk, etkRecord, holderText, type EtkDocument } from './describe.js';
import { etkSource } from './etk-source.js';
import { findEtk, type FindEtkOptions } from './find-etk.js';

/** `topaz etk show`. */
export function showCommand(ctx: Context, run = runShow): Command {
  const command = new Command('show')
    .summary('show what is in an encryption token')
    .argument('<type=id|file>', 'a holder, or a file with a token')
    .option('--application <name>', "of one application of an organisation; '' for none")
    .option('--refresh', 'do not use the local copy')
    .addHelpText(
      'after',
      `
Examples:
  # until when can messages be sealed for this colleague?
  $ topaz etk show SSIN=79021599732
  # a file that somebody sent
  $ topaz etk show labo.etk --json`,
    );
  return command.action((what: string, options: FindEtkOptions) =>
    action(ctx, command, (session) => run(session, what, options)),
  );
}

/** Everything `show` says. */
interface ShownEtk extends EtkDocument {
  readonly authentication: CertificateFields;
  /** Who registered the token; its own dates do not count (etee §1.4). */
  readonly registration: { readonly signature: string; readonly subject?: string };
  /** Official names of what is wrong. */
  readonly verified: { readonly valid: boolean; readonly errors: readonly string[] };
}

interface CertificateFields {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

export async function runShow(run: Run, what: string, options: FindEtkOptions): Promise<void> {
  const source = await etkSource(run);
  const etk = await findEtk(run, what, source, options);
  const errors = checkEtk(etk, source);
  const { authentication, registration } = etk;
  const shown: ShownEtk = {
    ...describeEtk(etk, source.now),
    authentication: describeCertificate(authentication),
    registration: {
      signature: registration.signature,
      ...(registration.certificate === undefined
        ? {}
        : { subject: formatRfc2253(registration.certificate.subject) }),
    },
    verified: { valid: errors.length === 0, errors },
  };
  run.result(
    { schema: 'topaz.etk.show/1', etk: shown },
    () => lines(run, shown),
    () => [etkRecord(shown, errors.join(','))],
  );
}

const describeCertificate = (certificate: Certificate): CertificateFields => ({
  subject: formatRfc2253(certificate.subject),
  issuer: formatRfc2253(certificate.issuer),
  serial: serialDecimal(certificate),
  notBefore: seconds(certificate.notBefore),
  notAfter: seconds(certificate.notAfter),
});

function lines(
  run: Run,
  { holder, serial, notBefore, notAfter, authentication, registration, verified }: ShownEtk,
): readonly string[] {
  const label = (name: string): string => run.t(`etk.show.${name}`);
  const period = (from: string, until: string): string =>
    run.t('etk.show.period', { from: formatDay(run, from), until: formatDay(run, until) });
  return facts([
    [label('holder'), holderText(holder)],
    [label('encryption'), period(notBefore, notAfter)],
    [label('serial'), serial],
    [label('authentication'), period(authentication.notBefore, authentication.notAfter)],
    [label('issuer'), authentication.issuer],
    [label('registration'), run.t(`etk.show.registration.${registration.signature}`)],
    [label('verified'), verified.valid ? label('valid') : verified.errors.join(', ')],
  ]);
}
