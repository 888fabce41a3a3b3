/** What the sandbox's WS-Trust STS refuses: each rule broken once by a message that is signed well. */

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { Signer } from '../../src/keys/keys.js';
import type { AttributeQuery } from '../../src/saml/request.js';
import type { SoapReply } from '../../src/soap/call.js';
import type { Security } from '../../src/soap/security.js';
import { challengeResponse, issueRequest } from '../../src/sts/wstrust-request.js';
import { readXml } from '../../src/xml/read.js';
import type { XmlElement } from '../../src/xml/tree.js';
import { writeXml } from '../../src/xml/write.js';
import { openSeat } from '../sts/seat.js';
import type { Seat } from '../sts/seat.js';
import { hasShared } from '../support/tools.js';

const ID = 'urn:be:fgov:identification-namespace';
const CERTIFIED = 'urn:be:fgov:certified-namespace:ehealth';
const SSIN = 'urn:be:fgov:person:ssin';
const OWNER = 'urn:be:fgov:ehealth:1.0:certificateholder:person:ssin';
const ACTION = 'urn:be:fgov:ehealth:sts:protocol:v1:';

let seat: Seat;
let doctor: Signer;
/** The same person, another key. */
let second: Signer;
let nurse: Signer;

beforeAll(async () => {
  seat = await openSeat('stsWsTrust');
  [doctor, second, nurse] = await Promise.all([
    seat.keystoreOf('SSIN=79021599732'),
    seat.keystoreOf('SSIN=79021599732'),
    seat.keystoreOf('SSIN=72090499770'),
  ]);
}, 30_000);
afterAll(() => seat.world.close());
beforeEach(() => seat.exchanges());

const query = (more: Partial<AttributeQuery> = {}): AttributeQuery => {
  const now = new Date();
  return {
    requestId: `request-${randomUUID()}`,
    assertionId: 'unused',
    authentication: doctor.certificate,
    holderOfKey: doctor.certificate,
    now,
    notOnOrAfter: new Date(now.getTime() + 3_600_000),
    attributes: [SSIN, OWNER].map((name) => ({ namespace: ID, name, values: ['79021599732'] })),
    designators: [{ namespace: CERTIFIED, name: `${SSIN}:doctor:boolean` }],
    ...more,
  };
};

interface Sending {
  readonly signer?: Signer;
  readonly action?: string;
  readonly algorithm?: (Security & { kind: 'x509' })['algorithm'];
}

const send = (body: XmlElement, { signer = doctor, action = 'RequestSecurityToken', algorithm }: Sending = {}): Promise<SoapReply> =>
  seat.context.call({
    service: 'sts',
    operation: 'RequestSecurityToken',
    url: seat.context.url,
    action: `${ACTION}${action}`,
    body,
    security: { kind: 'x509', signer, algorithm },
  }); // prettier-ignore

const rewritten = (body: XmlElement, change: (xml: string) => string): XmlElement => {
  const before = writeXml(body);
  const after = change(before);
  if (after === before) throw new Error('nothing was changed');
  return readXml(after);
};

describe('a request', () => {
  test.each<[string, (xml: string) => string, string]>([
    ['to renew', (xml) => xml.replace('200512/Issue', '200512/Renew'), 'ws-trust:InvalidRequest'],
    ['for another token', (xml) => xml.replace('#SAMLV1.1', '#SAMLV2.0'), 'ws-trust:InvalidRequest'],
    ['with the key type as the standard spells it', (xml) => xml.replace('wstrust/200512/PublicKey', 'ws-trust/200512/PublicKey'), 'ws-trust:InvalidRequest'],
    ['with claims of another dialect', (xml) => xml.replace('/authclaims', '/other'), 'ws-trust:InvalidRequest'],
    ['with a claim twice', (xml) => xml.replace(/<auth:ClaimType[^>]*doctor:boolean"\/>/, '$&$&'), 'ws-trust:InvalidRequest'],
    ['with claimed values last', (xml) => xml.replace(/(<wst:Claims[^>]*>)(.*)(<auth:ClaimType[^>]*doctor:boolean"\/>)/, '$1$3$2'), 'ws-trust:InvalidRequest'],
    ['for another person', (xml) => xml.replace('79021599732', '72090499770'), 'ws-trust:RequestFailed'],
    ['without a readable key', (xml) => xml.replace(/(<ds:X509Certificate[^>]*>)[^<]*/, '$1AAAA'), 'SOA-01001'],
  ])('%s is refused', async (_, change, faultCode) => {
    await expect(send(rewritten(issueRequest(query()), change))).rejects.toMatchObject({ faultCode });
  }); // prettier-ignore

  test('for a period that is over is refused', async () => {
    const past = new Date(Date.now() - 1000);
    await expect(send(issueRequest(query({ notOnOrAfter: past })))).rejects.toMatchObject({ faultCode: 'ws-trust:InvalidTimeRange' }); // prettier-ignore
  });

  test('for what the directory does not know is refused', async () => {
    const designators = [{ namespace: CERTIFIED, name: 'urn:be:fgov:unknown' }];
    await expect(send(issueRequest(query({ designators })))).rejects.toMatchObject({ faultCode: 'ws-trust:RequestFailed' }); // prettier-ignore
  });

  test('signed with SHA-1 is refused', async () => {
    await expect(send(issueRequest(query()), { algorithm: 'rsa-sha1' })).rejects.toMatchObject({ faultCode: 'SOA-01001' }); // prettier-ignore
  });

  test('under the action of the other message is refused', async () => {
    await expect(send(issueRequest(query()), { action: 'Challenge' })).rejects.toMatchObject({ faultCode: 'SOA-03005' }); // prettier-ignore
  });

  (hasShared() ? test : test.skip)('that the schema does not allow is refused', async () => {
    const context = (xml: string): string => xml.replace(' Context=', ' wst:Context=');
    await expect(send(rewritten(issueRequest(query()), context))).rejects.toMatchObject({ faultCode: 'SOA-03006' }); // prettier-ignore
    const claim = (xml: string): string =>
      xml.replace(/<auth:Value>[^<]*<\/auth:Value>/, '$&<auth:Description>late</auth:Description>');
    await expect(send(rewritten(issueRequest(query()), claim))).rejects.toMatchObject({ faultCode: 'SOA-03006' }); // prettier-ignore
  });

  test('with another key than that of the message gets a challenge, no token', async () => {
    const { raw } = await send(issueRequest(query({ holderOfKey: second.certificate })));
    const text = new TextDecoder().decode(raw);
    expect(text).toContain('<wst:SignChallenge><wst:Challenge>');
    expect(text).not.toContain('Assertion');
  });
});

describe('the answer to a challenge', () => {
  async function challenged(): Promise<{ readonly context: string; readonly challenge: string }> {
    const asked = query({ holderOfKey: second.certificate });
    const { raw } = await send(issueRequest(asked));
    const challenge = /<wst:Challenge>([^<]+)</.exec(new TextDecoder().decode(raw))?.[1] ?? '';
    return { context: asked.requestId, challenge };
  }
  const answer = (context: string, challenge: string, signer: Signer): Promise<SoapReply> =>
    send(challengeResponse(context, challenge), { signer, action: 'Challenge' });

  test('gives the token, once', async () => {
    const { context, challenge } = await challenged();
    const { raw } = await answer(context, challenge, second);
    expect(new TextDecoder().decode(raw)).toContain('<Assertion ');
    await expect(answer(context, challenge, second)).rejects.toMatchObject({ faultCode: 'ws-trust:InvalidRequest' }); // prettier-ignore
  });

  test('by another key of the same person, or by somebody else, is refused', async () => {
    for (const signer of [doctor, nurse]) {
      const { context, challenge } = await challenged();
      await expect(answer(context, challenge, signer)).rejects.toMatchObject({ faultCode: 'ws-trust:FailedAuthentication' }); // prettier-ignore
    }
  });

  test('in another context, or with another text, is refused', async () => {
    const { context, challenge } = await challenged();
    const refused = { faultCode: 'ws-trust:InvalidRequest' };
    await expect(answer('request-other', challenge, second)).rejects.toMatchObject(refused);
    await expect(answer(context, `${challenge} `, second)).rejects.toMatchObject(refused);
    await expect(answer(context, '', second)).rejects.toMatchObject(refused);
  });

  test('that comes too late is refused', async () => {
    const { context, challenge } = await challenged();
    // Past the five minutes of a challenge, inside what is let through for the Timestamp.
    const later = new Date(Date.now() + 5.5 * 60_000);
    await seat.world.control('time', { date: later.toISOString() });
    try {
      await expect(answer(context, challenge, second)).rejects.toMatchObject({ faultCode: 'ws-trust:ExpiredData' }); // prettier-ignore
    } finally {
      await seat.world.control('time', { date: new Date().toISOString() });
    }
  });
});
