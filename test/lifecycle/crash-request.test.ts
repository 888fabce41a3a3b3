/** Power cuts, lost answers and dead lines around a request: run again, it is with eHealth once, and no key was lost. */

import { rm } from 'node:fs/promises';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { readXml } from '../../src/xml/read.js';
import { openDesk } from './desk.js';
import type { Desk } from './desk.js';

let desk: Desk;

beforeAll(async () => {
  desk = await openDesk();
});

afterAll(async () => {
  await desk.close();
});

describe('a request', () => {
  beforeEach(() => desk.startAfresh());

  test.each(['keystore', 'contract', 'message'])(
    'that stops once the %s is on disk is no request: nothing was sent',
    async (stop) => {
      await expect(
        desk.put((what) => {
          if (what === stop) {
            throw new Error('power cut');
          }
        }),
      ).rejects.toThrow('power cut');
      expect(await desk.store.list()).toEqual([]);
      expect(await desk.world.books()).toEqual([]);
    },
  );

  test('never replaces a keystore that is there', async () => {
    await desk.put();
    await expect(desk.put()).rejects.toMatchObject({ code: 'E_FILE_EXISTS' });
  });

  test('whose keystore and record are on disk is sent by the next command, without the card', async () => {
    await desk.put();
    const { outcome, record } = await desk.resume();
    expect({ outcome, state: record.state }).toEqual({ outcome: 'sent-now', state: 'sent' });
    expect(desk.world.calls.slice(-2)).toEqual(['GetCertificate', 'GenerateCertificate']);
    expect(await desk.world.books()).toEqual([expect.objectContaining({ id: desk.id })]);
    expect(await desk.store.readMessage(desk.id)).toBeUndefined();
  });

  test('is not sent by a dry run', async () => {
    await desk.put();
    expect(await desk.resume(true)).toMatchObject({
      outcome: 'sent-now',
      record: { state: 'new' },
    });
    expect(await desk.world.books()).toEqual([]);
  });

  test('that never got out is sent again as the same bytes', async () => {
    const record = await desk.put();
    const message = await desk.store.readMessage(desk.id);
    desk.world.losses.set('GenerateCertificate', 'before');
    await expect(desk.send(record)).rejects.toThrow('the line is dead');
    expect((await desk.open())[0]?.state).toBe('new');
    expect(await desk.store.readMessage(desk.id)).toBe(message);
    expect(readXml(message ?? '').name).toBe('GenerateCertificateRequest');
    expect(await desk.resume()).toMatchObject({ outcome: 'sent-now', record: { state: 'sent' } });
    expect(await desk.world.books()).toHaveLength(1);
  });

  test.each(['manual', 'auto'])(
    'whose answer was lost is found again and not sent twice (%s)',
    async (approval) => {
      const record = await desk.put();
      desk.world.losses.set('GenerateCertificate', 'after');
      await expect(desk.send(record)).rejects.toThrow('the answer is lost');
      if (approval === 'auto') {
        await desk.world.control('approve');
      }
      expect(await desk.resume()).toMatchObject({
        outcome: 'in-progress',
        record: { state: approval === 'auto' ? 'approved' : 'sent' },
      });
      expect(desk.world.calls.filter((name) => name === 'GenerateCertificate')).toHaveLength(1);
      expect(await desk.world.books()).toHaveLength(1);
    },
  );

  test('that a line delivered twice counts as sent, not as refused', async () => {
    const record = await desk.put();
    await desk.world.control('fail', {
      target: 'certra.GenerateCertificate',
      kind: 'duplicate',
      times: 1,
    });
    expect(await desk.send(record)).toMatchObject({
      state: 'sent',
    });
    expect(await desk.world.books()).toHaveLength(1);
  });

  test('that eHealth refuses is over, and says its code', async () => {
    const record = await desk.put();
    // A sandbox that has forgotten the contract.
    await desk.world.control('reset');
    await expect(desk.send(record)).rejects.toMatchObject({
      code: 'E_SERVICE_REFUSED',
      details: { errors: [{ code: 'CONTRACT_UNKNOWN' }] },
    });
    expect(await desk.store.find(desk.id)).toMatchObject({
      state: 'refused',
      refusal: { code: 'CONTRACT_UNKNOWN' },
    });
    expect(await desk.open()).toEqual([]);
  });

  test('is not over because of a technical fault', async () => {
    const record = await desk.put();
    await desk.world.control('fail', {
      target: 'certra.GenerateCertificate',
      kind: 'fault:SOA-02002',
      times: 1,
    });
    await expect(desk.send(record)).rejects.toMatchObject({ code: 'E_SOAP_FAULT' });
    expect((await desk.open())[0]?.state).toBe('new');
  });

  test('whose keystore is gone is given up: its certificate would be worth nothing', async () => {
    await desk.put();
    await rm(desk.keystore);
    expect(await desk.resume()).toMatchObject({ outcome: 'over', record: { state: 'refused' } });
    expect(await desk.world.books()).toEqual([]);
  });

  test('that was refused is told by the card, and makes room for another', async () => {
    const record = await desk.put();
    await desk.send(record);
    await desk.world.control('refuse', { id: desk.id });
    expect(await desk.resume()).toMatchObject({ outcome: 'over', record: { state: 'refused' } });
    expect(desk.world.calls.at(-1)).toBe('GetCertificateInfoForCitizen');
    expect((await desk.store.list()).map(({ state }) => state)).toEqual(['refused']);
  });

  test('that was sent and that eHealth has forgotten is never sent again by itself', async () => {
    const record = await desk.put();
    await desk.send(record);
    await desk.world.control('reset');
    await expect(desk.resume()).rejects.toMatchObject({ code: 'E_USAGE' });
    expect(await desk.world.books()).toEqual([]);
  });
});
