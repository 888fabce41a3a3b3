/**
 * Content ids and the references to them (ehealthbox §5). Writers disagree: angle brackets or none,
 * percent-encoded or not, `cid:` in any case or left out.
 *
 * @module
 */

/** The id of a `Content-ID` header, without angle brackets and white space; '' where there is none. */
export const contentId = (header: string | undefined): string =>
  (header ?? '').trim().replace(/^<(.*)>$/, '$1');

/**
 * The value that a reference means: as it is written, else percent-decoded. An id may itself hold a `%`, so
 * the reading that finds something wins.
 *
 * @param reference `cid:…` of a swaRef or of the `href` of an `xop:Include`.
 */
export function findByReference<T>(
  parts: ReadonlyMap<string, T>,
  reference: string,
): T | undefined {
  const bare = contentId(reference.trim().replace(/^cid:/i, ''));
  return parts.get(bare) ?? parts.get(contentId(percentDecoded(bare)));
}

/** The reference to a content id: `cid:` and the id, percent-encoded as RFC 2392 wants it. */
export const referenceTo = (id: string): string => `cid:${encodeURIComponent(id)}`;

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
