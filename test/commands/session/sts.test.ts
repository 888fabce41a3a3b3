/** `topaz session open` where the STS, the clock or the end of a session has its say. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { openBench } from '../cert/bench.js';
import type { Bench, Outcome } from '../cert/bench.js';

let bench: Bench;
let password: readonly string[];

const stored = (): Promise<string> =>
  readFile(join(bench.world.paths.state, 'sandbox', 'session-sandbox.json'), 'utf8').catch(
    () => '',
  );
const fail = (...argv: readonly string[]): Promise<Outcome> =>
  bench.json(['sandbox', 'fail', ...argv, '--data', bench.world.data]);
const open = (...more: readonly string[]): Promise<Outcome> =>
  bench.json(['session', 'open', '--via', 'keystore', '--as', 'doctor', ...password, ...more]);
const idOf = (outcome: Outcome): unknown => {
  if (outcome.status !== 0) throw new Error(outcome.stderr);
  return (outcome.json['session'] as Record<string, unknown>)['assertionId'];
};

/** Bodies of the requests to the STS since the last look. */
let seen = 0;
async function requests(): Promise<readonly string[]> {
  const names = (await readdir(bench.world.path('record'))).filter((name) => /-sts-.*request\.body$/.test(name)).sort(); // prettier-ignore
  const fresh = names.slice(seen);
  seen = names.length;
  return Promise.all(fresh.map((name) => readFile(bench.world.path('record', name), 'utf8')));
}

beforeAll(async () => {
  bench = await openBench();
  password = ['--password-file', bench.passwordFile];
  const made = await bench.json(['sandbox', 'keystore', 'create', '--holder', 'SSIN=79021599732', '--out', 'jean.p12', '--data', bench.world.data, ...password]); // prettier-ignore
  if (made.status !== 0) throw new Error(made.stderr);
  await bench.json(['keystore', 'import', 'jean.p12', '--alias', 'jean', '--use', ...password]);
  await bench.json(['keystore', 'use', 'jean']);
}, 60_000);
afterAll(() => bench.world.close());
beforeEach(async () => {
  await fail('--clear');
  await bench.json(['session', 'close']);
  await requests().catch(() => []);
});

describe('a hostile answer', () => {
  const kinds = [
    ['wrapped:header', 'E_SIGNATURE_INVALID', 9],
    ['wrapped:comment-in-name', 'E_ASSERTION_INVALID', 9],
    ['wrong-holder', 'E_ASSERTION_INVALID', 9],
    ['not-certified', 'E_STS_REFUSED', 4],
  ] as const;

  test.each(kinds)('%s: nothing is stored, and what was stored stays', async (kind, code, status) => {
    await fail('sts', '--with', kind);
    const outcome = await open('--sts', code === 'E_SIGNATURE_INVALID' ? 'saml' : 'wstrust');
    expect(outcome).toMatchObject({ status, stdout: '', error: { code } });
    expect(outcome.stderr).not.toMatch(/79021599732|<Assertion/);
    expect(await stored()).toBe('');
    await fail('--clear');
    await open();
    const before = await stored();
    expect(before).not.toBe('');
    await fail('sts', '--with', kind);
    expect(await open('--force')).toMatchObject({ status, error: { code } });
    expect(await stored()).toBe(before);
  }); // prettier-ignore

  test('kinds of the STS are for the STS alone, and are listed', async () => {
    for (const argv of [['etkdepot', '--with', 'no-signature'], ['sts', '--with', 'wrapped:other'], ['sts', '--with', 'expiring:0']]) {
      const outcome = await fail(...argv);
      expect(outcome).toMatchObject({ status: 2, error: { code: 'E_USAGE', hint: expect.stringContaining('wrapped:header') as unknown } });
    }
    await fail('sts', '--with', 'expiring:120', '--times', '2');
    expect((await fail('--list')).json).toMatchObject({ faults: [{ target: 'sts', kind: 'expiring:120', times: 2 }] });
  }); // prettier-ignore
});

describe('a session that ends', () => {
  test('is renewed in time, with one message and no PIN', async () => {
    const first = idOf(await open());
    await requests();
    expect(idOf(await open('--renew-within', '2h'))).toBe(first);
    expect(await requests()).toEqual([]);
    const second = idOf(await open('--renew-within', '25h'));
    expect(second).not.toBe(first);
    const [renewal, ...others] = await requests();
    expect(others).toEqual([]);
    expect(renewal).toContain('/200512/Renew<');
    expect(await stored()).toContain(String(second));
  });

  test('is renewed when only minutes are left, and asked for anew with --force', async () => {
    await fail('sts', '--with', 'expiring:240', '--times', '1');
    const first = idOf(await open());
    expect(await bench.json(['session', 'status', '--fail-within', '5m'])).toMatchObject({ status: 10 }); // prettier-ignore
    expect(await bench.json(['session', 'status', '--fail-within', '1m'])).toMatchObject({ status: 0 }); // prettier-ignore
    await requests();
    const second = idOf(await open());
    expect(second).not.toBe(first);
    expect((await requests())[0]).toContain('/200512/Renew<');
    await open('--force');
    expect((await requests())[0]).toContain('/200512/Issue<');
  });

  test('by SAML 1.1 is asked for anew, with what was asked before', async () => {
    const first = idOf(await open('--sts', 'saml'));
    expect(idOf(await open('--sts', 'saml', '--renew-within', '25h'))).not.toBe(first);
    const [one = '', two = ''] = await requests();
    const asked = (xml: string): unknown => /<\/saml:Subject>(<saml:AttributeDesignator.*)<\/samlp:AttributeQuery>/.exec(xml)?.[1]; // prettier-ignore
    expect(asked(two)).toBe(asked(one));
    expect(asked(two)).toBeDefined();
  });

  test('refuses a duration that is none', async () => {
    expect(await open('--renew-within', 'soon')).toMatchObject({ status: 2, error: { code: 'E_USAGE' } }); // prettier-ignore
  });
});

describe('a clock that is wrong', () => {
  test.each([
    ['en', 'saml', 'the clock of this machine is not right'],
    ['fr', 'wstrust', "l'horloge de cette machine n'est pas à l'heure"],
    ['nl', 'wstrust', 'de klok van deze machine loopt niet juist'],
    ['de', 'saml', 'die Uhr dieses Rechners geht falsch'],
  ])('is said in %s', async (lang, sts, sentence) => {
    const now = (): Date => new Date(Date.now() + 40 * 60_000);
    const argv = ['session', 'open', '--via', 'keystore', '--as', 'doctor', ...password, '--sts', sts]; // prettier-ignore
    const outcome = await bench.json(argv, { now, env: { TOPAZ_LANG: lang } });
    expect(outcome).toMatchObject({ status: 3, error: { code: 'E_CLOCK_SKEW', message: sentence } }); // prettier-ignore
    expect(outcome.stderr).toContain('40 min ahead of');
    expect(await stored()).toBe('');
  });
});

describe('a mandate', () => {
  test('needs the service that it is for', async () => {
    const argv = ['session', 'open', '--via', 'keystore', '--as', 'mandate', ...password];
    expect(await bench.json(argv)).toMatchObject({ status: 2, error: { code: 'E_INPUT_REQUIRED', hint: expect.stringContaining('--service-name') as unknown } }); // prettier-ignore
    const first = await bench.json([...argv, '--service-name', 'genins']);
    expect(first.json).toMatchObject({ session: { holder: { quality: 'mandate' } } });
    expect(idOf(await bench.json([...argv, '--service-name', 'genins']))).toBe(idOf(first));
    expect(idOf(await bench.json([...argv, '--service-name', 'other']))).not.toBe(idOf(first));
  });
});
