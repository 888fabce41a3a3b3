/**
 * Sessions of every kind of key and holder at the sandbox's STS, over TLS. The sandbox verifies with
 * xml-crypto and the official schemas; Apache Santuario (verify-wss) judges the recorded messages once more.
 */

import { execFile, execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { EidCard } from '../../src/eid/card.js';
import type { Signer } from '../../src/keys/keys.js';
import { createSigner } from '../../src/keys/software-keys.js';
import { readProfile } from '../../src/profile/profile.js';
import { trustRoots } from '../../src/profile/trust.js';
import { publicKeyInfoOf } from '../../src/sandbox/citizen-pki.js';
import { openSession } from '../../src/sts/open-session.js';
import type { OpenSessionContext, OpenSessionRequest } from '../../src/sts/open-session.js';
import type { Session } from '../../src/sts/session.js';
import { fingerprint, parseCertificate } from '../../src/x509/certificate.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { formatPem } from '../../src/x509/pem.js';
import { NS_SAML } from '../../src/xml/namespaces.js';
import { openWorld, pin } from '../lifecycle/world.js';
import type { World } from '../lifecycle/world.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';

const CERTIFIED = 'urn:be:fgov:certified-namespace:ehealth';
const run = promisify(execFile);

let world: World;
let context: OpenSessionContext;
let trusted: readonly Certificate[];
let doctor: Signer;
let group: Signer;
let cards: Readonly<Record<'rsa' | 'ec' | 'nurse', string>>;
let open: EidCard | undefined;
let seen = 0;

async function keystoreOf(holder: string, notAfter?: Date): Promise<Signer> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { chainBase64 } = await world.control('keystore.issue', {
    holder,
    publicKeyInfoBase64: Buffer.from(publicKeyInfoOf(privateKey)).toString('base64'),
    ...(notAfter === undefined ? {} : { notAfter: notAfter.toISOString() }),
  });
  const [leaf, ...issuers] = (chainBase64 as string[]).map((der) =>
    parseCertificate(Uint8Array.from(Buffer.from(der, 'base64'))),
  );
  if (leaf === undefined) throw new Error('no certificate');
  return createSigner(privateKey, [leaf, ...issuers]);
}

async function cardSigner(name: keyof typeof cards): Promise<Signer> {
  open = await world.openCard(cards[name]);
  return open.authenticationSigner(pin);
}

const ask = (request: Partial<OpenSessionRequest> = {}): Promise<Session> =>
  openSession(
    {
      protocol: 'saml',
      via: 'keystore',
      authentication: doctor,
      holderOfKey: doctor,
      quality: 'doctor',
      environment: 'sandbox',
      trusted,
      ...request,
    },
    context,
  );

interface Check {
  readonly name: string;
  readonly state: string;
  readonly detail?: string;
}

/** Path without ending, and verdicts, of the exchanges since the last look. */
async function exchanges(): Promise<readonly { readonly path: string; readonly checks: readonly Check[] }[]> {
  const names = (await readdir(world.path('record'))).filter((name) => /^\d+-sts-.*\.json$/.test(name)).sort();
  const fresh = names.slice(seen);
  seen = names.length;
  return Promise.all(
    fresh.map(async (name) => {
      const path = world.path('record', name);
      const { checks } = JSON.parse(await readFile(path, 'utf8')) as { checks: readonly Check[] };
      return { path: path.replace(/\.json$/, ''), checks };
    }),
  );
} // prettier-ignore

beforeAll(async () => {
  world = await openWorld({ strict: false });
  const profile = await readProfile(world.paths, 'sandbox');
  trusted = await trustRoots(profile, 'stsSigner');
  context = {
    call: world.call,
    url: profile.endpoints.stsSaml11 ?? '',
    now: () => new Date(),
    newId: () => randomUUID(),
  };
  doctor = await keystoreOf('SSIN=79021599732');
  group = await keystoreOf('NIHII-GROUP=94499180');
  cards = {
    rsa: await world.makeCard('rsa', { key: 'rsa' }),
    ec: await world.makeCard('ec', { key: 'ec' }),
    nurse: await world.makeCard('nurse', { ssin: '72090499770', name: 'Arno Modèle' }),
  };
}, 30_000);
afterAll(() => world.close());
beforeEach(async () => {
  await world.control('fail', { clear: true });
  await exchanges();
});
afterEach(async () => {
  await open?.close();
  open = undefined;
});

describe('a session', () => {
  test.each([
    { name: 'fallback', via: 'keystore', card: undefined },
    { name: 'card with an RSA key', via: 'eid', card: 'rsa' },
    { name: 'card with a P-384 key', via: 'eid', card: 'ec' },
  ] as const)('$name: every check of the service passes, and every judge agrees', async ({ via, card }) => {
    const authentication = card === undefined ? doctor : await cardSigner(card);
    const session = await ask({ via, authentication });

    expect(session).toMatchObject({
      via,
      environment: 'sandbox',
      holder: { type: 'NIHII11', id: '19547181004', quality: 'doctor' },
      holderOfKey: fingerprint(doctor.certificate),
    });
    expect(session.assertionId).toMatch(/^_[0-9a-f]{32}$/);
    expect(session.attributes).toContainEqual({ namespace: CERTIFIED, name: 'urn:be:fgov:person:ssin:doctor:boolean', values: ['true'] });
    const [exchange] = await exchanges();
    const states = Object.fromEntries((exchange?.checks ?? []).map(({ name, state, detail }) => [name, detail?.startsWith('tolerated') === true ? 'tolerated' : state]));
    expect(states).toMatchObject({ soapAction: 'ok', token: 'ok', signature: 'ok', freshness: 'ok', innerSignature: 'ok', business: 'ok', schema: hasShared() ? 'ok' : 'skipped' });
    if (hasShared() && hasProgram('java')) {
      const request = `${exchange?.path ?? ''}.request.body`;
      const { stdout } = await run(join(SHARED, 'tools/verify-wss/verify-wss'), ['--expect', 'x509', '--require-inner', '--json', request]);
      expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    }
  }, 30_000); // prettier-ignore

  test('keeps the assertion byte for byte, and xmlsec1 verifies what is kept', async () => {
    const { assertion } = await ask();
    const [exchange] = await exchanges();
    expect(await readFile(`${exchange?.path ?? ''}.response.body`, 'utf8')).toContain(assertion);
    if (hasProgram('xmlsec1')) {
      const [file, pem] = [world.path('assertion.xml'), world.path('sts.pem')];
      await writeFile(file, assertion);
      await writeFile(pem, formatPem('CERTIFICATE', trusted[0]?.der ?? new Uint8Array()));
      execFileSync('xmlsec1', ['--verify', '--pubkey-cert-pem', pem, '--enabled-key-data', 'x509', '--id-attr:AssertionID', `${NS_SAML}:Assertion`, file], { stdio: 'pipe' }); // prettier-ignore
    }
  });

  test('of an organisation carries its number', async () => {
    const session = await ask({ authentication: group, holderOfKey: group, quality: 'groupofnurses' }); // prettier-ignore
    expect(session.holder).toEqual({ type: 'NIHII-GROUP', id: '94499180', quality: 'groupofnurses' }); // prettier-ignore
  });

  test('of an organisation can be opened with the card of a mandate holder, and with no other', async () => {
    const request = { via: 'eid', holderOfKey: group, quality: 'groupofnurses' } as const;
    const session = await ask({ ...request, authentication: await cardSigner('nurse') });
    expect(session).toMatchObject({ via: 'eid', holder: { id: '94499180' } });
    await open?.close();
    await expect(ask({ ...request, authentication: await cardSigner('ec') })).rejects.toMatchObject({
      code: 'E_STS_REFUSED',
      details: { statusCode: 'Requester RequestDenied' },
    });
  }); // prettier-ignore

  test('lives as long as was asked', async () => {
    const session = await ask({ minutes: 30 });
    expect(session.notOnOrAfter.getTime() - session.openedAt.getTime()).toBe(30 * 60_000);
  });

  test('does not outlive its key', async () => {
    const end = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);
    const short = await keystoreOf('SSIN=79021599732', end);
    const session = await ask({ authentication: short, holderOfKey: short });
    expect(session.notOnOrAfter.getTime()).toBeLessThanOrEqual(end.getTime());
  });

  test('SHA-1 is sent only on demand, in both signatures, and a P-384 card keeps SHA-256', async () => {
    await ask({ signatureDigest: 'sha1' });
    await ask({ via: 'eid', authentication: await cardSigner('ec'), signatureDigest: 'sha1' });
    const [fallback, card] = await exchanges();
    const sha1 = (exchange: typeof fallback): readonly string[] =>
      (exchange?.checks ?? []).filter(({ detail }) => detail?.includes('SHA-1') === true).map(({ name }) => name); // prettier-ignore
    expect(sha1(fallback)).toEqual(['signature', 'innerSignature']);
    expect(sha1(card)).toEqual(['innerSignature']);
  });
});

describe('no session', () => {
  test.each([
    ['bad-signature', 'E_SIGNATURE_INVALID'],
    ['expired', 'E_ASSERTION_INVALID'],
    ['wrong-holder', 'E_ASSERTION_INVALID'],
    ['fault:SOA-02002', 'E_SOAP_FAULT'],
    ['http:503', 'E_NETWORK_HTTP'],
    ['truncated', 'E_XML_MALFORMED'],
  ])('when the STS answers with %s', async (kind, code) => {
    await world.control('fail', { target: 'sts', kind });
    await expect(ask()).rejects.toMatchObject({ code });
  });

  test('when the answer is not signed by the STS of the profile', async () => {
    await expect(ask({ trusted: [doctor.certificate] })).rejects.toMatchObject({ code: 'E_SIGNATURE_INVALID' }); // prettier-ignore
    await expect(ask({ trusted: [] })).rejects.toMatchObject({ code: 'E_SIGNATURE_INVALID' });
  });

  test.each(['nurse', 'dentist'])('for a doctor who asks as %s', async (quality) => {
    await expect(ask({ quality })).rejects.toMatchObject({ code: 'E_STS_REFUSED' });
  });

  test('without an attribute that the profile asks for besides', async () => {
    const more = 'urn:be:fgov:person:ssin:ehealth:1.0:professional:midwife:boolean';
    await expect(ask({ designators: [more] })).rejects.toMatchObject({
      code: 'E_STS_REFUSED',
      facts: ['not certified: recognised as midwife'],
    });
  });

  test.each([
    ['surgeon', 'is not a quality'],
    ['constructor', 'is not a quality'],
    ['hospital', 'cannot act as'],
  ])('as %s: nothing is sent', async (quality, words) => {
    const before = world.calls.length;
    await expect(ask({ quality })).rejects.toMatchObject({
      code: 'E_USAGE',
      message: expect.stringContaining(words),
    });
    expect(world.calls.length).toBe(before);
  });
});
