/** Power cuts, lost answers and dead lines at every step of finalize: run again, the end is the same. */

import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { openKeystore } from '../../src/keystore/keystore.js';
import { openDesk } from './desk.js';
import type { Desk } from './desk.js';
import { password } from './world.js';
import type { Loss } from './world.js';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
});

afterAll(async () => {
  await desk.close();
});

describe('finalize', () => {
  beforeEach(async () => {
    await desk.startAfresh();
    await desk.send(await desk.put());
    await desk.world.control('approve');
  });

  /** After the second try: everything in place, and the depot agrees with the keydesk.store. */
  async function expectDone(): Promise<void> {
    const { record, etk, keystore: found } = await desk.finalize();
    expect(record.state).toBe('issued');
    expect(etk.registered).toBe(true);
    expect(found.state).toBe('ready');
    expect(found.unpairedKeys).toBeUndefined();
    expect(found.encryption.map(({ alias }) => alias)).toEqual([etk.serial]);
    const state = JSON.parse(await readFile(join(desk.world.data, 'state.json'), 'utf8')) as {
      certificates: { id: string; etk: { status: string; serialHex: string } }[];
    };
    expect(state.certificates).toEqual([
      expect.objectContaining({
        id: desk.id,
        etk: expect.objectContaining({ status: 'VALID_ACTIVE' }) as unknown,
      }),
    ]);
    const [{ etk: registered } = { etk: { serialHex: '' } }] = state.certificates;
    expect(BigInt(`0x${registered.serialHex}`).toString()).toBe(etk.serial);
    const again = await openKeystore(desk.keystore, password());
    expect(again.encryption).toHaveLength(1);
  }

  test.each(['approved', 'installed', 'key', 'started', 'registered', 'stored'] as const)(
    'that stops at "%s" goes on',
    async (stop) => {
      await expect(
        desk.finalize((step) => {
          if (step === stop) {
            throw new Error('power cut');
          }
        }),
      ).rejects.toThrow('power cut');
      await expectDone();
    },
  );

  test.each<[string, Loss]>([
    ['GetCertificate', 'after'],
    ['StartETKRegistration', 'before'],
    ['StartETKRegistration', 'after'],
    ['CompleteETKRegistration', 'before'],
    ['CompleteETKRegistration', 'after'],
  ])('goes on when %s fails: the call or its answer is lost (%s)', async (operation, loss) => {
    desk.world.losses.set(operation, loss);
    await expect(desk.finalize()).rejects.toThrow(/the line is dead|the answer is lost/);
    const before = await openKeystore(desk.keystore, password());
    await expectDone();
    const after = await openKeystore(desk.keystore, password());
    const [key] = before.unpairedKeys ?? [];
    if (key !== undefined) {
      // The key whose public half eHealth knows is the one that is kept.
      expect(after.encryption[0]!.privateKey.equals(key.privateKey)).toBe(true);
    }
  });

  test('works on a keystore that was moved to another machine', async () => {
    await expect(
      desk.finalize((step) => {
        if (step === 'key') {
          throw new Error('power cut');
        }
      }),
    ).rejects.toThrow('power cut');
    const moved = desk.keystore;
    await desk.move();
    await copyFile(moved, desk.keystore);
    await expectDone();
  });

  test('is refused while another command works on the requests', async () => {
    await desk.store.exclusively({}, async () => {
      await expect(desk.finalize()).rejects.toMatchObject({ code: 'E_LOCKED' });
    });
  });
});
