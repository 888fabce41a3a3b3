/**
 * `topaz etk show`: what is in an encryption token, and whether it can be trusted.
 *
 * @module
 */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { facts, formatDay, seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import { readEtk, type Etk } from '../../etee/etk.js';
import { checkEtk } from '../../etee/verify-etk.js';
import { parseIdentifier } from '../../ids/identifier.js';
import { serialDecimal, type Certificate } from '../../x509/certificate.js';
import { formatRfc2253 } from '../../x509/name.js';
import { readSmallFile } from '../seal/payload.js';
import { describeEtk, etkRecord, holderText, type EtkDocument } from './describe.js';
import { etkSource } from './etk-source.js';

export interface ShowOptions {
  application?: string;
  refresh?: boolean;
}

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
  return command.action((what: string, options: ShowOptions) =>
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

export async function runShow(run: Run, what: string, options: ShowOptions): Promise<void> {
  const source = await etkSource(run);
  const etk = await find(run, what, source, options);
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

async function find(
  run: Run,
  what: string,
  source: Awaited<ReturnType<typeof etkSource>>,
  { application, refresh }: ShowOptions,
): Promise<Etk> {
  if (await isFile(run, what)) {
    return readEtk(await readSmallFile(run, what));
  }
  if (!what.includes('=')) {
    throw new TopazError('E_FILE_NOT_FOUND', `there is no file ${what}`, {
      hint: 'name a file, or a holder as TYPE=ID',
    });
  }
  const { lookUpEtk } = await import('../../etk/obtain.js');
  const identifier = parseIdentifier(what);
  const { etk } = await lookUpEtk(source, identifier, {
    applicationId: application,
    refresh,
    signal: run.ctx.signal,
  });
  return etk;
}

const isFile = (run: Run, what: string): Promise<boolean> =>
  stat(resolve(run.ctx.cwd, what)).then(
    (found) => found.isFile(),
    () => false,
  );

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
