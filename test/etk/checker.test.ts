/** One generated token for each error of the official checker (etee §1.4), and the order of the names. */

import { beforeAll, describe, expect, test } from '@jest/globals';

import { readEtk } from '../../src/etee/etk.js';
import { checkEtk } from '../../src/etee/verify-etk.js';
import { TopazError } from '../../src/errors.js';
import { basicConstraintsExtension, keyUsageExtension } from '../../src/x509/build.js';
import { createRegistrar, name } from './registrar.js';
import type { Registrar, Wrong } from './registrar.js';

const NOW = new Date('2026-03-01T09:00:00Z');
const ENDED = { notAfter: new Date('2026-01-01T00:00:00Z') };
const AHEAD = { notBefore: new Date('2027-01-01T00:00:00Z') };

let registrar: Registrar;

beforeAll(() => {
  registrar = createRegistrar();
});

/** The names that a token is refused with, whether it can be read or not. */
function errorsOf(bytes: Uint8Array): readonly string[] {
  try {
    return checkEtk(readEtk(bytes), { roots: [registrar.root], now: NOW });
  } catch (error) {
    if (error instanceof TopazError && error.code === 'E_ETK_INVALID') {
      return error.details?.['errors'] as readonly string[];
    }
    throw error;
  }
}

describe('a token', () => {
  test('in which nothing is wrong has no error', () => {
    expect(errorsOf(registrar.token({}))).toEqual([]);
  });

  const cases: readonly (readonly [string, Wrong | (() => Wrong)])[] = [
    ['ETK_ENCRYPTION_CERT_SIGNATURE_NOT_VALID', { encSigner: 'other' }],
    ['ETK_AUTHENTICATION_CERT_HAS_INVALID_KEY', { authKey: 'ec' }],
    ['ETK_CERTS_INVALID', { content: Buffer.from('no certificate') }],
    ['ETK_ENCRYPTION_CERT_EXPIRED', { enc: ENDED }],
    ['ETK_ENCRYPTION_CERT_NOT_YET_VALID', { enc: AHEAD }],
    ['ETK_AUTHENTICATION_CERT_EXPIRED', { auth: ENDED }],
    ['ETK_AUTHENTICATION_CERT_NOT_YET_VALID', { auth: AHEAD }],
    ['ETK_ENCRYPTION_CERT_HAS_INVALID_KEYUSAGE', { enc: { extensions: [keyUsageExtension(0x20)] } }],
    ['ETK_ENCRYPTION_CERT_HAS_INVALID_KEYUSAGE', { enc: { extensions: [basicConstraintsExtension(true), keyUsageExtension(0x30)] } }],
    ['ETK_AUTHENTICATION_CERT_HAS_INVALID_KEYUSAGE', { auth: { extensions: [keyUsageExtension(0x40)] } }],
    ['ETK_CERTS_DO_NOT_MATCH', { enc: { subject: name('SSIN=85061199814') } }],
    ['ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN', () => ({ chain: [registrar.root] })],
  ]; // prettier-ignore

  test.each(cases)('%s', (error, given) => {
    const wrong = typeof given === 'function' ? given() : given;
    expect(errorsOf(registrar.token(wrong))).toEqual([error]);
  });

  test('with several things wrong has their names in the official order', () => {
    const wrong = {
      auth: { ...ENDED, extensions: [keyUsageExtension(0x40)] },
      enc: { ...AHEAD, extensions: [keyUsageExtension(0x10)] },
      chain: [],
    };
    expect(errorsOf(registrar.token(wrong))).toEqual([
      'ETK_ENCRYPTION_CERT_NOT_YET_VALID',
      'ETK_AUTHENTICATION_CERT_EXPIRED',
      'ETK_ENCRYPTION_CERT_HAS_INVALID_KEYUSAGE',
      'ETK_AUTHENTICATION_CERT_HAS_INVALID_KEYUSAGE',
      'ETK_AUTHENTICATION_CERT_STATUS_UNKNOWN',
    ]);
  });

  test('may have its certificates in any order, the registration authority among them or not', () => {
    const { root, ca, ra } = registrar;
    for (const chain of [[root, ca], [ca], [root, ca, ra, root]]) {
      expect(errorsOf(registrar.token({ chain }))).toEqual([]);
    }
  });
});
