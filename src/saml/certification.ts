/**
 * What came back certified, compared with what was asked (sts-session §3.1, 7 and 8). The STS does not fail
 * for an attribute that it cannot certify: it leaves it out, or says `false`.
 *
 * @module
 */

import { NS_CERTIFIED } from './names.js';
import type { AttributeQuery, Designator, SamlAttribute } from './request.js';

/** Whether every claim came back as it was made. */
export const claimsReturned = (
  given: readonly SamlAttribute[],
  claims: readonly SamlAttribute[],
): boolean =>
  claims.every(({ values, ...designator }) => {
    const returned = valuesOf(given, designator);
    return returned.length === values.length && returned.every((value, at) => value === values[at]);
  });

/** Names that were asked, that a service needs, and that were not certified. */
export function notCertified(
  given: readonly SamlAttribute[],
  { designators, insistOn = [] }: AttributeQuery,
): readonly string[] {
  const asked = designators.filter(({ namespace }) => namespace === NS_CERTIFIED);
  const missing = asked
    .filter((designator) => {
      const values = valuesOf(given, designator);
      return designator.name.endsWith(':boolean')
        ? values.length === 0 || values.some((value) => value !== 'true')
        : values.every((value) => value === '');
    })
    .map(({ name }) => name);
  const deciding = missing.filter((name) => insistOn.includes(name) || !ADDITIONAL.test(name));
  // An enterprise asks for nothing but what is additional: some of it must be certified.
  return deciding.length === 0 && missing.length === asked.length ? missing : deciding;
}

/**
 * Asked for, but no service depends on it alone: names, the second spelling of a recognition, the recognition
 * of an organisation as such. The quality and its number decide.
 */
const ADDITIONAL =
  /(?:givenname|surname|usersession:boolean|recognisedorganization:boolean|cbe_daas_authorized:boolean|-number)$|:fpsph:|:nihii:nurse:/;

const valuesOf = (
  attributes: readonly SamlAttribute[],
  { namespace, name }: Designator,
): readonly string[] =>
  attributes
    .filter((each) => each.namespace === namespace && each.name === name)
    .flatMap(({ values }) => values);

/** Words of the field for the last parts of attribute names. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['logopedist', 'speech therapist'],
  ['clinicalpsychologist', 'clinical psychologist'],
  ['trussmaker', 'truss maker'],
  ['groupofnurses', 'group of nurses'],
  ['medicalhouse', 'medical house'],
  ['guardpost', 'out-of-hours post'],
  ['sortingcenter', 'sorting centre'],
  ['officedoctors', "doctors' office"],
  ['reeducation', 're-education centre'],
  ['retirement', 'retirement home'],
  ['ehp', 'eHealth partner'],
  ['organization', 'organisation'],
]);

/** An attribute in words: `recognised as doctor`, `NIHII number as group of nurses`; else its name. */
export function describeAttribute(name: string): string {
  const parts = name.split(':');
  const kind = parts.at(-2)?.replace(/^recognised(?=.)/, '') ?? '';
  const word = WORDS.get(kind) ?? kind;
  switch (parts.at(-1)) {
    case 'boolean':
      return `recognised as ${word}`;
    case 'nihii11':
      return `NIHII number as ${word}`;
    case 'givenname':
      return 'first name';
    case 'surname':
      return 'last name';
    default:
      return name;
  }
}
