/**
 * Namespaces while a document is scanned: what a start tag declares and what its names mean then
 * (Namespaces in XML 1.0). Unprefixed attributes are in no namespace.
 *
 * @module
 */

import { NS_XML, NS_XMLNS } from './namespaces.js';
import { malformed } from './read-errors.js';
import { Scope } from './scope.js';
import type { XmlAttribute, XmlDeclaration } from './tree.js';

/** An attribute whose namespace is still to be found. */
export interface ScannedAttribute {
  readonly prefix: string;
  readonly name: string;
  namespace: string;
  readonly value: string;
}

/** Up to here, comparing each with each is cheaper than a set. */
const FEW = 8;

export class NamespaceScanner {
  readonly #scope = new Scope([['xml', NS_XML]]);

  /** A point to come {@link leave} to: taken before the start tag is looked at. */
  enter(): number {
    return this.#scope.mark();
  }

  leave(mark: number): void {
    this.#scope.back(mark);
  }

  /** @throws TopazError `E_XML_MALFORMED` for a prefix that is not declared. */
  namespaceOf(prefix: string): string {
    const uri = this.#scope.get(prefix);
    if (uri === undefined) {
      throw malformed('a prefix is not declared');
    }
    return uri;
  }

  /** @throws TopazError `E_XML_MALFORMED` for declarations that the specification forbids. */
  declare(declarations: readonly XmlDeclaration[]): void {
    for (const { prefix, uri } of declarations) {
      if (
        prefix === 'xmlns' ||
        uri === NS_XMLNS ||
        (prefix === 'xml') !== (uri === NS_XML) ||
        (uri === '' && prefix !== '')
      ) {
        throw malformed('a namespace is declared as it may not be');
      }
      this.#scope.set(prefix, uri);
    }
    if (hasTwins(declarations, sameDeclaration, ({ prefix }) => prefix)) {
      throw malformed('a prefix is declared twice on one element');
    }
  }

  /**
   * Gives attributes their namespaces.
   *
   * @throws TopazError `E_XML_MALFORMED` for two of one name.
   */
  resolve(attributes: readonly ScannedAttribute[]): void {
    for (const attribute of attributes) {
      if (attribute.prefix !== '') {
        attribute.namespace = this.namespaceOf(attribute.prefix);
      }
    }
    if (hasTwins(attributes, sameAttribute, expandedName)) {
      throw malformed('an attribute stands twice on one element');
    }
  }
}

const sameDeclaration = (a: XmlDeclaration, b: XmlDeclaration): boolean => a.prefix === b.prefix;

const sameAttribute = (a: XmlAttribute, b: XmlAttribute): boolean =>
  a.name === b.name && a.namespace === b.namespace;

/** A name holds no space, so this is one name only. */
const expandedName = ({ name, namespace }: XmlAttribute): string => `${name} ${namespace}`;

function hasTwins<T>(
  items: readonly T[],
  isSame: (a: T, b: T) => boolean,
  keyOf: (item: T) => string,
): boolean {
  if (items.length > FEW) {
    return new Set(items.map(keyOf)).size < items.length;
  }
  for (let at = 1; at < items.length; at += 1) {
    const item = items[at];
    for (let before = 0; before < at; before += 1) {
      const other = items[before];
      if (item !== undefined && other !== undefined && isSame(item, other)) {
        return true;
      }
    }
  }
  return false;
}
