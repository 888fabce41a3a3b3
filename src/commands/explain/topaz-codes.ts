/**
 * Every code of topaz: who must act, and what helps. What a code means is said by the messages of errors, its
 * exit status by `src/errors.ts`.
 *
 * @module
 */

import type { ErrorCode } from '../../errors.js';
import { rowOf } from './fault.js';
import type { CodeEntry } from './fault.js';

const you = rowOf('input');
const setup = rowOf('config');
const machine = rowOf('machine');
const rights = rowOf('profile');
const session = rowOf('session');
const card = rowOf('card');
const network = rowOf('network');
const platform = rowOf('platform');
const mutuality = rowOf('mutuality');
const facts = rowOf('data');
const sender = rowOf('sender');
const bug = rowOf('client');
const nobody = rowOf('nobody');

const doctorNetwork = 'topaz doctor --network';
const doctorCard = 'topaz doctor --card';
const doctorFix = 'topaz doctor --fix';
const certStatus = 'topaz cert status';
const sessionOpen = 'topaz session open';

export const CODES: Readonly<Record<ErrorCode, CodeEntry>> = {
  E_INTERNAL: bug('report', 'topaz doctor --report FILE'),

  E_USAGE: you('usage', 'topaz --help'),
  E_INPUT_REQUIRED: you('answer', 'topaz help secrets'),
  E_SSIN_INVALID: you('number'),
  E_NIHII_INVALID: you('number'),
  E_CBE_INVALID: you('number'),
  E_IDENTIFIER_INVALID: you('number', 'topaz help glossary'),
  E_LIST_INVALID: you('list', 'topaz mycarenet insurability --help'),
  E_SECRET_FILE_MODE: you('secretMode'),
  E_BINARY_TO_TERMINAL: you('binary'),
  E_FILE_EXISTS: you('exists'),
  E_FILE_NOT_FOUND: you('path'),
  E_PASSWORD_WEAK: you('choosePassword'),
  E_CONTACT_INVALID: you('contact'),
  E_NOT_CONFIRMED: you('confirm'),
  E_RENEWAL_EARLY: nobody('renewEarly', certStatus, 'topaz cert renew --if-due'),

  E_PROFILE_UNKNOWN: setup('profile', 'topaz profile list', 'topaz profile create NAME --env acc'),
  E_PROFILE_INVALID: setup('profileValue', 'topaz profile show --origin', 'topaz help profiles'),
  E_ENDPOINT_UNKNOWN: setup('endpoint', 'topaz profile set endpoints.SERVICE URL'),
  E_ENVIRONMENT_MISMATCH: setup('environment', 'topaz profile list', 'topaz help environment'),
  E_TRUST_MISSING: setup('trust', 'topaz profile set trust.KEY FILE', 'topaz sandbox start'),
  E_CLOCK_SKEW: machine('clock', doctorNetwork),
  E_KEYSTORE_FORMAT: setup('keystoreFile', 'topaz keystore backups'),
  E_KEYSTORE_UNKNOWN: setup('keystoreUnknown', 'topaz keystore list', 'topaz keystore import FILE --use'), // prettier-ignore
  E_KEYSTORE_INCOMPLETE: setup('keystoreIncomplete', 'topaz keystore verify', 'topaz cert finalize'), // prettier-ignore
  E_MODULE_NOT_FOUND: machine('middleware', doctorCard, 'topaz profile set pkcs11.module PATH'),
  E_NATIVE_MISSING: machine('reinstall', 'topaz doctor'),
  E_LOCKED: machine('locked', doctorFix),
  E_AGENT_UNSAFE: machine('agentUnsafe', 'topaz session agent status'),
  E_DISK_FULL: machine('disk', 'topaz doctor'),
  E_READ_ONLY: machine('readOnly', doctorFix),
  E_SANDBOX_NOT_RUNNING: setup('sandboxStart', 'topaz sandbox start'),
  E_SANDBOX_RUNNING: setup('sandboxStop', 'topaz sandbox status', 'topaz sandbox stop'),
  E_SEED_INVALID: you('seed', 'topaz help sandbox'),
  E_MESSAGE_UNKNOWN: you('message', 'topaz ehbox list', 'topaz ehbox sync'),
  E_MESSAGE_TOO_LARGE: you('ehboxSize'),
  E_COPY_MISSING: setup('copyFirst', 'topaz ehbox sync'),
  E_KEY_UNKNOWN: setup('userKey', 'topaz key list', 'topaz key import FILE'),
  E_GRANT_UNKNOWN: you('grant', 'topaz access list'),
  E_KEYRING: setup('keyring', 'topaz keystore use ALIAS --forget'),

  E_KEYSTORE_PASSWORD: you('password', 'topaz keystore verify', 'topaz cert request'),
  E_PASSPHRASE: you('passphrase', 'topaz key verify FILE'),
  E_CERT_EXPIRED: setup('certificateNew', certStatus, 'topaz cert request'),
  E_CERT_REVOKED: setup('certificateNew', certStatus, 'topaz cert request'),
  E_CERT_NOT_YET_VALID: nobody('certificateEarly', certStatus, doctorNetwork),
  E_SESSION_NONE: session('session', sessionOpen),
  E_SESSION_EXPIRED: session('session', sessionOpen),
  E_SESSION_LOCKED: session('unlock', sessionOpen),
  E_STS_REFUSED: rights('stsRefused', 'topaz profile show', 'topaz session open --as QUALITY'),
  E_ACCESS_DENIED: rights('access'),

  E_READER_ABSENT: card('reader', doctorCard),
  E_CARD_ABSENT: card('card', 'topaz eid list --all'),
  E_CARD_AMBIGUOUS: card('cardChoose', 'topaz eid list'),
  E_CARD_NOT_EID: card('cardEid', 'topaz eid list --all'),
  E_CARD_MISMATCH: card('cardOwner', 'topaz eid read', 'topaz keystore list'),
  E_CARD_REMOVED: card('cardAgain'),
  E_CARD_ERROR: card('cardAgain', doctorCard),
  E_CARD_TIMEOUT: card('cardAgain', doctorCard),
  E_CERTIFICATE_ABSENT: card('certificateAbsent', 'topaz eid certs'),
  E_PIN_FORMAT: you('pinForm'),
  E_PIN_INCORRECT: you('pin'),
  E_PIN_LOCKED: card('pinLocked'),
  E_PIN_LAST_TRY: card('pinLast'),
  E_SIGNATURE_KEY_UNUSABLE: machine('signature', doctorCard),

  E_NETWORK: network('network', doctorNetwork),
  E_NETWORK_REFUSED: network('network', doctorNetwork),
  E_NETWORK_DNS: network('network', doctorNetwork),
  E_NETWORK_TIMEOUT: network('later', doctorNetwork),
  E_NETWORK_RESET: network('later', doctorNetwork),
  E_NETWORK_TLS: network('tls', doctorNetwork, 'topaz profile set trust.caFile FILE'),
  E_NETWORK_HTTP: platform('later', doctorNetwork),

  E_SOAP_FAULT: platform('serviceCode', 'topaz explain CODE'),
  E_SERVICE_REFUSED: platform('serviceCode', 'topaz explain CODE'),
  E_KEY_REFUSED: rights('kgss', 'topaz session open --as QUALITY'),
  E_REQUEST_REFUSED: platform('requestRefused', 'topaz cert validate --detail', 'topaz cert request'), // prettier-ignore
  E_ETK_NOT_FOUND: sender('etkNone', 'topaz etk fetch TYPE=ID --refresh'),
  E_MESSAGE_LOST: nobody('messageLost', 'topaz ehbox sync'),
  E_PATIENT_UNKNOWN: facts('patient', 'topaz eid read'),
  E_INSURABILITY_REFUSED: mutuality('serviceCode', 'topaz explain CODE'),

  E_REQUEST_PENDING: nobody('requestPending', 'topaz cert validate --watch', 'topaz cert finalize'),
  E_ASYNC_PENDING: nobody('asyncPending'),

  E_XML_MALFORMED: platform('oddReply'),
  E_XML_LIMIT: platform('oddReply'),
  E_REPLY_INVALID: platform('oddReply'),
  E_REPLY_TOO_LARGE: platform('oddReply'),
  E_SIGNATURE_INVALID: sender('notGenuine'),
  E_KEYSTORE_INVALID: setup('keystoreBroken', 'topaz keystore verify', 'topaz keystore backups'),
  E_ASSERTION_INVALID: platform('notGenuine', 'topaz session open --force'),
  E_CERT_UNTRUSTED: sender('untrusted', 'topaz cert verify', 'topaz profile show'),
  E_ASN1_MALFORMED: sender('damaged'),
  E_ETK_INVALID: sender('notGenuine', 'topaz etk fetch TYPE=ID --refresh'),
  E_SEAL_NOT_FOR_US: setup('sealOther', 'topaz keystore list', 'topaz keystore import FILE'),
  E_SEAL_INVALID: sender('notGenuine'),
  E_BOX_MISMATCH: setup('box', 'topaz profile list'),
  E_KEY_INVALID: setup('keyBroken', 'topaz key verify FILE'),
  E_KEY_MISMATCH: you('keyOther', 'topaz key list'),
  E_LOG_INVALID: machine('logChanged', 'topaz access log --verify'),
  E_BACKUP_INVALID: machine('backupChanged', 'topaz backup verify FILE'),

  E_CERT_EXPIRING: setup('renew', 'topaz cert renew'),
  E_NOT_INSURED: facts('condition'),
  E_UNREAD: nobody('condition', 'topaz ehbox list --unread'),
  E_CHECK_FAILED: nobody('condition'),

  E_PARTIAL: nobody('partial'),
  E_INTERRUPTED: nobody('interrupted'),
};
