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
import { seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { Profile } from '../../profile/profile.js';
import { profileFolders } from '../../profile/paths.js';
import { activeKeystore, keystorePath, withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { describe } from './status-describe.js';
import type { Described } from './status-describe.js';
import { showStatus } from './status-result.js';
import type { Failure } from './status-result.js';
import { certificatesOf } from './status-source.js';
import type { Found, Source } from './status-source.js';

export interface StatusOptions extends KeystoreFlags {
  failWithin?: string;
  allProfiles?: boolean;
  format?: string;
}

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
  showStatus(run, options, certificates, failed);
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
