/**
 * Exclusive XML Canonicalization 1.0 without comments, over our own tree
 * (https://www.w3.org/TR/xml-exc-c14n/). One pass to bytes, linear. The same pass gives the tree that these
 * bytes stand for: what a verifier may hand on.
 *
 * @module
 */

import { NS_XML } from './namespaces.js';
import { readXml } from './read.js';
import { Scope } from './scope.js';
import type { XmlAttribute, XmlDeclaration, XmlElement, XmlNode } from './tree.js';
import { XmlBytes } from './xml-bytes.js';

export interface CanonicalizeOptions {
  /** `PrefixList` of InclusiveNamespaces; `#default` for the default namespace. */
  readonly inclusivePrefixes?: readonly string[] | undefined;
  /** Left out: the enveloped signature, by identity. */
  readonly without?: XmlElement | undefined;
  /** Declarations of the ancestors; needed with {@link inclusivePrefixes} only. */
  readonly inherited?: ReadonlyMap<string, string> | undefined;
}

export interface Canonical {
  /** UTF-8. */
  readonly bytes: Buffer;
  /**
   * The tree of exactly these bytes: without comments, and without declarations that they do not hold.
   * Parts that are the same as before are shared with the tree that was canonicalised.
   */
  readonly element: XmlElement;
}

/**
 * Canonical text of an element and all below it. It stands on its own: every prefix that it uses in names
 * is declared in it.
 */
export const canonicalize = (element: XmlElement, options: CanonicalizeOptions = {}): string =>
  canonicalBytes(element, options).bytes.toString('utf8');

/** The same as bytes, with the tree that they stand for. */
export function canonicalBytes(element: XmlElement, options: CanonicalizeOptions = {}): Canonical {
  const writer = new CanonicalWriter(options);
  const signed = writer.element(element);
  return { bytes: writer.out.take(), element: signed };
}

const NO_DECLARATIONS: readonly XmlDeclaration[] = [];

class CanonicalWriter {
  readonly out = new XmlBytes();
  readonly #inclusive: readonly string[];
  readonly #without: XmlElement | undefined;
  /** What the output declares. */
  readonly #rendered = new Scope();
  /** What the document declares; kept for inclusive prefixes alone. */
  readonly #inScope: Scope;

  constructor({ inclusivePrefixes = [], without, inherited = new Map() }: CanonicalizeOptions) {
    this.#inclusive = inclusivePrefixes.map((prefix) => (prefix === '#default' ? '' : prefix));
    this.#without = without;
    this.#inScope = new Scope(inherited);
  }

  element(element: XmlElement): XmlElement {
    const { out } = this;
    const { prefix, name, attributes } = element;
    const mark = this.#rendered.mark();
    const scopeMark = this.#inScope.mark();
    if (this.#inclusive.length > 0) {
      for (const { prefix: declared, uri } of element.declarations) {
        this.#inScope.set(declared, uri);
      }
    }
    out.startTag(prefix, name);
    const declarations = this.#declarationsFor(element);
    for (const { prefix: declared, uri } of declarations) {
      this.#rendered.set(declared, uri);
      out.declaration(declared, uri);
    }
    for (const attribute of sorted(attributes)) {
      out.attribute(attribute.prefix, attribute.name, attribute.value);
    }
    out.endOfTag();
    const children = this.#children(element.children);
    out.endTag(prefix, name);
    this.#rendered.back(mark);
    this.#inScope.back(scopeMark);
    return children === element.children && areSame(declarations, element.declarations)
      ? element
      : { ...element, declarations, children };
  }

  /** The same list, unless something of it is left out or changed. */
  #children(children: readonly XmlNode[]): readonly XmlNode[] {
    let kept: XmlNode[] | undefined;
    for (let at = 0; at < children.length; at += 1) {
      const before = children[at];
      const after = before === undefined ? undefined : this.#node(before);
      if (kept === undefined && after !== before) {
        kept = children.slice(0, at);
      }
      if (kept !== undefined && after !== undefined) {
        add(kept, after);
      }
    }
    return kept ?? children;
  }

  #node(node: XmlNode): XmlNode | undefined {
    const { out } = this;
    switch (node.kind) {
      case 'element':
        return node === this.#without ? undefined : this.element(node);
      case 'text':
        out.text(node.text);
        return node;
      case 'verbatim':
        return this.element(readXml(node.xml));
      case 'instruction':
        out.instruction(node.target, node.text);
        return node;
      case 'comment':
        return undefined;
    }
  }

  /** Declarations to write: of prefixes that are visibly used, and inclusive ones; sorted by prefix. */
  #declarationsFor({ prefix, namespace, attributes }: XmlElement): readonly XmlDeclaration[] {
    if (
      this.#inclusive.length === 0 &&
      this.#rendered.get(prefix) === namespace &&
      attributes.every(isPlain)
    ) {
      return NO_DECLARATIONS;
    }
    let added: XmlDeclaration[] | undefined;
    const need = (name: string, uri: string): void => {
      if (name === 'xml' || this.#rendered.get(name) === uri) {
        return;
      }
      added ??= [];
      if (!added.some((each) => each.prefix === name)) {
        added.push({ prefix: name, uri });
      }
    };
    need(prefix, namespace);
    for (const attribute of attributes) {
      if (attribute.prefix !== '') {
        need(attribute.prefix, attribute.namespace);
      }
    }
    for (const name of this.#inclusive) {
      const uri = this.#inScope.get(name);
      if (uri !== undefined) {
        need(name, uri);
      }
    }
    return added?.sort((a, b) => compare(a.prefix, b.prefix)) ?? NO_DECLARATIONS;
  }
}

/** Needs no declaration of its own. */
const isPlain = ({ prefix }: XmlAttribute): boolean => prefix === '' || prefix === 'xml';

/** Neighbours are joined, as the reader does. */
function add(nodes: XmlNode[], node: XmlNode): void {
  const last = nodes.at(-1);
  if (node.kind === 'text' && last?.kind === 'text') {
    nodes[nodes.length - 1] = { kind: 'text', text: last.text + node.text };
  } else {
    nodes.push(node);
  }
}

/** In any order: written declarations are sorted, those of a document seldom. */
const areSame = (
  written: readonly XmlDeclaration[],
  declared: readonly XmlDeclaration[],
): boolean =>
  written.length === declared.length &&
  written.every(({ prefix, uri }) =>
    declared.some((each) => each.prefix === prefix && each.uri === uri),
  );

/** By namespace, then by name; mostly they are so already. */
function sorted(attributes: readonly XmlAttribute[]): readonly XmlAttribute[] {
  for (let at = 1; at < attributes.length; at += 1) {
    const [before, after] = [attributes[at - 1], attributes[at]];
    if (before !== undefined && after !== undefined && byName(before, after) > 0) {
      return [...attributes].sort(byName);
    }
  }
  return attributes;
}

const byName = (a: XmlAttribute, b: XmlAttribute): number =>
  compare(a.namespace, b.namespace) || compare(a.name, b.name);

/** By code point, as the specification says; JavaScript's `<` compares UTF-16 units. */
function compare(a: string, b: string): number {
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) {
      return rank(left) - rank(right);
    }
  }
  return a.length - b.length;
}

/** Surrogates stand for characters above all others: U+E000 to U+FFFF sort before them. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** Declarations in force around an element of a document; `undefined` when it is not in it. */
export function scopeOf(
  target: XmlElement,
  root: XmlElement,
): ReadonlyMap<string, string> | undefined {
  const path = pathTo(target, root);
  return path === undefined
    ? undefined
    : new Map([
        ['xml', NS_XML] as const,
        ...path.flatMap(({ declarations }) =>
          declarations.map(({ prefix, uri }) => [prefix, uri] as const),
        ),
      ]);
}

/** Ancestors from the root down, without the element itself. */
function pathTo(target: XmlElement, from: XmlElement): readonly XmlElement[] | undefined {
  if (from === target) {
    return [];
  }
  for (const node of from.children) {
    const below = node.kind === 'element' ? pathTo(target, node) : undefined;
    if (below !== undefined) {
      return [from, ...below];
    }
  }
  return undefined;
}
