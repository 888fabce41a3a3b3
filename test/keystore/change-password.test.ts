/** Another password: all or nothing. */

import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from '@jest/globals';

import { OID_DATA, OID_SHA256 } from '../../src/der/oids.js';
import { readBer } from '../../src/der/reader.js';
import { readOctetString, readSequence } from '../../src/der/values.js';
import { context, integer, nullValue, octetString, oid, sequence } from '../../src/der/writer.js';
import { changePassword } from '../../src/keystore/change-password.js';
import { holdsTheSame } from '../../src/keystore/compare.js';
import { openKeystore, readKeystore, writeKeystore } from '../../src/keystore/keystore.js';
import { passwordForms } from '../../src/keystore/password.js';
import { derivePkcs12, KDF_PURPOSE } from '../../src/keystore/pkcs12-kdf.js';
import { bytes, doctorKeystore, keystoreBytes, PASSWORD } from './fixtures.js';

const folder = mkdtempSync(join(tmpdir(), 'topaz-passwd-'));
const NEW = 'another one, of words';
const backup = { folder: join(folder, 'backups'), now: new Date('2026-03-01T12:00:00Z') };
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const change = (path: string, oldPassword: string, newPassword = NEW) =>
  changePassword(path, {
    oldPassword: bytes(oldPassword),
    newPassword: bytes(newPassword),
    backup,
  });

/** A keystore whose MAC and certificates open with one password, its keys with another. */
async function withOtherKeys(): Promise<Uint8Array> {
  const partsOf = async (password: string) => {
    const [, authSafe] = readSequence(readBer(await writeKeystore(doctorKeystore(), bytes(password)))); // prettier-ignore
    const [, content] = readSequence(authSafe);
    return readSequence(readBer(readOctetString(content?.children[0]))).map((node) => node.bytes);
  };
  const [[keys], [, certificates]] = await Promise.all([partsOf(NEW), partsOf(PASSWORD)]);
  const safe = sequence(keys!, certificates!);
  const salt = new Uint8Array(20);
  const key = await derivePkcs12({
    hash: 'sha256',
    purpose: KDF_PURPOSE.mac,
    password: passwordForms(bytes(PASSWORD)).bmp[0]!,
    salt,
    iterations: 2048,
    length: 32,
  });
  const mac = createHmac('sha256', key).update(safe).digest();
  return sequence(
    integer(3),
    sequence(oid(OID_DATA), context(0, octetString(safe))),
    sequence(
      sequence(sequence(oid(OID_SHA256), nullValue()), octetString(mac)),
      octetString(salt),
      integer(2048),
    ),
  );
}

describe('changePassword', () => {
  test.each(['keytool-legacy', 'bouncycastle', 'openssl-rc2', 'keytool-modern'])(
    'keeps all that %s holds, under the new password',
    async (name) => {
      const path = join(folder, `${name}.p12`);
      await writeFile(path, keystoreBytes(name));
      await change(path, PASSWORD);
      const before = await readKeystore(keystoreBytes(name), bytes(PASSWORD));
      expect(holdsTheSame(await openKeystore(path, bytes(NEW)), before)).toBe(true);
    },
  );

  test('one entry with another password: nothing is written', async () => {
    const path = join(folder, 'mixed.p12');
    const file = await withOtherKeys();
    await writeFile(path, file);
    await expect(change(path, PASSWORD, 'a third one, of words')).rejects.toMatchObject({
      code: 'E_KEYSTORE_PASSWORD',
    });
    expect(Uint8Array.from(await readFile(path))).toEqual(file);
    expect(await readdir(folder)).toContain('mixed.p12');
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('the rule holds here too', async () => {
    const path = join(folder, 'rule.p12');
    await writeFile(path, keystoreBytes('keytool-modern'));
    await expect(change(path, PASSWORD, 'short')).rejects.toMatchObject({
      code: 'E_PASSWORD_WEAK',
    });
    await expect(change(join(folder, 'none.p12'), PASSWORD)).rejects.toMatchObject({
      code: 'E_FILE_NOT_FOUND',
    });
  });
});
