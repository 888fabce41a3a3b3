/**
 * One session with the simulated card, as with the middleware's module: every call is one access to the card,
 * which may be slow, mute, or pulled out in the middle (eid-pkcs11 §11, §12).
 *
 * @module
 */

import { TopazError } from '../../errors.js';
import { CKR } from '../ckr.js';
import { CKF_TOKEN } from '../constants.js';
import type { CertificateLabel, DataGroup, KeyLabel } from '../constants.js';
import { cardTimeout, limitOf } from '../limits.js';
import type { Limits } from '../limits.js';
import { CkrError } from '../module.js';
import type { DataObject, TokenInfo, TokenSession } from '../module.js';
import { readGroup } from './card-data.js';
import {
  MAX_TRIES,
  readCard,
  readCardCertificate,
  readCardKey,
  readDialog,
  updateCard,
} from './card-folder.js';
import type { CardState, Moment } from './card-folder.js';
import { cardSign, MECHANISMS } from './card-signature.js';

const CERTIFICATE_FILES: Readonly<Record<CertificateLabel, string>> = {
  Authentication: 'authentication',
  Signature: 'signature',
  CA: 'ca',
  Root: 'root',
};

export interface SimulatedSessionOptions {
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Limits | undefined;
}

/** A card that another program holds looks like none at all. */
export const isThere = ({ present, held = false }: CardState): boolean => present && !held;

/** What the module says of the card in a reader. */
export const tokenOf = (card: CardState): TokenInfo => ({
  label: 'BELPIC',
  manufacturer: 'Belgium Government',
  model: 'Belgium eID',
  serial: card.serial.slice(-16).toUpperCase(),
  // The module never shows a PIN counter, nor LOGIN_REQUIRED where it has its own window.
  flags:
    CKF_TOKEN.WRITE_PROTECTED |
    CKF_TOKEN.USER_PIN_INITIALIZED |
    CKF_TOKEN.TOKEN_INITIALIZED |
    (card.pinpad === true ? CKF_TOKEN.PROTECTED_AUTHENTICATION_PATH : 0),
  firmwareMajor: card.applet,
});

type Access = 'certificate' | 'data' | 'login' | 'logout' | 'sign';

/** Function of the module, and what kind of moment it is. */
const ACCESSES: Readonly<Record<Access, readonly [method: string, moment: Moment | undefined]>> = {
  certificate: ['C_GetAttributeValue', 'read'],
  data: ['C_GetAttributeValue', 'read'],
  login: ['C_Login', 'login'],
  logout: ['C_Logout', undefined],
  // A signature is cut short after the PIN: see `sign`.
  sign: ['C_Sign', undefined],
};

/** One session; after the card was removed it answers `CKR_DEVICE_REMOVED` for ever. */
export class SimulatedSession implements TokenSession {
  readonly token: TokenInfo;
  readonly mechanisms: readonly number[];
  readonly #dir: string;
  readonly #serial: string;
  readonly #signal: AbortSignal | undefined;
  readonly #limits: Limits | undefined;
  /** As on the module: the counter that data objects show is the one of the connection. */
  readonly #counter: number;
  #dead = false;
  #loggedIn = false;
  /** What the card itself grants to the Authentication key. */
  #rights = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(dir: string, card: CardState, { signal, limits }: SimulatedSessionOptions) {
    this.#dir = dir;
    this.#serial = card.serial;
    this.#counter = card.triesLeft;
    this.#signal = signal;
    this.#limits = limits;
    this.token = tokenOf(card);
    this.mechanisms = MECHANISMS[card.keyType];
  }

  certificate(label: CertificateLabel): Promise<Uint8Array | undefined> {
    return this.#access('certificate', () =>
      readCardCertificate(this.#dir, CERTIFICATE_FILES[label]),
    );
  }

  data(group: DataGroup): Promise<readonly DataObject[]> {
    return this.#access('data', (card) => readGroup(this.#dir, group, card, this.#counter));
  }

  login(pin: Uint8Array): Promise<void> {
    const text = Buffer.from(pin.buffer, pin.byteOffset, pin.byteLength).toString('latin1');
    pin.fill(0);
    return this.#access('login', async ({ pinpad = false }) => {
      if (this.#loggedIn) {
        return; // The module does not look at the PIN of a second login.
      }
      if (text.length === 0) {
        await this.#window('C_Login');
      } else if (!pinpad && /^[0-9]{4,12}$/.test(text)) {
        await this.#verifyPin('C_Login', (card) => card.pin === text);
      } else {
        throw new CkrError(CKR.FUNCTION_FAILED, 'C_Login');
      }
      this.#loggedIn = true;
      this.#rights = true;
    });
  }

  logout(): Promise<void> {
    return this.#access('logout', () => {
      if (!this.#loggedIn) {
        throw new CkrError(CKR.USER_NOT_LOGGED_IN, 'C_Logout');
      }
      this.#loggedIn = false;
      this.#rights = false;
    });
  }

  sign(label: KeyLabel, mechanism: number, data: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#access('sign', async (card) => {
      const name = CERTIFICATE_FILES[label];
      const key = await readCardKey(this.#dir, name);
      if (!MECHANISMS[card.keyType].includes(mechanism)) {
        throw new CkrError(CKR.MECHANISM_INVALID, 'C_SignInit');
      }
      if (label === 'Signature' || !this.#rights) {
        await this.#window('C_Sign');
      }
      if (card.removeDuring === 'sign') {
        await this.#pull();
        await this.#card('C_Sign', CKR.DEVICE_ERROR);
      }
      // Applet 1.8 drops the rights of the Authentication key after a legally binding signature.
      this.#rights = label === 'Authentication' || (this.#loggedIn && card.keyType === 'rsa');
      if (key === undefined) {
        // The key list is fixed per applet; a card without that certificate has no key material.
        throw new CkrError(CKR.GENERAL_ERROR, 'C_Sign');
      }
      return cardSign(key, card.keyType, mechanism, data);
    });
  }

  close(): Promise<void> {
    this.#loggedIn = false;
    this.#rights = false;
    this.#dead = true;
    return Promise.resolve();
  }

  /** One access to the card: in order, in its time, and only while the card is there. */
  #access<T>(access: Access, work: (card: CardState) => T | Promise<T>): Promise<T> {
    const [method, moment] = ACCESSES[access];
    const run = async (): Promise<T> => {
      const before = await this.#card(method, CKR.DEVICE_REMOVED);
      const limit = limitOf(access, this.#limits);
      const lasts = before.mute === true ? Infinity : before.delayMs;
      await this.#wait(Math.min(lasts, limit));
      if (lasts > limit) {
        await this.close();
        throw cardTimeout(access);
      }
      if (moment !== undefined && before.removeDuring === moment) {
        await this.#pull();
      } else if (before.delayMs === 0) {
        return work(before);
      }
      // Pulled out in the middle of the work: the reader reports an error first (§12).
      return work(await this.#card(method, CKR.DEVICE_ERROR));
    };
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Somebody pulls the card out. */
  async #pull(): Promise<void> {
    await updateCard(this.#dir, () => ({ present: false, removeDuring: 'never' }));
  }

  async #card(method: string, gone: number): Promise<CardState> {
    if (this.#dead) {
      throw new CkrError(CKR.DEVICE_REMOVED, method);
    }
    const card = await readCard(this.#dir);
    if (!isThere(card) || card.serial !== this.#serial) {
      await this.close();
      throw new CkrError(gone, method);
    }
    return card;
  }

  #wait(ms: number): Promise<void> {
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(
          new TopazError('E_INTERRUPTED', 'interrupted while using the card', {
            hint: 'run the command again',
          }),
        );
      };
      if (signal?.aborted === true) {
        reject(new TopazError('E_INTERRUPTED', 'interrupted while using the card'));
        return;
      }
      if (ms === 0) {
        resolve();
        return;
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** The PIN window: answered at once, by the file `dialog`. */
  async #window(method: string): Promise<void> {
    switch (await readDialog(this.#dir)) {
      case 'right':
        return this.#verifyPin(method, () => true);
      case 'wrong':
        return this.#verifyPin(method, () => false);
      case 'cancel':
        throw new CkrError(CKR.FUNCTION_CANCELED, method);
      case 'none':
        throw new CkrError(CKR.FUNCTION_FAILED, method);
    }
  }

  /** A try is taken away on disk before the PIN is compared, and given back after a right one. */
  async #verifyPin(method: string, isRight: (card: CardState) => boolean): Promise<void> {
    const before: number[] = [];
    const card = await updateCard(this.#dir, ({ triesLeft, pinsTried = 0 }) => {
      before.push(triesLeft);
      return { triesLeft: Math.max(0, triesLeft - 1), pinsTried: pinsTried + 1 };
    });
    if (before.includes(0)) {
      throw new CkrError(CKR.PIN_LOCKED, method);
    }
    if (isRight(card)) {
      await updateCard(this.#dir, () => ({ triesLeft: MAX_TRIES }));
      return;
    }
    this.#loggedIn = false;
    this.#rights = false;
    throw new CkrError(card.triesLeft === 0 ? CKR.PIN_LOCKED : CKR.PIN_INCORRECT, method);
  }
}
