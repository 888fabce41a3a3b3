/** CMS structures that are almost right: each is malformed, none is read for something else. */

import { createHash } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';

import {
  PSS_SHA256_IDENTIFIER,
  readAlgorithm,
  SHA256_IDENTIFIER,
} from '../../src/cms/algorithms.js';
import { encodeContentInfo } from '../../src/cms/content-info.js';
import { encodeIssuerAndSerial, identifies, readEntity } from '../../src/cms/entity.js';
import { readSignedData } from '../../src/cms/signed-data.js';
import { readSignerInfo } from '../../src/cms/signer-info.js';
import { contentOf, signatureScheme, verifySigner } from '../../src/cms/verify.js';
import { OID_DATA, OID_ENVELOPED_DATA, OID_SIGNED_DATA } from '../../src/der/oids.js';
import { readDer } from '../../src/der/reader.js';
import {
  concat,
  context,
  contextPrimitive,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  set,
  setOf,
  utcTime,
} from '../../src/der/writer.js';
import { certificateOf, signerOf } from '../etee/pki.js';
import { decrypt, readEnveloped, readSigned } from './encode.js';

const sender = signerOf('sender');
const content = Buffer.from('content');
const data = contentOf(OID_DATA, content);
const PSS = '1.2.840.113549.1.1.10';

const attribute = (type: string, ...values: readonly Uint8Array[]): Uint8Array =>
  sequence(oid(type), set(...values));
const contentType = attribute('1.2.840.113549.1.9.3', oid(OID_DATA));
const digest = attribute(
  '1.2.840.113549.1.9.4',
  octetString(createHash('sha256').update(content).digest()),
);

/** A signer whose signature really covers the attributes given, in the order given or in DER order. */
async function signer(
  attributes: readonly Uint8Array[],
  {
    signedOrder = setOf(...attributes),
    algorithm = PSS_SHA256_IDENTIFIER,
    digestAlgorithm = SHA256_IDENTIFIER,
  } = {},
): Promise<Uint8Array> {
  return sequence(
    integer(1),
    encodeIssuerAndSerial(sender.certificate),
    digestAlgorithm,
    context(0, ...attributes),
    algorithm,
    octetString(await sender.sign('rsa-pss-sha256', signedOrder)),
  );
}

async function outcome(...args: Parameters<typeof signer>): Promise<string> {
  const info = readSignerInfo(readDer(await signer(...args)));
  return verifySigner(info, data, sender.certificate.publicKey);
}

describe('signed attributes', () => {
  test('the signature covers DER order, whatever order they are written in', async () => {
    expect(await outcome([contentType, digest])).toBe('valid');
    expect(await outcome([digest, contentType])).toBe('valid');
    expect(await outcome([digest, contentType], { signedOrder: set(digest, contentType) })).toBe(
      'mismatch',
    );
  });

  test.each([
    ['no content type', [digest]],
    ['no digest', [contentType]],
    ['content type twice', [contentType, contentType, digest]],
    [
      'a digest with two values',
      [contentType, attribute('1.2.840.113549.1.9.4', octetString(content), octetString(content))],
    ],
    ['a digest that is no string', [contentType, attribute('1.2.840.113549.1.9.4', integer(1))]],
    [
      'a digest cut short',
      [
        contentType,
        attribute(
          '1.2.840.113549.1.9.4',
          octetString(createHash('sha256').update(content).digest().subarray(0, 16)),
        ),
      ],
    ],
    ['another content type', [attribute('1.2.840.113549.1.9.3', oid(OID_SIGNED_DATA)), digest]],
    [
      'a signing time that is none',
      [contentType, digest, attribute('1.2.840.113549.1.9.5', integer(1))],
    ],
    [
      'protection of another digest',
      [
        contentType,
        digest,
        attribute(
          '1.2.840.113549.1.9.52',
          sequence(
            sequence(oid('1.3.14.3.2.26')),
            contextPrimitive(1, PSS_SHA256_IDENTIFIER.subarray(2)),
          ),
        ),
      ],
    ],
    [
      'protection without the signature',
      [contentType, digest, attribute('1.2.840.113549.1.9.52', sequence(SHA256_IDENTIFIER))],
    ],
  ])('%s cannot be verified', async (_, attributes) => {
    expect(await outcome(attributes)).toBe('unverifiable');
  });

  test('an empty set of attributes does not stand for none', async () => {
    expect(await outcome([])).toBe('unverifiable');
  });

  test('a signing time that fits', async () => {
    const time = attribute('1.2.840.113549.1.9.5', utcTime(new Date('2026-03-01T08:02:00Z')));
    expect(await outcome([contentType, digest, time])).toBe('valid');
  });

  test('an attribute that is not DER is malformed', async () => {
    const open = concat(
      Uint8Array.of(0x30, 0x80),
      oid('1.2.3'),
      set(nullValue()),
      Uint8Array.of(0, 0),
    );
    const bytes = await signer([contentType, digest, open]);
    const message = encodeContentInfo(
      OID_SIGNED_DATA,
      sequence(
        integer(1),
        setOf(SHA256_IDENTIFIER),
        sequence(oid(OID_DATA), context(0, octetString(content))),
        setOf(bytes),
      ),
    );
    expect(() => readSignedData(message)).toThrow(
      expect.objectContaining({ code: 'E_ASN1_MALFORMED' }),
    );
  });

  test('an empty list of unsigned attributes is tolerated, as the official library writes it', async () => {
    const bytes = await signer([contentType, digest]);
    const inside = readDer(bytes).content;
    const info = readSignerInfo(readDer(sequence(inside, Uint8Array.of(0xa1, 0))));
    expect(verifySigner(info, data, sender.certificate.publicKey)).toBe('valid');
  });
});

describe('parameters of PSS', () => {
  const sha256 = SHA256_IDENTIFIER;
  const mgf = sequence(oid('1.2.840.113549.1.1.8'), sha256);
  test.each([
    ['none', []],
    ['a mask of another digest', [sequence(context(0, sha256))]],
    [
      'a mask that is not MGF1',
      [sequence(context(0, sha256), context(1, sequence(oid('1.2.3'), sha256)))],
    ],
    [
      'another trailer',
      [
        sequence(
          context(0, sha256),
          context(1, mgf),
          context(2, integer(32)),
          context(3, integer(2)),
        ),
      ],
    ],
    ['fields in another order', [sequence(context(1, mgf), context(0, sha256))]],
    ['an unknown digest', [sequence(context(0, sequence(oid('1.2.3'))))]],
    ['a negative salt', [sequence(context(0, sha256), context(1, mgf), context(2, integer(-1)))]],
    ['something else', [integer(1)]],
  ])('%s: no scheme, no signature', async (_, parameters) => {
    const algorithm = sequence(oid(PSS), ...parameters);
    const info = readSignerInfo(readDer(await signer([contentType, digest], { algorithm })));
    expect(signatureScheme(info)).toBeUndefined();
    expect(verifySigner(info, data, sender.certificate.publicKey)).toBe('unverifiable');
  });

  test('another salt length than the one signed with', async () => {
    const algorithm = sequence(
      oid(PSS),
      sequence(context(0, sha256), context(1, mgf), context(2, integer(20))),
    );
    expect(await outcome([contentType, digest], { algorithm })).toBe('mismatch');
  });
});

describe('frames', () => {
  const signed = (...parts: readonly Uint8Array[]): Uint8Array =>
    encodeContentInfo(OID_SIGNED_DATA, sequence(...parts));
  const algorithms = setOf(SHA256_IDENTIFIER);
  const body = sequence(oid(OID_DATA), context(0, octetString(content)));

  test('the smallest signed data', () => {
    expect(readSignedData(signed(integer(1), algorithms, body, setOf()))).toEqual({
      contentType: OID_DATA,
      content: Uint8Array.from(content),
      certificates: [],
      signers: [],
    });
  });

  test.each([
    [
      'another type',
      encodeContentInfo(OID_ENVELOPED_DATA, sequence(integer(1), algorithms, body, setOf())),
    ],
    ['no version', signed(algorithms, body, setOf())],
    ['version 2', signed(integer(2), algorithms, body, setOf())],
    ['no signers', signed(integer(1), algorithms, body)],
    ['a signer that is none', signed(integer(1), algorithms, body, setOf(integer(1)))],
    ['something after the signers', signed(integer(1), algorithms, body, setOf(), setOf())],
    [
      'content that is no string',
      signed(integer(1), algorithms, sequence(oid(OID_DATA), context(0, integer(1))), setOf()),
    ],
    [
      'two contents',
      signed(
        integer(1),
        algorithms,
        sequence(oid(OID_DATA), context(0, octetString(content), octetString(content))),
        setOf(),
      ),
    ],
    ['no content info', sequence(integer(1))],
    [
      'a content info with more',
      sequence(oid(OID_SIGNED_DATA), context(0, sequence()), nullValue()),
    ],
    ['a string', octetString(content)],
  ])('signed data: %s', async (_, bytes) => {
    const malformed = expect.objectContaining({ code: 'E_ASN1_MALFORMED' });
    expect(() => readSignedData(bytes)).toThrow(malformed);
    for (const chunkBytes of [1, 7, 1000]) {
      await expect(readSigned(bytes, chunkBytes)).rejects.toEqual(malformed);
    }
  });

  const enveloped = (...parts: readonly Uint8Array[]): Uint8Array =>
    encodeContentInfo(OID_ENVELOPED_DATA, sequence(...parts));
  const encrypted = sequence(
    oid(OID_DATA),
    sequence(oid('2.16.840.1.101.3.4.1.2'), octetString(new Uint8Array(16))),
    contextPrimitive(0, new Uint8Array(16)),
  );

  test('recipients of other kinds are passed over', async () => {
    const password = context(3, integer(0), sequence(octetString(content)));
    expect(await readEnveloped(enveloped(integer(3), setOf(password), encrypted))).toMatchObject({
      recipients: [],
      secretKeys: [],
    });
  });

  test('a secret key is named', async () => {
    const wrap = sequence(oid('2.16.840.1.101.3.4.1.5'));
    const kek = context(2, integer(4), sequence(octetString(content)), wrap, octetString(content));
    expect(await readEnveloped(enveloped(integer(2), setOf(kek), encrypted))).toMatchObject({
      secretKeys: [{ keyIdentifier: content, algorithm: { oid: '2.16.840.1.101.3.4.1.5' } }],
    });
  });

  test.each([
    ['version 9', enveloped(integer(9), setOf(), encrypted)],
    ['no content', enveloped(integer(0), setOf())],
    [
      'no ciphertext',
      enveloped(integer(0), setOf(), sequence(oid(OID_DATA), sequence(oid('1.2.3')))),
    ],
    ['a recipient that is none', enveloped(integer(0), setOf(sequence(integer(0))), encrypted)],
    ['a secret key that is none', enveloped(integer(2), setOf(context(2, integer(4))), encrypted)],
    ['something after the content', enveloped(integer(0), setOf(), encrypted, nullValue())],
  ])('enveloped data: %s', async (_, bytes) => {
    for (const chunkBytes of [1, 7, 1000]) {
      await expect(readEnveloped(bytes, chunkBytes)).rejects.toMatchObject({
        code: 'E_ASN1_MALFORMED',
      });
    }
  });
});

describe('who is meant', () => {
  const other = certificateOf('other-auth');

  test('issuer and serial number, both', () => {
    const entity = readEntity(readDer(encodeIssuerAndSerial(sender.certificate)));
    expect(identifies(entity, sender.certificate)).toBe(true);
    expect(identifies(entity, { ...other, serial: sender.certificate.serial })).toBe(true);
    expect(identifies(entity, other)).toBe(false);
    expect(
      identifies(entity, { ...sender.certificate, issuer: certificateOf('other-enc').issuer }),
    ).toBe(false);
  });

  test('an issuer that is no name means nobody', () => {
    const entity = readEntity(readDer(sequence(integer(1), integer(sender.certificate.serial))));
    expect(identifies(entity, sender.certificate)).toBe(false);
  });

  test('a key identifier, in the certificate or computed', () => {
    const { subjectKeyIdentifier } = sender.certificate;
    const entity = readEntity(readDer(contextPrimitive(0, subjectKeyIdentifier!)));
    expect(identifies(entity, sender.certificate)).toBe(true);
    expect(identifies(entity, { ...sender.certificate, subjectKeyIdentifier: undefined })).toBe(
      true,
    );
    expect(identifies(entity, other)).toBe(false);
    expect(identifies(readEntity(readDer(contextPrimitive(0, new Uint8Array()))), other)).toBe(
      false,
    );
  });
});

describe('ciphers', () => {
  test('GCM with a wrong tag, or none, has no content', async () => {
    for (const encrypted of [new Uint8Array(0), new Uint8Array(12), new Uint8Array(40)]) {
      const algorithm = readAlgorithm(
        readDer(sequence(oid('2.16.840.1.101.3.4.1.6'), sequence(octetString(new Uint8Array(12))))),
      );
      expect(await decrypt(algorithm, new Uint8Array(16), encrypted)).toBeUndefined();
    }
  });

  test('an unknown cipher has no content', async () => {
    const algorithm = readAlgorithm(readDer(sequence(oid('1.2.3'))));
    expect(await decrypt(algorithm, new Uint8Array(16), content)).toBeUndefined();
  });
});
