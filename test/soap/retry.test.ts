/** When a call is sent again, and when never; with a clock and pauses of the test. */

import { describe, expect, test } from '@jest/globals';

import { SoapFaultError, TopazError } from '../../src/errors.js';
import type { ErrorCode } from '../../src/errors.js';
import { pauseBefore, retryAfterMs, withRetry } from '../../src/soap/retry.js';
import type { Repeat } from '../../src/soap/retry.js';

const NOW = new Date('2026-03-02T09:00:00Z');
const error = (code: ErrorCode, details: Record<string, unknown> = {}, facts: string[] = []) =>
  new TopazError(code, 'failed', { details, facts });
const unsent = (code: ErrorCode, facts: string[] = []) => error(code, { sent: false }, facts);
const page = (httpStatus: number, retryAfter?: string) =>
  error('E_NETWORK_HTTP', { httpStatus, ...(retryAfter === undefined ? {} : { retryAfter }) });

describe('whether', () => {
  test.each([
    // what, unsent, read
    ['refused before anything was sent', unsent('E_NETWORK_REFUSED'), true, true],
    ['a name that is not found', unsent('E_NETWORK_DNS'), true, true],
    ['no connection in time', unsent('E_NETWORK_TIMEOUT'), true, true],
    ['cut while TLS began', unsent('E_NETWORK_RESET'), true, true],
    ['a certificate that is not trusted', unsent('E_NETWORK_TLS'), false, false],
    ['a proxy that says no', unsent('E_NETWORK_REFUSED', ['HTTP status 407 from the proxy']), false, false],
    ['cut after it was sent', error('E_NETWORK_RESET'), false, true],
    ['a gateway without an answer', page(502), false, true],
    ['a gateway that waited', page(504), false, true],
    ['unavailable, with a time', page(503, '1'), false, true],
    ['unavailable, without', page(503), false, false],
    ['unavailable, for an hour', page(503, '3600'), false, false],
    ['unavailable, with nonsense', page(503, 'soon'), false, false],
    ['an error page', page(500), false, false],
    ['a redirect', page(302), false, false],
    ['no answer in time', error('E_NETWORK_TIMEOUT'), false, false],
    ['an answer that is none', error('E_REPLY_INVALID'), false, false],
    ['an answer too large', error('E_REPLY_TOO_LARGE'), false, false],
    ['interrupted', error('E_INTERRUPTED'), false, false],
    ['a fault', new SoapFaultError({ service: 's', statusCode: 500, faultCode: 'SOA-02002', faultString: '' }), false, false],
    ['a bug', new TypeError('x'), false, false],
  ] as const)('%s: unsent %#', (_, failure, forUnsent, forRead) => {
    const again = (repeat: Repeat): boolean => pauseBefore(failure, repeat, 0, NOW) !== undefined;
    expect([again('never'), again('unsent'), again('read')]).toEqual([false, forUnsent, forRead]);
  }); // prettier-ignore

  test('three times at most', () => {
    const failure = unsent('E_NETWORK_REFUSED');
    expect([0, 1, 2, 3].map((tries) => pauseBefore(failure, 'unsent', tries, NOW))).toEqual([300, 1500, undefined, undefined]); // prettier-ignore
  });
});

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['7', 7000],
    [' 7 ', 7000],
    ['Mon, 02 Mar 2026 09:00:05 GMT', 5000],
    ['Mon, 02 Mar 2026 08:00:00 GMT', 0],
    ['Monday, 02-Mar-26 09:00:05 GMT', 5000],
    ['-1', undefined],
    ['1.5', undefined],
    ['99999999999', undefined],
    ['2026', 2_026_000],
    ['2026-03-02T09:00:05Z', undefined],
    ['tomorrow', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j', (value, expected) => {
    expect(retryAfterMs(value, NOW)).toBe(expected);
  });

  test('is waited for, and never less than our own pause', () => {
    const pause = (value: string) => pauseBefore(page(503, value), 'read', 0, NOW);
    expect(pause('2')).toBe(2000);
    expect(pause('0')).toBe(300);
    expect(pause('20')).toBe(20_000);
    expect(pause('21')).toBeUndefined();
    expect(pause('Mon, 02 Mar 2026 09:00:09 GMT')).toBe(9000);
  });
});

describe('withRetry', () => {
  const set = (failures: readonly (Error | undefined)[], signal?: AbortSignal) => {
    const pauses: number[] = [];
    let attempts = 0;
    const run = (repeat: Repeat) =>
      withRetry(
        repeat,
        { now: () => NOW, sleep: (ms) => { pauses.push(ms); return Promise.resolve(); }, signal },
        () => {
          const failure = failures[attempts];
          attempts += 1;
          return failure === undefined ? Promise.resolve('done') : Promise.reject(failure);
        },
      ); // prettier-ignore
    return { run, pauses, attempts: () => attempts };
  };

  test('goes on until it succeeds', async () => {
    const { run, pauses, attempts } = set([unsent('E_NETWORK_DNS'), unsent('E_NETWORK_REFUSED')]);
    expect(await run('unsent')).toBe('done');
    expect([attempts(), pauses]).toEqual([3, [300, 1500]]);
  });

  test('ends with the last error', async () => {
    const { run, attempts } = set([unsent('E_NETWORK_DNS'), unsent('E_NETWORK_DNS'), unsent('E_NETWORK_REFUSED'), undefined]); // prettier-ignore
    await expect(run('unsent')).rejects.toMatchObject({ code: 'E_NETWORK_REFUSED' });
    expect(attempts()).toBe(3);
  });

  test('stops at the first that may have been processed', async () => {
    const { run, attempts } = set([unsent('E_NETWORK_DNS'), error('E_NETWORK_RESET'), undefined]);
    await expect(run('unsent')).rejects.toMatchObject({ code: 'E_NETWORK_RESET' });
    expect(attempts()).toBe(2);
  });

  test('an interruption ends the wait, and what is waiting', async () => {
    const control = new AbortController();
    const waiting = withRetry(
      'unsent',
      {
        now: () => NOW,
        sleep: (_, signal) => new Promise((__, reject) => { signal?.addEventListener('abort', () => { reject(new Error('woken')); }); }),
        signal: control.signal,
      },
      () => Promise.reject(unsent('E_NETWORK_DNS')),
    ); // prettier-ignore
    setTimeout(() => { control.abort(); }, 10); // prettier-ignore
    await expect(waiting).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    const { run, attempts } = set([unsent('E_NETWORK_DNS')], AbortSignal.abort());
    await expect(run('unsent')).rejects.toMatchObject({ code: 'E_NETWORK_DNS' });
    expect(attempts()).toBe(1);
  });
});
