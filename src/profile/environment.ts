/**
 * The environments of eHealth, and the sandbox that plays them on this machine.
 *
 * @module
 */

import { TopazError } from '../errors.js';

export type Environment = 'sandbox' | 'int' | 'acc' | 'prod';

export const ENVIRONMENTS: readonly Environment[] = ['sandbox', 'int', 'acc', 'prod'];

/**
 * Reads the name of an environment; `prd` is accepted for `prod`.
 *
 * @throws TopazError `E_USAGE`.
 */
export function parseEnvironment(text: string): Environment {
  const name = text === 'prd' ? 'prod' : text;
  const environment = ENVIRONMENTS.find((known) => known === name);
  if (environment === undefined) {
    throw new TopazError('E_USAGE', 'there is no such environment', {
      facts: [`environments: ${ENVIRONMENTS.join(', ')}`],
      hint: 'topaz help environment',
    });
  }
  return environment;
}
