import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { QUALITIES, qualityOfType } from '../../src/sts/qualities.js';
import { hasShared, SHARED } from '../support/tools.js';

interface Listed {
  readonly value: string;
  readonly attributes: readonly { namespace: string; name: string; value?: string }[];
  readonly designators: readonly { namespace: string; name: string }[];
}

const VALUES: Readonly<Record<string, string>> = { niss: 'ssin', nihii8: 'nihii', cbe: 'cbe', ehp: 'ehp' }; // prettier-ignore

(hasShared() ? describe : describe.skip)('the list of the fact sheet', () => {
  const { users } = JSON.parse(readFileSync(join(SHARED, 'facts/sts-attributes.json'), 'utf8')) as {
    users: Record<string, Listed>;
  };
  const names = Object.keys(users);

  test('is complete here', () => {
    expect(Object.keys(QUALITIES).sort()).toEqual([...names].sort());
  });

  test.each(names)('%s: word for word', (name) => {
    const listed = users[name];
    const { value, attributes, designators } = QUALITIES[name] ?? {};
    expect({ value, attributes, designators }).toEqual({
      value: VALUES[listed?.value ?? ''],
      // A value stands there for the one claim that holds no number.
      attributes: listed?.attributes.map(({ namespace, name: word }) => ({
        namespace,
        name: word,
      })),
      designators: listed?.designators,
    });
  });
});

describe('qualityOfType', () => {
  test.each([
    ['NIHII-GROUP', 'groupofnurses'],
    ['NIHII-MEDICAL_HOUSE', 'medicalhouse'],
    ['CBE', 'enterprise'],
    ['SSIN', undefined],
    ['NIHII-LABO', undefined],
  ])('%s: %s', (type, quality) => {
    expect(qualityOfType(type)).toBe(quality);
  });
});
