/** `topaz session …` as typed, at the sandbox's STS, with a simulated card and keystores of the seed. */

import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { createRun } from '../../../src/cli/run.js';
import type { KeystoreFlags } from '../../../src/commands/keystore/open-keystore.js';
import { liveSession } from '../../../src/commands/session/live-session.js';
import type { LiveSession } from '../../../src/commands/session/live-session.js';
import { acquireLock } from '../../../src/disk/lock.js';
import { setCard } from '../../../src/pkcs11/simulated/card-folder.js';
import { sessionLock } from '../../../src/sts/session-store.js';
import { CARD_PIN, PASSWORD } from '../../lifecycle/world.js';
import { scriptedPrompter, testContext } from '../../support/context.js';
import { openBench } from '../cert/bench.js';
import type { Bench, Outcome } from '../cert/bench.js';

let bench: Bench;
let password: readonly string[];
let other = '';

const state = (): string => join(bench.world.paths.state, 'sandbox');
const stored = (): string => join(state(), 'session-sandbox.json');
const sessionOf = (outcome: Outcome): Record<string, unknown> => {
  if (outcome.status !== 0) throw new Error(outcome.stderr);
  return outcome.json['session'] as Record<string, unknown>;
};
const open = (...more: readonly string[]): Promise<Outcome> =>
  bench.json(['session', 'open', ...more]);
const fallback = (...more: readonly string[]): Promise<Outcome> =>
  open('--via', 'keystore', '--as', 'doctor', ...password, ...more);

beforeAll(async () => {
  bench = await openBench();
  password = ['--password-file', bench.passwordFile];
  const create = async (holder: string, out: string): Promise<void> => {
    const made = await bench.json(['sandbox', 'keystore', 'create', '--holder', holder, '--out', out, '--data', bench.world.data, ...password]); // prettier-ignore
    if (made.status !== 0) throw new Error(made.stderr);
  };
  await create('SSIN=79021599732', 'jean.p12');
  await create('SSIN=72090499770', 'arno.p12');
  await create('NIHII-GROUP=94499180', 'group.p12');
  for (const name of ['jean', 'arno', 'group']) {
    await bench.json(['keystore', 'import', `${name}.p12`, '--alias', name, ...password]);
  }
  await bench.json(['keystore', 'use', 'jean']);
  await bench.json(['profile', 'set', 'sts.protocol', 'saml']);
  other = await bench.world.makeCard('other', { ssin: '72090499770', name: 'Arno Modèle' });
}, 60_000);
afterAll(() => bench.world.close());
beforeEach(async () => {
  await bench.json(['session', 'close']);
  await bench.json(['profile', 'unset', 'holder.quality']);
  await bench.json(['profile', 'unset', 'via']);
  await setCard(bench.card, 'triesLeft', '3');
});

describe('session open', () => {
  test('keeps the session for its owner alone and shows no assertion', async () => {
    const outcome = await fallback();
    expect(sessionOf(outcome)).toMatchObject({
      via: 'keystore',
      holder: { type: 'NIHII11', id: '19547181004', quality: 'doctor' },
      environment: 'sandbox',
    });
    expect((await stat(stored())).mode & 0o777).toBe(0o600);
    expect((await stat(state())).mode & 0o777).toBe(0o700);
    expect(outcome.stdout + outcome.stderr).not.toMatch(/Assertion|79021599732/);
  });

  test('returns the open one, without a password, unless forced', async () => {
    const { assertionId } = sessionOf(await fallback());
    expect(sessionOf(await open('--via', 'keystore'))).toMatchObject({ assertionId });
    expect(sessionOf(await open('--via', 'keystore', '--as', 'doctor'))).toMatchObject({ assertionId }); // prettier-ignore
    expect(sessionOf(await fallback('--force'))['assertionId']).not.toBe(assertionId);
  });

  test('does not return one that is about to end', async () => {
    const { assertionId } = sessionOf(await fallback('--minutes', '5'));
    expect(sessionOf(await fallback())['assertionId']).not.toBe(assertionId);
  });

  test('does not return the one of another keystore, way or quality', async () => {
    const first = sessionOf(await fallback());
    const group = sessionOf(await open('--via', 'keystore', '--keystore', 'group', ...password));
    expect(group).toMatchObject({ holder: { id: '94499180', quality: 'groupofnurses' } });
    const again = sessionOf(await fallback());
    expect(again).toMatchObject({ holder: { quality: 'doctor' } });
    expect(again['assertionId']).not.toBe(first['assertionId']);
    expect(sessionOf(await open('--via', 'eid', '--as', 'doctor', ...bench.secrets))).toMatchObject({ via: 'eid' }); // prettier-ignore
  });

  test('a quality that eHealth does not certify leaves the open session as it is', async () => {
    const { assertionId } = sessionOf(await fallback());
    const refused = await open('--via', 'keystore', '--as', 'nurse', ...password);
    expect(refused).toMatchObject({ status: 4, stdout: '', error: { code: 'E_STS_REFUSED' } });
    expect(refused.stderr).not.toContain('7902159');
    expect(sessionOf(await bench.json(['session', 'status']))).toMatchObject({ assertionId });
  });

  test('takes the quality of a person from the profile, that of an organisation from its certificate', async () => {
    await bench.json(['profile', 'set', 'holder.quality', 'doctor']);
    expect(sessionOf(await open('--via', 'keystore', ...password))).toMatchObject({ holder: { quality: 'doctor' } });
    const group = ['--via', 'keystore', '--keystore', 'group'];
    const { assertionId } = sessionOf(await open(...group, ...password));
    expect(sessionOf(await open(...group))).toMatchObject({ assertionId });
    await bench.json(['session', 'close']);
    await bench.json(['profile', 'set', 'holder.quality', 'nurse']);
    expect(sessionOf(await open('--via', 'keystore', '--keystore', 'arno', ...password))).toMatchObject({ holder: { quality: 'nurse' } });
  }); // prettier-ignore

  test.each([
    { name: 'TOPAZ_VIA', env: { TOPAZ_VIA: 'keystore' }, profile: undefined },
    { name: 'the profile', env: {}, profile: 'keystore' },
  ])('takes the way from $name', async ({ env, profile }) => {
    if (profile !== undefined) await bench.json(['profile', 'set', 'via', profile]);
    const outcome = await bench.json(['session', 'open', '--as', 'doctor', ...password], { env });
    expect(sessionOf(outcome)).toMatchObject({ via: 'keystore' });
  });

  test.each<[string, readonly string[], string, string]>([
    ['no way', ['--as', 'doctor'], 'E_INPUT_REQUIRED', '--via'],
    ['no quality', ['--via', 'keystore', 'PASSWORD'], 'E_INPUT_REQUIRED', '--as'],
    ['no password', ['--via', 'keystore', '--as', 'doctor'], 'E_INPUT_REQUIRED', '--password-file'],
    ['no PIN', ['--via', 'eid', '--as', 'doctor', 'PASSWORD'], 'E_INPUT_REQUIRED', '--pin-file'],
    ['a quality with a slip', ['--via', 'keystore', '--as', 'docter'], 'E_USAGE', '--as doctor'],
    ['a quality of others', ['--via', 'keystore', '--as', 'hospital', 'PASSWORD'], 'E_USAGE', '--as'],
    ['no minutes', ['--via', 'keystore', '--minutes', '0'], 'E_USAGE', '--minutes'],
    ['too many minutes', ['--via', 'keystore', '--minutes', '1441'], 'E_USAGE', '--minutes'],
    ['minutes in words', ['--via', 'keystore', '--minutes', 'ten'], 'E_USAGE', '--minutes'],
    ['no such keystore', ['--via', 'keystore', '--keystore', 'jaen'], 'E_KEYSTORE_UNKNOWN', 'keystore list'],
  ])('refuses %s, and says what to type', async (_, argv, code, hint) => {
    const flags = argv.flatMap((word) => (word === 'PASSWORD' ? password : [word]));
    const before = await exchanges();
    const outcome = await open(...flags);
    expect({ stdout: outcome.stdout, ...outcome.error }).toMatchObject({
      stdout: '',
      code,
      hint: expect.stringContaining(hint),
    });
    expect(await exchanges()).toBe(before);
  }); // prettier-ignore

  test('a way that does not exist, from the environment', async () => {
    const outcome = await bench.json(['session', 'open'], { env: { TOPAZ_VIA: 'card' } });
    expect(outcome).toMatchObject({ status: 2, error: { code: 'E_USAGE' } });
  });

  test('two at once take turns; one that never ends is named', async () => {
    await fallback();
    const lock = await acquireLock(sessionLock(state()));
    try {
      for (const argv of [['open', '--via', 'keystore', '--force'], ['close']]) {
        const outcome = await bench.json(['session', ...argv, '--lock-timeout', '0s']);
        expect(outcome).toMatchObject({ status: 3, error: { code: 'E_LOCKED' } });
      }
    } finally {
      await lock.release();
    }
    const both = await Promise.all([fallback(), fallback()]);
    const ids = both.map((outcome) => sessionOf(outcome)['assertionId']);
    expect(new Set(ids).size).toBe(1);
  }); // prettier-ignore
});

describe('session open with the card', () => {
  const eid = (...more: readonly string[]): Promise<Outcome> =>
    open('--via', 'eid', '--as', 'doctor', ...password, ...more);
  const triesLeft = async (): Promise<unknown> =>
    (JSON.parse(await readFile(join(bench.card, 'card.json'), 'utf8')) as Record<string, unknown>)['triesLeft']; // prettier-ignore

  test('asks way, quality, password and PIN of a person, in this order', async () => {
    const { prompter, asked } = scriptedPrompter('eid', PASSWORD, 'doctor', CARD_PIN);
    const outcome = await bench.run(['session', 'open'], { terminal: true, prompter });
    expect(outcome.stdout).toMatch(/^Session open as doctor until .* environment sandbox$/);
    expect(asked).toEqual([
      'How do you want to open the session?',
      expect.stringContaining('jean'),
      'In which quality (doctor, nurse …)?',
      expect.stringContaining('3'),
    ]);
  });

  test('a wrong PIN is tried once, and nothing is sent', async () => {
    const file = bench.world.path('wrong-pin');
    await writeFile(file, '0000\n', { mode: 0o600 });
    const before = await exchanges();
    const outcome = await eid('--pin-file', file);
    expect(outcome).toMatchObject({ status: 5, error: { code: 'E_PIN_INCORRECT' } });
    expect(await triesLeft()).toBe(2);
    expect(await exchanges()).toBe(before);
  });

  test('the card of another person is refused before any PIN', async () => {
    const env = { TOPAZ_PKCS11_MODULE: other };
    const wrong = bench.world.path('pin-of-nobody');
    await writeFile(wrong, '0000\n', { mode: 0o600 });
    const argv = [
      'session',
      'open',
      '--via',
      'eid',
      '--as',
      'doctor',
      ...password,
      '--pin-file',
      wrong,
    ];
    const before = await exchanges();
    const outcome = await bench.json(argv, { env });
    expect(outcome).toMatchObject({ status: 5, error: { code: 'E_CARD_MISMATCH' } });
    expect(outcome.stderr).not.toMatch(/790215|720904/);
    expect(await exchanges()).toBe(before);
  });

  test("an organisation's keystore opens with the card of who has its mandate", async () => {
    const argv = ['session', 'open', '--via', 'eid', '--keystore', 'group', ...bench.secrets];
    const outcome = await bench.json(argv, { env: { TOPAZ_PKCS11_MODULE: other } });
    expect(sessionOf(outcome)).toMatchObject({ via: 'eid', holder: { id: '94499180' } });
  });
});

describe('session status', () => {
  test('says until when; 10 when none is open or it ends too soon', async () => {
    const none = await bench.json(['session', 'status']);
    expect(none).toMatchObject({ status: 10, stdout: '', error: { code: 'E_CHECK_FAILED' } });
    const { assertionId } = sessionOf(await fallback('--minutes', '60'));
    const status = sessionOf(await bench.json(['session', 'status', '--fail-within', '15m']));
    expect(status).toMatchObject({ assertionId });
    expect(status['secondsLeft']).toBeGreaterThan(3500);
    const soon = await bench.json(['session', 'status', '--fail-within', '2h']);
    expect(soon).toMatchObject({ status: 10, json: { session: { assertionId } } });
    const now = (): Date => new Date(Date.now() + 61 * 60_000);
    expect(await bench.json(['session', 'status'], { now })).toMatchObject({ status: 10 });
  });

  test('refuses a duration that is none', async () => {
    const outcome = await bench.json(['session', 'status', '--fail-within', 'soon']);
    expect(outcome).toMatchObject({ status: 2, error: { code: 'E_USAGE' } });
  });
});

describe('session show', () => {
  test('lists what was certified; one record per line in a pipe', async () => {
    await fallback();
    const { stdout } = await bench.run(['session', 'show']);
    expect(stdout.split('\n')).toContain('urn:be:fgov:person:ssin:doctor:boolean\ttrue');
  });

  test('writes the assertion for its owner alone, and over no file', async () => {
    await fallback();
    const argv = ['session', 'show', '--saml', 'assertion.xml'];
    const file = bench.world.path('assertion.xml');
    const shown = await bench.json(argv);
    expect(shown.stdout).not.toContain('Signature');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { assertion } = JSON.parse(await readFile(stored(), 'utf8')) as { assertion: string };
    expect(await readFile(file, 'utf8')).toBe(assertion);
    expect(await bench.json(argv)).toMatchObject({ status: 2, error: { code: 'E_FILE_EXISTS' } });
    expect(await bench.json([...argv, '--force'])).toMatchObject({ status: 0 });
  });

  test('tells none from one that has ended', async () => {
    expect(await bench.json(['session', 'show'])).toMatchObject({ status: 4, error: { code: 'E_SESSION_NONE' } }); // prettier-ignore
    await fallback('--minutes', '30');
    const now = (): Date => new Date(Date.now() + 31 * 60_000);
    expect(await bench.json(['session', 'show'], { now })).toMatchObject({ status: 4, error: { code: 'E_SESSION_EXPIRED' } }); // prettier-ignore
  });
});

describe('liveSession', () => {
  const live = async (flags: KeystoreFlags, now = (): Date => new Date()): Promise<LiveSession> => {
    const env = { TOPAZ_HOME: join(bench.world.dir, 'home'), TOPAZ_PROFILE: 'sandbox' };
    const { run, close } = await createRun(testContext({ env, now }), {});
    try {
      return await liveSession(run, flags);
    } finally {
      await close();
    }
  };
  const passwordFile = (): string => bench.passwordFile;

  test('gives the assertion and the key that signs with it', async () => {
    const { assertionId } = sessionOf(await fallback());
    const { security, session, keystore } = await live({ passwordFile: passwordFile() });
    expect(security).toMatchObject({ kind: 'saml', assertionId, assertion: session.assertion });
    expect(keystore).toMatchObject({ alias: 'jean', holder: { identifier: { type: 'SSIN' } } });
  });

  test('refuses a keystore that the session was not opened with', async () => {
    await fallback();
    await expect(live({ keystore: 'arno', passwordFile: passwordFile() })).rejects.toMatchObject({
      code: 'E_SESSION_EXPIRED',
      hint: expect.stringContaining('--keystore'),
    });
  });

  test('asks no password where there is no session, or less than a minute of it', async () => {
    await expect(live({})).rejects.toMatchObject({ code: 'E_SESSION_NONE' });
    await fallback('--minutes', '10');
    const late = (): Date => new Date(Date.now() + 9.5 * 60_000);
    await expect(live({}, late)).rejects.toMatchObject({ code: 'E_SESSION_EXPIRED' });
  });
});

describe('session close', () => {
  test('forgets the session, and says whether there was one', async () => {
    await fallback();
    expect((await bench.json(['session', 'close'])).json).toMatchObject({ closed: true });
    expect((await bench.json(['session', 'close'])).json).toMatchObject({ closed: false });
    expect(await bench.json(['session', 'status'])).toMatchObject({ status: 10 });
  });

  test('--all forgets those of every profile', async () => {
    await fallback();
    const env = { TOPAZ_PROFILE: 'second' };
    await bench.json(['profile', 'create', 'second', '--environment', 'acc'], { env: {} });
    const closed = await bench.json(['session', 'close', '--all'], { env });
    expect(closed).toMatchObject({ status: 0, json: { closed: true } });
    expect(await bench.json(['session', 'status'])).toMatchObject({ status: 10 });
  });
});

/** How many calls the sandbox has had. */
async function exchanges(): Promise<number> {
  const names = await readdir(bench.world.path('record')).catch(() => []);
  return names.filter((name) => name.endsWith('.json')).length;
}
