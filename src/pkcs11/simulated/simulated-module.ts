/**
 * The simulated card, in this process: behaves as the eID middleware's module with its PIN window
 * (eid-pkcs11 §3–§13), not as OpenSC or SoftHSM. The window for the Signature key is answered by the file
 * `dialog`. One reader, one card, which `card.json` may pull out at any moment.
 *
 * It says what it is in its info (`topaz sandbox`), so that nobody takes it for the middleware.
 *
 * @module
 */

import { resolve } from 'node:path';

import { TopazError } from '../../errors.js';
import { CKR } from '../ckr.js';
import { CKF_TOKEN } from '../constants.js';
import type { CertificateLabel, DataGroup, KeyLabel } from '../constants.js';
import { CkrError } from '../module.js';
import type {
  DataObject,
  ModuleInfo,
  Pkcs11Module,
  Slot,
  TokenInfo,
  TokenSession,
} from '../module.js';
import { cardSign, MECHANISMS } from './card-signature.js';
import {
  MAX_TRIES,
  readCard,
  readCardCertificate,
  readCardKey,
  readDialog,
  updateCard,
} from './card-folder.js';
import type { CardState } from './card-folder.js';
import { readGroup } from './card-data.js';

/** Manufacturer in the info of the simulated module. */
export const SIMULATED_MANUFACTURER = 'topaz sandbox';

const INFO: ModuleInfo = {
  manufacturer: SIMULATED_MANUFACTURER,
  description: 'simulated Belgium eID',
  version: { major: 1, minor: 0 },
};
const READER = 'Simulated card reader 00 00';
const CERTIFICATE_FILES: Readonly<Record<CertificateLabel, string>> = {
  Authentication: 'authentication',
  Signature: 'signature',
  CA: 'ca',
  Root: 'root',
};

export interface SimulatedModuleOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens the card of a folder; the folder must hold one, the card need not be in the reader.
 *
 * @throws TopazError `E_MODULE_NOT_FOUND`.
 */
export async function openSimulatedModule(
  folder: string,
  { signal }: SimulatedModuleOptions = {},
): Promise<Pkcs11Module> {
  const dir = resolve(folder);
  await readCard(dir);
  let session: SimulatedSession | undefined;
  return {
    info: INFO,
    slots: async () => [await slotOf(dir)],
    open: async (slot) => {
      if (slot.id !== 0) {
        throw new CkrError(CKR.SLOT_ID_INVALID, 'C_OpenSession');
      }
      const card = await readCard(dir);
      if (!card.present) {
        throw new CkrError(CKR.TOKEN_NOT_PRESENT, 'C_OpenSession');
      }
      session = new SimulatedSession(dir, card, signal);
      return session;
    },
    close: async () => {
      await session?.close();
    },
  };
}

async function slotOf(dir: string): Promise<Slot> {
  const card = await readCard(dir);
  return card.present
    ? { id: 0, reader: READER, token: tokenOf(card), problem: undefined }
    : { id: 0, reader: READER, token: undefined, problem: CKR.TOKEN_NOT_PRESENT };
}

const tokenOf = (card: CardState): TokenInfo => ({
  label: 'BELPIC',
  manufacturer: 'Belgium Government',
  model: 'Belgium eID',
  serial: card.serial.slice(-16).toUpperCase(),
  // The module never shows a PIN counter, nor LOGIN_REQUIRED where it has its own window.
  flags: CKF_TOKEN.WRITE_PROTECTED | CKF_TOKEN.USER_PIN_INITIALIZED | CKF_TOKEN.TOKEN_INITIALIZED,
  firmwareMajor: card.applet,
});

/** One session; after the card was removed it answers `CKR_DEVICE_REMOVED` for ever. */
class SimulatedSession implements TokenSession {
  readonly token: TokenInfo;
  readonly mechanisms: readonly number[];
  readonly #dir: string;
  readonly #serial: string;
  readonly #signal: AbortSignal | undefined;
  /** As on the module: the counter that data objects show is the one of the connection. */
  readonly #counter: number;
  #dead = false;
  #loggedIn = false;
  /** What the card itself grants to the Authentication key. */
  #rights = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(dir: string, card: CardState, signal: AbortSignal | undefined) {
    this.#dir = dir;
    this.#serial = card.serial;
    this.#counter = card.triesLeft;
    this.#signal = signal;
    this.token = tokenOf(card);
    this.mechanisms = MECHANISMS[card.keyType];
  }

  certificate(label: CertificateLabel): Promise<Uint8Array | undefined> {
    return this.#access('C_GetAttributeValue', () =>
      readCardCertificate(this.#dir, CERTIFICATE_FILES[label]),
    );
  }

  data(group: DataGroup): Promise<readonly DataObject[]> {
    return this.#access('C_GetAttributeValue', (card) =>
      readGroup(this.#dir, group, card, this.#counter),
    );
  }

  login(pin: Uint8Array): Promise<void> {
    const text = Buffer.from(pin.buffer, pin.byteOffset, pin.byteLength).toString('latin1');
    pin.fill(0);
    return this.#access('C_Login', async () => {
      if (this.#loggedIn) {
        return; // The module does not look at the PIN of a second login.
      }
      if (text.length === 0) {
        await this.#window('C_Login');
      } else if (/^[0-9]{4,12}$/.test(text)) {
        await this.#verifyPin('C_Login', (card) => card.pin === text);
      } else {
        throw new CkrError(CKR.FUNCTION_FAILED, 'C_Login');
      }
      this.#loggedIn = true;
      this.#rights = true;
    });
  }

  logout(): Promise<void> {
    return this.#access('C_Logout', () => {
      if (!this.#loggedIn) {
        throw new CkrError(CKR.USER_NOT_LOGGED_IN, 'C_Logout');
      }
      this.#loggedIn = false;
      this.#rights = false;
    });
  }

  sign(label: KeyLabel, mechanism: number, data: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#access('C_Sign', async (card) => {
      const name = CERTIFICATE_FILES[label];
      const key = await readCardKey(this.#dir, name);
      if (!MECHANISMS[card.keyType].includes(mechanism)) {
        throw new CkrError(CKR.MECHANISM_INVALID, 'C_SignInit');
      }
      if (label === 'Signature' || !this.#rights) {
        await this.#window('C_Sign');
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
  #access<T>(method: string, work: (card: CardState) => T | Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      const before = await this.#card(method, CKR.DEVICE_REMOVED);
      await this.#wait(before.delayMs);
      // Pulled out in the middle of the work: the reader reports an error first (§12).
      const card = before.delayMs > 0 ? await this.#card(method, CKR.DEVICE_ERROR) : before;
      return work(card);
    };
    const result = this.#queue.then(run);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #card(method: string, gone: number): Promise<CardState> {
    if (this.#dead) {
      throw new CkrError(CKR.DEVICE_REMOVED, method);
    }
    const card = await readCard(this.#dir);
    if (!card.present || card.serial !== this.#serial) {
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
    const seen = await readCard(this.#dir);
    if (seen.triesLeft === 0) {
      throw new CkrError(CKR.PIN_LOCKED, method);
    }
    const card = await updateCard(this.#dir, ({ triesLeft }) => ({
      triesLeft: Math.max(0, triesLeft - 1),
    }));
    if (isRight(card)) {
      await updateCard(this.#dir, () => ({ triesLeft: MAX_TRIES }));
      return;
    }
    this.#loggedIn = false;
    this.#rights = false;
    throw new CkrError(card.triesLeft === 0 ? CKR.PIN_LOCKED : CKR.PIN_INCORRECT, method);
  }
}
