/** Batches against a journal on disk; who answers is the test's own function. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { SoapFaultError, TopazError } from '../../../src/errors.js';
import { parseSsin } from '../../../src/ids/ssin.js';
import { changesBetween, lastStandings, standingOf } from '../../../src/mycarenet/batch/changes.js';
import { AnswerJournal } from '../../../src/mycarenet/batch/journal.js';
import { createPace, inParallel } from '../../../src/mycarenet/batch/pace.js';
import { patientKey, questionKey } from '../../../src/mycarenet/batch/question-key.js';
import { runBatch } from '../../../src/mycarenet/batch/run-batch.js';
import type { Ask, BatchOptions, BatchResult } from '../../../src/mycarenet/batch/run-batch.js';
import type { MemberDataQuery } from '../../../src/mycarenet/memberdata/query.js';
import { day, QUERY } from '../memberdata/values.js';
import { reply } from './replies.js';

const ASKER = { environment: 'sandbox', nihii: '19547181004' } as const;
const NOON = new Date('2026-03-01T12:00:00Z');
const UNTIL = new Date('2026-03-01T20:00:00Z');

let folder: string;
let now: Date;
let journal: AnswerJournal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-batch-'));
  now = NOON;
  journal = await AnswerJournal.open(folder, day('2026-03-01'), {});
});
afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

/** Checksum-valid numbers of people who do not exist. */
const query = (n: number): MemberDataQuery => {
  const base = 850_611_000 + n;
  return {
    ...QUERY,
    patient: { kind: 'ssin', ssin: parseSsin(`${base}${String(97 - (base % 97)).padStart(2, '0')}`) },
  };
}; // prettier-ignore
const queries = (count: number): readonly MemberDataQuery[] =>
  Array.from({ length: count }, (_, n) => query(n));

function batch(
  asked: Iterable<MemberDataQuery>,
  ask: Ask,
  options: Partial<BatchOptions> = {},
): Promise<ReadonlyMap<string, BatchResult>> {
  return runBatch(asked, {
    asker: ASKER,
    journal,
    ask,
    now: () => now,
    maxAgeMs: 3_600_000,
    concurrency: 1,
    raw: false,
    until: UNTIL,
    signal: new AbortController().signal,
    onEnd: () => undefined,
    ...options,
  });
}

/** Answers everybody and remembers who asked. */
function answering(change?: (n: number) => ReturnType<typeof reply>): Ask & { calls: string[] } {
  const calls: string[] = [];
  const ask: Ask = (asked, sent) => {
    sent(`T${calls.length}`);
    calls.push(questionKey(ASKER, asked));
    return Promise.resolve({ reply: change?.(calls.length) ?? reply(), reference: 'T' });
  };
  return Object.assign(ask, { calls });
}

const failing =
  (make: () => TopazError): Ask =>
  (_, sent) => {
    sent('T');
    return Promise.reject(make());
  };
const codes = (results: ReadonlyMap<string, BatchResult>): readonly (string | undefined)[] =>
  [...results.values()].map(({ error }) => error?.code);

describe('the journal decides what is asked', () => {
  test('a second run asks nothing', async () => {
    const first = answering();
    await batch(queries(5), first, { concurrency: 3 });
    const second = answering();
    const results = await batch(queries(5), second, { concurrency: 3 });
    expect([first.calls.length, second.calls.length]).toEqual([5, 0]);
    expect([...results.values()].every((result) => result.error === undefined && result.reused)).toBe(true); // prettier-ignore
  });

  test('the same patient twice in a list is asked once', async () => {
    const ask = answering();
    await batch([query(1), query(1), query(1)], ask, { concurrency: 3 });
    expect(ask.calls).toHaveLength(1);
  });

  test.each<[string, Partial<BatchOptions>, (date: Date) => Date]>([
    ['--max-age 0', { maxAgeMs: 0 }, (date) => new Date(date.getTime() + 1)],
    ['an answer that is too old', {}, (date) => new Date(date.getTime() + 3_600_001)],
    ['an answer from the future', {}, (date) => new Date(date.getTime() - 1000)],
    ['facts as stated are wanted and were not kept', { raw: true }, (date) => date],
    ['another provider', { asker: { ...ASKER, nihii: '19999123004' } }, (date) => date],
  ])('%s: asked anew', async (_, options, later) => {
    await batch([query(1)], answering());
    now = later(now);
    const ask = answering();
    await batch([query(1)], ask, options);
    expect(ask.calls).toHaveLength(1);
  });

  test('another day of the question, another purpose, another facet: asked', async () => {
    await batch([query(1)], answering());
    const ask = answering();
    const others = [
      { ...query(1), from: day('2026-02-08') },
      { ...query(1), requestType: 'invoicing' as const },
      { ...query(1), otherFacets: ['carePath' as const] },
    ];
    await batch(others, ask);
    expect(ask.calls).toHaveLength(3);
  });

  test('no data is never kept', async () => {
    await batch([query(1)], answering(() => reply({ status: 'no-data' }))); // prettier-ignore
    const ask = answering();
    await batch([query(1)], ask);
    expect(ask.calls).toHaveLength(1);
  });

  test('an unknown patient is known to be so for an hour; other failures are asked again', async () => {
    const unknown = failing(() => new TopazError('E_PATIENT_UNKNOWN', 'the patient is not known'));
    await batch([query(1)], unknown);
    await batch([query(2)], failing(() => new TopazError('E_INSURABILITY_REFUSED', 'refused'))); // prettier-ignore
    const soon = answering();
    await batch([query(1), query(2)], soon, { maxAgeMs: 86_400_000 });
    expect(soon.calls).toEqual([questionKey(ASKER, query(2))]);
    now = new Date(now.getTime() + 3_600_001);
    const later = answering();
    await batch([query(1)], later, { maxAgeMs: 86_400_000 });
    expect(later.calls).toHaveLength(1);
  });

  test('one that was sent and never answered is asked again', async () => {
    journal.append({ state: 'sent', key: questionKey(ASKER, query(1)), at: now.toISOString(), reference: 'T' }); // prettier-ignore
    const ask = answering();
    await batch([query(1)], ask);
    expect(ask.calls).toHaveLength(1);
  });

  test('the reference is in the journal before the question leaves', async () => {
    const ask: Ask = (asked, sent) => {
      sent('T7');
      expect(journal.find(questionKey(ASKER, asked))).toMatchObject({ state: 'sent' });
      return Promise.resolve({ reply: reply(), reference: 'T7' });
    };
    await batch([query(1)], ask);
    expect.assertions(1);
  });
});

describe('failures', () => {
  test('one patient’s own failure does not hinder the others', async () => {
    let n = 0;
    const ask: Ask = (asked, sent) => {
      n += 1;
      return n === 2
        ? Promise.reject(new TopazError('E_INSURABILITY_REFUSED', 'refused'))
        : answering()(asked, sent);
    };
    expect(codes(await batch(queries(4), ask))).toEqual([undefined, 'E_INSURABILITY_REFUSED', undefined, undefined]); // prettier-ignore
  });

  test.each([
    ['a fault of the platform', () => new SoapFaultError({ service: 'memberdata', statusCode: 500, faultCode: 'SOA-01001', faultString: 'x' })],
    ['nobody there', () => new TopazError('E_NETWORK_REFUSED', 'refused')],
    ['another certificate', () => new TopazError('E_NETWORK_TLS', 'tls')],
  ])('%s ends the asking', async (_, make) => {
    let calls = 0;
    const results = await batch(queries(10), (asked, sent) => {
      calls += 1;
      return failing(make)(asked, sent);
    });
    expect(calls).toBe(1);
    expect(results.size).toBe(10);
    expect(new Set(codes(results)).size).toBe(1);
  }); // prettier-ignore

  test.each([1, 3])('%i at a time: as many broken connections are borne, not one more', async (concurrency) => {
    let calls = 0;
    await batch(queries(30), (asked, sent) => {
      calls += 1;
      return failing(() => new TopazError('E_NETWORK_TIMEOUT', 'late'))(asked, sent);
    }, { concurrency });
    expect(calls).toBeGreaterThan(concurrency);
    expect(calls).toBeLessThanOrEqual(2 * concurrency);
  }); // prettier-ignore

  test('a session that ends stops the asking; what was answered stays', async () => {
    const ask = answering(() => {
      now = new Date(now.getTime() + 4 * 3_600_000);
      return reply();
    });
    expect(codes(await batch(queries(4), ask))).toEqual([undefined, undefined, 'E_SESSION_EXPIRED', 'E_SESSION_EXPIRED']); // prettier-ignore
  });

  test('interrupted, the answers are in the journal and the rest is asked next time', async () => {
    const controller = new AbortController();
    const ask: Ask = (asked, sent) => {
      if (journal.find(questionKey(ASKER, query(2))) !== undefined) {
        controller.abort(new TopazError('E_INTERRUPTED', 'interrupted'));
      }
      return answering()(asked, sent);
    };
    await expect(batch(queries(9), ask, { signal: controller.signal })).rejects.toMatchObject({ code: 'E_INTERRUPTED' }); // prettier-ignore
    const rest = answering();
    await batch(queries(9), rest);
    expect(rest.calls).toHaveLength(5);
  });

  test('a full disk ends the run: nothing more is asked that could not be kept', async () => {
    let calls = 0;
    const ask: Ask = () => {
      calls += 1;
      return Promise.reject(new TopazError('E_DISK_FULL', 'full'));
    };
    await expect(batch(queries(5), ask)).rejects.toMatchObject({ code: 'E_DISK_FULL' });
    expect(calls).toBe(1);
  });

  test('a defect is no failure of a patient', async () => {
    await expect(batch(queries(5), () => Promise.reject(new Error('bug')))).rejects.toThrow('bug');
  });
});

describe('pace', () => {
  test('turns are spread evenly; time that nobody used is not saved up', async () => {
    let clock = 0;
    const waits: number[] = [];
    const pace = createPace({
      rate: 4,
      elapsed: () => clock,
      sleep: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
    });
    await pace();
    await pace();
    await pace();
    clock = 10_000;
    await pace();
    await pace();
    expect(waits).toEqual([250, 500, 250]);
  });

  test('never more at a time than allowed, all of them, in their order', async () => {
    let running = 0;
    let most = 0;
    const begun: number[] = [];
    await inParallel(
      Array.from({ length: 20 }, (_, n) => n),
      4,
      async (n) => {
        begun.push(n);
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      },
    );
    expect(most).toBe(4);
    expect(begun).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});

describe('what changed', () => {
  test.each<[string, Parameters<typeof reply>[0], string]>([
    ['the mutuality', { period: { mutuality: '509' } }, 'mutuality'],
    ['increased reimbursement', { period: { bim: true } }, 'bim'],
    ['a code', { period: { ct2: '111' } }, 'ct2'],
    ['no longer insured', { status: 'not-insured' }, 'status'],
    ['a medical house', { medicalHouse: [{ type: 'Nurse', nihii: '82000001' }] }, 'medicalHouse'],
    ['third-party paying', { thirdPartyPayer: false }, 'thirdPartyPayer'],
    ['the days asked about', { period: { from: day('2026-03-02'), to: day('2026-03-02') } }, ''],
  ])('%s', (_, after, fact) => {
    const changes = changesBetween(standingOf(reply()), standingOf(reply(after)));
    expect(changes.map((change) => change.fact)).toEqual(fact === '' ? [] : [fact]);
  });

  test('the last answer of each patient, until a day', async () => {
    const key = patientKey(ASKER, query(1).patient);
    const wanted = new Set([key]);
    await batch([query(1)], answering());
    now = new Date(now.getTime() + 1000);
    await batch([query(1), query(2)], answering(() => reply({ period: { mutuality: '509' } })), { maxAgeMs: 0 }); // prettier-ignore
    const last = await lastStandings(folder, wanted, undefined);
    expect([...last.keys()]).toEqual([key]);
    expect(last.get(key)).toMatchObject({ mutuality: '509' });
    expect((await lastStandings(folder, wanted, day('2026-02-28'))).size).toBe(0);
    expect((await lastStandings(folder, wanted, day('2026-03-01'))).size).toBe(1);
  });
});
