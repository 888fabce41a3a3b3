/**
 * What the bench of sealing measures: the product's own functions, with the keys of `fixtures/cms`
 * (RSA-2048, made by openssl).
 */

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { readEtk, type Etk } from '../../src/etee/etk.js';
import { createDecrypter, createSigner } from '../../src/keys/software-keys.js';
import type { Decrypter, Signer } from '../../src/keys/keys.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { parsePemCertificates } from '../../src/x509/pem.js';

export { seal } from '../../src/etee/seal.js';
export { unseal } from '../../src/etee/unseal.js';

export interface World {
  readonly sender: Signer;
  readonly recipients: readonly Etk[];
  readonly decrypters: readonly Decrypter[];
  readonly roots: readonly Certificate[];
}

/** @param folder That of the keys, with a slash at its end. */
export function openWorld(folder: string): World {
  const read = (name: string): Buffer => readFileSync(`${folder}${name}`);
  const certificate = (name: string): Certificate => {
    const [found] = parsePemCertificates(read(`${name}.pem`).toString());
    if (found === undefined) {
      throw new Error(`no certificate in ${name}.pem`);
    }
    return found;
  };
  const root = certificate('root');
  return {
    sender: createSigner(createPrivateKey(read('sender-auth.key')), [
      certificate('sender-auth'),
      certificate('ca'),
      root,
    ]),
    recipients: [readEtk(Uint8Array.from(read('recipient.etk')))],
    decrypters: [
      createDecrypter(createPrivateKey(read('recipient-enc.key')), certificate('recipient-enc')),
    ],
    roots: [root],
  };
}
