/**
 * Writes the three layers of a sealed message at the same time, chunk by chunk: each chunk of the content is
 * hashed, encrypted and hashed again while it is in the cache of the processor. The signatures come after
 * the content, so nothing has to be read twice.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import { encryptedLength, startEncryption, type Encryption } from '../cms/content-cipher.js';
import {
  BER,
  certificateSet,
  DER,
  envelopedFrame,
  framedLength,
  signedFrame,
  type Encoding,
  type Frame,
} from '../cms/frame.js';
import { encodeKeyTrans, encodeSecretKey, type NamedSecretKey } from '../cms/recipient-info.js';
import { placeholder, signContent, type SignContentOptions } from '../cms/sign.js';
import type { Certificate } from '../x509/certificate.js';

export interface SealerOptions {
  readonly signing: SignContentOptions;
  /** Encryption certificates, each once. */
  readonly recipients: readonly Certificate[];
  readonly secretKey: NamedSecretKey | undefined;
  /** Bytes of the content, for DER; BER does without. */
  readonly length: number | undefined;
}

/** Call {@link start}, {@link add} for each chunk, {@link end}; write what each gives, in this order. */
export class Sealer {
  /** Bytes of the sealed message; known for DER. */
  readonly size: number | undefined;
  readonly #options: SealerOptions;
  readonly #encoding: Encoding;
  readonly #encryption: Encryption;
  readonly #hashes = { inner: createHash('sha256'), outer: createHash('sha256') };
  readonly #certificates: Uint8Array;
  readonly #inner: Frame;
  readonly #middle: Frame;
  readonly #outer: Frame;
  #added = 0;

  constructor(options: SealerOptions) {
    const { length, recipients, secretKey } = options;
    this.#options = options;
    this.#encoding = length === undefined ? BER : DER;
    this.#encryption = startEncryption();
    this.#certificates = certificateSet(options.signing.signer.chain.map(({ der }) => der));
    const { key, algorithm } = this.#encryption;
    const signerInfo = placeholder(options.signing);
    this.#inner = this.#innerFrame(signerInfo);
    const encrypted = encryptedLength(framedLength(this.#inner, length ?? 0));
    this.#middle = envelopedFrame(this.#encoding, encrypted, {
      version: secretKey === undefined ? 0 : 2,
      recipientInfos: [
        ...recipients.map((certificate) => encodeKeyTrans(certificate, key)),
        ...(secretKey === undefined ? [] : [encodeSecretKey(secretKey, key)]),
      ],
      algorithm,
    });
    // The cipher has its own copy.
    key.fill(0);
    const middleLength = framedLength(this.#middle, encrypted);
    this.#outer = this.#outerFrame(signerInfo, middleLength);
    this.size = length === undefined ? undefined : framedLength(this.#outer, middleLength);
  }

  start(): readonly Uint8Array[] {
    return [this.#outer.head, ...this.#sign(this.#middle.head), ...this.#encrypt(this.#inner.head)];
  }

  /** The chunk may be overwritten afterwards. */
  add(chunk: Uint8Array): readonly Uint8Array[] {
    this.#added += chunk.length;
    this.#hashes.inner.update(chunk);
    const head = this.#encoding.piece(chunk.length);
    return [...(head.length === 0 ? [] : this.#encrypt(head)), ...this.#encrypt(chunk)];
  }

  /** Whether as much was added as the lengths in DER say. */
  get isComplete(): boolean {
    return this.#options.length === undefined || this.#options.length === this.#added;
  }

  /** @throws whatever the signer throws. */
  async end(): Promise<readonly Uint8Array[]> {
    const { signing } = this.#options;
    const innerInfo = await signContent(this.#hashes.inner.digest(), signing);
    const parts = [
      ...this.#encrypt(this.#innerFrame(innerInfo).tail),
      ...this.#piece(this.#encryption.cipher.final()),
      ...(this.#middle.tail.length === 0 ? [] : this.#sign(this.#middle.tail)),
    ];
    const outerInfo = await signContent(this.#hashes.outer.digest(), signing);
    return [...parts, this.#outerFrame(outerInfo, 0).tail];
  }

  /** Quirk: the certificates stand in the outer layer alone; the receiver checks both with them. */
  #innerFrame(signerInfo: Uint8Array): Frame {
    const certificates = certificateSet([]);
    return signedFrame(this.#encoding, this.#options.length ?? 0, { certificates, signerInfo });
  }

  #outerFrame(signerInfo: Uint8Array, length: number): Frame {
    const certificates = this.#certificates;
    return signedFrame(this.#encoding, length, { certificates, signerInfo });
  }

  #encrypt(bytes: Uint8Array): readonly Uint8Array[] {
    return this.#piece(this.#encryption.cipher.update(bytes));
  }

  /** A piece of the ciphertext, as content of the middle layer. */
  #piece(encrypted: Uint8Array): readonly Uint8Array[] {
    return encrypted.length === 0
      ? []
      : this.#sign(this.#encoding.piece(encrypted.length), encrypted);
  }

  /** Bytes of the middle layer, as content of the outer one. */
  #sign(...bytes: readonly Uint8Array[]): readonly Uint8Array[] {
    let length = 0;
    for (const part of bytes) {
      length += part.length;
      this.#hashes.outer.update(part);
    }
    return [this.#encoding.piece(length), ...bytes];
  }
}
