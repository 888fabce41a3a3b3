/**
 * Who may have a key of the KGSS: one attribute of a session per reader, as the STS certifies it (etee §4.2,
 * sts-session §5). One attribute is enough; a reader cannot be described by two at once.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { parseIdentifier } from '../ids/identifier.js';
import { parseNihii } from '../ids/nihii.js';
import { parseSsin } from '../ids/ssin.js';
import { NS_IDENTIFICATION } from '../saml/names.js';
import { qualityNames, qualityOfType, QUALITIES } from '../sts/qualities.js';
import type { QualityAttributes } from '../sts/qualities.js';

/** An attribute; without values, whoever has the attribute at all. */
export interface Reader {
  readonly namespace: string;
  readonly name: string;
  readonly values: readonly string[];
}

const HINT =
  'write SSIN=NUMBER, a quality and a number (doctor=19547181004, hospital=71000436), or a quality alone for all of them (nurse)';

/**
 * Reads a reader: `SSIN=79021599732`, `NIHII-GROUP=94499180`, `doctor=19547181004`, `hospital=71000436`, or a
 * quality alone (`doctor`) for everybody who has it.
 *
 * @returns One attribute, or several of which any one will do.
 * @throws TopazError `E_IDENTIFIER_INVALID`, `E_SSIN_INVALID`, `E_NIHII_INVALID`.
 */
export function parseReader(text: string): readonly Reader[] {
  const equals = text.indexOf('=');
  const word = (equals < 0 ? text : text.slice(0, equals)).trim();
  const number = equals < 0 ? undefined : text.slice(equals + 1).trim();
  const quality = qualityOf(word.toLowerCase());
  if (quality !== undefined) {
    return number === undefined || number === '*'
      ? everybody(quality)
      : quality.value === 'ssin'
        ? personWithQuality(quality, number)
        : [organisation(quality, number)];
  }
  if (number === undefined) {
    throw invalid(`qualities: ${qualityNames().join(', ')}`);
  }
  const { type, id } = parseIdentifier(text);
  if (type === 'SSIN') {
    return [person(id)];
  }
  const known = qualityOf(qualityOfType(type) ?? '');
  if (known === undefined) {
    throw invalid(`no session says that it is one of ${type}`);
  }
  return [organisation(known, id)];
}

const qualityOf = (word: string): QualityAttributes | undefined =>
  Object.hasOwn(QUALITIES, word) ? QUALITIES[word] : undefined;

/** By the SSIN, whatever the quality of the session. */
const person = (ssin: string): Reader => ({
  namespace: NS_IDENTIFICATION,
  name: 'urn:be:fgov:person:ssin',
  values: [ssin],
});

/** Of one quality: by the SSIN, or by the NIHII that the STS certifies for it. */
function personWithQuality(quality: QualityAttributes, number: string): readonly Reader[] {
  const ssin = ssinOf(number);
  if (ssin !== undefined) {
    return [person(ssin)];
  }
  const nihii = parseNihii(number);
  if (nihii.length !== NIHII_LENGTH) {
    throw new TopazError('E_NIHII_INVALID', 'a person is told by all 11 digits of the NIHII', {
      hint: HINT,
    });
  }
  return numbers(quality).map((attribute) => ({ ...attribute, values: [nihii] }));
}

const NIHII_LENGTH = 11;

/** A NIHII of 11 digits is an SSIN only where its check number happens to fit; the SSIN wins. */
function ssinOf(number: string): string | undefined {
  try {
    return parseSsin(number);
  } catch {
    return undefined;
  }
}

/** By the session's own claim: an organisation is told by its certificate. */
function organisation({ attributes, holderType }: QualityAttributes, text: string): Reader {
  const [attribute] = attributes;
  if (attribute === undefined) {
    throw new TopazError('E_INTERNAL', 'a quality without attributes');
  }
  return { ...attribute, values: [parseIdentifier(`${holderType}=${text}`).id] };
}

const numbers = ({ designators }: QualityAttributes): QualityAttributes['designators'] =>
  designators.filter(({ name }) => name.endsWith(':nihii11'));

/** The profession first; the visa of the ministry (fpsph) counts where nothing else is certified. */
function everybody(quality: QualityAttributes): readonly Reader[] {
  const flags = quality.designators.filter(
    ({ name }) => name.endsWith(':boolean') && !name.includes('usersession'),
  );
  const flag = flags.find(({ name }) => !name.includes(':fpsph:')) ?? flags[0];
  return flag === undefined
    ? numbers(quality).map((attribute) => ({ ...attribute, values: [] }))
    : [{ ...flag, values: ['true'] }];
}

const invalid = (fact: string): TopazError =>
  new TopazError('E_IDENTIFIER_INVALID', 'this does not say who may read', {
    facts: [fact],
    hint: HINT,
  });
