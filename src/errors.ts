/**
 * Every error that topaz raises on purpose, and the exit status of each family.
 *
 * A code says what happened and never changes; a family says how a script should react
 * (`topaz help exit-codes`). Anything that is not a {@link TopazError} is a bug.
 *
 * @module
 */

/** Exit status by family. `topaz help exit-codes` and the documentation are made from this table. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  config: 3,
  auth: 4,
  token: 5,
  network: 6,
  remote: 7,
  pending: 8,
  verification: 9,
  condition: 10,
  partial: 11,
  interrupted: 130,
} as const;

export type Family = keyof typeof EXIT;

/** Stable codes: never renamed, never reused, never translated. Scripts match on them. */
export const FAMILY = {
  E_INTERNAL: 'internal',

  E_USAGE: 'usage',
  E_INPUT_REQUIRED: 'usage',
  E_SSIN_INVALID: 'usage',
  E_NIHII_INVALID: 'usage',
  E_CBE_INVALID: 'usage',
  E_IDENTIFIER_INVALID: 'usage',
  E_LIST_INVALID: 'usage',
  E_SECRET_FILE_MODE: 'usage',
  E_BINARY_TO_TERMINAL: 'usage',
  E_FILE_EXISTS: 'usage',
  E_FILE_NOT_FOUND: 'usage',
  E_PASSWORD_WEAK: 'usage',
  E_CONTACT_INVALID: 'usage',
  E_NOT_CONFIRMED: 'usage',
  E_RENEWAL_EARLY: 'usage',
  E_MESSAGE_TOO_LARGE: 'usage',

  E_PROFILE_UNKNOWN: 'config',
  E_PROFILE_INVALID: 'config',
  E_ENDPOINT_UNKNOWN: 'config',
  E_ENVIRONMENT_MISMATCH: 'config',
  E_TRUST_MISSING: 'config',
  E_CLOCK_SKEW: 'config',
  E_KEYSTORE_FORMAT: 'config',
  E_KEYSTORE_UNKNOWN: 'config',
  E_KEYSTORE_INCOMPLETE: 'config',
  E_MODULE_NOT_FOUND: 'config',
  E_NATIVE_MISSING: 'config',
  E_LOCKED: 'config',
  E_AGENT_UNSAFE: 'config',
  E_DISK_FULL: 'config',
  E_READ_ONLY: 'config',
  E_SANDBOX_NOT_RUNNING: 'config',
  E_SANDBOX_RUNNING: 'config',
  E_SEED_INVALID: 'config',
  E_MESSAGE_UNKNOWN: 'config',
  E_KEY_UNKNOWN: 'config',
  E_GRANT_UNKNOWN: 'config',
  E_KEYRING: 'config',

  E_KEYSTORE_PASSWORD: 'auth',
  E_PASSPHRASE: 'auth',
  E_CERT_EXPIRED: 'auth',
  E_CERT_REVOKED: 'auth',
  E_CERT_NOT_YET_VALID: 'auth',
  E_SESSION_NONE: 'auth',
  E_SESSION_EXPIRED: 'auth',
  E_SESSION_LOCKED: 'auth',
  E_STS_REFUSED: 'auth',
  E_ACCESS_DENIED: 'auth',

  E_READER_ABSENT: 'token',
  E_CARD_ABSENT: 'token',
  E_CARD_AMBIGUOUS: 'token',
  E_CARD_NOT_EID: 'token',
  E_CARD_MISMATCH: 'token',
  E_CARD_REMOVED: 'token',
  E_CARD_ERROR: 'token',
  E_CARD_TIMEOUT: 'token',
  E_CERTIFICATE_ABSENT: 'token',
  E_PIN_FORMAT: 'token',
  E_PIN_INCORRECT: 'token',
  E_PIN_LOCKED: 'token',
  E_PIN_LAST_TRY: 'token',
  E_SIGNATURE_KEY_UNUSABLE: 'token',

  E_NETWORK: 'network',
  E_NETWORK_REFUSED: 'network',
  E_NETWORK_DNS: 'network',
  E_NETWORK_TIMEOUT: 'network',
  E_NETWORK_RESET: 'network',
  E_NETWORK_TLS: 'network',
  E_NETWORK_HTTP: 'network',

  E_SOAP_FAULT: 'remote',
  E_SERVICE_REFUSED: 'remote',
  E_KEY_REFUSED: 'remote',
  E_REQUEST_REFUSED: 'remote',
  E_ETK_NOT_FOUND: 'remote',
  E_MESSAGE_LOST: 'remote',
  E_PATIENT_UNKNOWN: 'remote',
  E_INSURABILITY_REFUSED: 'remote',

  E_REQUEST_PENDING: 'pending',
  E_ASYNC_PENDING: 'pending',

  E_XML_MALFORMED: 'verification',
  E_XML_LIMIT: 'verification',
  E_REPLY_INVALID: 'verification',
  E_REPLY_TOO_LARGE: 'verification',
  E_SIGNATURE_INVALID: 'verification',
  E_KEYSTORE_INVALID: 'verification',
  E_ASSERTION_INVALID: 'verification',
  E_CERT_UNTRUSTED: 'verification',
  E_ASN1_MALFORMED: 'verification',
  E_ETK_INVALID: 'verification',
  E_SEAL_NOT_FOR_US: 'verification',
  E_SEAL_INVALID: 'verification',
  E_BOX_MISMATCH: 'verification',
  E_KEY_INVALID: 'verification',
  E_KEY_MISMATCH: 'verification',
  E_LOG_INVALID: 'verification',
  E_BACKUP_INVALID: 'verification',

  E_CERT_EXPIRING: 'condition',
  E_NOT_INSURED: 'condition',
  E_UNREAD: 'condition',
  E_COPY_MISSING: 'condition',
  E_CHECK_FAILED: 'condition',

  E_PARTIAL: 'partial',
  E_INTERRUPTED: 'interrupted',
} as const satisfies Record<string, Family>;

export type ErrorCode = keyof typeof FAMILY;

/** Whether a text from elsewhere (a child process, a file) is one of our codes. */
export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(FAMILY, text);

export interface TopazErrorOptions {
  /** What to do next: one sentence or one command line, without a final period. */
  hint?: string | undefined;
  /** One or two facts: the file, the service and its own code, tries left. One line each. */
  facts?: readonly string[] | undefined;
  /** Machine-readable facts for `--json` (`error.details`). Never a secret, never a full SSIN. */
  details?: Readonly<Record<string, unknown>> | undefined;
  cause?: unknown;
}

/** Base of every error raised on purpose. */
export class TopazError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly facts: readonly string[];
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, options: TopazErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.facts = options.facts ?? [];
    this.details = options.details;
  }

  get exitCode(): number {
    return EXIT[FAMILY[this.code]];
  }
}

/** The token refused the PIN. */
export class PinError extends TopazError {
  /** Tries left before the card locks, or `undefined` where the token does not tell. */
  readonly triesLeft: number | undefined;

  constructor(triesLeft: number | undefined, options: TopazErrorOptions = {}) {
    const locked = triesLeft === 0;
    super(locked ? 'E_PIN_LOCKED' : 'E_PIN_INCORRECT', locked ? 'PIN locked' : 'incorrect PIN', {
      hint: locked ? 'have the PIN unlocked at the municipality' : 'try again with the right PIN',
      facts:
        locked || triesLeft === undefined
          ? []
          : [`${triesLeft} tries left before the card locks; nothing was sent`],
      details: triesLeft === undefined ? undefined : { triesLeft },
      ...options,
    });
    this.triesLeft = triesLeft;
  }
}

/** A service answered with a SOAP fault. Its own code and text are kept verbatim. */
export class SoapFaultError extends TopazError {
  readonly service: string;
  /** HTTP status of the answer. */
  readonly statusCode: number;
  /** eHealth code of the detail (`SOA-01001`) or, without one, the local name of the faultcode. */
  readonly faultCode: string;
  readonly faultString: string;
  /** `Retry` of the detail, where present. */
  readonly retry: boolean | undefined;
  /** `Id` of the detail: what support asks for. */
  readonly ticket: string | undefined;
  /** Local name of the faultcode, whatever the detail says: `MessageExpired`, `Client` … */
  readonly standardCode: string | undefined;
  /** The service's clock, from the `Date` header of its answer. */
  readonly serverDate: Date | undefined;

  constructor(
    fault: {
      service: string;
      statusCode: number;
      faultCode: string;
      faultString: string;
      retry?: boolean | undefined;
      ticket?: string | undefined;
      standardCode?: string | undefined;
      serverDate?: Date | undefined;
    },
    options: TopazErrorOptions & { code?: ErrorCode } = {},
  ) {
    super(options.code ?? 'E_SOAP_FAULT', `${fault.service} refused the call`, {
      facts: [
        `eHealth: ${fault.faultCode} ${fault.faultString}`.trimEnd(),
        ...(fault.ticket === undefined ? [] : [`reference ${fault.ticket}`]),
      ],
      hint: options.hint,
      details: {
        service: fault.service,
        faultCode: fault.faultCode,
        faultString: fault.faultString,
        httpStatus: fault.statusCode,
        ...(fault.ticket === undefined ? {} : { ticket: fault.ticket }),
        ...options.details,
      },
      cause: options.cause,
    });
    this.service = fault.service;
    this.statusCode = fault.statusCode;
    this.faultCode = fault.faultCode;
    this.faultString = fault.faultString;
    this.retry = fault.retry;
    this.ticket = fault.ticket;
    this.standardCode = fault.standardCode;
    this.serverDate = fault.serverDate;
  }
}

/** The certificate request is not approved yet, or not delivered. */
export class PendingError extends TopazError {
  /** PublicKeyIdentifier, 40 lower-case hex digits. */
  readonly requestId: string;

  constructor(requestId: string, options: TopazErrorOptions = {}) {
    super(
      'E_REQUEST_PENDING',
      `request ${requestId.slice(0, 8)} is waiting for approval by eHealth`,
      {
        hint: 'wait for the e-mail, or: topaz cert validate --watch',
        details: { requestId },
        ...options,
      },
    );
    this.requestId = requestId;
  }
}

/**
 * The `code` of a system error (`ENOENT`, `ECONNREFUSED` …), or `undefined`.
 *
 * Not `instanceof Error`: an error made in another realm (a worker, a test's own global) fails that test.
 */
export function systemCode(error: unknown): string | undefined {
  return typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string'
    ? error.code
    : undefined;
}
