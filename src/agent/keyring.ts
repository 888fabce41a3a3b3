/**
 * The unlocked keys inside the agent. Each is named by the fingerprint of its certificate; none ever leaves.
 *
 * @module
 */

import { keystoreDecrypters, keystoreSigner } from '../keystore/keystore.js';
import type { Decrypter, Signer } from '../keys/keys.js';
import { fingerprint } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import type { UnlockedKeystore } from './handover.js';

interface Held {
  readonly alias: string;
  readonly path: string;
  readonly digest: string;
  readonly signer: Signer;
  readonly decrypters: readonly Decrypter[];
}

/** What everybody may know of a keystore that is unlocked; certificates are base64 of their DER. */
export interface HeldDocument {
  readonly alias: string;
  readonly path: string;
  /** SHA-256 of the file when it was unlocked, hex. */
  readonly digest: string;
  readonly chain: readonly string[];
  /** Certificates of the keys that unseal, newest first. */
  readonly encryption: readonly string[];
}

export class Keyring {
  readonly #held = new Map<string, Held>();

  constructor(keystores: readonly UnlockedKeystore[]) {
    for (const { alias, path, digest, keystore } of keystores) {
      this.#held.set(path, {
        alias,
        path,
        digest,
        signer: keystoreSigner(keystore),
        decrypters: keystoreDecrypters(keystore),
      });
    }
  }

  get size(): number {
    return this.#held.size;
  }

  /** Forgets one keystore. @returns Whether it was held. */
  drop(path: string): boolean {
    return this.#held.delete(path);
  }

  clear(): void {
    this.#held.clear();
  }

  signer(certificate: string): Signer | undefined {
    return [...this.#held.values()]
      .map(({ signer }) => signer)
      .find((signer) => fingerprint(signer.certificate) === certificate);
  }

  decrypter(certificate: string): Decrypter | undefined {
    return [...this.#held.values()]
      .flatMap(({ decrypters }) => decrypters)
      .find((decrypter) => fingerprint(decrypter.certificate) === certificate);
  }

  describe(): readonly HeldDocument[] {
    return [...this.#held.values()].map(({ alias, path, digest, signer, decrypters }) => ({
      alias,
      path,
      digest,
      chain: signer.chain.map(base64),
      encryption: decrypters.map(({ certificate }) => base64(certificate)),
    }));
  }
}

const base64 = ({ der }: Certificate): string => Buffer.from(der).toString('base64');
