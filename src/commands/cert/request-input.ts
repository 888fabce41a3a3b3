/**
 * What `topaz cert request` must know before it begins: flags are checked first, and where nobody can be
 * asked everything that is missing is named at once.
 *
 * @module
 */

import type { Run, SecretFlags } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { Identifier } from '../../ids/identifier.js';
import type { CardFlags } from '../eid/open-card.js';
import type { CardPin } from './card-pin.js';

/** Flags of contact data. */
export interface ContactFlags {
  email?: string;
  emailGeneral?: string;
  phone?: string;
  phoneGeneral?: string;
}

export interface RequestOptions extends SecretFlags, ContactFlags, CardFlags {
  as?: string;
  organisation?: string;
  organisationName?: string;
  application?: string;
  foreigner?: boolean;
  ssin?: string;
  firstName?: string;
  lastName?: string;
  acceptTerms?: boolean;
  contractOut?: string;
  out?: string;
  new?: boolean;
  dryRun?: boolean;
}

/** For whom, as far as the flags say it. */
export interface Role {
  readonly as: 'person' | 'organisation' | undefined;
  readonly organisation: Identifier | undefined;
  readonly applicationId: string | undefined;
}

/** @throws TopazError `E_USAGE`, `E_IDENTIFIER_INVALID`. */
export async function roleOf(run: Run, options: RequestOptions): Promise<Role> {
  const { as, organisation, application, organisationName } = options;
  if (as !== undefined && as !== 'person' && as !== 'organisation') {
    throw new TopazError('E_USAGE', '--as takes person or organisation', { hint: '--as person' });
  }
  const forOrganisation = organisation ?? application ?? organisationName;
  if (as === 'person' && forOrganisation !== undefined) {
    throw new TopazError('E_USAGE', 'a person has neither organisation nor application id', {
      hint: '--as organisation, or leave out --organisation, --organisation-name and --application',
    });
  }
  const { parseApplicationId, parseOrganisation } = await import('../../lifecycle/organisation.js');
  const named = forOrganisation === undefined ? undefined : 'organisation';
  return {
    as: as ?? named ?? (run.settings.canAsk ? undefined : 'person'),
    organisation: organisation === undefined ? undefined : parseOrganisation(organisation),
    applicationId: application === undefined ? undefined : parseApplicationId(application),
  };
}

/** @throws TopazError `E_CONTACT_INVALID` for a flag that was given and cannot be used. */
export async function checkContactFlags(flags: ContactFlags): Promise<void> {
  const { parseContact } = await import('../../lifecycle/contact.js');
  const { email = 'jean@exemple.test', phone = '0', ...general } = flags;
  parseContact({ ...general, email, phone });
}

/** What of a request may be missing beside the contact data. */
export interface Needs {
  /** Flags with their placeholders, in the order in which they are named. */
  readonly missing: readonly string[];
  /** Nothing will be written: no password. */
  readonly dryRun: boolean;
}

/**
 * Where nobody can be asked: reads the secrets, and names all that is missing in one error.
 *
 * @param pin Absent where no card is used.
 * @returns The password of the new keystore, when it was read.
 * @throws TopazError `E_INPUT_REQUIRED`, `E_PASSWORD_WEAK`, and as `Run.secret`.
 */
export async function readAhead(
  run: Run,
  flags: SecretFlags,
  needs: Needs,
  pin?: CardPin,
): Promise<Uint8Array | undefined> {
  const { canAsk, canAskSecret } = run.settings;
  const missing = canAsk ? [] : [...needs.missing];
  if (canAskSecret) {
    refuseMissing(run, missing);
    return undefined;
  }
  const password = needs.dryRun ? undefined : await unlessMissing(() => readPassword(run, flags));
  if (password === MISSING) {
    missing.push('--password-file');
  }
  if (pin !== undefined && (await unlessMissing(() => pin.read(run.t('cert.pin')))) === MISSING) {
    missing.push('--pin-file');
  }
  if (missing.length > 0 && password instanceof Uint8Array) {
    password.fill(0);
  }
  refuseMissing(run, missing);
  return password instanceof Uint8Array ? password : undefined;
}

/** What a request needs to be told, and was not. */
export function missingFlags(
  { email, phone, acceptTerms, dryRun, organisation }: RequestOptions,
  { as }: Pick<Role, 'as'>,
): readonly string[] {
  return [
    ...(as === 'organisation' && organisation === undefined ? ['--organisation TYPE=ID'] : []),
    ...(email === undefined ? ['--email ADDRESS'] : []),
    ...(phone === undefined ? ['--phone NUMBER'] : []),
    ...(acceptTerms === true || dryRun === true ? [] : ['--accept-terms']),
  ];
}

const WHAT: Readonly<Record<string, string>> = {
  '--organisation TYPE=ID': 'the number of the organisation is needed',
  '--ssin NUMBER': 'the bis number of the person is needed',
  '--first-name NAME': 'the first name of the person is needed',
  '--last-name NAME': 'the name of the person is needed',
  '--email ADDRESS': 'an e-mail address is needed',
  '--phone NUMBER': 'a telephone number is needed',
  '--reason REASON': 'a reason is needed',
  '--confirm TEXT': 'a confirmation is needed',
  '--accept-terms': 'the contract has to be accepted',
  '--password-file': 'a password for the keystore is needed',
  '--pin-file': 'the PIN of the card is needed',
};

/** @throws TopazError `E_INPUT_REQUIRED` that names every flag, where one is missing. */
export function refuseMissing({ settings }: Run, missing: readonly string[]): void {
  const [first, ...others] = missing;
  if (first === undefined) {
    return;
  }
  const why = settings.noInput
    ? 'asking is switched off'
    : settings.json
      ? 'nothing is asked under --json'
      : 'there is no terminal to ask';
  const also = others.map((flag) => flag.split(' ')[0] ?? flag).join(', ');
  throw new TopazError('E_INPUT_REQUIRED', `${WHAT[first] ?? first} and ${why}`, {
    hint: `add ${first}${also === '' ? '' : ` (also missing: ${also})`}`,
    details: { missing: missing.map((flag) => flag.split(' ')[0] ?? flag) },
  });
}

const MISSING = Symbol('missing');

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | typeof MISSING> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_INPUT_REQUIRED') {
      return MISSING;
    }
    throw error;
  }
}

/**
 * The password that the new keystore gets, chosen under the rule of keystore-p12 §9.
 *
 * @throws TopazError `E_PASSWORD_WEAK`, and as `Run.secret`.
 */
export async function readPassword(
  run: Run,
  flags: SecretFlags,
  kind: 'password' | 'newPassword' = 'password',
): Promise<Uint8Array> {
  const { checkNewPassword } = await import('../../keystore/password.js');
  const { bytes } = await run.secret(kind, flags, run.t('cert.request.password'), {
    choose: true,
  });
  try {
    checkNewPassword(bytes);
    return bytes;
  } catch (error) {
    bytes.fill(0);
    throw error;
  }
}
