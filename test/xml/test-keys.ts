/** Keys with certificates made by openssl, in files for the programs that judge. */

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Signer } from '../../src/keys/keys.js';
import { createSigner } from '../../src/keys/software-keys.js';
import { parsePemCertificates } from '../../src/x509/pem.js';
import type { Certificate } from '../../src/x509/certificate.js';

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly certificate: Certificate;
  readonly signer: Signer;
  /** PKCS#8. */
  readonly keyFile: string;
  readonly pemFile: string;
}

/** @param kind Bits of an RSA key, or a curve. */
export function makeKey(folder: string, name: string, kind: number | string): TestKey {
  const { privateKey } =
    typeof kind === 'number'
      ? generateKeyPairSync('rsa', { modulusLength: kind })
      : generateKeyPairSync('ec', { namedCurve: kind });
  const keyFile = join(folder, `${name}.key`);
  const pemFile = join(folder, `${name}.pem`);
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  execFileSync('openssl', [
    'req', '-x509', '-new', '-key', keyFile, '-out', pemFile, '-subj', `/CN=${name}`, '-days', '30',
  ], { stdio: 'pipe' }); // prettier-ignore
  const [certificate] = parsePemCertificates(readFileSync(pemFile, 'utf8'));
  if (certificate === undefined) throw new Error('no certificate');
  const signer = createSigner(privateKey, [certificate]);
  return { privateKey, certificate, signer, keyFile, pemFile };
}
