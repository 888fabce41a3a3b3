/**
 * How long each step with a card may take, and the error of one that took longer: a native call that hangs
 * (a mute card, a forgotten window) must not hang topaz (eid-pkcs11 §16).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Operation } from './worker/protocol.js';

/** Milliseconds, and what was waited for. */
const LIMITS: Readonly<Record<Operation, readonly [number, string]>> = {
  load: [30_000, 'loading the PKCS#11 module'],
  slots: [10_000, 'listing the card readers'],
  open: [30_000, 'opening the card'],
  certificate: [60_000, 'reading a certificate'],
  data: [60_000, 'reading the card'],
  login: [120_000, 'the PIN'],
  logout: [10_000, 'logging out of the card'],
  // The Signature key waits for a person at the PIN window.
  sign: [120_000, 'the signature'],
  closeSession: [10_000, 'closing the card'],
  finalize: [5_000, 'closing the module'],
  provision: [60_000, 'filling the test token'],
};

/** Limits per operation in milliseconds that differ from the usual ones. */
export type Limits = Partial<Readonly<Record<Operation, number>>>;

/** The limit of a step in milliseconds. */
export const limitOf = (operation: Operation, limits: Limits = {}): number =>
  limits[operation] ?? LIMITS[operation][0];

/** One limit for every step. */
export const sameLimit = (ms: number): Limits =>
  Object.fromEntries(Object.keys(LIMITS).map((operation) => [operation, ms]));

/** `E_CARD_TIMEOUT`, with what was waited for. */
export const cardTimeout = (operation: Operation): TopazError =>
  new TopazError('E_CARD_TIMEOUT', `no answer while waiting for ${LIMITS[operation][1]}`, {
    hint: 'take the card out, insert it again, and repeat the command',
    details: { step: operation },
  });
