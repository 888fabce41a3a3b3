/**
 * The PIN of one command: read once, given to the card as often as its kind wants it, wiped at the end. From
 * a file, descriptor or variable it is not used for the last try.
 *
 * @module
 */

import type { Run, SecretFlags } from '../../cli/run.js';
import type { AskPin, EidCard, PinOptions } from '../../eid/card.js';
import { TopazError } from '../../errors.js';

/** Wipe it in `finally`. */
export class CardPin {
  readonly #run: Run;
  readonly #flags: SecretFlags;
  #secret: { readonly bytes: Uint8Array; readonly typed: boolean } | undefined;

  constructor(run: Run, flags: SecretFlags) {
    this.#run = run;
    this.#flags = flags;
  }

  /**
   * Reads the PIN now: where no person can be asked, before the card is touched. One of `--pin-window` never
   * comes here.
   *
   * @throws TopazError as `Run.secret`.
   */
  async read(prompt: string): Promise<void> {
    if (this.#flags.pinWindow === true) {
      return;
    }
    this.#secret ??= await this.#run.secret('pin', this.#flags, prompt);
  }

  /**
   * For the card: asks when it comes to it.
   *
   * @throws TopazError `E_PIN_LAST_TRY` for a PIN that nobody typed, and as `Run.secret`.
   */
  for(card: EidCard): AskPin {
    return async () => {
      const tries = card.triesLeft();
      await this.read(
        tries === undefined
          ? this.#run.t('cert.pin')
          : this.#run.t('cert.pin.tries', { count: tries }),
      );
      const secret = this.#secret;
      if (secret === undefined || (!secret.typed && tries === 1 && !this.#lastTryAllowed)) {
        throw new TopazError('E_PIN_LAST_TRY', 'one try is left before the card locks', {
          facts: ['the PIN was not tried'],
          hint: 'type the PIN at the prompt, or add --allow-last-pin-try',
          details: { triesLeft: 1 },
        });
      }
      return Uint8Array.from(secret.bytes);
    };
  }

  /** The last try is a person's; {@link CardPin.for} keeps any other PIN from it. */
  get options(): PinOptions {
    const allowed = this.#run.settings.canAskSecret || this.#lastTryAllowed;
    return { lastTry: allowed ? 'allow' : 'refuse', window: this.#flags.pinWindow === true };
  }

  get #lastTryAllowed(): boolean {
    return this.#flags.allowLastPinTry === true;
  }

  wipe(): void {
    this.#secret?.bytes.fill(0);
    this.#secret = undefined;
  }
}
