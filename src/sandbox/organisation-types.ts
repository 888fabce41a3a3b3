/**
 * The kinds of organisations that the sandbox gives certificates to, with the rules of their numbers
 * (certificate-lifecycle §4, §8): all that the official connector knows. Which check digits the real service
 * wants where is UNCERTAIN; `97 - (number mod 97)` holds for numbers of the NIHII and of the CBE.
 *
 * @module
 */

import { identifierTypes, normaliseIdentifier } from '../ids/identifier.js';
import type { Identifier } from '../ids/identifier.js';
import { el } from './xml-text.js';
import type { Markup } from './xml-text.js';

const CHECK = 'CHECK-97-MOD-97';

interface OrganisationRules {
  readonly type: string;
  readonly pattern: string;
  readonly check: string | undefined;
  /** French, Dutch. */
  readonly names: readonly [string, string];
}

const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  'NIHII-GROUP': ['Groupement infirmier', 'Groepering verpleegkundigen'],
  'NIHII-MEDICAL_HOUSE': ['Maison médicale', 'Wijkgezondheidscentrum'],
  'NIHII-HOSPITAL': ['Hôpital', 'Ziekenhuis'],
  'NIHII-GROUP_DOCTORS': ['Groupement de médecins', 'Groepering artsen'],
  'NIHII-GROUP_MIDWIVES': ['Groupement de sages-femmes', 'Groepering vroedvrouwen'],
  'NIHII-OFFICE_DOCTORS': ['Cabinet de médecins', 'Artsenkabinet'],
  'NIHII-OFFICE_DENTISTS': ['Cabinet de dentistes', 'Tandartsenkabinet'],
  'NIHII-PHARMACY': ['Pharmacie', 'Apotheek'],
  'NIHII-LABO': ['Laboratoire', 'Laboratorium'],
  'NIHII-RETIREMENT': ['Maison de repos', 'Rusthuis'],
  CBE: ['Entreprise', 'Onderneming'],
  EHP: ['Partenaire eHealth', 'eHealth-partner'],
};

const RULES: readonly OrganisationRules[] = identifierTypes()
  .filter((type) => type !== 'SSIN')
  .map((type) => {
    const { length } = normaliseIdentifier({ type, id: '0' }).id;
    return {
      type,
      pattern: `[0-9]{${String(length)}}`,
      check: hasCheckDigits(type) ? CHECK : undefined,
      names: NAMES[type] ?? [type, type],
    };
  });

/** Eight digits of the NIHII and ten of the CBE end in two check digits; the others are free. */
function hasCheckDigits(type: string): boolean {
  return type === 'NIHII' || type.startsWith('NIHII-') || /^CBE(?:-|$)/.test(type);
}

/** Why a number is not one of its kind; `undefined` when it is. */
export function problemOfNumber({ type, id }: Identifier): string | undefined {
  const rules = RULES.find((entry) => entry.type === type);
  if (rules === undefined) {
    return 'no organisations of this type';
  }
  if (!new RegExp(`^(?:${rules.pattern})$`).test(id)) {
    return 'the number has another length';
  }
  const fits = Number(id.slice(-2)) === 97 - Number(BigInt(id.slice(0, -2)) % 97n);
  return rules.check === undefined || fits ? undefined : 'the check digits are wrong';
}

/** `p:OrganizationType` of every kind. */
export const organisationTypes = (): readonly Markup[] =>
  RULES.map(({ type, pattern, check, names: [fr, nl] }) =>
    el(
      'p:OrganizationType',
      {},
      el(
        'c:Name',
        {},
        el('c:Value', { 'xml:lang': 'fr' }, fr),
        el('c:Value', { 'xml:lang': 'nl' }, nl),
      ),
      el('c:IdentifierType', {}, type),
      el('c:ValidationRegEx', {}, pattern),
      check === undefined ? undefined : el('c:CheckDigitAlgorithm', {}, check),
      el('c:AvailableBaseService', {}, 'other'),
    ),
  );
