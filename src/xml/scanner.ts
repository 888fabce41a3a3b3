/**
 * Scans one document into a tree, once from left to right: XML 1.0 and Namespaces in XML 1.0, strictly,
 * without document types. The time is that of the length, whatever the document holds; what would grow
 * faster (depth, attributes of one element, nodes) is bounded.
 *
 * @module
 */

import { limit, malformed } from './read-errors.js';
import { Cursor, replaced } from './scan-cursor.js';
import type { ScannedName } from './scan-cursor.js';
import { readDeclaration } from './scan-declaration.js';
import { isSpace } from './scan-names.js';
import { NamespaceScanner } from './scan-namespaces.js';
import type { ScannedAttribute } from './scan-namespaces.js';
import type { XmlAttribute, XmlDeclaration, XmlElement, XmlNode } from './tree.js';

const MAX_DEPTH = 256;
const MAX_ATTRIBUTES = 256;
/** Elements, attributes, comments and instructions: they take much more memory than their bytes. */
const MAX_NODES = 500_000;

const EXCLAMATION = 33;
const SLASH = 47;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const QUESTION = 63;
/** Runs of text are mostly shorter: searching for their end is not worth a call. */
const SHORT = 24;

const NO_DECLARATIONS: readonly XmlDeclaration[] = [];
const NO_ATTRIBUTES: readonly XmlAttribute[] = [];
const NO_CHILDREN: readonly XmlNode[] = [];

/** What is known of an element whose end tag is still to come. One per level, used again and again. */
class Open {
  name: ScannedName = { start: 0, end: 0, prefix: '', local: '' };
  namespace = '';
  declarations = NO_DECLARATIONS;
  attributes = NO_ATTRIBUTES;
  /** Declarations in force before it. */
  mark = 0;
  /** Its first child among the finished nodes. */
  firstChild = 0;
}

export class Scanner {
  readonly #cursor: Cursor;
  readonly #hasReferences: boolean;
  readonly #hasSectionEnds: boolean;
  readonly #namespaces = new NamespaceScanner();
  readonly #levels: Open[] = [];
  #depth = 0;
  /** Children of all open elements, outermost first; beyond the count lies what was taken already. */
  readonly #finished: XmlNode[] = [];
  #finishedCount = 0;
  /** Of the tag at hand; beyond the counts lie those of tags before. */
  readonly #attributes: ScannedAttribute[] = [];
  #attributeCount = 0;
  readonly #declarations: XmlDeclaration[] = [];
  #declarationCount = 0;
  #nodes = 0;
  #root: XmlElement | undefined;

  /** @param text Without forbidden characters, every line end a line feed. */
  constructor(text: string) {
    this.#cursor = new Cursor(text);
    this.#hasReferences = text.includes('&');
    this.#hasSectionEnds = text.includes(']]>');
  }

  /** @throws TopazError `E_XML_MALFORMED`, `E_XML_LIMIT`. */
  scan(): XmlElement {
    const cursor = this.#cursor;
    cursor.at = readDeclaration(cursor.text);
    for (;;) {
      this.#characters();
      switch (cursor.code()) {
        case SLASH:
          this.#endTag();
          break;
        case EXCLAMATION:
          this.#special();
          break;
        case QUESTION:
          this.#instruction();
          break;
        default:
          if (cursor.at > cursor.text.length) {
            return this.#finish();
          }
          this.#startTag();
      }
    }
  }

  #finish(): XmlElement {
    if (this.#depth > 0) {
      throw malformed('it ends before its last end tag');
    }
    if (this.#root === undefined) {
      throw malformed('it holds no element');
    }
    return this.#root;
  }

  /** Text up to the next markup; the position stands behind its `<` then. */
  #characters(): void {
    const { text, at: start } = this.#cursor;
    const end = endOfText(text, start);
    this.#cursor.at = end + 1;
    if (start === end) {
      return;
    }
    if (this.#depth === 0) {
      for (let at = start; at < end; at += 1) {
        if (!isSpace(text.charCodeAt(at))) {
          throw malformed('text stands outside of its root');
        }
      }
      return;
    }
    const raw = text.slice(start, end);
    if (this.#hasSectionEnds && raw.includes(']]>')) {
      throw malformed('the end of a CDATA section stands in its text');
    }
    this.#addText(this.#hasReferences && raw.includes('&') ? replaced(raw) : raw);
  }

  #startTag(): void {
    if (this.#root !== undefined && this.#depth === 0) {
      throw malformed('it has two roots');
    }
    if (this.#depth >= MAX_DEPTH) {
      throw limit(`it is nested deeper than ${MAX_DEPTH} elements`);
    }
    this.#count();
    const cursor = this.#cursor;
    const name = cursor.name();
    const open = (this.#levels[this.#depth] ??= new Open());
    this.#depth += 1;
    open.name = name;
    open.mark = this.#namespaces.enter();
    open.firstChild = this.#finishedCount;
    if (cursor.code() === GREATER) {
      open.declarations = NO_DECLARATIONS;
      open.attributes = NO_ATTRIBUTES;
    } else {
      this.#readAttributes();
      open.declarations = this.#takeDeclarations();
      open.attributes = this.#takeAttributes();
    }
    open.namespace = this.#namespaces.namespaceOf(name.prefix);
    const isEmpty = cursor.code() === SLASH;
    if (isEmpty) {
      cursor.at += 1;
    }
    cursor.expect(GREATER, 'a tag is not closed');
    if (isEmpty) {
      this.#close(open);
    }
  }

  #takeDeclarations(): readonly XmlDeclaration[] {
    if (this.#declarationCount === 0) {
      return NO_DECLARATIONS;
    }
    const declarations = this.#declarations.slice(0, this.#declarationCount);
    this.#namespaces.declare(declarations);
    return declarations;
  }

  #takeAttributes(): readonly XmlAttribute[] {
    if (this.#attributeCount === 0) {
      return NO_ATTRIBUTES;
    }
    const attributes = this.#attributes.slice(0, this.#attributeCount);
    this.#namespaces.resolve(attributes);
    return attributes;
  }

  #readAttributes(): void {
    const cursor = this.#cursor;
    this.#attributeCount = 0;
    this.#declarationCount = 0;
    for (;;) {
      const isSpaced = cursor.space();
      const code = cursor.code();
      if (code === GREATER || code === SLASH) {
        return;
      }
      if (!isSpaced) {
        throw malformed('a tag holds what is no attribute');
      }
      if (this.#attributeCount + this.#declarationCount >= MAX_ATTRIBUTES) {
        throw limit(`an element has more than ${MAX_ATTRIBUTES} attributes`);
      }
      this.#count();
      const { prefix, local } = cursor.name();
      cursor.space();
      cursor.expect(EQUALS, 'an attribute has no value');
      cursor.space();
      const value = cursor.value();
      if (prefix === 'xmlns') {
        this.#declarations[this.#declarationCount] = { prefix: local, uri: value };
        this.#declarationCount += 1;
      } else if (prefix === '' && local === 'xmlns') {
        this.#declarations[this.#declarationCount] = { prefix, uri: value };
        this.#declarationCount += 1;
      } else {
        const attribute = { prefix, name: local, namespace: '', value };
        this.#attributes[this.#attributeCount] = attribute;
        this.#attributeCount += 1;
      }
    }
  }

  #endTag(): void {
    const cursor = this.#cursor;
    const open = this.#open();
    const start = cursor.at + 1;
    if (open === undefined || !cursor.repeats(open.name.start, open.name.end, start)) {
      throw malformed('an end tag does not fit its start tag');
    }
    cursor.at = start + open.name.end - open.name.start;
    cursor.space();
    cursor.expect(GREATER, 'an end tag does not fit its start tag');
    this.#close(open);
  }

  #open(): Open | undefined {
    return this.#depth === 0 ? undefined : this.#levels[this.#depth - 1];
  }

  #close({ name, namespace, declarations, attributes, mark, firstChild }: Open): void {
    this.#depth -= 1;
    const element: XmlElement = {
      kind: 'element',
      prefix: name.prefix,
      name: name.local,
      namespace,
      declarations,
      attributes,
      children:
        firstChild === this.#finishedCount
          ? NO_CHILDREN
          : this.#finished.slice(firstChild, this.#finishedCount),
    };
    this.#finishedCount = firstChild;
    this.#namespaces.leave(mark);
    if (this.#depth === 0) {
      this.#root = element;
    } else {
      this.#add(element);
    }
  }

  /** After `<!`: a comment, a CDATA section, or what is not accepted. */
  #special(): void {
    const cursor = this.#cursor;
    const { text } = cursor;
    const start = cursor.at + 1;
    const isInside = this.#depth > 0;
    if (text.startsWith('--', start)) {
      const end = text.indexOf('--', start + 2);
      if (end < 0 || text.charCodeAt(end + 2) !== GREATER) {
        throw malformed('a comment is not closed, or holds two dashes');
      }
      this.#count();
      cursor.at = end + 3;
      if (isInside) {
        this.#add({ kind: 'comment', text: text.slice(start + 2, end) });
      }
      return;
    }
    if (isInside && text.startsWith('[CDATA[', start)) {
      const end = this.#hasSectionEnds ? text.indexOf(']]>', start + 7) : -1;
      if (end < 0) {
        throw malformed('a CDATA section is not closed');
      }
      cursor.at = end + 3;
      this.#addText(text.slice(start + 7, end));
      return;
    }
    throw malformed(
      text.startsWith('DOCTYPE', start)
        ? 'a document type is not accepted'
        : 'it holds markup that is not known',
    );
  }

  #instruction(): void {
    const cursor = this.#cursor;
    this.#count();
    cursor.at += 1;
    const { prefix, local: target } = cursor.name();
    if (prefix !== '' || /^xml$/i.test(target)) {
      throw malformed('an instruction has a name that it may not have');
    }
    const isSpaced = cursor.space();
    const start = cursor.at;
    const end = cursor.text.indexOf('?>', start);
    if (end < 0 || (!isSpaced && end > start)) {
      throw malformed('an instruction is not closed');
    }
    cursor.at = end + 2;
    if (this.#depth > 0) {
      this.#add({ kind: 'instruction', target, text: cursor.text.slice(start, end) });
    }
  }

  /** Neighbours are joined: what a CDATA section separates is one text. */
  #addText(text: string): void {
    const last = this.#finished[this.#finishedCount - 1];
    const open = this.#open();
    if (text === '' || open === undefined) {
      return;
    }
    if (last?.kind === 'text' && open.firstChild < this.#finishedCount) {
      this.#finished[this.#finishedCount - 1] = { kind: 'text', text: last.text + text };
    } else {
      this.#add({ kind: 'text', text });
    }
  }

  #add(node: XmlNode): void {
    this.#finished[this.#finishedCount] = node;
    this.#finishedCount += 1;
  }

  #count(): void {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) {
      throw limit(`it holds more than ${MAX_NODES} elements and attributes`);
    }
  }
}

function endOfText(text: string, start: number): number {
  const short = Math.min(start + SHORT, text.length);
  for (let at = start; at < short; at += 1) {
    if (text.charCodeAt(at) === LESS) {
      return at;
    }
  }
  const next = text.indexOf('<', short);
  return next < 0 ? text.length : next;
}
