/**
 * Profiles and records of requests name files by their whole path. In another home these are elsewhere: what began
 * with a folder of the former home begins with that of the new one.
 *
 * @module
 */

import { posix, win32 } from 'node:path';

import { ROOT_NAMES } from './archive.js';
import type { Roots } from './collect.js';

/** Records that hold such paths. */
export const mayHoldPaths = (name: string): boolean =>
  /^(config\/(config|profiles\/[^/]+)|state\/[^/]+\/requests\/[^/]+)\.json$/.test(name);

/** JSON with the paths of the new home; any other text as it is. */
export function relocate(text: string, from: Roots, to: Roots): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  const move = (_: string, item: unknown): unknown =>
    typeof item === 'string' ? movePath(item, from, to) : item;
  const moved = JSON.stringify(value, move, 2);
  return moved === JSON.stringify(value, undefined, 2) ? text : `${moved}\n`;
}

function movePath(path: string, from: Roots, to: Roots): string {
  // The longest first: one root may lie in another.
  for (const name of ROOT_NAMES.toSorted((a, b) => from[b].length - from[a].length)) {
    const { sep } = from[name].includes('\\') ? win32 : posix;
    const start = `${from[name]}${sep}`;
    if (from[name] !== '' && path.startsWith(start)) {
      const target = to[name].includes('\\') ? win32 : posix;
      const parts = path.slice(start.length).split(sep);
      // A path that climbs stays what it is.
      return parts.includes('..') ? path : target.join(to[name], ...parts);
    }
  }
  return path;
}
