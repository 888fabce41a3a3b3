/**
 * What `topaz cert request` must know before it begins: flags are checked first, and where nobody can be
 * asked everything that is missing is named at once.
 *
 * @module
 */

import type { Run, SecretFlags } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { CardPin } from './card-pin.js';

export interface RequestOptions extends SecretFlags {
  as?: string;
  email?: string;
  phone?: string;
  acceptTerms?: boolean;
  out?: string;
  new?: boolean;
  dryRun?: boolean;
  reader?: string;
}

/** @throws TopazError `E_USAGE`. */
export function checkRole(as: string | undefined): void {
  if (as === 'organisation') {
    throw new TopazError('E_USAGE', 'this version requests the certificate of a person only', {
      facts: ['the certificate of an organisation is requested with the software of eHealth'],
      hint: '--as person',
    });
  }
  if (as !== undefined && as !== 'person') {
    throw new TopazError('E_USAGE', '--as takes person', { hint: '--as person' });
  }
}

/** @throws TopazError `E_CONTACT_INVALID` for a flag that was given and cannot be used. */
export async function checkContactFlags({ email, phone }: RequestOptions): Promise<void> {
  const { parseContact } = await import('../../lifecycle/contact.js');
  parseContact({ email: email ?? 'jean@exemple.test', phone: phone ?? '0' });
}

/**
 * Where nobody can be asked: reads the secrets, and names all that is missing in one error.
 *
 * @returns The password of the new keystore, when it was read.
 * @throws TopazError `E_INPUT_REQUIRED`, `E_PASSWORD_WEAK`, and as `Run.secret`.
 */
export async function readAhead(
  run: Run,
  options: RequestOptions,
  pin: CardPin,
): Promise<Uint8Array | undefined> {
  const { canAsk, canAskSecret } = run.settings;
  const missing = canAsk ? [] : missingFlags(options);
  if (canAskSecret) {
    refuseMissing(run, missing);
    return undefined;
  }
  const password =
    options.dryRun === true ? undefined : await unlessMissing(() => readPassword(run, options));
  if (password === MISSING) {
    missing.push('--password-file');
  }
  if ((await unlessMissing(() => pin.read(run.t('cert.pin')))) === MISSING) {
    missing.push('--pin-file');
  }
  if (missing.length > 0 && password instanceof Uint8Array) {
    password.fill(0);
  }
  refuseMissing(run, missing);
  return password instanceof Uint8Array ? password : undefined;
}

function missingFlags({ email, phone, acceptTerms, dryRun }: RequestOptions): string[] {
  return [
    ...(email === undefined ? ['--email ADDRESS'] : []),
    ...(phone === undefined ? ['--phone NUMBER'] : []),
    ...(acceptTerms === true || dryRun === true ? [] : ['--accept-terms']),
  ];
}

const WHAT: Readonly<Record<string, string>> = {
  '--email ADDRESS': 'an e-mail address is needed',
  '--phone NUMBER': 'a telephone number is needed',
  '--accept-terms': 'the contract has to be accepted',
  '--password-file': 'a password for the keystore is needed',
  '--pin-file': 'the PIN of the card is needed',
};

function refuseMissing({ settings }: Run, missing: readonly string[]): void {
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
export async function readPassword(run: Run, options: RequestOptions): Promise<Uint8Array> {
  const { checkNewPassword } = await import('../../keystore/password.js');
  const { bytes } = await run.secret('password', options, run.t('cert.request.password'), {
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
