/**
 * What a command works with: settings, profile, texts, questions, secrets, output and the connection to the
 * services. {@link action} makes it from the flags and ends it.
 *
 * @module
 */

import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { TopazError } from '../errors.js';
import { readConfiguration } from '../profile/files.js';
import { pendingRegistry, resolvePaths } from '../profile/paths.js';
import type { Paths } from '../profile/paths.js';
import { readProfile } from '../profile/profile.js';
import type { Profile } from '../profile/profile.js';
import type { Call } from '../soap/call.js';
import { openCall } from './connection.js';
import type { Context } from './context.js';
import { shortDuration } from './counter.js';
import type { GlobalOptions } from './global-flags.js';
import { createLog } from './log.js';
import { createTranslate, loadCatalog } from './messages/catalog.js';
import type { Parameters } from './messages/catalog.js';
import { Progress } from './progress.js';
import type { Advance } from './progress.js';
import { askingPrompter, inputRequired } from './questions.js';
import { createRenderer } from './render.js';
import type { ResultDocument } from './render.js';
import { SECRET_FLAGS, SecretSource, withoutSecrets } from './secrets.js';
import type { SecretFlags, SecretKind } from './secrets.js';
import { profileName, readSettings } from './settings.js';
import type { Settings } from './settings.js';
import { createSigns, createStyle } from './style.js';
import type { Signs, Style } from './style.js';

export type { Language } from '../profile/language.js';
export type { SecretFlags } from './secrets.js';
export type { Settings } from './settings.js';

export interface Secret {
  /** To be wiped with `fill(0)` by whoever asked. */
  readonly bytes: Uint8Array;
  /** Typed by a person just now, so that it may be asked again. */
  readonly typed: boolean;
}

export interface SecretOptions {
  /** The keystore that it opens, where there may be several. */
  readonly alias?: string | undefined;
  /** A new secret is chosen: asked twice, at least 12 characters. `newPassword` always is. */
  readonly choose?: boolean | undefined;
}

export interface Run {
  /** Its environment holds no secret, its prompter asks only where asking is allowed. */
  readonly ctx: Context;
  /** The command that was called, by its path: `ehbox sync`. */
  readonly command: string;
  readonly settings: Settings;
  readonly paths: Paths;
  readonly style: { readonly out: Style; readonly err: Style };
  readonly signs: Signs;
  /** The time; in the sandbox, its clock. */
  readonly now: () => Date;
  readonly t: (key: string, parameters?: Parameters) => string;
  /** @throws TopazError `E_PROFILE_UNKNOWN`, `E_PROFILE_INVALID`, `E_ENVIRONMENT_MISMATCH`. */
  profile(): Promise<Profile>;
  /**
   * Writes the result: one JSON document, lines for people on a terminal, or one record per line
   * (tab-separated) in a pipe. Without `records` a pipe gets the lines.
   */
  result(
    document: ResultDocument,
    lines: () => readonly string[],
    records?: () => readonly (readonly string[])[],
  ): void;
  /** Says something by the way. Silent under `--quiet` and `--json`. */
  remark(text: string): void;
  /** Says something that can be acted upon. Silent under `--quiet`. */
  warn(text: string): void;
  /** Says that something was done. Silent under `--quiet` and `--json`. */
  done(text: string): void;
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
  /**
   * A step of a known amount: counter and bar on a terminal.
   *
   * @param amount How amounts are written, for example sizes. @default the number
   */
  count<T>(
    title: string,
    total: number,
    work: (advance: Advance) => Promise<T>,
    amount?: (value: number) => string,
  ): Promise<T>;
  /**
   * A secret: descriptor, file, environment, person (cli-ux §9).
   *
   * @throws TopazError `E_INPUT_REQUIRED`, `E_SECRET_FILE_MODE`, `E_FILE_NOT_FOUND`, `E_USAGE`,
   *   `E_PASSWORD_WEAK` for a chosen one, `E_INTERRUPTED`.
   */
  secret(
    kind: SecretKind,
    flags: SecretFlags,
    prompt: string,
    options?: SecretOptions,
  ): Promise<Secret>;
  /** Where a secret would come from without a person; nothing is read. */
  secretFrom(
    kind: SecretKind,
    flags: SecretFlags,
    alias: string | undefined,
  ): 'flag' | 'environment' | undefined;
  /**
   * Asks before something that cannot be undone. `--yes` answers only where no other flag is named.
   *
   * @throws TopazError `E_INPUT_REQUIRED`, `E_NOT_CONFIRMED`.
   */
  confirm(question: string, flag?: string): Promise<void>;
  /**
   * The value of a flag, or the answer of a person.
   *
   * @throws TopazError `E_INPUT_REQUIRED` that names the flag.
   */
  require(flag: string, value: string | undefined, ask: () => Promise<string>): Promise<string>;
  /**
   * The way to the services of the profile.
   *
   * @param options.batch Whether many calls follow; the first to ask decides for the command.
   */
  call(options?: { readonly batch?: boolean }): Promise<Call>;
  /** Writes to the log, where there is one. */
  readonly log: ((event: string) => void) | undefined;
}

const MIN_PASSWORD = 12;

/**
 * Runs the work of a command.
 *
 * @param command The command that was called: its flags and the global ones are read from it.
 * @throws Whatever the work throws; `src/main.ts` reports it.
 */
export async function action(
  ctx: Context,
  command: Command,
  work: (run: Run) => Promise<void>,
): Promise<void> {
  const { run, close } = await createRun(ctx, command.optsWithGlobals<GlobalOptions>(), pathOf(command)); // prettier-ignore
  try {
    await sweepPlaintext(run.paths);
    await work(run);
  } finally {
    await close();
  }
}

/** `ehbox sync`: the names from below the root. */
function pathOf(command: Command): string {
  const { parent } = command;
  return parent === null ? '' : `${pathOf(parent)} ${command.name()}`.trimStart();
}

/** Plaintext of a command that was killed does not outlive the next one. */
async function sweepPlaintext(paths: Paths): Promise<void> {
  const registry = pendingRegistry(paths);
  if (existsSync(registry)) {
    const { sweepPending } = await import('../etee/pending-file.js');
    await sweepPending(registry);
  }
}

/** A run and how it is ended. {@link action} is what commands use; tests may make one by itself. */
export async function createRun(
  given: Context,
  options: GlobalOptions,
  command = '',
): Promise<{ readonly run: Run; readonly close: () => Promise<void> }> {
  const paths = resolvePaths(given);
  const configuration = await readConfiguration(paths);
  const configured = configuration.get('profile');
  const name = profileName(
    options.profile,
    given.env,
    typeof configured === 'string' ? configured : undefined,
  );
  const loading = loadProfile(paths, name);
  const loaded = await loading;
  const settings = readSettings(given, options, name, {
    language: 'profile' in loaded ? loaded.profile.language : undefined,
  });
  const translate = createTranslate(await loadCatalog(settings.lang), settings.lang);
  const style = {
    out: await createStyle(settings.color.out),
    err: await createStyle(settings.color.err),
  };
  const signs = createSigns(settings.unicode);
  const { io } = given;
  const progress = new Progress({
    io,
    settings,
    style: style.err,
    signs,
    elapsed: () => performance.now(),
    ci: Boolean(given.env['CI']),
  });
  const offsetMs =
    'profile' in loaded && loaded.profile.environment === 'sandbox'
      ? loaded.profile.clock.offsetSeconds * 1000
      : 0;
  const now = (): Date => new Date(given.now().getTime() + offsetMs);
  const say = (text: string): void => {
    if (!settings.quiet && !settings.json) {
      progress.line(text);
    }
  };
  const warn = (text: string): void => {
    if (!settings.quiet) {
      progress.line(`${style.err.warning(signs.warning)} ${text}`);
    }
  };
  const log = createLog({
    now: given.now,
    show: settings.debug || settings.verbose >= 2 ? (line) => { progress.line(line); } : undefined, // prettier-ignore
    file: settings.logFile,
  });
  if (settings.debug && log !== undefined) {
    warn(translate('frame.log.personal'));
  }
  const secrets = new SecretSource(given, (file) => {
    warn(translate('frame.secret.unprotected', { file }));
  });
  const ctx: Context = {
    ...given,
    env: withoutSecrets(given.env),
    prompter: () => askingPrompter({ ctx: given, settings, translate, progress }),
  };
  const closing: (() => Promise<void>)[] = [];

  const profile = async (): Promise<Profile> => {
    const found = await loading;
    if ('error' in found) {
      throw found.error;
    }
    checkEnvironment(found.profile, settings);
    return found.profile;
  };
  let call: Promise<Call> | undefined;

  const run: Run = {
    ctx,
    command,
    settings,
    paths,
    style,
    signs,
    now,
    t: translate,
    profile,
    result: createRenderer(io, settings),
    remark: say,
    warn,
    done: (text) => {
      say(`${style.err.success(signs.success)} ${text}`);
    },
    step: (title, work) => progress.step(title, work),
    count: (title, total, work, amount) =>
      progress.count(
        title,
        total,
        {
          unicode: settings.unicode,
          amount,
          timeLeft: (left) => translate('frame.time-left', { time: shortDuration(left) }),
        },
        work,
      ),
    secret: async (kind, flags, prompt, { alias, choose = kind === 'newPassword' } = {}) => {
      const found = await secrets.find(kind, flags, alias);
      const secret =
        found === undefined
          ? { bytes: await askSecret(kind, prompt, choose), typed: true }
          : { ...found, typed: false };
      if (choose && new TextDecoder().decode(secret.bytes).length < MIN_PASSWORD) {
        secret.bytes.fill(0);
        throw new TopazError('E_PASSWORD_WEAK', `the password is shorter than ${MIN_PASSWORD} characters`, { hint: 'choose a longer one, for example four words' }); // prettier-ignore
      }
      return secret;
    },
    secretFrom: (kind, flags, alias) => secrets.where(kind, flags, alias),
    confirm: async (question, flag = '--yes') => {
      if (flag === '--yes' && settings.yes) {
        return;
      }
      if (!settings.canAsk) {
        throw inputRequired(settings, 'a confirmation is needed', `add ${flag}`);
      }
      const environment = 'profile' in loaded ? loaded.profile.environment : undefined;
      const prompter = await ctx.prompter();
      const asked =
        environment === 'prod' ? `${question} ${translate('frame.confirm.prod')}` : question;
      if (!(await prompter.confirm(asked))) {
        throw new TopazError('E_NOT_CONFIRMED', 'not confirmed; nothing was changed', {
          hint: 'run the command again when you are sure',
        });
      }
    },
    require: async (flag, value, ask) => {
      if (value !== undefined && value !== '') {
        return value;
      }
      if (!settings.canAsk) {
        throw inputRequired(settings, `${flag} is needed`, `add ${flag}`);
      }
      return ask();
    },
    call: ({ batch } = {}) => {
      call ??= (async () => {
        const opened = await openCall({
          profile: await profile(),
          settings,
          env: ctx.env,
          now,
          newId: ctx.newId,
          log,
          batch,
          onSkew: (minutes) => {
            warn(translate('frame.clock', { minutes }));
          },
        });
        closing.push(opened.close);
        return opened.call;
      })();
      return call;
    },
    log,
  };

  async function askSecret(kind: SecretKind, prompt: string, choose: boolean): Promise<Uint8Array> {
    if (!settings.canAskSecret || kind === 'license') {
      const what = kind === 'pin' ? 'the PIN is needed' : 'a password is needed';
      throw inputRequired(settings, what, SECRET_FLAGS[kind]);
    }
    const prompter = await askingPrompter({ ctx: given, settings, translate, progress });
    if (!choose) {
      return prompter.secret(prompt);
    }
    progress.line(translate('frame.password.rule', { count: MIN_PASSWORD }));
    for (;;) {
      const first = await prompter.secret(prompt);
      const second = await prompter.secret(translate('frame.password.again'));
      const equal = Buffer.compare(first, second) === 0;
      second.fill(0);
      if (equal) {
        return first;
      }
      first.fill(0);
      progress.line(translate('frame.password.differ'));
    }
  }

  return {
    run,
    close: async () => {
      for (const end of closing) {
        await end();
      }
    },
  };
}

type Loaded = { readonly profile: Profile } | { readonly error: unknown };

/** The profile, or why there is none: only the commands that need one fail without it. */
async function loadProfile(paths: Paths, name: string): Promise<Loaded> {
  try {
    return { profile: await readProfile(paths, name) };
  } catch (error) {
    return { error };
  }
}

/** Endpoints and trust belong to the profile's own environment: another `--env` cannot use them. */
function checkEnvironment({ name, environment }: Profile, { env }: Settings): void {
  if (env !== undefined && env !== environment) {
    throw new TopazError(
      'E_ENVIRONMENT_MISMATCH',
      `profile "${name}" is one of the environment ${environment}, not ${env}`,
      { hint: 'choose another profile with --profile, or leave out --env (TOPAZ_ENV)' },
    );
  }
}
