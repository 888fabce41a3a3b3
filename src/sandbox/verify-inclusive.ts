/**
 * Signatures with `InclusiveNamespaces`, as some client libraries send them: xml-crypto canonicalises them
 * wrongly (sts-session §7, trap 6), so libxml2 does it here, and node:crypto verifies. Detached references
 * only; shape and algorithms were checked before.
 *
 * @module
 */

import { createHash, timingSafeEqual, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { DS, EXC_C14N, SHA1 } from './names.js';
import { attributeOf, canonicalText, childOf, childrenOf, textOf, walk } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

const ID_NAMES = new Set(['Id', 'ID', 'id', 'RequestID', 'ResponseID', 'AssertionID']);
const MAX_PREFIXES = 32;

/**
 * `PrefixList` below a transform or a canonicalisation method.
 *
 * @returns `undefined` for anything but one well-formed InclusiveNamespaces, or nothing.
 */
export function prefixesOf(method: ReadElement | undefined): readonly string[] | undefined {
  const [inclusive, ...others] = method?.children ?? [];
  if (inclusive === undefined) {
    return [];
  }
  const list = (attributeOf(inclusive, 'PrefixList') ?? '')
    .split(/\s+/)
    .filter((each) => each !== '');
  const known = inclusive.name === 'InclusiveNamespaces' && inclusive.namespace === EXC_C14N;
  return known && others.length === 0 && list.length <= MAX_PREFIXES ? list : undefined;
}

/**
 * Verifies digests and value.
 *
 * @param hash Of the signature method.
 * @returns Canonical text of each signed element by id; `undefined` when something does not hold.
 */
export function verifyInclusive(
  root: ReadElement,
  signature: ReadElement,
  key: KeyObject,
  hash: string,
): ReadonlyMap<string, string> | undefined {
  const info = childOf(signature, DS, 'SignedInfo');
  const signed = new Map<string, string>();
  for (const reference of childrenOf(info, DS, 'Reference')) {
    const id = (attributeOf(reference, 'URI') ?? '').replace(/^#/, '');
    const target = [...walk(root)].find(({ attributes }) =>
      attributes.some(({ name, value }) => ID_NAMES.has(name) && value === id),
    );
    const [transform] = childrenOf(childOf(reference, DS, 'Transforms'), DS, 'Transform');
    const text = target === undefined ? undefined : canonical(target, transform);
    const sha1 = attributeOf(childOf(reference, DS, 'DigestMethod'), 'Algorithm') === SHA1;
    const expected = Buffer.from(textOf(reference, DS, 'DigestValue').replace(/\s/g, ''), 'base64');
    const digest = createHash(sha1 ? 'sha1' : 'sha256')
      .update(text ?? '', 'utf8')
      .digest();
    if (
      text === undefined ||
      digest.length !== expected.length ||
      !timingSafeEqual(digest, expected)
    ) {
      // prettier-ignore
      return undefined;
    }
    signed.set(id, text);
  }
  const material = info && canonical(info, childOf(info, DS, 'CanonicalizationMethod'));
  const value = Buffer.from(textOf(signature, DS, 'SignatureValue').replace(/\s/g, ''), 'base64');
  const holds =
    material !== undefined &&
    verify(hash, Buffer.from(material, 'utf8'), { key, dsaEncoding: 'ieee-p1363' }, value);
  return holds ? signed : undefined;
}

function canonical(element: ReadElement, method: ReadElement | undefined): string | undefined {
  const prefixes = prefixesOf(method);
  return prefixes === undefined ? undefined : canonicalText(element, prefixes);
}
