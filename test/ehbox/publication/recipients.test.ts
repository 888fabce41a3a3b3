/** Recipients as typed, held against the sandbox's own table of qualities. */

import { describe, expect, test } from '@jest/globals';

import { identifierOf } from '../../../src/ehbox/address.js';
import {
  ORGANISATION_QUALITIES,
  parseRecipient,
  parseRecipients,
  PERSON_QUALITIES,
} from '../../../src/ehbox/publication/recipients.js';
import { problemOfAddress } from '../../../src/sandbox/ehbox-qualities.js';

const NUMBERS: Readonly<Record<string, string>> = { NIHII: '71022212', CBE: '0809394427', EHP: '1234567890' }; // prettier-ignore

describe('every row of the table', () => {
  test.each(PERSON_QUALITIES)('%s, by both numbers', (quality) => {
    for (const [text, type, id] of [
      ['SSIN=79.02.15-997.32', 'INSS', '79021599732'],
      ['NIHII=1-95471-81-004', 'NIHII', '19547181'],
    ] as const) {
      const box = parseRecipient(`${text}:${quality.toLowerCase()}`);
      expect(box).toEqual({ type, id, quality });
      expect(problemOfAddress({ ...box, subType: '' })).toBeUndefined();
    }
  });

  test.each([...ORGANISATION_QUALITIES])('%s, by its type alone', (quality, { type, subType }) => {
    const etk = quality === 'TREATMENT_CENTER' ? 'CBE-TREAT_CENTER' : subType === undefined ? type : `${type}-${subType}`; // prettier-ignore
    const box = parseRecipient(`${etk}=${NUMBERS[type] ?? ''}`);
    expect(box).toEqual({ type, id: NUMBERS[type], subType, quality });
    expect(problemOfAddress({ ...box, subType: subType ?? '' })).toBeUndefined();
    expect(identifierOf(box).type).toBe(etk);
    // Also as the eHealthBox writes it, with the quality in place of the sector.
    expect(parseRecipient(`${type}=${NUMBERS[type] ?? ''}:${quality}`)).toEqual(box);
  });
});

describe('refused', () => {
  test.each([
    ['nothing', '', 'E_IDENTIFIER_INVALID'],
    ['a person without quality', 'SSIN=79021599732', 'E_IDENTIFIER_INVALID'],
    ['an empty quality', 'SSIN=79021599732:', 'E_IDENTIFIER_INVALID'],
    ['a citizen', 'SSIN=79021599732:CITIZEN', 'E_IDENTIFIER_INVALID'],
    ['everybody', 'NIHII=ALL:DOCTOR', 'E_IDENTIFIER_INVALID'],
    ['a quality of organisations for an SSIN', 'SSIN=79021599732:HOSPITAL', 'E_IDENTIFIER_INVALID'],
    ['a quality of persons for a company', 'CBE=0809394427:DOCTOR', 'E_IDENTIFIER_INVALID'],
    ['another sector than the type', 'NIHII-LABO=71234523:HOSPITAL', 'E_IDENTIFIER_INVALID'],
    ['a type without boxes', 'NIHII-BELRAI=71234523', 'E_IDENTIFIER_INVALID'],
    ['an invented type', 'PASSPORT=71234523', 'E_IDENTIFIER_INVALID'],
    ['seven digits of a NIHII number', 'NIHII-LABO=7123452', 'E_NIHII_INVALID'],
    ['nine digits of a NIHII number', 'NIHII-LABO=712345230', 'E_NIHII_INVALID'],
    ['an SSIN with a wrong digit', 'SSIN=79021599733:DOCTOR', 'E_SSIN_INVALID'],
    ['an enterprise number with a wrong digit', 'CBE=0809394428', 'E_CBE_INVALID'],
    ['nine digits of an enterprise number', 'CBE=809394427', 'E_CBE_INVALID'],
    ['an EHP number that is too long', 'EHP=12345678901', 'E_IDENTIFIER_INVALID'],
    ['markup', 'SSIN=79021599732:DOCTOR</Id>', 'E_IDENTIFIER_INVALID'],
  ])('%s', (_name, text, code) => {
    expect(() => parseRecipient(text)).toThrow(expect.objectContaining({ code }));
  });

  test('nobody at all; the same one twice counts once', () => {
    expect(() => parseRecipients([])).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
    expect(parseRecipients(['NIHII-HOSPITAL=71022212', 'NIHII=71022212000:HOSPITAL'])).toHaveLength(1); // prettier-ignore
  });

  test('a mistyped quality is answered with the near one', () => {
    expect(() => parseRecipient('SSIN=79021599732:DOCTER')).toThrow(
      expect.objectContaining({ hint: 'did you mean DOCTOR?' }),
    );
  });
});
