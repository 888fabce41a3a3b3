/**
 * Codes of the services, from their specifications: the bus of eHealth, the STS, the registration authority, the
 * eHealthBox, MyCareNet. What each means is the message `explain.code.<key>`, unless `meaning` names another.
 *
 * @module
 */

import type { CodeEntry, Fault } from './fault.js';
import { rowOf } from './fault.js';

export type System = 'topaz' | 'card' | 'bus' | 'sts' | 'ra' | 'ehbox' | 'memberdata' | 'genins' | 'mailbox'; // prettier-ignore

export interface ServiceCode extends CodeEntry {
  readonly system: System;
  readonly code: string;
  /** Key of the message that says what it means. */
  readonly meaning: string;
  /** Whether the same call may succeed later. */
  readonly retryable?: boolean;
}

const you = rowOf('input');
const bug = rowOf('client');
const platform = rowOf('platform');
const rights = rowOf('profile');
const session = rowOf('session');
const machine = rowOf('machine');
const facts = rowOf('data');
const nobody = rowOf('nobody');

const later = { retryable: true };
const newSession = 'topaz session open --force';
const certStatus = 'topaz cert status';

type Row = CodeEntry & { readonly retryable?: boolean };

function table(
  system: System,
  key: string,
  rows: Readonly<Record<string, Row>>,
): readonly ServiceCode[] {
  return Object.entries(rows).map(([code, row]) => ({
    ...row,
    system,
    code,
    meaning: `explain.code.${key}.${code}`,
  }));
}

/** The same on every service of the bus. */
const BUS = table('bus', 'bus', {
  'SOA-00001': { ...platform('support'), ...later },
  'SOA-01001': session('sessionNew', newSession, certStatus),
  'SOA-01002': rights('rights', 'topaz profile show', 'topaz session show'),
  'SOA-02001': { ...platform('later'), ...later },
  'SOA-02002': { ...platform('later'), ...later },
  'SOA-03001': bug('report'),
  'SOA-03002': bug('report'),
  'SOA-03003': bug('report'),
  'SOA-03004': bug('report'),
  'SOA-03005': bug('report'),
  'SOA-03006': bug('report'),
  'SOA-03007': bug('report'),
});

/** WS-Trust 1.3, WS-Security and SAML 1.1: written without their prefix, which varies. */
const STS = table('sts', 'sts', {
  InvalidRequest: bug('report'),
  BadRequest: bug('report'),
  AuthenticationBadElements: bug('report'),
  UnsupportedTokenType: bug('report'),
  InvalidScope: rights('stsRefused', 'topaz session open --as QUALITY'),
  RequestFailed: rights('stsRefused', 'topaz session open --as QUALITY'),
  FailedAuthentication: session('certificates', certStatus),
  InvalidSecurityToken: session('certificates', certStatus),
  ExpiredData: machine('clock', 'topaz doctor --network', certStatus),
  InvalidTimeRange: machine('clock', 'topaz doctor --network', certStatus),
  RenewNeeded: session('sessionNew', newSession),
  UnableToRenew: session('sessionNew', newSession),
  FailedCheck: session('certificates', certStatus),
  InvalidSecurity: session('certificates', certStatus),
  SecurityTokenUnavailable: session('certificates', certStatus),
  MessageExpired: machine('clock', 'topaz doctor --network'),
  Requester: rights('stsRefused', 'topaz session open --as QUALITY'),
  Responder: { ...platform('later'), ...later },
  RequestDenied: rights('stsRefused', 'topaz session open --as QUALITY'),
  VersionMismatch: bug('report'),
  TooManyResponses: bug('report'),
  PeriodOver: machine('clock', 'topaz doctor --network'),
});

/** Its list of codes is not public: these two are known. */
const RA = table('ra', 'ra', {
  CERT_NOT_YET_DELIVERED: { ...nobody('requestPending', 'topaz cert validate --watch'), ...later },
  AUTH_CERT_NOT_YET_VALID: { ...nobody('certificateEarly', certStatus), ...later },
});

const EHBOX = table('ehbox', 'ehbox', {
  '100': nobody('nothing'),
  '200': nobody('nothing'),
  '801': you('ehboxSize'),
  '802': you('number'),
  '803': you('recipient'),
  '804': you('recipient'),
  '805': you('recipient'),
  '810': rights('ehboxBox', 'topaz profile show', 'topaz session show'),
  '814': you('recipient'),
  '816': bug('report'),
  '826': nobody('ehboxAway'),
});

/** GenericInsurability: the code of the fault, and that of its detail. */
const GENINS = table('genins', 'genins', {
  INPUT_ERROR: you('patient'),
  NO_IO_ERROR: facts('patient'),
  MULTIIO_ERROR: facts('mutualityChoose'),
  '10': you('patient'),
  '11': you('number'),
  '12': you('number'),
  '21': you('mutualityNumber'),
  '23': facts('patient'),
  '30': you('period'),
  '31': you('period'),
  '32': you('oneDay'),
  '40': you('period'),
});

/** The asynchronous mailbox: families of codes. */
const MAILBOX = table('mailbox', 'mailbox', {
  VALIDATION_ERROR: bug('report'),
  AUTHORISATION_ERROR: rights('license', 'topaz profile show'),
  AUTHENTICATION_ERROR: rights('license', 'topaz profile show'),
  SEND_ERROR: { ...platform('later'), ...later },
  GENERIC_ERROR: { ...platform('later'), ...later },
});

/** Every code of a service but those of MemberData, which keep a catalogue of their own. */
export const SERVICE_CODES: readonly ServiceCode[] = [
  ...BUS,
  ...STS,
  ...RA,
  ...EHBOX,
  ...GENINS,
  ...MAILBOX,
];

/** What helps after a code of MemberData, by who must act. */
export const REMEDY_OF: Readonly<Record<Fault, string>> = {
  input: 'patient',
  client: 'report',
  config: 'license',
  profile: 'rights',
  data: 'patient',
  platform: 'later',
  mutuality: 'later',
  session: 'sessionNew',
  machine: 'network',
  card: 'cardAgain',
  network: 'network',
  sender: 'notGenuine',
  nobody: 'nothing',
};
