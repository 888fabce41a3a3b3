/**
 * The text that is kept of an answer: its own bytes where they stand alone, else the same with the
 * declarations around it. xmlsec1
 * signs the answers and judges what is kept.
 */

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { assertionText } from '../../src/saml/verbatim.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import { NS_SAML } from '../../src/xml/namespaces.js';
import { walk } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { verifyXml } from '../../src/xml/verify.js';
import { hasProgram } from '../support/tools.js';

const EXC = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const XS = 'http://www.w3.org/2001/XMLSchema';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

let folder = '';
let trusted: readonly Certificate[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'topaz-verbatim-'));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(folder, 'sts.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  execFileSync('openssl', ['req', '-x509', '-new', '-key', join(folder, 'sts.key'), '-out', join(folder, 'sts.pem'), '-subj', '/CN=sts', '-days', '30']); // prettier-ignore
  trusted = parsePemCertificates(readFileSync(join(folder, 'sts.pem'), 'utf8'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Form {
  /** Declared on the envelope, on the assertion. */
  readonly outer?: string;
  readonly inner?: string;
  readonly prefix?: string;
  readonly content?: string;
  readonly prefixList?: readonly string[];
}

function answer({
  outer = '',
  inner = '',
  prefix = '',
  content = '',
  prefixList = [],
}: Form): string {
  const xml = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"${outer}><soap:Body><r:Response xmlns:r="urn:r"><${prefix}Assertion${inner} Issuer='urn:sts'  AssertionID="_a">${content}</${prefix}Assertion></r:Response></soap:Body></soap:Envelope>`; // prettier-ignore
  const template = xml.replace(`</${prefix}Assertion>`, `${signatureTemplate(prefixList)}</${prefix}Assertion>`);
  const file = join(folder, 'template.xml');
  writeFileSync(file, template);
  const signed = execFileSync('xmlsec1', ['--sign', '--privkey-pem', join(folder, 'sts.key'), '--id-attr:AssertionID', `${NS_SAML}:Assertion`, file], { encoding: 'utf8', stdio: 'pipe' });
  // Its values only: the rest must stay as it was written here.
  return ['DigestValue', 'SignatureValue'].reduce((text, name) => {
    const made = new RegExp(`<ds:${name}>([^<]+)<`).exec(signed)?.[1] ?? '';
    return text.replace(`<ds:${name}/>`, `<ds:${name}>${made}</ds:${name}>`);
  }, template);
} // prettier-ignore

function signatureTemplate(prefixList: readonly string[]): string {
  const list =
    prefixList.length === 0
      ? ''
      : `<ec:InclusiveNamespaces xmlns:ec="${EXC}" PrefixList="${prefixList.join(' ')}"/>`;
  return `<ds:Signature xmlns:ds="${DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${EXC}"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#_a"><ds:Transforms><ds:Transform Algorithm="${DS}enveloped-signature"/><ds:Transform Algorithm="${EXC}">${list}</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;
}

function keep(xml: string, { withRaw = true } = {}): string {
  const raw = new TextEncoder().encode(xml);
  const envelope = readXml(raw);
  const element = [...walk(envelope)].find(({ name }) => name === 'Assertion');
  if (element === undefined) throw new Error('no assertion');
  const options = { trusted, idAttribute: 'AssertionID' } as const;
  const signed = verifyXml(element, envelope, options).canonical;
  return assertionText(
    element,
    envelope,
    withRaw ? raw : undefined,
    (kept) => verifyXml(kept, kept, options).canonical === signed,
  );
}

function judge(kept: string): void {
  const file = join(folder, 'kept.xml');
  writeFileSync(file, kept);
  execFileSync('xmlsec1', ['--verify', '--pubkey-cert-pem', join(folder, 'sts.pem'), '--id-attr:AssertionID', `${NS_SAML}:Assertion`, file], { stdio: 'pipe' }); // prettier-ignore
}

const value = '<Value xsi:type="xs:string">é &amp; \u{1F600}</Value>';
const own = ` xmlns="${NS_SAML}"`;

const suite = hasProgram('xmlsec1') ? describe : describe.skip;

suite('bytes that stand alone are kept as they are', () => {
  test.each<[string, Form]>([
    ['a default namespace', { inner: own, content: '<Value>é</Value>' }],
    ['a prefix of its own', { inner: ` xmlns:saml="${NS_SAML}"`, prefix: 'saml:', content: '<saml:V a="1"/>' }],
    ['types that it declares', { inner: `${own} xmlns:xs="${XS}" xmlns:xsi="${XSI}"`, content: value }],
    ['types in a PrefixList', { inner: `${own} xmlns:xs="${XS}" xmlns:xsi="${XSI}"`, content: value, prefixList: ['xs'] }],
    ['white space and empty elements', { inner: own, content: '\n  <A ></A >\n<B/>' }],
  ])('%s', (_, form) => {
    const xml = answer(form);
    const kept = keep(xml);
    expect(xml).toContain(kept);
    expect(kept).toContain(`Issuer='urn:sts'  AssertionID`);
    judge(kept);
  }); // prettier-ignore
});

suite('declarations around it come with it', () => {
  test.each<[string, Form]>([
    ['its own prefix', { outer: ` xmlns:saml="${NS_SAML}"`, prefix: 'saml:', content: '<saml:V/>' }],
    ['the default namespace', { outer: own, content: '<Value>é</Value>' }],
    ['types', { outer: ` xmlns:xs="${XS}" xmlns:xsi="${XSI}"`, inner: own, content: value }],
    ['types alone', { outer: ` xmlns:xs="${XS}"`, inner: `${own} xmlns:xsi="${XSI}"`, content: value }],
    ['a PrefixList', { outer: ` xmlns:xs="${XS}"`, inner: `${own} xmlns:xsi="${XSI}"`, content: value, prefixList: ['xs'] }],
  ])('%s', (_, form) => {
    const kept = keep(answer(form));
    const assertion = readXml(kept);
    expect(assertion).toMatchObject({ name: 'Assertion', namespace: NS_SAML });
    if (form.content === value) {
      expect(kept).toContain(`xmlns:xs="${XS}"`);
    }
    judge(kept);
  }); // prettier-ignore

  test('also where the bytes are not at hand', () => {
    const kept = keep(answer({ inner: own, content: '<Value>é</Value>' }), { withRaw: false });
    judge(kept);
  });

  test('what only looks like its first tag does not mislead', () => {
    const xml = answer({ inner: own }).replace('<soap:Body>', '<!-- <Assertion > --><soap:Body>');
    const kept = keep(xml);
    expect(kept).not.toContain('soap:Body');
    judge(kept);
  });
});

suite('what nobody reads', () => {
  test('a comment, which nobody signed, is not kept', () => {
  const xml = answer({ inner: own, content: '<Value>12</Value>' }).replace('>12<', '>1<!-- x -->2<');
  const kept = keep(xml);
  expect(kept).toContain('<Value>12</Value>');
  judge(kept);
}); // prettier-ignore

  test('instructions are refused', () => {
    const xml = answer({ inner: own, content: '<Value/><?go now?>' });
    expect(() => keep(xml)).toThrow(expect.objectContaining({ code: 'E_ASSERTION_INVALID' }));
  });
});
