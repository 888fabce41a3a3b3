/**
 * What an open eID offers, and what is needed to open one. The rules behind it: `card.ts`, `pin-rules.ts`.
 *
 * @module
 */

import type { Signer } from '../keys/keys.js';
import type { CertificateLabel, DataGroup, KeyLabel } from '../pkcs11/constants.js';
import type { DataObject } from '../pkcs11/module.js';
import type { OpenModuleOptions } from '../pkcs11/open-module.js';
import type { Certificate } from '../x509/certificate.js';
import type { Address, Identity } from './identity.js';
import type { ModuleKind } from './readers.js';

export interface OpenEidOptions {
  /** Path of a PKCS#11 library, or `sandbox:DIR`. */
  readonly module: string;
  /** Environment of the command: display and SoftHSM2 configuration reach the module's process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  readonly reader?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Waits so long for a card to be inserted, in milliseconds. @default 0 */
  readonly waitMs?: number | undefined;
  /** No person can answer a PIN window. Counts for the real middleware only. @default false */
  readonly noInput?: boolean | undefined;
  readonly platform?: NodeJS.Platform | undefined;
  /** Asked which reader is meant, where several hold an eID; without it that is an error. */
  readonly chooseReader?: ((readers: readonly string[]) => Promise<string>) | undefined;
  /** Told when a person has to act: insert a card, type on the reader, answer the module's window. */
  readonly announce?: ((what: 'insert' | 'pinpad' | 'window') => void) | undefined;
  readonly limits?: OpenModuleOptions['limits'];
  readonly childFile?: string | undefined;
}

export interface PinOptions {
  /** Whether the last try may be used: a person types the PIN, or it was allowed. @default 'refuse' */
  readonly lastTry?: 'refuse' | 'allow' | undefined;
  /** Have the module ask for the PIN in its own window. Not on modules without one. @default false */
  readonly window?: boolean | undefined;
}

/** Gives the PIN once; the bytes are wiped after use. */
export type AskPin = () => Promise<Uint8Array>;

/** An open card. Close it in `finally`. */
export interface EidCard {
  readonly kind: ModuleKind;
  /** Name of the reader. */
  readonly reader: string;
  /** Serial number of the chip. */
  readonly serial: string;
  /** Tries left before the card locks, where it tells; after a wrong PIN as counted here. */
  triesLeft(): number | undefined;
  /** The PIN is typed on the reader itself. */
  readonly pinpad: boolean;
  /** The module says that a wrong PIN was given since the last right one, and not how many. */
  readonly pinCountLow: boolean;
  /** @throws TopazError `E_SIGNATURE_INVALID`, `E_CERTIFICATE_ABSENT`, errors of the card. */
  identity(): Promise<Identity>;
  /** `undefined` where the module shows no address. */
  address(): Promise<Address | undefined>;
  /** The raw objects of a group, for checking and saving. */
  data(group: DataGroup): Promise<readonly DataObject[]>;
  /** @throws TopazError `E_CERTIFICATE_ABSENT` where the card has none (kids, refused by the holder). */
  certificate(label: KeyLabel): Promise<Certificate>;
  /** Every certificate of the card, in the order Authentication, Signature, CA, Root. */
  certificates(): Promise<readonly { label: CertificateLabel; certificate: Certificate }[]>;
  /** The holder's certificate, then the issuers that the card carries. */
  chain(label: KeyLabel): Promise<readonly Certificate[]>;
  /**
   * Logs in; then any number of signatures, until {@link logOut} or {@link close}.
   *
   * @throws PinError wrong or locked; TopazError `E_PIN_FORMAT`, `E_PIN_LAST_TRY`, `E_CERT_EXPIRED`, `E_USAGE`
   *   (no window), `E_INPUT_REQUIRED` (nobody can answer it).
   */
  authenticationSigner(pin: AskPin, options?: PinOptions): Promise<Signer>;
  /**
   * A signer for legally binding signatures. `pin` is used only where the token takes it by login.
   *
   * @throws TopazError `E_SIGNATURE_KEY_UNUSABLE` (OpenSC), `E_INPUT_REQUIRED` (nobody can answer the
   *   middleware's window), and as for {@link authenticationSigner}.
   */
  signatureSigner(pin: AskPin, options?: PinOptions): Promise<Signer>;
  /** Drops the PIN rights on the card; never throws. */
  logOut(): Promise<void>;
  /** Logs out, closes, ends the module; never throws. */
  close(): Promise<void>;
}
