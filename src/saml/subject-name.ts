/**
 * The name of the subject of an assertion. Its text is a DN, but who wrote it (Java, BouncyCastle, openssl)
 * shows in separators, keywords and escapes, so texts are not compared: the common names are.
 *
 * @module
 */

const COMMON_NAME = new Set(['CN', 'OID.2.5.4.3', '2.5.4.3']);
/** Longer ones are none: the time of the reader stays small. */
const MAX_DN = 4096;
/** Escapes and quoted texts are one piece; separators of RDNs and of their parts stand between. */
const PIECES = /\\(?:[0-9A-Fa-f]{2}|.)|"(?:\\.|[^"\\])*"|[,;+]|[^,;+"\\]+|./gsu;

/** The common names in the text of a DN, unescaped; none where it is no DN. */
export function commonNames(dn: string): readonly string[] {
  if (dn.length > MAX_DN) {
    return [];
  }
  const parts: string[][] = [[]];
  for (const [piece] of dn.matchAll(PIECES)) {
    if (piece === ',' || piece === ';' || piece === '+') {
      parts.push([]);
    } else {
      parts.at(-1)?.push(piece);
    }
  }
  return parts
    .map((pieces) => pieces.join(''))
    .flatMap((part) => {
      const equals = part.indexOf('=');
      const type = part.slice(0, Math.max(equals, 0)).trim().toUpperCase();
      return COMMON_NAME.has(type) ? [unescape(part.slice(equals + 1).trim())] : [];
    });
}

function unescape(value: string): string {
  const inner = /^"(.*)"$/s.exec(value)?.[1] ?? value;
  return inner
    .replace(/(?:\\[0-9A-Fa-f]{2})+/g, (run) =>
      Buffer.from(run.replaceAll('\\', ''), 'hex').toString('utf8'),
    )
    .replace(/\\(.)/gs, '$1');
}

/** Names are compared as certificates do: without regard to case and to the number of spaces. */
export const sameName = (one: string, other: string): boolean => fold(one) === fold(other);

const fold = (name: string): string =>
  name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
