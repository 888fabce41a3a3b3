/**
 * Keystores made by the programs of the world, on the spot: openssl, keytool, BouncyCastle, node-forge, and files in
 * the layout of Windows.
 *
 * @module
 */

import { execFile } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect } from '@jest/globals';

import { bmpString, context, integer, nullValue, octetString, oid, sequence, set, setOf } from '../../src/der/writer.js'; // prettier-ignore
import { passwordForms } from '../../src/keystore/password.js';
import { encryptOld3Des } from '../../src/keystore/pbe.js';
import { derivePkcs12, KDF_PURPOSE } from '../../src/keystore/pkcs12-kdf.js';
import { hasProgram } from '../support/tools.js';
import { bytes, certificateOf, keyOf, PASSWORD, run } from './fixtures.js';

export const BOUNCY = '/usr/share/java/bcprov.jar';
const PKI = resolve('fixtures/pki');

/** Whether every program that the matrix needs is here. */
export const hasJudges = (): boolean =>
  ['openssl', 'keytool', 'javac'].every((name) => hasProgram(name)) && existsSync(BOUNCY);

/** What topaz must find in a file. */
export interface Expected {
  /** Serial numbers of encryption certificates, decimal, oldest first. */
  readonly encryption: readonly string[];
  readonly chain: number;
}

export interface ForeignFile {
  readonly writer: string;
  readonly layout: string;
  readonly path: string;
  readonly expected: Expected;
}

const ALONE: Expected = { encryption: [], chain: 2 };
const LEAF: Expected = { encryption: [], chain: 1 };
const ALL: Expected = {
  encryption: ['old-encryption', 'doctor-encryption'].map((name) => certificateOf(name).serial.toString(10)), // prettier-ignore
  chain: 2,
};

/** Fails with what the program said. */
export async function must(program: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(program, args);
  if (status !== 0) {
    throw new Error(`${program}: ${stderr}${stdout}`);
  }
  return stdout;
}

/** Runs `Stores.java`, compiled once into the folder. */
export async function stores(
  folder: string,
  ...ops: readonly string[]
): Promise<readonly string[]> {
  if (!existsSync(join(folder, 'Stores.class'))) {
    await must('javac', ['-cp', BOUNCY, '-d', folder, resolve('test/keystore/Stores.java')]);
  }
  const out = await must('java', ['-XX:TieredStopAtLevel=1', '-cp', `${folder}:${BOUNCY}`, 'Stores', join(folder, 'password'), ...ops]); // prettier-ignore
  return out.trimEnd().split('\n');
}

type Variant = readonly [layout: string, flags: readonly string[], expected?: Expected];

const CSP = ['-CSP', 'Microsoft Enhanced RSA and AES Cryptographic Provider', '-LMK'] as const;
const OLD_KEYS = ['-keypbe', 'PBE-SHA1-3DES', '-macalg', 'sha1', '-iter', '2000'] as const;

const OPENSSL: readonly Variant[] = [
  ['default: PBES2, AES-256, MAC SHA-256', []],
  ['-legacy: 3DES, certificates RC2-40, MAC SHA-1', ['-legacy']],
  ['3DES for all, MAC SHA-1', ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']], // prettier-ignore
  ['two-key 3DES, certificates RC2-128', ['-legacy', '-keypbe', 'PBE-SHA1-2DES', '-certpbe', 'PBE-SHA1-RC2-128', '-macalg', 'sha1']], // prettier-ignore
  ['RC2-40 for all', ['-legacy', '-keypbe', 'PBE-SHA1-RC2-40', '-certpbe', 'PBE-SHA1-RC2-40', '-macalg', 'sha1']], // prettier-ignore
  ['AES-128 and AES-192, MAC SHA-512', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-192-CBC', '-macalg', 'sha512']], // prettier-ignore
  ['certificates in the clear', ['-certpbe', 'NONE']],
  ['key and certificates in the clear', ['-keypbe', 'NONE', '-certpbe', 'NONE']],
  ['600 000 rounds', ['-iter', '600000']],
];

const WINDOWS: readonly Variant[] = [
  ['CSP name, 3DES, certificates RC2-40, 2000 rounds', [...CSP, ...OLD_KEYS, '-legacy', '-certpbe', 'PBE-SHA1-RC2-40']], // prettier-ignore
  ['CSP name, AES-256, MAC SHA-256, 2000 rounds', [...CSP, '-iter', '2000']],
];

/** Makes all of them in a folder that holds the file `password`. */
export async function makeForeign(folder: string): Promise<readonly ForeignFile[]> {
  const at = (name: string): string => join(folder, name);
  const files: ForeignFile[] = [];
  const work: Promise<unknown>[] = [];
  const byOpenssl = (writer: string, [layout, flags, expected = ALONE]: Variant, index: number) => {
    const path = at(`${writer}-${index}.p12`.replaceAll(' ', '-'));
    files.push({ writer, layout, path, expected });
    const name = writer === 'openssl 3' ? ['-name', 'authentication'] : [];
    work.push(must('openssl', ['pkcs12', '-export', ...flags, '-inkey', join(PKI, 'doctor.key'), '-in', join(PKI, 'doctor.crt'), '-certfile', join(PKI, 'ehealth-ca.crt'), ...name, '-passout', `file:${at('password')}`, '-out', path])); // prettier-ignore
  };
  OPENSSL.forEach((variant, index) => {
    byOpenssl('openssl 3', variant, index);
  });
  WINDOWS.forEach((variant, index) => {
    byOpenssl('Windows layout', variant, index);
  });
  const [made, java] = await Promise.all([
    Promise.all([handMade(at('windows.p12')), byForge(folder)]),
    byJava(folder),
    ...work,
  ]);
  return [...files, ...made.flat(), ...java];
}

/** Three keys, which openssl cannot write into one file: put together by BouncyCastle, copied by keytool. */
async function byJava(folder: string): Promise<readonly ForeignFile[]> {
  const at = (name: string): string => join(folder, name);
  const parts = ['old-encryption', 'doctor', 'doctor-encryption'].map((name) => ({ name, path: at(`part-${name}.p12`) })); // prettier-ignore
  await Promise.all(
    parts.map(({ name, path }) => {
      const alias = name === 'doctor' ? 'authentication' : certificateOf(name).serial.toString(10);
      const issuers = name === 'doctor' ? ['-certfile', join(PKI, 'ehealth-ca.crt')] : [];
      return must('openssl', ['pkcs12', '-export', '-inkey', join(PKI, `${name}.key`), '-in', join(PKI, `${name}.crt`), ...issuers, '-name', alias, '-passout', `file:${at('password')}`, '-out', path]); // prettier-ignore
    }),
  );
  await stores(folder, 'write', 'BC', at('bc.p12'), parts.map(({ path }) => path).join(','));
  const copy = async (out: string, flags: readonly string[]): Promise<string> => {
    await must('keytool', ['-J-XX:TieredStopAtLevel=1', ...flags, '-importkeystore', '-noprompt', '-srckeystore', at('bc.p12'), '-srcstoretype', 'PKCS12', '-srcstorepass:file', at('password'), '-destkeystore', at(out), '-deststoretype', 'PKCS12', '-deststorepass:file', at('password')]); // prettier-ignore
    return at(out);
  };
  const [modern, legacy] = await Promise.all([
    copy('keytool.p12', []),
    copy('keytool-legacy.p12', ['-J-Dkeystore.pkcs12.legacy']),
  ]);
  return [
    { writer: 'keytool 17', layout: 'default: PBES2, AES-256, MAC SHA-256', path: modern, expected: ALL }, // prettier-ignore
    { writer: 'keytool 17', layout: 'legacy: 3DES, certificates RC2-40, 50 000 rounds', path: legacy, expected: ALL }, // prettier-ignore
    { writer: 'BouncyCastle', layout: 'BER, 3DES, certificates RC2-40, 51 200 rounds', path: at('bc.p12'), expected: ALL }, // prettier-ignore
  ];
}

/** forge reads no certificate that is signed with ECDSA: it gets one that the key signed itself. */
async function byForge(folder: string): Promise<readonly ForeignFile[]> {
  const certificate = await must('openssl', ['req', '-x509', '-key', join(PKI, 'doctor.key'), '-subj', '/CN=SSIN=79021599732', '-days', '2', '-addext', 'keyUsage=digitalSignature']); // prettier-ignore
  const variants: readonly [string, Record<string, unknown>][] = [
    ['default: PBES2 with HMAC-SHA-1, AES-128, clear certificates', {}],
    ['AES-256, HMAC-SHA-256, 10 000 rounds', { algorithm: 'aes256', prfAlgorithm: 'sha256', count: 10_000 }], // prettier-ignore
    ['3DES', { algorithm: '3des' }],
  ];
  const files = variants.map(([layout, options], index) => ({ layout, options, path: join(folder, `forge-${index}.p12`) })); // prettier-ignore
  await byForgeItself({ write: { key: join(PKI, 'doctor.key'), certificate, files } });
  return files.map(({ layout, path }) => ({ writer: 'node-forge', layout, path, expected: LEAF }));
}

/** Runs `forge.mjs`. */
export async function byForgeItself(input: Readonly<Record<string, unknown>>): Promise<unknown> {
  const child = execFile(process.execPath, [resolve('test/keystore/forge.mjs')]);
  const out: string[] = [];
  child.stdout?.on('data', (text: string) => out.push(text));
  child.stdin?.end(JSON.stringify({ password: PASSWORD, ...input }));
  const [status] = (await once(child, 'close')) as [number];
  expect(status).toBe(0);
  return JSON.parse(out.join(''));
}

const OID = {
  data: '1.2.840.113549.1.7.1',
  shrouded: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  csp: '1.3.6.1.4.1.311.17.1',
  sha1: '1.3.14.3.2.26',
} as const;

/** What Windows exported for long: a GUID for a name, an id of four bytes, certificates not encrypted. */
async function handMade(path: string): Promise<ForeignFile> {
  const forms = passwordForms(bytes(PASSWORD));
  const localKeyId = sequence(oid(OID.localKeyId), set(octetString(Uint8Array.of(1, 0, 0, 0))));
  const pkcs8 = keyOf('doctor').export({ type: 'pkcs8', format: 'der' });
  const { algorithm, ciphertext } = await encryptOld3Des(pkcs8, forms, 2000);
  const names = [OID.friendlyName, OID.csp].map(
    (id, index) =>
    sequence(oid(id), set(bmpString(index === 0 ? '{4F2E9C1A-0000-4000-8000-0123456789AB}' : 'Microsoft Software Key Storage Provider'))), // prettier-ignore
  );
  const keyBag = sequence(
    oid(OID.shrouded),
    context(0, sequence(algorithm, octetString(ciphertext))),
    setOf(localKeyId, ...names),
  );
  const certificates = ['ehealth-ca', 'doctor'].map((name) => {
    const value = sequence(oid(OID.x509), context(0, octetString(certificateOf(name).der)));
    return sequence(oid(OID.certBag), context(0, value), ...(name === 'doctor' ? [setOf(localKeyId)] : [])); // prettier-ignore
  });
  const data = (...bags: readonly Uint8Array[]): Uint8Array =>
    sequence(oid(OID.data), context(0, octetString(sequence(...bags))));
  const safe = sequence(data(keyBag), data(...certificates));
  const salt = randomBytes(20);
  const key = await derivePkcs12({ hash: 'sha1', purpose: KDF_PURPOSE.mac, password: forms.bmp[0]!, salt, iterations: 2000, length: 20 }); // prettier-ignore
  const mac = createHmac('sha1', key).update(safe).digest();
  const digestInfo = sequence(sequence(oid(OID.sha1), nullValue()), octetString(mac));
  writeFileSync(path, sequence(integer(3), sequence(oid(OID.data), context(0, octetString(safe))), sequence(digestInfo, octetString(salt), integer(2000)))); // prettier-ignore
  return { writer: 'Windows layout', layout: 'id of four bytes, 3DES, clear certificates, CA first', path, expected: ALONE }; // prettier-ignore
}
