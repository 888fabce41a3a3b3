/**
 * Serialises a tree once. No white space is added, prefixes are declared where they are first needed, and
 * characters that XML forbids are refused, so that no message leaves that its receiver cannot read.
 *
 * @module
 */

import { escapeAttribute, escapeText } from './escape.js';
import { NS_XML } from './namespaces.js';
import { Scope } from './scope.js';
import type { XmlElement, XmlNode } from './tree.js';

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
export function writeXml(element: XmlElement): string {
  const out: string[] = [];
  writeElement(element, new Scope([['xml', NS_XML]]), out);
  return out.join('');
}

/** Whether XML can carry this text. */
export const isXmlText = (text: string): boolean => !FORBIDDEN.test(text);

function writeElement(element: XmlElement, scope: Scope, out: string[]): void {
  const mark = scope.mark();
  const name = element.prefix === '' ? element.name : `${element.prefix}:${element.name}`;
  out.push('<', name);
  for (const [prefix, uri] of namesOf(element)) {
    if (scope.get(prefix) !== uri) {
      scope.set(prefix, uri);
      out.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`);
      out.push(escapeAttribute(checked(uri)), '"');
    }
  }
  for (const { prefix, name: local, value } of element.attributes) {
    out.push(' ', prefix === '' ? local : `${prefix}:${local}`);
    out.push('="', escapeAttribute(checked(value)), '"');
  }
  if (element.children.length === 0) {
    out.push('/>');
  } else {
    out.push('>');
    for (const child of element.children) {
      writeNode(child, scope, out);
    }
    out.push('</', name, '>');
  }
  scope.back(mark);
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

function writeNode(node: XmlNode, scope: Scope, out: string[]): void {
  switch (node.kind) {
    case 'element':
      writeElement(node, scope, out);
      return;
    case 'text':
      out.push(escapeText(checked(node.text)));
      return;
    case 'verbatim':
      out.push(node.xml);
      return;
    default:
      throw new TypeError(`a ${node.kind} is not written`);
  }
}

function checked(text: string): string {
  if (!isXmlText(text)) {
    throw new TypeError('this text holds a character that XML cannot carry');
  }
  return text;
}
