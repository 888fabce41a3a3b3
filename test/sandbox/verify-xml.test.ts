/** The sandbox's own judgement of signatures: made by xmlsec1, with and without prefix lists, whole and broken. */

import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { DS, SOAP } from '../../src/sandbox/names.js';
import { verifySignature } from '../../src/sandbox/verify-xml.js';
import type { VerifiedSignature } from '../../src/sandbox/verify-xml.js';
import { readXml, walk } from '../../src/sandbox/xml-read.js';
import { hasProgram } from '../support/tools.js';

const folder = mkdtempSync(join(tmpdir(), 'topaz-verify-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keyFile = join(folder, 'key.pem');
writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));

const EXC = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const WSU = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';

/** A message like those of clients that list the prefix of the envelope. */
function message(prefixes: string): string {
  const list =
    prefixes === '' ? '' : `<ec:InclusiveNamespaces xmlns:ec="${EXC}" PrefixList="${prefixes}"/>`;
  const template =
    `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP}" xmlns:unused="urn:unused"><SOAP-ENV:Header>` +
    `<ds:Signature xmlns:ds="${DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${EXC}">${list}</ds:CanonicalizationMethod>` +
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#body"><ds:Transforms>' +
    `<ds:Transform Algorithm="${EXC}">${list}</ds:Transform></ds:Transforms>` +
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>' +
    '<ds:SignatureValue/><ds:KeyInfo/></ds:Signature></SOAP-ENV:Header>' +
    `<SOAP-ENV:Body xmlns:wsu="${WSU}" wsu:Id="body"><a xmlns="urn:a">text</a></SOAP-ENV:Body></SOAP-ENV:Envelope>`;
  const file = join(folder, 'template.xml');
  writeFileSync(file, template);
  return execFileSync(
    'xmlsec1',
    ['--sign', '--privkey-pem', keyFile, '--id-attr:Id', `${SOAP}:Body`, file],
    { encoding: 'utf8', stdio: 'pipe' },
  );
}

function judge(xml: string): VerifiedSignature {
  const reading = readXml(xml);
  try {
    const signature = [...walk(reading.root)].find(({ name }) => name === 'Signature');
    if (signature === undefined) throw new Error('no signature');
    return verifySignature({
      xml,
      root: reading.root,
      signature,
      key: createPublicKey(privateKey),
      ids: ['body'],
      enveloped: false,
    });
  } finally {
    reading.dispose();
  }
}

(hasProgram('xmlsec1') ? describe : describe.skip)('verifySignature', () => {
  test.each(['', 'SOAP-ENV', 'SOAP-ENV unused', 'wsu SOAP-ENV'])(
    'takes what xmlsec1 signed with the prefix list "%s"',
    (prefixes) => {
      const { signed, prefixLists } = judge(message(prefixes));
      expect(prefixLists).toBe(prefixes !== '');
      expect(signed.get('body')).toContain('<a xmlns="urn:a">text</a>');
      expect(signed.get('body')?.includes('xmlns:unused')).toBe(prefixes.includes('unused'));
    },
  );

  describe.each(['', 'SOAP-ENV'])('with the prefix list "%s"', (prefixes) => {
    test.each<[string, (xml: string) => string]>([
      ['changed content', (xml) => xml.replace('>text<', '>other<')],
      ['a changed value', (xml) => xml.replace(/<ds:SignatureValue>...../, '<ds:SignatureValue>AAAAA')],
      ['a reference to nothing', (xml) => xml.replace('URI="#body"', 'URI="#none"')],
      ['an id twice', (xml) => xml.replace('<SOAP-ENV:Header>', '<SOAP-ENV:Header Id="body">')],
    ])('refuses %s', (_, change) => {
      const changed = change(message(prefixes));
      expect(() => judge(changed)).toThrow(expect.objectContaining({ name: 'SignatureError' }));
    }); // prettier-ignore
  });

  test('a declaration counts only where the list names it', () => {
    const change = (xml: string): string => xml.replace('urn:unused', 'urn:changed');
    expect(judge(change(message('SOAP-ENV'))).signed.size).toBe(1);
    expect(() => judge(change(message('SOAP-ENV unused')))).toThrow();
  });

  test('refuses a list that is none', () => {
    const xml = message('SOAP-ENV').replaceAll('InclusiveNamespaces', 'Parameters');
    expect(() => judge(xml)).toThrow('parameters');
  });
});
