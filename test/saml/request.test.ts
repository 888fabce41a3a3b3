/** The request of a session, its parts in their order (sts-session §2.1), with names that need quoting. */

import { describe, expect, test } from '@jest/globals';

import { attributeQuery } from '../../src/saml/request.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import { encodeName } from '../../src/x509/name.js';
import { writeXml } from '../../src/xml/write.js';
import { makeCertificate } from '../x509/make.js';

const card = parseCertificate(
  makeCertificate({
    issuer: encodeName([
      { type: '2.5.4.6', value: 'BE' },
      { type: '2.5.4.3', value: 'Citizen CA' },
    ]),
    subject: encodeName([
      { type: '2.5.4.6', value: 'BE' },
      { type: '2.5.4.3', value: 'Jean Exemple (Authentication)' },
      { type: '2.5.4.4', value: 'Exemple' },
      { type: '2.5.4.42', value: 'Jean' },
      { type: '2.5.4.5', value: '79021599732' },
    ]),
  }),
);
const keystore = parseCertificate(
  makeCertificate({
    subject: encodeName([
      { type: '2.5.4.6', value: 'BE' },
      { type: '2.5.4.11', value: 'Exemple & Fils' },
      { type: '2.5.4.11', value: 'SSIN=79021599732' },
      { type: '2.5.4.3', value: 'SSIN=79021599732' },
    ]),
  }),
);
const SSIN = { namespace: 'urn:id', name: 'urn:be:fgov:person:ssin' };
const DOCTOR = { namespace: 'urn:certified', name: 'urn:doctor' };

const write = (authentication = card): string =>
  writeXml(
    attributeQuery({
      requestId: 'request-1',
      assertionId: 'assertion-1',
      authentication,
      holderOfKey: keystore,
      now: new Date('2026-03-02T09:00:00Z'),
      notOnOrAfter: new Date('2026-03-03T09:00:00Z'),
      attributes: [{ ...SSIN, values: ['079021', '2'] }],
      designators: [SSIN, DOCTOR],
    }),
  );

describe('the request of a session', () => {
  test('is this text', () => {
    const name =
      '<saml:NameIdentifier Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName" NameQualifier="CN=Citizen CA, C=BE">OID.2.5.4.5=79021599732, OID.2.5.4.42=Jean, OID.2.5.4.4=Exemple, CN=Jean Exemple (Authentication), C=BE</saml:NameIdentifier>';
    const ssin = 'AttributeName="urn:be:fgov:person:ssin" AttributeNamespace="urn:id"';
    expect(write().replaceAll(/ xmlns:\w+="[^"]+"/g, '')).toBe(
      [
        '<samlp:Request RequestID="request-1" MajorVersion="1" MinorVersion="1" IssueInstant="2026-03-02T09:00:00.000Z">',
        '<samlp:AttributeQuery><saml:Subject>',
        name,
        '<saml:SubjectConfirmation><saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:holder-of-key</saml:ConfirmationMethod>',
        '<saml:SubjectConfirmationData>',
        '<saml:Assertion AssertionID="assertion-1" MajorVersion="1" MinorVersion="1" IssueInstant="2026-03-02T09:00:00.000Z" Issuer="OID.2.5.4.5=79021599732, OID.2.5.4.42=Jean, OID.2.5.4.4=Exemple, CN=Jean Exemple (Authentication), C=BE">',
        '<saml:Conditions NotBefore="2026-03-02T09:00:00.000Z" NotOnOrAfter="2026-03-03T09:00:00.000Z"/>',
        `<saml:AttributeStatement><saml:Subject>${name}</saml:Subject>`,
        `<saml:Attribute ${ssin}><saml:AttributeValue>079021</saml:AttributeValue><saml:AttributeValue>2</saml:AttributeValue></saml:Attribute>`,
        '</saml:AttributeStatement></saml:Assertion></saml:SubjectConfirmationData>',
        `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${Buffer.from(keystore.der).toString('base64')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`,
        '</saml:SubjectConfirmation></saml:Subject>',
        `<saml:AttributeDesignator ${ssin}/>`,
        '<saml:AttributeDesignator AttributeName="urn:doctor" AttributeNamespace="urn:certified"/>',
        '</samlp:AttributeQuery></samlp:Request>',
      ].join(''),
    );
  });

  test('quotes names of an eHealth certificate as Java does, and escapes them for XML', () => {
    const subject =
      'CN=&quot;SSIN=79021599732&quot;, OU=&quot;SSIN=79021599732&quot;, OU=Exemple &amp; Fils, C=BE';
    expect(write(keystore)).toContain(` Issuer="${subject}"`);
  });
});
