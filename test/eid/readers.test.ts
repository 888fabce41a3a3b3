import { describe, expect, test } from '@jest/globals';

import { findCard, listReaders, moduleKind } from '../../src/eid/readers.js';
import { CKR } from '../../src/pkcs11/ckr.js';
import type { Pkcs11Module, Slot, TokenInfo } from '../../src/pkcs11/module.js';

const token = (serial: string, label = 'BELPIC', flags = 0x40a): TokenInfo => ({
  label,
  manufacturer: 'Belgium Government',
  model: 'Belgium eID',
  serial,
  flags,
  firmwareMajor: 0x18,
});
const slot = (id: number, reader: string, content: TokenInfo | number): Slot =>
  typeof content === 'number'
    ? { id, reader, token: undefined, problem: content }
    : { id, reader, token: content, problem: undefined };

function moduleOf(...turns: Slot[][]): Pkcs11Module {
  let turn = 0;
  return {
    info: { manufacturer: 'x', description: 'x', version: { major: 1, minor: 0 } },
    slots: () => Promise.resolve(turns[Math.min(turn++, turns.length - 1)] ?? []),
    open: () => Promise.reject(new Error('not to be opened')),
    close: () => Promise.resolve(),
  };
}

test.each([
  ['Belgium Government', 'Belgium eID PKCS#11 interface v2', 'middleware'],
  ['OpenSC Project', 'OpenSC smartcard framework', 'opensc'],
  ['SoftHSM', 'Implementation of PKCS11', 'softhsm'],
  ['topaz sandbox', 'simulated Belgium eID', 'simulated'],
  ['ACME', 'HSM', 'other'],
])('%s (%s) is %s', (manufacturer, description, kind) => {
  expect(moduleKind({ manufacturer, description, version: { major: 1, minor: 0 } })).toBe(kind);
});

describe('which card', () => {
  const two = [slot(0, 'ACME 00 00', token('A')), slot(1, 'Pad 00 01', token('B'))];

  test.each<[string, Slot[], string | undefined, string]>([
    ['no reader', [], undefined, 'E_READER_ABSENT'],
    ['empty reader', [slot(0, 'ACME', CKR.TOKEN_NOT_PRESENT)], undefined, 'E_CARD_ABSENT'],
    ['a bank card', [slot(0, 'ACME', CKR.TOKEN_NOT_RECOGNIZED)], undefined, 'E_CARD_NOT_EID'],
    ['another token', [slot(0, 'ACME', token('A', 'MyHSM'))], undefined, 'E_CARD_NOT_EID'],
    ['a reader without a name', [slot(0, 'slot 0', CKR.DEVICE_ERROR)], 'ACME', 'E_CARD_ABSENT'],
    ['two cards', two, undefined, 'E_CARD_AMBIGUOUS'],
    ['a part that fits both', two, '00', 'E_CARD_AMBIGUOUS'],
    ['a reader that is not there', two, 'Other', 'E_READER_ABSENT'],
    [
      'a token that was never initialised',
      [slot(0, 'ACME', token('', '', 0))],
      undefined,
      'E_READER_ABSENT',
    ],
  ])('%s is refused', async (_name, slots, reader, code) => {
    await expect(findCard(moduleOf(slots), { reader })).rejects.toMatchObject({ code });
  });

  test.each<[string, string, string]>([
    ['by its name', 'Pad 00 01', 'B'],
    ['by a part of its name, in any case', 'acme', 'A'],
  ])('%s', async (_name, reader, serial) => {
    expect((await findCard(moduleOf(two), { reader })).token.serial).toBe(serial);
  });

  test('the one eID beside an empty reader and a bank card', async () => {
    const slots = [
      slot(0, 'A', CKR.TOKEN_NOT_PRESENT),
      slot(1, 'B', CKR.TOKEN_NOT_RECOGNIZED),
      slot(2, 'C', token('S', 'BELPIC (Basic PIN)')),
    ];

    expect((await findCard(moduleOf(slots))).id).toBe(2);
  });

  test('waits for one when asked to, and says so once', async () => {
    const said: string[] = [];
    const found = await findCard(
      moduleOf([slot(0, 'A', CKR.TOKEN_NOT_PRESENT)], [slot(0, 'A', token('S'))]),
      { waitMs: 5000, onWait: () => said.push('insert') },
    );

    expect(found.token.serial).toBe('S');
    expect(said).toEqual(['insert']);
  });

  test('of two cards the person chooses one; a choice that is gone is no loop', async () => {
    const offered: (readonly string[])[] = [];
    const chooseReader = (readers: readonly string[]): Promise<string> => {
      offered.push(readers);
      return Promise.resolve('Pad 00 01');
    };
    expect((await findCard(moduleOf(two), { chooseReader })).token.serial).toBe('B');
    expect(offered).toEqual([['ACME 00 00', 'Pad 00 01']]);
    const gone = moduleOf(two, [slot(0, 'ACME 00 00', token('A'))]);
    await expect(findCard(gone, { chooseReader })).rejects.toMatchObject({
      code: 'E_READER_ABSENT',
    });
  });

  test('the wait can be interrupted', async () => {
    const abort = new AbortController();
    const waiting = findCard(moduleOf([]), {
      waitMs: 60_000,
      signal: abort.signal,
      onWait: () => {
        abort.abort();
      },
    });

    await expect(waiting).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });
});

test('lists every reader with what is in it', async () => {
  const readers = await listReaders(
    moduleOf([
      slot(0, 'A', CKR.TOKEN_NOT_PRESENT),
      slot(1, 'B', CKR.TOKEN_NOT_RECOGNIZED),
      slot(2, 'C', token('S', 'BELPIC', 0x50a)),
      slot(3, 'D', token('', '', 0)),
    ]),
  );

  expect(readers).toEqual([
    { name: 'A', state: 'empty' },
    { name: 'B', state: 'other-card' },
    { name: 'C', state: 'card', serial: 'S', label: 'BELPIC', pinpad: true },
  ]);
});
