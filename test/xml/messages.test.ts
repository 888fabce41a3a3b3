/**
 * The whole WS-Security corpus of verify-wss, judged here: the same verdicts as Apache Santuario's, and for
 * each refusal the reason, so that none is refused by accident.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { TopazError } from '../../src/errors.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import { NS_SAML, NS_SOAP } from '../../src/xml/namespaces.js';
import { attribute, walk } from '../../src/xml/query.js';
import { verifyMessage } from '../../src/xml/verify-message.js';
import type { MessagePart, MessagePolicy, VerifiedMessage } from '../../src/xml/verify-message.js';
import { hasShared, SHARED } from '../support/tools.js';

const dir = join(SHARED, 'tools/verify-wss/test');
const corpus = hasShared() ? describe : describe.skip;

interface Case {
  readonly name: string;
  readonly good: boolean;
  readonly options: string;
}

function readCases(): readonly Case[] {
  return readFileSync(join(dir, 'cases.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('|'))
    .map(([name = '', status, options = '']) => ({ name, good: status === '0', options }));
}

const cases = hasShared() ? readCases() : [];

const pem = (file: string) => parsePemCertificates(readFileSync(join(dir, file), 'utf8'));

function verify(name: string, options: string): VerifiedMessage {
  const bytes = readFileSync(join(dir, 'messages', `${name}.xml`));
  const token = /--expect (x509|saml)/.exec(options)?.[1];
  const parts = /--require (\S+)/.exec(options)?.[1]?.split(',');
  const policy: MessagePolicy = {
    // Without --expect any token is right: the one that the message has.
    token: (token ?? (bytes.includes('KeyIdentifier') ? 'saml' : 'x509')) as 'x509' | 'saml',
    parts: parts as MessagePart[] | undefined,
    roots: pem('ca.pem'),
    sts: pem('sts.pem'),
    now: new Date(readFileSync(join(dir, 'at.txt'), 'utf8').trim()),
    requireInner: options.includes('--require-inner'),
    allowSha1: options.includes('--allow-sha1'),
  };
  return verifyMessage(bytes, policy);
}

/** Why each is refused here. */
const REASONS: Readonly<Record<string, RegExp>> = {
  'bad-fallback-without-inner': /no signature of its holder/,
  'bad-wrong-token': /another token/,
  'bad-body-changed': /changed/,
  'bad-timestamp-changed': /changed/,
  'bad-timestamp-missing': /no Timestamp/,
  'bad-body-not-signed': /does not cover the body/,
  'bad-signature-value': /key that is trusted/,
  'bad-proof-by-another-key': /key that is trusted/,
  'bad-assertion-attribute': /changed/,
  'bad-assertion-holder-swapped': /changed/,
  'bad-assertion-self-signed': /key that is trusted/,
  'bad-assertion-unsigned': /exactly one Signature/,
  'bad-assertion-expired': /assertion is of another time/,
  'bad-assertion-future': /assertion is of another time/,
  'bad-timestamp-old': /timestamp is of another time/,
  'bad-timestamp-future': /timestamp is of another time/,
  'bad-keyidentifier-other': /assertion of the header/,
  'bad-wrap-body-in-header': /second Body/,
  'bad-wrap-same-id': /second Body|same id/,
  'bad-wrap-body-renamed': /no part of the message|changed/,
  'bad-wrap-two-bodies': /one header and one body/,
  'bad-wrap-assertion': /other parts/,
  'bad-wrap-assertion-advice': /place|another element/,
  'bad-two-assertions': /several of Assertion/,
  'bad-two-signedinfo': /other parts/,
  'bad-comment-in-digest': /comment/,
  'bad-comment-in-attribute': /comment/,
  'bad-two-signatures': /several of Signature/,
  'bad-transform-enveloped': /transforms/,
  'bad-transform-xslt': /transforms/,
  'bad-c14n-inclusive': /exclusively/,
  'bad-hmac': /signature method/,
  'bad-uri-empty': /element of this document/,
  'bad-uri-external': /element of this document/,
  'bad-alg-vs-key': /key that is trusted/,
  'bad-dtd': /document type/,
  'bad-pretty-printed': /key that is trusted/,
  'bad-truncated': /end tag does not fit/,
  'bad-no-security': /no Security/,
  'bad-sha1': /signature method/,
  'bad-bst-swapped': /key that is trusted/,
  'bad-bst-not-signed': /key that is trusted/,
  'bad-designator-changed': /changed/,
  'bad-inner-changed-outer-resigned': /changed/,
  'bad-inner-unsigned-other-key': /no signature of its holder/,
  'bad-inner-signed-by-other': /key that is trusted/,
  'bad-untrusted-ca': /authority that is trusted/,
};

corpus('the messages of verify-wss', () => {
  test('each message has a case', () => {
    const names = readdirSync(join(dir, 'messages')).map((file) => file.replace(/\.xml$/, ''));
    expect(names.sort()).toEqual(cases.map(({ name }) => name).sort());
    expect(cases.filter(({ good }) => !good).map(({ name }) => name).sort()).toEqual(Object.keys(REASONS).sort()); // prettier-ignore
  });

  test.each(cases.filter(({ good }) => good))('$name holds', ({ name, options }) => {
    const { body, assertion, covered, certificate } = verify(name, options);
    expect(covered.has('timestamp')).toBe(true);
    expect(covered.has('body')).toBe(!options.includes('--require timestamp'));
    expect(body?.namespace).toBe(covered.has('body') ? NS_SOAP : undefined);
    expect(assertion?.namespace).toBe(/hok-(rsa|ec|time)|sha1/.test(name) && !name.includes('sts') ? NS_SAML : undefined); // prettier-ignore
    expect(certificate.subject.rdns.length).toBeGreaterThan(0);
  });

  test.each(cases.filter(({ good }) => !good))('$name is refused', ({ name, options }) => {
    let refusal: TopazError | undefined;
    try {
      verify(name, options);
    } catch (error) {
      refusal = error as TopazError;
    }
    expect(refusal?.code).toBe(/-(dtd|truncated)$/.test(name) ? 'E_XML_MALFORMED' : 'E_SIGNATURE_INVALID'); // prettier-ignore
    expect(refusal?.facts.join(' ')).toMatch(REASONS[name] ?? /^$/);
  });

  test('a good message holds for its own rules alone', () => {
    const reasonOf = (change: Partial<MessagePolicy>): string | undefined => {
      const policy: MessagePolicy = {
        token: 'saml',
        roots: [],
        sts: pem('sts.pem'),
        now: new Date(readFileSync(join(dir, 'at.txt'), 'utf8').trim()),
        ...change,
      };
      try {
        verifyMessage(readFileSync(join(dir, 'messages/good-hok-rsa.xml')), policy);
        return undefined;
      } catch (error) {
        return (error as TopazError).facts.join(' ');
      }
    };
    expect(reasonOf({})).toBeUndefined();
    expect(reasonOf({ token: 'x509' })).toMatch(/another token/);
    expect(reasonOf({ sts: pem('ca.pem') })).toMatch(/key that is trusted/);
    expect(reasonOf({ sts: [] })).toMatch(/key that is trusted/);
    expect(reasonOf({ parts: ['assertion'] })).toMatch(/does not cover the assertion/);
    expect(reasonOf({ requireInner: true })).toMatch(/no SAML request/);
  });

  test('what comes back is what was signed: no signature, nothing of the header', () => {
    const { body, assertion } = verify('good-hok-rsa', '--expect saml');
    const names = [body, assertion].flatMap((each) => (each === undefined ? [] : [...walk(each)]));
    expect(names.map(({ name }) => name)).not.toContain('Signature');
    expect(attribute(assertion, 'AssertionID')).toMatch(/^_/);
  });
});
