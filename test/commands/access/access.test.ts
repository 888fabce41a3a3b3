/** `topaz access` as typed: the responsible grants, the colleague uses, the grant is taken back. */

import { copyFile, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { MADE_AT } from '../../etee/pki.js';
import { createWorld, JEAN, MARIE } from './world.js';
import type { Outcome, World } from './world.js';

const DAY = 86_400_000;
const MARIE_IS = { holder: { type: 'SSIN', id: MARIE } };
let world: World;

const show = (...more: readonly string[]): Promise<Outcome> => world.topaz(['keystore', 'show', 'group', ...world.password, ...more]); // prettier-ignore
const unseal = (): Promise<Outcome> => world.topaz(['unseal', 'sealed', '--out', 'opened', '--force', '--keystore', 'group', ...world.password]); // prettier-ignore
const exportIt = (): Promise<Outcome> => world.topaz(['keystore', 'export', 'group', '--out', 'copy.p12', '--force', ...world.password, '--new-password-file', join(world.dir, 'long')]); // prettier-ignore
const grant = (...more: readonly string[]): Promise<Outcome> => world.topaz(['access', 'grant', MARIE, '--keystore', 'group', ...world.pin, ...more]); // prettier-ignore
const policy = (): string => join(world.paths.data, 'practice', 'keystores', 'group.access.json');
const log = (): string => join(world.paths.state, 'access.ndjson');
const entries = async (): Promise<Record<string, unknown>[]> => ((await world.topaz(['access', 'log'])).document?.['entries'] ?? []) as Record<string, unknown>[]; // prettier-ignore

beforeAll(async () => {
  world = await createWorld();
  await writeFile(join(world.dir, 'long'), 'a new password, of words\n', { mode: 0o600 });
}, 30_000);
afterAll(() => world.remove());

describe('a keystore without grants is free', () => {
  test('anybody uses it, nothing is logged, no card is read', async () => {
    world.card('none');
    expect((await unseal()).status).toBe(0);

    expect(await world.topaz(['access', 'list'])).toMatchObject({ status: 0, document: { keystores: [] } }); // prettier-ignore
    expect(await world.topaz(['access', 'check', MARIE, '--keystore', 'group'])).toMatchObject({ status: 0, document: { allowed: true, reason: 'free' } }); // prettier-ignore
    expect(await entries()).toEqual([]);
    await expect(stat(log())).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('grant', () => {
  test('--dry-run touches neither card nor disk', async () => {
    expect(await grant('--dry-run')).toMatchObject({ status: 0, document: { dryRun: true, grant: { person: MARIE, purposes: ['read', 'send', 'bill'] } } }); // prettier-ignore
    await expect(stat(policy())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.each<[string, string[], string]>([
    ['a purpose that there is not', ['--may', 'everything'], 'E_USAGE'],
    ['a day that is over', ['--until', '2020-01-01'], 'E_USAGE'],
    ['a day that there is not', ['--until', '2031-02-30'], 'E_USAGE'],
    ['no keystore of that name', ['--keystore', 'none'], 'E_KEYSTORE_UNKNOWN'],
  ])('%s', async (_, more, code) => {
    expect(await grant(...more)).toMatchObject({ error: { code } });
  });

  test('the responsible, with the own card', async () => {
    world.card('jean');
    const until = new Date(MADE_AT.getTime() + 30 * DAY).toISOString().slice(0, 10);
    expect(await grant('--may', 'read', '--until', until)).toMatchObject({ status: 0, document: { keystore: 'group', grant: { person: MARIE, responsible: JEAN, purposes: ['read'], until } } }); // prettier-ignore
    expect((await stat(policy())).mode & 0o777).toBe(0o600);
    expect(await world.topaz(['access', 'list'])).toMatchObject({ document: { keystores: [{ alias: 'group', responsible: JEAN, grants: [{ person: MARIE, state: 'valid', until }] }] } }); // prettier-ignore
  });

  test('somebody else cannot, whose card it may be', async () => {
    world.card('marie');
    expect(await grant('--may', 'manage')).toMatchObject({ status: 5, error: { code: 'E_CARD_MISMATCH' } }); // prettier-ignore
  });
});

describe('use', () => {
  test('the responsible, known by the card', async () => {
    world.card('jean');
    expect((await exportIt()).status).toBe(0);
    expect((await entries()).at(-1)).toMatchObject({ event: 'use', who: JEAN, command: 'keystore export', keystore: 'group', outcome: 'allowed', reason: 'responsible', profile: 'practice' }); // prettier-ignore
    // The card is gone; who it was is remembered for half a day.
    world.card('none');
    expect((await show()).status).toBe(0);
    const later = { now: () => new Date(MADE_AT.getTime() + DAY) };
    expect(await world.topaz(['keystore', 'show', 'group', ...world.password], later)).toMatchObject({ status: 4, error: { code: 'E_ACCESS_DENIED', details: { reason: 'person-unknown' } } }); // prettier-ignore
  });

  test('the colleague, by her profile: what was granted and no more', async () => {
    await world.profile(MARIE_IS);
    expect((await unseal()).status).toBe(0);
    expect((await show()).status).toBe(0);
    const refused = await exportIt();
    expect(refused).toMatchObject({ status: 4, document: undefined, error: { code: 'E_ACCESS_DENIED', details: { reason: 'other-purpose', purpose: 'manage' } } }); // prettier-ignore
    expect(JSON.stringify(refused)).not.toContain(MARIE);
    expect((await entries()).at(-1)).toMatchObject({ who: MARIE, outcome: 'denied', reason: 'other-purpose' }); // prettier-ignore
    expect(await world.topaz(['access', 'check', MARIE, '--keystore', 'group', '--may', 'read'])).toMatchObject({ status: 0 }); // prettier-ignore
    expect(await world.topaz(['access', 'check', MARIE, '--keystore', 'group', '--may', 'bill'])).toMatchObject({ status: 10, document: { allowed: false }, error: { code: 'E_CHECK_FAILED' } }); // prettier-ignore
    // The other keystore of the same profile is free.
    expect((await world.topaz(['keystore', 'show', 'own', ...world.password])).status).toBe(0);
  });

  test('a link to the keystore is the keystore', async () => {
    const link = join(world.dir, 'mine.p12');
    await symlink(join(world.paths.data, 'practice', 'keystores', 'group.p12'), link);
    await world.profile({ holder: { type: 'SSIN', id: '72090499770' } });
    expect(await world.topaz(['keystore', 'show', link, ...world.password])).toMatchObject({ status: 4, error: { code: 'E_ACCESS_DENIED' } }); // prettier-ignore
    await world.profile(MARIE_IS);
  });

  test('a dated copy of the keystore is under its rules', async () => {
    const keystores = join(world.paths.data, 'practice', 'keystores');
    const copy = join(keystores, 'backups', 'group 20260301-091244.p12');
    await mkdir(join(keystores, 'backups'), { recursive: true });
    await copyFile(join(keystores, 'group.p12'), copy);
    await world.profile({ holder: { type: 'SSIN', id: '72090499770' } });
    expect(await world.topaz(['keystore', 'show', copy, ...world.password])).toMatchObject({ status: 4, error: { code: 'E_ACCESS_DENIED' } }); // prettier-ignore
    await world.profile(MARIE_IS);
    expect(await world.topaz(['unseal', 'sealed', '--out', 'opened', '--force', '--keystore', copy, ...world.password])).toMatchObject({ status: 0 }); // prettier-ignore
    expect((await entries()).at(-1)).toMatchObject({ who: MARIE, keystore: 'group', outcome: 'allowed' }); // prettier-ignore
  });

  test('before the password is asked, and by every way to a keystore', async () => {
    await world.profile({ holder: { type: 'SSIN', id: '72090499770' } });
    for (const argv of [['keystore', 'show', 'group'], ['keystore', 'verify', 'group'], ['keystore', 'passwd', 'group'], ['cert', 'show', 'group'], ['etk', 'register', '--alias', 'group', '--yes'], ['session', 'open', '--via', 'keystore']]) {
      const { status, error } = await world.topaz(argv);
      expect({ argv, status, code: error?.code }).toEqual({ argv, status: 4, code: 'E_ACCESS_DENIED' });
    } // prettier-ignore
    await world.profile(MARIE_IS);
  });

  test('over', async () => {
    const later = { now: () => new Date(MADE_AT.getTime() + 31 * DAY) };
    expect(await world.topaz(['keystore', 'show', 'group', ...world.password], later)).toMatchObject({ status: 4, error: { details: { reason: 'expired' } } }); // prettier-ignore
  });

  test.each<[string, (text: string) => string, string]>([
    ['changed', (text) => text.replace(/"signatureBase64": "...../, '"signatureBase64": "AAAAA'), 'altered'],
    ['by another responsible', (text) => text.replace(JEAN, '72090499770'), 'foreign'],
    ['no file of grants any more', () => 'x', ''],
  ])('a grant that is %s', async (_, change, reason) => {
    const text = await readFile(policy(), 'utf8');
    await writeFile(policy(), change(text));
    expect(await unseal()).toMatchObject({ status: 4, error: { code: 'E_ACCESS_DENIED', ...(reason === '' ? {} : { details: { reason } }) } });
    await writeFile(policy(), text);
    expect((await unseal()).status).toBe(0);
  }); // prettier-ignore

  test('the grants of one keystore do not count for another', async () => {
    const other = policy().replace('group', 'own');
    await copyFile(policy(), other);
    expect(await world.topaz(['keystore', 'show', 'own', ...world.password])).toMatchObject({ status: 4, error: { details: { reason: 'foreign' } } }); // prettier-ignore
    await rm(other);
  });

  test('a responsible in the profile closes the keystore without grants, and is right', async () => {
    const text = await readFile(policy());
    await rm(policy());
    await world.profile({ ...MARIE_IS, mycarenet: { responsible: JEAN } });
    expect(await unseal()).toMatchObject({ status: 4, error: { details: { reason: 'no-grant' } } });
    await writeFile(policy(), text);
    expect((await unseal()).status).toBe(0);
    await world.profile({ ...MARIE_IS, mycarenet: { responsible: '72090499770' } });
    expect(await unseal()).toMatchObject({ status: 4, error: { details: { reason: 'foreign' } } });
    await world.profile(MARIE_IS);
  });

  test('what cannot be logged is not used', async () => {
    await writeFile(`${log()}.lock`, JSON.stringify({ pid: process.pid, host: 'elsewhere', started: '1' })); // prettier-ignore
    const answer = await world.topaz(['keystore', 'show', 'group', ...world.password], { env: { TOPAZ_LOCK_TIMEOUT: '1s' } }); // prettier-ignore
    await rm(`${log()}.lock`);
    expect(answer).toMatchObject({ status: 3, error: { code: 'E_LOCKED' }, document: undefined });
  }, 20_000);
});

describe('revoke', () => {
  test('asks; says what it would do; then the colleague is refused', async () => {
    const words = ['access', 'revoke', '85.06.11-998.14', '--keystore', 'group'];
    expect(await world.topaz(words)).toMatchObject({ status: 2, error: { code: 'E_INPUT_REQUIRED' } }); // prettier-ignore
    expect(await world.topaz([...words, '--dry-run'])).toMatchObject({ status: 0, document: { dryRun: true } }); // prettier-ignore
    expect((await unseal()).status).toBe(0);
    const before = await readFile(policy());
    const done = await world.topaz([...words, '--yes']);
    expect(done).toMatchObject({ status: 0, document: { person: MARIE } });
    expect(done.document?.['revoked']).toHaveLength(1);
    expect(await unseal()).toMatchObject({ status: 4, error: { details: { reason: 'no-grant' } } });
    expect(await world.topaz([...words, '--yes'])).toMatchObject({ status: 3, error: { code: 'E_GRANT_UNKNOWN' } }); // prettier-ignore
    // The old grant put back beside the new list of what was taken back.
    const now = JSON.parse(await readFile(policy(), 'utf8')) as Record<string, unknown>;
    const { grants } = JSON.parse(before.toString()) as { grants: unknown };
    await writeFile(policy(), JSON.stringify({ ...now, grants }));
    expect(await unseal()).toMatchObject({ status: 4, error: { details: { reason: 'revoked' } } });
  });
});

describe('log', () => {
  test('who, when, which command, which keystore, outcome; nothing of a patient', async () => {
    const all = await entries();
    expect(all.filter(({ event }) => event === 'grant')).toMatchObject([{ who: JEAN, person: MARIE, keystore: 'group' }]); // prettier-ignore
    expect(all.filter(({ event }) => event === 'revoke')).toMatchObject([{ person: MARIE }]);
    expect((await stat(log())).mode & 0o777).toBe(0o600);
    expect((await world.topaz(['access', 'log', '--since', '2020-01-01'])).document).toEqual({ schema: 'topaz.access.log/1', entries: all }); // prettier-ignore
    const later = { now: () => new Date(MADE_AT.getTime() + 90 * DAY) };
    expect((await world.topaz(['access', 'log', '--since', '2d'], later)).document).toMatchObject({ entries: [] }); // prettier-ignore
    const shown = await world.topaz(['access', 'log'], { text: true, terminal: true });
    expect(shown.stdout[0]).toMatch(/^WHEN +PERSON +COMMAND +KEYSTORE +WHAT/);
    expect(shown.stdout).toHaveLength(all.length + 1);
  });

  test('--verify, --head and --expect', async () => {
    expect(await world.topaz(['access', 'log', '--verify'])).toMatchObject({ status: 0, document: { valid: true, problems: [] } }); // prettier-ignore
    const { stdout } = await world.topaz(['access', 'log', '--head'], { text: true });
    const [head = ''] = stdout;
    expect(head).toMatch(/^\d+:[0-9a-f]{64}$/);
    await unseal();
    expect((await world.topaz(['access', 'log', '--verify', '--expect', head])).status).toBe(0);
    expect(await world.topaz(['access', 'log', '--expect', head.replace(/:./, ':0')])).toMatchObject({ status: head[head.indexOf(':') + 1] === '0' ? 0 : 9 }); // prettier-ignore
    expect(await world.topaz(['access', 'log', '--expect', 'x'])).toMatchObject({ status: 2, error: { code: 'E_USAGE' } }); // prettier-ignore
    const text = await readFile(log(), 'utf8');
    await writeFile(log(), text.replace('"outcome":"denied"', '"outcome":"allowed"'));
    expect(await world.topaz(['access', 'log', '--verify'])).toMatchObject({ status: 9, document: { valid: false }, error: { code: 'E_LOG_INVALID' } }); // prettier-ignore
    await writeFile(log(), text);
  });
});
