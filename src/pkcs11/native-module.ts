/**
 * A native PKCS#11 module, kept in a child process: a call that blocks (a PIN window, a mute card) blocks
 * the child, never topaz, and can be ended by ending the child. pcscd resets the card then, which also
 * drops the PIN rights (eid-pkcs11 §16).
 *
 * The PIN crosses the IPC channel as bytes: never argv, never the environment. Variables of topaz itself
 * (which may hold secrets) are not handed down.
 *
 * @module
 */

import { access } from 'node:fs/promises';

import { moduleNotFound } from './discovery.js';
import type { ModuleInfo, Pkcs11Module, Slot, TokenSession } from './module.js';
import { LoadError, ModuleProcess } from './module-process.js';
import type { ModuleProcessOptions } from './module-process.js';
import type { Operations } from './worker/protocol.js';

/**
 * Quirk: OpenSC leaves the PIN rights on the card when it logs out and finalizes (seen on the virtual
 * card), so that any program could sign afterwards. Ending its process by force makes pcscd reset the card.
 */
const KEEPS_RIGHTS = 'OpenSC';

export interface NativeModuleOptions extends ModuleProcessOptions {
  /** The library. */
  readonly path: string;
}

/**
 * Starts the child and loads the module.
 *
 * @throws TopazError `E_MODULE_NOT_FOUND` (no such file, or not loadable), `E_NATIVE_MISSING`,
 *   `E_CARD_TIMEOUT`, `E_INTERRUPTED`.
 */
export async function openNativeModule(options: NativeModuleOptions): Promise<NativeModule> {
  const hint = 'install the eID middleware, or: topaz profile set pkcs11.module PATH';
  await access(options.path).catch(() => {
    throw moduleNotFound([options.path], hint);
  });
  const owner = new ModuleProcess(options);
  try {
    const info = await owner.request('load', { path: options.path });
    return new NativeModule(owner, info);
  } catch (error) {
    await owner.end();
    if (error instanceof LoadError) {
      throw moduleNotFound([options.path], hint, error.message);
    }
    throw error;
  }
}

/** The module behind its child process. Made by {@link openNativeModule}. */
export class NativeModule implements Pkcs11Module {
  readonly info: ModuleInfo;
  readonly #owner: ModuleProcess;

  constructor(owner: ModuleProcess, info: ModuleInfo) {
    this.#owner = owner;
    this.info = info;
  }

  slots(): Promise<readonly Slot[]> {
    return this.#owner.request('slots', {});
  }

  async open(slot: Slot): Promise<TokenSession> {
    const owner = this.#owner;
    const { token, mechanisms } = await owner.request('open', { slot: slot.id });
    return {
      token,
      mechanisms,
      certificate: (label) => owner.request('certificate', { label }),
      data: (group) => owner.request('data', { group }),
      login: async (pin) => {
        if (this.info.manufacturer.includes(KEEPS_RIGHTS)) {
          owner.resetCardAtEnd();
        }
        await owner.request('login', { pin });
      },
      logout: () => owner.request('logout', {}),
      sign: (label, mechanism, data, { pin } = {}) =>
        owner.request('sign', { label, mechanism, data, ...(pin === undefined ? {} : { pin }) }),
      close: () => owner.request('closeSession', {}).catch(() => undefined),
    };
  }

  /** Makes and fills a SoftHSM2 token; see `softhsm.ts`. */
  provision(content: Operations['provision']['args']): Promise<undefined> {
    return this.#owner.request('provision', content);
  }

  close(): Promise<void> {
    return this.#owner.end();
  }

  /** Process id of the child, for tests. */
  get pid(): number | undefined {
    return this.#owner.pid;
  }
}
