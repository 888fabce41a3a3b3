/** Faults of the STS and what they mean; clocks that differ (sts-session §3, §4, §6). */

import { describe, expect, test } from '@jest/globals';

import { SoapFaultError, TopazError } from '../../src/errors.js';
import { invalidAssertion } from '../../src/saml/assertion.js';
import type { AssertionCheck } from '../../src/saml/assertion.js';
import { refusalOf } from '../../src/sts/refusal.js';
import type { Clocks } from '../../src/sts/refusal.js';

const NOW = new Date('2026-03-02T09:00:00Z');
const away = (minutes: number): Clocks => ({
  now: NOW,
  server: new Date(NOW.getTime() + minutes * 60_000),
});

const fault = (faultCode: string, more: { faultString?: string; standardCode?: string } = {}) =>
  new SoapFaultError({ service: 'sts', statusCode: 500, faultCode, faultString: 'no', ...more });

describe('a fault', () => {
  test.each([
    ['ws-trust:InvalidRequest', 'report'],
    ['wst:BadRequest', 'report'],
    ['ws-trust:AuthenticationBadElements', 'report'],
    ['ws-trust:InvalidTimeRange', '--minutes'],
    ['wst:ExpiredData', 'clock'],
    ['RequestFailed', '--as'],
    ['ws-trust:InvalidScope', '--as'],
    ['ws-trust:FailedAuthentication', 'cert status'],
    ['ws-trust:InvalidSecurityToken', 'cert status'],
    ['ws-trust:RenewNeeded', '--force'],
    ['x:UnableToRenew', '--force'],
    ['SOA-01001', 'cert status'],
    ['SOA-01002', '--as'],
    ['FailedCheck', 'cert status'],
    ['FailedAuthentication', 'cert status'],
    ['InvalidSecurity', 'cert status'],
    ['InvalidSecurityToken', 'cert status'],
    ['SecurityTokenUnavailable', 'cert status'],
    ['MessageExpired', 'clock'],
  ])('%s is a refusal with a next step', (code, words) => {
    expect(refusalOf(fault(code), away(0))).toMatchObject({
      code: 'E_STS_REFUSED',
      exitCode: 4,
      facts: [`eHealth: ${code} no`],
      hint: expect.stringContaining(words) as unknown,
      details: { service: 'sts', statusCode: code, statusMessage: 'no', httpStatus: 500 },
    });
  });

  test.each(['SOA-00001', 'SOA-02001', 'SOA-02002', 'SOA-03001', 'SOA-03006', 'ws-trust:Other', 'constructor'])(
    '%s stays a fault',
    (code) => {
      expect(refusalOf(fault(code), away(0))).toMatchObject({ code: 'E_SOAP_FAULT', exitCode: 7, faultCode: code });
    },
  ); // prettier-ignore

  test('anything else stays what it is', () => {
    const error = new Error('other');
    expect(refusalOf(error, away(60))).toBe(error);
    const network = new TopazError('E_NETWORK_TIMEOUT', 'too slow', { hint: 'later' });
    expect(refusalOf(network, away(60))).toBe(network);
  });
});

describe('a clock', () => {
  const expired = fault('SOA-01001', { standardCode: 'MessageExpired' });

  test.each([
    ['MessageExpired beside a code of the bus', expired],
    ['a text that names the timestamp', fault('SOA-01001', { faultString: 'The Timestamp is too old' })],
    ['a code of time', fault('ws-trust:InvalidTimeRange')],
    ['an assertion that is over', invalidAssertion('expired', 'it has expired already')],
    ['an assertion of the future', invalidAssertion('not-yet-valid', 'it is not valid yet')],
    ['a Timestamp of another day', invalidAssertion('timestamp', 'too old')],
    ['a status of time', new TopazError('E_STS_REFUSED', 'no', { hint: 'x', details: { statusCode: 'Requester PeriodOver' } })],
  ])('that differs explains %s', (_, error) => {
    expect(refusalOf(error, away(7))).toMatchObject({
      code: 'E_CLOCK_SKEW',
      exitCode: 3,
      message: 'the clock of this machine is not right',
      facts: ['it is 7 min behind that of eHealth (2026-03-02T09:07:00Z)', ...error.facts],
      hint: expect.stringContaining('set the clock') as unknown,
      details: { skewSeconds: -420 },
      cause: error,
    });
  }); // prettier-ignore

  test('that is ahead, by hours', () => {
    expect(refusalOf(expired, away(-125))).toMatchObject({
      facts: [
        expect.stringContaining('it is 2 h 5 min ahead of that of eHealth'),
        ...expired.facts,
      ],
    });
  });

  test.each([
    ['the same', away(0)],
    ['nearly the same', away(0.9)],
    ['not told', { now: NOW, server: undefined }],
  ])('that is %s is no explanation, but is named', (_, clocks) => {
    expect(refusalOf(expired, clocks)).toMatchObject({
      code: 'E_STS_REFUSED',
      hint: expect.stringContaining('check the clock') as unknown,
    });
    const over = invalidAssertion('expired', 'it has expired already');
    expect(refusalOf(over, clocks)).toBe(over);
  });

  test.each<AssertionCheck>(['holder', 'issuer', 'lifetime', 'subject'])(
    'never explains what is wrong with the %s',
    (check) => {
      const error = invalidAssertion(check, 'wrong');
      expect(refusalOf(error, away(600))).toBe(error);
    },
  );

  test('never explains a refusal that has nothing to do with time', () => {
    expect(refusalOf(fault('ws-trust:RequestFailed'), away(600))).toMatchObject({
      code: 'E_STS_REFUSED',
    });
  });
});
