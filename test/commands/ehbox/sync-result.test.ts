/** Exit status and document of a synchronisation, by its outcome. */

import { describe, expect, test } from '@jest/globals';

import { checkOutcome, syncJson } from '../../../src/commands/ehbox/sync-result.js';
import type { BoxInfo } from '../../../src/ehbox/reply.js';
import type { SyncResult } from '../../../src/ehbox/sync.js';
import { TopazError } from '../../../src/errors.js';
import { fault, networkDown } from '../../ehbox/fake-box.js';

const good: SyncResult = {
  listed: 5,
  fresh: ['a', 'b'],
  stored: 2,
  pending: 0,
  failed: [],
  unreadable: 0,
  unopened: [],
  moved: 0,
  gone: 0,
  back: 0,
  total: 5,
  complete: true,
  stopped: undefined,
  interrupted: false,
  lastSync: '2026-03-01T09:00:00.123Z',
};
const refused = {
  id: 'a',
  error: new TopazError('E_SERVICE_REFUSED', 'refused', { hint: 'see the code' }),
};
const nothing = { fresh: [], stored: 0 };

function statusOf(
  result: Partial<SyncResult>,
  flags: { listOnly?: boolean; failIfSealed?: boolean } = {},
): string {
  // prettier-ignore
  try {
    checkOutcome({ ...good, ...result }, { listOnly: false, failIfSealed: false, ...flags });
    return '0';
  } catch (error) {
    return error instanceof TopazError ? `${error.exitCode} ${error.code}` : 'a bug';
  }
}

describe('exit status', () => {
  test.each<[string, Partial<SyncResult>, string]>([
    ['everything is stored', {}, '0'],
    ['one of them stays sealed', { unopened: [{ id: 'a', status: 'no-key' }] }, '0'],
    ['some failed', { failed: [refused] }, '11 E_PARTIAL'],
    ['some are left', { pending: 3 }, '11 E_PARTIAL'],
    ['an entry could not be read', { unreadable: 1 }, '11 E_PARTIAL'],
    ['the lists kept changing', { complete: false }, '11 E_PARTIAL'],
    ['stopped half-way', { stopped: networkDown(), pending: 1 }, '11 E_PARTIAL'],
    ['nothing was done, the network was away', { ...nothing, stopped: networkDown() }, '6 E_NETWORK_RESET'],
    ['nothing was done, the session was over', { ...nothing, stopped: fault('SOA-01001') }, '7 E_SOAP_FAULT'],
    ['the only new one was refused', { ...nothing, failed: [refused] }, '7 E_SERVICE_REFUSED'],
    ['nothing was done and nothing says why', { ...nothing, pending: 1 }, '11 E_PARTIAL'],
    ['interrupted', { interrupted: true, pending: 3 }, '130 E_INTERRUPTED'],
  ])('%s', (_, result, status) => {
    expect(statusOf(result)).toBe(status);
  }); // prettier-ignore

  test('listing only leaves nothing undone', () => {
    expect(statusOf({ pending: 5, stored: 0 }, { listOnly: true })).toBe('0');
  });

  test('--fail-if-sealed tells closed from forged, and what is left comes first', () => {
    const closed = { id: 'a', status: 'no-key' } as const;
    const forged = { id: 'b', status: 'bad-signature' } as const;
    const flags = { failIfSealed: true };
    expect(statusOf({}, flags)).toBe('0');
    expect(statusOf({ unopened: [closed] }, flags)).toBe('9 E_SEAL_NOT_FOR_US');
    expect(statusOf({ unopened: [closed, forged] }, flags)).toBe('9 E_SEAL_INVALID');
    expect(statusOf({ unopened: [closed], pending: 1 }, flags)).toBe('11 E_PARTIAL');
  });
});

test('the document has the fields of the contract', () => {
  const info: BoxInfo = {
    box: { type: 'INSS', id: '79021599732', quality: 'DOCTOR' },
    standBy: 1,
    usedBytes: 10,
    maxBytes: 20,
  };
  expect(syncJson(info, { ...good, failed: [refused] })).toEqual({
    schema: 'topaz.ehbox.sync/1',
    box: { type: 'SSIN', id: '79021599732', quality: 'DOCTOR' },
    listed: 5,
    new: 2,
    stored: 2,
    pending: 0,
    sealed: 0,
    moved: 0,
    gone: 0,
    back: 0,
    total: 5,
    standBy: 1,
    capacity: { usedBytes: 10, maxBytes: 20 },
    failed: [
      {
        id: 'a',
        error: {
          code: 'E_SERVICE_REFUSED',
          message: 'refused',
          hint: 'see the code',
          exitCode: 7,
        },
      },
    ],
    lastSync: '2026-03-01T09:00:00Z',
  });
});
