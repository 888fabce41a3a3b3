/**
 * Opens the card that a command line means: module from `TOPAZ_PKCS11_MODULE`, the profile, or where it is
 * usually installed; reader from `--reader`, `TOPAZ_READER` or the profile. Every command that needs a card
 * comes through here, so that the rules are the same everywhere.
 *
 * @module
 */

import type { Command } from 'commander';

import { parseDuration } from '../../cli/duration.js';
import type { Run } from '../../cli/run.js';
import type { EidCard } from '../../eid/card.js';
import { TopazError } from '../../errors.js';
import type { Limits } from '../../pkcs11/limits.js';
import type { Pkcs11Module } from '../../pkcs11/module.js';
import type { Profile } from '../../profile/profile.js';

export interface CardFlags {
  /** `--reader`: name of the reader, or a part of it. */
  readonly reader?: string | undefined;
  /** `--wait`: how long to wait for a card. */
  readonly wait?: string | undefined;
}

/** Adds `--reader` and `--wait`. */
export const withReader = (command: Command): Command =>
  command
    .option('--reader <name>', 'which reader, by its name or a part of it')
    .option('--wait <duration>', 'wait so long for a card to be inserted, for example 60s');

/** `TOPAZ_CARD_TIMEOUT`: one limit for every step with the card. */
async function limitsOf(env: Run['ctx']['env']): Promise<Limits | undefined> {
  const text = env['TOPAZ_CARD_TIMEOUT'] ?? '';
  if (text === '') {
    return undefined;
  }
  const { sameLimit } = await import('../../pkcs11/limits.js');
  return sameLimit(parseDuration(text, 'TOPAZ_CARD_TIMEOUT'));
}

/**
 * The profile, or `undefined` where there is none yet: reading a card needs no profile.
 *
 * @throws TopazError `E_PROFILE_INVALID`.
 */
export async function profileOrNone(run: Run): Promise<Profile | undefined> {
  try {
    return await run.profile();
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_PROFILE_UNKNOWN') {
      return undefined;
    }
    throw error;
  }
}

/**
 * The PKCS#11 module's setting.
 *
 * @throws TopazError `E_ENVIRONMENT_MISMATCH` for a simulated card outside the sandbox,
 *   `E_MODULE_NOT_FOUND`.
 */
export async function moduleSetting(run: Run): Promise<string> {
  const { env } = run.ctx;
  const profile = await profileOrNone(run);
  const fromEnvironment = env['TOPAZ_PKCS11_MODULE'];
  const setting =
    fromEnvironment === undefined || fromEnvironment === ''
      ? profile?.pkcs11.module
      : fromEnvironment;
  const { isSimulated } = await import('../../pkcs11/open-module.js');
  if (setting === undefined) {
    const { findModule } = await import('../../pkcs11/discovery.js');
    return findModule({ platform: run.ctx.platform, env });
  }
  const environment = profile?.environment ?? run.settings.env ?? 'sandbox';
  if (isSimulated(setting) && environment !== 'sandbox') {
    throw new TopazError(
      'E_ENVIRONMENT_MISMATCH',
      `a simulated card is of no use in the environment ${environment}`,
      { hint: 'unset TOPAZ_PKCS11_MODULE and insert a real card, or use the sandbox' },
    );
  }
  return setting;
}

/**
 * Opens the card. Close it in `finally`. Where several readers hold an eID and a person can be asked, the
 * person chooses.
 *
 * @throws TopazError as `openEid` and {@link moduleSetting}.
 */
export async function openCard(run: Run, { reader, wait }: CardFlags = {}): Promise<EidCard> {
  const { ctx, settings } = run;
  const waitMs = wait === undefined ? undefined : parseDuration(wait, '--wait');
  const limits = await limitsOf(ctx.env);
  const module = await moduleSetting(run);
  const profile = await profileOrNone(run);
  const { openEid } = await import('../../eid/card.js');
  return openEid({
    module,
    reader: reader ?? (ctx.env['TOPAZ_READER'] || profile?.pkcs11.reader),
    env: ctx.env,
    now: run.now,
    signal: ctx.signal,
    waitMs,
    limits,
    noInput: settings.noInput,
    platform: ctx.platform,
    ...(settings.canAsk
      ? {
          chooseReader: async (readers) =>
            (await ctx.prompter()).choose(
              run.t('eid.choose'),
              readers.map((name) => ({ value: name, label: name })),
            ),
        }
      : {}),
    announce: (what) => {
      const text = run.t(`eid.announce.${what}`);
      // Somebody has to act now: on a terminal that is said under --json too.
      if (settings.json && ctx.io.tty.stderr) {
        run.warn(text);
      } else {
        run.remark(text);
      }
    },
  });
}

/** Opens the module alone, to list readers. */
export async function openPkcs11(run: Run): Promise<Pkcs11Module> {
  const { env, signal } = run.ctx;
  const { openModule } = await import('../../pkcs11/open-module.js');
  return openModule(await moduleSetting(run), { env, signal, limits: await limitsOf(env) });
}
