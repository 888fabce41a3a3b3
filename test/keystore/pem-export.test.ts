/** PEM: private keys leave encrypted, all of them, and openssl opens them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createPendingKeystore } from '../../src/keystore/keystore.js';
import { checkPem, writePem } from '../../src/keystore/pem-export.js';
import { hasProgram } from '../support/tools.js';
import { bytes, doctorKeystore, keyOf, PASSWORD, run } from './fixtures.js';

const folder = mkdtempSync(join(tmpdir(), 'topaz-pem-'));
const file = join(folder, 'doctor.pem');
const passwordFile = join(folder, 'password');
const keystore = doctorKeystore();
const NOW = new Date('2026-03-01T12:00:00Z');
let pem = '';

beforeAll(async () => {
  pem = await writePem(keystore, bytes(PASSWORD));
  await writeFile(file, pem);
  await writeFile(passwordFile, `${PASSWORD}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('no key in the clear, every key and certificate there, names before them', () => {
  expect(pem.match(/-----BEGIN [A-Z ]+-----/g)).toEqual([
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
    '-----BEGIN CERTIFICATE-----',
  ]);
  expect(pem.startsWith('authentication\n-----BEGIN')).toBe(true);
  for (const { alias } of keystore.encryption) {
    expect(pem).toContain(`\n${alias}\n-----BEGIN ENCRYPTED`);
  }
});

test('a placeholder is not written as a certificate', async () => {
  const pending = await writePem(createPendingKeystore(keyOf('doctor'), NOW), bytes(PASSWORD));
  expect(pending).not.toContain('BEGIN CERTIFICATE');
  expect(pending).toContain('BEGIN ENCRYPTED PRIVATE KEY');
});

test('a name cannot begin a block', async () => {
  const alias = '-----BEGIN PRIVATE KEY-----\nx';
  const unpairedKeys = [{ alias, privateKey: keyOf('labo') }];
  const text = await writePem({ ...keystore, unpairedKeys }, bytes(PASSWORD));
  expect(text).not.toContain('-----BEGIN PRIVATE KEY');
  expect(text.match(/BEGIN ENCRYPTED PRIVATE KEY/g)).toHaveLength(4);
});

describe('checkPem', () => {
  const check =
    (text: string, password = PASSWORD) =>
    (): void => {
      checkPem(bytes(text), keystore, bytes(password));
    };

  test('accepts what was written, refuses what differs', () => {
    expect(check(pem)).not.toThrow();
    const damaged = expect.objectContaining({ code: 'E_KEYSTORE_FORMAT' });
    expect(check(pem, 'another password')).toThrow(damaged);
    expect(check(pem.slice(0, pem.lastIndexOf('-----BEGIN ENCRYPTED')))).toThrow(damaged);
    expect(check('')).toThrow(damaged);
  });
});

(hasProgram('openssl', { required: false }) ? describe : describe.skip)('openssl', () => {
  const key = (text: string): Promise<{ status: number; stdout: string }> =>
    run('openssl', ['pkey', '-in', file, '-passin', `${text}:${passwordFile}`, '-pubout']);

  test('opens the first key with the password: the one of the first certificate', async () => {
    const { status, stdout } = await key('file');
    const certificate = await run('openssl', ['x509', '-in', file, '-noout', '-pubkey']);
    expect(status).toBe(0);
    expect(stdout).toBe(certificate.stdout);
  });

  test('does not open it with another one', async () => {
    const { status } = await run('openssl', [
      'pkey',
      '-in',
      file,
      '-passin',
      'pass:wrong password',
    ]);
    expect(status).not.toBe(0);
  });

  test('every block is PBES2 with AES-256 and many rounds', async () => {
    const { stdout } = await run('openssl', ['asn1parse', '-strictpem', '-in', file]);
    expect(stdout).toContain('aes-256-cbc');
    expect(stdout).toContain('hmacWithSHA256');
    expect(stdout).toContain(':C350');
  });
});
