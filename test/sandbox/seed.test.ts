import { describe, expect, test } from '@jest/globals';

import { hasValidNihiiCheck } from '../../src/ids/nihii.js';
import { isSsin } from '../../src/ids/ssin.js';
import { demoSeed } from '../../src/sandbox/demo-seed.js';
import { parseSeed } from '../../src/sandbox/seed.js';

describe('the built-in seed', () => {
  const seed = demoSeed();

  test('has 421 patients with different valid numbers, and every kind among them', () => {
    expect(seed.patients).toHaveLength(421);
    expect(new Set(seed.patients.map(({ ssin }) => ssin)).size).toBe(421);
    expect(seed.patients.filter(({ ssin }) => !isSsin(ssin))).toEqual([]);
    for (const has of [
      (patient: (typeof seed.patients)[number]) => !patient.insured,
      ({ deceased }: (typeof seed.patients)[number]) => deceased !== undefined,
      ({ mutation }: (typeof seed.patients)[number]) => mutation !== undefined,
      ({ medicalHouse }: (typeof seed.patients)[number]) => medicalHouse !== undefined,
      ({ error }: (typeof seed.patients)[number]) => error !== undefined,
      ({ noData }: (typeof seed.patients)[number]) => noData === true,
      ({ thirdParty }: (typeof seed.patients)[number]) => thirdParty === true,
      ({ hospitalised }: (typeof seed.patients)[number]) => hospitalised === true,
    ]) {
      expect(seed.patients.some(has)).toBe(true);
    }
  });

  test('names people and organisations whose numbers are valid', () => {
    for (const { ssin, qualities } of seed.persons) {
      expect(isSsin(ssin)).toBe(true);
      expect(qualities.every(({ nihii = '' }) => hasValidNihiiCheck(nihii))).toBe(true);
    }
    expect(seed.organisations.every(({ id }) => hasValidNihiiCheck(id))).toBe(true);
  });

  test('reads as a seed file', () => {
    const document = JSON.parse(JSON.stringify({ schema: 'topaz.sandbox.seed/1', ...seed })) as unknown; // prettier-ignore
    expect(parseSeed(document).patients).toHaveLength(421);
  });
});

describe('parseSeed', () => {
  const schema = 'topaz.sandbox.seed/1';

  test('takes the example of the sheet with nulls for what is absent', () => {
    const seed = parseSeed({
      schema,
      patients: [{ ssin: '85061199814', deceased: null, medicalHouse: null, error: null }],
    });
    expect(seed.patients[0]).toMatchObject({ ssin: '85061199814', insured: true });
    expect(seed.patients[0]).not.toHaveProperty('deceased');
  });

  test.each([
    [{}, 'schema'],
    [{ schema, person: [] }, 'person'],
    [{ schema, patients: [{ ssin: '123' }] }, 'patients[0].ssin'],
    [{ schema, patients: [{ ssin: '85061199814', colour: 'red' }] }, 'patients[0].colour'],
    [{ schema, patients: [{ ssin: '85061199814', insured: 'yes' }] }, 'patients[0].insured'],
    [{ schema, messages: [{ quality: 'DOCTOR' }] }, 'messages[0].to'],
    [{ schema, messages: {} }, 'messages'],
    [[], 'seed'],
  ])('refuses %j and names %s', (document, place) => {
    expect(() => parseSeed(document)).toThrow(
      expect.objectContaining({
        code: 'E_SEED_INVALID',
        message: expect.stringContaining(place) as unknown,
      }),
    );
  });
});
