import { describe, expect, test } from '@jest/globals';

import { findCareProvider } from '../../src/mycarenet/care-provider.js';
import type { CertifiedHolder } from '../../src/mycarenet/care-provider.js';
import { isTestFor } from '../../src/mycarenet/common-input.js';

const DOCTOR: CertifiedHolder = {
  holder: { type: 'SSIN', id: '79021599732', quality: 'doctor' },
  attributes: [
    { name: 'urn:be:fgov:person:ssin', values: ['79021599732'] },
    { name: 'urn:be:fgov:person:ssin:ehealth:1.0:doctor:nihii11', values: ['19547181004'] },
    { name: 'urn:be:fgov:person:ssin:ehealth:1.0:givenname', values: ['Jean'] },
    { name: 'urn:be:fgov:person:ssin:ehealth:1.0:surname', values: ['Exemple'] },
  ],
};
const GROUP: CertifiedHolder = {
  holder: { type: 'NIHII-GROUP', id: '94499180', quality: 'groupofnurses' },
  attributes: [
    { name: 'urn:be:fgov:ehealth:1.0:groupofnurses:nihii-number', values: ['94499180'] },
    { name: 'urn:be:fgov:person:ssin', values: ['79021599732'] },
  ],
};

describe('findCareProvider', () => {
  test('a session alone says enough for a person', () => {
    expect(findCareProvider({}, DOCTOR)).toEqual({
      quality: 'doctor',
      nihii: '19547181004',
      name: 'Jean Exemple',
      ssin: '79021599732',
    });
  });

  test('the profile wins, as people write numbers', () => {
    const settings = { quality: 'doctor', nihii: '1-95471-81-004', name: 'Dr Exemple' };
    expect(findCareProvider(settings, DOCTOR)).toMatchObject({
      nihii: '19547181004',
      name: 'Dr Exemple',
    });
  });

  test('an organisation: number padded, no SSIN, its own CBE number', () => {
    expect(
      findCareProvider({ name: 'Groupe Exemple', cbe: '0999999922' }, GROUP),
    ).toEqual({ quality: 'groupofnurses', nihii: '94499180000', name: 'Groupe Exemple', cbe: '0999999922' }); // prettier-ignore
    expect(findCareProvider({ nihii: '94499180000' }, GROUP).nihii).toBe('94499180000');
  });

  test('without session the profile alone counts', () => {
    expect(findCareProvider({ quality: 'nurse', nihii: '49998154401' }, undefined)).toEqual({
      quality: 'nurse',
      nihii: '49998154401',
    });
  });

  test('a session that certifies no number leaves it to the profile', () => {
    const session = { ...DOCTOR, attributes: DOCTOR.attributes.slice(0, 1) };
    expect(findCareProvider({ nihii: '19999123004' }, session).nihii).toBe('19999123004');
  });

  test.each([
    ['no quality at all', {}, undefined, 'mycarenet.quality'],
    ['a quality that MyCareNet does not have', { quality: 'astrologer' }, DOCTOR, 'mycarenet.quality'],
    ['another quality than the session', { quality: 'nurse' }, DOCTOR, 'mycarenet.quality'],
    ['no number anywhere', { quality: 'nurse' }, undefined, 'mycarenet.nihii'],
    ['8 digits for a person', { quality: 'doctor', nihii: '19547181' }, DOCTOR, 'mycarenet.nihii'],
    ['another number than the session', { nihii: '19999123004' }, DOCTOR, 'mycarenet.nihii'],
    ['another group than the session', { nihii: '94400111' }, GROUP, 'mycarenet.nihii'],
  ])('refuses %s, and names the key', (_, settings, session, key) => {
    expect(() => findCareProvider(settings, session)).toThrow(
      expect.objectContaining({
        code: 'E_PROFILE_INVALID',
        details: { key },
        hint: expect.stringContaining(key) as unknown,
      }),
    );
  }); // prettier-ignore

  test('refuses a number of another length', () => {
    expect(() => findCareProvider({ nihii: '1954718100' }, DOCTOR)).toThrow(
      expect.objectContaining({ code: 'E_NIHII_INVALID' }),
    );
  });
});

describe('isTestFor', () => {
  test.each([
    ['sandbox', 'https://127.0.0.1:1/MyCareNet/MemberData/v1', true],
    ['acc', 'https://services-acpt.ehealth.fgov.be/MyCareNet/MemberData/v1', true],
    ['int', 'https://services-int.ehealth.fgov.be/MyCareNet/MemberData/v1', true],
    ['acc', 'https://pilot.mycarenet.be:9443/x', true],
    ['acc', 'https://proxy.exemple.test/x', true],
    ['prod', 'https://services.ehealth.fgov.be/MyCareNet/MemberData/v1', false],
    ['prod', 'https://prod.mycarenet.be:9443/x', false],
    ['prod', 'https://proxy.exemple.test/x', false],
  ] as const)('in %s at %s: %s', (environment, url, expected) => {
    expect(isTestFor(environment, url)).toBe(expected);
  });

  test.each([
    ['acc', 'https://services.ehealth.fgov.be/MyCareNet/MemberData/v1'],
    ['sandbox', 'https://prod.mycarenet.be/x'],
    ['prod', 'https://services-acpt.ehealth.fgov.be/MyCareNet/MemberData/v1'],
    ['prod', 'https://pilot.mycarenet.be/x'],
  ] as const)('a request of %s never goes to %s', (environment, url) => {
    expect(() => isTestFor(environment, url)).toThrow(
      expect.objectContaining({ code: 'E_ENVIRONMENT_MISMATCH' }),
    );
  });
});

describe('an institution', () => {
  const sessionOf = (type: string, id: string, quality: string): CertifiedHolder => ({
    holder: { type, id, quality },
    attributes: [
      { name: `urn:be:fgov:ehealth:1.0:${quality}:nihii-number`, values: [id] },
      { name: 'urn:be:fgov:person:ssin', values: ['79021599732'] },
    ],
  });

  test.each([
    ['NIHII-HOSPITAL', '71022212', 'hospital', '71022212000'],
    ['NIHII-MEDICAL_HOUSE', '89547133', 'medicalhouse', '89547133000'],
    ['NIHII-GROUP', '94499180', 'groupofnurses', '94499180000'],
  ])('%s asks with its padded number, and without the SSIN of who opened the session', (type, id, quality, nihii) => {
    const settings = { name: 'Exemple', cbe: '0999999922' };
    expect(findCareProvider(settings, sessionOf(type, id, quality))).toEqual({ quality, nihii, ...settings });
  }); // prettier-ignore

  test.each(['groupofnurses', 'medicalhouse', 'doctor'])(
    'the session of a hospital does not ask as %s',
    (quality) => {
      expect(() =>
        findCareProvider({ quality }, sessionOf('NIHII-HOSPITAL', '71022212', 'hospital')),
      ).toThrow(
        expect.objectContaining({ code: 'E_PROFILE_INVALID', details: { key: 'mycarenet.quality' } }), // prettier-ignore
      );
    },
  );
});
