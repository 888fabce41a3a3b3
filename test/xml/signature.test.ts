/** Signatures made here and judged by xmlsec1 and xml-crypto; signatures made there and judged here. */

import { execFile, execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignedXml } from 'xml-crypto';

import type { Signer } from '../../src/keys/keys.js';
import { createSigner } from '../../src/keys/software-keys.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { namespace } from '../../src/xml/build.js';
import { canonicalize } from '../../src/xml/c14n.js';
import { NS_DS, NS_SAML, NS_SAMLP, NS_SOAP, NS_WSSE } from '../../src/xml/namespaces.js';
import { child, childText, requireChild } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { signXml } from '../../src/xml/sign.js';
import { verifyXml } from '../../src/xml/verify.js';
import { writeXml } from '../../src/xml/write.js';
import { growth } from './growth.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';

const run = promisify(execFile);
const xmlsec1 = hasProgram('xmlsec1');

interface Pair {
  readonly privateKey: KeyObject;
  readonly certificate: Certificate;
  readonly pemFile: string;
}

let folder = '';
let rsa: Pair;
let ec: Pair;
let other: Pair;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'topaz-sign-'));
  rsa = pair('rsa');
  ec = pair('ec');
  other = pair('other');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Key and certificate made by openssl. */
function pair(name: string): Pair {
  const { privateKey } =
    name === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-384' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyFile = join(folder, `${name}.key`);
  const pemFile = join(folder, `${name}.pem`);
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  execFileSync('openssl', [
    'req', '-x509', '-new', '-key', keyFile, '-out', pemFile, '-subj', `/CN=${name}`, '-days', '30',
  ]); // prettier-ignore
  const [certificate] = parsePemCertificates(readFileSync(pemFile, 'utf8'));
  if (certificate === undefined) throw new Error('no certificate');
  return { privateKey, certificate, pemFile };
}

const signer = ({ privateKey, certificate }: Pair): Signer => createSigner(privateKey, [certificate]); // prettier-ignore

const t = namespace('t', 'urn:test');
const request = () =>
  t('Request', { Id: '_1', IssueInstant: '2026-03-01T09:00:00Z' }, t('Text', { 'xml:lang': 'fr' }, 'é & < > \r "'), t('Empty')); // prettier-ignore

async function judgedByXmlsec1(xml: string, { pemFile }: Pair): Promise<boolean> {
  const file = join(folder, 'signed.xml');
  writeFileSync(file, xml);
  try {
    await run('xmlsec1', [
      '--verify', '--pubkey-cert-pem', pemFile, '--enabled-key-data', 'x509', '--id-attr:Id', 'urn:test:Request',
      '--id-attr:RequestID', `${NS_SAMLP}:Request`, file,
    ]); // prettier-ignore
    return true;
  } catch {
    return false;
  }
}

describe('signXml', () => {
  test.each([
    ['rsa', undefined, 'last'],
    ['ec', undefined, 'last'],
    ['ec', 'ecdsa-sha384', 'first'],
    ['rsa', 'rsa-sha1', 'first'],
  ] as const)(
    '%s %s, signature %s: xmlsec1 and our own check agree',
    async (key, algorithm, position) => {
      const keys = key === 'rsa' ? rsa : ec;
      const signed = await signXml(request(), {
        signer: signer(keys),
        algorithm,
        idAttribute: 'Id',
        position,
        signatureId: 'xmldsig-1',
      });
      const xml = writeXml(signed);
      if (xmlsec1) {
        expect(await judgedByXmlsec1(xml, keys)).toBe(true);
        expect(await judgedByXmlsec1(xml.replace('é', 'e'), keys)).toBe(false);
      }
      const document = readXml(xml);
      const verified = verifyXml(document, document, {
        trusted: [other.certificate, keys.certificate],
        idAttribute: 'Id',
        allowSha1: true,
      });
      expect(verified.certificate).toBe(keys.certificate);
      expect(verified.element.name).toBe('Request');
      expect(child(verified.element, 'http://www.w3.org/2000/09/xmldsig#', 'Signature')).toBeUndefined(); // prettier-ignore
    },
  );

  test('xml-crypto agrees, and sees a change', async () => {
    const signed = await signXml(request(), { signer: signer(rsa), idAttribute: 'Id', position: 'last', includeChain: true }); // prettier-ignore
    const xml = writeXml(signed);
    const judge = (text: string): boolean => {
      const verifier = new SignedXml({ publicCert: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) }); // prettier-ignore
      verifier.loadSignature(/<ds:Signature[\s\S]*<\/ds:Signature>/.exec(text)?.[0] ?? '');
      try {
        return verifier.checkSignature(text);
      } catch {
        return false;
      }
    };
    expect(judge(xml)).toBe(true);
    expect(judge(xml.replace('é', 'e'))).toBe(false);
  });

  test('the official shape: order of elements, no white space, one certificate per element', async () => {
    const chained = createSigner(ec.privateKey, [ec.certificate, other.certificate]);
    const sign = (includeChain: boolean): Promise<string> =>
      signXml(request(), { signer: chained, idAttribute: 'Id', position: 'last', signatureId: 'xmldsig-1', includeChain }).then(writeXml); // prettier-ignore
    const base64 = ({ der }: Certificate): string => Buffer.from(der).toString('base64');
    const certificate = (each: Certificate): string =>
      `<ds:X509Certificate>${base64(each)}</ds:X509Certificate>`;
    const shape = (xml: string): string =>
      xml
        .slice(xml.indexOf('<ds:Signature '))
        .replace(/(Digest|Signature)Value>[^<]+</g, '$1Value>…<')
        .replace(' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', '');
    const exclusive = 'Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"';
    const expected = (certificates: string): string =>
      '<ds:Signature Id="xmldsig-1"><ds:SignedInfo>' +
      `<ds:CanonicalizationMethod ${exclusive}/>` +
      '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>' +
      '<ds:Reference URI="#_1"><ds:Transforms>' +
      '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>' +
      `<ds:Transform ${exclusive}/></ds:Transforms>` +
      '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>' +
      '<ds:DigestValue>…</ds:DigestValue></ds:Reference></ds:SignedInfo>' +
      '<ds:SignatureValue>…</ds:SignatureValue>' +
      `<ds:KeyInfo><ds:X509Data>${certificates}</ds:X509Data></ds:KeyInfo></ds:Signature></t:Request>`;
    expect(shape(await sign(false))).toBe(expected(certificate(ec.certificate)));
    expect(shape(await sign(true))).toBe(
      expected(certificate(ec.certificate) + certificate(other.certificate)),
    );
  });

  test('holds inside an envelope that declares the same prefixes otherwise', async () => {
    const signed = await signXml(request(), { signer: signer(rsa), idAttribute: 'Id', position: 'last' }); // prettier-ignore
    const soap = namespace('soap', NS_SOAP);
    const enveloped = readXml(
      `<soap:Envelope xmlns:soap="${NS_SOAP}" xmlns:t="urn:other" xmlns="urn:default"><soap:Body>${writeXml(signed)}</soap:Body></soap:Envelope>`,
    );
    const payload = requireChild(requireChild(enveloped, NS_SOAP, 'Body'), 'urn:test', 'Request');
    expect(verifyXml(payload, enveloped, { trusted: [rsa.certificate], idAttribute: 'Id' }).element.name).toBe('Request'); // prettier-ignore
    expect(writeXml(soap('Body', {}, signed))).toContain('</ds:Signature></t:Request>');
  });

  test('an element without id is refused before anything is signed', async () => {
    await expect(
      signXml(t('Request'), { signer: signer(rsa), idAttribute: 'Id', position: 'last' }),
    ).rejects.toThrow('has no Id');
  });
});

/** Signed by xml-crypto, in the form of an answer of the STS. */
function signedElsewhere(xml: string, prefixList: readonly string[] = []): string {
  const sig = new SignedXml({
    idAttribute: 'AssertionID',
    privateKey: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  });
  sig.addReference({
    xpath: '//*[local-name()="Assertion"]',
    transforms: [
      'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
      'http://www.w3.org/2001/10/xml-exc-c14n#',
    ],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    inclusiveNamespacesPrefixList: [...prefixList],
  });
  sig.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: '//*[local-name()="Assertion"]', action: 'append' },
  });
  return sig.getSignedXml();
}

const ANSWER = `<r xmlns="urn:r" xmlns:x="urn:x"><Assertion xmlns="${NS_SAML}" AssertionID="_a" x:y="1"><Value>8507</Value></Assertion></r>`;

function check(xml: string, trusted: readonly Certificate[] = [rsa.certificate]) {
  const root = readXml(xml);
  return verifyXml(requireChild(root, NS_SAML, 'Assertion'), root, {
    trusted,
    idAttribute: 'AssertionID',
  });
}

describe('verifyXml', () => {
  test('takes what xml-crypto signed and gives back the signed bytes', () => {
    const { canonical, algorithm } = check(signedElsewhere(ANSWER));
    expect(algorithm).toBe('rsa-sha256');
    expect(canonical).toContain('<Value>8507</Value>');
    expect(canonical).not.toContain('Signature');
  });

  (xmlsec1 ? test : test.skip)('understands InclusiveNamespaces, as xmlsec1 signs', () => {
    const list = '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="x"/>'; // prettier-ignore
    const exclusive = 'Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"';
    const template = ANSWER.replace(
      '</Assertion>',
      `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod ${exclusive}>${list}</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#_a"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform ${exclusive}>${list}</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature></Assertion>`,
    );
    const file = join(folder, 'template.xml');
    writeFileSync(file, template);
    const signed = execFileSync('xmlsec1', [
      '--sign', '--privkey-pem', join(folder, 'rsa.key'), '--id-attr:AssertionID', `${NS_SAML}:Assertion`, file,
    ], { encoding: 'utf8' }); // prettier-ignore
    expect(check(signed).canonical).toContain('xmlns:x="urn:x"');
  });

  const refuses = (name: string, change: (xml: string) => string): void => {
    test(`refuses ${name}`, () => {
      const xml = change(signedElsewhere(ANSWER));
      expect(() => check(xml)).toThrow(expect.objectContaining({ code: 'E_SIGNATURE_INVALID' }));
    });
  };
  const signatureOf = (xml: string): string => /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml)?.[0] ?? ''; // prettier-ignore

  refuses('changed content', (xml) => xml.replace('8507', '8508'));
  refuses('a changed digest', (xml) => xml.replace(/<ds:DigestValue>./, '<ds:DigestValue>x'));
  refuses('a changed value', (xml) => xml.replace(/<ds:SignatureValue>.../, '<ds:SignatureValue>AAA')); // prettier-ignore
  refuses('no signature', (xml) => xml.replace(signatureOf(xml), ''));
  refuses('two signatures', (xml) =>
    xml.replace('</Assertion>', `${signatureOf(xml)}</Assertion>`),
  );
  refuses('a signature that refers to another element', (xml) =>
    xml.replace('URI="#_a"', 'URI="#_b"').replace('<Value>', '<Value Id="_b">'),
  );
  refuses('an empty reference', (xml) => xml.replace('URI="#_a"', 'URI=""'));
  refuses('two elements with the same id', (xml) => xml.replace('<r ', '<r Id="_a" '));
  refuses('another id attribute with the same value', (xml) => xml.replace('<Value>', '<Value ID="_a">')); // prettier-ignore
  refuses('inclusive canonicalisation', (xml) =>
    xml.replaceAll('2001/10/xml-exc-c14n#"', 'TR/2001/REC-xml-c14n-20010315"'),
  );
  refuses('a transform too many', (xml) =>
    xml.replace('</ds:Transforms>', '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></ds:Transforms>')); // prettier-ignore
  refuses('HMAC', (xml) => xml.replace('2001/04/xmldsig-more#rsa-sha256', '2000/09/xmldsig#hmac-sha1')); // prettier-ignore
  refuses('an algorithm that does not fit the key', (xml) => xml.replace('#rsa-sha256', '#ecdsa-sha256')); // prettier-ignore
  refuses('SHA-1', (xml) => xml.replace('2001/04/xmldsig-more#rsa-sha256', '2000/09/xmldsig#rsa-sha1')); // prettier-ignore
  refuses('an Object inside', (xml) =>
    xml.replace('</ds:Signature>', '<ds:Object/></ds:Signature>'),
  );
  refuses('a comment inside DigestValue', (xml) => xml.replace('<ds:DigestValue>', '<ds:DigestValue><!-- x -->')); // prettier-ignore
  refuses('a second SignedInfo', (xml) =>
    xml.replace('<ds:SignatureValue>', `${/<ds:SignedInfo>[\s\S]*<\/ds:SignedInfo>/.exec(xml)?.[0] ?? ''}<ds:SignatureValue>`)); // prettier-ignore

  refuses('a second algorithm inside a transform', (xml) =>
    xml.replace('</ds:Transforms>', '</ds:Transforms><ds:Transforms/>')); // prettier-ignore
  refuses('an element of another namespace inside SignedInfo', (xml) =>
    xml.replace('<ds:Reference', '<Reference xmlns="urn:x"/><ds:Reference'),
  );
  refuses('a value that is no base64', (xml) =>
    xml.replace(/<ds:SignatureValue>.../, '<ds:SignatureValue>*;/'),
  );
  refuses('a comment inside SignatureValue', (xml) =>
    xml.replace('<ds:SignatureValue>', '<ds:SignatureValue><!-- x -->'),
  );
  refuses('a PrefixList that is no PrefixList', (xml) =>
    xml.replace(
      /(<ds:CanonicalizationMethod [^>]*)\/>/,
      '$1><x xmlns="urn:x"/></ds:CanonicalizationMethod>',
    ),
  );
  refuses('a signature that is moved one level down', (xml) =>
    xml
      .replace(signatureOf(xml), '')
      .replace('</Value>', `</Value><Advice>${signatureOf(xml)}</Advice>`),
  );

  test('a comment in a signed value does not split it', () => {
    const xml = signedElsewhere(ANSWER).replace('8507', '85<!-- -->07');
    const { element } = check(xml);
    expect(childText(element, NS_SAML, 'Value')).toBe('8507');
  });

  test('time grows with the number of ids', () => {
    const xml = signedElsewhere(ANSWER);
    const many = (n: number): string =>
      xml.replace(
        '<Assertion',
        `${Array.from({ length: n }, (_, i) => `<i Id="i${i}"/>`).join('')}<Assertion`,
      );
    expect(
      growth(
        (n) => readXml(many(n)),
        (root) => {
          verifyXml(requireChild(root, NS_SAML, 'Assertion'), root, {
            trusted: [rsa.certificate],
            idAttribute: 'AssertionID',
          });
        },
        5_000,
      ),
    ).toBeLessThan(3);
  });

  test('an element of another document is a bug of the caller', () => {
    const root = readXml(signedElsewhere(ANSWER));
    const elsewhere = readXml(signedElsewhere(ANSWER));
    expect(() =>
      verifyXml(requireChild(elsewhere, NS_SAML, 'Assertion'), root, {
        trusted: [],
        idAttribute: 'AssertionID',
      }),
    ).toThrow(TypeError);
  });

  /**
   * The trusted key signs whatever SignedInfo says: a signature that is right for a reader who asks less.
   * The digest is that of the assertion, by the digest method that is named.
   */
  function signedOddly(
    change: (signedInfo: string) => string,
    hash: 'sha1' | 'sha256' = 'sha256',
  ): string {
    const plain = requireChild(readXml(ANSWER), NS_SAML, 'Assertion');
    const whole = signedElsewhere(ANSWER);
    const before = /<ds:SignedInfo>[\s\S]*<\/ds:SignedInfo>/.exec(whole)?.[0] ?? '';
    const changed = change(before);
    const digestHash = changed.includes('xmldsig#sha1"') ? 'sha1' : 'sha256';
    const digest = createHash(digestHash).update(canonicalize(plain)).digest('base64');
    const after = changed.replace(/(<ds:DigestValue>)[^<]*/g, `$1${digest}`);
    const alone = after.replace('<ds:SignedInfo>', `<ds:SignedInfo xmlns:ds="${NS_DS}">`);
    const value = sign(hash, Buffer.from(canonicalize(readXml(alone))), rsa.privateKey);
    return whole
      .replace(before, after)
      .replace(/(<ds:SignatureValue>)[^<]*/, `$1${value.toString('base64')}`);
  }

  test('holds when nothing is odd', () => {
    expect(check(signedOddly((info) => info)).algorithm).toBe('rsa-sha256');
  });

  test.each([
    ['a reference to another element', (info) => info.replace('URI="#_a"', 'URI="#_b"'), 'refer'],
    ['a reference to the whole document', (info) => info.replace('URI="#_a"', 'URI=""'), 'refer'],
    [
      'a reference to another document',
      (info) => info.replace('URI="#_a"', 'URI="https://x.test/#_a"'),
      'refer',
    ],
    ['no reference to anything', (info) => info.replace(' URI="#_a"', ''), 'refer'],
    [
      'transforms without the enveloped one',
      (info) => info.replace('2000/09/xmldsig#enveloped-signature', '2001/10/xml-exc-c14n#'),
      'transforms',
    ],
    [
      'transforms in another order',
      (info) => info.replace(/(<ds:Transform [^>]*>)(<ds:Transform [^>]*>)/, '$2$1'),
      'transforms',
    ],
    [
      'one transform',
      (info) => info.replace(/<ds:Transform [^>]*enveloped-signature"\/>/, ''),
      'transforms',
    ],
    [
      'a parameter of the enveloped transform',
      (info) =>
        info.replace(
          'enveloped-signature"/>',
          'enveloped-signature"><x xmlns="urn:x"/></ds:Transform>',
        ),
      'transforms',
    ],
    [
      'C14N with comments',
      (info) =>
        info.replace(
          'xml-exc-c14n#"/></ds:Transforms>',
          'xml-exc-c14n#WithComments"/></ds:Transforms>',
        ),
      'transforms',
    ],
    [
      'a digest method of old',
      (info) => info.replace('2001/04/xmlenc#sha256', '2000/09/xmldsig#sha1'),
      'digest method',
    ],
    [
      'a digest method with a parameter',
      (info) =>
        info.replace('xmlenc#sha256"/>', 'xmlenc#sha256"><x xmlns="urn:x"/></ds:DigestMethod>'),
      'digest method',
    ],
    [
      'a signature method of another key type',
      (info) => info.replace('#rsa-sha256', '#ecdsa-sha256'),
      'key',
    ],
    [
      'a signature method with a parameter',
      (info) =>
        info.replace('#rsa-sha256"/>', '#rsa-sha256"><x xmlns="urn:x"/></ds:SignatureMethod>'),
      'signature method',
    ],
    [
      'an unknown signature method',
      (info) => info.replace('#rsa-sha256', '#rsa-md5'),
      'signature method',
    ],
    [
      'two references',
      (info) => info.replace(/<ds:Reference[\s\S]*<\/ds:Reference>/, '$&$&'),
      'SignedInfo',
    ],
    [
      'an element more in the reference',
      (info) => info.replace('</ds:Reference>', '<x xmlns="urn:x"/></ds:Reference>'),
      'Reference',
    ],
  ] as [string, (info: string) => string, string][])(
    'refuses %s, rightly signed',
    (_, change, reason) => {
      expect(() => check(signedOddly(change))).toThrow(
        expect.objectContaining({
          code: 'E_SIGNATURE_INVALID',
          facts: [expect.stringContaining(reason)],
        }),
      );
    },
  );

  test('takes SHA-1 only where it is allowed', () => {
    const xml = signedOddly(
      (info) => info.replace('2001/04/xmldsig-more#rsa-sha256', '2000/09/xmldsig#rsa-sha1'),
      'sha1',
    );
    expect(() => check(xml)).toThrow(
      expect.objectContaining({ facts: [expect.stringContaining('signature method')] }),
    );
    const root = readXml(xml);
    const allowed = {
      trusted: [rsa.certificate],
      idAttribute: 'AssertionID',
      allowSha1: true,
    } as const;
    expect(verifyXml(requireChild(root, NS_SAML, 'Assertion'), root, allowed).algorithm).toBe(
      'rsa-sha1',
    );
  });

  test('refuses a key that is not trusted, whatever KeyInfo says', () => {
    expect(() => check(signedElsewhere(ANSWER), [other.certificate, ec.certificate])).toThrow(
      expect.objectContaining({ code: 'E_SIGNATURE_INVALID' }),
    );
    expect(() => check(signedElsewhere(ANSWER), [])).toThrow();
  });
});

const messages = hasShared() ? describe : describe.skip;

messages('assertions of the WS-Security corpus', () => {
  const dir = join(SHARED, 'tools/verify-wss/test');
  const [sts] = hasShared() ? parsePemCertificates(readFileSync(join(dir, 'sts.pem'), 'utf8')) : [];

  function judge(name: string): string {
    try {
      const root = readXml(readFileSync(join(dir, 'messages', name)));
      const header = requireChild(root, NS_SOAP, 'Header');
      const assertion = requireChild(requireChild(header, NS_WSSE, 'Security'), NS_SAML, 'Assertion'); // prettier-ignore
      verifyXml(assertion, root, {
        trusted: sts === undefined ? [] : [sts],
        idAttribute: 'AssertionID',
      });
      return 'ok';
    } catch (error) {
      return (error as { code?: string }).code ?? 'bug';
    }
  }

  test.each(
    hasShared()
      ? readdirSync(join(dir, 'messages')).filter((name) => /^good-(?:hok|sha1)/.test(name))
      : [],
  )('%s: holds', (name) => {
    expect(judge(name)).toBe('ok');
  });

  test.each([
    ['bad-assertion-attribute.xml', 'E_SIGNATURE_INVALID'],
    ['bad-assertion-holder-swapped.xml', 'E_SIGNATURE_INVALID'],
    ['bad-assertion-self-signed.xml', 'E_SIGNATURE_INVALID'],
    ['bad-assertion-unsigned.xml', 'E_SIGNATURE_INVALID'],
    ['bad-wrap-assertion.xml', 'E_SIGNATURE_INVALID'],
    ['bad-wrap-assertion-advice.xml', 'E_SIGNATURE_INVALID'],
    ['bad-two-assertions.xml', 'E_REPLY_INVALID'],
    ['bad-dtd.xml', 'E_XML_MALFORMED'],
    ['bad-truncated.xml', 'E_XML_MALFORMED'],
  ])('%s: %s', (name, code) => {
    expect(judge(name)).toBe(code);
  });
});
