/**
 * One XML tree for writing and reading: immutable, names resolved, nothing of the original text layout but
 * what counts. Written once by `write.ts`, read by `read.ts`, canonicalised by `c14n.ts`.
 *
 * @module
 */

export interface XmlAttribute {
  /** '' without prefix. */
  readonly prefix: string;
  /** Local name. */
  readonly name: string;
  /** '' for an attribute without prefix. */
  readonly namespace: string;
  readonly value: string;
}

export interface XmlDeclaration {
  /** '' for the default namespace. */
  readonly prefix: string;
  readonly uri: string;
}

export interface XmlElement {
  readonly kind: 'element';
  readonly prefix: string;
  /** Local name. */
  readonly name: string;
  readonly namespace: string;
  /** `xmlns` attributes that stand on this element. */
  readonly declarations: readonly XmlDeclaration[];
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlNode[];
}

/** Character data, CDATA sections included; neighbours are joined by the reader. */
export interface XmlText {
  readonly kind: 'text';
  readonly text: string;
}

/** A self-contained element as text, written as it stands: an assertion that must not change. */
export interface XmlVerbatim {
  readonly kind: 'verbatim';
  readonly xml: string;
}

/** Only from the reader. */
export interface XmlComment {
  readonly kind: 'comment';
  readonly text: string;
}

/** Only from the reader. */
export interface XmlInstruction {
  readonly kind: 'instruction';
  readonly target: string;
  readonly text: string;
}

export type XmlNode = XmlElement | XmlText | XmlVerbatim | XmlComment | XmlInstruction;
