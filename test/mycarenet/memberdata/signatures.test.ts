import { createPrivateKey, generateKeyPairSync } from 'node:crypto';

import { beforeAll, describe, expect, test } from '@jest/globals';
import { SignedXml } from 'xml-crypto';

import { publicKeyInfoOf, subjectOf, toPem } from '../../../src/sandbox/citizen-pki.js';
import { readMemberDataReply } from '../../../src/mycarenet/memberdata/reply.js';
import type { MemberDataReply } from '../../../src/mycarenet/memberdata/reply.js';
import { buildCertificate } from '../../../src/x509/build.js';
import { parseCertificate } from '../../../src/x509/certificate.js';
import type { Certificate } from '../../../src/x509/certificate.js';
import { readXml } from '../../../src/xml/read.js';
import { envelope, patientData, period, response } from './answers.js';
import { QUERY } from './values.js';

const EXC_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const NOW = new Date('2026-02-09T08:12:33Z');
let key: string;
let certificate: Certificate;

beforeAll(() => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const subject = subjectOf([['2.5.4.3', 'IO-BE-500']]);
  const fields = {
    serial: 1n,
    issuer: subject,
    subject,
    notBefore: new Date('2025-01-01T00:00:00Z'),
    notAfter: new Date('2027-01-01T00:00:00Z'),
    publicKeyInfo: publicKeyInfoOf(privateKey),
    extensions: [],
  };
  certificate = parseCertificate(buildCertificate(fields, createPrivateKey(key)));
});

interface SignOptions {
  readonly digest?: string;
  readonly method?: string;
  readonly inclusive?: readonly string[];
}

/** Signs one assertion of a response with xml-crypto, as a mutuality would. */
function sign(
  xml: string,
  id: string,
  {
    digest = SHA256,
    method = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    inclusive = [],
  }: SignOptions = {},
): string {
  const signer = new SignedXml({
    idAttribute: 'ID',
    privateKey: key,
    publicCert: toPem(certificate.der),
    signatureAlgorithm: method,
    canonicalizationAlgorithm: EXC_C14N,
  });
  signer.addReference({
    xpath: `//*[@ID='${id}']`,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXC_C14N],
    digestAlgorithm: digest,
    ...(inclusive.length === 0 ? {} : { inclusiveNamespacesPrefixList: [...inclusive] }),
  });
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: `//*[@ID='${id}']/*[local-name(.)='Issuer']`, action: 'after' },
  });
  return signer.getSignedXml();
}

const unsigned = response({
  assertions: [patientData(), period().replace('ID="_a1"', 'ID="_a2"')],
});

const read = (xml: string, roots: readonly Certificate[] = [certificate]): MemberDataReply =>
  readMemberDataReply(readXml(envelope({ content: xml })), {
    requestId: 'ID_1',
    inputReference: 'TOPZ0000000001',
    query: QUERY,
    trust: { roots, now: NOW },
  });
const codes = ({ warnings }: MemberDataReply): string[] => warnings.map(({ code }) => code);

describe('a signature that holds', () => {
  test('changes nothing of the answer', () => {
    const reply = read(sign(sign(unsigned, '_a1'), '_a2'));
    expect(reply.insurability).toEqual(read(unsigned).insurability);
    expect(codes(reply)).toEqual([]);
  });

  test.each([
    ['nobody is trusted', () => read(sign(unsigned, '_a2'), [])],
    ['it is made with SHA-1', () => read(sign(unsigned, '_a2', { digest: 'http://www.w3.org/2000/09/xmldsig#sha1' }))],
    ['it holds an Object, as XAdES does', () => read(sign(unsigned, '_a2').replace('</ds:Signature>', '<ds:Object/></ds:Signature>'))],
    ['its first transform has parameters', () => read(sign(unsigned, '_a2', { inclusive: ['ext', 'xsi'] }))],
    ['it brings no certificate', () => read(sign(unsigned, '_a2').replace(/<ds:KeyInfo>.*<\/ds:KeyInfo>/, ''))],
    ['a dimension stands twice in it', () => read(sign(unsigned.replace('<ext:Facet id="urn:be:cin:nippin:insurability"/></saml2:Advice><saml2:AttributeStatement><saml2:Attribute Name="urn:be:cin:nippin:careReceiver:mutuality"', '<ext:Facet id="x"><Dimension id="d">1</Dimension><Dimension id="d">2</Dimension></ext:Facet></saml2:Advice><saml2:AttributeStatement><saml2:Attribute Name="urn:be:cin:nippin:careReceiver:mutuality"'), '_a2'))],
  ])('is only told when %s', (_, work) => {
    const reply = work();
    expect(reply.insurability.status).toBe('insured');
    expect(codes(reply)).toEqual(['SIGNATURE_NOT_CHECKED']);
  }); // prettier-ignore
});

describe('a signature that does not hold', () => {
  const signed = (): string => sign(unsigned, '_a2');

  test.each([
    ['the rights were changed', () => signed().replace('cb1"><saml2:AttributeValue>110', 'cb1"><saml2:AttributeValue>111')],
    ['the days were changed', () => signed().replace(/(_a2.*NotOnOrAfter="2026-02-)10/, '$127')],
    ['the patient was changed', () => signed().replace(/(_a2.*<saml2:NameID[^>]*>)85071599796/, '$185061199814')],
    ['the value is another', () => signed().replace(/(SignatureValue>)(.)/, (_m, start: string, first: string) => `${start}${first === 'A' ? 'B' : 'A'}`)],
    ['it refers to another assertion', () => signed().replace('URI="#_a2"', 'URI="#_a1"')],
    ['it refers to everything', () => signed().replace('URI="#_a2"', 'URI=""')],
    ['it was moved from another assertion', () => {
      const [signature = ''] = /<ds:Signature.*<\/ds:Signature>/.exec(signed()) ?? [];
      return unsigned.replace('IO-BE-300</saml2:Issuer><saml2:Subject>', `IO-BE-300</saml2:Issuer>${signature}<saml2:Subject>`);
    }],
    ['there are two', () => signed().replace(/(<ds:Signature.*<\/ds:Signature>)/, '$1$1')],
  ])('makes the answer worthless: %s', (_, xml) => {
    expect(() => read(xml())).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E_(?:SIGNATURE|REPLY)_INVALID$/) as unknown, exitCode: 9 }),
    );
  }); // prettier-ignore

  test('also where nobody is trusted', () => {
    const xml = signed().replace('cb2"><saml2:AttributeValue>110', 'cb2"><saml2:AttributeValue>111');
    expect(() => read(xml, [])).toThrow(expect.objectContaining({ code: 'E_SIGNATURE_INVALID' }));
  }); // prettier-ignore

  test('a comment cannot cut a value in two', () => {
    const xml = signed().replace('cb1"><saml2:AttributeValue>110', 'cb1"><saml2:AttributeValue>11<!-- -->0'); // prettier-ignore
    expect(read(xml).insurability.periods[0]?.ct1).toBe('110');
  });
});
