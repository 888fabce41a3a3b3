/**
 * The SAML 2.0 `Response` of MemberData as plain values: status, faults, assertions with every attribute they
 * carry (mycarenet §1.7). Nothing is interpreted here, and nothing unknown is refused.
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { NS_SAML2, NS_SAML2P } from '../../xml/namespaces.js';
import {
  attribute,
  child,
  children,
  childText,
  elements,
  requireChild,
  text,
} from '../../xml/query.js';
import type { XmlElement } from '../../xml/tree.js';
import { parseInstant } from '../belgian-day.js';
import { lastPart, NS_MEMBERDATA_EXTENSION, shortName } from '../names.js';

/** One fact that a mutuality states. */
export interface MemberAssertion {
  /** Without the URN in front: `insurability:period`; '' when it is missing. */
  readonly type: string;
  readonly issuer: string;
  /** The SSIN in the subject, where the subject is given so. */
  readonly subjectSsin: string | undefined;
  readonly notBefore: Date | undefined;
  /** Exclusive. */
  readonly notOnOrAfter: Date | undefined;
  /** Full names; the values of a name that comes twice are joined. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
}

/** One line of a `Fault`. */
export interface FaultDetail {
  readonly code: string;
  readonly source: string | undefined;
  /** Shown, never evaluated. */
  readonly location: string | undefined;
  readonly message: string | undefined;
}

export interface Fault {
  readonly code: string | undefined;
  readonly source: string | undefined;
  readonly message: string | undefined;
  readonly details: readonly FaultDetail[];
}

export interface MemberDataResponse {
  readonly inResponseTo: string | undefined;
  readonly issuedAt: Date | undefined;
  /** `Success`, `Requester`, `Responder`. */
  readonly level1: string;
  /** `PartialAnswer`, `InputError` …; absent on full success. */
  readonly level2: string | undefined;
  readonly faults: readonly Fault[];
  readonly assertions: readonly MemberAssertion[];
}

/**
 * Reads a `Response`.
 *
 * @throws TopazError `E_REPLY_INVALID` when it is another document, or without status.
 */
export function readResponse(root: XmlElement): MemberDataResponse {
  if (root.name !== 'Response' || root.namespace !== NS_SAML2P) {
    throw new TopazError('E_REPLY_INVALID', 'the answer of MemberData holds another document', {
      facts: [`${root.name} where a Response was expected`],
      hint: 'ask again; report it if it happens again',
    });
  }
  const status = requireChild(root, NS_SAML2P, 'Status');
  const outer = requireChild(status, NS_SAML2P, 'StatusCode');
  const inner = child(outer, NS_SAML2P, 'StatusCode');
  const level2 = lastPart(attribute(inner, 'Value') ?? '');
  return {
    inResponseTo: attribute(root, 'InResponseTo'),
    issuedAt: parseInstant(attribute(root, 'IssueInstant') ?? ''),
    level1: lastPart(attribute(outer, 'Value') ?? ''),
    level2: level2 === '' ? undefined : level2,
    // Quirk: Fault and what is inside come with and without namespace; only the local names are the same.
    faults: named(child(status, NS_SAML2P, 'StatusDetail'), 'Fault').map(readFault),
    assertions: children(root, NS_SAML2, 'Assertion').map(readAssertion),
  };
}

const named = (parent: XmlElement | undefined, name: string): readonly XmlElement[] =>
  elements(parent).filter((element) => element.name === name);

/** Trimmed text of the first child with that local name; `undefined` when there is none or it is empty. */
function localText(parent: XmlElement, name: string): string | undefined {
  const found = text(named(parent, name)[0]).trim();
  return found === '' ? undefined : found;
}

function readFault(fault: XmlElement): Fault {
  return {
    code: localText(fault, 'FaultCode'),
    source: localText(fault, 'FaultSource'),
    message: localText(fault, 'Message'),
    details: named(fault, 'Details')
      .flatMap((details) => named(details, 'Detail'))
      .map((detail) => ({
        code: localText(detail, 'DetailCode') ?? '',
        source: localText(detail, 'DetailSource'),
        location: localText(detail, 'Location'),
        message: localText(detail, 'Message'),
      }))
      .filter(({ code }) => code !== ''),
  };
}

function readAssertion(assertion: XmlElement): MemberAssertion {
  const subject = child(child(assertion, NS_SAML2, 'Subject'), NS_SAML2, 'NameID');
  const conditions = child(assertion, NS_SAML2, 'Conditions');
  const advice = child(assertion, NS_SAML2, 'Advice');
  const attributes = new Map<string, readonly string[]>();
  for (const statement of children(assertion, NS_SAML2, 'AttributeStatement')) {
    for (const each of children(statement, NS_SAML2, 'Attribute')) {
      const name = attribute(each, 'Name') ?? '';
      attributes.set(name, [...(attributes.get(name) ?? []), ...valuesOf(each)]);
    }
  }
  return {
    type: shortName(childText(advice, NS_MEMBERDATA_EXTENSION, 'AssertionType') ?? ''),
    issuer: childText(assertion, NS_SAML2, 'Issuer') ?? '',
    subjectSsin: ssinIn(attribute(subject, 'Format') ?? '', text(subject).trim()),
    notBefore: parseInstant(attribute(conditions, 'NotBefore') ?? ''),
    notOnOrAfter: parseInstant(attribute(conditions, 'NotOnOrAfter') ?? ''),
    attributes,
  };
}

/** A value that holds elements is kept as their text, one after the other. */
const valuesOf = (parent: XmlElement): readonly string[] =>
  children(parent, NS_SAML2, 'AttributeValue').map((value) => deepText(value).trim());

const deepText = (element: XmlElement): string =>
  element.children
    .map((node) =>
      node.kind === 'text' ? node.text : node.kind === 'element' ? deepText(node) : '',
    )
    .join('');

const ssinIn = (format: string, value: string): string | undefined =>
  /(?:person:ssin|member:ssin@mut)$/.test(format) ? value.split('@')[0] : undefined;
