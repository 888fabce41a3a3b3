/**
 * What is remembered of a request on this machine, from before it is sent until its certificate is in use:
 * one JSON file per request in the state folder of the profile, named by the PublicKeyIdentifier. No secret
 * is in it; with the contact data it is personal, so mode 0600.
 *
 * States: `new` — the keystore and the signed request are on disk, nobody knows whether it was accepted;
 * `sent` — accepted; `approved` — eHealth has delivered the certificate; `refused`; `issued` — the
 * certificate is installed and the ETK registered, or left out on purpose (certificate-lifecycle §10).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Identifier } from '../ids/identifier.js';

export const RECORD_SCHEMA = 'topaz.request/1';

export type RequestState = 'new' | 'sent' | 'approved' | 'refused' | 'issued';

const STATES: readonly RequestState[] = ['new', 'sent', 'approved', 'refused', 'issued'];

/** Registration of the encryption token. */
export interface EtkProgress {
  /** Decimal serial number of the encryption certificate. */
  readonly serial: string;
  /** DER of the encryption certificate, base64: handed in, or about to be. */
  readonly certificateBase64: string;
  readonly registered: boolean;
  readonly toBeActivated: boolean;
}

export interface LogOn {
  readonly url: string;
  readonly expiresAt: string;
}

export interface RequestRecord {
  readonly schema: typeof RECORD_SCHEMA;
  /** PublicKeyIdentifier, 40 lower-case hex digits. */
  readonly id: string;
  readonly state: RequestState;
  readonly environment: string;
  /** For whom: oneself, or an organisation (its keystore can be finalized here). */
  readonly as: 'person' | 'organisation';
  readonly holder: Identifier;
  /** Organisations only. */
  readonly applicationId?: string;
  /** Absolute path of the keystore. */
  readonly keystore: string;
  /** Moment at which the request was signed; ISO 8601. */
  readonly createdAt: string;
  /** Name in the contract; absent when the request was not made on this machine. */
  readonly dn?: string;
  readonly email?: string;
  readonly submittedAt?: string;
  readonly automaticallyValidated?: boolean;
  /** Identifier of the certificate that is replaced. */
  readonly replaces?: string;
  /** Absolute path of the keystore that this one renews. */
  readonly renews?: string;
  /** Of a person without eID: where he logs on to confirm, and until when; ISO 8601. */
  readonly logOn?: LogOn;
  /** Handed in without card, by a person without eID. */
  readonly foreigner?: boolean;
  /** First day on which eHealth lets it be replaced; ISO 8601. */
  readonly renewableFrom?: string;
  /** Revoked at eHealth, certificate and token. */
  readonly revocation?: { readonly at: string; readonly reason?: string };
  /** The service's own code and text. */
  readonly refusal?: { readonly code: string; readonly message: string };
  readonly etk?: EtkProgress;
  /** Once issued: authentication certificate, then the encryption certificate; DER in base64. */
  readonly certificates?: readonly string[];
  /** SHA-256 of the keystore file when these were its certificates, hex: `cert status` needs no password then. */
  readonly fileDigest?: string;
}

/** Whether something is still to be done about a request. */
export const isOpen = ({ state }: RequestRecord): boolean =>
  state === 'new' || state === 'sent' || state === 'approved';

/**
 * Reads a record.
 *
 * @param where Path, for the error.
 * @throws TopazError `E_PROFILE_INVALID` when the file is none of ours: a request must not be forgotten
 *   because of it.
 */
export function parseRecord(text: string, where: string): RequestRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(where);
  }
  if (!isRecord(value)) {
    throw damaged(where);
  }
  return value;
}

const damaged = (where: string): TopazError =>
  new TopazError('E_PROFILE_INVALID', `${where} is not a request of this version of topaz`, {
    hint: 'move the file away; topaz cert validate --detail shows what eHealth knows',
  });

function isRecord(value: unknown): value is RequestRecord {
  return (
    isObject(value) &&
    value['schema'] === RECORD_SCHEMA &&
    isText(value['id']) &&
    /^[0-9a-f]{40}$/.test(value['id']) &&
    STATES.some((state) => state === value['state']) &&
    isText(value['environment']) &&
    (value['as'] === 'person' || value['as'] === 'organisation') &&
    isIdentifier(value['holder']) &&
    isText(value['keystore']) &&
    isMoment(value['createdAt']) &&
    TEXTS.every((key) => optional(value[key], isText)) &&
    optional(value['submittedAt'], isMoment) &&
    optional(value['renewableFrom'], isMoment) &&
    optional(value['automaticallyValidated'], isBoolean) &&
    optional(value['foreigner'], isBoolean) &&
    optional(value['logOn'], isLogOn) &&
    optional(value['revocation'], isRevocation) &&
    optional(value['refusal'], isRefusal) &&
    optional(value['etk'], isEtk) &&
    optional(value['certificates'], (list) => Array.isArray(list) && list.every(isText))
  );
}

const TEXTS = ['dn', 'email', 'replaces', 'renews', 'applicationId', 'fileDigest'];
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isMoment = (value: unknown): boolean => isText(value) && !Number.isNaN(Date.parse(value));
const optional = (value: unknown, check: (value: unknown) => boolean): boolean =>
  value === undefined || check(value);
const isIdentifier = (value: unknown): boolean =>
  isObject(value) && isText(value['type']) && isText(value['id']);
const isRefusal = (value: unknown): boolean =>
  isObject(value) && isText(value['code']) && isText(value['message']);
const isLogOn = (value: unknown): boolean =>
  isObject(value) && isText(value['url']) && isMoment(value['expiresAt']);
const isRevocation = (value: unknown): boolean =>
  isObject(value) && isMoment(value['at']) && optional(value['reason'], isText);
const isEtk = (value: unknown): boolean =>
  isObject(value) &&
  isText(value['serial']) &&
  isText(value['certificateBase64']) &&
  isBoolean(value['registered']) &&
  isBoolean(value['toBeActivated']);
