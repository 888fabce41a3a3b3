/**
 * A sealed message that cannot be opened at all. What can be opened but must not be trusted is no error
 * here: that is the verdict `refused` of {@link unseal}.
 *
 * @module
 */

import { TopazError, type TopazErrorOptions } from '../errors.js';

/** Carries the official names of what went wrong (etee §5.7). */
export class SealError extends TopazError {
  /** The fault that ended the opening. */
  readonly fatal: string;
  /** Errors found before it. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];

  constructor(
    code: 'E_SEAL_INVALID' | 'E_SEAL_NOT_FOR_US',
    fatal: string,
    message: string,
    {
      errors = [],
      warnings = [],
      ...options
    }: TopazErrorOptions & {
      errors?: readonly string[] | undefined;
      warnings?: readonly string[] | undefined;
    },
  ) {
    super(code, message, {
      ...options,
      facts: [[fatal, ...errors].join(', '), ...(options.facts ?? [])],
      details: { fatal, errors, warnings, ...options.details },
    });
    this.fatal = fatal;
    this.errors = errors;
    this.warnings = warnings;
  }
}
