/**
 * Every key that a profile may hold, in dotted form, and what its value is. The one table behind reading,
 * writing, `topaz profile set` and `docs/schema/profile.json` (cli-ux §13, design §8).
 *
 * @module
 */

import { ENVIRONMENTS } from './environment.js';
import { LANGUAGES } from './language.js';

export const PROFILE_SCHEMA = 'topaz.profile/1';

/** What the value of a key is. `file` is a path, `url` a full URL, `list` texts. */
export type KeyRule =
  | { readonly kind: 'text' | 'file' | 'url' | 'boolean' | 'list' }
  | { readonly kind: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[] };

export type ProfileValue = string | number | boolean | readonly string[];

export const SERVICE_ENDPOINTS = [
  'certra',
  'etkra',
  'etkdepot',
  'kgss',
  'stsSaml11',
  'stsWsTrust',
  'ehboxConsultation',
  'ehboxPublication',
  'memberdata',
  'genins',
] as const;

const text: KeyRule = { kind: 'text' };
const file: KeyRule = { kind: 'file' };
const list: KeyRule = { kind: 'list' };
const url: KeyRule = { kind: 'url' };
const choice = (...choices: readonly string[]): KeyRule => ({ kind: 'choice', choices });
const integer = (minimum: number, maximum: number): KeyRule => ({
  kind: 'integer',
  minimum,
  maximum,
});

/** A hundred years either way: enough to play any date. */
const MAX_OFFSET_S = 3_155_760_000;

export const PROFILE_KEYS: ReadonlyMap<string, KeyRule> = new Map<string, KeyRule>([
  ['environment', choice(...ENVIRONMENTS)],
  ['language', choice(...LANGUAGES)],
  ['keystore', text],
  ['organisationKeystore', text],
  ['alternates', list],
  ['remember', list],
  ['holder.type', text],
  ['holder.id', text],
  ['holder.quality', text],
  ['via', choice('eid', 'keystore')],
  ['pkcs11.module', text],
  ['pkcs11.reader', text],
  ['mycarenet.nihii', text],
  ['mycarenet.quality', text],
  ['mycarenet.name', text],
  ['mycarenet.responsible', text],
  ['mycarenet.cbe', text],
  ['mycarenet.sender.nihii', text],
  ['mycarenet.sender.quality', text],
  ['mycarenet.sender.name', text],
  ['mycarenet.sender.cbe', text],
  ['mycarenet.encrypt', { kind: 'boolean' }],
  ['mycarenet.journalDays', integer(1, 366)],
  ['mycarenet.package.name', text],
  ['mycarenet.license.username', text],
  ['mycarenet.license.passwordFile', file],
  ['ehbox.quality', text],
  ['ehbox.keep', text],
  ['ehbox.unseal', { kind: 'boolean' }],
  ['session.minutes', integer(1, 24 * 60)],
  ['session.idleMinutes', integer(1, 24 * 60)],
  ['sts.protocol', choice('saml', 'wstrust')],
  ['sts.signatureDigest', choice('sha1', 'sha256')],
  ['sts.designators', list],
  ['trust.caFile', file],
  ['trust.tls', file],
  ['trust.stsSigner', file],
  ['trust.eidRoots', file],
  ['trust.ehealthRoots', file],
  ['revocation', choice('off', 'optional', 'mandatory')],
  ...SERVICE_ENDPOINTS.map((name): [string, KeyRule] => [`endpoints.${name}`, url]),
  ['proxy', url],
  ['clock.offsetSeconds', integer(-MAX_OFFSET_S, MAX_OFFSET_S)],
]);

/** What `config.json` may set for every profile; what belongs to one environment is not among them. */
export const CONFIGURATION_KEYS: ReadonlyMap<string, KeyRule> = new Map<string, KeyRule>([
  ['profile', text],
  ...[...PROFILE_KEYS].filter(([key]) =>
    /^(language|via|proxy|pkcs11\..*|session\..*|ehbox\.(keep|unseal))$/.test(key),
  ),
]);

const GENASYNC = /^endpoints\.genasync\.[a-z][a-z0-9-]{0,40}$/;

/** The rule of a key, or `undefined` for an unknown one. MyCareNet domains are not listed by name. */
export const keyRule = (key: string): KeyRule | undefined =>
  PROFILE_KEYS.get(key) ?? (GENASYNC.test(key) ? url : undefined);
