/**
 * The text of an assertion that is kept and sent with every call. It must stand alone: where the answer
 * declares a prefix outside of the assertion, the assertion gets the declaration too. Exclusive
 * canonicalisation leaves out what no name uses, so the signature is not touched by that.
 *
 * @module
 */

import { scopeOf } from '../xml/c14n.js';
import { NS_XSI } from '../xml/namespaces.js';
import { attribute, walk } from '../xml/query.js';
import { readXml } from '../xml/read.js';
import { Scope } from '../xml/scope.js';
import type { XmlElement, XmlNode } from '../xml/tree.js';
import { writeXml } from '../xml/write.js';
import { invalidAssertion } from './assertion.js';

/**
 * Text of the assertion: the bytes of the answer where they stand alone, else written anew with every
 * declaration in force around it.
 *
 * @param element The only assertion of the answer, its signature verified.
 * @param raw The answer as it came.
 * @param holds Whether a text carries the same signed content: it is asked about the result too.
 * @throws TopazError `E_ASSERTION_INVALID` when no text does.
 */
export function assertionText(
  element: XmlElement,
  envelope: XmlElement,
  raw: Uint8Array | undefined,
  holds: (assertion: XmlElement) => boolean,
): string {
  const slice = raw === undefined ? undefined : sliceOf(element, raw);
  if (slice !== undefined && standsAlone(slice, holds)) {
    return slice;
  }
  const rewritten = writeXml(withInherited(element, envelope));
  if (!holds(readXml(rewritten))) {
    throw invalidAssertion('form', 'it cannot be kept apart from its answer');
  }
  return rewritten;
}

/** From its first tag to its last: a guess that {@link standsAlone} judges. */
function sliceOf({ prefix, name }: XmlElement, raw: Uint8Array): string | undefined {
  const qualified = prefix === '' ? name : `${prefix}:${name}`;
  const text = new TextDecoder('utf-8').decode(raw);
  const start = text.search(new RegExp(`<${qualified}[\\s>]`));
  const end = text.lastIndexOf(`</${qualified}>`);
  return start < 0 || end < start ? undefined : text.slice(start, end + qualified.length + 3);
}

function standsAlone(slice: string, holds: (assertion: XmlElement) => boolean): boolean {
  // A comment is not signed: nothing of it is passed on.
  if (/<!--|<\?/.test(slice)) {
    return false;
  }
  try {
    const assertion = readXml(slice);
    return holds(assertion) && typesResolve(assertion, new Scope());
  } catch {
    // Not well-formed by itself: a prefix of a name is declared outside.
    return false;
  }
}

/** `xsi:type` holds a QName: its prefix is no name for the canonical form, but one for the receiver. */
function typesResolve(element: XmlElement, scope: Scope): boolean {
  const mark = scope.mark();
  for (const { prefix, uri } of element.declarations) {
    scope.set(prefix, uri);
  }
  const type = attribute(element, 'type', NS_XSI)?.trim() ?? '';
  const colon = type.indexOf(':');
  const resolves =
    (colon < 0 || scope.get(type.slice(0, colon)) !== undefined) &&
    element.children.every((node) => node.kind !== 'element' || typesResolve(node, scope));
  scope.back(mark);
  return resolves;
}

function withInherited(element: XmlElement, envelope: XmlElement): XmlElement {
  if ([...walk(element)].some(({ children }) => children.some(({ kind }) => kind === 'instruction'))) {
    throw invalidAssertion('form', 'it holds instructions for programs');
  } // prettier-ignore
  const own = new Set(element.declarations.map(({ prefix }) => prefix));
  const inherited = [...(scopeOf(element, envelope) ?? [])]
    .filter(([prefix]) => prefix !== 'xml' && !own.has(prefix))
    .map(([prefix, uri]) => ({ prefix, uri }));
  return withoutComments({ ...element, declarations: [...inherited, ...element.declarations] });
}

const withoutComments = (element: XmlElement): XmlElement => ({
  ...element,
  children: element.children
    .filter((node): node is Exclude<XmlNode, { kind: 'comment' }> => node.kind !== 'comment')
    .map((node) => (node.kind === 'element' ? withoutComments(node) : node)),
});
