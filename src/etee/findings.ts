/**
 * What an opening found, in the official names (etee §5.7): errors and warnings add up while the checks
 * go on, a fatal fault ends them.
 *
 * Each layer has findings of its own: in a stream the outer signature is checked last, and is told first.
 *
 * @module
 */

import { SealError } from './seal-error.js';

/** The layer that a name speaks of; the middle layer has names of its own. */
export type Layer = 'OUTER' | 'INNER';

/** A fault that ends the opening, before it is known what else was wrong. */
export class Fatal extends Error {
  readonly code: 'E_SEAL_INVALID' | 'E_SEAL_NOT_FOR_US';
  /** Official name. */
  readonly official: string;
  readonly facts: readonly string[];

  constructor(
    official: string,
    message: string,
    {
      code = 'E_SEAL_INVALID',
      facts = [],
    }: { readonly code?: Fatal['code']; readonly facts?: readonly string[] } = {},
  ) {
    super(message);
    this.code = code;
    this.official = official;
    this.facts = facts;
  }
}

const HINTS: Readonly<Record<Fatal['code'], string>> = {
  E_SEAL_INVALID: 'do not trust the content; ask the sender to send it again',
  E_SEAL_NOT_FOR_US: 'try another keystore: topaz keystore list, then --keystore NAME',
};

/** Lists that grow during one opening. */
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

  /** Takes over what was found in a layer further in. */
  add({ errors, warnings }: Findings): void {
    for (const name of errors) {
      this.error(name);
    }
    for (const name of warnings) {
      this.warn(name);
    }
  }

  /** The error of a message that does not open, with all that was found. */
  conclude({ code, official, message, facts }: Fatal): SealError {
    const { errors, warnings } = this;
    return new SealError(code, official, message, { hint: HINTS[code], facts, errors, warnings });
  }
}
