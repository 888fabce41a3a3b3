/**
 * When a PIN must not get to the card, or nobody could give it (eid-pkcs11 §11, cli-ux §9). All of it is
 * decided before the card is asked.
 *
 * @module
 */

import { PinError, TopazError } from '../errors.js';

/** Tries of a card whose last PIN was right. */
export const MAX_TRIES = 3;

/** @throws PinError when the card is locked: no PIN is asked then. */
export function refuseLocked(triesLeft: number | undefined): void {
  if (triesLeft === 0) {
    throw new PinError(0);
  }
}

/**
 * Refuses a locked card, and the last try unless it was allowed.
 *
 * @throws PinError; TopazError `E_PIN_LAST_TRY`.
 */
export function refuseTries(triesLeft: number | undefined, lastTry: 'refuse' | 'allow'): void {
  refuseLocked(triesLeft);
  if (triesLeft === 1 && lastTry === 'refuse') {
    throw new TopazError('E_PIN_LAST_TRY', 'one try is left before the card locks', {
      facts: ['the PIN was not tried'],
      hint: 'type the PIN at the prompt, or add --allow-last-pin-try',
      details: { triesLeft: 1 },
    });
  }
}

/**
 * A PIN of another form would be refused by the card or, worse, cost a try on some modules.
 *
 * @throws TopazError `E_PIN_FORMAT`.
 */
export function checkPinFormat(pin: Uint8Array): void {
  const digits = pin.every((byte) => byte >= 0x30 && byte <= 0x39);
  if (!digits || pin.length < 4 || pin.length > 12) {
    throw new TopazError('E_PIN_FORMAT', 'a PIN has 4 to 12 digits', {
      facts: ['no try was used'],
      hint: 'check the PIN; a line break or a space at its end counts too',
    });
  }
}

export interface PersonOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The PIN is typed on the reader: no display is needed. */
  readonly pinpad: boolean;
  readonly noInput?: boolean | undefined;
  readonly platform?: NodeJS.Platform | undefined;
}

/**
 * The middleware's PIN window needs a display and a person, a reader with keys a person.
 *
 * @throws TopazError `E_INPUT_REQUIRED`.
 */
export function requirePerson({
  env,
  pinpad,
  noInput = false,
  platform = process.platform,
}: PersonOptions): void {
  const window =
    pinpad || platform !== 'linux' || Boolean(env['DISPLAY']) || Boolean(env['WAYLAND_DISPLAY']);
  if (noInput || !window) {
    throw new TopazError(
      'E_INPUT_REQUIRED',
      'the PIN is asked in a window or on the reader, and nobody can answer it here',
      {
        facts: ['nothing was sent'],
        hint: noInput
          ? 'run it without --no-input, with a person at the card'
          : 'run it in a desktop session, or use a reader with its own keys',
      },
    );
  }
}
