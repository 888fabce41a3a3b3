/**
 * The topics of `topaz help`: what several commands share. The glossary exists in four languages.
 *
 * @module
 */

import { GLOBAL_FLAGS } from '../../cli/global-flags.js';
import { helpRows } from '../../cli/help.js';
import type { HelpRow } from '../../cli/help.js';
import { EXIT } from '../../errors.js';
import type { Family } from '../../errors.js';
import { describeRule } from '../../profile/document.js';
import { PROFILE_KEYS } from '../../profile/keys.js';
import type { Language } from '../../profile/language.js';
import { GLOSSARY, GLOSSARY_TITLES } from './glossary.js';

export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly lines: (language: Language) => readonly string[];
}

/** What a script should think of each status. The order is that of the table in `src/errors.ts`. */
export const EXIT_MEANINGS: Readonly<Record<Family, string>> = {
  ok: 'done; also: nothing to do, an empty list',
  internal: 'a bug in topaz: report it',
  usage: 'the command line, or an answer that nobody could give',
  config: 'profile, keystore file, PKCS#11 module, disk',
  auth: 'wrong password, session absent or refused, certificate expired',
  token: 'card, reader or PIN: never try a PIN again by script',
  network: 'not reached, timeout, TLS, HTTP 5xx: try later',
  remote: 'the service refused: its own code stands in the message',
  pending: 'not yet: approval, or an answer that takes its time; try later',
  verification: 'a signature, seal or answer is not genuine: do not trust it',
  condition: 'a check said no (--fail-within, session status …)',
  partial: 'a part was done; the next run goes on',
  interrupted: 'Ctrl-C (143: SIGTERM)',
};

const exitCodes = (): readonly string[] => [
  'The exit status says how a script should react; the code in brackets says',
  'what happened. Codes and statuses never change.',
  '',
  ...helpRows(
    Object.entries(EXIT).map(([family, status]): HelpRow => [
      String(status),
      `${family}: ${EXIT_MEANINGS[family as Family]}`,
    ]),
  ),
  '',
  'Example:',
  '  $ topaz session status --quiet || topaz session open --via keystore',
];

const environment = (): readonly string[] => [
  'Environments:',
  ...helpRows([
    ['sandbox', 'plays eHealth on this machine; trusts only its own certificates'],
    ['int', 'integration; few addresses are known, set the others in the profile'],
    ['acc', 'acceptance, for tests with test keystores of eHealth'],
    ['prod', 'the real thing'],
  ]),
  '',
  'A profile belongs to one environment. --env does not change it: it makes sure',
  'that the profile is of that environment, and fails otherwise.',
  '',
  'Variables that do the same as a flag:',
  ...helpRows(
    GLOBAL_FLAGS.flatMap(({ flags, env }): HelpRow[] => (env === undefined ? [] : [[env, flags]])),
  ),
  '',
  'Other variables:',
  ...helpRows([
    ['TOPAZ_HOME', 'all files of topaz below one folder'],
    ['TOPAZ_PKCS11_MODULE', 'path of the PKCS#11 module, or sandbox:DIR'],
    ['TOPAZ_READER', 'card reader, by its name or a part of it'],
    ['TOPAZ_CARD_TIMEOUT', 'limit for each step with the card, for example 20s'],
    ['TOPAZ_VIA', 'how sessions are opened: eid or keystore'],
    ['HTTPS_PROXY, NO_PROXY', 'proxy of the services'],
    ['NODE_EXTRA_CA_CERTS', 'more TLS roots (PEM)'],
    ['NO_COLOR, FORCE_COLOR', 'colour'],
    ['CI', 'when set, nothing is asked'],
    ['LC_ALL, LC_MESSAGES, LANG', 'language, where nothing else says it'],
  ]),
  '',
  'Secrets: topaz help secrets',
];

const json = (): readonly string[] => [
  '--json writes one document on stdout, on one line (indented on a terminal).',
  '',
  '  - "schema" is topaz.<noun>.<verb>/<major>; fields are only added within a',
  '    major, and values of enumerations too: ignore what you do not know.',
  '  - Times are ISO 8601 in UTC, days YYYY-MM-DD, sizes in bytes, money in cents.',
  '  - What does not apply is left out; null means "known to be absent".',
  '  - A failure leaves stdout empty, but for checks and batches, which write',
  '    their result too. The last line of stderr is',
  '    {"schema":"topaz.error/1","error":{"code","message","hint","exitCode",…}}',
  '  - Several things at once: {"done":[…],"failed":[{"id","error"}]}, status 11.',
  '  - Nothing is asked, except secrets on a terminal.',
  '',
  'Without --json, a pipe gets one record per line, separated by tabs.',
  'The schemas are in docs/schema.',
  '',
  'Example:',
  "  $ topaz ehbox list --unread --json | jq -r '.messages[].subject'",
];

const secrets = (): readonly string[] => [
  'A PIN or password never stands on the command line. topaz looks, in this order:',
  '',
  ...helpRows([
    ['--pin-fd N, --password-fd N', 'a file descriptor, for example 3< <(pass eid)'],
    ['--pin-file F, --password-file F', 'a file that only you may read (chmod 600); - is stdin'],
    ['TOPAZ_PIN_FD, TOPAZ_PIN_FILE', 'the same by variables; for keystores:'],
    ['TOPAZ_KEYSTORE_PASSWORD_FD/_FILE', 'and TOPAZ_KEYSTORE_NEW_PASSWORD_FD/_FILE'],
    ['TOPAZ_PIN, TOPAZ_KEYSTORE_PASSWORD', 'the last resort: other programs of yours can read it'],
    ['the keyring of the desktop', 'only after topaz keystore use ALIAS --remember'],
    ['a person', 'on a terminal, without echo'],
  ]),
  '',
  'One line is read. Several keystores: --password-file ALIAS=FILE, repeated, or',
  'TOPAZ_KEYSTORE_PASSWORD_FILE__ALIAS.',
  '',
  'After "topaz session open" the keys stay unlocked in a background process, the',
  'session agent, and nothing is asked until it locks: after an hour without use,',
  'at the end of the session, with "topaz session close". A flag goes before it;',
  'without it: --no-agent or TOPAZ_NO_AGENT=1. Then: topaz session agent status',
  '',
  'A PIN from elsewhere than a person is tried once, and never as the last try.',
  'The PIN of the Signature key (certificate requests) is typed in the window of',
  'the eID software or on the reader: no file can give it on a real card.',
];

const files = (): readonly string[] => [
  'Everything is private (folders 0700, files 0600):',
  '',
  ...helpRows([
    ['~/.config/topaz', 'config.json, profiles/<name>.json'],
    ['~/.local/share/topaz/<profile>', 'keystores/, ehbox/ (mirror), keys/'],
    ['~/.local/state/topaz/<profile>', 'session, requests in progress'],
    ['~/.cache/topaz', 'may be deleted at any time'],
  ]),
  '',
  'XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME and XDG_CACHE_HOME are followed;',
  'on Windows the folders are below %APPDATA% and %LOCALAPPDATA%.',
  'TOPAZ_HOME puts all four below one folder: config, data, state, cache.',
  '',
  'Nothing is read from the current folder, and no .env.',
];

const profiles = (): readonly string[] => [
  'A profile says which environment, which keystore, and in what quality.',
  'Order: flag, environment variable, profile, config.json, default.',
  '',
  'Examples:',
  '  # a profile for the practice, and use it from now on',
  '  $ topaz profile create cabinet --env acc',
  '  $ topaz profile use cabinet',
  '  $ topaz profile set holder.quality doctor',
  '  # what holds, and where it comes from',
  '  $ topaz profile show --origin',
  '',
  'Keys:',
  ...helpRows([
    ...[...PROFILE_KEYS].map(([key, rule]): HelpRow => [
      key,
      key === 'clock.offsetSeconds' ? 'a whole number, in the sandbox only' : describeRule(rule),
    ]),
    ['endpoints.genasync.<domain>', 'a full URL (https://…)'],
  ]),
];

const sandbox = (): readonly string[] => [
  'The sandbox plays the eHealth services on this machine, with the real',
  'protocols and invented people. Nothing leaves the machine.',
  '',
  '  $ topaz sandbox start --detach --seed demo --approve auto',
  '  $ topaz sandbox card create --out card',
  '  $ export TOPAZ_PROFILE=sandbox TOPAZ_PKCS11_MODULE=sandbox:$PWD/card',
  '  $ topaz eid read',
  '  $ topaz cert request --as person --email jean@exemple.test \\',
  '      --phone +3221234567 --accept-terms',
  '  $ topaz cert finalize --use',
  '  $ topaz session open --via eid --as doctor',
  '  $ topaz ehbox sync',
  '  $ topaz sandbox stop',
  '',
  'The PIN of a test card is 1234.',
  '',
  'People of the seed "demo" (all invented):',
  ...helpRows([
    ['79.02.15-997.32', 'Jean Exemple, doctor, NIHII 19547181004'],
    ['72.09.04-997.70', 'Arno Modèle, nurse, NIHII 40012302401'],
    ['68.05.23-997.67', 'Karel Voorbeeld, nurse, responsible of the group and the hospital'],
    ['NIHII-GROUP=94499180', 'Groupe Exemple, nurses'],
    ['NIHII-MEDICAL_HOUSE=89547133', 'Maison médicale Exemple'],
    ['NIHII-HOSPITAL=71022212', 'CHU Exemple'],
  ]),
  'Patients: 421, among them',
  ...helpRows([
    ['85.06.11-998.14', 'Marie Voorbeeld, insured'],
    ['60.03.15-997.28', 'Paul Démonstration, increased reimbursement, third-party payer'],
    ['85.07.15-997.96', 'Luc Fictief, changed mutuality'],
  ]),
];

const flags = (): readonly string[] => [
  'Every command has these flags, before or behind its name:',
  '',
  ...helpRows([
    ...GLOBAL_FLAGS.map(({ flags: flag, description, env }): HelpRow => [
      flag.startsWith('--') ? `    ${flag}` : flag,
      env === undefined ? description : `${description} (${env})`,
    ]),
    ['-h, --help', 'help, wherever it stands on the line'],
    ['-V, --version', 'the version and nothing else'],
  ]),
  '',
  'What stands behind -- is an argument, even when it begins with a dash.',
  'Durations: 90s, 15m, 12h, 30d. Days: 2026-03-01.',
];

const glossary = (language: Language): readonly string[] => [
  GLOSSARY_TITLES[language],
  '',
  ...helpRows(GLOSSARY.map(({ term, meaning }): HelpRow => [term[language], meaning[language]])),
];

/** In the order of the overview. */
export const TOPICS: readonly Topic[] = [
  { name: 'environment', summary: 'environments and variables', lines: environment },
  { name: 'exit-codes', summary: 'exit statuses', lines: exitCodes },
  { name: 'json', summary: 'documents for scripts', lines: json },
  { name: 'secrets', summary: 'where PIN and passwords come from', lines: secrets },
  { name: 'files', summary: 'where files are', lines: files },
  { name: 'profiles', summary: 'profiles and their keys', lines: profiles },
  { name: 'sandbox', summary: 'try everything on this machine', lines: sandbox },
  { name: 'flags', summary: 'flags of every command', lines: flags },
  { name: 'glossary', summary: 'the words of the field', lines: glossary },
];
