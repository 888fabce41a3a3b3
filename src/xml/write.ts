/**
 * Serialises a tree once. No white space is added, prefixes are declared where they are first needed, and
 * characters that XML forbids are refused, so that no message leaves that its receiver cannot read.
 *
 * @module
 */

import { NS_XML } from './namespaces.js';
import { Scope } from './scope.js';
import type { XmlAttribute, XmlElement, XmlNode } from './tree.js';
import { XmlBytes } from './xml-bytes.js';

/** Everything outside the Char production of XML 1.0, lone surrogates included. */
const FORBIDDEN =
  // eslint-disable-next-line no-control-regex -- these are the characters that XML forbids
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u;

/**
 * Text of an element, without XML declaration.
 *
 * @throws TypeError for a forbidden character, a comment, or one prefix with two meanings on one element:
 *   bugs of the caller, who checks input.
 */
export const writeXml = (element: XmlElement): string => writeXmlBytes(element).toString('utf8');

/**
 * The same in UTF-8: what is sent.
 *
 * @throws TypeError as {@link writeXml}.
 */
export function writeXmlBytes(element: XmlElement): Buffer {
  const out = new XmlBytes();
  writeElement(element, new Scope([['xml', NS_XML]]), out);
  if (out.isForbidden) {
    throw new TypeError('this text holds a character that XML cannot carry');
  }
  return out.take();
}

/** Whether XML can carry this text. */
export const isXmlText = (text: string): boolean => !FORBIDDEN.test(text);

function writeElement(element: XmlElement, scope: Scope, out: XmlBytes): void {
  const { prefix, name, namespace, declarations, attributes, children } = element;
  const mark = scope.mark();
  out.startTag(prefix, name);
  if (declarations.length === 0 && attributes.every(isPlain)) {
    declare(prefix, namespace, scope, out);
  } else {
    for (const [needed, uri] of namesOf(element)) {
      declare(needed, uri, scope, out);
    }
  }
  for (const attribute of attributes) {
    out.attribute(attribute.prefix, attribute.name, attribute.value);
  }
  if (children.length === 0) {
    out.endOfEmptyTag();
  } else {
    out.endOfTag();
    for (const child of children) {
      writeNode(child, scope, out);
    }
    out.endTag(prefix, name);
  }
  scope.back(mark);
}

/** Needs no declaration. */
const isPlain = ({ prefix, namespace }: XmlAttribute): boolean =>
  prefix === '' || (prefix === 'xml' && namespace === NS_XML);

function declare(prefix: string, uri: string, scope: Scope, out: XmlBytes): void {
  if (scope.get(prefix) !== uri) {
    scope.set(prefix, uri);
    out.declaration(prefix, uri);
  }
}

/** Prefixes that must be declared at an element: those that it declares and those that it uses. */
function namesOf({
  prefix,
  namespace,
  declarations,
  attributes,
}: XmlElement): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const need = (name: string, uri: string): void => {
    if ((names.get(name) ?? uri) !== uri) {
      throw new TypeError(`the prefix '${name}' has two meanings on one element`);
    }
    names.set(name, uri);
  };
  for (const declaration of declarations) {
    need(declaration.prefix, declaration.uri);
  }
  need(prefix, namespace);
  for (const attribute of attributes) {
    if (attribute.prefix !== '') {
      need(attribute.prefix, attribute.namespace);
    }
  }
  return names;
}

function writeNode(node: XmlNode, scope: Scope, out: XmlBytes): void {
  switch (node.kind) {
    case 'element':
      writeElement(node, scope, out);
      return;
    case 'text':
      out.text(node.text);
      return;
    case 'verbatim':
      out.verbatim(node.xml);
      return;
    default:
      throw new TypeError(`a ${node.kind} is not written`);
  }
}
