/**
 * Profiles and records of requests name files by their whole path. In another home these are elsewhere: what began
 * with a folder of the former home begins with that of the new one.
 *
 * @module
 */

import { movePathsInJson } from '../profile/move-paths.js';
import { ROOT_NAMES } from './archive.js';
import type { Roots } from './collect.js';

/** Records that hold such paths. */
export const mayHoldPaths = (name: string): boolean =>
  /^(config\/(config|profiles\/[^/]+)|state\/[^/]+\/requests\/[^/]+)\.json$/.test(name);

/** JSON with the paths of the new home; any other text as it is. */
export const relocate = (text: string, from: Roots, to: Roots): string =>
  movePathsInJson(
    text,
    ROOT_NAMES.map((name) => ({ from: from[name], to: to[name] })),
  );
