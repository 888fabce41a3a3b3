/** Passwords: their forms, and the rule for new ones; the key derivation against openssl's own numbers. */

import { pbkdf2Sync } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { checkNewPassword, passwordForms, wipeForms } from '../../src/keystore/password.js';
import { derivePkcs12, IterationBudget, KDF_PURPOSE } from '../../src/keystore/pkcs12-kdf.js';
import { bytes } from './fixtures.js';

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

describe('passwordForms', () => {
  test.each([
    ['', ['0000', ''], ['']],
    ['ab', ['006100620000'], ['6162']],
    ['ö', ['00f60000'], ['c3b6', 'f6']],
    ['€', ['20ac0000'], ['e282ac']],
    ['😀', ['d83dde000000'], ['f09f9880']],
  ])('%j', (password, bmp, raw) => {
    const forms = passwordForms(bytes(password));
    expect(forms.bmp.map(hex)).toEqual(bmp);
    expect(forms.raw.map(hex)).toEqual(raw);
  });

  test('bytes that are no UTF-8 are Latin-1', () => {
    expect(passwordForms(Uint8Array.of(0xf6)).bmp.map(hex)).toEqual(['00f60000']);
  });

  test('are copies that can be wiped', () => {
    const password = bytes('secret');
    const forms = passwordForms(password);
    wipeForms(forms);
    expect(hex(password)).toBe(hex(bytes('secret')));
    expect([...forms.bmp, ...forms.raw].every((each) => each.every((byte) => byte === 0))).toBe(
      true,
    );
  });
});

describe('checkNewPassword', () => {
  test.each(['correct horse', 'abcdefghijkl', '1234567890ab', '~ !"#$%&()*+,-', 'x'.repeat(64)])(
    'takes %j',
    (password) => {
      expect(() => {
        checkNewPassword(bytes(password));
      }).not.toThrow();
    },
  );

  test.each([
    '',
    'tiny',
    '12345678901',
    '123456789012',
    'x'.repeat(65),
    'mot de passe é',
    'a\tbcdefghijklm',
  ])('refuses %j without repeating it', (password) => {
    expect(() => {
      checkNewPassword(bytes(password));
    }).toThrow(
      expect.objectContaining({
        code: 'E_PASSWORD_WEAK',
        message: expect.not.stringContaining(password === '' ? '\0' : password),
      }),
    );
  });
});

describe('derivePkcs12', () => {
  const common = { purpose: KDF_PURPOSE.key, length: 24, iterations: 1 } as const;

  // The vectors that OpenSSL and BouncyCastle carry: password `smeg` and `queeg`.
  test.each([
    ['smeg', '0a58cf64530d823f', 1, 1, 24, '8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3'],
    ['smeg', '0a58cf64530d823f', 2, 1, 8, '79993dfe048d3b76'],
    ['smeg', '3d83c0e4546ac140', 3, 1, 20, '8d967d88f6caa9d714800ab3d48051d63f73a312'],
    ['queeg', '05dec959acff72f7', 1, 1000, 24, 'ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4'],
    ['queeg', '05dec959acff72f7', 2, 1000, 8, '11dedad7758d4860'],
    ['queeg', '1682c0fc5b3f7ec5', 1, 1000, 24, '483dd6e919d7de2e8e648ba8f862f3fbfbdc2bcb2c02957f'],
    ['queeg', '263216fcc2fab31c', 3, 1000, 20, '5ec4c7a80df652294c3925b6489a7ab857c83476'],
  ] as [string, string, 1 | 2 | 3, number, number, string][])(
    '%s, salt %s, purpose %i, %i rounds',
    async (password, salt, purpose, iterations, length, expected) => {
      const derived = await derivePkcs12({
        hash: 'sha1',
        purpose,
        password: passwordForms(bytes(password)).bmp[0]!,
        salt: Buffer.from(salt, 'hex'),
        iterations,
        length,
      });
      expect(hex(derived)).toBe(expected);
    },
  );

  test('gives way to other work', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await derivePkcs12({ ...common, hash: 'sha1', password: bytes('x'), salt: bytes('y'), iterations: 100_000 }); // prettier-ignore
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });

  test('longer hashes have longer blocks', async () => {
    const one = await derivePkcs12({ ...common, hash: 'sha512', password: bytes('x'), salt: bytes('y'), length: 100 }); // prettier-ignore
    const other = await derivePkcs12({ ...common, hash: 'sha384', password: bytes('x'), salt: bytes('y'), length: 100 }); // prettier-ignore
    expect(hex(one)).not.toBe(hex(other));
    expect(one).toHaveLength(100);
  });

  test('is not PBKDF2', async () => {
    const derived = await derivePkcs12({ ...common, hash: 'sha1', password: bytes('x'), salt: bytes('y') }); // prettier-ignore
    expect(hex(derived)).not.toBe(pbkdf2Sync('x', 'y', 1, 24, 'sha1').toString('hex'));
  });
});

describe('IterationBudget', () => {
  const spending =
    (...counts: number[]) =>
    () => {
      const budget = new IterationBudget();
      for (const count of counts) {
        budget.spend(count);
      }
    };

  test('what occurs in the wild, and the cap of one', () => {
    expect(spending(100_000, 51_200, 51_200, 51_200)).not.toThrow();
    expect(spending(2_000_000)).not.toThrow();
  });

  test.each([[[0]], [[-1]], [[2_000_001]], [[0x7fffffff]], [Array<number>(6).fill(2_000_000)]])(
    'refuses %j',
    (counts) => {
      expect(spending(...counts)).toThrow(expect.objectContaining({ code: 'E_KEYSTORE_FORMAT' }));
    },
  );
});
