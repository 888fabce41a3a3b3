/** A delivered certificate goes into the keystore only when key, name, dates and issuer are right. */

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { createPendingKeystore } from '../../src/keystore/keystore.js';
import { installChain } from '../../src/lifecycle/install.js';
import { basicConstraintsExtension, buildCertificate, keyUsageExtension } from '../../src/x509/build.js'; // prettier-ignore
import { parseCertificate } from '../../src/x509/certificate.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { encodeName, parseDistinguishedName } from '../../src/x509/name.js';

const DN =
  'CN=SSIN\\=79021599732,OU=eHealth-platform Belgium,OU=JEAN EXEMPLE,OU=SSIN\\=79021599732,O=Federal Government,C=BE';
const now = new Date('2026-03-01T12:00:00Z');
const from = new Date('2026-03-01T00:00:00Z');
const until = new Date('2029-03-01T00:00:00Z');
const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const spki = (of: KeyObject): Uint8Array =>
  Uint8Array.from(createPublicKey(of).export({ type: 'spki', format: 'der' }));

let serial = 1n;
function issue(
  dn: string,
  subjectKey: KeyObject,
  issuerDn: string,
  issuerKey: KeyObject,
  {
    ca = false,
    usage,
    notBefore = from,
    notAfter = until,
  }: { ca?: boolean; usage?: number; notBefore?: Date; notAfter?: Date } = {},
): Certificate {
  serial += 1n;
  return parseCertificate(
    buildCertificate(
      {
        serial,
        issuer: encodeName(parseDistinguishedName(issuerDn)),
        subject: encodeName(parseDistinguishedName(dn)),
        notBefore,
        notAfter,
        publicKeyInfo: spki(subjectKey),
        extensions: [
          ...(ca ? [basicConstraintsExtension(true)] : []),
          keyUsageExtension(usage ?? (ca ? 0x06 : 0x80)),
        ],
      },
      issuerKey,
      { digest: 'sha384' },
    ),
  );
}

const rootKey = ec();
const caKey = ec();
const root = issue('CN=root,C=BE', rootKey, 'CN=root,C=BE', rootKey, { ca: true });
const ca = issue('CN=issuing,C=BE', caKey, 'CN=root,C=BE', rootKey, { ca: true });
const leaf = issue(DN, key, 'CN=issuing,C=BE', caKey);
const stranger = issue('CN=other,C=BE', ec(), 'CN=other,C=BE', rootKey, { ca: true });
const pending = createPendingKeystore(key, now);
const install = (
  chain: readonly [Certificate, ...Certificate[]],
  options: Partial<Parameters<typeof installChain>[2]> = {},
) => installChain(pending, chain, { dn: DN, roots: [root], now, ...options });

describe('installChain', () => {
  test('takes the certificate and its issuers, without the root', () => {
    const { state, authentication } = install([leaf, ca]);
    expect(state).toBe('ready');
    expect(authentication.chain).toEqual([leaf, ca]);
    expect(authentication.privateKey).toBe(key);
    expect(install([leaf, stranger, ca, root]).authentication.chain).toEqual([leaf, ca, root]);
  });

  test('works when the issuing CA itself is trusted, and without a contract at hand', () => {
    expect(install([leaf], { roots: [ca], dn: undefined }).authentication.chain).toEqual([leaf]);
  });

  test('keeps everything else that is in the keystore', () => {
    const extra = { alias: 'x', privateKey: key };
    const { unpairedKeys } = installChain({ ...pending, unpairedKeys: [extra] }, [leaf, ca], { dn: DN, roots: [root], now }); // prettier-ignore
    expect(unpairedKeys).toEqual([extra]);
  });

  const otherKey = issue(DN, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'CN=issuing,C=BE', caKey); // prettier-ignore
  const otherName = issue(DN.replaceAll('79021599732', '85061199814'), key, 'CN=issuing,C=BE', caKey); // prettier-ignore
  const noHolder = issue('CN=x,C=BE', key, 'CN=issuing,C=BE', caKey);
  const eid = issue('serialNumber=79021599732,CN=Jean Exemple,C=BE', key, 'CN=issuing,C=BE', caKey);
  const selfMade = issue(DN, key, 'CN=issuing,C=BE', ec());
  test.each<[string, readonly [Certificate, ...Certificate[]], object, string]>([
    ['for another key', [otherKey, ca], {}, 'E_REPLY_INVALID'],
    ['for another person', [otherName, ca], {}, 'E_REPLY_INVALID'],
    ['that names no holder', [noHolder, ca], { dn: undefined }, 'E_REPLY_INVALID'],
    ['that looks like one of an identity card', [eid, ca], { dn: undefined }, 'E_REPLY_INVALID'],
    ['that cannot authenticate', [issue(DN, key, 'CN=issuing,C=BE', caKey, { usage: 0x30 }), ca], {}, 'E_REPLY_INVALID'],
    ['whose issuer comes first', [ca, leaf], {}, 'E_REPLY_INVALID'],
    ['that is not valid yet', [leaf, ca], { now: new Date('2026-02-01T00:00:00Z') }, 'E_CERT_NOT_YET_VALID'],
    ['that has expired', [leaf, ca], { now: new Date('2030-01-01T00:00:00Z') }, 'E_CERT_EXPIRED'],
    ['without its issuer', [leaf], {}, 'E_CERT_UNTRUSTED'],
    ['signed by somebody who took the name of the CA', [selfMade, ca], {}, 'E_CERT_UNTRUSTED'],
    ['under a root that nobody trusts', [leaf, ca], { roots: [stranger] }, 'E_CERT_UNTRUSTED'],
    ['that brings its own root along', [leaf, ca, root], { roots: [] }, 'E_CERT_UNTRUSTED'],
  ])('refuses a certificate %s', (_, chain, options, code) => {
    expect(() => install(chain, options)).toThrow(expect.objectContaining({ code }));
  }); // prettier-ignore
});
