/**
 * Profiles and records of requests name files by their whole path. When a folder moves, what began with its old place
 * begins with its new one.
 *
 * @module
 */

import { posix, win32 } from 'node:path';

/** A folder that moves; both absolute. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** JSON with the paths after the moves; any other text as it is. */
export function movePathsInJson(text: string, moves: readonly Move[]): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const moved = JSON.stringify(value, (_, item: unknown) => (typeof item === 'string' ? movePath(item, moves) : item), 2); // prettier-ignore
  return moved === JSON.stringify(value, undefined, 2) ? text : `${moved}\n`;
}

/** One path after the moves. */
export function movePath(path: string, moves: readonly Move[]): string {
  // The longest first: one folder may lie in another.
  for (const { from, to } of moves.toSorted((a, b) => b.from.length - a.from.length)) {
    const { sep } = from.includes('\\') ? win32 : posix;
    const start = `${from}${sep}`;
    if (from !== '' && path.startsWith(start)) {
      const parts = path.slice(start.length).split(sep);
      // A path that climbs stays what it is.
      return parts.includes('..') ? path : (to.includes('\\') ? win32 : posix).join(to, ...parts);
    }
  }
  return path;
}
