/**
 * `topaz cert list`: the requests of this machine. Asks nobody, neither a person nor eHealth; with `--detail`
 * the card also tells every certificate that eHealth has on its books.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPinFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { formatDay, formatMoment, seconds, table } from '../../cli/text.js';
import type { CertificateInfo } from '../../certra/reply.js';
import { formatIdentifier } from '../../ids/identifier.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';
import { withReader } from '../eid/open-card.js';
import type { CardFlags } from '../eid/open-card.js';
import { openAuthority, requestsOf } from './authority.js';
import { CardPin } from './card-pin.js';
import { certificateDocument, requestDocument, shortId } from './documents.js';
import { withCard } from './with-card.js';

export interface ListOptions extends SecretFlags, CardFlags {
  detail?: boolean;
}

/** `topaz cert list`. */
export function listCommand(ctx: Context, run = runList): Command {
  const command = withReader(
    withPinFile(
      new Command('list')
        .alias('ls')
        .summary('requests of this machine, certificates at eHealth')
        .option('--detail', 'ask with the card: all certificates that eHealth knows'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # which requests were made here, and where do they stand?
  $ topaz cert list
  # their references, for a script
  $ topaz cert list --json
  # everything that eHealth has for me and for my organisations
  $ topaz cert list --detail

Asks for the PIN with --detail only (--pin-file, --pin-fd).`,
  );
  return command.action((options: ListOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runList(run: Run, options: ListOptions): Promise<void> {
  const records = await (await requestsOf(run)).list();
  const infos = options.detail === true ? await ask(run, options) : undefined;
  if (records.length === 0 && infos === undefined && run.ctx.io.tty.stderr) {
    run.remark(run.t('cert.list.none'));
  }
  run.result(
    {
      schema: 'topaz.cert.list/1',
      requests: records.map((record) => ({
        ...requestDocument(record),
        keystore: { path: record.keystore },
      })),
      ...(infos === undefined ? {} : { certificates: infos.map(certificateDocument) }),
    },
    () => [
      ...requestLines(run, records),
      ...(infos === undefined ? [] : certificateLines(run, infos)),
    ],
    () => [
      ...records.map((record) => [
        record.id,
        record.state,
        seconds(momentOf(record)),
        record.keystore,
        formatIdentifier(record.holder),
      ]),
      ...(infos ?? []).map((info) => [
        info.id,
        info.status,
        seconds(info.requestedAt),
        '',
        whoOf(info),
        info.etkStatus,
        info.certificate === undefined ? '' : seconds(info.certificate.notAfter),
      ]),
    ],
  );
}

async function ask(run: Run, options: ListOptions): Promise<readonly CertificateInfo[]> {
  const pin = new CardPin(run, options);
  try {
    if (!run.settings.canAskSecret) {
      await pin.read(run.t('cert.pin'));
    }
    const [{ listWithCard }, authority] = await Promise.all([
      import('../../lifecycle/standing.js'),
      openAuthority(run),
    ]);
    return await withCard(run, options, async (card) => {
      const signer = await card.authenticationSigner(pin.for(card), pin.options);
      return run.step(run.t('cert.validate.asking'), () => listWithCard(authority, signer));
    });
  } finally {
    pin.wipe();
  }
}

const requestLines = (run: Run, records: readonly RequestRecord[]): readonly string[] =>
  records.length === 0
    ? []
    : table(
        run,
        records.map((record) => [
          shortId(record.id),
          record.revocation === undefined
            ? run.t(`cert.state.${record.state}`)
            : run.t('cert.status.revoked'),
          formatMoment(run, momentOf(record)),
          formatIdentifier(record.holder),
          record.keystore,
        ]),
        ['id', 'state', 'date', 'for', 'file'].map((name) => run.t(`cert.list.${name}`)),
      );

const certificateLines = (run: Run, infos: readonly CertificateInfo[]): readonly string[] => [
  '',
  run.t('cert.list.known'),
  ...table(
    run,
    infos.map((info) => [
      shortId(info.id),
      info.status,
      info.etkStatus,
      info.certificate === undefined ? '' : formatDay(run, info.certificate.notAfter),
      whoOf(info),
    ]),
    ['id', 'state', 'etk', 'until', 'for'].map((name) => run.t(`cert.list.${name}`)),
  ),
];

function whoOf({ holder, applicationId }: CertificateInfo): string {
  const [who] = holder.ids;
  const name = who === undefined ? holder.name : formatIdentifier(who);
  return applicationId === undefined ? name : `${name}, ${applicationId}`;
}

const momentOf = ({ submittedAt, createdAt }: RequestRecord): Date =>
  new Date(submittedAt ?? createdAt);
