/** Contact data as eHealth takes them. */

import { describe, expect, test } from '@jest/globals';

import { isEmail, isPhone, parseContact } from '../../src/lifecycle/contact.js';

describe('e-mail addresses', () => {
  test.each(['jean@exemple.test', "j.o'brien+x@a-b.exemple.test", 'a@b.c', `${'a'.repeat(311)}@bc.test`.slice(-320)])('%s is taken', (text) => {
    expect(isEmail(text)).toBe(true);
  }); // prettier-ignore

  test.each([
    ['', 'empty'],
    ['jean', 'no @'],
    ['jean@exemple', 'no dot behind @'],
    ['.jean@exemple.test', 'a dot first'],
    ['jean.@exemple.test', 'a dot last'],
    ['je..an@exemple.test', 'two dots'],
    ['jean@-exemple.test', 'a dash first'],
    ['jean@exemple-.test', 'a dash last'],
    ['jean@exemple..test', 'an empty label'],
    ['jean@exemple.test\nBcc: x', 'a second line'],
    ['Jean <jean@exemple.test>', 'a name around it'],
    ['jean@exémple.test', 'an accent'],
    ['"jean"@exemple.test', 'quotes'],
    [`${'a'.repeat(310)}@exemple.test`, 'more than 320 characters'],
  ])('%j is refused (%s)', (text) => {
    expect(isEmail(text)).toBe(false);
  });

  test('hostile ones are decided at once', () => {
    const started = performance.now();
    expect(isEmail(`a@${'a-'.repeat(150)}!`)).toBe(false);
    expect(isEmail(`${'a.'.repeat(150)}!`)).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('telephone numbers', () => {
  test.each(['+32 2 123 45 67', '021234567', '+'])('%s is taken', (text) => {
    expect(isPhone(text)).toBe(true);
  });

  test.each(['', ' 02', '02/123', '02.123', '02-123', '(02)', '02 123\n', 'zero', '1'.repeat(41)])(
    '%j is refused',
    (text) => {
      expect(isPhone(text)).toBe(false);
    },
  );
});

describe('parseContact', () => {
  test('drops the space around', () => {
    expect(parseContact({ email: ' jean@exemple.test ', phone: ' +32 2 ' })).toEqual({
      emailPrivate: 'jean@exemple.test',
      phonePrivate: '+32 2',
    });
  });

  test.each([
    ['email', { email: 'jean', phone: '02' }],
    ['phone', { email: 'jean@exemple.test', phone: '02/1' }],
  ])('says that the %s is wrong, without repeating it', (field, input) => {
    expect(() => parseContact(input)).toThrow(
      expect.objectContaining({ code: 'E_CONTACT_INVALID', details: { field } }),
    );
  });
});
