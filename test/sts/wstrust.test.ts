/**
 * Sessions by WS-Trust at the sandbox's STS, and answers that must not be believed. libxml2 with the official
 * schemas judges every message both ways, Apache Santuario (verify-wss) those that were signed.
 */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { EidCard } from '../../src/eid/card.js';
import type { Signer } from '../../src/keys/keys.js';
import type { SoapReply } from '../../src/soap/call.js';
import { openSession } from '../../src/sts/open-session.js';
import type { OpenSessionContext, OpenSessionRequest } from '../../src/sts/open-session.js';
import type { Session } from '../../src/sts/session.js';
import { NS_SOAP } from '../../src/xml/namespaces.js';
import { elements, requireChild } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { pin } from '../lifecycle/world.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';
import { openSeat } from './seat.js';
import type { Seat } from './seat.js';

const run = promisify(execFile);

let seat: Seat;
let doctor: Signer;
let group: Signer;
let cards: Readonly<Record<'rsa' | 'ec' | 'nurse', string>>;
let open: EidCard | undefined;

async function cardSigner(name: keyof typeof cards): Promise<Signer> {
  open = await seat.world.openCard(cards[name]);
  return open.authenticationSigner(pin);
}

const ask = (
  request: Partial<OpenSessionRequest> = {},
  context: Partial<OpenSessionContext> = {},
): Promise<Session> =>
  openSession(
    {
      protocol: 'wstrust',
      via: 'keystore',
      authentication: doctor,
      holderOfKey: doctor,
      quality: 'doctor',
      environment: 'sandbox',
      trusted: seat.trusted,
      ...request,
    },
    { ...seat.context, ...context },
  );

beforeAll(async () => {
  seat = await openSeat('stsWsTrust');
  doctor = await seat.keystoreOf('SSIN=79021599732');
  group = await seat.keystoreOf('NIHII-GROUP=94499180');
  cards = {
    rsa: await seat.world.makeCard('rsa', { key: 'rsa' }),
    ec: await seat.world.makeCard('ec', { key: 'ec' }),
    nurse: await seat.world.makeCard('nurse', { ssin: '72090499770', name: 'Arno Modèle' }),
  };
}, 30_000);
afterAll(() => seat.world.close());
beforeEach(async () => {
  await seat.world.control('fail', { clear: true });
  await seat.exchanges();
});
afterEach(async () => {
  await open?.close();
  open = undefined;
});

describe('a session', () => {
  test.each([
    { name: 'fallback', via: 'keystore', card: undefined, legs: ['RequestSecurityToken'] },
    { name: 'card with an RSA key', via: 'eid', card: 'rsa', legs: ['RequestSecurityToken', 'RequestSecurityTokenResponse'] },
    { name: 'card with a P-384 key', via: 'eid', card: 'ec', legs: ['RequestSecurityToken', 'RequestSecurityTokenResponse'] },
  ] as const)('$name: every judge agrees', async ({ via, card, legs }) => {
    const authentication = card === undefined ? doctor : await cardSigner(card);
    const session = await ask({ via, authentication });
    expect(session).toMatchObject({
      via,
      holder: { type: 'NIHII11', id: '19547181004', quality: 'doctor' },
    });
    const seen = await seat.exchanges();
    expect(seen.map(({ operation }) => operation)).toEqual(legs);
    for (const { path, checks } of seen) {
      expect(checks.filter(({ state, detail }) => state === 'failed' || detail?.startsWith('tolerated') === true)).toEqual([]);
      expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['soapAction', 'schema', 'token', 'signature', 'freshness', 'holderOfKey', 'business', 'answerSchema']));
      if (hasShared()) {
        await judgeSchema(`${path}.request.body`);
        await judgeSchema(`${path}.response.body`);
        if (hasProgram('java')) {
          const { stdout } = await run(join(SHARED, 'tools/verify-wss/verify-wss'), ['--expect', 'x509', '--json', `${path}.request.body`]);
          expect(JSON.parse(stdout)).toMatchObject({ ok: true });
        }
      }
    }
    const answer = await readFile(`${seen.at(-1)?.path ?? ''}.response.body`, 'utf8');
    expect(answer).toContain(session.assertion);
  }, 30_000); // prettier-ignore

  test('the second message shows the holder-of-key certificate, in the same context', async () => {
    await ask({ via: 'eid', authentication: await cardSigner('ec') });
    const [first, second] = await Promise.all(
      (await seat.exchanges()).map(({ path }) => readFile(`${path}.request.body`, 'utf8')),
    );
    const context = / Context="([^"]+)"/;
    expect(second).toContain(`>${Buffer.from(doctor.certificate.der).toString('base64')}</wsse:BinarySecurityToken>`); // prettier-ignore
    expect(context.exec(second ?? '')?.[1]).toBe(context.exec(first ?? '')?.[1]);
  });

  test('claims with a value come first, none twice', async () => {
    await ask({ authentication: group, holderOfKey: group, quality: 'groupofnurses' });
    const [seen] = await seat.exchanges();
    const request = await readFile(`${seen?.path ?? ''}.request.body`, 'utf8');
    const claims = [...request.matchAll(/<auth:ClaimType Uri="([^"]+)"(\/?)>/g)];
    const names = claims.map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(claims.map(([, , empty]) => empty).join(',')).toMatch(/^,+(?:\/,?)+$/);
    expect(request).not.toContain('identification-namespace');
  });

  test('of an organisation needs the card of a mandate holder', async () => {
    const request = { via: 'eid', holderOfKey: group, quality: 'groupofnurses' } as const;
    const session = await ask({ ...request, authentication: await cardSigner('nurse') });
    expect(session.holder).toEqual({ type: 'NIHII-GROUP', id: '94499180', quality: 'groupofnurses' }); // prettier-ignore
    await open?.close();
    await expect(ask({ ...request, authentication: await cardSigner('ec') })).rejects.toMatchObject({
      code: 'E_STS_REFUSED',
      details: { statusCode: 'ws-trust:RequestFailed' },
    }); // prettier-ignore
  });

  test('lives as long as was asked', async () => {
    const session = await ask({ minutes: 30 });
    expect(session.notOnOrAfter.getTime() - session.openedAt.getTime()).toBe(30 * 60_000);
  });

  test('is never asked for with SHA-1', async () => {
    await expect(ask({ signatureDigest: 'sha1' })).resolves.toBeDefined();
  });
});

describe('no session', () => {
  const kinds = [
    ['bad-signature', 'E_SIGNATURE_INVALID'],
    ['expired', 'E_ASSERTION_INVALID'],
    ['wrong-holder', 'E_ASSERTION_INVALID'],
    ['fault:SOA-02002', 'E_SOAP_FAULT'],
    ['fault:ws-trust:InvalidRequest', 'E_STS_REFUSED'],
  ] as const;

  test.each([...kinds, ['xml:wrapped', 'E_SIGNATURE_INVALID']] as const)('when the STS answers with %s', async (kind, code) => {
    await seat.world.control('fail', { target: 'sts', kind });
    await expect(ask()).rejects.toMatchObject({ code });
  }); // prettier-ignore

  test.each(kinds)('with a card, when the STS answers the first message with %s', async (kind, code) => {
    await seat.world.control('fail', { target: 'sts', kind, times: 1 });
    await expect(ask({ via: 'eid', authentication: await cardSigner('ec') })).rejects.toMatchObject({ code });
  }); // prettier-ignore

  test.each(['nurse', 'dentist'])('for a doctor who asks as %s', async (quality) => {
    await expect(ask({ quality })).rejects.toMatchObject({ code: 'E_STS_REFUSED' });
  });

  test('when the answer is not signed by the STS of the profile', async () => {
    await expect(ask({ trusted: [doctor.certificate] })).rejects.toMatchObject({ code: 'E_SIGNATURE_INVALID' }); // prettier-ignore
  });

  test('at the STS of the other protocol', async () => {
    const url = seat.context.url.replace('SecurityTokenService', 'Saml11TokenService');
    await expect(ask({}, { url })).rejects.toMatchObject({ faultCode: 'SOA-03005' });
  });
});

describe('an answer that is not believed', () => {
  const token = /<wst:RequestedSecurityToken>[\s\S]*<\/wst:RequestedSecurityToken>/;
  const challenge = '<wst:SignChallenge><wst:Challenge>n</wst:Challenge></wst:SignChallenge>';
  const assertion = (xml: string): string => /<Assertion[\s\S]*<\/Assertion>/.exec(xml)?.[0] ?? '';

  test.each<[string, (xml: string) => string, string]>([
    ['to another request', (xml) => xml.replace(/ Context="[^"]*"/, ' Context="request-0"'), 'E_ASSERTION_INVALID'],
    ['without a context', (xml) => xml.replace(/ Context="[^"]*"/, ''), 'E_ASSERTION_INVALID'],
    ['of another namespace', (xml) => xml.replace(/ xmlns:wst="[^"]*"/, ' xmlns:wst="urn:other"'), 'E_ASSERTION_INVALID'],
    ['with neither token nor challenge', (xml) => xml.replace(token, ''), 'E_ASSERTION_INVALID'],
    ['with token and challenge', (xml) => xml.replace(token, (found) => `${found}${challenge}`), 'E_ASSERTION_INVALID'],
    ['with two tokens', (xml) => xml.replace(token, (found) => `${found}${found}`), 'E_REPLY_INVALID'],
    ['with two assertions', (xml) => xml.replace(assertion(xml), (found) => `${found}${found}`), 'E_ASSERTION_INVALID'],
    ['with an empty token', (xml) => xml.replace(assertion(xml), ''), 'E_ASSERTION_INVALID'],
    ['with an unsigned assertion', (xml) => xml.replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/, ''), 'E_SIGNATURE_INVALID'],
    ['with a changed value', (xml) => xml.replace('>19547181004<', '>19547181005<'), 'E_SIGNATURE_INVALID'],
    ['with a challenge, again and again', (xml) => xml.replace(token, challenge), 'E_ASSERTION_INVALID'],
    ['with an empty challenge', (xml) => xml.replace(token, challenge.replace('>n<', '> <')), 'E_ASSERTION_INVALID'],
    ['with a huge challenge', (xml) => xml.replace(token, challenge.replace('>n<', `>${'n'.repeat(5000)}<`)), 'E_ASSERTION_INVALID'],
    ['with elements in its challenge', (xml) => xml.replace(token, challenge.replace('>n<', '><n/><')), 'E_REPLY_INVALID'],
  ])('%s', async (name, change, code) => {
    let calls = 0;
    let first: SoapReply | undefined;
    const call: OpenSessionContext['call'] = async (request, options) => {
      calls += 1;
      first ??= await seat.context.call(request, options);
      return changed(first, change);
    };
    await expect(ask({}, { call })).rejects.toMatchObject({ code });
    // Only a challenge in good form is answered.
    expect(calls).toBe(name.endsWith('again and again') ? 2 : 1);
  }); // prettier-ignore

  test('nothing is signed for a challenge in another context', async () => {
    let calls = 0;
    const call: OpenSessionContext['call'] = async (request, options) => {
      calls += 1;
      const reply = await seat.context.call(request, options);
      return changed(reply, (xml) => xml.replace(/ Context="[^"]*"/, ' Context="other"'));
    };
    const authentication = await cardSigner('rsa');
    await expect(ask({ via: 'eid', authentication }, { call })).rejects.toMatchObject({ code: 'E_ASSERTION_INVALID' }); // prettier-ignore
    expect(calls).toBe(1);
  });
});

function changed(reply: SoapReply, change: (xml: string) => string): SoapReply {
  const before = new TextDecoder().decode(reply.raw);
  const after = change(before);
  if (after === before) throw new Error('nothing was changed');
  const raw = new TextEncoder().encode(after);
  const envelope = readXml(raw);
  const [payload] = elements(requireChild(envelope, NS_SOAP, 'Body'));
  if (payload === undefined) throw new Error('no payload');
  return { ...reply, envelope, payload, raw };
}

/** The payload by WS-Trust's schema; claims and assertion inside it by theirs, since they are known too. */
async function judgeSchema(file: string): Promise<void> {
  const schema = seat.world.path('all.xsd');
  const imports = [
    ['http://docs.oasis-open.org/ws-sx/ws-trust/200512', 'ws-trust-1.3-errata-cd-01.xsd'],
    ['http://docs.oasis-open.org/wsfed/authorization/200706', 'ws-authorization-1.2.xsd'],
    ['urn:oasis:names:tc:SAML:1.0:assertion', 'oasis-sstc-saml-schema-assertion-1.1.xsd'],
  ].map(([uri, name]) => `<xs:import namespace="${uri ?? ''}" schemaLocation="${join(SHARED, 'schemas/sts', name ?? '')}"/>`);
  await writeFile(schema, `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${imports.join('')}</xs:schema>`);
  const { stdout } = await run('xmllint', ['--xpath', '/*/*[local-name()="Body"]/*', file]);
  const part = `${file}.xml`;
  await writeFile(part, stdout.trim());
  await run('xmllint', ['--nonet', '--noout', '--schema', schema, part]);
} // prettier-ignore
