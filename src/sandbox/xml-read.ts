/**
 * Requests are read by libxml2, another parser than the client's: no DTD, no network, bounded depth. What
 * comes out is a plain tree plus the libxml2 node of each element, for canonical text and schema checks.
 *
 * Invariant: nothing of a document may be used after {@link XmlReading.dispose}.
 *
 * @module
 */

import { ParseOption, XmlC14NMode, XmlCData, XmlDocument, XmlElement, XmlText } from 'libxml2-wasm';

import { SandboxFault } from './faults-soap.js';

export interface ReadAttribute {
  readonly name: string;
  readonly namespace: string;
  readonly value: string;
}

export interface ReadElement {
  /** Local name. */
  readonly name: string;
  readonly namespace: string;
  readonly attributes: readonly ReadAttribute[];
  readonly children: readonly ReadElement[];
  /** The element's own text, without that of its children and without comments. */
  readonly text: string;
  /** Whether a comment or processing instruction stands directly inside. */
  readonly hasRemark: boolean;
  readonly node: XmlElement;
}

export interface XmlReading {
  readonly root: ReadElement;
  readonly document: XmlDocument;
  dispose(): void;
}

/** The flags are bits of one number. */
const NO_NETWORK_NO_ENTITIES = (ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_XXE) as ParseOption;

/**
 * Parses bytes or text.
 *
 * @throws SandboxFault `SOA-03002` when it is no XML, `SOA-03001` when it holds a document type.
 */
export function readXml(source: Uint8Array | string): XmlReading {
  const option: ParseOption = NO_NETWORK_NO_ENTITIES;
  let document: XmlDocument;
  try {
    document =
      typeof source === 'string'
        ? XmlDocument.fromString(source, { option })
        : XmlDocument.fromBuffer(source, { option });
  } catch (error) {
    throw new SandboxFault('SOA-03002', `not XML: ${firstLine(error)}`);
  }
  if (document.dtd !== null) {
    document.dispose();
    throw new SandboxFault('SOA-03001', 'a document type is not accepted');
  }
  return {
    root: convert(document.root),
    document,
    dispose: () => {
      document.dispose();
    },
  };
}

/** The first line of an error's message, for details of verdicts. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

function convert(node: XmlElement): ReadElement {
  const children: ReadElement[] = [];
  let text = '';
  let hasRemark = false;
  for (let at = node.firstChild; at !== null; at = at.next) {
    if (at instanceof XmlElement) {
      children.push(convert(at));
    } else if (at instanceof XmlText || at instanceof XmlCData) {
      text += at.content;
    } else {
      hasRemark = true;
    }
  }
  return {
    name: node.name,
    namespace: node.namespaceUri,
    attributes: node.attrs.map((attribute) => ({
      name: attribute.name,
      namespace: attribute.namespaceUri,
      value: attribute.value,
    })),
    children,
    text,
    hasRemark,
    node,
  };
}

/** Every child of that name. */
export const childrenOf = (
  parent: ReadElement | undefined,
  namespace: string,
  name: string,
): readonly ReadElement[] =>
  parent?.children.filter((child) => child.name === name && child.namespace === namespace) ?? [];

/** The only child of that name, or `undefined` when there is none or more than one. */
export function childOf(
  parent: ReadElement | undefined,
  namespace: string,
  name: string,
): ReadElement | undefined {
  const found = childrenOf(parent, namespace, name);
  return found.length === 1 ? found[0] : undefined;
}

/** Text of the only child of that name, trimmed; '' when it is missing. */
export const textOf = (parent: ReadElement | undefined, namespace: string, name: string): string =>
  childOf(parent, namespace, name)?.text.trim() ?? '';

export const attributeOf = (
  element: ReadElement | undefined,
  name: string,
  namespace = '',
): string | undefined =>
  element?.attributes.find(
    (attribute) => attribute.name === name && attribute.namespace === namespace,
  )?.value;

/** The element and all below it, in document order. */
export function* walk(element: ReadElement): Generator<ReadElement> {
  yield element;
  for (const child of element.children) {
    yield* walk(child);
  }
}

/** `{namespace}name`, to compare elements. */
export const nameOf = (element: ReadElement | undefined): string =>
  element === undefined ? '' : `{${element.namespace}}${element.name}`;

/** Exclusive canonical text of an element in its document; listed prefixes count where they are in scope. */
export const canonicalText = (element: ReadElement, prefixes: readonly string[]): string =>
  element.node.canonicalizeToString({
    mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
    withComments: false,
    inclusiveNamespacePrefixes: [...prefixes],
  });
