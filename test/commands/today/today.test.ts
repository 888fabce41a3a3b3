/** `topaz today`: what the files of this machine say, and that nothing else is asked. */

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';
import { writeKnownKeystore } from './known-keystore.js';

let home: Awaited<ReturnType<typeof temporaryHome>>;

beforeEach(async () => {
  home = await temporaryHome();
  await put('config/profiles/cabinet.json', { schema: 'topaz.profile/1', environment: 'acc' });
  await put('config/config.json', { schema: 'topaz.profile/1', profile: 'cabinet' });
});

afterEach(() => home.remove());

async function put(path: string, value: object | string): Promise<void> {
  const file = join(home.dir, path);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o600 });
}

async function today(
  argv: readonly string[] = [],
  overrides: ContextOverrides = {},
): Promise<{ status: number; ctx: TestContext }> {
  const ctx = testContext({ ...overrides, env: { ...home.env, ...overrides.env } });
  return { status: await main(['today', ...argv], ctx), ctx };
}

async function days(argv: readonly string[] = []): Promise<Record<string, unknown>[]> {
  const { status, ctx } = await today([...argv, '--json']);
  expect({ status, stderr: ctx.stderr }).toEqual({ status: 0, stderr: [] });
  return (JSON.parse(ctx.stdout.join('\n')) as { profiles: Record<string, unknown>[] }).profiles;
}

const BOX = 'data/cabinet/ehbox/acc/NIHII11-19547181004-DOCTOR';
const message = (id: string, more: object = {}): object => ({
  schema: 'topaz.ehbox.message/1',
  id,
  side: 'received',
  folder: 'inbox',
  unread: true,
  ...more,
});

async function fill(): Promise<void> {
  await put(`${BOX}/box.json`, { schema: 'topaz.ehbox.box/1', box: { type: 'NIHII11', id: '19547181004', quality: 'DOCTOR' }, lastSync: '2026-03-01T08:00:00.123Z' }); // prettier-ignore
  const messages = {
    A1: message('A1'),
    A2: message('A2', { unread: false }),
    A3: message('A3', { folder: 'bin' }),
    A4: message('A4', { goneSince: '2026-02-01T00:00:00Z' }),
    A5: 'damaged',
  };
  for (const [id, meta] of Object.entries(messages)) {
    await put(`${BOX}/messages/received/${id}/meta.json`, meta);
  }
  await put(`${BOX}/messages/sent/B1/meta.json`, message('B1', { side: 'sent' }));
  await put('data/cabinet/mycarenet/mda/mailbox.json', { schema: 'topaz.mycarenet.mailbox/1', environment: 'acc', nihii: '19547181004', lastSync: '2026-03-01T07:00:00Z' }); // prettier-ignore
  await put('data/cabinet/mycarenet/mda/messages/0123456789abcdef/meta.json', { schema: 'topaz.mycarenet.message/1', id: '0123456789abcdef' }); // prettier-ignore
  await put('data/cabinet/mycarenet/mda/messages/1123456789abcdef/meta.json', { schema: 'topaz.mycarenet.message/1', id: '1123456789abcdef', confirmedAt: '2026-03-01T07:00:00Z' }); // prettier-ignore
  await put('state/cabinet/session-acc.json', { schema: 'topaz.session/1', via: 'eid', environment: 'acc', holder: { type: 'SSIN', id: '79021599732', quality: 'doctor' }, openedAt: '2026-03-01T08:00:00Z', notOnOrAfter: '2026-03-01T20:00:00Z', assertionId: '_1', assertion: 'SECRET', holderOfKey: '', attributes: [] }); // prettier-ignore
  const id = '0a1b2c3d-0000-4000-8000-000000000001';
  await put(`data/cabinet/keys/${id}-icc-priv.2048.key`, 'never read');
  await put(`data/cabinet/keys/${id}.copies.json`, [{ place: '/media/stick', at: '2026-02-19T12:00:00Z', kind: 'file', passphrase: false }]); // prettier-ignore
}

test('nothing yet: it says so, and that is no failure', async () => {
  expect(await days()).toEqual([
    { profile: 'cabinet', environment: 'acc', mailboxes: [], mycarenet: [], session: null, certificates: [], keys: [] },
  ]); // prettier-ignore
});

test('everything that the files know, by the clock of the command', async () => {
  await fill();
  expect(await days()).toEqual([
    {
      profile: 'cabinet',
      environment: 'acc',
      mailboxes: [{ box: { type: 'NIHII11', id: '19547181004', quality: 'DOCTOR' }, unread: 1, messages: 2, lastSync: '2026-03-01T08:00:00Z' }],
      mycarenet: [{ domain: 'mda', unconfirmed: 1, messages: 2, lastSync: '2026-03-01T07:00:00Z' }],
      session: { quality: 'doctor', via: 'eid', notOnOrAfter: '2026-03-01T20:00:00Z', secondsLeft: 28_800 },
      certificates: [],
      keys: [{ id: '0a1b2c3d-0000-4000-8000-000000000001', copies: 1, lastCopy: '2026-02-19T12:00:00Z', daysSinceCopy: 10 }],
    },
  ]); // prettier-ignore
});

test('the age of the last backup of the home', async () => {
  const backup = async (): Promise<unknown> =>
    (JSON.parse((await today(['--json'])).ctx.stdout.join('\n')) as { backup: unknown }).backup;
  expect(await backup()).toBeNull();
  await put('state/last-backup.json', { schema: 'topaz.backup.last/1', createdAt: '2026-02-19T12:00:00Z' }); // prettier-ignore
  expect(await backup()).toEqual({ at: '2026-02-19T12:00:00Z', daysAgo: 10 });
  expect((await today()).ctx.stdout).toContain('\tbackup\t\t10\t\t2026-02-19T12:00:00Z');
  expect((await today([], { terminal: true })).ctx.stdout.at(-1)).toMatch(
    /Backup +made 10 days ago/,
  );
  await put('state/last-backup.json', 'damaged');
  expect(await backup()).toBeNull();
});

test('a keystore whose dates only its password tells is unknown; one that is missing is named', async () => {
  await put('config/profiles/cabinet.json', { schema: 'topaz.profile/1', environment: 'acc', keystore: 'jean' }); // prettier-ignore
  await put('data/cabinet/keystores/jean.p12', 'any');
  expect((await days())[0]?.['certificates']).toEqual([{ keystore: 'jean', state: 'unknown' }]);
  await put('config/profiles/cabinet.json', { schema: 'topaz.profile/1', environment: 'acc', keystore: 'gone' }); // prettier-ignore
  const { status, ctx } = await today();
  expect(status).toBe(3);
  expect(ctx.stderr.join('\n')).toContain('[E_KEYSTORE_UNKNOWN]');
});

describe('a keystore of which cert finalize wrote down the certificate', () => {
  const at = (day: number): { now: () => Date } => ({
    now: () => new Date(Date.now() + day * 86_400_000 + 60_000),
  });
  const certificate = async (day: number): Promise<unknown> => {
    const { ctx } = await today(['--json'], at(day));
    const { profiles } = JSON.parse(ctx.stdout.join('\n')) as { profiles: { certificates: object[] }[] }; // prettier-ignore
    return profiles[0]?.certificates[0];
  };

  test('days left, the days in which it can be renewed, and its end', async () => {
    await writeKnownKeystore(home.dir, { days: 200 });
    expect(await certificate(0)).toMatchObject({ keystore: 'jean', state: 'valid', daysLeft: 199 });
    expect(await certificate(150)).toMatchObject({ state: 'expiring', daysLeft: 49 });
    expect(await certificate(201)).toMatchObject({ state: 'expired', daysLeft: -2 });
    const { ctx } = await today(['--no-color'], { ...at(201), terminal: true });
    expect(ctx.stdout.join('\n')).toMatch(/Certificate +jean: ended on /);
  });

  test('what eHealth said of the replacement goes before 90 days; revoked is said', async () => {
    await writeKnownKeystore(home.dir, { days: 200, more: { renewableFrom: '2026-01-01T00:00:00Z' } }); // prettier-ignore
    expect(await certificate(0)).toMatchObject({ state: 'expiring' });
    await writeKnownKeystore(home.dir, { days: 200, more: { revocation: { at: '2026-03-01T08:00:00Z' } } }); // prettier-ignore
    expect(await certificate(0)).toMatchObject({ state: 'revoked' });
  });

  test('a file that was changed since is not known any more', async () => {
    await writeKnownKeystore(home.dir, { days: 200 });
    await put('data/cabinet/keystores/jean.p12', 'other');
    expect(await certificate(0)).toEqual({ keystore: 'jean', state: 'unknown' });
  });
});

test('a session that is over is none', async () => {
  await fill();
  const { ctx } = await today(['--json'], { now: () => new Date('2026-03-02T00:00:00Z') });
  expect(JSON.parse(ctx.stdout.join('\n'))).toMatchObject({ profiles: [{ session: null }] });
});

describe('forms', () => {
  test.each([
    ['en', '1 unread message'],
    ['fr', '1 message non lu'],
    ['nl', '1 ongelezen bericht'],
    ['de', '1 ungelesene Nachricht'],
  ])('lines in %s', async (lang, words) => {
    await fill();
    const { status, ctx } = await today(['--lang', lang, '--no-color'], { terminal: true });
    const text = ctx.stdout.join('\n');
    expect(status).toBe(0);
    expect(text).toContain(words);
    expect(text).not.toMatch(/today\.|\{[a-z]+\}|SECRET|79021599732/);
  });

  test('records in a pipe', async () => {
    await fill();
    expect((await today()).ctx.stdout).toEqual([
      'cabinet\tmailbox\tNIHII11=19547181004:DOCTOR\t1\t2\t2026-03-01T08:00:00Z',
      'cabinet\tmycarenet\tmda\t1\t2\t2026-03-01T07:00:00Z',
      'cabinet\tsession\tdoctor\t28800\teid\t2026-03-01T20:00:00Z',
      'cabinet\tkey\t0a1b2c3d-0000-4000-8000-000000000001\t10\t1\t2026-02-19T12:00:00Z',
    ]);
  });
});

describe('--all-profiles', () => {
  test('one day each; a damaged profile is 11, and the others are shown', async () => {
    await put('config/profiles/group.json', { schema: 'topaz.profile/1', environment: 'prod' });
    expect((await days(['--all-profiles'])).map(({ profile }) => profile)).toEqual(['cabinet', 'group']); // prettier-ignore
    await put('config/profiles/odd.json', '{');
    const { status, ctx } = await today(['--all-profiles', '--json']);
    expect(status).toBe(11);
    expect(JSON.parse(ctx.stdout.join('\n'))).toMatchObject({
      profiles: [{ profile: 'cabinet' }, { profile: 'group' }],
      failed: [{ profile: 'odd', error: { code: 'E_PROFILE_INVALID' } }],
    });
  });

  test('without any profile there is nothing to say', async () => {
    const { status, ctx } = await today(['--all-profiles', '--json'], { env: { TOPAZ_HOME: join(home.dir, 'empty') } }); // prettier-ignore
    expect(status).toBe(0);
    expect(JSON.parse(ctx.stdout.join('\n'))).toMatchObject({ profiles: [], failed: [] });
    expect((await today([], { env: { TOPAZ_HOME: join(home.dir, 'empty') } })).status).toBe(3);
  });
});
