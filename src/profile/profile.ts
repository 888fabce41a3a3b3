/**
 * A profile: one environment, one holder, the keystores in use and where the services are. What `config.json`
 * says holds where the profile is silent (cli-ux §13, design §8).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { parseDocument, parseValue, unknownKey } from './document.js';
import type { Values } from './document.js';
import { checkPlace } from './endpoint-rules.js';
import { ENVIRONMENTS } from './environment.js';
import type { Environment } from './environment.js';
import {
  listProfiles,
  readConfiguration,
  readProfileValues,
  withProfileLock,
  writeProfileValues,
} from './files.js';
import { keyRule, PROFILE_SCHEMA, SERVICE_ENDPOINTS } from './keys.js';
import { LANGUAGES } from './language.js';
import type { Language } from './language.js';
import type { Paths } from './paths.js';

export type ServiceEndpoint = (typeof SERVICE_ENDPOINTS)[number];

/** URLs that replace the built-in ones. */
export type Endpoints = Readonly<Partial<Record<ServiceEndpoint, string>>> & {
  /** By MyCareNet domain. */
  readonly genasync?: Readonly<Record<string, string>>;
};

/** An office that sends for a care provider. */
interface Sender {
  readonly nihii?: string;
  readonly quality?: string;
  readonly name?: string;
  readonly cbe?: string;
}

export interface Profile {
  readonly name: string;
  readonly environment: Environment;
  readonly language?: Language;
  /** Alias of the active keystore. */
  readonly keystore?: string;
  /** Alias of the keystore of the organisation one works for. */
  readonly organisationKeystore?: string;
  /** Aliases of older or other keystores that may open messages. */
  readonly alternates: readonly string[];
  /** Aliases of keystores whose password is taken from the keyring of the system. */
  readonly remember: readonly string[];
  readonly holder: { readonly type?: string; readonly id?: string; readonly quality?: string };
  readonly via?: 'eid' | 'keystore';
  readonly pkcs11: { readonly module?: string; readonly reader?: string };
  readonly mycarenet: {
    readonly nihii?: string;
    readonly quality?: string;
    readonly name?: string;
    readonly responsible?: string;
    readonly cbe?: string;
    /** The office that sends for this care provider. */
    readonly sender?: Sender;
    /** Whether questions are sealed for the broker; where it is not said, they are when both have an ETK. */
    readonly encrypt?: boolean;
    /** For how many days answers about lists of patients are kept. */
    readonly journalDays?: number;
    readonly package: { readonly name?: string };
    readonly license: { readonly username?: string; readonly passwordFile?: string };
  };
  readonly ehbox: { readonly quality?: string; readonly keep?: string; readonly unseal?: boolean };
  readonly session: { readonly minutes?: number; readonly idleMinutes?: number };
  readonly sts: {
    readonly protocol?: 'saml' | 'wstrust';
    readonly signatureDigest?: 'sha1' | 'sha256';
    readonly designators: readonly string[];
  };
  readonly trust: {
    readonly caFile?: string;
    readonly tls?: string;
    readonly stsSigner?: string;
    readonly eidRoots?: string;
    readonly ehealthRoots?: string;
  };
  /** Whether it is asked if certificates were revoked, and what happens without an answer. */
  readonly revocation?: 'off' | 'optional' | 'mandatory';
  readonly endpoints: Endpoints;
  readonly proxy?: string;
  readonly clock: { readonly offsetSeconds: number };
}

export { listProfiles };

/**
 * Reads a profile, completed with `config.json`.
 *
 * @throws TopazError `E_PROFILE_UNKNOWN` with the nearest names, `E_PROFILE_INVALID` that names the key.
 */
export async function readProfile(paths: Paths, name: string): Promise<Profile> {
  const values = await readProfileValues(paths, name);
  return toProfile(name, new Map([...(await readConfiguration(paths)), ...values]));
}

/**
 * Checks a document and writes it as a profile, whole.
 *
 * @param document With or without its `schema`.
 * @returns The path of the file.
 * @throws TopazError `E_PROFILE_INVALID`, `E_ENVIRONMENT_MISMATCH`, and as `writeFileAtomic`.
 */
export function writeProfileFile(
  paths: Paths,
  name: string,
  document: Readonly<Record<string, unknown>>,
): Promise<string> {
  return withProfileLock(paths, name, () => {
    const values = parseDocument(
      { ...document, schema: PROFILE_SCHEMA },
      { name: `profile "${name}"` },
    );
    return write(paths, name, values);
  });
}

export interface ChangeOptions {
  /** Environment of a profile that is made by the change. @default 'acc' */
  readonly environment?: Environment | undefined;
}

/**
 * Sets one key; a profile that is not there yet is made.
 *
 * @param key Dotted, for example `pkcs11.module`.
 * @param value As typed; lists with commas.
 * @throws TopazError `E_PROFILE_INVALID`, `E_ENVIRONMENT_MISMATCH`.
 */
export async function setProfileValue(
  paths: Paths,
  name: string,
  key: string,
  value: string,
  { environment = 'acc' }: ChangeOptions = {},
): Promise<void> {
  const parsed = parseValue(key, value, `profile "${name}"`);
  await changeProfile(paths, name, (old) => new Map([...old, [key, parsed]]), { environment });
}

/**
 * Changes values of a profile, alone; one that is not there yet is made.
 *
 * @param change Gets the values of now.
 * @throws TopazError `E_PROFILE_INVALID`, `E_ENVIRONMENT_MISMATCH`.
 */
export async function changeProfile(
  paths: Paths,
  name: string,
  change: (values: Values) => Values,
  { environment = 'acc' }: ChangeOptions = {},
): Promise<void> {
  await withProfileLock(paths, name, async () => {
    const old: Values = (await listProfiles(paths)).includes(name)
      ? await readProfileValues(paths, name)
      : new Map([['environment', environment]]);
    await write(paths, name, change(old));
  });
}

/**
 * Removes one key, or a whole group (`mycarenet.license`).
 *
 * @returns Whether it was there.
 * @throws TopazError `E_PROFILE_UNKNOWN`, `E_PROFILE_INVALID`.
 */
export async function unsetProfileValue(paths: Paths, name: string, key: string): Promise<boolean> {
  if (key === 'environment') {
    throw new TopazError('E_PROFILE_INVALID', 'a profile always has an environment', {
      hint: `topaz profile set environment ${ENVIRONMENTS.join('|')}`,
    });
  }
  return withProfileLock(paths, name, async () => {
    const old = await readProfileValues(paths, name);
    const kept = new Map(
      [...old].filter(([known]) => known !== key && !known.startsWith(`${key}.`)),
    );
    if (kept.size === old.size) {
      if (keyRule(key) === undefined) {
        throw unknownKey(key, { name: `profile "${name}"` });
      }
      return false;
    }
    await write(paths, name, kept);
    return true;
  });
}

function write(paths: Paths, name: string, values: Values): Promise<string> {
  const profile = toProfile(name, values);
  if (profile.environment !== 'sandbox' && profile.clock.offsetSeconds !== 0) {
    throw new TopazError('E_PROFILE_INVALID', 'only the sandbox may have another clock', {
      hint: 'topaz profile unset clock.offsetSeconds',
    });
  }
  for (const [key, value] of values) {
    if (key.startsWith('endpoints.') && typeof value === 'string') {
      checkPlace(value, key, profile.environment);
    }
  }
  return writeProfileValues(paths, name, values);
}

/**
 * The environment among a profile's values.
 *
 * @throws TopazError `E_PROFILE_INVALID` when it does not say one.
 */
export function environmentOf(values: Values): Environment {
  const environment = ENVIRONMENTS.find((known) => known === values.get('environment'));
  if (environment === undefined) {
    throw new TopazError('E_PROFILE_INVALID', 'the profile does not say its environment', {
      hint: 'topaz profile set environment acc',
    });
  }
  return environment;
}

function toProfile(name: string, values: Values): Profile {
  const text = (key: string): string | undefined => {
    const value = values.get(key);
    return typeof value === 'string' ? value : undefined;
  };
  const number = (key: string): number | undefined => {
    const value = values.get(key);
    return typeof value === 'number' ? value : undefined;
  };
  const flag = (key: string): boolean | undefined => {
    const value = values.get(key);
    return typeof value === 'boolean' ? value : undefined;
  };
  const list = (key: string): readonly string[] => {
    const value = values.get(key);
    return typeof value === 'object' ? value : [];
  };
  const choice = <T extends string>(key: string, choices: readonly T[]): T | undefined =>
    choices.find((known) => known === values.get(key));

  const environment = environmentOf(values);
  const prefix = 'endpoints.genasync.';
  const genasync = Object.fromEntries(
    [...values.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => [key.slice(prefix.length), text(key) ?? '']),
  );
  return {
    name,
    environment,
    alternates: list('alternates'),
    remember: list('remember'),
    holder: given({
      type: text('holder.type'),
      id: text('holder.id'),
      quality: text('holder.quality'),
    }),
    pkcs11: given({ module: text('pkcs11.module'), reader: text('pkcs11.reader') }),
    mycarenet: {
      package: given({ name: text('mycarenet.package.name') }),
      license: given({
        username: text('mycarenet.license.username'),
        passwordFile: text('mycarenet.license.passwordFile'),
      }),
      ...senderOf({
        nihii: text('mycarenet.sender.nihii'),
        quality: text('mycarenet.sender.quality'),
        name: text('mycarenet.sender.name'),
        cbe: text('mycarenet.sender.cbe'),
      }),
      ...given({
        nihii: text('mycarenet.nihii'),
        quality: text('mycarenet.quality'),
        name: text('mycarenet.name'),
        responsible: text('mycarenet.responsible'),
        cbe: text('mycarenet.cbe'),
        encrypt: flag('mycarenet.encrypt'),
        journalDays: number('mycarenet.journalDays'),
      }),
    },
    ehbox: given({
      quality: text('ehbox.quality'),
      keep: text('ehbox.keep'),
      unseal: flag('ehbox.unseal'),
    }),
    session: given({
      minutes: number('session.minutes'),
      idleMinutes: number('session.idleMinutes'),
    }),
    sts: {
      designators: list('sts.designators'),
      ...given({
        protocol: choice('sts.protocol', ['saml', 'wstrust']),
        signatureDigest: choice('sts.signatureDigest', ['sha1', 'sha256']),
      }),
    },
    trust: given({
      caFile: text('trust.caFile'),
      tls: text('trust.tls'),
      stsSigner: text('trust.stsSigner'),
      eidRoots: text('trust.eidRoots'),
      ehealthRoots: text('trust.ehealthRoots'),
    }),
    endpoints: {
      ...Object.fromEntries(
        SERVICE_ENDPOINTS.flatMap((service) => {
          const url = text(`endpoints.${service}`);
          return url === undefined ? [] : [[service, url]];
        }),
      ),
      ...(Object.keys(genasync).length === 0 ? {} : { genasync }),
    },
    clock: { offsetSeconds: number('clock.offsetSeconds') ?? 0 },
    ...given({
      language: choice('language', LANGUAGES),
      keystore: text('keystore'),
      organisationKeystore: text('organisationKeystore'),
      via: choice('via', ['eid', 'keystore']),
      proxy: text('proxy'),
      revocation: choice('revocation', ['off', 'optional', 'mandatory']),
    }),
  };
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is not set, as `exactOptionalPropertyTypes` wants it. */
/** `sender`, where anything of it is set. */
const senderOf = (sender: {
  [K in keyof Sender]: Sender[K] | undefined;
}): { readonly sender?: Sender } =>
  Object.values(sender).every((value) => value === undefined) ? {} : { sender: given(sender) };

function given<T extends object>(object: T): Given<T> {
  const kept: Given<T> = {};
  Object.assign(
    kept,
    Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)),
  );
  return kept;
}
