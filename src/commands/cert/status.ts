/**
 * `topaz cert status`: the certificates in use and until when they are valid. After a `cert finalize` here no
 * password is needed, as long as the file is the same.
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
import { renewableFrom } from '../../lifecycle/replacement.js';
import type { Profile } from '../../profile/profile.js';
import { profileFolders } from '../../profile/paths.js';
import { activeKeystore, keystorePath, withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { metricsLines } from './status-metrics.js';
import { certificatesOf } from './status-source.js';
import type { Found, Source } from './status-source.js';

export interface StatusOptions extends KeystoreFlags {
  failWithin?: string;
  allProfiles?: boolean;
  format?: string;
}

const DAY_MS = 86_400_000;

type State = 'valid' | 'expiring' | 'expired' | 'revoked' | 'not-yet-valid';

/** `topaz cert status`. */
export function statusCommand(ctx: Context, run = runStatus): Command {
  const command = withKeystore(
    new Command('status')
      .summary('what I have and until when')
      .option('--fail-within <duration>', 'exit with 10 when one ends within <duration>')
      .option('--all-profiles', 'the keystores of every profile, not of this one alone')
      .option('--format <format>', 'text, or prometheus: metrics for monitoring', 'text'),
  ).addHelpText(
    'after',
    `
Examples:
  # until when?
  $ topaz cert status
  # for monitoring: everything on this machine
  $ topaz cert status --all-profiles --fail-within 60d --json
  # for a node exporter
  $ topaz cert status --all-profiles --format prometheus

Asks for the password where the file changed since cert finalize
(--password-file, for several keystores ALIAS=FILE).
Exit status 10: one ends within the time of --fail-within, has ended or is
revoked; 11: a keystore could not be looked into`,
  );
  return command.action((options: StatusOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

/** A keystore or a profile that could not be looked into. */
interface Failure {
  readonly profile: string;
  readonly keystore?: string;
  readonly error: TopazError;
}

interface Looked {
  readonly found: readonly Found[];
  readonly failed: readonly Failure[];
}

export async function runStatus(run: Run, options: StatusOptions): Promise<void> {
  const within =
    options.failWithin === undefined
      ? undefined
      : parseDuration(options.failWithin, '--fail-within');
  checkFormat(run, options);
  const { found, failed } =
    options.allProfiles === true
      ? await lookEverywhere(run, options)
      : { found: await certificatesOf(run, await ownSource(run, options), options), failed: [] };
  const certificates = await Promise.all(found.map((entry) => describe(run, entry)));
  show(run, options, certificates, failed);
  refuseEnding(certificates, within);
  if (failed.length > 0) {
    throw partial(failed, found.length);
  }
}

/** @throws TopazError `E_USAGE`. */
function checkFormat({ settings }: Run, { format, allProfiles, keystore }: StatusOptions): void {
  if (format !== 'text' && format !== 'prometheus') {
    throw new TopazError('E_USAGE', '--format takes text or prometheus', {
      hint: 'for a document of JSON: --json',
    });
  }
  if (format === 'prometheus' && settings.json) {
    throw new TopazError('E_USAGE', '--format prometheus and --json exclude each other', {
      hint: 'leave out one of them',
    });
  }
  if (allProfiles === true && keystore !== undefined) {
    throw new TopazError('E_USAGE', '--keystore and --all-profiles exclude each other', {
      hint: 'leave out one of them',
    });
  }
}

async function ownSource(run: Run, { keystore }: StatusOptions): Promise<Source> {
  const path = await keystorePath(run, await activeKeystore(run, keystore));
  const { aliasOf } = await import('../../keystore/store.js');
  return { profile: await run.profile(), path, alias: aliasOf(path) };
}

async function lookEverywhere(run: Run, options: StatusOptions): Promise<Looked> {
  const { listProfiles, readProfile } = await import('../../profile/profile.js');
  const found: Found[] = [];
  const failed: Failure[] = [];
  const attempt = async (where: Omit<Failure, 'error'>, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
        throw error;
      }
      failed.push({ ...where, error });
    }
  };
  for (const name of await listProfiles(run.paths)) {
    await attempt({ profile: name }, async () => {
      const profile = await readProfile(run.paths, name);
      for (const keystore of keystoresOf(profile)) {
        await attempt({ profile: name, keystore }, async () => {
          found.push(
            ...(await certificatesOf(run, await sourceOf(run, profile, keystore), options)),
          );
        });
      }
    });
  }
  return { found, failed };
}

const keystoresOf = ({ keystore, organisationKeystore }: Profile): readonly string[] => [
  ...new Set([keystore, organisationKeystore].filter((entry) => entry !== undefined)),
];

async function sourceOf(run: Run, profile: Profile, named: string): Promise<Source> {
  const { aliasOf, findKeystore } = await import('../../keystore/store.js');
  const folder = profileFolders(run.paths, profile.name).keystores;
  const path = await findKeystore(folder, named, { cwd: run.ctx.cwd });
  return { profile, path, alias: aliasOf(path) };
}

interface Described {
  readonly document: Readonly<Record<string, unknown>>;
  readonly profile: string;
  readonly keystore: string;
  readonly alias: string;
  readonly usage: Found['usage'];
  readonly subject: string;
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly renewableFrom: Date;
  readonly daysLeft: number;
  readonly msLeft: number;
  readonly state: State;
}

async function describe(
  run: Run,
  { source, alias, usage, certificate, record }: Found,
): Promise<Described> {
  // prettier-ignore
  const [{ serialDecimal }, { readHolder }, { formatRfc2253 }] = await Promise.all([
    import('../../x509/certificate.js'),
    import('../../x509/holder.js'),
    import('../../x509/name.js'),
  ]);
  const { profile, alias: keystore } = source;
  const now = clockOf(run, profile);
  const { notBefore, notAfter, subject: name } = certificate;
  const from = renewableFrom(notAfter, record);
  const owner = readHolder(name);
  const { quality } = profile.holder;
  const msLeft = notAfter.getTime() - now.getTime();
  const facts = {
    alias,
    usage,
    subject: formatRfc2253(name),
    serial: serialDecimal(certificate),
    daysLeft: Math.floor(msLeft / DAY_MS),
    state: record?.revocation === undefined ? stateAt({ notBefore, msLeft, from }, now) : ('revoked' as const), // prettier-ignore
  };
  return {
    ...facts,
    profile: profile.name,
    keystore,
    notBefore,
    notAfter,
    renewableFrom: from,
    msLeft,
    document: {
      profile: profile.name,
      keystore,
      ...facts,
      ...(owner === undefined
        ? {}
        : {
            holder: {
              ...owner.identifier,
              ...(owner.name === undefined ? {} : { name: owner.name }),
              ...(owner.applicationId === undefined ? {} : { applicationId: owner.applicationId }),
              ...(owner.identifier.type === 'SSIN' && quality !== undefined ? { quality } : {}),
            },
          }),
      notBefore: seconds(notBefore),
      notAfter: seconds(notAfter),
      renewableFrom: seconds(from),
    },
  };
}

/** The clock of a profile: that of the sandbox is its own. */
const clockOf = ({ ctx }: Run, { environment, clock }: Profile): Date =>
  new Date(ctx.now().getTime() + (environment === 'sandbox' ? clock.offsetSeconds * 1000 : 0));

/** A certificate counts as ending from the first day on which it can be renewed. */
function stateAt(
  { notBefore, msLeft, from }: { notBefore: Date; msLeft: number; from: Date },
  now: Date,
): State {
  if (now < notBefore) {
    return 'not-yet-valid';
  }
  return msLeft < 0 ? 'expired' : now >= from ? 'expiring' : 'valid';
}

function show(
  run: Run,
  { allProfiles, format }: StatusOptions,
  certificates: readonly Described[],
  failed: readonly Failure[],
): void {
  const document = {
    schema: 'topaz.cert.status/1',
    certificates: certificates.map((entry) => entry.document),
    ...(allProfiles === true ? { failed: failed.map(failureDocument) } : {}),
  };
  if (format === 'prometheus') {
    run.result(document, () => metricsLines(certificates, failed));
    return;
  }
  run.result(
    document,
    () =>
      table(
        run,
        certificates.map(({ profile, usage, state, notAfter, daysLeft, subject }) => [
          ...(allProfiles === true ? [profile] : []),
          run.t(`cert.usage.${usage}`),
          run.t(`cert.status.${state}`),
          formatDay(run, notAfter),
          run.t('cert.status.days', { count: Math.max(0, daysLeft) }),
          subject,
        ]),
        [
          ...(allProfiles === true ? ['profile'] : []),
          'usage',
          'state',
          'until',
          'left',
          'subject',
        ].map((name) => run.t(`cert.status.${name}`)),
      ),
    () =>
      certificates.map((entry) => [
        entry.alias,
        entry.usage,
        entry.state,
        seconds(entry.notBefore),
        seconds(entry.notAfter),
        String(entry.daysLeft),
        entry.subject,
        entry.profile,
        entry.keystore,
        seconds(entry.renewableFrom),
      ]),
  );
  for (const { profile, keystore, error } of failed) {
    run.warn(
      run.t('cert.status.failed', { profile, keystore: keystore ?? '', error: error.message }),
    );
  }
}

const failureDocument = ({ profile, keystore, error }: Failure) => ({
  profile,
  ...(keystore === undefined ? {} : { keystore }),
  error: { code: error.code, message: error.message },
});

function refuseEnding(certificates: readonly Described[], within: number | undefined): void {
  if (within === undefined) {
    return;
  }
  const ending = certificates.filter(
    ({ msLeft, state }) => msLeft <= within || state === 'revoked',
  );
  if (ending.length > 0) {
    throw new TopazError('E_CERT_EXPIRING', 'a certificate ends soon, has ended or is revoked', {
      facts: ending.map(
        ({ profile, usage, state, notAfter }) =>
          `${profile}, ${usage}: ${state}, until ${seconds(notAfter)}`,
      ),
      hint: 'topaz cert renew, possible in the last 90 days; after the end: topaz cert request',
    });
  }
}

function partial(failed: readonly Failure[], found: number): TopazError {
  const [first] = failed;
  return first !== undefined && found === 0
    ? first.error
    : new TopazError('E_PARTIAL', 'some keystores could not be looked into', {
        facts: failed.map(({ profile, keystore = '', error }) =>
          [profile, keystore, error.message].filter((part) => part !== '').join(': '),
        ),
        hint: 'give their passwords: --password-file ALIAS=FILE',
      });
}
