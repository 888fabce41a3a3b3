/** The key and its forms. Judges: openssl, WebCrypto, BouncyCastle. */

import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { readJwk, writeJwk } from '../../src/userkey/jwk.js';
import { readKey } from '../../src/userkey/key-text.js';
import { keyFileText } from '../../src/userkey/key-store.js';
import { decryptKey, encryptKey, isEncryptedKey } from '../../src/userkey/passphrase.js';
import {
  generateUserKey,
  idOfFileName,
  keyFingerprint,
  opens,
  parsePartyId,
  pkcs8Of,
  privateFileName,
  readPrivateKey,
  toUserKey,
} from '../../src/userkey/user-key.js';
import type { UserKey } from '../../src/userkey/user-key.js';
import { hasProgram } from '../support/tools.js';
import { ID, opensslKey, testKey } from './keys.js';

const PHRASE = Buffer.from('vier zufällige wörter hier');
const invalid = expect.objectContaining({ code: 'E_KEY_INVALID' });

let folder: string;
let pkcs8: Buffer;
let key: UserKey;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'topaz-key-'));
  pkcs8 = opensslKey();
  key = testKey(pkcs8);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const file = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes, { mode: 0o600 });
  return path;
};

describe('ids and names', () => {
  test('the platform’s name, upper case is read', () => {
    expect(privateFileName(ID)).toBe('3f2504e0-4f89-41d3-9a0c-0305e82c3301-icc-priv.2048.key');
    expect(idOfFileName('3F2504E0-4F89-41D3-9A0C-0305E82C3301-icc-pub.2048.key')).toBe(ID);
    expect(parsePartyId(' 3F2504E0-4F89-41D3-9A0C-0305E82C3301 ')).toBe(ID);
  });

  test.each(['', 'x', '3f2504e04f8941d39a0c0305e82c3301', '../3f2504e0-4f89-41d3-9a0c-0305e82c3301'])('%j is no id', (text) => {
    expect(() => parsePartyId(text)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
    expect(idOfFileName(`${text}-icc-priv.2048.key`)).toBeUndefined();
  }); // prettier-ignore
});

describe('a generated key', () => {
  test('is an RSA key of 2048 bits that openssl finds consistent', async () => {
    const made = await generateUserKey(ID);
    const path = file('made.der', pkcs8Of(made));
    const said = execFileSync('openssl', ['pkey', '-inform', 'DER', '-in', path, '-check', '-noout', '-text']).toString(); // prettier-ignore
    expect(said).toContain('Key is valid');
    expect(said).toMatch(/2048 bit/);
    expect(said).toContain('publicExponent: 65537');
  });

  test('its file is one line of lower-case digits that WebCrypto imports for RSA-OAEP', async () => {
    const text = keyFileText(key);
    expect(text).toMatch(/^[0-9a-f]+\n$/);
    const bytes = Buffer.from(text.trim(), 'hex');
    const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' };
    const imported = await webcrypto.subtle.importKey('pkcs8', bytes, algorithm, true, ['decrypt']);
    const publicKey = await webcrypto.subtle.importKey('spki', key.spki, algorithm, true, ['encrypt']); // prettier-ignore
    const sealed = await webcrypto.subtle.encrypt('RSA-OAEP', publicKey, Buffer.from('dossier'));
    const opened = await webcrypto.subtle.decrypt('RSA-OAEP', imported, sealed);
    expect(Buffer.from(opened).toString()).toBe('dossier');
    expect(opens(key.privateKey, key.spki)).toBe(true);
  });

  test('a key of another does not open what this one closes', () => {
    expect(opens(testKey().privateKey, key.spki)).toBe(false);
    expect(opens(key.privateKey, Buffer.from('no key'))).toBe(false);
  });

  test('the fingerprint is the start of the SHA-256 of the public key', () => {
    const judged = execFileSync('openssl', ['dgst', '-sha256', '-r', file('pub.der', key.spki)]).toString(); // prettier-ignore
    expect(keyFingerprint(key.spki).replaceAll(' ', '')).toBe(judged.slice(0, 32));
  });
});

describe('files of the platform', () => {
  test.each<[string, () => string]>([
    ['PKCS#8 in hexadecimal', () => pkcs8.toString('hex')],
    ['with white space after it', () => `${pkcs8.toString('hex')}  \r\n\n`],
    ['in upper case', () => pkcs8.toString('hex').toUpperCase()],
    ['PKCS#1 of old files', () => createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs1', format: 'der' }).toString('hex')],
    ['PEM', () => `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`],
  ])('%s', (_, text) => {
    const { privateKey } = readKey(Buffer.from(text()));
    expect(privateKey === undefined ? undefined : toUserKey(ID, privateKey).spki).toEqual(key.spki);
  }); // prettier-ignore

  test('binary DER', () => {
    expect(readKey(pkcs8)).toMatchObject({ format: 'der' });
  });

  test.each<[string, () => Uint8Array | string]>([
    ['nothing', () => ''],
    ['a word', () => 'key'],
    ['an odd number of digits', () => pkcs8.toString('hex').slice(1)],
    ['a cut file', () => pkcs8.toString('hex').slice(0, 1000)],
    ['other digits', () => 'deadbeef'.repeat(100)],
    ['a public key', () => Buffer.from(key.spki).toString('hex')],
    ['an EC key', () => execFileSync('openssl', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-outform', 'DER'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString('hex')],
    ['a shorter RSA key', () => opensslKey(1024).toString('hex')],
    ['another exponent', () => opensslKey(2048, 3).toString('hex')],
    ['a very long file', () => '00'.repeat(600_000)],
  ])('%s: E_KEY_INVALID', (_, content) => {
    const bytes = content();
    expect(() => {
      const read = readKey(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
      toUserKey(ID, read.privateKey ?? readPrivateKey(Buffer.of(0)));
    }).toThrow(invalid);
  }); // prettier-ignore

  test.each(['d', 'dp', 'dq', 'qi', 'p'] as const)('a key whose %s was changed', (field) => {
    const jwk = key.privateKey.export({ format: 'jwk' });
    const number = Buffer.from(jwk[field] ?? '', 'base64url');
    number[5] = (number[5] ?? 0) ^ 1;
    expect(() =>
      toUserKey(ID, createPrivateKey({ format: 'jwk', key: { ...jwk, [field]: number.toString('base64url') } })),
    ).toThrow(); // prettier-ignore
  });
});

describe('JWK', () => {
  test('as WebCrypto makes it, read; as we write it, imported by WebCrypto', async () => {
    const algorithm = { name: 'RSA-OAEP', hash: 'SHA-1' };
    const theirs = await webcrypto.subtle.exportKey('jwk', await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['decrypt'])); // prettier-ignore
    expect(toUserKey(ID, readJwk(JSON.stringify(theirs))).spki).toEqual(key.spki);
    const ours = JSON.parse(writeJwk(key.privateKey)) as webcrypto.JsonWebKey;
    const imported = await webcrypto.subtle.importKey('jwk', ours, algorithm, true, ['decrypt']);
    expect(Buffer.from(await webcrypto.subtle.exportKey('pkcs8', imported))).toEqual(pkcs8);
  });

  test.each([[['n', 'e']], [['n']], [['e']], [['dp', 'dq', 'qi']], [['n', 'e', 'dp', 'dq', 'qi', 'kty']]])('scanned without %j', (left) => {
    const jwk = Object.fromEntries(Object.entries(key.privateKey.export({ format: 'jwk' })).filter(([name]) => !left.includes(name))); // prettier-ignore
    expect(toUserKey(ID, readJwk(JSON.stringify(jwk))).spki).toEqual(key.spki);
  }); // prettier-ignore

  test.each([
    ['no JSON', '{'],
    ['no object', '"x"'],
    ['another kind', '{"kty":"EC","d":"AQ","p":"AQ","q":"AQ"}'],
    ['a public key only', '{"kty":"RSA","n":"AQAB","e":"AQAB"}'],
    ['numbers that are none', '{"kty":"RSA","d":"!!","p":"AQ","q":"AQ"}'],
    ['numbers that are tiny', '{"kty":"RSA","d":"AQ","p":"AA","q":"Aw"}'],
    ['numbers that make no key', '{"kty":"RSA","d":"BQ","p":"Cw","q":"DQ"}'],
  ])('%s: refused', (_, text) => {
    expect(() => toUserKey(ID, readJwk(text))).toThrow(invalid);
  });
});

describe('under a passphrase', () => {
  let sealed: Uint8Array;
  beforeAll(async () => {
    sealed = await encryptKey(pkcs8, PHRASE);
  });

  test('comes back, also with the accents in Unicode’s other form', async () => {
    expect(isEncryptedKey(sealed)).toBe(true);
    expect(Buffer.from(await decryptKey(sealed, PHRASE))).toEqual(pkcs8);
    const decomposed = Buffer.from(PHRASE.toString().normalize('NFD'));
    expect(Buffer.from(await decryptKey(sealed, decomposed))).toEqual(pkcs8);
  });

  test('another passphrase, a changed byte of content, tag or salt: E_PASSPHRASE', async () => {
    const refused = expect.objectContaining({ code: 'E_PASSPHRASE' });
    await expect(decryptKey(sealed, Buffer.from('another one'))).rejects.toEqual(refused);
    for (const at of [sealed.length - 1, sealed.length - 40]) {
      const changed = Uint8Array.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(decryptKey(changed, PHRASE)).rejects.toEqual(refused);
    }
  });

  test.each<[string, (hex: string) => string]>([
    ['a derivation that would eat the memory', (hex) => hex.replace('0203020000', '0203400000')],
    ['a cost that is no power of two', (hex) => hex.replace('0203020000', '0203020001')],
    ['a cost of nothing', (hex) => hex.replace('0203020000', '0203000000')],
    ['cut', (hex) => hex.slice(0, 200)],
    ['another cipher', (hex) => hex.replace('60864801650304012e', '60864801650304012a')],
  ])('%s: E_KEY_INVALID at once', async (_, change) => {
    const from = Buffer.from(sealed).toString('hex');
    const to = change(from);
    expect(to).not.toBe(from);
    const start = performance.now();
    await expect(decryptKey(Buffer.from(to, 'hex'), PHRASE)).rejects.toEqual(invalid);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  const jars = ['bcprov', 'bcpkix', 'bcutil']
    .map((name) => `/usr/share/java/${name}.jar`)
    .join(':');
  (hasProgram('java') ? test : test.skip)('BouncyCastle opens ours, we open its', async () => {
    const program = file('Judge.java', JUDGE);
    const plain = file('plain.der', pkcs8);
    const ours = file('ours.der', sealed);
    const theirs = join(folder, 'theirs.der');
    const phrase = file('phrase', PHRASE);
    const said = execFileSync('java', ['-cp', jars, program, ours, phrase, plain, theirs]).toString();
    expect(said.trim()).toBe('same');
    expect(Buffer.from(await decryptKey(execFileSync('cat', [theirs]), PHRASE))).toEqual(pkcs8);
  }, 60_000); // prettier-ignore
});

test('nothing of the key is in an error', () => {
  const hex = pkcs8.toString('hex');
  let seen = '';
  try {
    readKey(Buffer.from(`${hex}zz`));
  } catch (error) {
    seen = JSON.stringify(error) + String(error);
  }
  expect(seen).not.toBe('');
  expect(seen).not.toContain(hex.slice(60, 80));
  expect(createPublicKey(key.privateKey).type).toBe('public');
});

/** Opens with BouncyCastle, and makes one: scrypt and AES-256-GCM. */
const JUDGE = `
import java.nio.file.*;
import java.security.Security;
import java.util.Arrays;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.util.ScryptConfig;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.pkcs.*;
import org.bouncycastle.pkcs.jcajce.*;

public class Judge {
  public static void main(String[] args) throws Exception {
    BouncyCastleProvider bc = new BouncyCastleProvider();
    Security.addProvider(bc);
    char[] phrase = Files.readString(Path.of(args[1])).toCharArray();
    byte[] plain = Files.readAllBytes(Path.of(args[2]));
    PKCS8EncryptedPrivateKeyInfo ours = new PKCS8EncryptedPrivateKeyInfo(Files.readAllBytes(Path.of(args[0])));
    byte[] opened = ours.decryptPrivateKeyInfo(
      new JcePKCSPBEInputDecryptorProviderBuilder().setProvider(bc).build(phrase)).getEncoded();
    System.out.println(Arrays.equals(opened, plain) ? "same" : "different");
    byte[] theirs = new PKCS8EncryptedPrivateKeyInfoBuilder(PrivateKeyInfo.getInstance(plain)).build(
      new JcePKCSPBEOutputEncryptorBuilder(
        new ScryptConfig.Builder(16384, 8, 1).withSaltLength(20).build(), NISTObjectIdentifiers.id_aes256_GCM)
        .setProvider(bc).build(phrase)).getEncoded();
    Files.write(Path.of(args[3]), theirs);
  }
}
`;
