/** In whose name a request is made: every kind of group, and the office that sends for one. */

import { describe, expect, test } from '@jest/globals';

import type { CertifiedHolder } from '../../src/mycarenet/care-provider.js';
import { commonInputElement } from '../../src/mycarenet/common-input.js';
import { findParties } from '../../src/mycarenet/parties.js';
import type { PartySettings } from '../../src/mycarenet/parties.js';
import { namespace } from '../../src/xml/build.js';
import { writeXml } from '../../src/xml/write.js';

const DIRECTOR = '79021599732';

const sessionOf = (
  type: string,
  id: string,
  quality: string,
  person = DIRECTOR,
): CertifiedHolder => ({
  holder: { type, id, quality },
  attributes: [
    { name: `urn:be:fgov:ehealth:1.0:${quality}:nihii-number`, values: [id] },
    { name: 'urn:be:fgov:person:ssin', values: [person] },
  ],
});

const GROUPS = [
  ['a group of nurses', 'NIHII-GROUP', '94499180', 'groupofnurses'],
  ['a medical house', 'NIHII-MEDICAL_HOUSE', '89547133', 'medicalhouse'],
  ['a hospital', 'NIHII-HOSPITAL', '71022212', 'hospital'],
] as const;

const OFFICE: PartySettings = {
  quality: 'doctor',
  nihii: '19547181004',
  name: 'Jean Exemple',
  sender: { quality: 'groupofdoctors', nihii: '81000112', name: 'Office Exemple', cbe: '0999999922' },
}; // prettier-ignore
const OFFICE_SESSION = sessionOf('NIHII-GROUP', '81000112', 'groupofdoctors');

const refusal = (key: string, fact?: string): object =>
  expect.objectContaining({
    code: 'E_PROFILE_INVALID',
    details: { key },
    hint: expect.stringContaining('topaz ') as unknown,
    ...(fact === undefined ? {} : { facts: expect.arrayContaining([expect.stringContaining(fact)]) as unknown }),
  }); // prettier-ignore

describe.each(GROUPS)('%s', (_, type, id, quality) => {
  test('asks with its own number; its responsible opened the session', () => {
    expect(findParties({ responsible: DIRECTOR }, sessionOf(type, id, quality))).toEqual({
      careProvider: { quality, nihii: `${id}000` },
    });
  });

  test('a session without a person says nothing against the responsible', () => {
    const session = sessionOf(type, id, quality);
    const attributes = session.attributes.slice(0, 1);
    expect(findParties({ responsible: DIRECTOR }, { ...session, attributes }).careProvider.quality).toBe(quality); // prettier-ignore
  });

  test('is refused in the session of another person, whose number is not told', () => {
    const settings = { responsible: '79.02.15-997.32' };
    const session = sessionOf(type, id, quality, '85061199814');
    expect(() => findParties(settings, session)).toThrow(refusal('mycarenet.responsible'));
    try {
      findParties(settings, session);
    } catch (error) {
      expect(JSON.stringify(error)).not.toMatch(/85061199814|79021599732/);
    }
  });

  test('is refused in the session of any other group, or of a person', () => {
    for (const [, otherType, otherId, other] of GROUPS.filter(([, , , name]) => name !== quality)) {
      expect(() => findParties({ quality, nihii: id }, sessionOf(otherType, otherId, other))).toThrow(refusal('mycarenet.quality'));
    }
    const person = { holder: { type: 'SSIN', id: DIRECTOR, quality: 'doctor' }, attributes: [] };
    expect(() => findParties({ quality, nihii: id }, person)).toThrow(refusal('mycarenet.quality'));
    expect(() => findParties({ quality, nihii: '99999922' }, sessionOf(type, id, quality))).toThrow(refusal('mycarenet.nihii'));
  }); // prettier-ignore
});

describe('an office', () => {
  test('sends for a care provider, and stands beside it', () => {
    const parties = findParties(OFFICE, OFFICE_SESSION);
    expect(parties).toEqual({
      careProvider: { quality: 'doctor', nihii: '19547181004', name: 'Jean Exemple' },
      sender: { quality: 'groupofdoctors', nihii: '81000112000', name: 'Office Exemple', cbe: '0999999922' },
    });
    const c = namespace('c', 'urn:core');
    const xml = writeXml(
      commonInputElement(c, c, {
        isTest: true,
        inputReference: 'R1',
        origin: {
          packageName: 'topaz',
          license: { username: 'u', password: Buffer.from('p') },
          ...parties,
        },
      }),
    );
    expect(xml).toContain('</c:CareProvider><c:Sender><c:Organization><c:Name>Office Exemple</c:Name><c:Nihii><c:Quality>groupofdoctors</c:Quality><c:Value>81000112000</c:Value></c:Nihii><c:Cbe>0999999922</c:Cbe></c:Organization></c:Sender>');
  }); // prettier-ignore

  test('without session, the profile alone counts', () => {
    expect(findParties(OFFICE, undefined).sender?.nihii).toBe('81000112000');
  });

  test.each<[string, PartySettings, CertifiedHolder, string, string | undefined]>([
    ['in the session of the care provider', OFFICE, { holder: { type: 'SSIN', id: DIRECTOR, quality: 'doctor' }, attributes: [] }, 'mycarenet.sender.nihii', 'certifies no number as groupofdoctors'],
    ['in the session of another office', OFFICE, sessionOf('NIHII-GROUP', '81000211', 'groupofdoctors'), 'mycarenet.sender.nihii', '8-10002-11'],
    ['in the session of another person', { ...OFFICE, responsible: '85061199814' }, OFFICE_SESSION, 'mycarenet.responsible', undefined],
    ['as a person', { ...OFFICE, sender: { quality: 'doctor', nihii: '19547181004' } }, OFFICE_SESSION, 'mycarenet.sender.quality', undefined],
    ['without quality', { ...OFFICE, sender: { nihii: '81000112' } }, OFFICE_SESSION, 'mycarenet.sender.quality', undefined],
    ['without number', { ...OFFICE, sender: { quality: 'groupofdoctors' } }, OFFICE_SESSION, 'mycarenet.sender.nihii', undefined],
    ['for nobody', { sender: OFFICE.sender ?? {} }, OFFICE_SESSION, 'mycarenet.quality', undefined],
    ['for whose number is not known', { quality: 'doctor', sender: OFFICE.sender ?? {} }, OFFICE_SESSION, 'mycarenet.nihii', undefined],
  ])('is refused %s', (_, settings, session, key, fact) => {
    expect(() => findParties(settings, session)).toThrow(refusal(key, fact));
  }); // prettier-ignore
});
