/** The four kinds of header, judged by Apache Santuario (verify-wss), xmlsec1 and the official schemas. */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ParseOption, XmlDocument, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

import { secureEnvelope } from '../../src/soap/security.js';
import type { Security } from '../../src/soap/security.js';
import { namespace } from '../../src/xml/build.js';
import { canonicalize } from '../../src/xml/c14n.js';
import {
  NS_DS,
  NS_SAML,
  NS_SAMLP,
  NS_SOAP,
  NS_WSA,
  NS_WSSE,
  NS_WSU,
} from '../../src/xml/namespaces.js';
import { attribute, child, elements, requireChild, text, walk } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { signXml } from '../../src/xml/sign.js';
import type { XmlElement } from '../../src/xml/tree.js';
import { writeXml } from '../../src/xml/write.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';
import { createPki } from './openssl-pki.js';
import type { Identity, Pki } from './openssl-pki.js';

const run = promisify(execFile);
const ASSERTION_ID = '_0123456789abcdef0123456789abcdef';

const judge = hasShared() && hasProgram('java') ? test : test.skip;

/** An hour after the certificates were made. */
let now: Date;
let pki: Pki;
let identities: Record<'eid' | 'eid384' | 'hok' | 'hokEc' | 'sts' | 'stranger', Identity>;

beforeAll(() => {
  pki = createPki('Test CA of security headers');
  identities = {
    eid: pki.issue('eid'),
    eid384: pki.issue('eid384', { curve: 'P-384' }),
    hok: pki.issue('hok'),
    hokEc: pki.issue('hokEc', { curve: 'P-256' }),
    sts: pki.issue('sts'),
    stranger: pki.issue('stranger'),
  };
  now = later(3600);
});
/** Seconds after the last certificate was made. */
const later = (seconds: number): Date =>
  new Date(identities.stranger.certificate.notBefore.getTime() + seconds * 1000);

afterAll(() => {
  pki.remove();
});

const t = namespace('t', 'urn:test');
const samlp = namespace('samlp', NS_SAMLP);
const saml = namespace('saml', NS_SAML);
const ds = namespace('ds', NS_DS);
const assertionElement = namespace('', NS_SAML);
const wsa = namespace('wsa', NS_WSA);

const payload = (): XmlElement =>
  t(
    'Request',
    { Id: '_1', 'xml:lang': 'nl' },
    t('Text', {}, 'é & < > "\r\n😀'),
    namespace('u', 'urn:u')('Body', { 'wsu:Id': 'inner' }),
  );

const keyInfo = ({ certificate }: Identity): XmlElement =>
  ds(
    'KeyInfo',
    {},
    ds('X509Data', {}, ds('X509Certificate', {}, Buffer.from(certificate.der).toString('base64'))),
  );

/** The assertion that an STS gives: default namespace, signature last. */
async function assertionFor(holder: Identity, at = now): Promise<string> {
  const minutes = (n: number): string => new Date(at.getTime() + n * 60_000).toISOString();
  const subject = (): XmlElement =>
    assertionElement(
      'Subject',
      {},
      assertionElement('NameIdentifier', {}, 'CN=holder'),
      assertionElement(
        'SubjectConfirmation',
        {},
        assertionElement('ConfirmationMethod', {}, 'urn:oasis:names:tc:SAML:1.0:cm:holder-of-key'),
        keyInfo(holder),
      ),
    );
  const unsigned = assertionElement('Assertion',
    { AssertionID: ASSERTION_ID, IssueInstant: minutes(0), Issuer: 'urn:be:fgov:ehealth:sts:1_0', MajorVersion: '1', MinorVersion: '1' },
    assertionElement('Conditions', { NotBefore: minutes(-1), NotOnOrAfter: minutes(60) }),
    assertionElement('AuthenticationStatement', { AuthenticationInstant: minutes(0), AuthenticationMethod: 'urn:oasis:names:tc:SAML:1.0:am:X509-PKI' }, subject()),
    assertionElement('AttributeStatement', {}, subject(),
      assertionElement('Attribute', { AttributeName: 'urn:be:fgov:person:ssin', AttributeNamespace: 'urn:be:fgov:identification-namespace' },
        assertionElement('AttributeValue', {}, '79021599732'))),
  ); // prettier-ignore
  return writeXml(await signXml(unsigned, { signer: identities.sts.signer, idAttribute: 'AssertionID', position: 'last' })); // prettier-ignore
}

/** A request for an assertion, signed by the holder-of-key. */
const samlRequest = (holder: Identity): Promise<XmlElement> =>
  signXml(
    samlp('Request', { RequestID: 'request-1', MajorVersion: '1', MinorVersion: '1', IssueInstant: now.toISOString() },
      samlp('AttributeQuery', {},
        saml('Subject', {}, saml('NameIdentifier', {}, 'CN=holder'),
          saml('SubjectConfirmation', {}, saml('ConfirmationMethod', {}, 'urn:oasis:names:tc:SAML:1.0:cm:holder-of-key'), keyInfo(holder))))),
    { signer: holder.signer, idAttribute: 'RequestID', position: 'first' },
  ); // prettier-ignore

const secure = async (
  security: Security,
  content = payload(),
  headers: readonly XmlElement[] = [],
) => writeXml(await secureEnvelope(content, headers, security, { now, newId: randomUUID }));

let counter = 0;
function fileOf(xml: string): string {
  counter += 1;
  const file = join(pki.folder, `message-${counter}.xml`);
  writeFileSync(file, xml);
  return file;
}

/** First line of the verdict of verify-wss. */
async function verdict(xml: string, ...options: readonly string[]): Promise<string> {
  const args = ['--at', later(3620).toISOString(), '--trust', pki.caFile, '--sts-cert', identities.sts.certificateFile, ...options, fileOf(xml)]; // prettier-ignore
  try {
    const { stdout } = await run(join(SHARED, 'tools/verify-wss/verify-wss'), args);
    return stdout.split('\n')[0] ?? '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return (stdout || stderr).split('\n')[0] ?? '';
  }
}

async function xmlsec1Agrees(xml: string, { certificateFile }: Identity): Promise<boolean> {
  try {
    await run('xmlsec1', [
      '--verify', '--pubkey-cert-pem', certificateFile, '--enabled-key-data', 'x509',
      '--id-attr:Id', `${NS_SOAP}:Body`, '--id-attr:Id', `${NS_WSU}:Timestamp`, '--id-attr:Id', `${NS_WSSE}:BinarySecurityToken`,
      '--node-xpath', "/*/*[local-name()='Header']/*[local-name()='Security']/*[local-name()='Signature']", fileOf(xml),
    ]); // prettier-ignore
    return true;
  } catch {
    return false;
  }
}

/** The signature of the STS, as it stands in the envelope. */
async function assertionHolds(xml: string): Promise<boolean> {
  try {
    await run('xmlsec1', [
      '--verify', '--pubkey-cert-pem', identities.sts.certificateFile, '--enabled-key-data', 'x509',
      '--id-attr:AssertionID', `${NS_SAML}:Assertion`, '--node-xpath', "//*[local-name()='Assertion']/*[local-name()='Signature']", fileOf(xml),
    ]); // prettier-ignore
    return true;
  } catch {
    return false;
  }
}

const securityOf = (xml: string): XmlElement =>
  requireChild(requireChild(readXml(xml), NS_SOAP, 'Header'), NS_WSSE, 'Security');

describe('X.509 header', () => {
  test.each(['eid', 'eid384', 'hok'] as const)(
    '%s: xmlsec1 takes it, and sees a change',
    async (name) => {
      const identity = identities[name];
      const xml = await secure({ kind: 'x509', signer: identity.signer });
      if (hasProgram('xmlsec1')) {
        expect(await xmlsec1Agrees(xml, identity)).toBe(true);
        expect(await xmlsec1Agrees(xml.replace('é', 'e'), identity)).toBe(false);
        expect(
          await xmlsec1Agrees(xml.replace(/Z<\/wsu:Expires>/, '1Z</wsu:Expires>'), identity),
        ).toBe(false);
        expect(
          await xmlsec1Agrees(xml.replace(/(BinarySecurityToken[^>]*>)./, '$1N'), identity),
        ).toBe(false);
      }
    },
  );

  judge(
    'a strict service takes it, with the inner request signed by the holder-of-key',
    async () => {
      const body = await samlRequest(identities.hok);
      for (const name of ['eid', 'eid384'] as const) {
        const xml = await secure({ kind: 'x509', signer: identities[name].signer }, body);
        expect(await verdict(xml, '--expect', 'x509', '--require-inner')).toMatch(/^OK/);
      }
      const fallback = await secure({ kind: 'x509', signer: identities.hok.signer }, body);
      expect(await verdict(fallback, '--expect', 'x509')).toMatch(/^OK/);
      expect(await verdict(fallback.replace('request-1', 'request-2'), '--expect', 'x509')).toMatch(
        /^FAIL/,
      );
    },
  );

  judge('SHA-1 only when it is asked for', async () => {
    const body = await samlRequest(identities.hok);
    const xml = await secure(
      { kind: 'x509', signer: identities.eid.signer, algorithm: 'rsa-sha1' },
      body,
    );
    expect(await verdict(xml, '--expect', 'x509')).toMatch(/sha1/);
    expect(await verdict(xml, '--expect', 'x509', '--allow-sha1')).toMatch(/^OK/);
  });

  test('holds Timestamp, BinarySecurityToken, Signature, in this order; 60 seconds of life', async () => {
    const security = securityOf(await secure({ kind: 'x509', signer: identities.eid.signer }));
    expect(elements(security).map(({ name }) => name)).toEqual([
      'Timestamp',
      'BinarySecurityToken',
      'Signature',
    ]);
    expect(attribute(security, 'mustUnderstand', NS_SOAP)).toBe('1');
    const timestamp = requireChild(security, NS_WSU, 'Timestamp');
    expect(text(child(timestamp, NS_WSU, 'Created'))).toBe(now.toISOString());
    expect(text(child(timestamp, NS_WSU, 'Expires'))).toBe(later(3660).toISOString());
    expect(text(requireChild(security, NS_WSSE, 'BinarySecurityToken'))).not.toMatch(/\s/);
  });
});

describe('header with the assertion', () => {
  judge('a strict service takes it: RSA and EC holder-of-key, body and timestamp', async () => {
    for (const name of ['hok', 'hokEc'] as const) {
      const { signer } = identities[name];
      const assertion = await assertionFor(identities[name]);
      const xml = await secure({ kind: 'saml', assertion, assertionId: ASSERTION_ID, signer });
      expect(xml).toContain(`${assertion}<ds:Signature`);
      expect(await verdict(xml, '--expect', 'saml')).toMatch(/^OK/);
    }
  });

  (hasProgram('xmlsec1') ? test : test.skip)('xmlsec1 takes it and the assertion, and sees a change', async () => {
    for (const name of ['hok', 'hokEc'] as const) {
      const assertion = await assertionFor(identities[name]);
      const saml11 = { kind: 'saml', assertion, assertionId: ASSERTION_ID, signer: identities[name].signer } as const;
      const both = await secure(saml11);
      const timestampOnly = await secure({ ...saml11, parts: 'timestamp' });
      const longer = (xml: string): string => xml.replace('Z</wsu:Expires>', '1Z</wsu:Expires>');
      expect(await xmlsec1Agrees(both, identities[name])).toBe(true);
      expect(await xmlsec1Agrees(timestampOnly, identities[name])).toBe(true);
      expect(await xmlsec1Agrees(both, identities.stranger)).toBe(false);
      expect(await xmlsec1Agrees(longer(both), identities[name])).toBe(false);
      expect(await xmlsec1Agrees(longer(timestampOnly), identities[name])).toBe(false);
      expect(await xmlsec1Agrees(both.replace('é', 'e'), identities[name])).toBe(false);
      // With the timestamp alone, the body is not covered: as MyCareNet wants it.
      expect(await xmlsec1Agrees(timestampOnly.replace('é', 'e'), identities[name])).toBe(true);
      expect(await assertionHolds(both)).toBe(true);
      expect(await assertionHolds(both.replace('79021599732', '85061199814'))).toBe(false);
    }
  }); // prettier-ignore

  judge('GenAsync: the timestamp only, other headers beside', async () => {
    const assertion = await assertionFor(identities.hok);
    const xml = await secure(
      {
        kind: 'saml',
        assertion,
        assertionId: ASSERTION_ID,
        signer: identities.hok.signer,
        parts: 'timestamp',
      },
      payload(),
      [wsa('Action', { 'soap:mustUnderstand': '1' }, 'urn:test:post')],
    );
    expect(await verdict(xml, '--expect', 'saml', '--require', 'timestamp')).toMatch(/^OK/);
    expect(await verdict(xml, '--expect', 'saml')).toMatch(/^FAIL.*body/);
    expect(xml).toContain(
      '<wsa:Action xmlns:wsa="http://www.w3.org/2005/08/addressing" soap:mustUnderstand="1">',
    );
  });

  judge('a wrong key, another assertion, an expired one, a changed body are seen', async () => {
    const assertion = await assertionFor(identities.hok);
    const { signer } = identities.hok;
    const good = { kind: 'saml', assertion, assertionId: ASSERTION_ID, signer } as const;
    expect(await verdict(await secure({ ...good, signer: identities.stranger.signer }))).toMatch(
      /^FAIL/,
    );
    expect(await verdict(await secure({ ...good, assertionId: '_other' }))).toMatch(/^FAIL/);
    const late = await assertionFor(identities.hok, later(-14_400));
    expect(await verdict(await secure({ ...good, assertion: late }))).toMatch(/expired/);
    const sent = await secure(good);
    expect(await verdict(sent.replace('é', 'e'))).toMatch(/digest/);
    expect(await verdict(sent.replace('Z</wsu:Created>', '1Z</wsu:Created>'))).toMatch(/^FAIL/);
    expect(await verdict(sent.replace('79021599732', '85061199814'))).toMatch(/^FAIL/);
    const timestampOnly = await secure({ ...good, parts: 'timestamp' });
    expect(
      await verdict(timestampOnly.replace('Z</wsu:Expires>', '1Z</wsu:Expires>'), '--expect', 'saml', '--require', 'timestamp'),
    ).toMatch(/^FAIL/);
    const unsecured = await secure({ kind: 'none' });
    expect(await verdict(unsecured, '--expect', 'saml')).toMatch(/^FAIL/);
  }); // prettier-ignore
});

describe('every header', () => {
  const all = async (): Promise<readonly string[]> => {
    const assertion = await assertionFor(identities.hok);
    const { signer } = identities.hok;
    const saml11 = { kind: 'saml', assertion, assertionId: ASSERTION_ID, signer } as const;
    return Promise.all([
      secure({ kind: 'x509', signer }),
      secure({ kind: 'x509', signer: identities.eid384.signer }),
      secure(saml11),
      secure({ ...saml11, parts: 'timestamp' }),
    ]);
  };

  test('has ids that are names and stand once, and declares nothing on the envelope but soap', async () => {
    for (const xml of await all()) {
      const root = readXml(xml);
      const ids = [...walk(root)].flatMap((element) =>
        [attribute(element, 'Id') ?? attribute(element, 'Id', NS_WSU) ?? []].flat(),
      );
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.filter((id) => !/^[A-Za-z_][\w.-]*$/.test(id))).toEqual([]);
      expect(root.declarations).toEqual([{ prefix: 'soap', uri: NS_SOAP }]);
    }
  });

  test('declares the namespaces of the payload on the payload', async () => {
    for (const xml of await all()) {
      const body = requireChild(readXml(xml), NS_SOAP, 'Body');
      const [content] = elements(body);
      expect(content?.declarations.map(({ prefix }) => prefix)).toEqual(['t', 'u']);
      expect(body.children).toHaveLength(1);
    }
  });

  (hasShared() ? test : test.skip)('is valid by the schemas of OASIS', async () => {
    xmlRegisterFsInputProviders();
    const path = join(SHARED, 'schemas/sts/oasis-200401-wss-wssecurity-secext-1.0.xsd');
    const schema = XmlDocument.fromBuffer(readFileSync(path), {
      url: path,
      option: ParseOption.XML_PARSE_NONET,
    });
    const validator = XsdValidator.fromDoc(schema);
    for (const xml of await all()) {
      const document = XmlDocument.fromString(canonicalize(securityOf(xml)));
      validator.validate(document);
      document.dispose();
    }
    const broken = XmlDocument.fromString(
      canonicalize(securityOf((await all())[0] ?? '')).replaceAll('wsu:Created', 'wsu:Made'),
    );
    expect(() => {
      validator.validate(broken);
    }).toThrow();
    broken.dispose();
    validator.dispose();
    schema.dispose();
  });

  test('none: nothing but the payload, and a Header only when there is one to send', async () => {
    const tree = await secureEnvelope(t('Ping'), [], { kind: 'none' }, { now, newId: randomUUID });
    expect(writeXml(tree)).toBe(
      `<soap:Envelope xmlns:soap="${NS_SOAP}"><soap:Body><t:Ping xmlns:t="urn:test"/></soap:Body></soap:Envelope>`,
    );
    const addressed = await secureEnvelope(
      t('Ping'),
      [wsa('To', {}, 'urn:x')],
      { kind: 'none' },
      { now, newId: randomUUID },
    );
    expect(writeXml(addressed)).toContain('<soap:Header><wsa:To');
  });

  test('a refusal of the signer passes through as it is', async () => {
    const refusal = new Error('the card was taken out');
    const signer = { ...identities.eid.signer, sign: () => Promise.reject(refusal) };
    await expect(secure({ kind: 'x509', signer })).rejects.toBe(refusal);
  });
});
