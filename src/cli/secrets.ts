/**
 * Where a secret comes from: descriptor, file, environment, person, in that order; never from the command
 * line itself (cli-ux §9). One line is read, its final line break removed, nothing else trimmed.
 *
 * @module
 */

import { existsSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';

import { systemCode, TopazError } from '../errors.js';
import type { Context } from './context.js';

export type SecretKind = 'pin' | 'password' | 'newPassword' | 'passphrase' | 'license';

export interface SecretFlags {
  readonly pinFile?: string;
  readonly pinFd?: string;
  /** A PIN that nobody typed may use the last try. */
  readonly allowLastPinTry?: boolean;
  /** The module asks for the PIN in its own window. */
  readonly pinWindow?: boolean;
  /** Several are bound to keystores: `ALIAS=FILE`; one without alias is for the active keystore. */
  readonly passwordFile?: string | readonly string[];
  readonly passwordFd?: string;
  readonly newPasswordFile?: string;
  readonly newPasswordFd?: string;
  readonly passphraseFile?: string;
  readonly passphraseFd?: string;
}

/** A secret from anywhere but a person. */
export interface FoundSecret {
  readonly bytes: Uint8Array;
}

const MAX_BYTES = 4096;

/** The flags of a kind, for hints. */
export const SECRET_FLAGS: Readonly<Record<SecretKind, string>> = {
  pin: '--pin-file FILE or --pin-fd N',
  password: '--password-file FILE or --password-fd N',
  newPassword: '--new-password-file FILE or --new-password-fd N',
  passphrase: '--passphrase-file FILE or --passphrase-fd N',
  license: 'topaz profile set mycarenet.license.passwordFile FILE',
};

const VARIABLES: Readonly<Record<SecretKind, string>> = {
  pin: 'TOPAZ_PIN',
  password: 'TOPAZ_KEYSTORE_PASSWORD',
  newPassword: 'TOPAZ_KEYSTORE_NEW_PASSWORD',
  passphrase: 'TOPAZ_KEY_PASSPHRASE',
  license: 'TOPAZ_MYCARENET_PASSWORD',
};

/** Variables whose value is a secret itself. */
export const SECRET_VARIABLES: readonly string[] = Object.values(VARIABLES);

/** Takes the secrets out of an environment, so that no child process inherits them. */
export function withoutSecrets(env: Context['env']): Context['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSecretVariable(name)));
}

/** `TOPAZ_PIN`, `TOPAZ_KEYSTORE_PASSWORD` …, also those bound to an alias (`…__ALIAS`). */
export const isSecretVariable = (name: string): boolean =>
  SECRET_VARIABLES.includes(name.replace(/__.*$/, ''));

/** Reads secrets for one command: stdin serves one of them. */
export class SecretSource {
  readonly #ctx: Context;
  readonly #warn: (file: string) => void;
  #stdinUsed = false;

  /**
   * @param ctx With the secrets still in its environment.
   * @param warn Told about a file whose protection cannot be judged (Windows).
   */
  constructor(ctx: Context, warn: (file: string) => void) {
    this.#ctx = ctx;
    this.#warn = warn;
  }

  /**
   * The secret, or `undefined` when only a person can give it.
   *
   * @param alias The keystore it is for; files bound to other aliases are left alone.
   * @throws TopazError `E_SECRET_FILE_MODE`, `E_FILE_NOT_FOUND`, `E_USAGE` (empty, no such descriptor).
   */
  async find(
    kind: SecretKind,
    flags: SecretFlags,
    alias?: string,
  ): Promise<FoundSecret | undefined> {
    const { fd, file } = flagsOf(kind, flags, alias);
    if (fd !== undefined) {
      return this.#fromFd(fd, 'the descriptor');
    }
    if (file !== undefined) {
      return this.#fromFile(file);
    }
    const fromFd = this.#variable(kind, '_FD', alias);
    if (fromFd !== undefined) {
      return this.#fromFd(fromFd, `${VARIABLES[kind]}_FD`);
    }
    const fromFile = this.#variable(kind, '_FILE', alias);
    if (fromFile !== undefined) {
      return this.#fromFile(fromFile);
    }
    const value = this.#variable(kind, '', alias);
    return value === undefined ? undefined : { bytes: new TextEncoder().encode(value) };
  }

  /** Where {@link find} would look, `undefined` where only a person can give it. Nothing is read. */
  where(kind: SecretKind, flags: SecretFlags, alias?: string): 'flag' | 'environment' | undefined {
    const { fd, file } = flagsOf(kind, flags, alias);
    if (fd !== undefined || file !== undefined) {
      return 'flag';
    }
    return ['_FD', '_FILE', ''].some((suffix) => this.#variable(kind, suffix, alias) !== undefined)
      ? 'environment'
      : undefined;
  }

  #variable(kind: SecretKind, suffix: string, alias: string | undefined): string | undefined {
    const name = `${VARIABLES[kind]}${suffix}`;
    const bound =
      alias === undefined ? undefined : this.#ctx.env[`${name}__${variableName(alias)}`];
    const value = bound ?? this.#ctx.env[name];
    return value === '' ? undefined : value;
  }

  async #fromFd(text: string, what: string): Promise<FoundSecret> {
    const fd = Number(text);
    if (!/^[0-9]{1,4}$/.test(text)) {
      throw new TopazError('E_USAGE', `${what} is not a number`, {
        hint: 'for example --pin-fd 3 with 3< FILE',
      });
    }
    try {
      return { bytes: oneLine(await this.#ctx.io.readFd(fd), `descriptor ${fd}`) };
    } catch (error) {
      if (error instanceof TopazError) {
        throw error;
      }
      throw new TopazError('E_USAGE', `descriptor ${fd} cannot be read`, {
        hint: 'open it on the command line, for example 3< FILE',
        cause: error,
      });
    }
  }

  async #fromFile(path: string): Promise<FoundSecret> {
    if (path === '-') {
      if (this.#stdinUsed) {
        throw new TopazError('E_USAGE', 'stdin was read already', {
          hint: 'only one secret can come from stdin; give the other by a file',
        });
      }
      this.#stdinUsed = true;
      return { bytes: oneLine(await this.#ctx.io.readStdin(), 'stdin') };
    }
    await this.#checkMode(path);
    return { bytes: oneLine(await readStart(path), path) };
  }

  async #checkMode(path: string): Promise<void> {
    let mode: number;
    try {
      const facts = await stat(path);
      if (facts.isDirectory()) {
        throw new TopazError('E_FILE_NOT_FOUND', `${path} is a folder`, { hint: 'name a file' });
      }
      mode = facts.mode;
    } catch (error) {
      throw fileError(error, path);
    }
    if (this.#ctx.platform === 'win32') {
      this.#warn(path);
    } else if ((mode & 0o077) !== 0) {
      throw new TopazError('E_SECRET_FILE_MODE', `others than you may read ${path}`, {
        hint: `chmod 600 ${path}`,
        details: { file: path, mode: (mode & 0o777).toString(8).padStart(4, '0') },
      });
    }
  }
}

function flagsOf(
  kind: SecretKind,
  flags: SecretFlags,
  alias: string | undefined,
): { readonly fd?: string | undefined; readonly file?: string | undefined } {
  switch (kind) {
    case 'pin':
      return { fd: flags.pinFd, file: flags.pinFile };
    case 'newPassword':
      return { fd: flags.newPasswordFd, file: flags.newPasswordFile };
    case 'passphrase':
      return { fd: flags.passphraseFd, file: flags.passphraseFile };
    case 'password':
    case 'license':
      return { fd: flags.passwordFd, file: passwordFile(flags.passwordFile, alias) };
  }
}

/** The file for one keystore among several `--password-file`. The alias itself may hold `=`. */
function passwordFile(
  files: SecretFlags['passwordFile'],
  alias: string | undefined,
): string | undefined {
  const all = files === undefined ? [] : typeof files === 'string' ? [files] : files;
  if (alias === undefined) {
    return all.length > 1 ? all.find((file) => !file.includes('=')) : all[0];
  }
  const prefix = `${alias}=`;
  const bound = all.find((file) => file.startsWith(prefix));
  return bound?.slice(prefix.length) ?? all.find((file) => !isBound(file));
}

/** `ALIAS=FILE` of another keystore: a name with `=` that is no file itself. */
const isBound = (file: string): boolean => file.includes('=') && !existsSync(file);

/** `SSIN=79021599732 2026` in the name of a variable: `SSIN_79021599732_2026`. */
const variableName = (alias: string): string => alias.replace(/[^A-Za-z0-9]/g, '_').toUpperCase();

async function readStart(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = new Uint8Array(MAX_BYTES + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
        length += bytesRead;
        // A named pipe gives its line in pieces, and is not read beyond the line.
        if (
          bytesRead === 0 ||
          length === buffer.length ||
          buffer.subarray(0, length).includes(0x0a)
        ) {
          return buffer.subarray(0, length);
        }
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, path);
  }
}

/** The first line, copied; what was read is wiped. */
function oneLine(read: Uint8Array, where: string): Uint8Array {
  const lineBreak = read.indexOf(0x0a);
  const end = lineBreak < 0 ? read.length : lineBreak;
  const line = read.slice(0, end > 0 && read[end - 1] === 0x0d ? end - 1 : end);
  read.fill(0);
  if (line.length === 0) {
    throw new TopazError('E_USAGE', `the secret in ${where} is empty`, {
      hint: 'write it on the first line',
    });
  }
  if (line.length > MAX_BYTES) {
    throw new TopazError('E_USAGE', `the secret in ${where} is too long`, {
      hint: 'is it the right file?',
    });
  }
  return line;
}

const fileError = (error: unknown, path: string): unknown => {
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new TopazError('E_FILE_NOT_FOUND', `there is no file ${path}`, {
        hint: 'check the path',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return new TopazError('E_FILE_NOT_FOUND', `${path} cannot be read`, {
        hint: 'check who owns the file',
        cause: error,
      });
    default:
      return error;
  }
};
