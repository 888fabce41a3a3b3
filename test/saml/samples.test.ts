/**
 * Messages of the judge verify-wss (made with other programs): every assertion in them gets the verdict that
 * its list expects, and every session request is valid by the official schema.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { readAssertion } from '../../src/saml/assertion.js';
import { verifyAssertion } from '../../src/saml/verified-assertion.js';
import type { VerifiedAssertion } from '../../src/saml/verified-assertion.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import { NS_SAML, NS_SOAP, NS_WSSE } from '../../src/xml/namespaces.js';
import { children, requireChild, walk } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';

const JUDGE = join(SHARED, 'tools/verify-wss/test');
const messages = hasShared() ? readdirSync(join(JUDGE, 'messages')) : [];
const textOf = (name: string): string => readFileSync(join(JUDGE, 'messages', name), 'utf8');

/** Verifies the assertion of a call's Security header, for the key that it is bound to in the good message. */
function verify(name: string): VerifiedAssertion {
  const envelope = readXml(textOf(name));
  const security = requireChild(requireChild(envelope, NS_SOAP, 'Header'), NS_WSSE, 'Security');
  const model = [...walk(readXml(textOf(name.includes('-ec') ? 'good-hok-ec.xml' : 'good-hok-rsa.xml')))].find((each) => each.name === 'Assertion' && each.namespace === NS_SAML); // prettier-ignore
  const [holderOfKey] = model === undefined ? [] : readAssertion(model).holders;
  if (holderOfKey === undefined) throw new Error('the good message has no holder');
  const now = new Date(readFileSync(join(JUDGE, 'at.txt'), 'utf8').trim());
  return verifyAssertion(security, envelope, {
    query: {
      requestId: 'request-1',
      assertionId: 'assertion-1',
      authentication: holderOfKey,
      holderOfKey,
      now,
      notOnOrAfter: new Date(now.getTime() + 24 * 3_600_000),
      attributes: [],
      designators: [],
    },
    trusted: parsePemCertificates(readFileSync(join(JUDGE, 'sts.pem'), 'utf8')),
    now,
    raw: new TextEncoder().encode(textOf(name)),
  });
}

const withAssertion = messages.filter((name) => name.startsWith('good-hok'));
/** Those of which the assertion itself is bad; in others the message around it is. */
const bad = messages.filter((name) =>
  /^bad-(?:assertion-|wrap-assertion|two-assertions|comment-in-attribute|dtd)/.test(name),
);

(hasShared() ? describe : describe.skip)('assertions of other programs', () => {
  test.each(withAssertion)('%s is believed', (name) => {
    const { xml, assertionId, attributes } = verify(name);
    expect(textOf(name)).toContain(xml);
    expect(xml).toContain(assertionId);
    expect(attributes.length).toBeGreaterThan(0);
  });

  test.each(bad)('%s is not', (name) => {
    expect(() => verify(name)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^E_(?:ASSERTION|SIGNATURE|XML)_/) as unknown }), // prettier-ignore
    );
  });

  test('there are some of both', () => {
    expect([withAssertion.length, bad.length]).toEqual([3, expect.any(Number)]);
    expect(bad.length).toBeGreaterThanOrEqual(8);
  });
});

(hasShared() && hasProgram('xmllint') ? describe : describe.skip)('session requests of other programs', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'topaz-samples-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(messages.filter((name) => name.startsWith('good-sts')))('%s is valid by the schema', (name) => {
    const envelope = readXml(textOf(name));
    const body = requireChild(envelope, NS_SOAP, 'Body');
    expect(children(body, 'urn:oasis:names:tc:SAML:1.0:protocol', 'Request')).toHaveLength(1);
    const payload = /<(\w+):Body[^>]*>([\s\S]*)<\/\1:Body>/.exec(textOf(name))?.[2] ?? '';
    const file = join(folder, name);
    writeFileSync(file, payload.trim());
    execFileSync('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/sts/oasis-sstc-saml-schema-protocol-1.1.xsd'), file], { stdio: 'pipe' });
  });
}); // prettier-ignore
