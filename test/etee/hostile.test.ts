/** Messages that someone cut, bent or forged: never a content that the sender did not seal. */

import {
  createHash,
  privateEncrypt,
  publicEncrypt,
  constants,
  createPrivateKey,
} from 'node:crypto';
import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { encodeContentInfo } from '../../src/cms/content-info.js';
import { encodeIssuerAndSerial } from '../../src/cms/entity.js';
import { signContent } from '../../src/cms/sign.js';
import {
  PSS_SHA256_IDENTIFIER,
  RSA_IDENTIFIER,
  SHA256_IDENTIFIER,
} from '../../src/cms/algorithms.js';
import {
  OID_AES128_CBC,
  OID_DATA,
  OID_ENVELOPED_DATA,
  OID_SIGNED_DATA,
} from '../../src/der/oids.js';
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
} from '../../src/der/writer.js';
import { SealError } from '../../src/etee/seal-error.js';
import { unseal, type Unsealed, type UnsealOptions } from '../../src/etee/unseal.js';
import type { Signer } from '../../src/keys/keys.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { encodeEnvelopedData, encodeSignedData, encryptContent } from '../cms/encode.js';
import {
  certificateOf,
  decrypterOf,
  MADE_AT,
  MESSAGE,
  oracleMessage,
  pkiPath,
  ROOTS,
  signerOf,
} from './pki.js';

const sender = signerOf('sender');
const decrypters = [decrypterOf('recipient')];
const recipient = certificateOf('recipient-enc');

const open = (sealed: Uint8Array, more: Partial<UnsealOptions> = {}): Promise<Unsealed> =>
  unseal(sealed, { decrypters, roots: ROOTS, now: MADE_AT, ...more });

/** `opened` with its verdict, or the fatal name. */
async function outcome(sealed: Uint8Array, more: Partial<UnsealOptions> = {}): Promise<string> {
  try {
    const opened = await open(sealed, more);
    return [opened.verdict, ...opened.errors].join(' ');
  } catch (error) {
    if (error instanceof SealError) {
      return [error.fatal, ...error.errors].join(' ');
    }
    throw error;
  }
}

/** Fails unless the message is refused, or opens with exactly what was sealed by exactly that sender. */
async function expectNoForgery(sealed: Uint8Array): Promise<boolean> {
  try {
    const opened = await open(sealed);
    if (opened.verdict === 'refused') {
      return true;
    }
    expect(Buffer.compare(opened.content, MESSAGE)).toBe(0);
    expect(Buffer.compare(opened.sender.certificate.der, sender.certificate.der)).toBe(0);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(SealError);
    return true;
  }
}

interface SignOptions {
  readonly by?: Signer;
  readonly certificates?: readonly Certificate[];
  readonly algorithm?: 'rsa-pss-sha256' | 'rsa-sha256';
  readonly now?: Date;
  /** What the signature says it covers, where that is not the content. */
  readonly digestOf?: Uint8Array;
  readonly contentType?: string;
}

async function signed(
  content: Uint8Array,
  {
    by = sender,
    certificates = [],
    algorithm = 'rsa-pss-sha256',
    now = MADE_AT,
    digestOf = content,
    contentType = OID_DATA,
  }: SignOptions = {},
): Promise<Uint8Array> {
  return encodeSignedData({
    contentType: OID_DATA,
    content,
    certificates: certificates.map(({ der }) => der),
    signerInfos: [
      await signContent(createHash('sha256').update(digestOf).digest(), {
        signer: by,
        algorithm,
        contentType,
        now,
      }),
    ],
  });
}

const outerOf = (middle: Uint8Array, options: SignOptions = {}): Promise<Uint8Array> =>
  signed(middle, { certificates: sender.chain, ...options });

const wrap = async (inner: Uint8Array, options: SignOptions = {}): Promise<Uint8Array> =>
  outerOf(encodeEnvelopedData(inner, [recipient]), options);

const flip = (bytes: Uint8Array, at: number, bit: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ (1 << bit) : byte));

/** About `count` places, spread evenly, each with another bit. */
const places = (length: number, count: number): readonly { at: number; bit: number }[] =>
  Array.from({ length: count }, (_, index) => ({
    at: Math.floor((index * length) / count),
    bit: index % 8,
  }));

describe('cut off', () => {
  test.each(['none', 'der'])('%s, anywhere', async (kind) => {
    const whole = oracleMessage(kind);
    for (const { at } of places(whole.length, 150)) {
      expect(await outcome(whole.subarray(0, at))).toBe('OUTER_SIGNED_DATA_STRUCTURE_INCORRECT');
    }
  });

  test('an inner layer cut off looks like any damaged message', async () => {
    const inner = await signed(MESSAGE);
    for (const { at } of places(inner.length, 20)) {
      expect(await outcome(await wrap(inner.subarray(0, at)))).toBe(
        'INNER_SIGNED_DATA_STRUCTURE_INCORRECT',
      );
    }
  });

  test('bytes after the end are refused unless they are zero', async () => {
    const whole = oracleMessage('none');
    expect(await outcome(concat(whole, Uint8Array.of(0, 0)))).toBe('clean');
    expect(await outcome(concat(whole, Uint8Array.of(1)))).toBe(
      'OUTER_SIGNED_DATA_STRUCTURE_INCORRECT',
    );
  });
});

describe('a flipped bit', () => {
  const COUNT = process.env['TOPAZ_DEEP'] === '1' ? 2000 : 250;

  test.each(['none', 'der'])(
    'in the outer layer of %s never changes what is released',
    async (kind) => {
      const whole = oracleMessage(kind);
      let refused = 0;
      const all = places(whole.length, COUNT);
      for (const { at, bit } of all) {
        refused += Number(await expectNoForgery(flip(whole, at, bit)));
      }
      // What nothing protects: certificates of issuers that the receiver has anyway.
      expect(refused).toBeGreaterThan(all.length / 2);
    },
  );

  test('in the envelope, signed again by the sender, never changes what is released', async () => {
    const middle = encodeEnvelopedData(await signed(MESSAGE), [recipient]);
    for (const { at, bit } of places(middle.length, 60)) {
      await expectNoForgery(await outerOf(flip(middle, at, bit)));
    }
  });

  test('in the inner layer, sealed again by the sender, never changes what is released', async () => {
    const inner = await signed(MESSAGE);
    for (const { at, bit } of places(inner.length, 60)) {
      await expectNoForgery(await wrap(flip(inner, at, bit)));
    }
  });
});

describe('forged', () => {
  test('a message taken over by another sender', async () => {
    const inner = await signed(MESSAGE);
    const other = signerOf('other');
    expect(await outcome(await wrap(inner, { by: other, certificates: other.chain }))).toBe(
      'refused INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE',
    );
  });

  test('the inner content of one message under the signature of another', async () => {
    const inner = await signed(Buffer.from('something else'), { digestOf: MESSAGE });
    expect(await outcome(await wrap(inner))).toBe('refused INNER_SIGNATURE_COULD_NOT_BE_VERIFIED');
  });

  test('an envelope under the signature of another', async () => {
    const middle = encodeEnvelopedData(await signed(MESSAGE), [recipient]);
    expect(await outcome(await outerOf(middle, { digestOf: MESSAGE }))).toBe(
      'refused OUTER_SIGNATURE_COULD_NOT_BE_VERIFIED',
    );
  });

  test('signed for another type of content', async () => {
    const inner = await signed(MESSAGE, { contentType: OID_ENVELOPED_DATA });
    expect(await outcome(await wrap(inner))).toBe('refused INNER_SIGNATURE_COULD_NOT_BE_VERIFIED');
  });

  test('PKCS#1 inside, PSS outside', async () => {
    expect(await outcome(await wrap(await signed(MESSAGE, { algorithm: 'rsa-sha256' })))).toBe(
      'refused MESSAGE_INTEGRITY_INVALID',
    );
  });

  test('a sender whose CA is not trusted', async () => {
    const stranger = signerOf('stranger');
    const inner = await signed(MESSAGE, { by: stranger });
    const sealed = await wrap(inner, { by: stranger, certificates: stranger.chain });
    expect(await outcome(sealed)).toBe('refused OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED');
    expect(await outcome(sealed, { roots: [certificateOf('evil-root')] })).toBe('clean');
  });

  test('a sender certificate alone, without the issuing CA', async () => {
    const sealed = await wrap(await signed(MESSAGE), { certificates: [sender.certificate] });
    expect(await outcome(sealed)).toBe('refused OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED');
    expect(await outcome(sealed, { roots: [certificateOf('ca')] })).toBe('clean');
  });

  test('no certificate at all', async () => {
    const opened = await open(await wrap(await signed(MESSAGE), { certificates: [] }));
    expect(opened).toMatchObject({
      verdict: 'refused',
      errors: ['OUTER_CERTIFICATE_EXPECTED_BUT_NOT_PRESENT'],
      sender: undefined,
    });
  });

  test('a sender before the certificate began, and after it ended', async () => {
    const sealedAt = async (date: string): Promise<Uint8Array> => {
      const now = new Date(date);
      return wrap(await signed(MESSAGE, { now }), { now });
    };
    expect(await outcome(await sealedAt('2019-12-31T23:59:59Z'))).toContain(
      'OUTER_CERTIFICATE_NOT_YET_VALID',
    );
    expect(await outcome(await sealedAt('2040-01-02T00:00:00Z'))).toContain(
      'OUTER_CERTIFICATE_EXPIRED',
    );
  });

  test('an expired sender may be allowed, one whose certificate began later may not', async () => {
    const sealedAt = async (date: string): Promise<Uint8Array> => {
      const now = new Date(date);
      return wrap(await signed(MESSAGE, { now }), { now });
    };
    const allowed = { allowExpiredSender: true };
    expect(await outcome(await sealedAt('2019-12-31T23:59:59Z'), allowed)).toBe(
      'refused OUTER_SIGNATURE_COULD_NOT_BE_VERIFIED OUTER_CERTIFICATE_NOT_YET_VALID OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED INNER_SIGNATURE_COULD_NOT_BE_VERIFIED',
    );
    // Here the issuers have ended with it: nobody vouches for them at that time.
    expect(await outcome(await sealedAt('2040-01-02T00:00:00Z'), allowed)).toBe(
      'refused OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED',
    );
  });

  test('an inner signing time outside the certificate', async () => {
    const inner = await signed(MESSAGE, { now: new Date('2019-12-31T23:59:59Z') });
    expect(await outcome(await wrap(inner))).toBe('refused INNER_SIGNATURE_COULD_NOT_BE_VERIFIED');
  });

  test('a certificate set that cannot be read', async () => {
    const bad = { ...sender.certificate, der: flip(sender.certificate.der, 4, 0) };
    expect(await outcome(await wrap(await signed(MESSAGE), { certificates: [bad] }))).toContain(
      'MESSAGE_OUTER_SIGNED_PART_CONTAINS_INCORRECTLY_ENCODED_CERTIFICATES_SET',
    );
  });

  test('a thousand certificates', async () => {
    const certificates = Array.from({ length: 1000 }, () => sender.certificate);
    expect(await outcome(await wrap(await signed(MESSAGE), { certificates }))).toBe(
      'OUTER_SIGNED_DATA_STRUCTURE_INCORRECT',
    );
  });

  test('the certificate of the sender twice names nobody', async () => {
    const certificates = [sender.certificate, sender.certificate];
    expect(await outcome(await wrap(await signed(MESSAGE), { certificates }))).toBe(
      'refused OUTER_CERTIFICATE_EXPECTED_BUT_NOT_PRESENT',
    );
  });
});

describe('signatures of a weak or unknown kind', () => {
  /** A SignerInfo with the algorithm identifiers given, without signed attributes. */
  async function rawSigned(
    content: Uint8Array,
    signatureAlgorithm: Uint8Array,
    certificates: readonly Certificate[],
    { digest = SHA256_IDENTIFIER, signature }: { digest?: Uint8Array; signature?: Uint8Array } = {},
  ): Promise<Uint8Array> {
    return encodeSignedData({
      contentType: OID_DATA,
      content,
      certificates: certificates.map(({ der }) => der),
      signerInfos: [
        sequence(
          integer(1),
          encodeIssuerAndSerial(sender.certificate),
          digest,
          signatureAlgorithm,
          octetString(signature ?? (await sender.sign('rsa-pss-sha256', content))),
        ),
      ],
    });
  }
  const rawWrap = async (inner: Uint8Array): Promise<Uint8Array> =>
    rawSigned(encodeEnvelopedData(inner, [recipient]), PSS_SHA256_IDENTIFIER, sender.chain);

  test('the old form without signed attributes is read', async () => {
    const inner = await rawSigned(MESSAGE, PSS_SHA256_IDENTIFIER, []);
    expect(await open(await rawWrap(inner))).toMatchObject({
      verdict: 'warning',
      warnings: ['SIGNING_TIME_MISSING'],
    });
  });

  test('SHA-1 inside the parameters of PSS is not SHA-256', async () => {
    const pssSha1 = sequence(oid('1.2.840.113549.1.1.10'), sequence());
    const inner = await rawSigned(MESSAGE, pssSha1, []);
    expect(await outcome(await rawWrap(inner))).toContain(
      'INNER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED',
    );
  });

  test('an algorithm that nobody knows', async () => {
    const inner = await rawSigned(MESSAGE, sequence(oid('1.2.3.4')), []);
    expect(await outcome(await rawWrap(inner))).toBe(
      'refused INNER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED INNER_SIGNATURE_ALGORITHM_UNAUTHORIZED INNER_SIGNATURE_COULD_NOT_BE_VERIFIED',
    );
  });

  test('a digest that nobody knows', async () => {
    const inner = await rawSigned(MESSAGE, RSA_IDENTIFIER, [], {
      digest: sequence(oid('1.2.3.4')),
    });
    expect(await outcome(await rawWrap(inner))).toContain(
      'INNER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED',
    );
  });

  test('a signer named by its key alone is no eHealth certificate', async () => {
    const byKey = sequence(
      integer(3),
      contextPrimitive(0, sender.certificate.subjectKeyIdentifier ?? new Uint8Array()),
      SHA256_IDENTIFIER,
      PSS_SHA256_IDENTIFIER,
      octetString(await sender.sign('rsa-pss-sha256', MESSAGE)),
    );
    const inner = encodeSignedData({
      contentType: OID_DATA,
      content: MESSAGE,
      certificates: [],
      signerInfos: [byKey],
    });
    expect(await outcome(await rawWrap(inner))).toBe(
      'refused INNER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED INNER_SIGNATURE_ALGORITHM_UNAUTHORIZED',
    );
  });

  test('an empty signature', async () => {
    const inner = await rawSigned(MESSAGE, PSS_SHA256_IDENTIFIER, [], {
      signature: new Uint8Array(),
    });
    expect(await outcome(await rawWrap(inner))).toBe(
      'refused INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE',
    );
  });
});

describe('the content key', () => {
  const authentication = certificateOf('recipient-enc');

  /** A message for us whose RSA block holds what is asked for. */
  async function withBlock(encryptedKey: Uint8Array, encrypted?: Uint8Array): Promise<Uint8Array> {
    const content = encryptContent(await signed(MESSAGE));
    return outerOf(
      encodeContentInfo(
        OID_ENVELOPED_DATA,
        sequence(
          integer(0),
          setOf(
            sequence(
              integer(0),
              encodeIssuerAndSerial(authentication),
              RSA_IDENTIFIER,
              octetString(encryptedKey),
            ),
          ),
          sequence(
            oid(OID_DATA),
            content.algorithm,
            contextPrimitive(0, encrypted ?? content.encrypted),
          ),
        ),
      ),
    );
  }
  const raw = (block: Uint8Array): Uint8Array =>
    publicEncrypt({ key: authentication.publicKey, padding: constants.RSA_NO_PADDING }, block);
  const filled = (...head: readonly number[]): Uint8Array => {
    const block = new Uint8Array(256).fill(0x5a);
    block.set(head);
    return block;
  };
  const at = (position: number, byte: number): Uint8Array => {
    const block = filled(0, 2);
    block[position] = byte;
    return block;
  };
  const key = (length: number): Uint8Array =>
    publicEncrypt(
      { key: authentication.publicKey, padding: constants.RSA_PKCS1_PADDING },
      new Uint8Array(length).fill(7),
    );

  const BLOCKS: readonly [string, () => Uint8Array][] = [
    ['first byte not zero', () => raw(filled(1, 2))],
    ['block type 1', () => raw(filled(0, 1))],
    ['no separator', () => raw(filled(0, 2))],
    ['separator in the padding', () => raw(at(5, 0))],
    ['key of 32 bytes', () => key(32)],
    ['key of 15 bytes', () => key(15)],
    ['no key at all', () => raw(at(255, 0))],
    ['another key of the right length', () => key(16)],
    ['all zero', () => new Uint8Array(256)],
    ['too short', () => new Uint8Array(5).fill(1)],
    ['too long', () => new Uint8Array(300).fill(1)],
    ['empty', () => new Uint8Array()],
    ['larger than the modulus', () => new Uint8Array(256).fill(0xff)],
    [
      'signed, not encrypted',
      () =>
        privateEncrypt(createPrivateKey(readFileSync(pkiPath('other-enc.key'))), Buffer.alloc(16)),
    ],
  ];

  async function fullOutcome(sealed: Uint8Array): Promise<unknown> {
    try {
      return await open(sealed);
    } catch (error) {
      expect(error).toBeInstanceOf(SealError);
      const { code, message, hint, facts, details, cause } = error as SealError;
      return { code, message, hint, facts, details, cause };
    }
  }

  test('whatever is wrong with the block, the outcome is the same', async () => {
    const outcomes = await Promise.all(
      BLOCKS.map(async ([, block]) => fullOutcome(await withBlock(block()))),
    );
    outcomes.push(await fullOutcome(await withBlock(key(16), new Uint8Array(64).fill(9))));
    outcomes.push(await fullOutcome(await withBlock(key(16), new Uint8Array(7))));
    outcomes.push(await fullOutcome(await withBlock(key(16), new Uint8Array())));
    outcomes.push(await fullOutcome(await wrap(Buffer.from('not signed at all'))));
    for (const each of outcomes) {
      expect(each).toEqual(outcomes[0]);
    }
    expect(outcomes[0]).toMatchObject({
      code: 'E_SEAL_INVALID',
      details: { fatal: 'INNER_SIGNED_DATA_STRUCTURE_INCORRECT', errors: [], warnings: [] },
    });
  });

  test('an algorithm that eHealth does not allow is named, ours or not', async () => {
    const keyTrans = (certificate: Certificate, algorithm: Uint8Array): Uint8Array =>
      sequence(
        integer(0),
        encodeIssuerAndSerial(certificate),
        algorithm,
        octetString(new Uint8Array(256)),
      );
    const content = encryptContent(await signed(MESSAGE));
    const middle = (infos: readonly Uint8Array[], algorithm = content.algorithm): Uint8Array =>
      encodeContentInfo(
        OID_ENVELOPED_DATA,
        sequence(
          integer(0),
          setOf(...infos),
          sequence(oid(OID_DATA), algorithm, contextPrimitive(0, content.encrypted)),
        ),
      );
    const strange = sequence(oid('1.2.3.4'));
    expect(
      await outcome(await outerOf(middle([keyTrans(certificateOf('other-enc'), strange)]))),
    ).toBe('DECRYPTION_PRIVATE_KEY_NOT_FOUND DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED');
    expect(await outcome(await outerOf(middle([keyTrans(recipient, strange)])))).toContain(
      'DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED',
    );
    expect(
      await outcome(await outerOf(middle([keyTrans(recipient, RSA_IDENTIFIER)], strange))),
    ).toBe('INNER_SIGNED_DATA_STRUCTURE_INCORRECT DECRYPTION_SYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED');
    expect(await outcome(await outerOf(middle([])))).toBe(
      'ENVELOPED_DATA_CONTAINS_NO_KEYTRANSRECIPIENTINFOS',
    );
  });

  test('parameters of the cipher that make no sense', async () => {
    const content = encryptContent(await signed(MESSAGE));
    for (const parameters of [octetString(new Uint8Array(3)), nullValue(), concat()]) {
      const middle = encodeContentInfo(
        OID_ENVELOPED_DATA,
        sequence(
          integer(0),
          setOf(
            sequence(
              integer(0),
              encodeIssuerAndSerial(recipient),
              RSA_IDENTIFIER,
              octetString(
                publicEncrypt(
                  { key: recipient.publicKey, padding: constants.RSA_PKCS1_PADDING },
                  content.key,
                ),
              ),
            ),
          ),
          sequence(
            oid(OID_DATA),
            sequence(oid(OID_AES128_CBC), parameters),
            contextPrimitive(0, content.encrypted),
          ),
        ),
      );
      expect(await outcome(await outerOf(middle))).toBe('INNER_SIGNED_DATA_STRUCTURE_INCORRECT');
    }
  });
});

describe('whose key', () => {
  test('the serial number alone will do when we hold it once', async () => {
    const renamed = { ...recipient, issuer: certificateOf('other-enc').issuer };
    const sealed = await outerOf(encodeEnvelopedData(await signed(MESSAGE), [renamed]));
    expect(await outcome(sealed)).toBe('clean');
    expect(await outcome(sealed, { decrypters: [...decrypters, ...decrypters] })).toBe(
      'DECRYPTION_PRIVATE_KEY_NOT_FOUND',
    );
  });

  test('every old key is tried', async () => {
    const all = [decrypterOf('other'), decrypterOf('sender'), ...decrypters];
    expect(await outcome(oracleMessage('none'), { decrypters: all })).toBe('clean');
    expect(await outcome(oracleMessage('none'), { decrypters: [] })).toBe(
      'DECRYPTION_PRIVATE_KEY_NOT_FOUND',
    );
  });

  test('a sealed message of thousands of recipients is read in a moment', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({
      ...recipient,
      serial: BigInt(index + 1),
    }));
    const infos = many.map((certificate) =>
      sequence(
        integer(0),
        encodeIssuerAndSerial(certificate),
        RSA_IDENTIFIER,
        octetString(new Uint8Array(256)),
      ),
    );
    const middle = encodeContentInfo(
      OID_ENVELOPED_DATA,
      sequence(
        integer(0),
        set(...infos),
        sequence(
          oid(OID_DATA),
          sequence(oid(OID_AES128_CBC), octetString(new Uint8Array(16))),
          contextPrimitive(0, new Uint8Array(16)),
        ),
      ),
    );
    await expect(open(await outerOf(middle))).rejects.toMatchObject({
      code: 'E_SEAL_NOT_FOR_US',
      facts: ['DECRYPTION_PRIVATE_KEY_NOT_FOUND', 'sealed for key 1, 2, 3 and 2997 more'],
    });
  });
});

describe('bombs', () => {
  const refused = 'OUTER_SIGNED_DATA_STRUCTURE_INCORRECT';

  test('pieces nested in pieces', async () => {
    let nested = octetString(MESSAGE);
    for (let depth = 0; depth < 60; depth += 1) {
      nested = concat(Uint8Array.of(0x24, 0x80), nested, Uint8Array.of(0, 0));
    }
    const bomb = encodeContentInfo(
      OID_SIGNED_DATA,
      sequence(integer(1), setOf(), sequence(oid(OID_DATA), context(0, nested)), setOf()),
    );
    expect(await outcome(bomb)).toBe(refused);
    expect(
      await outcome(new Uint8Array(1_000_000).map((_, i) => (i % 2 === 0 ? 0x30 : 0x80))),
    ).toBe(refused);
  });

  test('indefinite lengths without an end', async () => {
    const whole = oracleMessage('none');
    expect(await outcome(whole.subarray(0, whole.length - 2))).toBe(refused);
  });

  test('lengths beyond the message, and beyond any message', async () => {
    for (const head of [
      [0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
      [0x30, 0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      [0x30, 0x82, 0x40, 0],
      [0x30, 0xff],
      [0x30, 0x80],
      [],
    ]) {
      expect(await outcome(Uint8Array.from(head))).toBe(refused);
    }
  });

  test('a content of pieces of another type', async () => {
    const wrong = concat(Uint8Array.of(0x24, 0x80), integer(1), Uint8Array.of(0, 0));
    const bomb = encodeContentInfo(
      OID_SIGNED_DATA,
      sequence(integer(1), setOf(), sequence(oid(OID_DATA), context(0, wrong)), setOf()),
    );
    expect(await outcome(bomb)).toBe(refused);
  });
});
