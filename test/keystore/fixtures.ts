/**
 * The keystores and certificates of `fixtures`, and runs of the programs that judge ours.
 *
 * @module
 */

import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Keystore } from '../../src/keystore/keystore.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { parsePemCertificates } from '../../src/x509/pem.js';

export const PASSWORD = 'fixture only 1234';
export const ACCENTS = 'mot de passe à é ö';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const keystoreFile = (name: string): string => resolve('fixtures/keystore', `${name}.p12`);
export const keystoreBytes = (name: string): Uint8Array => readFileSync(keystoreFile(name));

export const certificateOf = (name: string): Certificate =>
  parsePemCertificates(readFileSync(resolve('fixtures/pki', `${name}.crt`), 'utf8'))[0]!;

export const keyOf = (name: string): KeyObject =>
  createPrivateKey(readFileSync(resolve('fixtures/pki', `${name}.key`)));

/** Doctor's keystore with a current and an old encryption key. */
export function doctorKeystore(): Keystore {
  const entry = (name: string): Keystore['encryption'][number] => {
    const certificate = certificateOf(name);
    return { alias: certificate.serial.toString(10), privateKey: keyOf(name), certificate };
  };
  return {
    state: 'ready',
    authentication: {
      privateKey: keyOf('doctor'),
      chain: [certificateOf('doctor'), certificateOf('ehealth-ca')],
    },
    encryption: [entry('old-encryption'), entry('doctor-encryption')],
  };
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; a status other than 0 is a result. */
export const run = (program: string, args: readonly string[]): Promise<Ran> =>
  new Promise((done) => {
    execFile(program, [...args], { encoding: 'utf8' }, (error, stdout, stderr) => {
      done({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
