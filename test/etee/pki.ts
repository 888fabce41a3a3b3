/**
 * The keys and certificates of `fixtures/cms`, made by openssl.
 *
 * @module
 */

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { readEtk, type Etk } from '../../src/etee/etk.js';
import type { Decrypter, Signer } from '../../src/keys/keys.js';
import { createDecrypter, createSigner } from '../../src/keys/software-keys.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { parsePemCertificates } from '../../src/x509/pem.js';

export type HolderName = 'sender' | 'recipient' | 'other' | 'stranger' | 'expired';

export const FIXTURES = resolve('fixtures/cms');
export const pkiPath = (name: string): string => resolve(FIXTURES, 'pki', name);

/** When the messages of the fixtures were sealed. */
export const MADE_AT = new Date(
  readFileSync(resolve(FIXTURES, 'oracle/made-at.txt'), 'utf8').trim(),
);
export const MESSAGE = readBytes(resolve(FIXTURES, 'oracle/message.txt'));

export function readBytes(path: string): Uint8Array {
  return Uint8Array.from(readFileSync(path));
}

export function certificateOf(name: string): Certificate {
  return parsePemCertificates(readFileSync(pkiPath(`${name}.pem`), 'utf8'))[0]!;
}

export const ROOTS = [certificateOf('root')];

const keyOf = (name: string): ReturnType<typeof createPrivateKey> =>
  createPrivateKey(readFileSync(pkiPath(`${name}.key`)));

export function signerOf(
  name: HolderName,
  issuers: readonly string[] = name === 'stranger' ? ['evil-ca', 'evil-root'] : ['ca', 'root'],
): Signer {
  return createSigner(keyOf(`${name}-auth`), [
    certificateOf(`${name}-auth`),
    ...issuers.map((issuer) => certificateOf(issuer)),
  ]);
}

export const decrypterOf = (name: HolderName): Decrypter =>
  createDecrypter(keyOf(`${name}-enc`), certificateOf(`${name}-enc`));

export const tokenOf = (name: HolderName): Uint8Array => readBytes(pkiPath(`${name}.etk`));
export const etkOf = (name: HolderName): Etk => readEtk(tokenOf(name));

/** The etee oracle's message of a kind, and its verdict. */
export function oracleMessage(kind: string): Uint8Array {
  return readBytes(resolve(FIXTURES, 'oracle', `${kind}.sealed`));
}

export interface OracleVerdict {
  readonly fatal: string | null;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly contentBytes: number | null;
}

export const oracleVerdict = (kind: string): OracleVerdict =>
  JSON.parse(readFileSync(resolve(FIXTURES, 'oracle', `${kind}.json`), 'utf8')) as OracleVerdict;
