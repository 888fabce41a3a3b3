/** Messages made by another program, each with one thing wrong: the verdict is that program's. */

import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { pullBytes } from '../../src/der/pull.js';
import { SealError } from '../../src/etee/seal-error.js';
import {
  unseal,
  unsealStream,
  type Judgement,
  type Unsealed,
  type UnsealOptions,
} from '../../src/etee/unseal.js';
import {
  decrypterOf,
  FIXTURES,
  MADE_AT,
  MESSAGE,
  oracleMessage,
  oracleVerdict,
  ROOTS,
  type OracleVerdict,
} from './pki.js';

const KINDS = readdirSync(resolve(FIXTURES, 'oracle'))
  .filter((name) => name.endsWith('.sealed'))
  .map((name) => name.replace('.sealed', ''));

const options: UnsealOptions = {
  decrypters: [decrypterOf('recipient')],
  roots: ROOTS,
  now: MADE_AT,
};

const open = (kind: string): Promise<Unsealed> => unseal(oracleMessage(kind), options);

/** From a stream in chunks of that size, whose memory is used again and again. */
async function openStream(
  bytes: Uint8Array,
  chunkBytes: number,
): Promise<Judgement & { readonly written: Buffer }> {
  const written: Buffer[] = [];
  const chunk = new Uint8Array(chunkBytes);
  const pull = pullBytes(bytes, chunkBytes);
  const judgement = await unsealStream(
    async () => {
      const next = await pull();
      if (next === undefined) {
        return undefined;
      }
      chunk.set(next);
      return chunk.subarray(0, next.length);
    },
    (part) => void written.push(Buffer.from(part)),
    options,
  );
  return { ...judgement, written: Buffer.concat(written) };
}

async function verdictOf(
  work: Promise<{ readonly errors: readonly string[]; readonly warnings: readonly string[] }>,
): Promise<Omit<OracleVerdict, 'contentBytes'>> {
  try {
    const { errors, warnings } = await work;
    return { fatal: null, errors: [...errors].sort(), warnings };
  } catch (error) {
    if (error instanceof SealError) {
      return {
        fatal: error.fatal,
        errors: [...error.errors].sort(),
        warnings: error.warnings,
      };
    }
    throw error;
  }
}

describe('verdicts of the etee oracle', () => {
  test.each(KINDS)('%s, from bytes and from streams', async (kind) => {
    const { fatal, errors, warnings } = oracleVerdict(kind);
    const expected = { fatal, errors: [...errors].sort(), warnings };
    expect(await verdictOf(open(kind))).toEqual(expected);
    for (const chunkBytes of [1, 11, 1000, 4096]) {
      expect(await verdictOf(openStream(oracleMessage(kind), chunkBytes))).toEqual(expected);
    }
  });
});

/** etee §5.8, as it stands there; where topaz differs on purpose, what it says instead. */
const TABLE: readonly (readonly [
  kind: string,
  fatal: string | null,
  errors: readonly string[],
  warnings?: readonly string[],
])[] = [
  ['wrong-inner-signer', null, ['INNER_SIGNATURE_DOES_NOT_MATCH_SIGNATURE_CERTIFICATE']],
  ['other-inner-certificate', null, ['MESSAGE_INTEGRITY_INVALID']],
  ['wrong-outer-signer', null, ['OUTER_SIGNATURE_DOES_NOT_MATCH_AUTHENTICATION_CERTIFICATE']],
  ['tampered-inner', null, ['INNER_SIGNATURE_COULD_NOT_BE_VERIFIED']],
  [
    'tampered-outer',
    'INNER_SIGNED_DATA_STRUCTURE_INCORRECT',
    ['OUTER_SIGNATURE_COULD_NOT_BE_VERIFIED'],
  ],
  // The official library: ENVELOPED_DATA_STRUCTURE_INCORRECT, which tells a wrong padding.
  ['tampered-key', 'INNER_SIGNED_DATA_STRUCTURE_INCORRECT', []],
  ['not-recipient', 'DECRYPTION_PRIVATE_KEY_NOT_FOUND', []],
  [
    'weak-digest',
    null,
    [
      'OUTER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED',
      'INNER_SIGNATURE_DIGEST_ALGORITHM_UNAUTHORIZED',
    ],
  ],
  ['pkcs1-signature', null, []],
  ['mixed-signature', null, ['MESSAGE_INTEGRITY_INVALID']],
  ['aes256', null, ['DECRYPTION_SYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED']],
  ['aes256-gcm', null, ['DECRYPTION_SYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED']],
  ['triple-des', null, ['DECRYPTION_SYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED']],
  ['oaep', null, ['DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED']],
  ['no-signer', 'MESSAGE_OUTER_SIGNED_PART_HAS_MORE_THAN_ONE_SIGNER_INFORMATION', []],
  ['two-signers', 'MESSAGE_OUTER_SIGNED_PART_HAS_MORE_THAN_ONE_SIGNER_INFORMATION', []],
  ['no-outer-certificate', null, ['OUTER_CERTIFICATE_EXPECTED_BUT_NOT_PRESENT']],
  ['inner-certificate', null, []],
  [
    'encryption-key-as-signer',
    null,
    [
      'OUTER_CERTIFICATE_HAS_INVALID_KEYUSAGE',
      'OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED',
      'INNER_CERTIFICATE_HAS_INVALID_KEYUSAGE',
    ],
  ],
  [
    'expired',
    null,
    [
      'OUTER_SIGNATURE_COULD_NOT_BE_VERIFIED',
      'OUTER_CERTIFICATE_EXPIRED',
      'OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED',
      'INNER_SIGNATURE_COULD_NOT_BE_VERIFIED',
    ],
  ],
  ['stranger', null, ['OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED']],
  ['old-signing-time', null, [], ['SIGNING_TIME_EXPIRED']],
  ['future-signing-time', null, [], ['SIGNING_TIME_EXPIRED']],
  ['no-signing-time', null, [], ['SIGNING_TIME_MISSING']],
  ['no-signed-attributes', null, [], ['SIGNING_TIME_MISSING']],
  ['detached-outer', 'OUTER_SIGNED_DATA_CONTENT_MISSING', []],
  ['not-cms', 'OUTER_SIGNED_DATA_STRUCTURE_INCORRECT', []],
  ['truncated', 'OUTER_SIGNED_DATA_STRUCTURE_INCORRECT', []],
  ['not-enveloped', 'ENVELOPED_DATA_STRUCTURE_INCORRECT', []],
  ['inner-not-signed', 'INNER_SIGNED_DATA_STRUCTURE_INCORRECT', []],
];

describe('the table of the sheet', () => {
  test.each(TABLE)('%s', async (kind, fatal, errors, warnings = []) => {
    expect(await verdictOf(open(kind))).toEqual({ fatal, errors: [...errors].sort(), warnings });
  });
});

describe('what is handed out', () => {
  test.each(['none', 'der', 'two-recipients', 'ski', 'pkcs1-signature', 'shuffled-chain'])(
    '%s: the content, clean',
    async (kind) => {
      const opened = await open(kind);
      expect(opened).toMatchObject({ verdict: 'clean', errors: [], warnings: [] });
      expect('content' in opened && Buffer.from(opened.content)).toEqual(Buffer.from(MESSAGE));
    },
  );

  test.each(['old-signing-time', 'no-signing-time', 'no-signed-attributes'])(
    '%s: the content, with a warning',
    async (kind) => {
      expect(await open(kind)).toMatchObject({ verdict: 'warning', sender: { id: '79021599732' } });
    },
  );

  test('a refused content is quarantined, never content', async () => {
    const opened = await open('wrong-inner-signer');
    expect(opened.verdict).toBe('refused');
    expect(opened).not.toHaveProperty('content');
    expect('quarantined' in opened && Buffer.from(opened.quarantined)).toEqual(
      Buffer.from(MESSAGE),
    );
  });

  test('the sender is read from the outer certificate', async () => {
    const { sender, signingTime } = await open('none');
    expect(sender).toMatchObject({
      type: 'SSIN',
      id: '79021599732',
      name: 'Jean Exemple',
      applicationId: undefined,
    });
    expect(Math.abs(MADE_AT.getTime() - signingTime!.getTime())).toBeLessThan(10 * 60_000);
  });

  test('a message for others is not for us, and says for which key', async () => {
    await expect(open('not-recipient')).rejects.toMatchObject({
      code: 'E_SEAL_NOT_FOR_US',
      facts: [
        'DECRYPTION_PRIVATE_KEY_NOT_FOUND',
        `sealed for key ${decrypterOf('other').certificate.serial}`,
      ],
    });
  });
});

describe('an expired sender', () => {
  test('is refused', async () => {
    expect((await open('expired')).verdict).toBe('refused');
  });

  test('is let through on request, and nothing else with it', async () => {
    expect(
      await unseal(oracleMessage('expired'), { ...options, allowExpiredSender: true }),
    ).toMatchObject({ verdict: 'warning', warnings: ['OUTER_CERTIFICATE_EXPIRED'] });
    expect(
      await unseal(oracleMessage('expired'), { ...options, roots: [], allowExpiredSender: true }),
    ).toMatchObject({ verdict: 'refused', errors: ['OUTER_CERTIFICATE_CHAIN_NOT_TRUSTED'] });
    expect(
      await unseal(oracleMessage('stranger'), { ...options, allowExpiredSender: true }),
    ).toMatchObject({ verdict: 'refused' });
  });
});
