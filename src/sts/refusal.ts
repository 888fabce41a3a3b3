/**
 * What a failed exchange with the STS means (sts-session §3, §4, §6): a refusal of the session, a clock that
 * is wrong, or what it was. Only the latter is left as it came.
 *
 * @module
 */

import { SoapFaultError, TopazError } from '../errors.js';
import { HINT_CERTIFICATES, HINT_DATES, HINT_LATER, HINT_NEW, HINT_QUALITY, HINT_REPORT } from '../saml/hints.js'; // prettier-ignore

/** The two clocks when the answer came. */
export interface Clocks {
  readonly now: Date;
  /** From the `Date` header of the answer. */
  readonly server: Date | undefined;
}

/** Codes that follow a prefix, of WS-Trust 1.3 §11: what each asks for. */
const WS_TRUST: ReadonlyMap<string, string> = new Map([
  ['InvalidRequest', HINT_REPORT],
  ['BadRequest', HINT_REPORT],
  ['AuthenticationBadElements', HINT_REPORT],
  ['UnsupportedTokenType', HINT_REPORT],
  ['InvalidScope', HINT_QUALITY],
  ['RequestFailed', HINT_QUALITY],
  ['FailedAuthentication', HINT_CERTIFICATES],
  ['InvalidSecurityToken', HINT_CERTIFICATES],
  ['ExpiredData', HINT_DATES],
  ['InvalidTimeRange', HINT_DATES],
  ['RenewNeeded', HINT_NEW],
  ['UnableToRenew', HINT_NEW],
]);

/** Codes of the bus and, without prefix, of WS-Security that say "not you" (sts-session §6). */
const NOT_AUTHENTICATED: ReadonlyMap<string, string> = new Map([
  ['SOA-01001', HINT_CERTIFICATES],
  ['SOA-01002', HINT_QUALITY],
  ['FailedCheck', HINT_CERTIFICATES],
  ['FailedAuthentication', HINT_CERTIFICATES],
  ['InvalidSecurity', HINT_CERTIFICATES],
  ['InvalidSecurityToken', HINT_CERTIFICATES],
  ['SecurityTokenUnavailable', HINT_CERTIFICATES],
]);

/** Refusals that a wrong clock brings about, here or there. */
const TIMELY = new Set([
  'ExpiredData',
  'InvalidTimeRange',
  'PeriodOver',
  'expired',
  'not-yet-valid',
  'timestamp',
]);

/** A smaller difference explains nothing: a Timestamp lives that long. */
const MIN_SKEW_MS = 60_000;

/**
 * The error to throw for one that an exchange with the STS ended in.
 *
 * @returns TopazError `E_CLOCK_SKEW` (times were refused, and the clocks differ), `E_STS_REFUSED` (a fault
 *   that says so), or the error given.
 */
export function refusalOf(error: unknown, clocks: Clocks): unknown {
  if (error instanceof SoapFaultError) {
    return faultRefusal(error, clocks);
  }
  const checks = error instanceof TopazError ? wordsOf(error) : [];
  return checks.some((word) => TIMELY.has(word)) ? (skewed(error, clocks) ?? error) : error;
}

function faultRefusal(error: SoapFaultError, clocks: Clocks): TopazError {
  const { faultCode, faultString, ticket, statusCode, standardCode } = error;
  const local = localOf(faultCode);
  // Quirk: the prefix varies (`ws-trust:`, `wst:`, none), so only what follows it counts.
  const hint = NOT_AUTHENTICATED.get(faultCode) ?? WS_TRUST.get(local);
  const isTimestamp =
    standardCode === 'MessageExpired' ||
    local === 'MessageExpired' ||
    /timestamp/i.test(faultString);
  if (isTimestamp || TIMELY.has(local)) {
    const skew = skewed(error, clocks);
    if (skew !== undefined) {
      return skew;
    }
  }
  if (hint === undefined && !isTimestamp) {
    return error;
  }
  return new TopazError('E_STS_REFUSED', 'the STS refused the session', {
    facts: error.facts,
    hint: isTimestamp ? HINT_LATER_OR_CLOCK : hint,
    details: {
      service: 'sts',
      faultCode,
      statusCode: faultCode,
      statusMessage: faultString,
      httpStatus: statusCode,
      ...(ticket === undefined ? {} : { ticket }),
    },
    cause: error,
  });
}

const HINT_LATER_OR_CLOCK = `check the clock of this machine; if it is right, ${HINT_LATER}`;

/** Both clocks and their difference, where it is large enough to be the reason. */
function skewed(error: unknown, { now, server }: Clocks): TopazError | undefined {
  const ms = server === undefined ? 0 : now.getTime() - server.getTime();
  if (server === undefined || Math.abs(ms) < MIN_SKEW_MS) {
    return undefined;
  }
  const facts = error instanceof TopazError ? error.facts : [];
  return new TopazError('E_CLOCK_SKEW', 'the clock of this machine is not right', {
    facts: [
      `it is ${durationOf(Math.abs(ms))} ${ms < 0 ? 'behind' : 'ahead of'} that of eHealth (${server.toISOString().slice(0, 19)}Z)`,
      ...facts,
    ],
    hint: 'set the clock (switch network time on), then: topaz session open',
    details: { service: 'sts', skewSeconds: Math.round(ms / 1000) },
    cause: error,
  });
}

function durationOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}

/** Codes of a status, or the check that did not hold. */
function wordsOf({ details }: TopazError): readonly string[] {
  const words = [details?.['statusCode'], details?.['check']];
  return words.flatMap((word) => (typeof word === 'string' ? word.split(' ') : []));
}

const localOf = (code: string): string => code.replace(/^[^:]*:/, '');
