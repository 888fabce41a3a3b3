/**
 * The virtual card behind pcscd and OpenSC's module: the real path of PC/SC, with its PIN counter and
 * removal. OpenSC shows no identity data and refuses the Signature key: "not playable" is tested as such.
 */

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openEid } from '../../src/eid/card.js';
import type { EidCard } from '../../src/eid/card.js';
import type { Lock } from '../../src/disk/lock.js';
import { buildPkcs11Child } from '../support/pkcs11-child.js';
import { hasVirtualCard, lockVirtualCard, OPENSC, veid } from '../support/virtual-card.js';

const PIN = '1234';
const message = Buffer.from('message to sign');
const pin = (text: string) => () => Promise.resolve(Uint8Array.from(Buffer.from(text)));

const cardDescribe = hasVirtualCard() ? describe : describe.skip;

cardDescribe('the virtual card through OpenSC', () => {
  let folder = '';
  let card = '';
  let childFile = '';
  let lock: Lock;
  const ctl = (...args: string[]): string => veid('ctl', card, ...args);
  const tries = (): number => (JSON.parse(ctl('status')) as { tries_left: number }).tries_left;

  beforeAll(async () => {
    lock = await lockVirtualCard();
    folder = await mkdtemp(join(tmpdir(), 'topaz-veid-'));
    card = join(folder, 'card');
    childFile = buildPkcs11Child();
    veid('new', card, '--key', 'rsa', '--pin', PIN, '--given', 'Alice', '--surname', 'Specimen');
    veid('up', card);
  }, 400_000);
  afterAll(async () => {
    veid('down', '--all', card);
    await rm(folder, { recursive: true, force: true });
    await rm(join(childFile, '..'), { recursive: true, force: true });
    await lock.release();
  }, 60_000);

  const authenticated = (): boolean =>
    (JSON.parse(ctl('status')) as { authenticated: boolean }).authenticated;
  /** pcscd notices the end of a client by itself, a moment later. */
  async function becomes(condition: () => boolean): Promise<boolean> {
    const deadline = performance.now() + 5000;
    while (!condition()) {
      if (performance.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return true;
  }

  const open = (extra: { signal?: AbortSignal; waitMs?: number } = {}): Promise<EidCard> =>
    openEid({
      module: OPENSC,
      env: process.env,
      now: () => new Date(),
      childFile,
      reader: 'Virtual PCD 00 00',
      waitMs: 10_000,
      ...extra,
    });
  async function using<T>(work: (eid: EidCard) => Promise<T>): Promise<T> {
    const eid = await open();
    try {
      return await work(eid);
    } finally {
      await eid.close();
    }
  }

  test('identity comes from the certificate', async () => {
    await using(async (eid) => {
      expect(eid.kind).toBe('opensc');
      expect(await eid.identity()).toMatchObject({ firstNames: 'Alice', lastName: 'Specimen' });
      expect(await eid.address()).toBeUndefined();
      expect(await eid.chain('Authentication')).toHaveLength(3);
    });
  });

  test('the Authentication key signs after one PIN', async () => {
    await using(async (eid) => {
      const signer = await eid.authenticationSigner(pin(PIN));
      expect(signer.algorithms).toContain('rsa-sha256');
      expect(await signer.sign('rsa-sha256', message)).toHaveLength(256);
      expect(await signer.sign('rsa-sha256', message)).toHaveLength(256);
    });
    expect(await becomes(() => !authenticated())).toBe(true);
  });

  test('the Signature key is refused before a PIN is asked', async () => {
    await using(async (eid) => {
      await expect(
        eid.signatureSigner(() => Promise.reject(new Error('the PIN was asked'))),
      ).rejects.toMatchObject({ code: 'E_SIGNATURE_KEY_UNUSABLE', exitCode: 5 });
    });
  });

  test('a wrong PIN costs one try, a badly formed one none', async () => {
    await using((eid) =>
      expect(eid.authenticationSigner(pin('9999'))).rejects.toMatchObject({
        code: 'E_PIN_INCORRECT',
      }),
    );
    expect(tries()).toBe(2);
    await using((eid) =>
      expect(eid.authenticationSigner(pin('12'))).rejects.toMatchObject({ code: 'E_PIN_FORMAT' }),
    );
    expect(tries()).toBe(2);
    ctl('unblock');
  });

  test('a blocked card is E_PIN_LOCKED', async () => {
    ctl('tries', '0');
    await using((eid) =>
      expect(eid.authenticationSigner(pin(PIN))).rejects.toMatchObject({ code: 'E_PIN_LOCKED' }),
    );
    ctl('unblock');
  });

  test('a card pulled out between and in the middle of signatures is E_CARD_REMOVED', async () => {
    await using(async (eid) => {
      const signer = await eid.authenticationSigner(pin(PIN));
      ctl('remove-after', '1');
      await expect(signer.sign('rsa-sha256', message)).rejects.toMatchObject({
        code: 'E_CARD_REMOVED',
      });
    });
    ctl('insert');
    await using(async (eid) => {
      const signer = await eid.authenticationSigner(pin(PIN));
      ctl('remove');
      await expect(signer.sign('rsa-sha256', message)).rejects.toMatchObject({
        code: 'E_CARD_REMOVED',
      });
    });
    ctl('insert');
  });

  test('an interruption while the card is slow leaves within seconds, and the rights are gone', async () => {
    const abort = new AbortController();
    const eid = await open({ signal: abort.signal });
    const signer = await eid.authenticationSigner(pin(PIN));
    ctl('delay', '3000');
    const signing = signer.sign('rsa-sha256', message);
    const started = performance.now();
    abort.abort();
    await expect(signing).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    await eid.close();
    expect(performance.now() - started).toBeLessThan(2500);
    ctl('delay', '0');
    expect(await becomes(() => !authenticated())).toBe(true);
  });
});
