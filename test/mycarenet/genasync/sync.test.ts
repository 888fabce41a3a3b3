/** Store, then confirm: against a strict sandbox, stopped at any write, with every kind of message. */

import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { TopazError } from '../../../src/errors.js';
import { confirmMessages, getMessages } from '../../../src/mycarenet/genasync/client.js';
import { MailboxStore } from '../../../src/mycarenet/genasync/store.js';
import { syncMailbox } from '../../../src/mycarenet/genasync/sync.js';
import type { RemoteMailbox, SyncOptions } from '../../../src/mycarenet/genasync/sync.js';
import { addMailboxMessage, addMailboxTack } from '../../../src/sandbox/genasync-mailbox.js';
import type { NewMessage } from '../../../src/sandbox/genasync-mailbox.js';
import { NOW } from '../other-client.js';
import { openWorld } from './world.js';
import type { World } from './world.js';

const TO = '94499180000';
const DEEP = process.env['TOPAZ_DEEP'] === '1';
let world: World;
let folder: string;
let waits: number[];

beforeAll(async () => {
  world = await openWorld();
});

afterAll(async () => {
  await world.other.close();
});

beforeEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true }); // eslint-disable-line @typescript-eslint/no-unnecessary-condition
  folder = mkdtempSync(join(tmpdir(), 'topaz-mailbox-'));
  const { state } = world.other.sandbox;
  state.faults = [];
  state.mailbox = [];
  waits = [];
});

const put = (message: Partial<NewMessage> = {}) =>
  addMailboxMessage(world.other.sandbox, {
    domain: 'invoicing',
    to: TO,
    mutuality: '300',
    messageName: 'HCPAFD',
    inputReference: 'T0000000000001',
    content: Buffer.from('920000 of the test'),
    ...message,
  });

const tack = () =>
  addMailboxTack(world.other.sandbox, { domain: 'invoicing', to: TO, mutuality: '300', inputReference: 'T1', result: 'success' }); // prettier-ignore

const openStore = async (checkpoint?: (step: string) => Promise<void>): Promise<MailboxStore> => {
  const store = new MailboxStore(join(folder, 'box'), { newId: randomUUID, checkpoint });
  await store.create();
  return store;
};

function remoteOf(store: MailboxStore): RemoteMailbox {
  const caller = world.caller('invoicing');
  const parts = { folder: store.tmp, thresholdBytes: 1000 };
  return {
    get: (max) => getMessages(world.call, caller, { messageNames: [], max }, parts),
    confirm: (what) => confirmMessages(world.call, caller, what),
  };
}

const options = (remote: RemoteMailbox, rest: Partial<SyncOptions> = {}): SyncOptions => ({
  environment: 'sandbox',
  nihii: TO,
  remote,
  keys: undefined,
  max: 100,
  confirm: true,
  confirmUnreadable: false,
  now: () => NOW,
  pause: (ms) => {
    waits.push(ms);
    return Promise.resolve();
  },
  ...rest,
});

async function sync(rest: Partial<SyncOptions> = {}) {
  const store = await openStore();
  return { store, result: await syncMailbox(store, options(remoteOf(store), rest)) };
}

const waiting = (): number => world.other.sandbox.state.mailbox.length;

describe('one run', () => {
  test('stores and confirms everything, in pages, and finds nothing more', async () => {
    for (let n = 0; n < 7; n += 1) {
      put({ content: Buffer.from(`920000 number ${n}`), encoding: n % 2 === 0 ? 'deflate' : 'none' });
    }
    put({ form: 'xop', content: Buffer.alloc(5000, 'x') });
    put({ form: 'xop', content: Buffer.alloc(50_000, 'y'), encoding: 'deflate' });
    tack();
    const { store, result } = await sync({ max: 3 });
    expect(result).toMatchObject({ duplicates: 0, confirmed: 10, unreadable: [], complete: true });
    expect(result.fresh).toHaveLength(10);
    expect(waiting()).toBe(0);
    const texts = await Promise.all(
      (await store.messages()).map(async ({ id }) => Buffer.from(await store.readContent(id)).toString()),
    );
    expect(texts.filter((text) => text.startsWith('920000')).sort()).toEqual(
      Array.from({ length: 7 }, (_, n) => `920000 number ${n}`),
    );
    expect(texts).toContain('x'.repeat(5000));
    expect(texts).toContain('y'.repeat(50_000));
    expect((await store.readMailbox())?.lastSync).toBe(NOW.toISOString());
    expect((await sync()).result).toMatchObject({ fresh: [], confirmed: 0, complete: true });
  }); // prettier-ignore

  test('keeps files for the owner alone, and leaves nothing half-made', async () => {
    put();
    put({ form: 'xop', content: Buffer.alloc(5000, 'x') });
    tack();
    await sync();
    const all = readdirSync(folder, { recursive: true, withFileTypes: true });
    for (const entry of all) {
      const mode = statSync(join(entry.parentPath, entry.name)).mode & 0o777;
      expect(`${entry.name} ${mode.toString(8)}`).toBe(`${entry.name} ${entry.isDirectory() ? '700' : '600'}`);
    }
    expect(readdirSync(join(folder, 'box', 'tmp'))).toEqual([]);
  }); // prettier-ignore

  test('without confirming, everything stays and is recognised the next time', async () => {
    put();
    tack();
    expect((await sync({ confirm: false })).result).toMatchObject({ confirmed: 0, complete: true });
    expect(waiting()).toBe(2);
    expect((await sync()).result).toMatchObject({ fresh: [], duplicates: 2, confirmed: 2 });
    expect(waiting()).toBe(0);
  });

  test('reaches what is behind messages that stay', async () => {
    for (let n = 0; n < 6; n += 1) {
      put({ sealed: true, content: Buffer.from(`sealed ${n}`) });
    }
    const { sandbox } = world.other;
    // Sealed for nobody: their bytes do not open.
    sandbox.state.mailbox = sandbox.state.mailbox.map((entry) => ({ ...entry, sealed: false }));
    put();
    const spoil = (remote: RemoteMailbox): RemoteMailbox => ({
      ...remote,
      get: async (max) => {
        const page = await remote.get(max);
        return {
          ...page,
          messages: page.messages.map((message) =>
            message.content.kind === 'bytes' && Buffer.from(message.content.bytes).toString().startsWith('sealed')
              ? { ...message, encryption: 'encryptedForKnownRecipient' }
              : message,
          ),
        };
      },
    });
    const store = await openStore();
    const result = await syncMailbox(store, options(spoil(remoteOf(store)), { max: 2 }));
    expect(result).toMatchObject({ confirmed: 1, complete: true });
    expect(result.unreadable.map(({ problem }) => problem)).toEqual(Array(6).fill('no-key'));
    expect(waiting()).toBe(6);
    expect(await store.messages()).toHaveLength(7);
    const forced = await syncMailbox(store, options(spoil(remoteOf(store)), { confirmUnreadable: true }));
    expect(forced).toMatchObject({ confirmed: 6, unreadable: [], complete: true });
    expect(waiting()).toBe(0);
  }); // prettier-ignore

  test('a wrong hash is stored and not confirmed; the right copy takes its place', async () => {
    put();
    world.other.sandbox.state.faults = [{ target: 'genasync.get', kind: 'fault:WRONG_HASH', times: 1, after: 0 }]; // prettier-ignore
    const first = await sync();
    expect(first.result).toMatchObject({
      confirmed: 0,
      unreadable: [{ problem: 'wrong-hash' }],
      complete: true,
    });
    expect(waiting()).toBe(1);
    const { store, result } = await sync();
    expect(result).toMatchObject({ confirmed: 1, unreadable: [] });
    expect((await store.messages())[0]?.problem).toBeUndefined();
  });

  test('waits half a minute when it asked too soon, eight times at most', async () => {
    put();
    const { state } = world.other.sandbox;
    state.faults = [{ target: 'genasync.get', kind: 'fault:NOT_ENOUGH_TIME', times: 8, after: 0 }];
    expect((await sync()).result).toMatchObject({ confirmed: 1, complete: true });
    expect(waits).toEqual(Array(8).fill(30_000));
    state.faults = [
      { target: 'genasync.get', kind: 'fault:NOT_ENOUGH_TIME', times: null, after: 0 },
    ];
    expect((await sync()).result.stopped).toMatchObject({ code: 'E_SOAP_FAULT' });
  });

  test('asks for less after a timeout, down to one at a time', async () => {
    for (let n = 0; n < 5; n += 1) put({ content: Buffer.from(String(n)) });
    const asked: number[] = [];
    const store = await openStore();
    const remote = remoteOf(store);
    const late: RemoteMailbox = {
      ...remote,
      get: (max) => {
        asked.push(max);
        return max > 1
          ? Promise.reject(new TopazError('E_NETWORK_TIMEOUT', 'late', { hint: 'none' }))
          : remote.get(max);
      },
    };
    expect(await syncMailbox(store, options(late, { max: 64 }))).toMatchObject({ confirmed: 5, complete: true }); // prettier-ignore
    expect(asked.slice(0, 4)).toEqual([64, 16, 4, 1]);
    const dead: RemoteMailbox = { ...remote, get: () => Promise.reject(new TopazError('E_NETWORK_TIMEOUT', 'late', { hint: 'none' })) }; // prettier-ignore
    expect((await syncMailbox(store, options(dead))).stopped).toMatchObject({ code: 'E_NETWORK_TIMEOUT' }); // prettier-ignore
  });

  test('a confirmation that fails leaves everything for the next run', async () => {
    put();
    world.other.sandbox.state.faults = [{ target: 'genasync.confirm', kind: 'fault:SOA-02002', times: 1, after: 0 }]; // prettier-ignore
    const { result } = await sync();
    expect(result).toMatchObject({ confirmed: 0, stopped: { code: 'E_SOAP_FAULT' } });
    expect(result.fresh).toHaveLength(1);
    expect((await sync()).result).toMatchObject({ duplicates: 1, confirmed: 1 });
  });

  test('one that was interrupted says so and goes on later', async () => {
    for (let n = 0; n < 4; n += 1) put({ content: Buffer.from(String(n)) });
    const stop = new AbortController();
    const store = await openStore();
    const remote = remoteOf(store);
    const result = await syncMailbox(store, options({ ...remote, confirm: async (what) => { await remote.confirm(what); stop.abort(); } }, { max: 2, signal: stop.signal })); // prettier-ignore
    expect(result).toMatchObject({ interrupted: true, complete: false, confirmed: 2 });
    expect((await sync()).result).toMatchObject({ confirmed: 2, complete: true });
  });

  test('of another care provider or environment is refused before anything is asked', async () => {
    await sync();
    world.sent.length = 0;
    await expect(sync({ nihii: '19547181004' })).rejects.toMatchObject({ code: 'E_BOX_MISMATCH' });
    await expect(sync({ environment: 'prod' })).rejects.toMatchObject({ code: 'E_BOX_MISMATCH' });
    expect(world.sent).toEqual([]);
  });

  test('messages without any reference are told apart by their hash, and confirmed by it', async () => {
    const content = Buffer.from('no name');
    const hash = createHash('sha256').update(content).digest('base64');
    const confirmed: unknown[] = [];
    const message = { reference: undefined, hashValue: hash, messageName: 'X', issuer: undefined, contentType: undefined, encoding: 'none', encryption: undefined, references: {}, content: { kind: 'bytes' as const, bytes: content }, xades: undefined };
    const pages = [[message, message, { ...message, hashValue: undefined }], []];
    const store = await openStore();
    const result = await syncMailbox(store, options({
      get: () => Promise.resolve({ messages: pages.shift() ?? [], acknowledgements: [] }),
      confirm: (what) => { confirmed.push(what.messageHashes); return Promise.resolve(); },
    }));
    expect(confirmed).toEqual([[hash, hash]]);
    expect(result.fresh).toHaveLength(2);
  }); // prettier-ignore
});

/** A sequence that can be played again. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

/** Runs until a write of that number, and stands still there for ever: nothing is cleaned up. */
async function runUntil(step: number): Promise<boolean> {
  let count = 0;
  let stop: () => void = () => undefined;
  const killed = new Promise<false>((resolve) => {
    stop = () => { resolve(false); };
  }); // prettier-ignore
  const store = await openStore(() => {
    count += 1;
    if (count === step) {
      stop();
    }
    return count >= step ? new Promise<never>(() => undefined) : Promise.resolve();
  });
  const remote = remoteOf(store);
  const checked: RemoteMailbox = {
    ...remote,
    confirm: async (what) => {
      const fresh = new MailboxStore(join(folder, 'box'), { newId: randomUUID });
      const stored = await fresh.messages();
      for (const reference of what.messageReferences) {
        const found = stored.find((record) => record.reference === reference);
        const content = await fresh.readContent(found?.id ?? '');
        const hash = createHash('sha256').update(content).digest('base64');
        expect({ reference, hash }).toEqual({ reference, hash: found?.hashValue });
      }
      const tacks = await fresh.tacks();
      for (const reference of what.tackReferences) {
        expect(tacks.some((record) => record.reference === reference)).toBe(true);
      }
      await remote.confirm(what);
    },
  };
  return Promise.race([
    killed,
    syncMailbox(store, options(checked, { max: 10 })).then((result) => result.complete),
  ]);
}

test('stopped at random writes, nothing is confirmed that is not stored, and nothing is lost', async () => {
  const random = dice(20_260_209);
  const total = DEEP ? 200 : 30;
  const stops = DEEP ? 120 : 12;
  const contents = Array.from({ length: total }, (_, n) => `920000 message ${n} ${'z'.repeat(random(3000))}`);
  for (const [n, content] of contents.entries()) {
    put({ content: Buffer.from(content), encoding: n % 3 === 0 ? 'deflate' : 'none', form: n % 4 === 0 ? 'xop' : 'inline' });
    if (n % 10 === 0) tack();
  }
  for (let stop = 0; stop < stops; stop += 1) {
    await runUntil(1 + random(DEEP ? 25 : 20));
    // What a killed write left behind.
    writeFileSync(join(folder, 'box', 'tmp', `part-${stop}`), 'half');
  }
  expect(await runUntil(100_000)).toBe(true);
  expect(waiting()).toBe(0);
  const { store } = await sync();
  const records = await store.messages();
  const texts = await Promise.all(records.map(async ({ id }) => Buffer.from(await store.readContent(id)).toString()));
  expect(texts.sort()).toEqual([...contents].sort());
  expect(records.every(({ confirmedAt }) => confirmedAt !== undefined)).toBe(true);
  expect(await store.tacks()).toHaveLength(Math.ceil(total / 10));
  expect(readdirSync(join(folder, 'box', 'tmp'))).toEqual([]);
}); // prettier-ignore

describe('a copy that takes the place of another', () => {
  /** Stores a message that does not open, then stops while the right copy takes its place. */
  async function stopAt(step: string | undefined): Promise<MailboxStore> {
    put({ content: Buffer.from('920000 again') });
    world.other.sandbox.state.faults = [{ target: 'genasync.get', kind: 'fault:WRONG_HASH', times: 1, after: 0 }]; // prettier-ignore
    expect((await sync()).result.unreadable).toHaveLength(1);
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const store = await openStore((reached) => {
      if (reached === step) {
        stop();
        return new Promise<never>(() => undefined);
      }
      return Promise.resolve();
    });
    await Promise.race([stopped, syncMailbox(store, options(remoteOf(store), { confirm: false }))]);
    return openStore();
  }

  test.each(['message.staged', 'message.aside', 'message.placed', undefined])('stopped at %s, one of them is here', async (step) => {
    const store = await stopAt(step);
    if (step === 'message.aside') {
      expect(await store.messages()).toEqual([]);
    }
    await store.begin();
    const [record, ...others] = await store.messages();
    expect(others).toEqual([]);
    expect(record?.problem).toBe(step === 'message.placed' || step === undefined ? undefined : 'wrong-hash');
    // What was carried is the same; the claim about it was wrong.
    expect(Buffer.from(await store.readContent(record?.id ?? '', { source: true })).toString()).toContain('920000');
    await store.end();
    expect(readdirSync(store.tmp)).toEqual([]);
    expect((await sync()).result).toMatchObject({ confirmed: 1, unreadable: [], complete: true });
    expect((await store.messages()).map(({ problem }) => problem)).toEqual([undefined]);
  }); // prettier-ignore

  test('put back also where the run ended of itself between the two renames', async () => {
    const store = await stopAt('message.aside');
    await store.end();
    expect((await store.messages()).map(({ problem }) => problem)).toEqual(['wrong-hash']);
  });

  test('taken twice in one run, nothing of the first is left in the way', async () => {
    const { store } = await sync();
    const record = { schema: 'topaz.mycarenet.message/1', id: '0123456789abcdef', messageName: 'X', references: {}, receivedAt: NOW.toISOString(), sizeBytes: 1 } as const; // prettier-ignore
    for (const detail of ['a', 'b', 'c']) {
      await store.putMessage(record, { detail });
    }
    expect(Buffer.from(await store.readContent(record.id)).toString()).toBe('c');
    await store.end();
    expect(Buffer.from(await store.readContent(record.id)).toString()).toBe('c');
  });
});
