/** CMS messages made by openssl are read and verified; those made here are verified by pkijs. */

import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, privateDecrypt, constants } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fromBER } from 'asn1js';
import { ContentInfo, SignedData } from 'pkijs';

import { contentKeyLength } from '../../src/cms/content-cipher.js';
import { readSignedData } from '../../src/cms/signed-data.js';
import { signContent } from '../../src/cms/sign.js';
import { contentOf, signatureScheme, signingTime, verifySigner } from '../../src/cms/verify.js';
import { OID_DATA } from '../../src/der/oids.js';
import { certificateOf, pkiPath, signerOf } from '../etee/pki.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import { hasProgram } from '../support/tools.js';
import { decrypt, encodeSignedData, readEnveloped, readSigned } from './encode.js';

const withOpenssl = hasProgram('openssl') ? describe : describe.skip;
const CONTENT = Buffer.from('content of a CMS message\n'.repeat(200));

let folder: string;
const file = (name: string): string => join(folder, name);
const openssl = (...args: readonly string[]): void => {
  execFileSync('openssl', args, { stdio: 'pipe' });
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'topaz-cms-'));
  writeFileSync(file('content'), CONTENT);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

withOpenssl('openssl signs', () => {
  const signer = certificateOf('sender-auth');
  const sign = (...more: readonly string[]): Uint8Array => {
    openssl(
      'cms', '-sign', '-binary', '-nodetach', '-outform', 'DER', '-in', file('content'), '-out', file('signed'),
      '-signer', pkiPath('sender-auth.pem'), '-inkey', pkiPath('sender-auth.key'), ...more,
    ); // prettier-ignore
    return readFileSync(file('signed'));
  };
  const pss = (salt: number): string[] => [
    '-keyopt', 'rsa_padding_mode:pss', '-keyopt', `rsa_pss_saltlen:${salt}`,
  ]; // prettier-ignore

  test.each([
    ['PKCS#1 SHA-1', ['-md', 'sha1'], 'sha1'],
    ['PKCS#1 SHA-256', ['-md', 'sha256'], 'sha256'],
    ['PKCS#1 SHA-384', ['-md', 'sha384'], 'sha384'],
    ['PKCS#1 SHA-512', ['-md', 'sha512'], 'sha512'],
    ['PSS SHA-256', ['-md', 'sha256', ...pss(32)], 'sha256'],
    ['PSS SHA-512, salt 20', ['-md', 'sha512', ...pss(20)], 'sha512'],
    ['PSS SHA-1, everything at its default', ['-md', 'sha1', ...pss(20)], 'sha1'],
    ['indefinite lengths', ['-md', 'sha256', '-indef'], 'sha256'],
    ['no attributes', ['-md', 'sha256', '-noattr', ...pss(32)], 'sha256'],
    ['no attributes, PKCS#1 SHA-512', ['-md', 'sha512', '-noattr'], 'sha512'],
    ['no attributes, PSS SHA-384, salt 20', ['-md', 'sha384', '-noattr', ...pss(20)], 'sha384'],
    ['key identifier', ['-md', 'sha256', '-keyid'], 'sha256'],
    ['no certificates', ['-md', 'sha256', '-nocerts'], 'sha256'],
  ])('%s', async (name, options, digest) => {
    const bytes = sign(...options);
    const data = readSignedData(bytes);
    expect(Buffer.from(data.content!)).toEqual(CONTENT);
    expect(data.certificates).toHaveLength(name === 'no certificates' ? 0 : 1);
    const [info] = data.signers;
    const content = contentOf(data.contentType, data.content!);
    expect(signatureScheme(info!)).toMatchObject({ digest });
    expect(verifySigner(info!, content, signer.publicKey)).toBe('valid');
    expect(signingTime(info!) === undefined).toBe(name.startsWith('no attributes'));
    expect(verifySigner(info!, content, certificateOf('other-auth').publicKey)).toBe('mismatch');
    expect(verifySigner(info!, contentOf(OID_DATA, Buffer.from('other')), signer.publicKey)).toBe(
      name.startsWith('no attributes') ? 'mismatch' : 'unverifiable',
    );
    // The same from a stream, whose content has gone by.
    for (const chunkBytes of [1, 1000, 1 << 20]) {
      const stream = await readSigned(bytes, chunkBytes);
      expect(stream.octets).toEqual(CONTENT);
      expect(stream.certificates).toEqual(data.certificates);
      const [streamed] = stream.signers;
      expect(verifySigner(streamed!, stream.content!, signer.publicKey)).toBe('valid');
      expect(verifySigner(streamed!, stream.content!, certificateOf('other-auth').publicKey)).toBe(
        'mismatch',
      );
      expect(
        verifySigner(
          streamed!,
          { ...contentOf(OID_DATA, Buffer.from('other')), octets: undefined },
          signer.publicKey,
        ),
      ).toBe(name.startsWith('no attributes') ? 'mismatch' : 'unverifiable');
    }
  });

  test.each(['prime256v1', 'secp384r1', 'secp521r1'])('ECDSA %s', (curve) => {
    openssl(
      'req', '-x509', '-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-nodes', '-subj', '/CN=EC',
      '-keyout', file('ec.key'), '-out', file('ec.pem'),
    ); // prettier-ignore
    openssl(
      'cms', '-sign', '-binary', '-nodetach', '-md', 'sha384', '-outform', 'DER', '-in', file('content'),
      '-out', file('signed'), '-signer', file('ec.pem'), '-inkey', file('ec.key'),
    ); // prettier-ignore
    const data = readSignedData(readFileSync(file('signed')));
    const [certificate] = parsePemCertificates(readFileSync(file('ec.pem'), 'utf8'));
    const content = contentOf(data.contentType, data.content!);
    expect(verifySigner(data.signers[0]!, content, certificate!.publicKey)).toBe('valid');
    expect(verifySigner(data.signers[0]!, content, signer.publicKey)).toBe('mismatch');
  });

  test('detached: without content', () => {
    openssl(
      'cms', '-sign', '-binary', '-outform', 'DER', '-in', file('content'), '-out', file('signed'),
      '-signer', pkiPath('sender-auth.pem'), '-inkey', pkiPath('sender-auth.key'),
    ); // prettier-ignore
    expect(readSignedData(readFileSync(file('signed'))).content).toBeUndefined();
  });
});

withOpenssl('openssl encrypts', () => {
  test.each([
    ['-aes-128-cbc', 16],
    ['-aes-192-cbc', 24],
    ['-aes-256-cbc', 32],
    ['-des3', 24],
  ])('%s', async (cipher, keyLength) => {
    openssl(
      'cms', '-encrypt', '-binary', cipher, '-outform', 'DER', '-in', file('content'), '-out', file('encrypted'),
      '-recip', pkiPath('recipient-enc.pem'), '-keyopt', 'rsa_padding_mode:oaep',
    ); // prettier-ignore
    const data = await readEnveloped(readFileSync(file('encrypted')));
    expect(contentKeyLength(data.cipher)).toBe(keyLength);
    const key = privateDecrypt(
      {
        key: createPrivateKey(readFileSync(pkiPath('recipient-enc.key'))),
        padding: constants.RSA_PKCS1_OAEP_PADDING,
      },
      data.recipients[0]!.encryptedKey,
    );
    expect(await decrypt(data.cipher, key, data.encrypted)).toEqual(CONTENT);
    expect(await decrypt(data.cipher, key, data.encrypted.subarray(1))).toBeUndefined();
    expect(await decrypt(data.cipher, key.subarray(1), data.encrypted)).toBeUndefined();
  });
});

describe('pkijs verifies', () => {
  test.each(['rsa-pss-sha256', 'rsa-sha256'] as const)('%s', async (algorithm) => {
    const signer = signerOf('sender');
    const bytes = encodeSignedData({
      contentType: OID_DATA,
      content: CONTENT,
      certificates: signer.chain.map(({ der }) => der),
      signerInfos: [
        await signContent(createHash('sha256').update(CONTENT).digest(), {
          signer,
          algorithm,
          contentType: OID_DATA,
          now: new Date('2026-03-01T08:02:00Z'),
        }),
      ],
    });
    const verify = async (message: Uint8Array): Promise<boolean> => {
      const info = new ContentInfo({
        schema: fromBER(Uint8Array.from(message).buffer).result,
      });
      const signed = new SignedData({ schema: info.content });
      return signed.verify({ signer: 0, checkChain: false });
    };
    expect(await verify(bytes)).toBe(true);
    const at = Buffer.from(bytes).indexOf(CONTENT);
    const bent = bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
    expect(await verify(bent).catch(() => false)).toBe(false);
  });
});
