/**
 * Exclusive XML Canonicalization 1.0 without comments, over our own tree
 * (https://www.w3.org/TR/xml-exc-c14n/). One pass, linear.
 *
 * @module
 */

import { escapeAttribute, escapeText } from './escape.js';
import { NS_XML } from './namespaces.js';
import { readXml } from './read.js';
import { Scope } from './scope.js';
import type { XmlAttribute, XmlElement, XmlNode } from './tree.js';

export interface CanonicalizeOptions {
  /** `PrefixList` of InclusiveNamespaces; `#default` for the default namespace. */
  readonly inclusivePrefixes?: readonly string[] | undefined;
  /** Left out: the enveloped signature, by identity. */
  readonly without?: XmlElement | undefined;
  /** Declarations of the ancestors; needed with {@link inclusivePrefixes} only. */
  readonly inherited?: ReadonlyMap<string, string> | undefined;
}

interface State {
  readonly out: string[];
  readonly inclusive: readonly string[];
  readonly without: XmlElement | undefined;
  /** What the output declares. */
  readonly rendered: Scope;
  /** What the document declares; kept for inclusive prefixes alone. */
  readonly inScope: Scope;
}

/**
 * Canonical text of an element and all below it. It stands on its own: every prefix that it uses in names
 * is declared in it.
 */
export function canonicalize(element: XmlElement, options: CanonicalizeOptions = {}): string {
  const { inclusivePrefixes = [], without, inherited = [] } = options;
  const state: State = {
    out: [],
    inclusive: inclusivePrefixes.map((prefix) => (prefix === '#default' ? '' : prefix)),
    without,
    rendered: new Scope(),
    inScope: new Scope(inherited),
  };
  render(element, state);
  return state.out.join('');
}

function render(element: XmlElement, state: State): void {
  const { out, inclusive, without, rendered, inScope } = state;
  const marks = [rendered.mark(), inScope.mark()] as const;
  if (inclusive.length > 0) {
    for (const { prefix, uri } of element.declarations) {
      inScope.set(prefix, uri);
    }
  }
  const name = element.prefix === '' ? element.name : `${element.prefix}:${element.name}`;
  out.push('<', name);
  for (const [prefix, uri] of declarationsFor(element, state)) {
    rendered.set(prefix, uri);
    out.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapeAttribute(uri), '"');
  }
  for (const { prefix, name: local, value } of sorted(element.attributes)) {
    out.push(' ', prefix === '' ? local : `${prefix}:${local}`, '="', escapeAttribute(value), '"');
  }
  out.push('>');
  for (const child of element.children) {
    if (child !== without) {
      renderNode(child, state);
    }
  }
  out.push('</', name, '>');
  rendered.back(marks[0]);
  inScope.back(marks[1]);
}

function renderNode(node: XmlNode, state: State): void {
  switch (node.kind) {
    case 'element':
      render(node, state);
      return;
    case 'text':
      state.out.push(escapeText(node.text));
      return;
    case 'verbatim':
      render(readXml(node.xml), state);
      return;
    case 'instruction':
      state.out.push('<?', node.target, node.text === '' ? '' : ' ');
      state.out.push(node.text.replaceAll('\r', '&#xD;'), '?>');
      return;
    case 'comment':
  }
}

/** Declarations to write: of prefixes that are visibly used, and inclusive ones; sorted by prefix. */
function declarationsFor(
  { prefix, namespace, attributes }: XmlElement,
  { rendered, inScope, inclusive }: State,
): [string, string][] {
  const used = new Map([[prefix, namespace]]);
  for (const attribute of attributes) {
    if (attribute.prefix !== '') {
      used.set(attribute.prefix, attribute.namespace);
    }
  }
  for (const name of inclusive) {
    const uri = inScope.get(name);
    if (uri !== undefined && !used.has(name)) {
      used.set(name, uri);
    }
  }
  const added: [string, string][] = [];
  for (const [name, uri] of used) {
    if (name !== 'xml' && rendered.get(name) !== uri) {
      added.push([name, uri]);
    }
  }
  return added.sort(([a], [b]) => compare(a, b));
}

function sorted(attributes: readonly XmlAttribute[]): readonly XmlAttribute[] {
  return attributes.length < 2
    ? attributes
    : [...attributes].sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name));
}

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
