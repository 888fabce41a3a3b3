/**
 * Builds trees: `const p = namespace('p', NS_CERTRA); p('Foo', { Id: '_1' }, p('Bar', {}, 'text'))`.
 *
 * @module
 */

import { PREFIXES } from './namespaces.js';
import type { XmlAttribute, XmlElement, XmlNode, XmlVerbatim } from './tree.js';

export type Content = XmlElement | XmlVerbatim | string | undefined | readonly Content[];

/** Names as written: `Id`, or `wsu:Id` with a prefix of `PREFIXES`. `undefined` leaves one out. */
export type Attributes = Readonly<Record<string, string | undefined>>;

export type ElementFactory = (
  name: string,
  attributes?: Attributes,
  ...content: readonly Content[]
) => XmlElement;

/**
 * A maker of elements of one namespace.
 *
 * @param prefix '' for the default namespace.
 * @param uri '' for elements in no namespace (then `prefix` must be '').
 */
export function namespace(prefix: string, uri: string): ElementFactory {
  return (name, attributes, ...content) => ({
    kind: 'element',
    prefix,
    name,
    namespace: uri,
    declarations: [],
    attributes: attributes === undefined ? [] : attributesOf(attributes),
    children: nodesOf(content, []),
  });
}

/** An element that stands as text already. It must declare every prefix that it uses. */
export const verbatim = (xml: string): XmlVerbatim => ({ kind: 'verbatim', xml });

function attributesOf(attributes: Attributes): readonly XmlAttribute[] {
  const list: XmlAttribute[] = [];
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    if (value !== undefined) {
      list.push(attributeOf(key, value));
    }
  }
  return list;
}

function attributeOf(key: string, value: string): XmlAttribute {
  const colon = key.indexOf(':');
  if (colon < 0) {
    return { prefix: '', name: key, namespace: '', value };
  }
  const prefix = key.slice(0, colon);
  const uri = PREFIXES[prefix];
  if (uri === undefined) {
    throw new TypeError(`the prefix ${prefix} of an attribute is not in PREFIXES`);
  }
  return { prefix, name: key.slice(colon + 1), namespace: uri, value };
}

function nodesOf(content: readonly Content[], nodes: XmlNode[]): readonly XmlNode[] {
  for (const item of content) {
    if (typeof item === 'string') {
      if (item !== '') {
        nodes.push({ kind: 'text', text: item });
      }
    } else if (isList(item)) {
      nodesOf(item, nodes);
    } else if (item !== undefined) {
      nodes.push(item);
    }
  }
  return nodes;
}

const isList = (item: Content): item is readonly Content[] => Array.isArray(item);
