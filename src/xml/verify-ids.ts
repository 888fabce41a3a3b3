/**
 * Ids of a document: what a reference may point to. One that two elements share is refused, whatever the
 * names of the attributes: readers differ on which of them counts (signature wrapping).
 *
 * @module
 */

import type { XmlElement } from './tree.js';
import { invalid } from './verify-errors.js';

/** In any namespace: `wsu:Id` and `xml:id` are among them. */
const ID_ATTRIBUTES: ReadonlySet<string> = new Set([
  'Id',
  'ID',
  'id',
  'RequestID',
  'ResponseID',
  'AssertionID',
]);

/**
 * Elements by their ids.
 *
 * @throws TopazError `E_SIGNATURE_INVALID` for an id that stands twice.
 */
export function indexIds(root: XmlElement): ReadonlyMap<string, XmlElement> {
  const ids = new Map<string, XmlElement>();
  collect(root, ids);
  return ids;
}

function collect(element: XmlElement, ids: Map<string, XmlElement>): void {
  for (const { name, value } of element.attributes) {
    if (ID_ATTRIBUTES.has(name)) {
      if (ids.has(value)) {
        throw invalid('two elements have the same id');
      }
      ids.set(value, element);
    }
  }
  for (const child of element.children) {
    if (child.kind === 'element') {
      collect(child, ids);
    }
  }
}
