/**
 * The one reader of everything that comes from outside. Guards first: size, UTF-8 only, no document type,
 * bounded depth and attributes; then saxes, strict and with namespaces (dependencies §4, §5).
 *
 * @module
 */

import { SaxesParser } from 'saxes';
import type { SaxesTagNS } from 'saxes';

import { TopazError } from '../errors.js';
import { NS_XMLNS } from './namespaces.js';
import type { XmlElement, XmlNode } from './tree.js';

export interface ReadXmlOptions {
  /** @default 32 MiB */
  readonly maxBytes?: number;
}

const MAX_BYTES = 32 * 1024 * 1024;
/** With namespaces the parser's cost grows with depth times size: this bounds it. */
const MAX_DEPTH = 256;
const MAX_ATTRIBUTES = 256;
/** Elements, attributes, comments and instructions: they take much more memory than their bytes. */
const MAX_NODES = 500_000;

interface Open {
  readonly tag: SaxesTagNS;
  readonly children: XmlNode[];
}

/**
 * Reads one document.
 *
 * @returns Its root.
 * @throws TopazError `E_XML_MALFORMED`, `E_XML_LIMIT`.
 */
export function readXml(
  source: Uint8Array | string,
  { maxBytes = MAX_BYTES }: ReadXmlOptions = {},
): XmlElement {
  const size = typeof source === 'string' ? source.length : source.byteLength;
  if (size > maxBytes) {
    throw limit(`it is larger than ${maxBytes} bytes`);
  }
  if (typeof source !== 'string') {
    return parse(decode(source));
  }
  if (/\p{Surrogate}/u.test(source)) {
    throw malformed('it holds half a character');
  }
  return parse(source);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformed('it is not UTF-8', error);
  }
}

function parse(text: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const stack: Open[] = [];
  let root: XmlElement | undefined;
  let attributes = 0;
  let nodes = 0;
  const count = (): void => {
    nodes += 1;
    if (nodes > MAX_NODES) {
      throw limit(`it holds more than ${MAX_NODES} elements and attributes`);
    }
  };
  const addText = (more: string): void => {
    const children = stack.at(-1)?.children;
    const last = children?.at(-1);
    if (children === undefined || more === '') {
      return;
    }
    if (last?.kind === 'text') {
      children[children.length - 1] = { kind: 'text', text: last.text + more };
    } else {
      children.push({ kind: 'text', text: more });
    }
  };
  parser.on('error', (error) => {
    throw malformed(error.message.replace(/^\d+:\d+: /, ''), error);
  });
  parser.on('xmldecl', ({ encoding, version }) => {
    if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') {
      throw malformed('its declared encoding is not UTF-8');
    }
    if (version !== undefined && version !== '1.0') {
      throw malformed('it is not XML 1.0');
    }
  });
  parser.on('doctype', () => {
    throw malformed('a document type is not accepted');
  });
  parser.on('opentagstart', () => {
    attributes = 0;
    count();
    if (stack.length >= MAX_DEPTH) {
      throw limit(`it is nested deeper than ${MAX_DEPTH} elements`);
    }
  });
  parser.on('attribute', () => {
    attributes += 1;
    count();
    if (attributes > MAX_ATTRIBUTES) {
      throw limit(`an element has more than ${MAX_ATTRIBUTES} attributes`);
    }
  });
  parser.on('opentag', (tag) => {
    stack.push({ tag, children: [] });
  });
  parser.on('closetag', () => {
    const open = stack.pop();
    if (open === undefined) {
      return;
    }
    const element = toElement(open);
    const parent = stack.at(-1);
    if (parent === undefined) {
      root = element;
    } else {
      parent.children.push(element);
    }
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('comment', (comment) => {
    count();
    stack.at(-1)?.children.push({ kind: 'comment', text: comment });
  });
  parser.on('processinginstruction', ({ target, body }) => {
    count();
    stack.at(-1)?.children.push({ kind: 'instruction', target, text: body });
  });
  parser.write(text).close();
  if (root === undefined) {
    throw malformed('it holds no element');
  }
  return root;
}

function toElement({ tag, children }: Open): XmlElement {
  return {
    kind: 'element',
    prefix: tag.prefix,
    name: tag.local,
    namespace: tag.uri,
    declarations: Object.entries(tag.ns).map(([prefix, uri]) => ({ prefix, uri })),
    attributes: Object.values(tag.attributes)
      .filter(({ uri }) => uri !== NS_XMLNS)
      .map(({ prefix, local, uri, value }) => ({ prefix, name: local, namespace: uri, value })),
    children,
  };
}

const malformed = (reason: string, cause?: unknown): TopazError =>
  new TopazError('E_XML_MALFORMED', 'this is not the XML that was expected', {
    facts: [reason],
    hint: 'nothing of it was used; try again, and report it if it stays',
    cause,
  });

const limit = (reason: string): TopazError =>
  new TopazError('E_XML_LIMIT', 'this XML document exceeds what is accepted', {
    facts: [reason],
    hint: 'nothing of it was used; report it to the sender',
  });
