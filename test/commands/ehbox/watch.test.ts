/** `topaz ehbox sync --ndjson` and `--watch` as typed, at a sandbox that fails when it is told to. */

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';

import { openSandboxWorld } from './sandbox-world.js';
import type { SandboxWorld } from './sandbox-world.js';

let world: SandboxWorld;

beforeAll(async () => {
  world = await openSandboxWorld();
}, 60_000);

afterEach(async () => {
  await world.json(['sandbox', 'fail', '--clear', ...world.data]);
});

afterAll(async () => {
  await world.close();
});

const deliver = (subject: string): Promise<unknown> =>
  world.json(['sandbox', 'deliver', '--to', 'SSIN=79021599732', '--quality', 'DOCTOR', '--subject', subject, '--text', 'x', ...world.data]); // prettier-ignore

/** Runs until enough lines came, then stops it as a person would. */
async function watch(
  enough: (lines: readonly string[]) => boolean,
  ...flags: readonly string[]
): Promise<{ status: number; stdout: readonly string[]; stderr: readonly string[] }> {
  const controller = new AbortController();
  const lines: string[] = [];
  const running = world.run(['ehbox', 'sync', '--watch', '--every', '1s', ...flags], {
    signal: controller.signal,
    io: {
      out: (line) => {
        lines.push(line);
        if (enough(lines)) {
          controller.abort();
        }
      },
    },
  });
  const timer = setTimeout(() => {
    controller.abort();
  }, 20_000);
  try {
    return { ...(await running), stdout: lines };
  } finally {
    clearTimeout(timer);
  }
}

test('ndjson: one document per event, the result last, nothing about persons', async () => {
  const { status, stdout } = await world.run(['ehbox', 'sync', '--ndjson']);
  expect(status).toBe(0);
  const documents = stdout.map((line) => JSON.parse(line) as Record<string, string>);
  expect(documents.at(-1)).toMatchObject({ schema: 'topaz.ehbox.sync/1', failed: [] });
  const events = documents.slice(0, -1);
  expect(new Set(events.map(({ schema }) => schema))).toEqual(new Set(['topaz.ehbox.event/1']));
  const of = (name: string): number => events.filter(({ event }) => event === name).length;
  expect([of('seen'), of('stored'), of('decoded')]).toEqual([7, 7, 7]);
  expect(stdout.slice(0, -1).join()).not.toMatch(/Results|Exemple|\d{11}/);
});

test('the sent side is asked for by name', async () => {
  expect(await world.json(['ehbox', 'sync', '--sent'])).toMatchObject({ listed: 7, stored: 0, failed: [] }); // prettier-ignore
  expect(await world.json(['ehbox', 'list', '--folder', 'sent'])).toMatchObject({ messages: [] });
});

test('watching: turn after turn, also after a failure of the network, until it is stopped', async () => {
  await deliver('first');
  const later = setTimeout(() => void deliver('second'), 1500);
  const turns = (lines: readonly string[]): number =>
    lines.filter((line) => line.includes('topaz.ehbox.sync/1')).length;
  const stored = (lines: readonly string[]): number =>
    lines.filter((line) => line.includes('"event":"stored"')).length;
  const { status, stdout } = await watch(
    (lines) => turns(lines) >= 2 && stored(lines) >= 2,
    '--ndjson',
  );
  clearTimeout(later);
  expect(status).toBe(130);
  expect(stored(stdout)).toBe(2);
  expect(turns(stdout)).toBeGreaterThanOrEqual(2);
}, 30_000);

test('plain lines: time, event, id', async () => {
  await deliver('third');
  const { status, stdout } = await watch((lines) => lines.some((line) => line.includes('decoded')));
  expect(status).toBe(130);
  expect(stdout[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z\tseen\t[A-Za-z0-9]{13}\tinbox$/);
}, 30_000);

test('what needs a person ends it; what cannot be is refused', async () => {
  expect((await world.failure(['ehbox', 'sync', '--watch', '--every', 'soon'])).code).toBe('E_USAGE'); // prettier-ignore
  await world.json(['session', 'close']);
  expect(await world.failure(['ehbox', 'sync', '--watch'])).toMatchObject({ status: 4, code: 'E_SESSION_NONE' }); // prettier-ignore
});
