/**
 * Tools and data that are not in every checkout: the folder with the official schemas and judges, and the
 * tokens. In CI their absence is a failure, elsewhere a skip that says so.
 *
 * @module
 */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The folder with schemas, examples and judges. */
export const SHARED = resolve(process.env['TOPAZ_SHARED'] ?? '../shared');

/** Whether the shared folder is there; throws where it is required. */
export function hasShared(): boolean {
  const there = existsSync(resolve(SHARED, 'schemas'));
  if (!there && process.env['TOPAZ_REQUIRE_SHARED'] === '1') {
    throw new Error(`the official schemas are required and missing: ${SHARED}`);
  }
  return there;
}

/** Whether a program is installed; throws where tokens are required and `required` is set. */
export function hasProgram(
  name: string,
  { required = true }: { required?: boolean } = {},
): boolean {
  try {
    execFileSync('sh', ['-c', `command -v "${name}"`], { stdio: 'ignore' });
    return true;
  } catch {
    if (required && process.env['TOPAZ_REQUIRE_TOKEN'] === '1') {
      throw new Error(`${name} is required and missing`);
    }
    return false;
  }
}
