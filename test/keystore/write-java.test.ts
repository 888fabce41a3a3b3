/** What we write, opened by Java: keytool, and BouncyCastle as the official connector calls it. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { keystoreHolder, readKeystore } from '../../src/keystore/keystore.js';
import { hasProgram } from '../support/tools.js';
import { bytes, doctorKeystore, PASSWORD, run } from './fixtures.js';
import { FILES, writeAll } from './written.js';

const folder = mkdtempSync(join(tmpdir(), 'topaz-p12-java-'));
const passwordFile = join(folder, 'password');
const file = (name: string): string => join(folder, `${name}.p12`);
const BOUNCY = '/usr/share/java/bcprov.jar';

beforeAll(() => writeAll(folder));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const withProgram = (name: string, files: typeof FILES) =>
  hasProgram(name, { required: false }) ? test.each(files) : test.skip.each(files);

describe('keytool', () => {
  withProgram(
    'keytool',
    // One run of Java takes a second: the kinds that differ for it.
    FILES.filter(
      ([name]) => name === 'modern' || name === 'finalizing' || name === 'pending-with-encryption',
    ),
  )('%s: every key is an entry under its name', async (name, keystore, _, keys) => {
    const { status, stdout } = await run('keytool', ['-list', '-v', '-keystore', file(name), '-storetype', 'PKCS12', '-storepass:file', passwordFile]); // prettier-ignore

    expect(status).toBe(0);
    expect(stdout.match(/Entry type: PrivateKeyEntry/g)).toHaveLength(keys);
    expect(stdout).not.toContain('trustedCertEntry');
    for (const { alias } of [
      { alias: 'authentication' },
      ...keystore.encryption,
      ...(keystore.unpairedKeys ?? []),
    ]) {
      expect(stdout).toContain(`Alias name: ${alias}`);
    }
    if (keystore.state === 'ready') {
      expect(stdout).toContain(`Certificate chain length: ${keystore.authentication.chain.length}`);
    }
  });

  const keytool = hasProgram('keytool', { required: false }) ? test.each : test.skip.each;
  keytool([
    ['modern', []],
    ['compat', ['-J-Dkeystore.pkcs12.legacy']],
  ])('copies the keys of %s into a file of its own, which we read again', async (name, flags) => {
    const copy = file(`copy-of-${name}`);
    const { status, stderr } = await run('keytool', [...flags, '-importkeystore', '-noprompt', '-srckeystore', file(name), '-srcstoretype', 'PKCS12', '-srcstorepass:file', passwordFile, '-destkeystore', copy, '-deststoretype', 'PKCS12', '-deststorepass:file', passwordFile]); // prettier-ignore
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    const read = await readKeystore(await readFile(copy), bytes(PASSWORD));

    expect(keystoreHolder(read)?.identifier.id).toBe('79021599732');
    expect(read.encryption.map(({ alias }) => alias)).toEqual(
      doctorKeystore().encryption.map(({ alias }) => alias),
    );
  });
});

describe('BouncyCastle, as the official connector calls it', () => {
  const there = hasProgram('javac', { required: false }) && existsSync(BOUNCY);
  (there ? test : test.skip)('every key under its alias, with its certificate', async () => {
    const source = join(folder, 'Bouncy.java');
    writeFileSync(
      source,
      `import java.io.*; import java.security.*; import java.security.cert.*; import java.nio.file.*; import java.util.*;
       public class Bouncy { public static void main(String[] a) throws Exception {
         char[] pw = Files.readString(Path.of(a[0])).toCharArray();
         for (int i = 1; i < a.length; i++) {
           KeyStore k = KeyStore.getInstance("PKCS12", new org.bouncycastle.jce.provider.BouncyCastleProvider());
           k.load(new FileInputStream(a[i]), pw);
           TreeSet<String> out = new TreeSet<>();
           for (String s : Collections.list(k.aliases())) {
             X509Certificate c = (X509Certificate) k.getCertificate(s);
             boolean[] u = c.getKeyUsage();
             out.add(s + " " + (k.isKeyEntry(s) && k.getKey(s, pw) != null) + " " + (u[0] ? "signs" : u[2] && u[3] ? "deciphers" : "?"));
           }
           System.out.println(String.join("; ", out));
         } } }`,
    );
    const { status, stdout, stderr } = await run('java', ['-cp', BOUNCY, source, passwordFile, ...FILES.map(([name]) => file(name))]); // prettier-ignore
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });

    const expected = FILES.map(([, { state, encryption, unpairedKeys = [] }]) =>
      [
        `authentication true ${state === 'pending' ? 'deciphers' : 'signs'}`,
        ...[...encryption, ...unpairedKeys].map(({ alias }) => `${alias} true deciphers`),
      ]
        .sort()
        .join('; '),
    );
    expect(stdout.trimEnd().split('\n')).toEqual(expected);
  });
});
