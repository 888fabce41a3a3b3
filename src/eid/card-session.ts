/**
 * The conversation with one card: reading with one new start after a reset, the PIN with its count, signing,
 * and what an error means (eid-pkcs11 §11–§13).
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { cardError, CKR } from '../pkcs11/ckr.js';
import type { CardStep } from '../pkcs11/ckr.js';
import { CKF_TOKEN } from '../pkcs11/constants.js';
import type { KeyLabel } from '../pkcs11/constants.js';
import { CkrError } from '../pkcs11/module.js';
import type { Pkcs11Module, TokenSession } from '../pkcs11/module.js';
import type { AskPin, OpenEidOptions, PinOptions } from './eid-card.js';
import {
  checkPinFormat,
  MAX_TRIES,
  refuseLocked,
  refuseTries,
  requirePerson,
} from './pin-rules.js';
import { moduleKind } from './readers.js';
import type { FoundSlot, ModuleKind } from './readers.js';

const APPLET_WITH_COUNTER = 0x18;
/** Codes after which reading once more on a new session is right: reset by another program, bad contact. */
const WORTH_A_RETRY: ReadonlySet<number> = new Set([
  CKR.DEVICE_REMOVED,
  CKR.SESSION_HANDLE_INVALID,
  CKR.DEVICE_ERROR,
]);
/** Codes of a card pulled in the middle of a command: the middleware's, OpenSC's. */
const MAY_BE_GONE: ReadonlySet<number> = new Set([CKR.DEVICE_ERROR, CKR.GENERAL_ERROR]);

/** An open card, below identity and keys. Made by {@link openCardSession}. */
export class CardSession {
  readonly kind: ModuleKind;
  readonly reader: string;
  readonly serial: string;
  readonly #module: Pkcs11Module;
  readonly #slot: FoundSlot;
  readonly #options: OpenEidOptions;
  #session: TokenSession;
  #loggedIn = false;
  #triesLeft: number | undefined;

  constructor(
    module: Pkcs11Module,
    slot: FoundSlot,
    session: TokenSession,
    options: OpenEidOptions,
  ) {
    this.#module = module;
    this.#slot = slot;
    this.#session = session;
    this.#options = options;
    this.kind = moduleKind(module.info);
    this.reader = slot.reader;
    this.serial = slot.token.serial;
  }

  /** Tries left, where the card tells; after a wrong PIN as counted here. */
  get triesLeft(): number | undefined {
    return this.#triesLeft;
  }

  get mechanisms(): readonly number[] {
    return this.#session.mechanisms;
  }

  /** The PIN is typed on the reader. */
  get hasPinpad(): boolean {
    return (this.#slot.token.flags & CKF_TOKEN.PROTECTED_AUTHENTICATION_PATH) !== 0;
  }

  /** A wrong PIN was given since the last right one. Only some modules tell. */
  get countLow(): boolean {
    return (this.#slot.token.flags & CKF_TOKEN.USER_PIN_COUNT_LOW) !== 0;
  }

  /** Reads the counter where the card tells it (applet 1.8) or the module's flags do. */
  async readCounter(): Promise<void> {
    const { flags, firmwareMajor } = this.#slot.token;
    if ((flags & CKF_TOKEN.USER_PIN_LOCKED) !== 0) {
      this.#triesLeft = 0;
    } else if ((flags & CKF_TOKEN.USER_PIN_FINAL_TRY) !== 0) {
      this.#triesLeft = 1;
    } else if (
      firmwareMajor >= APPLET_WITH_COUNTER &&
      (this.kind === 'middleware' || this.kind === 'simulated')
    ) {
      const objects = await this.read((session) => session.data('carddata'));
      const counter = objects.find(({ label }) => label === 'carddata_pin_counter')?.value[0];
      this.#triesLeft = counter !== undefined && counter <= MAX_TRIES ? counter : undefined;
    }
  }

  /** Reads; once more on a new session of the same card where that can help. Never while logged in. */
  async read<T>(work: (session: TokenSession) => Promise<T>): Promise<T> {
    try {
      return await work(this.#session);
    } catch (error) {
      if (!(error instanceof CkrError) || !WORTH_A_RETRY.has(error.ckr) || this.#loggedIn) {
        throw await this.#explain(error, 'read');
      }
      const slot = await this.#findAgain();
      if (slot === undefined) {
        throw this.#removed(error, 'read');
      }
      try {
        this.#session = await this.#module.open(slot);
        return await work(this.#session);
      } catch (again) {
        throw await this.#explain(again, 'read');
      }
    }
  }

  /** Logs in once; a second call does nothing. The PIN is asked only when it may be used. */
  async logIn(ask: AskPin, { lastTry = 'refuse', window = false }: PinOptions): Promise<void> {
    if (this.#loggedIn) {
      return;
    }
    const pinpad = this.hasPinpad;
    const elsewhere = pinpad || window;
    if (elsewhere) {
      this.#prepareElsewhere(pinpad);
    } else {
      refuseTries(this.#triesLeft, lastTry);
    }
    const pin = elsewhere ? new Uint8Array() : await ask();
    try {
      if (!elsewhere) {
        checkPinFormat(pin);
      }
      await this.#session.login(pin);
      this.#loggedIn = true;
      this.#countRight();
    } catch (error) {
      // Without a PIN of ours a failure is one of the window, not of the PIN's form.
      throw await this.#explain(error, elsewhere ? 'sign' : 'login');
    } finally {
      pin.fill(0);
    }
  }

  /** The PIN is typed on the reader or in the module's window: is somebody there, and is there a window? */
  #prepareElsewhere(pinpad: boolean): void {
    if (!pinpad && this.kind !== 'middleware' && this.kind !== 'simulated') {
      throw new TopazError('E_USAGE', 'this module has no window for the PIN', {
        hint: 'leave out --pin-window',
      });
    }
    refuseLocked(this.#triesLeft);
    if (pinpad || this.kind === 'middleware') {
      requirePerson({ ...this.#options, pinpad });
    }
    this.#options.announce?.(pinpad ? 'pinpad' : 'window');
  }

  /** `C_Sign` with the key of this label. */
  async sign(
    label: KeyLabel,
    request: { mechanism: number; data: Uint8Array },
    contextPin: AskPin | undefined,
  ): Promise<Uint8Array> {
    const pin = await contextPin?.();
    try {
      const signature = await this.#session.sign(label, request.mechanism, request.data, { pin });
      if (signature === undefined) {
        throw new TopazError('E_CERTIFICATE_ABSENT', `this card shows no ${label} key`, {
          hint: 'the holder can have it activated at the municipality',
        });
      }
      this.#countRight();
      return signature;
    } catch (error) {
      throw await this.#explain(error, 'sign');
    } finally {
      pin?.fill(0);
    }
  }

  /** Drops the PIN rights; never throws. */
  async logOut(): Promise<void> {
    if (this.#loggedIn) {
      this.#loggedIn = false;
      await this.#session.logout().catch(() => undefined);
    }
  }

  /** Logs out, closes, ends the module; never throws. */
  async close(): Promise<void> {
    await this.logOut();
    await this.#session.close().catch(() => undefined);
    await this.#module.close();
  }

  /** No signature comes without a right PIN, and a right PIN fills the counter. */
  #countRight(): void {
    this.#triesLeft = this.#triesLeft === undefined ? undefined : MAX_TRIES;
  }

  #countWrong(locked: boolean): void {
    this.#loggedIn = false;
    if (locked) {
      this.#triesLeft = 0;
    } else if (this.#triesLeft !== undefined) {
      this.#triesLeft = Math.max(0, this.#triesLeft - 1);
    }
  }

  /** Meaning of an error; a refused PIN is counted, a card that is gone is told from one that fails. */
  async #explain(error: unknown, step: CardStep): Promise<unknown> {
    if (!(error instanceof CkrError)) {
      return error;
    }
    if (error.ckr === CKR.PIN_INCORRECT || error.ckr === CKR.PIN_LOCKED) {
      this.#countWrong(error.ckr === CKR.PIN_LOCKED);
    } else if (MAY_BE_GONE.has(error.ckr) && (await this.#isGone())) {
      return this.#removed(error, step);
    }
    return cardError(error, { step, reader: this.reader, triesLeft: this.#triesLeft });
  }

  #removed({ method }: CkrError, step: CardStep): unknown {
    return cardError(new CkrError(CKR.DEVICE_REMOVED, method), { step, reader: this.reader });
  }

  /** Whether the card left its reader. pcscd notices that up to a second later than the card's command. */
  async #isGone(): Promise<boolean> {
    for (const waitMs of [0, 400, 600]) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if ((await this.#findAgain()) === undefined) {
        return true;
      }
    }
    return false;
  }

  /** The slot of the same card, in a new list; the session is closed. `undefined` when it is gone. */
  async #findAgain(): Promise<FoundSlot | undefined> {
    await this.#session.close();
    this.#loggedIn = false;
    for (const slot of await this.#module.slots().catch(() => [])) {
      if (slot.reader === this.reader && slot.token?.serial === this.serial) {
        return { ...slot, token: slot.token };
      }
    }
    return undefined;
  }
}

/**
 * Opens a session on a slot and reads the PIN counter.
 *
 * @throws TopazError errors of the card.
 */
export async function openCardSession(
  module: Pkcs11Module,
  slot: FoundSlot,
  options: OpenEidOptions,
): Promise<CardSession> {
  let session: TokenSession;
  try {
    session = await module.open(slot);
  } catch (error) {
    throw cardError(error, { step: 'list', reader: slot.reader });
  }
  const card = new CardSession(module, slot, session, options);
  await card.readCounter();
  return card;
}
