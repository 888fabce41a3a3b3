/**
 * Tokens made on the spot for Jean Exemple, in which one thing may be wrong.
 *
 * @module
 */

import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { makeEtk } from '../../src/sandbox/seal.js';
import {
  basicConstraintsExtension,
  buildCertificate,
  keyUsageExtension,
} from '../../src/x509/build.js';
import type { CertificateFields } from '../../src/x509/build.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { encodeName } from '../../src/x509/name.js';

const VALID = {
  notBefore: new Date('2024-01-01T00:00:00Z'),
  notAfter: new Date('2028-01-01T00:00:00Z'),
};

export const name = (common: string): Uint8Array =>
  encodeName([
    { type: '2.5.4.6', value: 'BE' },
    { type: '2.5.4.11', value: 'SSIN=79021599732' },
    { type: '2.5.4.3', value: common },
  ]);
const HOLDER = name('SSIN=79021599732');

type KeyName = 'root' | 'ca' | 'ra' | 'auth' | 'enc' | 'other' | 'ec';

export interface Wrong {
  readonly auth?: Partial<CertificateFields>;
  readonly enc?: Partial<CertificateFields>;
  readonly authKey?: KeyName;
  readonly encSigner?: KeyName;
  /** Certificates beside the holder's. */
  readonly chain?: readonly Certificate[];
  readonly content?: Uint8Array;
}

export interface Registrar {
  readonly root: Certificate;
  readonly ca: Certificate;
  readonly ra: Certificate;
  /** A token; nothing is wrong with `{}`. */
  token(wrong: Wrong): Uint8Array;
}

/** Makes the keys, once for a file of tests. */
export function createRegistrar(): Registrar {
  const rsa = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const ec = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const keys: Readonly<Record<KeyName, KeyObject>> = {
    root: ec(), ca: ec(), ra: rsa(), auth: rsa(), enc: rsa(), other: rsa(), ec: ec(),
  }; // prettier-ignore
  const make = (key: KeyName, by: KeyName, fields: Partial<CertificateFields>): Certificate => {
    const spki = createPublicKey(keys[key]).export({ type: 'spki', format: 'der' });
    return parseCertificate(
      buildCertificate(
        {
          serial: 7n,
          issuer: HOLDER,
          subject: HOLDER,
          ...VALID,
          publicKeyInfo: Uint8Array.from(spki),
          extensions: [keyUsageExtension(0x80)],
          ...fields,
        },
        keys[by],
      ),
    );
  };
  const authority = { extensions: [basicConstraintsExtension(true), keyUsageExtension(0x06)] };
  const root = make('root', 'root', { issuer: name('root'), subject: name('root'), ...authority });
  const ca = make('ca', 'root', { issuer: name('root'), subject: name('ca'), ...authority });
  const ra = make('ra', 'root', { issuer: name('root'), subject: name('ETK-RA') });
  return {
    root,
    ca,
    ra,
    token: ({ authKey = 'auth', encSigner = 'auth', chain = [ca, root], content, auth, enc }) => {
      const authentication = make(authKey, 'ca', { issuer: name('ca'), ...auth });
      const encryption = make('enc', encSigner, { extensions: [keyUsageExtension(0x30)], ...enc });
      const registrar = { certificate: ra, privateKey: keys.ra };
      return makeEtk(registrar, content ?? encryption.der, [authentication, ...chain]);
    },
  };
}
