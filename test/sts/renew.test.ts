/**
 * Renewal at the WS-Trust STS: one message, no claims, the old token verbatim; and what happens where there
 * is none. libxml2 with the official schema and Apache Santuario (verify-wss) judge the request.
 */

import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { Signer } from '../../src/keys/keys.js';
import { readProfile } from '../../src/profile/profile.js';
import type { SoapReply } from '../../src/soap/call.js';
import { openSession } from '../../src/sts/open-session.js';
import type { OpenSessionRequest } from '../../src/sts/open-session.js';
import type { Session } from '../../src/sts/session.js';
import { challengeResponse, renewRequest } from '../../src/sts/wstrust-request.js';
import type { XmlElement } from '../../src/xml/tree.js';
import { pin } from '../lifecycle/world.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';
import { openSeat } from './seat.js';
import type { Seat } from './seat.js';

let seat: Seat;
let urls: Readonly<Record<OpenSessionRequest['protocol'], string>>;
let doctor: Signer;
/** Another key of the same person. */
let second: Signer;
let first: Session;

const ask = (request: Partial<OpenSessionRequest> = {}): Promise<Session> => {
  const { protocol = 'wstrust' } = request;
  return openSession(
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
};

const requestOf = async (at = 0): Promise<string> =>
  readFile(`${(await seat.exchanges())[at]?.path ?? ''}.request.body`, 'utf8');

beforeAll(async () => {
  seat = await openSeat('stsWsTrust');
  const { endpoints } = await readProfile(seat.world.paths, 'sandbox');
  urls = { saml: endpoints.stsSaml11 ?? '', wstrust: endpoints.stsWsTrust ?? '' };
  [doctor, second] = await Promise.all([
    seat.keystoreOf('SSIN=79021599732'),
    seat.keystoreOf('SSIN=79021599732'),
  ]);
  first = await ask();
}, 30_000);
afterAll(() => seat.world.close());
beforeEach(async () => {
  await seat.world.control('fail', { clear: true });
  await seat.exchanges();
});

describe('a session that is open', () => {
  test('is renewed with one message that holds its assertion and no claim', async () => {
    const renewed = await ask({ renew: first });
    expect(renewed.assertionId).not.toBe(first.assertionId);
    expect(renewed.notOnOrAfter.getTime()).toBeGreaterThan(first.notOnOrAfter.getTime());
    expect(renewed).toMatchObject({ via: 'keystore', holder: first.holder, attributes: first.attributes, holderOfKey: first.holderOfKey }); // prettier-ignore
    const [seen, ...others] = await seat.exchanges();
    expect(others).toEqual([]);
    expect(seen?.checks.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(seen?.checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['renewal', 'holderOfKey', 'answerSchema'])); // prettier-ignore
    const path = `${seen?.path ?? ''}.request.body`;
    const request = await readFile(path, 'utf8');
    expect(request).toContain(`Embedded`);
    expect(request).toContain(first.assertion);
    expect(request).toContain('/200512/Renew</wst:RequestType><wst:RenewTarget>');
    expect(request).not.toMatch(/<wst:(?:Claims|Lifetime|KeyType|UseKey)/);
    const payload = /<(\w+):Body[^>]*>([\s\S]*)<\/\1:Body>/.exec(request)?.[2] ?? '';
    if (hasShared() && hasProgram('xmllint')) {
      const part = seat.world.path('renew.xml');
      await writeFile(part, payload);
      execFileSync('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/sts/ws-trust-1.3-errata-cd-01.xsd'), part], { stdio: 'pipe' }); // prettier-ignore
    }
    if (hasShared() && hasProgram('java')) {
      const verdict = execFileSync(join(SHARED, 'tools/verify-wss/verify-wss'), ['--expect', 'x509', '--json', path]); // prettier-ignore
      expect(JSON.parse(verdict.toString())).toMatchObject({ ok: true });
    }
  }, 30_000);

  test('can be renewed again and again', async () => {
    const third = await ask({ renew: await ask({ renew: first }) });
    expect(await requestOf(1)).toContain('/200512/Renew<');
    expect(third.holder).toEqual(first.holder);
  });

  test('is asked for anew where the STS does not renew', async () => {
    for (const code of ['ws-trust:UnableToRenew', 'wst:RenewNeeded', 'ws-trust:InvalidRequest']) {
      await seat.world.control('fail', { target: 'sts', kind: `fault:${code}`, times: 1 });
      const fresh = await ask({ renew: first });
      expect(fresh.assertionId).not.toBe(first.assertionId);
      expect(await requestOf(1)).toContain('/200512/Issue<');
    }
  });

  test.each([
    ['fault:SOA-02002', 'E_SOAP_FAULT'],
    ['http:503', 'E_NETWORK_HTTP'],
    ['bad-signature', 'E_SIGNATURE_INVALID'],
    ['wrong-holder', 'E_ASSERTION_INVALID'],
    ['wrapped:header', 'E_SIGNATURE_INVALID'],
    ['expired', 'E_ASSERTION_INVALID'],
  ])('is not asked for again after %s', async (kind, code) => {
    await seat.world.control('fail', { target: 'sts', kind, times: 1 });
    await expect(ask({ renew: first })).rejects.toMatchObject({ code });
    expect(await seat.exchanges()).toHaveLength(1);
  });
});

describe('a new one is asked for', () => {
  test.each<[string, () => Partial<OpenSessionRequest>]>([
    ['that is over', () => ({ renew: { ...first, notOnOrAfter: new Date() } })],
    ['of another quality', () => ({ renew: { ...first, holder: { ...first.holder, quality: 'nurse' } } })],
    ['of another key', () => ({ authentication: second, holderOfKey: second, renew: first })],
    ['that was opened with a card', () => ({ renew: { ...first, via: 'eid' } })],
    ['where its life is chosen', () => ({ renew: first, minutes: 30 })],
  ])('instead of one %s', async (_, request) => {
    await expect(ask(request())).resolves.toMatchObject({ holder: { quality: 'doctor' } });
    expect(await requestOf()).toContain('/200512/Issue<');
  }); // prettier-ignore

  test('with a card: one PIN, no renewal', async () => {
    const card = await seat.world.openCard(await seat.world.makeCard('ec', { key: 'ec' }));
    let pins = 0;
    try {
      const authentication = await card.authenticationSigner(() => {
        pins += 1;
        return pin();
      });
      await ask({ via: 'eid', authentication, renew: { ...first, via: 'eid' } });
    } finally {
      await card.close();
    }
    expect(pins).toBe(1);
    expect(await requestOf()).toContain('/200512/Issue<');
  });

  test('by SAML 1.1, which knows no renewal: the same is asked again', async () => {
    const fresh = await ask({ protocol: 'saml', renew: first });
    expect(fresh.attributes).toEqual(first.attributes);
    expect(await requestOf()).toContain('<samlp:AttributeQuery');
  });
});

describe('the sandbox', () => {
  const send = (body: XmlElement, signer = doctor, operation = 'RequestSecurityToken'): Promise<SoapReply> =>
    seat.context.call({
      service: 'sts',
      operation,
      url: urls.wstrust,
      action: `urn:be:fgov:ehealth:sts:protocol:v1:${operation}`,
      body,
      security: { kind: 'x509', signer },
    }); // prettier-ignore
  const renew = (assertion: string, signer = doctor): Promise<SoapReply> =>
    send(renewRequest('request-1', assertion, 'token-1'), signer);

  test.each<[string, (assertion: string) => string, string]>([
    ['changed', (xml) => xml.replace('>19547181004<', '>19547181005<'), 'ws-trust:InvalidSecurityToken'],
    ['unsigned', (xml) => xml.replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, ''), 'ws-trust:InvalidSecurityToken'],
    ['no assertion', () => '<x xmlns="urn:other"/>', 'ws-trust:InvalidRequest'],
  ])('does not renew what is %s', async (_, change, faultCode) => {
    await expect(renew(change(first.assertion))).rejects.toMatchObject({ faultCode });
  }); // prettier-ignore

  test('does not renew what is over', async () => {
    await seat.world.control('fail', { target: 'sts', kind: 'expiring:1', times: 1 });
    const { assertion } = await ask();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expect(renew(assertion)).rejects.toMatchObject({ faultCode: 'ws-trust:UnableToRenew' });
  });

  test('challenges the holder of the key when another key asks, and gives him the token', async () => {
    const { raw } = await renew(first.assertion, second);
    const challenge = /<wst:Challenge>([^<]+)</.exec(new TextDecoder().decode(raw))?.[1] ?? '';
    expect(challenge).not.toBe('');
    const answer = challengeResponse('request-1', challenge);
    await expect(send(answer, second, 'Challenge')).rejects.toMatchObject({ faultCode: 'ws-trust:FailedAuthentication' });
    const again = /<wst:Challenge>([^<]+)</.exec(new TextDecoder().decode((await renew(first.assertion, second)).raw))?.[1] ?? '';
    const token = await send(challengeResponse('request-1', again), doctor, 'Challenge');
    expect(new TextDecoder().decode(token.raw)).toContain(Buffer.from(doctor.certificate.der).toString('base64'));
  }); // prettier-ignore

  test('keeps the life of the token that is renewed', async () => {
    const short = await ask({ minutes: 60 });
    const { raw } = await renew(short.assertion);
    const [, from = '', until = ''] = /NotBefore="([^"]+)" NotOnOrAfter="([^"]+)"/.exec(new TextDecoder().decode(raw)) ?? []; // prettier-ignore
    expect(Date.parse(until) - Date.parse(from)).toBe(60 * 60_000);
  });
});
