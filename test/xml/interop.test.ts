/**
 * Both directions with xmlsec1 (libxml2), xml-crypto (xmldom) and Apache Santuario: odd documents, every
 * algorithm. Each program reads what the others wrote.
 */

import { execFile, execFileSync } from 'node:child_process';
import { sign, verify } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignedXml } from 'xml-crypto';

import type { SignatureAlgorithm } from '../../src/keys/keys.js';
import { SIGNATURE_URIS } from '../../src/xml/algorithms.js';
import { NS_SAML } from '../../src/xml/namespaces.js';
import { children, walk } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { signXml } from '../../src/xml/sign.js';
import type { XmlElement } from '../../src/xml/tree.js';
import { verifyXml } from '../../src/xml/verify.js';
import { writeXml } from '../../src/xml/write.js';
import { hasProgram } from '../support/tools.js';
import { makeKey } from './test-keys.js';
import type { TestKey } from './test-keys.js';

const run = promisify(execFile);
const DEEP = process.env['TOPAZ_DEEP'] === '1';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

let folder = '';
const keys: Record<string, TestKey> = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'topaz-interop-'));
  for (const [name, kind] of [['rsa', 2048], ['p256', 'P-256'], ['p384', 'P-384'], ['p521', 'P-521'], ['other', 2048]] as const) {
    keys[name] = makeKey(folder, name, kind);
  } // prettier-ignore
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const key = (name: string): TestKey => {
  const found = keys[name];
  if (found === undefined) throw new Error(`no key ${name}`);
  return found;
};

/** Key and algorithm, each pair that fits and that xmlsec1 knows: RSA-PSS is not among them. */
const ALGORITHMS: readonly (readonly [string, SignatureAlgorithm])[] = [
  ['rsa', 'rsa-sha256'],
  ['p256', 'ecdsa-sha256'],
  ['p384', 'ecdsa-sha256'],
  ['p384', 'ecdsa-sha384'],
  ['p521', 'ecdsa-sha512'],
];

const assertion = (content: string, attributes = ''): string =>
  `<Assertion xmlns="${NS_SAML}" AssertionID="_a"${attributes}>${content}</Assertion>`;

/** What is hard about each stands in its name. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  plain: assertion('<Value>1</Value>'),
  'inherited namespaces': `<r xmlns="urn:r" xmlns:x="urn:x" xmlns:unused="urn:u"><s:Assertion xmlns:s="${NS_SAML}" AssertionID="_a"><x:Value x:y="1"/></s:Assertion></r>`,
  'a prefix that sorts before ds': `<S:r xmlns:S="urn:s" xmlns:SOAP-ENV="urn:env"><S:x SOAP-ENV:y="1"/>${assertion('<S:Value SOAP-ENV:z="1" S:a="2"/>')}</S:r>`,
  'carriage returns': assertion('<Value a="x&#13;y">line&#13;\nline&#xD;</Value>'),
  'tabs and line feeds': assertion('<Value a="x&#9;y&#10;z" b=" c ">\ttab\n\n line </Value>'),
  'characters beyond the BMP': assertion('<Value a="\u{1F600}\uFFFD">é€\u{10FFFF}\u{20000}</Value>'),
  'CDATA sections': assertion('<Value><![CDATA[<&>]]> and <![CDATA[]]>]]&gt;<![CDATA[ "x" ]]></Value>'),
  comments: assertion('<!-- one --><Value>8507<!-- two -->15</Value><!-- three -->'),
  instructions: assertion('<?go on?><Value><?stop?></Value>'),
  'default namespaces undone': assertion('<p:Value xmlns:p="urn:p"><a xmlns=""><b xmlns="urn:b"/><c/></a></p:Value>'),
  'a default namespace bound anew': assertion(`<Value xmlns="urn:v"><Value xmlns="${NS_SAML}"/></Value>`),
  'attributes in another order': assertion('<Value z="1" b:z="2" a:z="3" a="4" b:a="5" xmlns:b="urn:1" xmlns:a="urn:2" xml:lang="fr"/>'),
  'a QName in a value': assertion('<Value xmlns:xs="urn:xs" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string"/>'),
  'every escape': assertion('<Value a="&lt;&gt;&amp;&quot;\'">&lt;&gt;&amp;"\'</Value>'),
}; // prettier-ignore
const NAMES = Object.keys(DOCUMENTS);
const documentOf = (name: string): string => DOCUMENTS[name] ?? '';

/** xmlsec1 on many files at once costs one start. */
const xmlsec1 = hasProgram('xmlsec1') ? test : test.skip;

async function xmlsecVerifies(xml: string, { pemFile }: TestKey): Promise<boolean> {
  const file = join(folder, 'to-verify.xml');
  writeFileSync(file, xml);
  try {
    await run('xmlsec1', ['--verify', '--pubkey-cert-pem', pemFile, '--enabled-key-data', 'x509', '--id-attr:AssertionID', `${NS_SAML}:Assertion`, file]); // prettier-ignore
    return true;
  } catch {
    return false;
  }
}

const ECDSA = (hash: string, uri: string) =>
  class {
    getAlgorithmName = (): string => uri;
    getSignature = (data: string | Buffer, privateKey: string): string =>
      sign(hash, Buffer.from(data), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
        'base64',
      );
    verifySignature = (data: string, publicKey: string, value: string): boolean =>
      verify(hash, Buffer.from(data), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(value, 'base64')); // prettier-ignore
  };

function teach(signer: SignedXml): void {
  for (const hash of ['sha256', 'sha384', 'sha512'] as const) {
    const uri = SIGNATURE_URIS[`ecdsa-${hash}`];
    Object.assign(signer.SignatureAlgorithms, { [uri]: ECDSA(hash, uri) });
  }
}

function xmlCryptoVerifies(xml: string, { pemFile }: TestKey): boolean {
  const judge = new SignedXml({ publicCert: readFileSync(pemFile, 'utf8'), idAttribute: 'AssertionID' }); // prettier-ignore
  teach(judge);
  judge.loadSignature(/<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)?.[0] ?? '');
  try {
    return judge.checkSignature(xml);
  } catch {
    return false;
  }
}

/** Comments and instructions of the outer document do not come into ours: they are not written. */
function writable(element: XmlElement): XmlElement {
  const nodes = element.children.filter(({ kind }) => kind === 'element' || kind === 'text');
  return {
    ...element,
    children: nodes.map((node) => (node.kind === 'element' ? writable(node) : node)),
  };
}

async function signedHere(
  name: string,
  { signer }: TestKey,
  algorithm?: SignatureAlgorithm,
): Promise<string> {
  const root = writable(readXml(documentOf(name)));
  const signed = await signXml(assertionIn(root), { signer, algorithm, idAttribute: 'AssertionID', position: 'last' }); // prettier-ignore
  return writeXml(put(root, signed));
}

const isAssertion = ({ name, namespace }: XmlElement): boolean =>
  name === 'Assertion' && namespace === NS_SAML;

function assertionIn(root: XmlElement): XmlElement {
  const found = [...walk(root)].find(isAssertion);
  if (found === undefined) throw new Error('no assertion');
  return found;
}

const put = (root: XmlElement, signed: XmlElement): XmlElement =>
  isAssertion(root)
    ? signed
    : {
        ...root,
        children: root.children.map((node) => (node.kind === 'element' ? put(node, signed) : node)),
      };

/** The signed element as we read it, or why not. */
function verifiedHere(xml: string, trusted: TestKey): string {
  const root = readXml(xml);
  const options = { trusted: [trusted.certificate], idAttribute: 'AssertionID' } as const;
  try {
    return verifyXml(assertionIn(root), root, options).canonical;
  } catch (error) {
    return String(error);
  }
}

/** Changes one character of what is signed. */
const bent = (xml: string): string => xml.replace('AssertionID="_a"', 'AssertionID="_a" Bent="1"');

describe('signed here, judged there', () => {
  test.each(NAMES)('%s: xmlsec1 and xml-crypto take it, and not when it is bent', async (name) => {
    for (const who of DEEP ? ['rsa', 'p256', 'p384', 'p521'] : ['rsa']) {
      const xml = await signedHere(name, key(who));
      expect(xmlCryptoVerifies(xml, key(who))).toBe(true);
      expect(xmlCryptoVerifies(bent(xml), key(who))).toBe(false);
      expect(verifiedHere(xml, key(who))).toContain('Assertion');
      if (hasProgram('xmlsec1')) {
        expect(await xmlsecVerifies(xml, key(who))).toBe(true);
      }
    }
  });

  test('RSA-PSS: xml-crypto, both ways', async () => {
    const ours = await signedHere('plain', key('rsa'), 'rsa-pss-sha256');
    expect(xmlCryptoVerifies(ours, key('rsa'))).toBe(true);
    expect(xmlCryptoVerifies(bent(ours), key('rsa'))).toBe(false);
    const theirs = signedByXmlCrypto(documentOf('plain'), key('rsa'), 'rsa-pss-sha256');
    expect(verifiedHere(theirs, key('rsa'))).toContain('Assertion');
    expect(verifiedHere(theirs, key('other'))).toMatch(/does not hold/);
  });

  xmlsec1.each(ALGORITHMS)('%s %s: xmlsec1', async (who, algorithm) => {
    const xml = await signedHere('plain', key(who), algorithm);
    expect(await xmlsecVerifies(xml, key(who))).toBe(true);
    expect(await xmlsecVerifies(bent(xml), key(who))).toBe(false);
    expect(verifiedHere(xml, key(who))).toContain('Assertion');
    expect(verifiedHere(xml, key('other'))).toMatch(/does not hold/);
  });
});

/** An empty signature as the last child of the assertion. */
function withTemplate(xml: string, algorithm: SignatureAlgorithm, prefixes = ''): string {
  const list = prefixes === '' ? '' : `<ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE}" PrefixList="${prefixes}"/>`; // prettier-ignore
  const method = (name: string): string => `<ds:${name} Algorithm="${EXCLUSIVE}">${list}</ds:${name}>`; // prettier-ignore
  const signature = `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>${method('CanonicalizationMethod')}<ds:SignatureMethod Algorithm="${SIGNATURE_URIS[algorithm]}"/><ds:Reference URI="#_a"><ds:Transforms><ds:Transform Algorithm="${ENVELOPED}"/>${method('Transform')}</ds:Transforms><ds:DigestMethod Algorithm="${SHA256}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;
  return xml.replace(/<\/(?:s:)?Assertion>/, (end) => signature + end);
}

function signedByXmlsec1(xml: string, { keyFile }: TestKey): string {
  const file = join(folder, 'to-sign.xml');
  writeFileSync(file, xml);
  return execFileSync('xmlsec1', ['--sign', '--privkey-pem', keyFile, '--id-attr:AssertionID', `${NS_SAML}:Assertion`, file], { encoding: 'utf8' }); // prettier-ignore
}

function signedByXmlCrypto(xml: string, { keyFile }: TestKey, algorithm: SignatureAlgorithm): string {
  const signer = new SignedXml({
    idAttribute: 'AssertionID',
    privateKey: readFileSync(keyFile, 'utf8'),
    signatureAlgorithm: SIGNATURE_URIS[algorithm],
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  teach(signer);
  const xpath = '//*[local-name()="Assertion"]';
  signer.addReference({ xpath, transforms: [ENVELOPED, EXCLUSIVE], digestAlgorithm: SHA256 });
  signer.computeSignature(xml, { prefix: 'ds', location: { reference: xpath, action: 'append' } });
  return signer.getSignedXml();
} // prettier-ignore

describe('signed there, judged here', () => {
  xmlsec1.each(NAMES)('%s: by xmlsec1', (name) => {
    const both = ['', '#default x S SOAP-ENV xs p'];
    for (const prefixes of DEEP ? both : both.slice(NAMES.indexOf(name) % 2).slice(0, 1)) {
      const template = withTemplate(documentOf(name), 'rsa-sha256', prefixes);
      const xml = signedByXmlsec1(template, key('rsa'));
      expect(verifiedHere(xml, key('rsa'))).toContain('Assertion');
      expect(verifiedHere(bent(xml), key('rsa'))).toMatch(/does not hold/);
    }
  });

  xmlsec1.each(ALGORITHMS)('%s %s: by xmlsec1', (who, algorithm) => {
    const xml = signedByXmlsec1(withTemplate(documentOf('plain'), algorithm), key(who));
    expect(verifiedHere(xml, key(who))).toContain('Assertion');
    expect(verifiedHere(xml, key('other'))).toMatch(/does not hold/);
  });

  // xml-crypto does not canonicalise instructions.
  test.each(NAMES.filter((name) => name !== 'instructions'))('%s: by xml-crypto', (name) => {
    for (const [who, algorithm] of [['rsa', 'rsa-sha256'], ['p256', 'ecdsa-sha256']] as const) {
      const xml = signedByXmlCrypto(documentOf(name), key(who), algorithm);
      expect(verifiedHere(xml, key(who))).toContain('Assertion');
      expect(verifiedHere(bent(xml), key(who))).toMatch(/does not hold/);
    } // prettier-ignore
  });

  const JARS = ['xmlsec', 'slf4j-api', 'slf4j-nop', 'commons-codec'].map((jar) => `/usr/share/java/${jar}.jar`); // prettier-ignore
  const hasSantuario = hasProgram('java', { required: false }) && existsSync(JARS[0] ?? '');
  const santuario = hasSantuario ? test : test.skip;

  const runs = [
    ['rsa', 'RSA', 'rsa-sha256', '#default x S SOAP-ENV xs p'],
    ['p384', 'EC', 'ecdsa-sha384', '-'],
    ['rsa', 'RSA', 'rsa-sha256', '-'],
  ] as const;
  santuario.each(runs.slice(0, DEEP ? 3 : 2))(
    'every document: by Santuario, %s %s %s, PrefixList %s',
    async (who, kind, algorithm, prefixes) => {
      const files = NAMES.map((name, index) => {
        const [input, output] = ['in', 'out'].map((end) => join(folder, `${who}-${index}.${end}`));
        writeFileSync(input ?? '', documentOf(name));
        return [input ?? '', output ?? ''] as const;
      });
      const source = fileURLToPath(new URL('SantuarioSign.java', import.meta.url));
      await run('java', ['-cp', JARS.join(':'), source, kind, key(who).keyFile, SIGNATURE_URIS[algorithm], prefixes, ...files.flat()]); // prettier-ignore
      for (const [, output] of files) {
        const xml = readFileSync(output, 'utf8');
        expect(verifiedHere(xml, key(who))).toContain('Assertion');
        expect(verifiedHere(bent(xml), key(who))).toMatch(/does not hold/);
        expect(children(assertionIn(readXml(xml)), 'http://www.w3.org/2000/09/xmldsig#', 'Signature')).toHaveLength(1); // prettier-ignore
      }
    },
  );
});
