/**
 * How a command behaves: flags first, then environment variables, then the profile, then the default
 * (cli-ux §2, 6, 8, 13, 14).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { parseEnvironment } from '../profile/environment.js';
import type { Environment } from '../profile/environment.js';
import { readConfiguration, readProfileValues } from '../profile/files.js';
import { LANGUAGES, matchLanguage } from '../profile/language.js';
import type { Language } from '../profile/language.js';
import { resolvePaths } from '../profile/paths.js';
import type { Context } from './context.js';
import { parseDuration } from './duration.js';
import type { GlobalOptions } from './global-flags.js';

export interface Settings {
  readonly lang: Language;
  readonly json: boolean;
  readonly quiet: boolean;
  /** 0, 1 (`-v`) or 2 (`-vv`). */
  readonly verbose: number;
  readonly debug: boolean;
  readonly logFile: string | undefined;
  readonly noInput: boolean;
  /** Whether questions may be asked. */
  readonly canAsk: boolean;
  /** Whether a secret may be asked: with `--json` on a terminal too. */
  readonly canAskSecret: boolean;
  readonly yes: boolean;
  /** Whether keys may come from the session agent. */
  readonly useAgent: boolean;
  /** `--env`: what the profile's environment must be. */
  readonly env: Environment | undefined;
  readonly profileName: string;
  /** `--profile` itself, without variable or configuration. */
  readonly profileFlag: string | undefined;
  readonly timeoutMs: number;
  readonly color: { readonly out: boolean; readonly err: boolean };
  /** Signs may be `✓ ! ✗`; otherwise words. */
  readonly unicode: boolean;
  readonly plain: boolean;
  readonly lockTimeoutMs: number;
}

/** What of the profile and `config.json` decides about settings. */
export interface Preferences {
  readonly language?: Language | undefined;
}

type Env = Context['env'];

const isOn = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && value !== '0' && value !== 'false';
const given = (value: string | undefined): string | undefined =>
  value === undefined || value === '' ? undefined : value;

/** Name of the profile: `--profile`, `TOPAZ_PROFILE`, `topaz profile use`, else `default`. */
export const profileName = (
  flag: string | undefined,
  env: Env,
  configured: string | undefined,
): string => given(flag) ?? given(env['TOPAZ_PROFILE']) ?? configured ?? 'default';

/** `--lang`, `TOPAZ_LANG`, the profile, the locale, else English. An unknown one is English, without remark. */
export function chooseLanguage(
  flag: string | undefined,
  env: Env,
  configured: Language | undefined,
): Language {
  const asked = given(flag) ?? given(env['TOPAZ_LANG']);
  if (asked !== undefined) {
    return matchLanguage(asked) ?? 'en';
  }
  const locale = given(env['LC_ALL']) ?? given(env['LC_MESSAGES']) ?? given(env['LANG']);
  return configured ?? matchLanguage(locale) ?? 'en';
}

/**
 * The settings of one command line.
 *
 * @throws TopazError `E_USAGE` for an environment, colour or duration that is none.
 */
export function readSettings(
  { io, env, platform }: Pick<Context, 'io' | 'env' | 'platform'>,
  options: GlobalOptions,
  name: string,
  preferences: Preferences,
): Settings {
  const noInput = options.input === false || isOn(env['TOPAZ_NO_INPUT']);
  const json = options.json === true;
  const canAskSecret =
    io.tty.stderr && !noInput && !isOn(env['CI']) && (io.tty.stdin || io.keyboard === true);
  const plain = options.plain === true || isOn(env['TOPAZ_PLAIN']);
  const environment = given(options.env) ?? given(env['TOPAZ_ENV']);
  const duration = (flag: string, value: string | undefined, fallbackMs: number): number =>
    value === undefined ? fallbackMs : parseDuration(value, flag);
  return {
    lang: chooseLanguage(options.lang, env, preferences.language),
    json,
    quiet: options.quiet === true,
    verbose: options.verbose ?? 0,
    debug: options.debug === true || isOn(env['TOPAZ_DEBUG']),
    logFile: given(options.logFile) ?? given(env['TOPAZ_LOG_FILE']),
    noInput,
    canAsk: canAskSecret && !json,
    canAskSecret,
    yes: options.yes === true,
    useAgent: options.agent !== false && !isOn(env['TOPAZ_NO_AGENT']),
    env: environment === undefined ? undefined : parseEnvironment(environment),
    profileName: name,
    profileFlag: given(options.profile),
    timeoutMs: duration('--timeout', given(options.timeout) ?? given(env['TOPAZ_TIMEOUT']), 30_000),
    color: {
      out: useColor(options.color, env, io.tty.stdout),
      err: useColor(options.color, env, io.tty.stderr),
    },
    unicode: !plain && hasUnicode(env, platform),
    plain,
    lockTimeoutMs: duration(
      '--lock-timeout',
      given(options.lockTimeout) ?? given(env['TOPAZ_LOCK_TIMEOUT']),
      10_000,
    ),
  };
}

/** Colour for one stream, in the order of cli-ux §6. */
export function useColor(flag: string | boolean | undefined, env: Env, tty: boolean): boolean {
  if (flag === false || flag === 'never') {
    return false;
  }
  if (flag === 'always') {
    return true;
  }
  if (flag !== undefined && flag !== true && flag !== 'auto') {
    throw new TopazError('E_USAGE', '--color takes auto, always or never', {
      hint: '--color never',
    });
  }
  if (given(env['NO_COLOR']) !== undefined) {
    return false;
  }
  const wish = given(env['FORCE_COLOR']) ?? given(env['TOPAZ_COLOR']);
  if (wish !== undefined && wish !== 'auto') {
    return wish !== '0' && wish !== 'false' && wish !== 'never';
  }
  return tty && env['TERM'] !== 'dumb';
}

/** Whether signs outside ASCII can be shown. */
export function hasUnicode(env: Env, platform: NodeJS.Platform): boolean {
  if (env['TERM'] === 'linux' || env['TERM'] === 'dumb') {
    return false;
  }
  const locale = given(env['LC_ALL']) ?? given(env['LC_CTYPE']) ?? given(env['LANG']) ?? '';
  return platform === 'win32' || /utf-?8/i.test(locale);
}

/** The language for a report, when the settings themselves may be what failed. */
export async function preferredLanguage(
  flag: string | undefined,
  profile: string | undefined,
  ctx: Pick<Context, 'env' | 'platform' | 'home'>,
): Promise<Language> {
  let configured: Language | undefined;
  try {
    const paths = resolvePaths(ctx);
    const configuration = await readConfiguration(paths);
    const name = configuration.get('profile');
    const values = await readProfileValues(
      paths,
      profileName(profile, ctx.env, typeof name === 'string' ? name : undefined),
    );
    const language = values.get('language') ?? configuration.get('language');
    configured = LANGUAGES.find((known) => known === language);
  } catch {
    // Without a readable profile the other sources decide.
  }
  return chooseLanguage(flag, ctx.env, configured);
}
