/** Messages made by another program, each with one thing wrong: the verdict is that program's. */

import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { SealError } from '../../src/etee/seal-error.js';
import { unseal, type Unsealed } from '../../src/etee/unseal.js';
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

const open = (kind: string): Promise<Unsealed> =>
  unseal(oracleMessage(kind), {
    decrypters: [decrypterOf('recipient')],
    roots: ROOTS,
    now: MADE_AT,
  });

async function verdictOf(kind: string): Promise<Omit<OracleVerdict, 'contentBytes'>> {
  try {
    const { errors, warnings } = await open(kind);
    return { fatal: null, errors, warnings };
  } catch (error) {
    if (error instanceof SealError) {
      return { fatal: error.fatal, errors: error.errors, warnings: error.warnings };
    }
    throw error;
  }
}

describe('verdicts of the etee oracle', () => {
  // OAEP: our keys take PKCS#1 v1.5 alone, so the message stays closed. The content is refused by both.
  test.each(KINDS.filter((kind) => kind !== 'oaep'))('%s', async (kind) => {
    const { fatal, errors, warnings } = oracleVerdict(kind);
    const ours = await verdictOf(kind);
    expect({ ...ours, errors: [...ours.errors].sort() }).toEqual({
      fatal,
      errors: [...errors].sort(),
      warnings,
    });
  });

  test('a content key under OAEP is refused without opening', async () => {
    await expect(open('oaep')).rejects.toMatchObject({
      code: 'E_SEAL_INVALID',
      fatal: 'DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED',
    });
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
  const options = { decrypters: [decrypterOf('recipient')], roots: ROOTS, now: MADE_AT };

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
