/**
 * What must hold before an assertion of the STS is stored: each rule of sts-session §3.1 broken once. The
 * answers are made by a test STS; xmlsec1 judges what is kept of them.
 */

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { Signer } from '../../src/keys/keys.js';
import { createSigner } from '../../src/keys/software-keys.js';
import { attributeQuery } from '../../src/saml/request.js';
import type { AttributeQuery } from '../../src/saml/request.js';
import { readResponse } from '../../src/saml/response.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import { namespace } from '../../src/xml/build.js';
import { NS_DS, NS_SAML, NS_SAMLP, NS_SOAP } from '../../src/xml/namespaces.js';
import { elements, requireChild } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { signXml } from '../../src/xml/sign.js';
import { writeXml } from '../../src/xml/write.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';

const ID = 'urn:be:fgov:identification-namespace';
const CERTIFIED = 'urn:be:fgov:certified-namespace:ehealth';
const SSIN = 'urn:be:fgov:person:ssin';
const DOCTOR = 'urn:be:fgov:person:ssin:doctor:boolean';
const NIHII = 'urn:be:fgov:person:ssin:ehealth:1.0:doctor:nihii11';
const NAME = 'urn:be:fgov:person:ssin:ehealth:1.0:givenname';
const NOW = new Date('2026-03-01T09:00:00Z');
const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);

let folder = '';
let sts: Signer;
let holder: Signer;
let stranger: Signer;

function signer(name: string): Signer {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = join(folder, `${name}.key`);
  const pem = join(folder, `${name}.pem`);
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  execFileSync('openssl', ['req', '-x509', '-new', '-key', key, '-out', pem, '-subj', `/CN=${name}`, '-days', '30']); // prettier-ignore
  const [certificate] = parsePemCertificates(readFileSync(pem, 'utf8'));
  if (certificate === undefined) throw new Error('no certificate');
  return createSigner(privateKey, [certificate]);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'topaz-saml-'));
  [sts, holder, stranger] = [signer('sts'), signer('holder'), signer('stranger')];
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const query = (): AttributeQuery => ({
  requestId: 'request-1',
  assertionId: 'assertion-1',
  authentication: holder.certificate,
  holderOfKey: holder.certificate,
  now: NOW,
  notOnOrAfter: later(24 * 60),
  attributes: [{ namespace: ID, name: SSIN, values: ['79021599732'] }],
  designators: [
    { namespace: ID, name: SSIN },
    { namespace: CERTIFIED, name: DOCTOR },
    { namespace: CERTIFIED, name: NIHII },
    { namespace: CERTIFIED, name: NAME },
  ],
});

interface Play {
  readonly signer?: Signer;
  readonly holder?: Signer;
  readonly inResponseTo?: string;
  readonly issuer?: string;
  readonly minor?: string;
  readonly notBefore?: Date;
  readonly notOnOrAfter?: Date;
  readonly method?: string;
  /** Common name of the subject in each statement. */
  readonly subjects?: readonly [string, string];
  /** Of the second statement. */
  readonly secondHolder?: Signer;
  readonly audiences?: readonly string[];
  readonly condition?: string;
  readonly ssin?: string;
  readonly doctor?: string | undefined;
  readonly nihii?: string | undefined;
  readonly status?: string;
  readonly message?: string;
  readonly count?: number;
  /** More attributes of the certified namespace. */
  readonly more?: readonly (readonly [string, string])[];
  readonly identity?: boolean;
  readonly insistOn?: readonly string[];
  readonly change?: (xml: string) => string;
}

const samlp = namespace('samlp', NS_SAMLP);
const saml = namespace('', NS_SAML);
const ds = namespace('ds', NS_DS);

async function answer(play: Play): Promise<string> {
  const attribute = (uri: string, name: string, value: string | undefined) =>
    value === undefined
      ? undefined
      : saml('Attribute', { AttributeName: name, AttributeNamespace: uri }, saml('AttributeValue', {}, value)); // prettier-ignore
  const [first, second] = play.subjects ?? ['holder', 'holder'];
  const confirmation = (by: Signer) =>
    saml(
      'SubjectConfirmation',
      {},
      saml('ConfirmationMethod', {}, play.method ?? 'urn:oasis:names:tc:SAML:1.0:cm:holder-of-key'),
      ds(
        'KeyInfo',
        {},
        ds(
          'X509Data',
          {},
          ds('X509Certificate', {}, Buffer.from(by.certificate.der).toString('base64')),
        ),
      ),
    );
  const subject = saml('Subject', {}, saml('NameIdentifier', {}, `CN=${first}`), confirmation(play.holder ?? holder)); // prettier-ignore
  const assertion = await signXml(
    saml(
      'Assertion',
      {
        AssertionID: '_abc',
        IssueInstant: NOW.toISOString(),
        Issuer: play.issuer ?? 'urn:be:fgov:ehealth:sts:1_0',
        MajorVersion: '1',
        MinorVersion: play.minor ?? '1',
      },
      saml('Conditions', {
        NotBefore: (play.notBefore ?? NOW).toISOString(),
        NotOnOrAfter: (play.notOnOrAfter ?? later(60)).toISOString(),
      },
      play.audiences === undefined ? undefined : saml('AudienceRestrictionCondition', {}, play.audiences.map((each) => saml('Audience', {}, each))),
      play.condition === undefined ? undefined : saml(play.condition)),
      saml('AuthenticationStatement', { AuthenticationInstant: NOW.toISOString(), AuthenticationMethod: 'urn:oasis:names:tc:SAML:1.0:am:X509-PKI' }, subject),
      saml(
        'AttributeStatement',
        {},
        saml('Subject', {}, saml('NameIdentifier', {}, `CN=${second}`), play.secondHolder === undefined ? undefined : confirmation(play.secondHolder)),
        play.identity === false ? undefined : attribute(ID, SSIN, play.ssin ?? '79021599732'),
        attribute(CERTIFIED, DOCTOR, 'doctor' in play ? play.doctor : 'true'),
        attribute(CERTIFIED, NIHII, 'nihii' in play ? play.nihii : '19547181004'),
        play.more?.map(([name, value]) => attribute(CERTIFIED, name, value)),
      ),
    ),
    { signer: play.signer ?? sts, idAttribute: 'AssertionID', position: 'last' },
  ); // prettier-ignore
  const status = play.status ?? 'samlp:Success';
  const response = samlp(
    'Response',
    {
      ResponseID: '_r',
      InResponseTo: play.inResponseTo ?? 'request-1',
      MajorVersion: '1',
      MinorVersion: '1',
      IssueInstant: NOW.toISOString(),
    },
    samlp(
      'Status',
      {},
      samlp('StatusCode', { Value: status }),
      play.message === undefined ? undefined : samlp('StatusMessage', {}, play.message),
    ),
    Array.from({ length: play.count ?? 1 }, () => assertion),
  );
  const soap = namespace('soap', NS_SOAP);
  const xml = writeXml(soap('Envelope', {}, soap('Body', {}, response)));
  return play.change?.(xml) ?? xml;
}

async function judge(play: Play) {
  const raw = new TextEncoder().encode(await answer(play));
  const envelope = readXml(raw);
  const [payload] = elements(requireChild(envelope, NS_SOAP, 'Body'));
  if (payload === undefined) throw new Error('no payload');
  return readResponse(payload, envelope, {
    query: { ...query(), insistOn: play.insistOn },
    trusted: [sts.certificate],
    now: NOW,
    raw,
  });
}

describe('a good answer', () => {
  test('gives times, attributes and a text that stands alone', async () => {
    const verified = await judge({});
    expect(verified.assertionId).toBe('_abc');
    expect(verified.notOnOrAfter).toEqual(later(60));
    expect(verified.attributes).toContainEqual({ namespace: CERTIFIED, name: NIHII, values: ['19547181004'] }); // prettier-ignore
    expect(verified.xml.startsWith('<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"')).toBe(true); // prettier-ignore
    if (hasProgram('xmlsec1')) {
      const file = join(folder, 'assertion.xml');
      writeFileSync(file, verified.xml);
      execFileSync('xmlsec1', ['--verify', '--pubkey-cert-pem', join(folder, 'sts.pem'), '--enabled-key-data', 'x509', '--id-attr:AssertionID', `${NS_SAML}:Assertion`, file], { stdio: 'pipe' }); // prettier-ignore
    }
  });

  test('may be restricted to services of the government', async () => {
    const audiences = ['urn:other', 'urn:be:fgov:ehealth'];
    await expect(judge({ audiences })).resolves.toBeDefined();
  });

  test('names may be missing: the quality and its number decide', async () => {
    await expect(judge({})).resolves.toBeDefined();
  });

  test('a status under another prefix is the same QName', async () => {
    const change = (xml: string): string =>
      xml.replaceAll('samlp:', 'x:').replace('xmlns:samlp', 'xmlns:x');
    await expect(judge({ change })).resolves.toBeDefined();
  });
});

describe('refused', () => {
  test.each<[string, Play, string]>([
    ['a signer that is not pinned', { get signer() { return stranger; } }, 'E_SIGNATURE_INVALID'],
    ['another holder', { get holder() { return stranger; } }, 'E_ASSERTION_INVALID'],
    ['an answer to another request', { inResponseTo: 'request-2' }, 'E_ASSERTION_INVALID'],
    ['another issuer', { issuer: 'urn:somebody' }, 'E_ASSERTION_INVALID'],
    ['another version', { minor: '0' }, 'E_ASSERTION_INVALID'],
    ['not yet valid', { notBefore: later(6), notOnOrAfter: later(60) }, 'E_ASSERTION_INVALID'],
    ['expired', { notOnOrAfter: later(0) }, 'E_ASSERTION_INVALID'],
    ['longer than asked', { notOnOrAfter: later(48 * 60) }, 'E_ASSERTION_INVALID'],
    ['a bearer', { method: 'urn:oasis:names:tc:SAML:1.0:cm:bearer' }, 'E_ASSERTION_INVALID'],
    ['no person', { identity: false }, 'E_ASSERTION_INVALID'],
    ['a quality that is true and false', { more: [[DOCTOR, 'false']] }, 'E_STS_REFUSED'],
    ['no attribute that the profile insists on', { insistOn: [NAME] }, 'E_STS_REFUSED'],
    ['another person', { ssin: '85061199814' }, 'E_ASSERTION_INVALID'],
    ['a quality that is false', { doctor: 'false' }, 'E_STS_REFUSED'],
    ['a quality that is absent', { doctor: undefined }, 'E_STS_REFUSED'],
    ['a number that is absent', { nihii: undefined }, 'E_STS_REFUSED'],
    ['no assertion', { count: 0 }, 'E_ASSERTION_INVALID'],
    ['two assertions', { count: 2 }, 'E_ASSERTION_INVALID'],
    ['a status of refusal', { status: 'samlp:Requester', message: 'no' }, 'E_STS_REFUSED'],
    ['"Success" of another namespace', { status: 'soap:Success' }, 'E_STS_REFUSED'],
    ['a longer word with Success in it', { status: 'samlp:NoSuccess' }, 'E_STS_REFUSED'],
    ['a changed value', { change: (xml) => xml.replace('19547181004', '19547181005') }, 'E_SIGNATURE_INVALID'],
    ['an unsigned assertion', { change: (xml) => xml.replace(/<ds:Signature[\s\S]*?<\/ds:Signature>/, '') }, 'E_SIGNATURE_INVALID'],
    ['an instruction', { change: (xml) => xml.replace('19547181004<', '19547181004<?x y?><') }, 'E_SIGNATURE_INVALID'],
    ['a wrapped assertion', { change: wrapped }, 'E_SIGNATURE_INVALID'],
  ])('%s', async (_, play, code) => {
    await expect(judge(play)).rejects.toMatchObject({ code });
  }); // prettier-ignore

  test.each<[string, Play, string]>([
    ['another request', { inResponseTo: 'request-2' }, 'request'],
    ['another version', { minor: '0' }, 'version'],
    ['no assertion', { count: 0 }, 'count'],
    ['two assertions', { count: 2 }, 'count'],
    ['another issuer', { issuer: 'urn:somebody' }, 'issuer'],
    ['not yet valid', { notBefore: later(6) }, 'not-yet-valid'],
    ['expired', { notOnOrAfter: later(0) }, 'expired'],
    ['longer than asked', { notOnOrAfter: later(48 * 60) }, 'lifetime'],
    ['a bearer', { method: 'urn:oasis:names:tc:SAML:1.0:cm:bearer' }, 'confirmation'],
    ['another holder', { get holder() { return stranger; } }, 'holder'],
    ['a second holder', { get secondHolder() { return stranger; } }, 'holder'],
    ['another person', { ssin: '85061199814' }, 'identity'],
    ['another subject', { subjects: ['stranger', 'stranger'] }, 'subject'],
    ['a longer name', { subjects: ['holder.other', 'holder.other'] }, 'subject'],
    ['two subjects', { subjects: ['holder', 'stranger'] }, 'subject'],
    ['no name', { subjects: ['', ''] }, 'subject'],
    ['an audience of others', { audiences: ['urn:other'] }, 'conditions'],
    ['a condition that is not known', { condition: 'DoNotCacheCondition' }, 'conditions'],
    ['a comment in a value', { change: (xml) => xml.replace('19547181004', '1954<!-- x -->7181004') }, 'comment'],
    ['a comment in the name', { change: (xml) => xml.replaceAll('CN=holder', 'CN=<!-- x -->holder') }, 'comment'],
    ['a second one in a header', { change: inHeader }, 'count'],
    ['no response', { change: (xml) => xml.replaceAll('samlp:Response', 'samlp:Request') }, 'form'],
  ])('%s: named for programs', async (_, play, check) => {
    await expect(judge(play)).rejects.toMatchObject({
      code: 'E_ASSERTION_INVALID',
      details: { service: 'sts', check },
    });
  }); // prettier-ignore

  test.each<[string, string, string]>([
    ['VersionMismatch', 'RequestVersionTooHigh', 'report'],
    ['Requester', 'TooManyResponses', 'report'],
    ['Requester', 'RequestDenied', '--as'],
    ['Requester', 'ResourceNotRecognized', '--as'],
    ['Requester', 'PeriodOver', 'clock'],
    ['Responder', '', 'try again'],
  ])('the status %s %s has its next step', async (top, nested, words) => {
    const change = (xml: string): string =>
      nested === ''
        ? xml
        : xml.replace(/(<samlp:StatusCode [^>]*)\/>/, `$1><samlp:StatusCode Value="samlp:${nested}"/></samlp:StatusCode>`);
    await expect(judge({ status: `samlp:${top}`, message: 'about 79.02.15-997.32', change })).rejects.toMatchObject({
      code: 'E_STS_REFUSED',
      hint: expect.stringContaining(words) as unknown,
      facts: [expect.not.stringContaining('997.32') as unknown],
    });
  }); // prettier-ignore

  test('what is not certified is said in words, and by its name for programs', async () => {
    await expect(judge({ doctor: 'false', nihii: undefined })).rejects.toMatchObject({
      facts: ['not certified: recognised as doctor', 'not certified: NIHII number as doctor'],
      details: { notCertified: [DOCTOR, NIHII] },
    });
  });

  test('a clock that is wrong is named as what to check', async () => {
    await expect(judge({ notOnOrAfter: later(-1) })).rejects.toMatchObject({
      hint: expect.stringContaining('clock'),
    });
  });

  test('a second status code refines the first', async () => {
    const change = (xml: string): string =>
      xml.replace(
        '<samlp:StatusCode Value="samlp:Requester"/>',
        '<samlp:StatusCode Value="samlp:Requester"><samlp:StatusCode Value="samlp:RequestDenied"/></samlp:StatusCode>',
      );
    await expect(judge({ status: 'samlp:Requester', message: 'no', change })).rejects.toMatchObject({
      details: { statusCode: 'Requester RequestDenied', statusMessage: 'no' },
    });
  }); // prettier-ignore

  test('the words of the STS are kept', async () => {
    await expect(judge({ status: 'samlp:Requester', message: 'unknown quality' })).rejects.toMatchObject({
      facts: ['eHealth: Requester unknown quality'],
    }); // prettier-ignore
  });

  test('no number of a person reaches the message', async () => {
    const error: unknown = await judge({ ssin: '85061199814' }).catch((caught: unknown) => caught);
    expect(JSON.stringify(error)).not.toMatch(/850611|790215/);
  });
});

/** A copy under another id, unsigned, where nothing is looked for. */
function inHeader(xml: string): string {
  const real = /<Assertion[\s\S]*<\/Assertion>/.exec(xml)?.[0] ?? '';
  const copy = real
    .replace('"_abc"', '"_copy"')
    .replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, '');
  return xml.replace('<soap:Body>', () => `<soap:Header>${copy}</soap:Header><soap:Body>`);
}

/** The real assertion inside a copy that claims something else. */
function wrapped(xml: string): string {
  const real = /<Assertion[\s\S]*<\/Assertion>/.exec(xml)?.[0] ?? '';
  const signature = /<ds:Signature[\s\S]*?<\/ds:Signature>/.exec(real)?.[0] ?? '';
  const evil = real
    .replace(signature, `<Advice>${real}</Advice>${signature}`)
    .replace('"_abc"', '"_evil"')
    .replace('true', 'TRUE');
  return xml.replace(real, evil);
}

(hasShared() ? describe : describe.skip)('the request', () => {
  test('is valid by the official schema, signed and unsigned', async () => {
    const request = attributeQuery(query());
    const signed = await signXml(request, { signer: holder, idAttribute: 'RequestID', position: 'first' }); // prettier-ignore
    for (const [name, xml] of [
      ['unsigned', writeXml(request)],
      ['signed', writeXml(signed)],
    ] as const) {
      const file = join(folder, `${name}.xml`);
      writeFileSync(file, xml);
      execFileSync('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/sts/oasis-sstc-saml-schema-protocol-1.1.xsd'), file], { stdio: 'pipe' }); // prettier-ignore
    }
  });
});
