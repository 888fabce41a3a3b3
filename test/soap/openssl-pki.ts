/** Keys and certificates made by openssl, for the tests of signatures and of TLS. */

import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Signer } from '../../src/keys/keys.js';
import { createSigner } from '../../src/keys/software-keys.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { parsePemCertificates } from '../../src/x509/pem.js';

export interface Identity {
  readonly privateKey: KeyObject;
  readonly certificate: Certificate;
  readonly signer: Signer;
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly certificateFile: string;
}

export interface IssueOptions {
  readonly curve?: 'P-256' | 'P-384';
  /** For `subjectAltName`. */
  readonly names?: string;
  readonly days?: number;
}

export interface Pki {
  readonly folder: string;
  readonly caFile: string;
  readonly caPem: string;
  issue(name: string, options?: IssueOptions): Identity;
  remove(): void;
}

export function createPki(caName: string): Pki {
  const folder = mkdtempSync(join(tmpdir(), 'topaz-pki-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  const newKey = (name: string, curve: string | undefined): void => {
    openssl(
      'genpkey', '-out', file(`${name}.key`), '-algorithm', curve === undefined ? 'RSA' : 'EC',
      '-pkeyopt', curve === undefined ? 'rsa_keygen_bits:2048' : `ec_paramgen_curve:${curve}`,
    ); // prettier-ignore
  };
  newKey('ca', 'P-256');
  openssl(
    'req', '-x509', '-new', '-key', file('ca.key'), '-out', file('ca.pem'), '-days', '30', '-subj', `/CN=${caName}`,
    '-addext', 'keyUsage=critical,keyCertSign',
  ); // prettier-ignore
  return {
    folder,
    caFile: file('ca.pem'),
    caPem: readFileSync(file('ca.pem'), 'utf8'),
    issue: (name, { curve, names, days = 30 } = {}) => {
      newKey(name, curve);
      writeFileSync(
        file(`${name}.ext`),
        `basicConstraints=CA:FALSE\n${names === undefined ? '' : `subjectAltName=${names}\n`}`,
      );
      openssl(
        'req', '-new', '-key', file(`${name}.key`), '-out', file(`${name}.csr`), '-subj', `/C=BE/CN=${name}`,
      ); // prettier-ignore
      openssl(
        'x509', '-req', '-in', file(`${name}.csr`), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial',
        '-days', String(days), '-extfile', file(`${name}.ext`), '-out', file(`${name}.pem`),
      ); // prettier-ignore
      const keyPem = readFileSync(file(`${name}.key`), 'utf8');
      const certificatePem = readFileSync(file(`${name}.pem`), 'utf8');
      const [certificate] = parsePemCertificates(certificatePem);
      const privateKey = createPrivateKey(keyPem);
      if (certificate === undefined) {
        throw new Error('openssl made no certificate');
      }
      return {
        privateKey,
        certificate,
        signer: createSigner(privateKey, [certificate]),
        keyPem,
        certificatePem,
        certificateFile: file(`${name}.pem`),
      };
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
