/**
 * What somebody probably meant: the known names within two edits of a mistyped one.
 *
 * @module
 */

const MAX_DISTANCE = 2;
const MAX_NAMES = 3;

/**
 * The nearest names, best first, at most three. A short name allows fewer edits, so that `x` does not
 * suggest every name of two letters.
 */
export function nearest(name: string, names: readonly string[]): readonly string[] {
  const allowed = Math.min(MAX_DISTANCE, Math.max(1, Math.floor(name.length / 2)));
  return names
    .map((known) => ({ known, distance: editDistance(name.toLowerCase(), known.toLowerCase()) }))
    .filter(({ distance }) => distance <= allowed)
    .sort((a, b) => a.distance - b.distance || a.known.localeCompare(b.known, 'en'))
    .slice(0, MAX_NAMES)
    .map(({ known }) => known);
}

/** Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other. */
export function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > MAX_DISTANCE) {
    return Math.max(from.length, to.length);
  }
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped =
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
