/**
 * `topaz keystore verify`: is the password right, do keys and certificates belong together, is the chain
 * trusted?
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { withPasswordFile } from '../../cli/flags.js';
import { action } from '../../cli/run.js';
import type { Run, SecretFlags } from '../../cli/run.js';
import { facts } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import type { Finding, Verification } from '../../keystore/verify.js';
import { profileOrNone } from '../eid/open-card.js';
import { activeKeystore, checkEnvironment, keystorePath, withPassword } from './open-keystore.js';

/** `topaz keystore verify`. */
export function verifyCommand(ctx: Context, run = runVerify): Command {
  const command = withPasswordFile(
    new Command('verify')
      .summary('check password, keys, certificates and chain')
      .argument('[alias]', 'alias or file; without it the active keystore'),
  ).addHelpText(
    'after',
    `
Examples:
  # is everything in order?
  $ topaz keystore verify
  # a copy that was kept elsewhere, in a script
  $ topaz keystore verify copy.p12 --password-file pw --quiet

The chain is checked where the profile says who issues eHealth certificates
(trust.ehealthRoots). Exit status 4: wrong password; 9: something does not fit.`,
  );
  return command.action((alias: string | undefined, options: SecretFlags) =>
    action(ctx, command, (session) => run(session, alias, options)),
  );
}

export async function runVerify(
  run: Run,
  named: string | undefined,
  flags: SecretFlags,
): Promise<void> {
  const [{ aliasOf }, path] = await Promise.all([
    import('../../keystore/store.js'),
    activeKeystore(run, named).then((wanted) => keystorePath(run, wanted)),
  ]);
  const alias = aliasOf(path);
  const { keystore, findings } = await verifyFile(run, { path, alias }, flags);
  if (keystore !== undefined) {
    await checkEnvironment(run, keystore.authentication.chain[0], alias);
  }
  const failed = findings.filter(({ state }) => state === 'failed');
  run.result(
    {
      schema: 'topaz.keystore.verify/1',
      alias,
      path,
      valid: failed.length === 0,
      ...(keystore === undefined ? {} : { state: keystore.state }),
      checks: findings,
    },
    () => findingLines(run, findings),
    () =>
      findings.map(({ check, state, reason = '', entry = '' }) => [check, state, reason, entry]),
  );
  if (failed.length > 0) {
    throw new TopazError('E_KEYSTORE_INVALID', `keystore "${alias}" does not fit together`, {
      facts: failed
        .slice(0, 5)
        .map(({ check, reason = '', entry }) =>
          entry === undefined ? `${check}: ${reason}` : `${check}: ${reason} (${entry})`,
        ),
      hint: 'do not use it; a dated copy may be good: topaz keystore backups',
      details: { failed },
    });
  }
  run.done(run.t('keystore.verify.done', { alias }));
}

async function verifyFile(
  run: Run,
  { path, alias }: { readonly path: string; readonly alias: string },
  flags: SecretFlags,
): Promise<Verification> {
  const [{ readKeystoreFile }, { readPkcs12 }, { verifyContents }, profile] = await Promise.all([
    import('../../keystore/keystore.js'),
    import('../../keystore/pkcs12-read.js'),
    import('../../keystore/verify.js'),
    profileOrNone(run),
  ]);
  const { trustRoots } = await import('../../profile/trust.js');
  const roots =
    profile?.trust.ehealthRoots === undefined
      ? undefined
      : await trustRoots(profile, 'ehealthRoots');
  const bytes = await readKeystoreFile(path);
  const contents = await withPassword(run, { alias, path }, flags, (password) =>
    run.step(run.t('keystore.open.step', { alias }), () => readPkcs12(bytes, password)),
  );
  return verifyContents(contents, { roots, now: run.now() });
}

/** One line per finding: sign, what was checked, what was found. */
const findingLines = (run: Run, findings: readonly Finding[]): readonly string[] =>
  facts(
    findings.map(({ check, state, reason, entry = '' }): readonly [string, string] => {
      const { success, warning, failure, skipped } = run.signs;
      const sign = { ok: success, warning, failed: failure, skipped }[state];
      return [
        `${sign} ${run.t(`keystore.verify.check.${check}`)}`,
        reason === undefined
          ? run.t('keystore.verify.ok')
          : run.t(`keystore.verify.${check}.${reason}`, { entry }),
      ];
    }),
  );
