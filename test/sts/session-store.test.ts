import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { secondsLeft } from '../../src/sts/session.js';
import type { Session } from '../../src/sts/session.js';
import { readSession, removeSession, writeSession } from '../../src/sts/session-store.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-session-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const session: Session = {
  via: 'keystore',
  holder: { type: 'NIHII11', id: '19547181004', quality: 'doctor' },
  environment: 'acc',
  openedAt: new Date('2026-03-01T09:00:00Z'),
  notOnOrAfter: new Date('2026-03-01T21:00:00Z'),
  assertionId: '_abc',
  assertion: '<Assertion xmlns="urn:x">é "&amp;"</Assertion>',
  holderOfKey: 'ab'.repeat(32),
  attributes: [{ namespace: 'n', name: 'a', values: ['1', '2'] }],
};

describe('the session store', () => {
  test('gives back what was stored, byte for byte, to its owner alone', async () => {
    await writeSession(folder, session);
    expect(await readSession(folder, 'acc')).toEqual(session);
    expect((await stat(join(folder, 'session-acc.json'))).mode & 0o777).toBe(0o600);
  });

  test('keeps environments apart', async () => {
    await writeSession(folder, session);
    expect(await readSession(folder, 'prod')).toBeUndefined();
    const stored = await readFile(join(folder, 'session-acc.json'));
    await writeFile(join(folder, 'session-prod.json'), stored);
    expect(await readSession(folder, 'prod')).toBeUndefined();
  });

  test.each(['', 'not json', '{}', '[]', '{"schema":"topaz.session/1"}', '{"schema":"topaz.session/2","via":"eid"}'])(
    'a damaged file counts as none: %j',
    async (text) => {
      await writeFile(join(folder, 'session-acc.json'), text);
      expect(await readSession(folder, 'acc')).toBeUndefined();
    },
  ); // prettier-ignore

  test('is forgotten on demand, and says whether there was one', async () => {
    await writeSession(folder, session);
    expect(await removeSession(folder, 'acc')).toBe(true);
    expect(await removeSession(folder, 'acc')).toBe(false);
    expect(await readSession(folder, 'acc')).toBeUndefined();
  });

  test('tells the seconds that are left, never a negative number', () => {
    expect(secondsLeft(session, new Date('2026-03-01T20:59:30.900Z'))).toBe(29);
    expect(secondsLeft(session, new Date('2026-03-02T00:00:00Z'))).toBe(0);
  });
});
