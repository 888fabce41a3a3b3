/** Which entry is for what: decided by keys and certificates, not by names. */

import { createPublicKey } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import { buildCertificate, keyUsageExtension } from '../../src/x509/build.js';
import { parseCertificate } from '../../src/x509/certificate.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { buildPlaceholder } from '../../src/keystore/placeholder.js';
import { assignRoles } from '../../src/keystore/roles.js';
import { EVER, named } from '../x509/make.js';
import { certificateOf, keyOf } from './fixtures.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const doctor = { name: 'authentication', privateKey: keyOf('doctor') };
const encryption = { name: 'x', privateKey: keyOf('doctor-encryption') };
const [doctorCertificate, encryptionCertificate, ca] = [
  'doctor',
  'doctor-encryption',
  'ehealth-ca',
].map(certificateOf) as [Certificate, Certificate, Certificate];

/** A certificate for the key of `name`, with this usage and start. */
function certificate(name: string, usage: number | undefined, year = 2020): Certificate {
  const publicKeyInfo = Uint8Array.from(
    createPublicKey(keyOf(name)).export({ type: 'spki', format: 'der' }),
  );
  return parseCertificate(
    buildCertificate(
      {
        ...EVER,
        serial: 5n,
        issuer: named('somebody'),
        subject: named(name),
        notBefore: new Date(Date.UTC(year, 0, 1)),
        publicKeyInfo,
        extensions: usage === undefined ? [] : [keyUsageExtension(usage)],
      },
      keyOf('ehealth-ca'),
    ),
  );
}

describe('assignRoles', () => {
  test('names do not count where the key usage is clear', () => {
    const roles = assignRoles({
      keys: [
        { name: 'authentication', privateKey: encryption.privateKey },
        { name: undefined, privateKey: doctor.privateKey },
      ],
      certificates: [ca, encryptionCertificate, doctorCertificate],
    });
    expect(roles.authentication.chain).toEqual([doctorCertificate, ca]);
    expect(roles.encryption.map(({ alias }) => alias)).toEqual([
      encryptionCertificate.serial.toString(),
    ]);
  });

  test('the encryption certificate never gets into the chain, although names fit', () => {
    const roles = assignRoles({
      keys: [doctor, encryption],
      certificates: [doctorCertificate, encryptionCertificate],
    });
    expect(roles.authentication.chain).toEqual([doctorCertificate]);
  });

  test('of two authentication keys the one that is called so wins, then the newer one', () => {
    const [old, young] = [certificate('doctor', 0x80, 2021), certificate('labo', 0x80, 2024)];
    const keys = (one: string | undefined, two: string | undefined) => [
      { name: one, privateKey: keyOf('doctor') },
      { name: two, privateKey: keyOf('labo') },
    ];
    const leaf = (one?: string, two?: string) =>
      assignRoles({ keys: keys(one, two), certificates: [old, young] });

    expect(leaf('Authentication', 'b').authentication.chain[0]).toBe(old);
    expect(leaf('a', 'b').authentication.chain[0]).toBe(young);
    expect(leaf().authentication.chain[0]).toBe(young);
    expect(leaf('a', 'b').unpairedKeys).toEqual([
      { alias: 'a', privateKey: expect.anything(), certificate: old },
    ]);
  });

  test('a delivered certificate beside the placeholder of the same key: ready', () => {
    const roles = assignRoles({
      keys: [doctor],
      certificates: [buildPlaceholder(doctor.privateKey, NOW), doctorCertificate],
    });
    expect(roles.state).toBe('ready');
    expect(roles.authentication.chain).toEqual([doctorCertificate]);
  });

  test('a placeholder alone: pending, with the old encryption keys', () => {
    const roles = assignRoles({
      keys: [doctor, encryption],
      certificates: [buildPlaceholder(doctor.privateKey, NOW), encryptionCertificate],
    });
    expect(roles.state).toBe('pending');
    expect(roles.encryption).toHaveLength(1);
  });

  test('a key that waits for its encryption certificate is not the one that authenticates', () => {
    const waiting = { name: 'pending-encryption', privateKey: keyOf('labo') };
    const roles = assignRoles({
      keys: [waiting, { ...doctor, name: undefined }],
      certificates: [
        buildPlaceholder(waiting.privateKey, NOW),
        buildPlaceholder(doctor.privateKey, NOW),
      ],
    });
    expect(roles.authentication.privateKey.equals(doctor.privateKey)).toBe(true);
    expect(roles.unpairedKeys?.map(({ alias }) => alias)).toEqual(['pending-encryption']);
    expect(() =>
      assignRoles({ keys: [waiting], certificates: [buildPlaceholder(waiting.privateKey, NOW)] }),
    ).toThrow(expect.objectContaining({ code: 'E_KEYSTORE_INCOMPLETE' }));
  });

  test('without key usage a certificate may authenticate', () => {
    const roles = assignRoles({
      keys: [{ name: 'anything', privateKey: keyOf('doctor') }],
      certificates: [certificate('doctor', undefined)],
    });
    expect(roles.state).toBe('ready');
  });

  test('four usages: it authenticates', () => {
    const all = certificate('doctor', 0xf0);
    const roles = assignRoles({ keys: [doctor], certificates: [all] });
    expect(roles.authentication.chain).toEqual([all]);
    expect(roles.encryption).toEqual([]);
  });

  test('one key with an authentication and an encryption certificate keeps both', () => {
    const roles = assignRoles({
      keys: [doctor],
      certificates: [doctorCertificate, certificate('doctor', 0x30)],
    });
    expect(roles.authentication.chain).toEqual([doctorCertificate]);
    expect(roles.encryption).toHaveLength(1);
  });

  test('a key that occurs twice is one', () => {
    const roles = assignRoles({
      keys: [{ ...doctor, name: 'copy' }, doctor, doctor],
      certificates: [doctorCertificate],
    });
    expect(roles.unpairedKeys).toBeUndefined();
  });

  test('a signature key without a role is kept', () => {
    const signature = certificate('labo', 0x40);
    const roles = assignRoles({
      keys: [doctor, { name: undefined, privateKey: keyOf('labo') }],
      certificates: [doctorCertificate, signature],
    });
    expect(roles.unpairedKeys).toEqual([
      { alias: 'key-1', privateKey: expect.anything(), certificate: signature },
    ]);
  });
});
