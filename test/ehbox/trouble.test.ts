/**
 * Trouble in the middle of a synchronisation: a disk that is really full or really read-only, a clock that jumps, a
 * service that goes down after page 2. What was stored stays, nothing is lost, the next run completes.
 */

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { settleIndex } from '../../src/ehbox/mirror-index.js';
import type { SyncResult } from '../../src/ehbox/sync.js';
import { fake, FakeBox, networkDown } from './fake-box.js';
import { TestMirror } from './mirror-support.js';

const DAY_MS = 86_400_000;
let box: FakeBox;

const fill = (count: number): void => {
  box.inbox = Array.from({ length: count }, (_, n) => fake(count - n));
};
const stored = async (mirror: TestMirror): Promise<number> =>
  (await mirror.list()).filter((message) => message.stored).length;

beforeEach(() => {
  box = new FakeBox();
});

/** Only who may mount can have a disk of his own that fills. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

const mounting = canMount() ? describe : describe.skip;

mounting('a disk of its own (skipped where nothing can be mounted)', () => {
  let folder: string;
  const mount = (...options: readonly string[]): void => {
    execFileSync('mount', [...options, folder], { stdio: 'ignore' });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'topaz-disk-'));
    mount('-t', 'tmpfs', '-o', 'size=600k', 'tmpfs');
  });

  afterAll(async () => {
    execFileSync('umount', [folder], { stdio: 'ignore' });
    await rm(folder, { recursive: true });
  });

  test('full, then larger; read-only, then not', async () => {
    const mirror = new TestMirror(folder);
    fill(40);
    const full = await mirror.sync(box);
    expect(full.stopped).toMatchObject({ code: 'E_DISK_FULL' });
    expect(full.stored).toBeGreaterThan(0);
    expect(full.stored).toBeLessThan(40);
    mount('-o', 'remount,size=8m');
    box.takeCalls();
    const rest = await mirror.sync(box);
    expect(rest).toMatchObject({ stopped: undefined, failed: [], pending: 0, unopened: [] });
    // What was committed before the disk was full is not asked for again.
    expect(await stored(mirror)).toBe(40);
    expect(box.calls.filter((call) => call.startsWith('GetFullMessage')).length).toBe(rest.stored);
    expect(rest.stored).toBeLessThan(40);

    fill(45);
    mount('-o', 'remount,ro');
    await expect(mirror.sync(box)).rejects.toMatchObject({ code: 'E_READ_ONLY' });
    expect(await mirror.list()).toHaveLength(40);
    mount('-o', 'remount,rw');
    expect(await mirror.sync(box)).toMatchObject({ stored: 5, pending: 0, stopped: undefined });
    expect(await settleIndex(mirror.open())).toBe(45);
  });
});

describe('on any disk', () => {
  let mirror: TestMirror;

  beforeEach(async () => {
    mirror = await TestMirror.create();
  });

  afterEach(async () => {
    await mirror.remove();
  });

  test('the service goes down after page 2 of the list', async () => {
    fill(210);
    box.before = (call) => {
      if (call === 'GetMessagesList INBOX 199') {
        throw networkDown();
      }
    };
    const cut: SyncResult = await mirror.sync(box, { limit: 10 });
    expect(cut).toMatchObject({ stored: 0, gone: 0, complete: false, stopped: { code: 'E_NETWORK_RESET' } }); // prettier-ignore
    expect(cut.fresh).toHaveLength(199);
    expect(cut.lastSync).toBeUndefined();
    box.before = () => undefined;
    expect(await mirror.sync(box, { limit: 10 })).toMatchObject({ listed: 210, stored: 10, gone: 0, complete: true }); // prettier-ignore
  });

  test.each([-400, -2, 2, 400])('the clock jumps by %i days and back', async (days) => {
    fill(6);
    await mirror.sync(box, { limit: 3 });
    mirror.time = new Date(mirror.time.getTime() + days * DAY_MS);
    expect(await mirror.sync(box, { limit: 1 })).toMatchObject({ stored: 1, gone: 0, failed: [] });
    mirror.time = new Date(mirror.time.getTime() - days * DAY_MS);
    expect(await mirror.sync(box)).toMatchObject({ stored: 2, pending: 0, gone: 0, moved: 0 });
    expect((await mirror.list()).every((message) => message.stored && message.goneSince === undefined)).toBe(true); // prettier-ignore
  });
});
