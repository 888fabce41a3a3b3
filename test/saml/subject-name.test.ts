/** Names of subjects as different programs write them. */

import { describe, expect, test } from '@jest/globals';

import { commonNames, sameName } from '../../src/saml/subject-name.js';

const SSIN = 'SSIN=79021599732';

describe('commonNames', () => {
  test.each<[string, string, readonly string[]]>([
    ['Java, RFC 1779', `CN="${SSIN}", OU="${SSIN}", OU=Jean Exemple, O=Federal Government, C=BE`, [SSIN]],
    ['Java, RFC 2253', 'CN=SSIN\\=79021599732,OU=eHealth-platform Belgium,C=BE', [SSIN]],
    ['unescaped', `CN=${SSIN},C=BE`, [SSIN]],
    ['certificate order', `C=BE, O=Federal Government, CN=${SSIN}`, [SSIN]],
    ['a card', 'OID.2.5.4.5=79021599732, OID.2.5.4.42=Jean, CN=Jean Exemple (Authentication), C=BE', ['Jean Exemple (Authentication)']],
    ['semicolons', 'CN=a;C=BE', ['a']],
    ['by number', 'OID.2.5.4.3=a, 2.5.4.3=b, oid.2.5.4.3=c', ['a', 'b', 'c']],
    ['several parts in one', 'OU=x + CN=a + SN=b, C=BE', ['a']],
    ['a comma in quotes', 'CN="Exemple, Jean", C=BE', ['Exemple, Jean']],
    ['an escaped comma', 'CN=Exemple\\, Jean,C=BE', ['Exemple, Jean']],
    ['an escaped quote in quotes', 'CN="Jean \\"Jo\\" Exemple"', ['Jean "Jo" Exemple']],
    ['accents in hex', 'CN=Jos\\C3\\A9,C=BE', ['José']],
    ['another CN in a value', 'OU="x, CN=b", CN=a', ['a']],
    ['another CN behind an escape', 'OU=x\\, CN=b, CN=a', ['a']],
    ['spaces', ' cn = a , C=BE', ['a']],
    ['no DN', 'jean@exemple.test', []],
    ['nothing', '', []],
    ['an open quote', 'CN="a, C=BE', ['"a']],
  ])('%s', (_, dn, names) => {
    expect(commonNames(dn)).toEqual(names);
  }); // prettier-ignore

  test('a huge name is none, and is told so at once', () => {
    const started = performance.now();
    expect(commonNames(`CN=${'"'.repeat(5_000_000)}`)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('sameName', () => {
  test.each([
    ['Jean  Exemple', 'jean exemple ', true],
    ['Jose\u0301', 'José', true],
    ['Jean', 'Jean Exemple', false],
    ['', 'a', false],
  ])('%j and %j: %s', (one, other, same) => {
    expect(sameName(one, other)).toBe(same);
  });
});
