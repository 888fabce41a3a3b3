/**
 * One Belgian eID: identity, certificates, and the holder's two keys with their PIN rules (eid-pkcs11 §11).
 *
 * Never: a PIN tried twice, or to see whether it is right, or in a form the card would refuse, or with one
 * try left unless that was allowed. The Authentication key takes the PIN once; the Signature key's PIN is
 * asked by the module's own window or the reader for every signature, except on test tokens.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Signer } from '../keys/keys.js';
import type { CertificateLabel, DataGroup, KeyLabel } from '../pkcs11/constants.js';
import type { DataObject, Pkcs11Module } from '../pkcs11/module.js';
import { openModule } from '../pkcs11/open-module.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { cardAlgorithms, isSignatureOf, signingRequest } from './algorithms.js';
import { openCardSession } from './card-session.js';
import type { CardSession } from './card-session.js';
import { certificateChain, checkValidity } from './certificates.js';
import type { AskPin, EidCard, OpenEidOptions, PinOptions } from './eid-card.js';
import { addressFromData, identityFromCertificate, identityFromData } from './identity.js';
import type { Address, Identity } from './identity.js';
import { refuseLocked, requirePerson } from './pin-rules.js';
import { findCard } from './readers.js';
import type { ModuleKind } from './readers.js';

export type { AskPin, EidCard, OpenEidOptions, PinOptions } from './eid-card.js';

/**
 * Opens the one eID that is meant.
 *
 * @throws TopazError `E_MODULE_NOT_FOUND`, `E_NATIVE_MISSING`, and what {@link openEidIn} throws.
 */
export async function openEid(options: OpenEidOptions): Promise<EidCard> {
  return openEidIn(await openModule(options.module, options), options);
}

/**
 * The same in a module that is open already; it is closed with the card, and when there is none.
 *
 * @throws TopazError what `findCard` throws, errors of the card.
 */
export async function openEidIn(module: Pkcs11Module, options: OpenEidOptions): Promise<EidCard> {
  try {
    const slot = await findCard(module, {
      reader: options.reader,
      waitMs: options.waitMs,
      signal: options.signal,
      onWait: () => options.announce?.('insert'),
      chooseReader: options.chooseReader,
    });
    return new OpenCard(await openCardSession(module, slot, options), options);
  } catch (error) {
    await module.close();
    throw error;
  }
}

interface UsableKey {
  readonly label: KeyLabel;
  readonly certificate: Certificate;
  readonly chain: readonly Certificate[];
  readonly algorithms: Signer['algorithms'];
}

/** A reader with keys asks for the PIN when it gets none. */
const noPin: AskPin = () => Promise.resolve(new Uint8Array());

class OpenCard implements EidCard {
  readonly kind: ModuleKind;
  readonly reader: string;
  readonly serial: string;
  readonly #card: CardSession;
  readonly #options: OpenEidOptions;
  readonly #found = new Map<CertificateLabel, Certificate | undefined>();

  constructor(card: CardSession, options: OpenEidOptions) {
    this.#card = card;
    this.#options = options;
    this.kind = card.kind;
    this.reader = card.reader;
    this.serial = card.serial;
  }

  triesLeft(): number | undefined {
    return this.#card.triesLeft;
  }

  get pinpad(): boolean {
    return this.#card.hasPinpad;
  }

  get pinCountLow(): boolean {
    return this.#card.countLow;
  }

  async identity(): Promise<Identity> {
    const objects = await this.data('id');
    const certificate = await this.#certificate('Authentication');
    const identity = identityFromData(objects, certificate);
    if (identity !== undefined) {
      return identity;
    }
    return identityFromCertificate(certificate ?? (await this.certificate('Authentication')));
  }

  async address(): Promise<Address | undefined> {
    return addressFromData(await this.data('address'));
  }

  data(group: DataGroup): Promise<readonly DataObject[]> {
    return this.#card.read((session) => session.data(group));
  }

  async certificate(label: KeyLabel): Promise<Certificate> {
    const certificate = await this.#certificate(label);
    if (certificate === undefined) {
      throw new TopazError('E_CERTIFICATE_ABSENT', `this card has no ${label} certificate`, {
        hint: 'the holder can have it activated at the municipality',
        details: { label },
      });
    }
    return certificate;
  }

  async certificates(): Promise<readonly { label: CertificateLabel; certificate: Certificate }[]> {
    const all: { label: CertificateLabel; certificate: Certificate }[] = [];
    for (const label of ['Authentication', 'Signature', 'CA', 'Root'] as const) {
      const certificate = await this.#certificate(label);
      if (certificate !== undefined) {
        all.push({ label, certificate });
      }
    }
    return all;
  }

  async chain(label: KeyLabel): Promise<readonly Certificate[]> {
    return certificateChain(
      await this.certificate(label),
      await this.#certificate('CA'),
      await this.#certificate('Root'),
    );
  }

  async authenticationSigner(pin: AskPin, options: PinOptions = {}): Promise<Signer> {
    const key = await this.#usable('Authentication');
    await this.#card.logIn(pin, options);
    return this.#signer(key);
  }

  async signatureSigner(pin: AskPin, options: PinOptions = {}): Promise<Signer> {
    if (this.kind === 'opensc') {
      throw new TopazError(
        'E_SIGNATURE_KEY_UNUSABLE',
        'this module (OpenSC) cannot use the Signature key',
        { hint: 'install the eID middleware' },
      );
    }
    const key = await this.#usable('Signature');
    refuseLocked(this.#card.triesLeft);
    switch (this.kind) {
      case 'middleware':
        requirePerson({ ...this.#options, pinpad: this.#card.hasPinpad });
        return this.#signer(key);
      case 'simulated':
        if (this.#card.hasPinpad) {
          requirePerson({ ...this.#options, pinpad: true });
        }
        return this.#signer(key);
      case 'softhsm':
        await this.#card.logIn(pin, options);
        return this.#signer(key);
      case 'other':
        await this.#card.logIn(pin, options);
        return this.#signer(key, this.#card.hasPinpad ? noPin : pin);
    }
  }

  logOut(): Promise<void> {
    return this.#card.logOut();
  }

  close(): Promise<void> {
    return this.#card.close();
  }

  /** Certificate, chain and algorithms of a key, checked before any PIN is asked. */
  async #usable(label: KeyLabel): Promise<UsableKey> {
    const certificate = await this.certificate(label);
    checkValidity(certificate, label, this.#options.now());
    const algorithms = cardAlgorithms(certificate.keyType, this.#card.mechanisms);
    if (algorithms.length === 0) {
      throw new TopazError('E_CARD_ERROR', 'this module cannot sign with the key of this card', {
        facts: [`key type ${certificate.keyType}`],
        hint: 'install the eID middleware: OpenSC cannot sign with newer cards',
      });
    }
    return { label, certificate, chain: await this.chain(label), algorithms };
  }

  #signer({ label, certificate, chain, algorithms }: UsableKey, contextPin?: AskPin): Signer {
    return {
      certificate,
      chain,
      algorithms,
      sign: async (algorithm, data) => {
        const { mechanisms, hasPinpad } = this.#card;
        const request = signingRequest(algorithm, certificate.keyType, mechanisms, data);
        if (label === 'Signature' && (hasPinpad || this.kind === 'middleware')) {
          this.#options.announce?.(hasPinpad ? 'pinpad' : 'window');
        }
        const signature = await this.#card.sign(label, request, contextPin);
        if (!isSignatureOf(certificate, algorithm, data, signature)) {
          throw new TopazError(
            'E_CARD_ERROR',
            'the signature of the card does not fit its certificate',
            { hint: 'the signature was not used; take the card out, insert it and try again' },
          );
        }
        return signature;
      },
    };
  }

  async #certificate(label: CertificateLabel): Promise<Certificate | undefined> {
    if (!this.#found.has(label)) {
      const der = await this.#card.read((session) => session.certificate(label));
      this.#found.set(label, der === undefined ? undefined : parseCertificate(der));
    }
    return this.#found.get(label);
  }
}
