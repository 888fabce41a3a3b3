/**
 * A request to the eHealthBox consultation service, verified, and the answer that refuses it.
 *
 * @module
 */

import { response } from './ehbox-answers.js';
import type { Answer, Exchange, Sandbox } from './exchange.js';
import type { TokenSecurity } from './security.js';
import { textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

export interface BoxRequest {
  readonly exchange: Exchange;
  readonly sandbox: Sandbox;
  readonly security: TokenSecurity;
  /** From the signed text. */
  readonly payload: ReadElement;
}

/** Codes of the real service that were never seen: a refusal is told by its text (ehealthbox §7). */
export const UNKNOWN_MESSAGE = ['820', 'message not found in this folder'] as const;

/** Refuses by a status in an ordinary answer. */
export function refused(
  { exchange, sandbox }: BoxRequest,
  status: readonly [string, string],
): Answer {
  exchange.checks.failed('business', status.join(' '));
  return { payload: response(exchange.operation, sandbox, status) };
}

/** An element with a default counts with it when it is empty. */
export const sourceOf = (payload: ReadElement): string => textOf(payload, '', 'Source') || 'INBOX';
