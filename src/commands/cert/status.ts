/**
 * `topaz cert status`: the certificates of the active keystore and until when they are valid. After a
 * `cert finalize` here no password is needed, as long as the file is the same.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { parseDuration } from '../../cli/duration.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { formatDay, seconds, table } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { Certificate } from '../../x509/certificate.js';
import {
  activeKeystore,
  keystorePath,
  loadKeystore,
  withKeystore,
} from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { requestsOf } from './authority.js';

export interface StatusOptions extends KeystoreFlags {
  failWithin?: string;
}

const DAY_MS = 86_400_000;
/** From here on a certificate counts as ending. */
const EXPIRING_MS = 60 * DAY_MS;

type State = 'valid' | 'expiring' | 'expired' | 'not-yet-valid';

/** `topaz cert status`. */
export function statusCommand(ctx: Context, run = runStatus): Command {
  const command = withKeystore(
    new Command('status')
      .summary('what I have and until when')
      .option('--fail-within <duration>', 'exit with 10 when one ends within <duration>'),
  ).addHelpText(
    'after',
    `
Examples:
  # until when?
  $ topaz cert status
  # for monitoring
  $ topaz cert status --fail-within 30d --json --password-file pw

Asks for the password where the file changed since cert finalize (--password-file).
Exit status 10: one ends within the time of --fail-within, or has ended`,
  );
  return command.action((options: StatusOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

interface Found {
  readonly alias: string;
  readonly usage: 'authentication' | 'encryption';
  readonly certificate: Certificate;
}

export async function runStatus(run: Run, options: StatusOptions): Promise<void> {
  const within =
    options.failWithin === undefined
      ? undefined
      : parseDuration(options.failWithin, '--fail-within');
  const path = await keystorePath(run, await activeKeystore(run, options.keystore));
  const found = (await remembered(run, path, options)) ?? (await opened(run, path, options));
  const { holder } = await run.profile();
  const [{ serialDecimal }, { readHolder }, { formatRfc2253 }] = await Promise.all([
    import('../../x509/certificate.js'),
    import('../../x509/holder.js'),
    import('../../x509/name.js'),
  ]);
  const now = run.now();
  const certificates = found.map(({ alias, usage, certificate }) => {
    const owner = readHolder(certificate.subject);
    return {
      alias,
      usage,
      subject: formatRfc2253(certificate.subject),
      ...(owner === undefined
        ? {}
        : {
            holder: {
              ...owner.identifier,
              ...(owner.name === undefined ? {} : { name: owner.name }),
              ...(owner.identifier.type === 'SSIN' && holder.quality !== undefined
                ? { quality: holder.quality }
                : {}),
            },
          }),
      serial: serialDecimal(certificate),
      notBefore: seconds(certificate.notBefore),
      notAfter: seconds(certificate.notAfter),
      daysLeft: Math.floor((certificate.notAfter.getTime() - now.getTime()) / DAY_MS),
      state: stateAt(certificate, now, within ?? EXPIRING_MS),
    };
  });
  run.result(
    { schema: 'topaz.cert.status/1', certificates },
    () =>
      table(
        run,
        certificates.map(({ usage, state, notAfter, daysLeft, subject }) => [
          run.t(`cert.usage.${usage}`),
          run.t(`cert.status.${state}`),
          formatDay(run, notAfter),
          run.t('cert.status.days', { count: Math.max(0, daysLeft) }),
          subject,
        ]),
        ['usage', 'state', 'until', 'left', 'subject'].map((name) => run.t(`cert.status.${name}`)),
      ),
    () =>
      certificates.map(({ alias, usage, state, notBefore, notAfter, daysLeft, subject }) => [
        alias,
        usage,
        state,
        notBefore,
        notAfter,
        String(daysLeft),
        subject,
      ]),
  );
  refuseEnding(
    certificates.filter(({ state }) => state === 'expiring' || state === 'expired'),
    within,
  );
}

function refuseEnding(
  ending: readonly { readonly usage: string; readonly notAfter: string }[],
  within: number | undefined,
): void {
  if (within !== undefined && ending.length > 0) {
    throw new TopazError('E_CERT_EXPIRING', 'the certificate ends soon', {
      facts: ending.map(({ usage, notAfter }) => `${usage}: ${notAfter}`),
      hint: 'topaz cert request, possible in the last 90 days',
    });
  }
}

function stateAt({ notBefore, notAfter }: Certificate, now: Date, endingMs: number): State {
  if (now < notBefore) {
    return 'not-yet-valid';
  }
  const left = notAfter.getTime() - now.getTime();
  return left < 0 ? 'expired' : left <= endingMs ? 'expiring' : 'valid';
}

/** What `cert finalize` wrote down, where it still fits the file and no password was given. */
async function remembered(
  run: Run,
  path: string,
  { passwordFile, passwordFd }: StatusOptions,
): Promise<readonly Found[] | undefined> {
  if (passwordFile !== undefined || passwordFd !== undefined) {
    return undefined;
  }
  const [{ keystoreDigest }, { parseCertificate, serialDecimal }] = await Promise.all([
    import('../../lifecycle/finalize.js'),
    import('../../x509/certificate.js'),
  ]);
  const records = await (await requestsOf(run)).list();
  const digest = await keystoreDigest(path);
  const record = records.find(({ fileDigest }) => fileDigest === digest);
  return record?.certificates?.map((base64, index): Found => {
    const certificate = parseCertificate(Uint8Array.from(Buffer.from(base64, 'base64')));
    return index === 0
      ? { alias: 'authentication', usage: 'authentication', certificate }
      : { alias: serialDecimal(certificate), usage: 'encryption', certificate };
  });
}

async function opened(run: Run, path: string, options: StatusOptions): Promise<readonly Found[]> {
  const { keystore, alias } = await loadKeystore(run, path, options);
  if (keystore.state === 'pending') {
    throw new TopazError('E_REQUEST_PENDING', `keystore "${alias}" has no certificate yet`, {
      hint: 'topaz cert finalize',
    });
  }
  return [
    {
      alias: 'authentication',
      usage: 'authentication',
      certificate: keystore.authentication.chain[0],
    },
    ...keystore.encryption
      .toReversed()
      .map(({ alias: serial, certificate }): Found => ({ alias: serial, usage: 'encryption', certificate })), // prettier-ignore
  ];
}
