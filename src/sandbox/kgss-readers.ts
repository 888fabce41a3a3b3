/**
 * Access lists of the KGSS: who may have a key, told by attributes of a session (etee §4.2). One attribute of
 * the caller that is allowed is enough, one that is excluded is too much.
 *
 * @module
 */

import { Refusal } from './faults-soap.js';
import { KGSS } from './names.js';
import type { TokenAttribute } from './security.js';
import type { KeyReader, KgssKey } from './state.js';
import { childrenOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

/** More than this is no list of readers, but an attempt to fill the disk. */
const MAX_READERS = 100;

export interface ReaderLists {
  readonly allowed: readonly KeyReader[];
  readonly excluded: readonly KeyReader[];
}

/** @throws Refusal `READERS_INVALID`. */
export function readReaders(content: ReadElement): ReaderLists {
  const allowed = childrenOf(content, KGSS, 'AllowedReader').map(readReader);
  // Quirk: the schema spells it without c.
  const excluded = childrenOf(content, KGSS, 'ExludedReader').map(readReader);
  if (allowed.length === 0 || allowed.length + excluded.length > MAX_READERS) {
    throw new Refusal('READERS_INVALID', `a key needs one reader, and takes ${MAX_READERS}`);
  }
  return { allowed, excluded };
}

function readReader(element: ReadElement): KeyReader {
  const namespace = textOf(element, KGSS, 'Namespace');
  const name = textOf(element, KGSS, 'Name');
  if (namespace === '' || name === '') {
    throw new Refusal('READERS_INVALID', 'a reader needs a namespace and a name');
  }
  const values = childrenOf(element, KGSS, 'Value').map(({ text }) => text.trim());
  return { namespace, name, values };
}

/** Whether the holder of these attributes may have the key. */
export const mayRead = (
  { allowed, excluded }: KgssKey,
  attributes: readonly TokenAttribute[],
): boolean =>
  allowed.some((reader) => matches(reader, attributes)) &&
  !excluded.some((reader) => matches(reader, attributes));

const matches = (
  { namespace, name, values }: KeyReader,
  attributes: readonly TokenAttribute[],
): boolean =>
  attributes.some(
    (attribute) =>
      attribute.namespace === namespace &&
      attribute.name === name &&
      (values.length === 0
        ? attribute.values.some((value) => value !== '' && value !== 'false')
        : attribute.values.some((value) => values.includes(value))),
  );
