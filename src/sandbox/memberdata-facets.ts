/**
 * Facets of MemberData: what each is called, which dimensions it takes and who may not read it (mycarenet
 * §1.5). Rights of professions other than physiotherapists were not seen: they may read all.
 *
 * @module
 */

import { Refusal } from './faults-soap.js';
import { MDA_EXTENSION, SAML2P, XSI } from './names.js';
import { attributeOf, childOf, childrenOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

export interface AskedFacet {
  /** Without the URN in front. */
  readonly name: string;
  readonly dimensions: readonly { readonly id: string; readonly value: string }[];
}

export const NIPPIN = 'urn:be:cin:nippin:';

interface DimensionRule {
  readonly id: string;
  readonly values: readonly string[];
  /** As in `EMPTY_REQUESTTYPE`. */
  readonly code: string;
  readonly repeatable: boolean;
}

const FACETS: Readonly<Record<string, readonly DimensionRule[]>> = {
  insurability: [
    {
      id: 'requestType',
      values: ['information', 'invoicing'],
      code: 'REQUESTTYPE',
      repeatable: false,
    },
    {
      id: 'contactType',
      values: ['other', 'hospitalized'],
      code: 'CONTACTTYPE',
      repeatable: false,
    },
  ],
  chronicCondition: [],
  carePath: [
    {
      id: 'carePathType',
      values: ['diabetes', 'renalinsufficiency'],
      code: 'CAREPATHTYPE',
      repeatable: true,
    },
  ],
  referencePharmacy: [],
  globalMedicalFile: [],
  palliativeStatus: [],
  unitIssuance: [],
  maxInvoiced: [],
};

const NOT_FOR: Readonly<Record<string, readonly string[]>> = {
  physiotherapist: ['carePath', 'referencePharmacy', 'unitIssuance', 'maxInvoiced'],
};

/**
 * Checks the facets of a query.
 *
 * @throws Refusal with the code of the first rule that is broken.
 */
export function checkFacets(query: ReadElement, quality: string): readonly AskedFacet[] {
  const extensions = childOf(query, SAML2P, 'Extensions');
  if (extensions === undefined) {
    throw new Refusal('MISSING_EXTENSIONS_TAG', 'no Extensions');
  }
  if (!isExtensionsType(extensions)) {
    throw new Refusal('MISSING_OR_BAD_EXTENSIONS_TYPE', 'xsi:type is not ext:ExtensionsType');
  }
  const facets = childrenOf(extensions, MDA_EXTENSION, 'Facet');
  const asked = facets.map((facet) => readFacet(facet));
  const names = asked.map(({ name }) => name);
  const unknown = names.find((name) => !Object.hasOwn(FACETS, name));
  if (unknown !== undefined || asked.length === 0 || facets.length !== extensions.children.length) {
    throw new Refusal('UNKNOWN_FACET', unknown ?? 'no facet');
  }
  if (new Set(names).size < names.length) {
    throw new Refusal('DUPLICATED_FACET', names.join(' '));
  }
  const refused = names.find((name) => NOT_FOR[quality]?.includes(name));
  if (refused !== undefined) {
    throw new Refusal('UNAUTHORIZED_FACET', refused);
  }
  for (const facet of asked) {
    checkDimensions(facet);
  }
  return asked;
}

/** The QName must name the type in the right namespace: its prefix is looked up where it stands. */
function isExtensionsType(extensions: ReadElement): boolean {
  const [prefix = '', name] = (attributeOf(extensions, 'type', XSI) ?? '').split(':');
  return name === 'ExtensionsType' && extensions.node.namespaceForPrefix(prefix) === MDA_EXTENSION;
}

function readFacet(facet: ReadElement): AskedFacet {
  const id = attributeOf(facet, 'id') ?? '';
  return {
    name: id.startsWith(NIPPIN) ? id.slice(NIPPIN.length) : `not a URN: ${id}`,
    // Quirk: Dimension has no namespace.
    dimensions: childrenOf(facet, '', 'Dimension').map((dimension) => ({
      id: attributeOf(dimension, 'id') ?? '',
      value: dimension.text.trim(),
    })),
  };
}

function checkDimensions({ name, dimensions }: AskedFacet): void {
  const rules = FACETS[name] ?? [];
  for (const { id, value } of dimensions) {
    const rule = rules.find((known) => known.id === id);
    if (rule === undefined) {
      throw new Refusal('INVALID_DIMENSION_ID', id);
    }
    if (value === '') {
      throw new Refusal(`EMPTY_${rule.code}`, id);
    }
    if (!rule.values.includes(value)) {
      throw new Refusal(`UNALLOWED_${rule.code}`, value);
    }
  }
  for (const { id, repeatable } of rules) {
    const given = dimensions.filter((dimension) => dimension.id === id).length;
    if (given === 0) {
      throw new Refusal('MISSING_DIMENSION', id);
    }
    if (given > 1 && !repeatable) {
      throw new Refusal('DUPLICATED_DIMENSION', id);
    }
  }
}
