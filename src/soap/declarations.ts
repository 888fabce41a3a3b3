/**
 * Namespaces of a payload, all declared on the payload itself: once instead of on each element that uses
 * them, and nothing is left to what stands around it (sts-session §7, trap 10).
 *
 * @module
 */

import type { XmlElement } from '../xml/tree.js';

/**
 * The same element with the declarations of all prefixes below it. Signatures inside keep their value:
 * exclusive canonicalisation looks at the names that are used, not at where they are declared.
 */
export function declarePrefixes(payload: XmlElement): XmlElement {
  const names = new Map<string, string>();
  const note = (prefix: string, uri: string): void => {
    // The default namespace stays where it is used: elements without namespace would have to leave it.
    if (prefix !== '' && prefix !== 'xml' && !names.has(prefix)) {
      names.set(prefix, uri);
    }
  };
  const visit = ({ prefix, namespace, declarations, attributes, children }: XmlElement): void => {
    // The payload comes first, so that its own meaning of a prefix wins over a later one.
    for (const each of declarations) {
      note(each.prefix, each.uri);
    }
    note(prefix, namespace);
    for (const each of attributes) {
      note(each.prefix, each.namespace);
    }
    for (const child of children) {
      if (child.kind === 'element') {
        visit(child);
      }
    }
  };
  visit(payload);
  const own = payload.declarations.filter(({ prefix }) => prefix === '');
  return {
    ...payload,
    declarations: [...own, ...[...names].map(([prefix, uri]) => ({ prefix, uri }))],
  };
}
