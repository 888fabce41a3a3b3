/**
 * Bad and hostile tokens that the sandbox plays on demand, by both protocols: each is refused with the code
 * and the check of its own, with one message and after a challenge.
 */

import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { Signer } from '../../src/keys/keys.js';
import { readProfile } from '../../src/profile/profile.js';
import { STS_FAULT_KINDS } from '../../src/sandbox/sts-faults.js';
import { openSession } from '../../src/sts/open-session.js';
import type { OpenSessionRequest } from '../../src/sts/open-session.js';
import type { Session } from '../../src/sts/session.js';
import { openSeat } from './seat.js';
import type { Seat } from './seat.js';

type Protocol = OpenSessionRequest['protocol'];

let seat: Seat;
let urls: Readonly<Record<Protocol, string>>;
let doctor: Signer;
/** Another certificate of the same person: the STS challenges it. */
let second: Signer;

const ask = (protocol: Protocol, request: Partial<OpenSessionRequest> = {}): Promise<Session> =>
  openSession(
    {
      protocol,
      via: 'keystore',
      authentication: doctor,
      holderOfKey: doctor,
      quality: 'doctor',
      environment: 'sandbox',
      trusted: seat.trusted,
      ...request,
    },
    { ...seat.context, url: urls[protocol] },
  );

beforeAll(async () => {
  seat = await openSeat('stsWsTrust');
  const { endpoints } = await readProfile(seat.world.paths, 'sandbox');
  urls = { saml: endpoints.stsSaml11 ?? '', wstrust: endpoints.stsWsTrust ?? '' };
  [doctor, second] = await Promise.all([
    seat.keystoreOf('SSIN=79021599732'),
    seat.keystoreOf('SSIN=79021599732'),
  ]);
}, 30_000);
afterAll(() => seat.world.close());
beforeEach(async () => {
  await seat.world.control('fail', { clear: true });
  await seat.exchanges();
});

/** What becomes of each kind: the code, and what did not hold. */
const REFUSED: Readonly<Record<string, readonly [code: string, check?: string]>> = {
  'bad-signature': ['E_SIGNATURE_INVALID'],
  'wrong-signer': ['E_SIGNATURE_INVALID'],
  'no-signature': ['E_SIGNATURE_INVALID'],
  'wrong-issuer': ['E_ASSERTION_INVALID', 'issuer'],
  expired: ['E_ASSERTION_INVALID', 'expired'],
  'not-yet-valid': ['E_ASSERTION_INVALID', 'not-yet-valid'],
  'too-long': ['E_ASSERTION_INVALID', 'lifetime'],
  'wrong-holder': ['E_ASSERTION_INVALID', 'holder'],
  'second-holder': ['E_ASSERTION_INVALID', 'holder'],
  bearer: ['E_ASSERTION_INVALID', 'confirmation'],
  'wrong-subject': ['E_ASSERTION_INVALID', 'subject'],
  'wrong-identity': ['E_ASSERTION_INVALID', 'identity'],
  'wrong-audience': ['E_ASSERTION_INVALID', 'conditions'],
  'wrong-request': ['E_ASSERTION_INVALID', 'request'],
  'not-certified': ['E_STS_REFUSED'],
  'late-timestamp': ['E_ASSERTION_INVALID', 'timestamp'],
  'no-assertion': ['E_ASSERTION_INVALID', 'count'],
  'several-assertions': ['E_ASSERTION_INVALID', 'count'],
  'wrapped:header': ['E_SIGNATURE_INVALID'],
  'wrapped:moved': ['E_ASSERTION_INVALID', 'count'],
  'wrapped:advice': ['E_SIGNATURE_INVALID'],
  'wrapped:nested': ['E_SIGNATURE_INVALID'],
  'wrapped:object': ['E_SIGNATURE_INVALID'],
  'wrapped:extension': ['E_SIGNATURE_INVALID'],
  'wrapped:before': ['E_ASSERTION_INVALID', 'count'],
  'wrapped:after': ['E_ASSERTION_INVALID', 'count'],
  'wrapped:same-id': ['E_SIGNATURE_INVALID'],
  'wrapped:copy-in-header': ['E_ASSERTION_INVALID', 'count'],
  'wrapped:other-element': ['E_SIGNATURE_INVALID'],
  'wrapped:whole-document': ['E_SIGNATURE_INVALID'],
  'wrapped:other-namespace': ['E_SIGNATURE_INVALID'],
  'wrapped:comment-in-name': ['E_ASSERTION_INVALID', 'comment'],
  'wrapped:comment-in-value': ['E_ASSERTION_INVALID', 'comment'],
  'wrapped:instruction': ['E_SIGNATURE_INVALID'],
};

const kinds = Object.entries(REFUSED);
/** Values and rearrangements are made in one place: with small counts, a few of each go the longer way. */
const some = kinds.filter((_, at) => process.env['TOPAZ_DEEP'] === '1' || at % 8 === 0); // prettier-ignore
const expected = (code: string, check?: string): unknown =>
  check === undefined ? { code } : { code, details: { check } };

test('every kind that the sandbox plays is here', () => {
  const played = STS_FAULT_KINDS.filter((kind) => kind !== 'expiring:SECONDS');
  const known = new Set(['bad-signature', 'expired', 'wrong-holder', ...played]);
  expect(Object.keys(REFUSED).sort()).toEqual([...known].sort());
  expect(played.filter((kind) => kind.startsWith('wrapped:')).length).toBeGreaterThanOrEqual(8);
});

describe.each(['saml', 'wstrust'] as const)('by %s', (protocol) => {
  test.each(kinds)('%s is refused', async (kind, [code, check]) => {
    await seat.world.control('fail', { target: 'sts', kind, times: 1 });
    await expect(ask(protocol)).rejects.toMatchObject(expected(code, check) as object);
    const [exchange] = await seat.exchanges();
    const { fault } = JSON.parse(await readFile(`${exchange?.path ?? ''}.json`, 'utf8')) as { fault: string }; // prettier-ignore
    expect(fault).toBe(kind);
  });

  test('a rule that is used up leaves nothing behind', async () => {
    await seat.world.control('fail', { target: 'sts', kind: 'wrapped:header', times: 1 });
    await expect(ask(protocol)).rejects.toMatchObject({ code: 'E_SIGNATURE_INVALID' });
    await expect(ask(protocol)).resolves.toMatchObject({ holder: { id: '19547181004' } });
  });

  test('an answer is hostile in the way that its name says', async () => {
    const bodyOf = async (kind: string): Promise<string> => {
      await seat.world.control('fail', { target: 'sts', kind, times: 1 });
      await ask(protocol).catch(() => undefined);
      return readFile(`${(await seat.exchanges())[0]?.path ?? ''}.response.body`, 'utf8');
    };
    const count = (text: string, part: string): number => text.split(part).length - 1;
    const header = await bodyOf('wrapped:header');
    expect(header).toMatch(
      /<soap:Header><Assertion [\s\S]*<\/Assertion><\/soap:Header><soap:Body>/,
    );
    expect(count(header, '<Assertion ')).toBe(2);
    expect(count(await bodyOf('no-signature'), '<ds:Signature')).toBe(0);
    expect(count(await bodyOf('wrapped:moved'), '<Assertion ')).toBe(1);
    expect(await bodyOf('wrapped:advice')).toContain('<Advice><Assertion ');
    expect(await bodyOf('wrapped:object')).toContain('<ds:Object><Assertion ');
    expect(await bodyOf('wrapped:whole-document')).toContain('URI=""');
    const ids = [...(await bodyOf('wrapped:same-id')).matchAll(/AssertionID="([^"]+)"/g)].map(([, id]) => id); // prettier-ignore
    expect(ids.length).toBe(2);
    expect(new Set(ids).size).toBe(1);
  });

  test('a session that ends in a moment is one, until then', async () => {
    await seat.world.control('fail', { target: 'sts', kind: 'expiring:90', times: 1 });
    const { openedAt, notOnOrAfter } = await ask(protocol);
    const seconds = (notOnOrAfter.getTime() - openedAt.getTime()) / 1000;
    expect(seconds).toBeGreaterThan(85);
    expect(seconds).toBeLessThan(95);
  });

  test('clocks that differ are named', async () => {
    const later = new Date(Date.now() + 20 * 60_000);
    await seat.world.control('time', { date: later.toISOString() });
    try {
      await expect(ask(protocol)).rejects.toMatchObject({
        code: 'E_CLOCK_SKEW',
        facts: [expect.stringMatching(/^it is (?:19|20) min behind that of eHealth/), expect.any(String), expect.any(String)],
      }); // prettier-ignore
    } finally {
      await seat.world.control('time', { date: new Date().toISOString() });
    }
  });
});

describe('after a challenge', () => {
  test.each(some.filter(([kind]) => kind !== 'wrong-request'))('%s is refused', async (kind, [code, check]) => {
    await seat.world.control('fail', { target: 'sts', kind, times: 1 });
    const request = { authentication: doctor, holderOfKey: second };
    await expect(ask('wstrust', request)).rejects.toMatchObject(expected(code, check) as object);
    expect((await seat.exchanges()).map(({ operation }) => operation)).toEqual([
      'RequestSecurityToken',
      'RequestSecurityTokenResponse',
    ]);
  }); // prettier-ignore
});
