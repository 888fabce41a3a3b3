/**
 * A refusal by the registration authority: a status other than success, with the service's own codes.
 *
 * The official list of codes is not public; only `CERT_NOT_YET_DELIVERED` is known. Nothing but these codes
 * is branched on, and everything is shown to the user verbatim, except that an SSIN is masked.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { ErrorCode } from '../errors.js';
import { maskSsins } from '../ids/ssin.js';

/** One error as the service gives it. */
export interface RaError {
  readonly code: string;
  /** English. */
  readonly message: string;
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
}

export interface RaRefusal {
  /** `certra` or `etkra`. */
  readonly service: string;
  readonly operation: string;
  /** URI of the status: for support, never branched on. */
  readonly status: string;
  readonly statusMessage: string | undefined;
  readonly errors: readonly RaError[];
}

/** The request is known, the CA has not delivered. */
export const CODE_PENDING = 'CERT_NOT_YET_DELIVERED';
/** The sandbox's word for an identifier it never saw. */
export const CODE_UNKNOWN = 'UNKNOWN_REQUEST';

const MAX_SHOWN = 5;

/** The service understood the request and said no. */
export class RaRefusedError extends TopazError {
  readonly refusal: RaRefusal;

  constructor(
    refusal: RaRefusal,
    options: {
      readonly code?: ErrorCode;
      readonly message?: string;
      readonly hint?: string | undefined;
      /** Facts of our own, behind those of the service. */
      readonly facts?: readonly string[];
    } = {},
  ) {
    const { service, operation, status } = refusal;
    const errors = refusal.errors.map(masked);
    const lines =
      errors.length > 0
        ? errors.slice(0, MAX_SHOWN).map(lineOf)
        : [`${status} ${maskSsins(refusal.statusMessage ?? '')}`.trimEnd()];
    super(options.code ?? 'E_SERVICE_REFUSED', options.message ?? `eHealth refused ${operation}`, {
      facts: [...lines.map((line) => `eHealth: ${line}`), ...(options.facts ?? [])],
      hint: options.hint ?? 'ask the support of eHealth, with the code above',
      details: { service, operation, status, errors },
    });
    this.refusal = refusal;
  }

  /** Whether one of the errors has this code. */
  has(code: string): boolean {
    return this.refusal.errors.some((error) => error.code === code);
  }
}

/** Names in these texts carry the holder's number. */
const masked = ({ code, message, parameters }: RaError): RaError => ({
  code,
  message: maskSsins(message),
  parameters: parameters.map(({ name, value }) => ({ name, value: maskSsins(value) })),
});

const lineOf = ({ code, message, parameters }: RaError): string =>
  [`${code} ${message}`.trim(), ...parameters.map(({ name, value }) => `${name}=${value}`)].join(
    ', ',
  );
