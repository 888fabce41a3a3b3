/**
 * An XML document as lines for people: KMEHR and other business XML in messages, reduced to names and values.
 * Nothing is verified or kept from it (design decision 7), nothing is loaded, entities are not expanded. It comes
 * after the guarded reader, which bounds size and depth.
 *
 * @module
 */

import { XMLParser } from 'fast-xml-parser';

import { readXml } from '../xml/read.js';

const MAX_CHARACTERS = 2 * 1024 * 1024;
const MAX_DEPTH = 60;
const ATTRIBUTES = ':@';
const TEXT = '#text';

/** Whether a body is XML that is worth reducing; HTML is not. */
export const looksLikeXml = (mimeType: string, text: string): boolean =>
  /^(?:text|application)\/(?:[\w.+-]+\+)?xml\b/.test(mimeType) || /^\s*<\?xml\s/.test(text);

/**
 * One line for each value, indented by depth: `name: value`.
 *
 * @returns `undefined` for what is not XML, is too large, or declares a document type: show it as it is.
 */
export function documentText(xml: string): string | undefined {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
  try {
    // The guarded reader first: fast-xml-parser takes what is not well formed.
    readXml(xml, { maxBytes: MAX_CHARACTERS });
    const lines: string[] = [];
    write(parser.parse(xml), 0, lines);
    return lines.length === 0 ? undefined : lines.join('\n');
  } catch {
    return undefined;
  }
}

function write(nodes: unknown, depth: number, lines: string[]): void {
  if (!Array.isArray(nodes) || depth > MAX_DEPTH) {
    return;
  }
  for (const node of nodes as readonly unknown[]) {
    if (typeof node !== 'object' || node === null) {
      continue;
    }
    const entries = Object.entries(node);
    const [name, content] = entries.find(([key]) => key !== ATTRIBUTES && key !== TEXT) ?? [];
    if (name === undefined || name === '#comment') {
      continue;
    }
    const indent = '  '.repeat(depth);
    const label = `${name}${attributeText(entries.find(([key]) => key === ATTRIBUTES)?.[1])}`;
    const value = ownText(content);
    lines.push(`${indent}${value === '' ? label : `${label}: ${value}`}`);
    write(content, depth + 1, lines);
  }
}

function ownText(content: unknown): string {
  if (!Array.isArray(content)) {
    return '';
  }
  return (content as readonly unknown[])
    .map((node) =>
      typeof node === 'object' && node !== null && TEXT in node ? String(node[TEXT]) : '',
    )
    .join(' ')
    .trim()
    .replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

/** Attributes that say something; schema locations and versions do not. */
function attributeText(attributes: unknown): string {
  if (typeof attributes !== 'object' || attributes === null) {
    return '';
  }
  const shown = Object.entries(attributes).filter(
    ([name]) => !/^(?:xmlns|schemaLocation|SV|lang|space)/.test(name),
  );
  return shown.length === 0
    ? ''
    : ` (${shown.map(([name, value]) => `${name} ${String(value)}`).join(', ')})`;
}
