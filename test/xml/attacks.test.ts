/**
 * Messages that somebody bent. Where that needs a key, the bent part is signed rightly by whoever can: what
 * is refused must be refused for the bend, so each case names the reason.
 */

import { createHmac, sign } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { TopazError } from '../../src/errors.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import { NS_DS, NS_SAML, NS_SOAP, NS_WSSE, NS_WSU } from '../../src/xml/namespaces.js';
import { childText, elements, text, walk } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { verifyMessage } from '../../src/xml/verify-message.js';
import type { MessagePolicy, VerifiedMessage } from '../../src/xml/verify-message.js';
import { verifyXml } from '../../src/xml/verify.js';
import { createPki } from '../soap/openssl-pki.js';
import type { Identity, Pki } from '../soap/openssl-pki.js';
import { reference, RSA_SHA256, seal, SHA256, signature } from './forge.js';
import { makeKey } from './test-keys.js';

let pki: Pki;
let holder: Identity;
let sts: Identity;
let attacker: Identity;
let ec: Identity;
let now: Date;

beforeAll(() => {
  pki = createPki('Test CA of attacks');
  holder = pki.issue('holder');
  sts = pki.issue('sts');
  ec = pki.issue('ec', { curve: 'P-256' });
  attacker = createStranger();
  now = new Date(ec.certificate.notBefore.getTime() + 60_000);
});
afterAll(() => {
  pki.remove();
});

/** Somebody with a certificate of another authority. */
function createStranger(): Identity {
  const other = createPki('Test CA of attacks');
  const identity = other.issue('holder');
  other.remove();
  return identity;
}

const rsa =
  ({ privateKey }: Identity) =>
  (data: Buffer): Buffer =>
    sign('sha256', data, privateKey);
const base64 = ({ certificate }: Identity): string => Buffer.from(certificate.der).toString('base64'); // prettier-ignore
const minutes = (n: number): string => new Date(now.getTime() + n * 60_000).toISOString();

const PROFILE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';
const timestamp = (id = 'TS'): string =>
  `<wsu:Timestamp wsu:Id="${id}"><wsu:Created>${minutes(0)}</wsu:Created><wsu:Expires>${minutes(1)}</wsu:Expires></wsu:Timestamp>`;
const token = (who: Identity): string =>
  `<wsse:BinarySecurityToken wsu:Id="X509" ValueType="${PROFILE}x509-token-profile-1.0#X509v3" EncodingType="${PROFILE}soap-message-security-1.0#Base64Binary">${base64(who)}</wsse:BinarySecurityToken>`;
const toToken = `<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI="#X509" ValueType="${PROFILE}x509-token-profile-1.0#X509v3"/></wsse:SecurityTokenReference></ds:KeyInfo>`;
const toAssertion =
  '<ds:KeyInfo><wsse:SecurityTokenReference><wsse:KeyIdentifier ValueType="http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID">_a</wsse:KeyIdentifier></wsse:SecurityTokenReference></ds:KeyInfo>';
const body = (content = '<m:Ask xmlns:m="urn:m">truth</m:Ask>'): string =>
  `<soap:Body wsu:Id="B" xmlns:wsu="${NS_WSU}">${content}</soap:Body>`;
const envelope = (security: string, afterHeader = body(), header = ''): string =>
  `<soap:Envelope xmlns:soap="${NS_SOAP}"><soap:Header><wsse:Security xmlns:wsse="${NS_WSSE}" xmlns:wsu="${NS_WSU}">${security}</wsse:Security>${header}</soap:Header>${afterHeader}</soap:Envelope>`;

const PARTS = reference('B') + reference('TS') + reference('X509');

/** A message by token, unsigned as yet. */
const template = (parts = PARTS, method = RSA_SHA256, who = holder): string =>
  envelope(timestamp() + token(who) + signature(parts, toToken, method));
const good = (): string => seal(template(), rsa(holder));

/** An assertion about a holder, signed by somebody. */
function assertionOf(who: Identity, by: Identity, value = '79021599732', id = '_a'): string {
  const subject = `<Subject><NameIdentifier>CN=holder</NameIdentifier><SubjectConfirmation><ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:holder-of-key</ConfirmationMethod><ds:KeyInfo xmlns:ds="${NS_DS}"><ds:X509Data><ds:X509Certificate>${base64(who)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></SubjectConfirmation></Subject>`;
  return seal(
    `<Assertion xmlns="${NS_SAML}" AssertionID="${id}" IssueInstant="${minutes(0)}" Issuer="urn:be:fgov:ehealth:sts:1_0" MajorVersion="1" MinorVersion="1"><Conditions NotBefore="${minutes(-1)}" NotOnOrAfter="${minutes(60)}"/><AttributeStatement>${subject}<Attribute AttributeName="ssin" AttributeNamespace="urn:n"><AttributeValue>${value}</AttributeValue></Attribute></AttributeStatement>${signature(reference(id, true))}</Assertion>`,
    rsa(by),
  );
}

/** A message by assertion, signed by whoever. */
const sealedWith = (assertions: string, by: Identity, header = ''): string =>
  seal(
    envelope(timestamp() + assertions + signature(reference('B') + reference('TS'), toAssertion), body(), header),
    rsa(by),
  ); // prettier-ignore

function judge(xml: string | Buffer, change: Partial<MessagePolicy> = {}): VerifiedMessage {
  const isSaml = xml.includes('wsse:KeyIdentifier');
  const [root] = readRoots();
  return verifyMessage(Buffer.from(xml), {
    token: isSaml ? 'saml' : 'x509',
    roots: root === undefined ? [] : [root],
    sts: [sts.certificate],
    now,
    ...change,
  });
}

const readRoots = () => parsePemCertificates(pki.caPem);

function refusal(run: () => unknown): string {
  try {
    run();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof TopazError)) throw error;
    const { code, facts } = error;
    return `${code}: ${facts.join(' ')}`;
  }
}

describe('what is straight holds', () => {
  test('by token and by assertion', () => {
    expect(childTextOf(judge(good()))).toBe('truth');
    expect([...judge(good()).covered]).toEqual(['body', 'timestamp', 'token']);
    const bySaml = judge(sealedWith(assertionOf(holder, sts), holder));
    expect(bySaml.certificate.der).toEqual(holder.certificate.der);
    expect(childTextOf(bySaml)).toBe('truth');
  });
});

const childTextOf = ({ body: signed }: VerifiedMessage): string => text(elements(signed)[0]);

/** Name, bent message, reason. */
type Attack = readonly [string, () => string | Buffer, RegExp];

const info = (xml: string): string => /<ds:SignedInfo>[\s\S]*?<\/ds:SignedInfo>/.exec(xml)?.[0] ?? ''; // prettier-ignore
const truth = '<m:Ask xmlns:m="urn:m">truth</m:Ask>';
const lie = '<m:Ask xmlns:m="urn:m">lie</m:Ask>';
/** The second SignedInfo says what the liar wants; the signature is of the first. */
const doubled = (xml: string): string =>
  info(xml) + info(xml).replace(/Value>[^<]{4}/, 'Value>AAAA');
const transforms = (uris: readonly string[]): string =>
  template(
    reference('B').replace(
      /<ds:Transforms>.*<\/ds:Transforms>/,
      `<ds:Transforms>${uris.map((uri) => `<ds:Transform Algorithm="${uri}"/>`).join('')}</ds:Transforms>`,
    ) +
      reference('TS') +
      reference('X509'),
  );
const EXC = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const bentTransforms = (...uris: readonly string[]): string => seal(transforms(uris), rsa(holder));

const ATTACKS: readonly Attack[] = [
  // The signature itself.
  ['two SignedInfo, the signed one first', () => good().replace(info(good()), () => doubled(good())), /other parts/],
  ['a second SignedInfo behind the value', () => good().replace('</ds:SignatureValue>', `</ds:SignatureValue>${info(good())}`), /other parts/],
  ['an Object with another SignedInfo', () => good().replace('</ds:KeyInfo>', `</ds:KeyInfo><ds:Object>${info(good())}</ds:Object>`), /other parts/],
  ['two signatures', () => good().replace('<ds:Signature ', `${signature(PARTS)}<ds:Signature `), /several of Signature/],
  ['a comment in a DigestValue', () => good().replace('<ds:DigestValue>', '<ds:DigestValue><!--A-->'), /comment/],
  ['a comment that parts a DigestValue', () => good().replace(/(<ds:DigestValue>.{8})/, '$1<!--="-->'), /comment/],
  ['an instruction in the SignatureValue', () => good().replace('<ds:SignatureValue>', '<ds:SignatureValue><?x?>'), /instruction/],
  ['an element in a DigestValue', () => good().replace('<ds:DigestValue>', '<ds:DigestValue><x/>'), /more than text/],
  ['an empty SignatureValue', () => template(), /more than text/],
  ['a SignatureValue cut short', () => good().replace(/(<ds:SignatureValue>.{40})[^<]*/, '$1'), /key that is trusted/],
  ['a digest cut short', () => seal(template().replace('<ds:DigestValue></', '<ds:DigestValue>AAAA</'), rsa(holder)), /changed/],
  ['a SignatureValue of zeros', () => good().replace(/(<ds:SignatureValue>)[^<]*/, `$1${Buffer.alloc(256).toString('base64')}`), /key that is trusted/],
  ['the prefix of SignedInfo bound to another namespace', () => good().replace('<ds:SignedInfo>', '<ds:SignedInfo xmlns:ds="urn:other">'), /other parts/],
  // Algorithms.
  ['HMAC with the public key as the secret', () => seal(template(PARTS, `${NS_DS}hmac-sha1`), (data) => createHmac('sha1', holder.certificatePem).update(data).digest()), /signature method/],
  ['HMAC-SHA-256', () => seal(template(PARTS, 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256'), (data) => createHmac('sha256', holder.certificatePem).update(data).digest()), /signature method/],
  ['an output length', () => seal(template().replace(`${RSA_SHA256}"/>`, `${RSA_SHA256}"><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>`), rsa(holder)), /signature method/],
  ['no algorithm', () => seal(template(PARTS, ''), rsa(holder)), /signature method/],
  ['RSA with SHA-1', () => seal(template(PARTS, `${NS_DS}rsa-sha1`), (data) => sign('sha1', data, holder.privateKey)), /signature method/],
  ['SHA-1 digests', () => seal(template(PARTS.replaceAll(SHA256, `${NS_DS}sha1`)), rsa(holder)), /digest method/],
  ['an RSA signature that says ECDSA', () => seal(template(PARTS, 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256'), rsa(holder)), /key that is trusted/],
  ['PKCS#1 that says PSS', () => seal(template(PARTS, 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1'), rsa(holder)), /key that is trusted/],
  ['ECDSA in DER', () => seal(template(PARTS, 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', ec), (data) => sign('sha256', data, ec.privateKey)), /key that is trusted/],
  ['ECDSA of zeros', () => seal(template(PARTS, 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', ec), () => Buffer.alloc(64)), /key that is trusted/],
  // References and transforms.
  ['a reference to nothing', () => seal(template(`${PARTS}${reference('nowhere')}`), rsa(holder)), /not there/],
  ['a reference to the whole document', () => seal(template(PARTS.replace('#B', '')), rsa(holder)), /element of this document/],
  ['a reference without URI', () => seal(template(PARTS.replace(' URI="#B"', '')), rsa(holder)), /element of this document/],
  ['a reference to a file', () => seal(template(PARTS.replace('#B', 'file:///etc/passwd')), rsa(holder)), /element of this document/],
  ['a reference to another host', () => seal(template(PARTS.replace('#B', 'https://x.test/#B')), rsa(holder)), /element of this document/],
  ['an XPointer', () => seal(template(PARTS.replace('#B', "#xpointer(id('B'))")), rsa(holder)), /not there/],
  ['the same element twice', () => seal(template(`${PARTS}${reference('B')}`), rsa(holder)), /same element/],
  ['more references than anybody needs', () => seal(template(PARTS + Array.from({ length: 300 }, () => reference('B')).join('')), rsa(holder)), /other parts/],
  ['a manifest', () => seal(template(PARTS.replace('#B"', `#B" Type="${NS_DS}Manifest"`)).replace('wsu:Id="B"', 'wsu:Id="C"'), rsa(holder)), /not there/],
  ['no transforms', () => seal(template(PARTS.replace(/<ds:Transforms>.*?<\/ds:Transforms>/, '')), rsa(holder)), /other parts/],
  ['an XPath filter', () => bentTransforms('http://www.w3.org/TR/1999/REC-xpath-19991116', EXC), /transforms/],
  ['XSLT', () => bentTransforms('http://www.w3.org/TR/1999/REC-xslt-19991116'), /transforms/],
  ['base64', () => bentTransforms(`${NS_DS}base64`), /transforms/],
  ['C14N with comments', () => bentTransforms(`${EXC}WithComments`), /transforms/],
  ['inclusive C14N', () => bentTransforms('http://www.w3.org/TR/2001/REC-xml-c14n-20010315'), /transforms/],
  ['C14N after C14N', () => bentTransforms(EXC, EXC), /transforms/],
  ['an enveloped transform where nothing is enveloped', () => bentTransforms(`${NS_DS}enveloped-signature`, EXC), /place/],
  // Keys.
  ['a token of a stranger who bears the same name', () => seal(template(PARTS, RSA_SHA256, attacker), rsa(attacker)), /authority that is trusted/],
  ['signed by a stranger, the token left as it was', () => seal(template(), rsa(attacker)), /key that is trusted/],
  ['a certificate in KeyInfo instead of the reference', () => seal(template().replace(toToken, `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64(attacker)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`), rsa(attacker)), /key reference/],
  ['a bare key in KeyInfo', () => seal(template().replace(toToken, '<ds:KeyInfo><ds:KeyValue/></ds:KeyInfo>'), rsa(attacker)), /key reference|other parts/],
  ['two key references', () => good().replace('</wsse:SecurityTokenReference>', `</wsse:SecurityTokenReference><wsse:SecurityTokenReference/>`), /other parts/],
  ['no KeyInfo', () => good().replace(toToken, ''), /exactly one KeyInfo/],
  ['a second token', () => good().replace('<wsse:BinarySecurityToken', () => `${token(attacker).replace('"X509"', '"Y509"')}<wsse:BinarySecurityToken`), /several of BinarySecurityToken/],
  // Wrapping.
  ['the body moved into the header, another in its place', () => good().replace(body(), body(lie).replace('"B"', '"C"')).replace('</soap:Header>', `<w:W xmlns:w="urn:w">${body()}</w:W></soap:Header>`), /second Body/],
  ['the body moved under another name', () => good().replace(body(), body(lie).replace('"B"', '"C"')).replace('</soap:Header>', `<w:W xmlns:w="urn:w">${body().replaceAll('soap:Body', 'w:Body')}</w:W></soap:Header>`), /no part of the message|changed/],
  ['the body wrapped by another body', () => good().replace(body(), body(body()).replace('"B"', '"C"')), /second Body/],
  ['a second body beside it', () => good().replace(body(), body() + body(lie).replace('"B"', '"C"')), /one header and one body/],
  ['the same id on another element', () => good().replace('</soap:Header>', '<w:W xmlns:w="urn:w" Id="B"/></soap:Header>'), /same id/],
  ['the same id as another attribute', () => good().replace('</soap:Header>', '<w:W xmlns:w="urn:w" ID="B"/></soap:Header>'), /same id/],
  ['the same id as xml:id', () => good().replace('</soap:Header>', '<w:W xmlns:w="urn:w" xml:id="B"/></soap:Header>'), /same id/],
  ['the timestamp moved away, a fresh one in its place', () => good().replace(timestamp(), timestamp('TT')).replace('</soap:Header>', `<w:W xmlns:w="urn:w" xmlns:wsu="${NS_WSU}">${timestamp()}</w:W></soap:Header>`), /second Timestamp/],
  ['the timestamp renamed and moved away', () => good().replace(timestamp(), timestamp('TT')).replace('</soap:Header>', `<w:Timestamp xmlns:w="urn:w" xmlns:wsu="${NS_WSU}" wsu:Id="TS"/></soap:Header>`), /changed/],
  ['the signature moved into the body', () => good().replace(/<ds:Signature [\s\S]*<\/ds:Signature>/, '').replace(truth, (all) => all + signature(PARTS)), /no Signature/],
  ['a security header within the body', () => seal(template().replace(truth, `<wsse:Security xmlns:wsse="${NS_WSSE}"/>`), rsa(holder)), /second Security/],
  ['header and body in another order', () => good().replace(body(), '').replace('<soap:Header>', `${body()}<soap:Header>`), /one header and one body/],
  ['a body of SOAP 1.2', () => seal(template().replaceAll(NS_SOAP, 'http://www.w3.org/2003/05/soap-envelope'), rsa(holder)), /one header and one body/],
  // Assertions.
  ['a stranger with the assertion of another', () => sealedWith(assertionOf(holder, sts), attacker), /key that is trusted/],
  ['an assertion that a stranger made', () => sealedWith(assertionOf(attacker, attacker), attacker), /key that is trusted/],
  ['an assertion that its holder made', () => sealedWith(assertionOf(holder, holder), holder), /key that is trusted/],
  ['another holder in a signed assertion', () => sealedWith(assertionOf(holder, sts).replace(base64(holder), base64(attacker)), attacker), /changed/],
  ['the assertion wrapped in the Object of another', () => sealedWith(assertionOf(attacker, sts, 'x', '_b').replace('AssertionID="_b"', 'AssertionID="_a"').replace('#_b', '#_c').replace('</ds:Signature>', `<ds:Object>${assertionOf(holder, sts).replaceAll('_a', '_c')}</ds:Object></ds:Signature>`), attacker), /other parts/],
  ['the assertion wrapped in the Advice of another', () => wrapped((evil, signed) => evil.replace('</Conditions>', '').replace('<AttributeStatement>', `<Advice>${signed}</Advice><AttributeStatement>`)), /place|another element|not there|key/],
  ['two assertions', () => sealedWith(assertionOf(attacker, attacker, 'x', '_b') + assertionOf(holder, sts), holder), /several of Assertion/],
  ['the assertion elsewhere in the header', () => sealedWith('', holder, assertionOf(holder, sts)), /another token/],
  ['the key reference names another assertion', () => seal(envelope(timestamp() + assertionOf(holder, sts) + signature(reference('B') + reference('TS'), toAssertion.replace('>_a<', '>_b<'))), rsa(holder)), /assertion of the header/],
  // Bytes.
  ['cut in the middle', () => good().slice(0, good().length / 2), /E_XML_MALFORMED/],
  ['one byte too many', () => `${good()}x`, /outside of its root/],
  ['a document type', () => `<!DOCTYPE x>${good()}`, /document type/],
  ['an entity in a value', () => `<!DOCTYPE x [<!ENTITY e "lie">]>${good().replace('truth', '&e;')}`, /document type/],
  ['in UTF-16', () => Buffer.from(`\uFEFF${good()}`, 'utf16le'), /E_XML_MALFORMED/],
  ['a pile of elements', () => good().replace(truth, '<a>'.repeat(300)), /E_XML_LIMIT/],
  ['a signature value of ten megabytes', () => good().replace('<ds:SignatureValue>', `<ds:SignatureValue>${'A'.repeat(10_000_000)}`), /key that is trusted/],
]; // prettier-ignore

/** The holder's assertion inside one that the attacker wrote around it. */
function wrapped(put: (evil: string, signed: string) => string): string {
  const signed = assertionOf(holder, sts).replaceAll('_a', '_z');
  return sealedWith(put(assertionOf(attacker, attacker), signed), attacker);
}

describe('what is bent is refused', () => {
  test.each(ATTACKS)('%s', (_, bend, reason) => {
    expect(refusal(() => judge(bend()))).toMatch(reason);
  });

  test('a key that is too short is no key, even a trusted one', () => {
    const short = makeKey(pki.folder, 'short', 1024);
    const xml = seal(`<a Id="x">${signature(reference('x', true))}</a>`, (data) => sign('sha256', data, short.privateKey)); // prettier-ignore
    const root = readXml(xml);
    const options = { trusted: [short.certificate], idAttribute: 'Id' } as const;
    expect(refusal(() => verifyXml(root, root, options))).toMatch(/key that is trusted/);
  });

  test('what is huge is refused without much work', () => {
    const many = `<a>${'<b Id="x"/>'.repeat(400_000)}</a>`;
    expect(refusal(() => judge(many))).toMatch(/E_XML_LIMIT/);
    expect(refusal(() => judge(Buffer.alloc(33 * 1024 * 1024, 32)))).toMatch(/E_XML_LIMIT/);
  });
});

describe('what comes back is what was signed', () => {
  test('a comment does not part a value', () => {
    const message = judge(good().replace('truth', 'tr<!-- x -->uth'));
    expect(childTextOf(message)).toBe('truth');
    expect([...walk(message.body ?? readXml('<a/>'))].flatMap(({ children }) => children.map(({ kind }) => kind))).not.toContain('comment'); // prettier-ignore
  });

  test('a declaration that no name uses is not signed, and is not handed on', () => {
    const xml = (uri: string): string =>
      template().replace(truth, `<m:Ask xmlns:m="urn:m" xmlns:t="${uri}" type="t:x">1</m:Ask>`);
    const bent = seal(xml('urn:good'), rsa(holder)).replace('urn:good', 'urn:evil');
    const [ask] = elements(judge(bent).body);
    expect(ask?.declarations).toEqual([{ prefix: 'm', uri: 'urn:m' }]);
  });

  test('an enveloped signature is not part of what it signs', () => {
    const xml = seal(`<a Id="x"><b>1</b>${signature(reference('x', true))}<b>2</b></a>`, rsa(holder)); // prettier-ignore
    const root = readXml(xml);
    const verified = verifyXml(root, root, { trusted: [holder.certificate], idAttribute: 'Id' });
    expect(verified.element).toEqual(readXml('<a Id="x"><b>1</b><b>2</b></a>'));
    expect(verified).toMatchObject({ algorithm: 'rsa-sha256', hash: 'sha256' });
    expect(childText(verified.element, NS_DS, 'Signature')).toBeUndefined();
  });
});
