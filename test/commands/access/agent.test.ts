/** Grants and the session agent: what it holds unlocked is no way around, and a grant taken back locks it. */

import { writeFile } from 'node:fs/promises';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

// Loaded beforehand: jest loses its way when a command loads several for the first time at once.
import '../../../src/commands/seal/index.js';
import '../../../src/etee/seal.js';
import '../../../src/etee/verify-etk.js';
import '../../../src/etk/obtain.js';
import { openBench } from '../cert/bench.js';
import type { Bench, Outcome } from '../cert/bench.js';

const JEAN = '79021599732';
const MARIE = '85061199814';
let bench: Bench;
let letters = 0;

const run = (...argv: readonly string[]): Promise<Outcome> =>
  bench.run([...argv, '--json'], { env: { TOPAZ_NO_AGENT: '' } });
async function good(...argv: readonly string[]): Promise<Record<string, unknown>> {
  const outcome = await run(...argv);
  if (outcome.status !== 0) throw new Error(`topaz ${argv.join(' ')}: ${outcome.stderr}`);
  return outcome.json;
}
/** Signs with the active keystore; no password is at hand. */
const seal = (): Promise<Outcome> => {
  letters += 1;
  return run('seal', 'letter.txt', '--to', `SSIN=${JEAN}`, '--out', `letter.${letters}`);
};
const grant = (...more: readonly string[]): Promise<Record<string, unknown>> =>
  good('access', 'grant', MARIE, '--keystore', 'jean', '--pin-file', bench.pinFile, ...more);

beforeAll(async () => {
  bench = await openBench();
  const password = ['--password-file', bench.passwordFile];
  await good('sandbox', 'keystore', 'create', '--holder', `SSIN=${JEAN}`, '--out', 'jean.p12', '--data', bench.world.data, ...password); // prettier-ignore
  await good('keystore', 'import', 'jean.p12', '--alias', 'jean', '--use', ...password);
  await writeFile(bench.world.path('letter.txt'), 'Dear colleague\n');
  await good('session', 'open', '--via', 'keystore', '--as', 'doctor', ...password);
  await good('profile', 'set', 'holder.type', 'SSIN');
}, 60_000);
afterAll(async () => {
  await run('session', 'close');
  await bench.world.close();
});

test('the responsible grants, the colleague uses, revoke, the colleague is refused', async () => {
  expect((await seal()).status).toBe(0);
  await grant('--may', 'read');
  await good('profile', 'set', 'holder.id', MARIE);
  expect((await seal()).error).toMatchObject({ code: 'E_ACCESS_DENIED', details: { reason: 'other-purpose' } }); // prettier-ignore
  await grant('--may', 'read', '--may', 'send');
  expect((await seal()).status).toBe(0);
  await good('access', 'revoke', MARIE, '--keystore', 'jean', '--yes');
  expect((await seal()).error).toMatchObject({ code: 'E_ACCESS_DENIED', details: { reason: 'no-grant' } }); // prettier-ignore
  // The agent has forgotten the key: the responsible unlocks it again.
  await good('profile', 'set', 'holder.id', JEAN);
  expect((await seal()).error.code).toMatch(/^E_(SESSION_LOCKED|INPUT_REQUIRED)$/);
  const { entries } = await good('access', 'log');
  expect((entries as { event: string; outcome?: string }[]).map(({ event, outcome = '' }) => `${event} ${outcome}`.trim())).toEqual(['grant', 'use denied', 'grant', 'use allowed', 'revoke', 'use denied', 'use allowed']); // prettier-ignore
  expect(await good('access', 'log', '--verify')).toMatchObject({ valid: true });
}, 60_000);
