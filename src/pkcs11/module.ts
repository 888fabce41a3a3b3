/**
 * A PKCS#11 module as topaz uses it: list the slots, open one token, read by label, log in, sign.
 *
 * Two implementations: the native module in its child process (`native-module.ts`) and the simulated card
 * (`simulated/`). Both throw {@link CkrError} with the code the module gave; `ckr.ts` turns those into
 * errors for people. Objects are found by label, never by id (eid-pkcs11 §1).
 *
 * @module
 */

import type { CertificateLabel, DataGroup, KeyLabel } from './constants.js';

/** `C_GetInfo`, padding trimmed. */
export interface ModuleInfo {
  readonly manufacturer: string;
  readonly description: string;
  readonly version: { readonly major: number; readonly minor: number };
}

/** `C_GetTokenInfo`, padding trimmed. */
export interface TokenInfo {
  readonly label: string;
  readonly manufacturer: string;
  readonly model: string;
  /** Upper-case hex for an eID. */
  readonly serial: string;
  /** Bits of `CKF_TOKEN`. */
  readonly flags: number;
  /** Applet version on an eID: 0x11, 0x17, 0x18. */
  readonly firmwareMajor: number;
}

/** One reader. Its id is good until the next {@link Pkcs11Module.slots} only. */
export interface Slot {
  readonly id: number;
  /** Name of the reader: what to remember a slot by. */
  readonly reader: string;
  /** The token, where one is there and known. */
  readonly token: TokenInfo | undefined;
  /** Why there is no token: the return code of `C_GetTokenInfo` (no card, other card). */
  readonly problem: number | undefined;
}

/** A `CKO_DATA` object. */
export interface DataObject {
  readonly label: string;
  readonly value: Uint8Array;
}

export interface SignOptions {
  /** PIN for a key that wants one per signature and takes it by a context-specific login. */
  readonly pin?: Uint8Array | undefined;
}

/** An open session on one token. Calls are answered one after the other. */
export interface TokenSession {
  readonly token: TokenInfo;
  /** `C_GetMechanismList`. */
  readonly mechanisms: readonly number[];
  /** DER of the first certificate with this label, or `undefined`. */
  certificate(label: CertificateLabel): Promise<Uint8Array | undefined>;
  /** Data objects of a group; the first of each label. Empty where the module has none. */
  data(group: DataGroup): Promise<readonly DataObject[]>;
  /**
   * `C_Login` as user. An empty PIN selects the module's own dialog or the reader's pinpad.
   * The bytes are handed on as they are and not kept; the caller wipes its own.
   */
  login(pin: Uint8Array): Promise<void>;
  logout(): Promise<void>;
  /**
   * Signs with the private key of this label; ECDSA gives raw `r || s`.
   *
   * @returns `undefined` where there is no such key.
   */
  sign(
    label: KeyLabel,
    mechanism: number,
    data: Uint8Array,
    options?: SignOptions,
  ): Promise<Uint8Array | undefined>;
  /** Logs out and closes; never throws. */
  close(): Promise<void>;
}

export interface Pkcs11Module {
  readonly info: ModuleInfo;
  /** All readers, in the module's order. Call it only while no session is open (eid-pkcs11 §3). */
  slots(): Promise<readonly Slot[]>;
  /** Opens a read-only session. */
  open(slot: Slot): Promise<TokenSession>;
  /** Logs out, finalizes and ends whatever runs for the module; never throws, at most a second or so. */
  close(): Promise<void>;
}

/** A return code other than `CKR_OK`. Never shown as it is: `cardError` of `ckr.ts` explains it. */
export class CkrError extends Error {
  readonly ckr: number;
  /** The function that gave it, `C_Sign`. */
  readonly method: string;

  constructor(ckr: number, method: string) {
    super(`${method} returned 0x${ckr.toString(16)}`);
    this.name = 'CkrError';
    this.ckr = ckr;
    this.method = method;
  }
}
