/**
 * Finds elements by namespace and local name, never by prefix, and only direct children: a value that
 * stands elsewhere in the document must not be taken for the one that is meant.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { XmlElement } from './tree.js';

/** Element children. */
export const elements = (parent: XmlElement | undefined): readonly XmlElement[] =>
  parent?.children.filter((node): node is XmlElement => node.kind === 'element') ?? [];

/** Children of that name, in order. */
export const children = (
  parent: XmlElement | undefined,
  namespace: string,
  name: string,
): readonly XmlElement[] =>
  elements(parent).filter((child) => child.name === name && child.namespace === namespace);

/**
 * The only child of that name, `undefined` when there is none.
 *
 * @throws TopazError `E_REPLY_INVALID` when there are several.
 */
export function child(
  parent: XmlElement | undefined,
  namespace: string,
  name: string,
): XmlElement | undefined {
  const found = children(parent, namespace, name);
  if (found.length > 1) {
    throw unexpected(`${name} stands there ${found.length} times`);
  }
  return found[0];
}

/**
 * The only child of that name.
 *
 * @throws TopazError `E_REPLY_INVALID` that names it.
 */
export function requireChild(parent: XmlElement, namespace: string, name: string): XmlElement {
  const found = child(parent, namespace, name);
  if (found === undefined) {
    throw unexpected(`${name} is missing in ${parent.name}`);
  }
  return found;
}

/**
 * Own text; comments do not split it.
 *
 * @throws TopazError `E_REPLY_INVALID` when the element holds elements.
 */
export function text(element: XmlElement | undefined): string {
  if (element === undefined) {
    return '';
  }
  let all = '';
  for (const node of element.children) {
    if (node.kind === 'text') {
      all += node.text;
    } else if (node.kind === 'element' || node.kind === 'verbatim') {
      throw unexpected(`${element.name} holds elements where text was expected`);
    }
  }
  return all;
}

/** Trimmed text of the only child of that name; `undefined` when there is none. */
export function childText(
  parent: XmlElement | undefined,
  namespace: string,
  name: string,
): string | undefined {
  const found = child(parent, namespace, name);
  return found === undefined ? undefined : text(found).trim();
}

/** Value of an attribute; without `namespace`, one without prefix. */
export const attribute = (
  element: XmlElement | undefined,
  name: string,
  namespace = '',
): string | undefined =>
  element?.attributes.find((each) => each.name === name && each.namespace === namespace)?.value;

/** The element and all elements below it, in document order. */
export function* walk(element: XmlElement): Generator<XmlElement> {
  const waiting = [element];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    // Not push(...): a spread of a hundred thousand children overflows the stack.
    for (const below of elements(next).toReversed()) {
      waiting.push(below);
    }
  }
}

const unexpected = (reason: string): TopazError =>
  new TopazError('E_REPLY_INVALID', 'the answer has another form than expected', {
    facts: [reason],
    hint: 'nothing of it was used; report it with the name of the service',
  });
