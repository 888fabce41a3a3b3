/**
 * What of a finding may be shown and sent to somebody: paths without the name of the user, numbers of persons
 * masked, nothing that looks like a secret.
 *
 * @module
 */

import { resolve } from 'node:path';

import type { Context } from '../../cli/context.js';
import { redact } from '../../cli/log.js';
import type { Run } from '../../cli/run.js';
import { isSecretVariable } from '../../cli/secrets.js';
import { VERSION } from '../../cli/version.js';
import { seconds } from '../../cli/text.js';
import { writeFileAtomic } from '../../disk/atomic.js';
import type { Check } from './check.js';

/** A text for other eyes. */
export function forOthers(text: string, home: string): string {
  const short = home.length > 1 ? text.replaceAll(home, '~') : text;
  return redact(short);
}

/** Every text of a finding, for other eyes. */
export function cleanCheck(check: Check, home: string): Check {
  const { id, summary, hint } = check;
  return {
    ...check,
    id: forOthers(id, home),
    summary: forOthers(summary, home),
    ...(hint === undefined ? {} : { hint: forOthers(hint, home) }),
  };
}

/**
 * Writes the findings and what else support asks for: versions, the settings of the profile that name nobody,
 * and which variables are set. Mode 0600.
 *
 * @param checks Cleaned by {@link cleanCheck}.
 * @throws TopazError `E_FILE_EXISTS`, `E_FILE_NOT_FOUND`, `E_READ_ONLY`, `E_DISK_FULL`.
 */
export async function writeReport(
  run: Run,
  env: Context['env'],
  checks: readonly Check[],
  { file, force }: { readonly file: string; readonly force: boolean },
): Promise<string> {
  const { ctx, settings } = run;
  const path = resolve(ctx.cwd, file);
  const document = {
    schema: 'topaz.doctor.report/1',
    at: seconds(ctx.now()),
    topaz: VERSION,
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: ctx.platform,
    architecture: process.arch,
    language: settings.lang,
    profile: await settingsOfProfile(run),
    // Which of ours are set; of none the value, and the secret ones by their kind alone.
    variables: Object.keys(env)
      .filter((name) =>
        /^(TOPAZ_|XDG_|HTTPS?_PROXY$|NO_PROXY$|NODE_|LC_|LANG$|TERM$|CI$)/i.test(name),
      )
      .map((name) => (isSecretVariable(name) ? name.replace(/__.*$/, '') : name))
      .sort(),
    checks,
  };
  await writeFileAtomic(path, `${JSON.stringify(document, undefined, 2)}\n`, { overwrite: force });
  return path;
}

/** Names of persons, numbers and places of files stay here. */
async function settingsOfProfile(run: Run): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { environment, via, sts, session, revocation, holder, alternates } = await run.profile();
    return {
      environment,
      via,
      quality: holder.quality,
      stsProtocol: sts.protocol,
      session,
      revocation,
      alternates: alternates.length,
    };
  } catch {
    return {};
  }
}
