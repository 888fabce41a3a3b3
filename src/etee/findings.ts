/**
 * What an opening found, in the official names (etee §5.7): errors and warnings add up while the checks
 * go on, a fatal fault ends them.
 *
 * @module
 */

import { SealError } from './seal-error.js';

/** The layer that a name speaks of; the middle layer has names of its own. */
export type Layer = 'OUTER' | 'INNER';

const INVALID_HINT = 'do not trust the content; ask the sender to send it again';

/** A list that grows during one opening and is handed out at its end. */
export class Findings {
  readonly #errors = new Set<string>();
  readonly #warnings = new Set<string>();

  get errors(): readonly string[] {
    return [...this.#errors];
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  /** Each name once, whatever the number of recipients that raise it. */
  error(name: string): void {
    this.#errors.add(name);
  }

  warn(name: string): void {
    this.#warnings.add(name);
  }

  /** The error of a message that cannot be opened. */
  fatal(name: string, message: string): SealError {
    return new SealError('E_SEAL_INVALID', name, message, {
      hint: INVALID_HINT,
      errors: this.errors,
      warnings: this.warnings,
    });
  }

  /** The error of a message whose keys are elsewhere. */
  notForUs(name: string, facts: readonly string[]): SealError {
    return new SealError(
      'E_SEAL_NOT_FOR_US',
      name,
      'sealed for a key that is not in this keystore',
      {
        hint: 'try another keystore: topaz keystore list, then --keystore NAME',
        facts,
        errors: this.errors,
        warnings: this.warnings,
      },
    );
  }
}
