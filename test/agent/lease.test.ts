/** How long keys stay unlocked, with clocks that the test sets. */

import { beforeEach, describe, expect, test } from '@jest/globals';

import { Lease } from '../../src/agent/lease.js';

const MINUTE = 60_000;
let wall: number;
let monotonic: number;
let lease: Lease;

beforeEach(() => {
  wall = 1_800_000_000_000;
  monotonic = 5000;
  lease = new Lease({
    idleMs: 60 * MINUTE,
    endsAt: wall + 12 * 60 * MINUTE,
    wall: () => wall,
    monotonic: () => monotonic,
  });
});
const pass = (ms: number): void => {
  wall += ms;
  monotonic += ms;
};

describe('a lease', () => {
  test('is over after the idle time, to the millisecond', () => {
    pass(60 * MINUTE - 1);
    expect(lease.over()).toBeUndefined();
    pass(1);
    expect(lease.over()).toBe('idle');
  });

  test('starts anew with each use, up to the end of the assertion', () => {
    for (let hours = 0; hours < 23; hours += 1) {
      pass(30 * MINUTE);
      expect(lease.over()).toBeUndefined();
      lease.use();
    }
    expect(lease.locksAt).toBe(wall + 30 * MINUTE);
    pass(30 * MINUTE);
    expect(lease.over()).toBe('ended');
  });

  test('says when it would lock', () => {
    expect(lease.locksAt).toBe(wall + 60 * MINUTE);
    pass(5 * MINUTE);
    expect(lease.locksAt).toBe(wall + 55 * MINUTE);
    lease.use();
    expect(lease.usedAt).toBe(wall);
    expect(lease.locksAt).toBe(wall + 60 * MINUTE);
  });

  test('time asleep counts: the wall clock goes on while the other stands still', () => {
    wall += 61 * MINUTE;
    expect(lease.over()).toBe('idle');
    wall += 12 * 60 * MINUTE;
    expect(lease.over()).toBe('ended');
  });

  test('a clock that is set back gives no more time', () => {
    wall -= 24 * 60 * MINUTE;
    expect(lease.over()).toBeUndefined();
    monotonic += 60 * MINUTE;
    expect(lease.over()).toBe('idle');
    lease.use();
    monotonic += 11 * 60 * MINUTE;
    expect(lease.over()).toBe('ended');
  });

  test('is over at once for an assertion that has ended', () => {
    const late = new Lease({ idleMs: MINUTE, endsAt: wall, wall: () => wall, monotonic: () => monotonic });
    expect(late.over()).toBe('ended');
  }); // prettier-ignore
});
