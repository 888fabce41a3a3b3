/** What we write: read again, and opened by OpenSSL and pkijs (Java, forge and Node: `matrix.test.ts`). */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import {
  createPendingKeystore,
  keystoreDecrypters,
  keystoreHolder,
  keystoreRequestId,
  readKeystore,
  writeKeystore,
} from '../../src/keystore/keystore.js';
import type { Keystore } from '../../src/keystore/keystore.js';
import { isPlaceholder } from '../../src/keystore/placeholder.js';
import { hasProgram } from '../support/tools.js';
import { ACCENTS, bytes, certificateOf, doctorKeystore, keyOf, PASSWORD, run } from './fixtures.js';
import { FILES, writeAll } from './written.js';

const folder = mkdtempSync(join(tmpdir(), 'topaz-p12-'));
const passwordFile = join(folder, 'password');
const file = (name: string): string => join(folder, `${name}.p12`);

beforeAll(() => writeAll(folder));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const withProgram = (name: string, files = FILES) =>
  hasProgram(name, { required: false }) ? test.each(files) : test.skip.each(files);

describe('round trip', () => {
  test.each(FILES)('%s', async (name, keystore) => {
    const { readFile } = await import('node:fs/promises');
    const read = await readKeystore(await readFile(file(name)), bytes(PASSWORD));

    expect(read.state).toBe(keystore.state);
    expect(read.authentication.chain.map(({ der }) => Buffer.from(der))).toEqual(
      keystore.authentication.chain.map(({ der }) => Buffer.from(der)),
    );
    expect(read.authentication.privateKey.equals(keystore.authentication.privateKey)).toBe(true);
    expect(read.encryption.map(({ alias }) => alias)).toEqual(
      keystore.encryption.map(({ alias }) => alias),
    );
    expect(read.unpairedKeys?.map(({ alias }) => alias)).toEqual(
      keystore.unpairedKeys?.map(({ alias }) => alias),
    );
    for (const [index, { privateKey }] of (read.unpairedKeys ?? []).entries()) {
      expect(privateKey.equals(keystore.unpairedKeys![index]!.privateKey)).toBe(true);
    }
  });

  test('two files of one keystore share no salt and no byte of ciphertext', async () => {
    const [one, two] = await Promise.all([
      writeKeystore(doctorKeystore(), bytes(PASSWORD)),
      writeKeystore(doctorKeystore(), bytes(PASSWORD)),
    ]);
    const text = Buffer.from(two).toString('hex');
    // The second half is the encrypted part with the certificates.
    for (let at = Math.floor(one.length * 0.6); at < one.length - 200; at += 100) {
      const piece = Buffer.from(one.subarray(at, at + 24)).toString('hex');
      expect(text.includes(piece)).toBe(false);
    }
  });

  test('a password with accents: always the old format, which all programs read alike', async () => {
    const written = await writeKeystore(doctorKeystore(), bytes(ACCENTS));
    expect((await readKeystore(written, bytes(ACCENTS))).encryption).toHaveLength(2);
    writeFileSync(file('accents'), written);
    if (hasProgram('openssl', { required: false })) {
      const { status, stderr } = await run('openssl', ['pkcs12', '-in', file('accents'), '-passin', `pass:${ACCENTS}`, '-nodes', '-info']); // prettier-ignore
      expect(stderr).toContain('pbeWithSHA1And3-KeyTripleDES-CBC');
      expect(status).toBe(0);
    }
  });

  test('one key with two encryption certificates, and an authentication key that unseals', async () => {
    const keystore = doctorKeystore();
    const [first] = keystore.encryption;
    const second = certificateOf('doctor-encryption');
    const twice: Keystore = {
      ...keystore,
      encryption: [
        first!,
        {
          alias: second.serial.toString(),
          privateKey: keyOf('doctor-encryption'),
          certificate: second,
        },
      ],
    };
    const read = await readKeystore(await writeKeystore(twice, bytes(PASSWORD)), bytes(PASSWORD));
    expect(keystoreDecrypters(read)).toHaveLength(2);
  });
});

describe('openssl', () => {
  withProgram('openssl')(
    '%s: all keys and certificates, authentication first',
    async (name, keystore, _, keys) => {
      const { status, stdout } = await run('openssl', ['pkcs12', '-in', file(name), '-passin', `file:${passwordFile}`, '-nodes', '-info']); // prettier-ignore

      expect(status).toBe(0);
      expect(stdout.match(/BEGIN PRIVATE KEY/g)).toHaveLength(keys);
      expect(/friendlyName: (.*)/.exec(stdout)?.[1]).toBe('authentication');
      for (const { alias } of keystore.encryption) {
        expect(stdout).toContain(`friendlyName: ${alias}`);
      }
    },
  );

  const openssl = hasProgram('openssl', { required: false }) ? test : test.skip;
  openssl('the algorithms of both formats', async () => {
    const info = async (name: string): Promise<string> =>
      (await run('openssl', ['pkcs12', '-in', file(name), '-passin', `file:${passwordFile}`, '-info', '-noout'])).stderr; // prettier-ignore

    const modern = await info('modern');
    expect(modern).toContain('MAC: sha256, Iteration 50000');
    expect(modern).toContain('Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 50000, PRF hmacWithSHA256'); // prettier-ignore
    const compat = await info('compat');
    expect(compat).toContain('MAC: sha1, Iteration 100000');
    expect(compat).toMatch(/Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 50000/);
    expect(modern + compat).not.toContain('RC2');
  });

  openssl('refuses a wrong password', async () => {
    const { status, stderr } = await run('openssl', ['pkcs12', '-in', file('modern'), '-passin', 'pass:x', '-noout']); // prettier-ignore
    expect(status).not.toBe(0);
    expect(stderr).toContain('Mac verify error');
  });
});

describe('pkijs', () => {
  test('opens the modern format', async () => {
    const [pkijs, { readFile }, { webcrypto }] = await Promise.all([
      import('pkijs'),
      import('node:fs/promises'),
      import('node:crypto'),
    ]);
    pkijs.setEngine('node', new pkijs.CryptoEngine({ name: 'node', crypto: webcrypto as never }));
    const buffer = Uint8Array.from(await readFile(file('modern'))).buffer;
    const pfx = pkijs.PFX.fromBER(buffer);
    const password = Uint8Array.from(bytes(PASSWORD)).buffer;
    await pfx.parseInternalValues({ password, checkIntegrity: true });
    const safe = pfx.parsedValue!.authenticatedSafe!;
    await safe.parseInternalValues({ safeContents: [{}, { password }] });

    const contents = (safe.parsedValue as { safeContents: { value: { safeBags: unknown[] } }[] }).safeContents; // prettier-ignore
    expect(contents.map(({ value }) => value.safeBags.length)).toEqual([3, 4]);
  });
});

describe('a pending keystore', () => {
  const now = new Date('2026-03-01T09:12:44.567Z');
  const pending = createPendingKeystore(keyOf('doctor'), now);
  const [placeholder] = pending.authentication.chain;

  test('has the placeholder of the official connector', () => {
    expect(placeholder).toMatchObject({ serial: 0n, keyUsage: 0x30 });
    expect(placeholder.notBefore).toEqual(new Date('2026-02-28T09:12:44Z'));
    expect(placeholder.notAfter).toEqual(new Date('2026-02-28T09:13:44Z'));
    expect(isPlaceholder(placeholder)).toBe(true);
    expect(isPlaceholder(certificateOf('doctor'))).toBe(false);
  });

  test('has a request id, and neither a holder nor a key that unseals', () => {
    expect(keystoreRequestId(pending)).toBe(
      Buffer.from(certificateOf('doctor').subjectKeyIdentifier!).toString('hex'),
    );
    expect(keystoreHolder(pending)).toBeUndefined();
    expect(keystoreDecrypters(pending)).toEqual([]);
  });
});
