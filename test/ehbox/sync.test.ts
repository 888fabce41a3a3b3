import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { isExpired } from '../../src/ehbox/reconcile.js';
import type { SyncResult } from '../../src/ehbox/sync.js';
import { TopazError } from '../../src/errors.js';
import { fake, FakeBox, fault, networkDown, responseXml } from './fake-box.js';
import { TestMirror } from './mirror-support.js';

const DAY_MS = 86_400_000;

let box: FakeBox;
let mirror: TestMirror;

beforeEach(async () => {
  box = new FakeBox();
  mirror = await TestMirror.create();
});

afterEach(async () => {
  await mirror.remove();
});

const fill = (count: number): void => {
  box.inbox = Array.from({ length: count }, (_, n) => fake(count - n));
};

const nextDay = (): void => {
  mirror.time = new Date(mirror.time.getTime() + DAY_MS);
};

describe('a box of any size', () => {
  test.each([
    [0, 1],
    [1, 1],
    [99, 1],
    [100, 2],
    [101, 2],
    [198, 2],
    [199, 3],
    [1000, 11],
  ])('of %i messages is listed with %i calls', async (count, pages) => {
    fill(count);
    const result = await mirror.sync(box, { listOnly: true });
    expect(result).toMatchObject({ listed: count, stored: 0, failed: [], pending: count });
    expect(result.fresh).toHaveLength(count);
    expect(box.calls).toHaveLength(pages + 1);
    expect((await mirror.list()).map(({ id }) => id)).toEqual(box.inbox.map(({ id }) => id));
  });

  test('is stored whole, each message with one call', async () => {
    fill(20);
    expect(await mirror.sync(box)).toMatchObject({ listed: 20, stored: 20, pending: 0 });
    expect(box.calls).toHaveLength(1 + 1 + 20);
    expect((await mirror.list()).every(({ stored }) => stored)).toBe(true);
  });

  test('a second run fetches nothing and rewrites nothing but the time of the run', async () => {
    fill(12);
    box.bin = [fake(100)];
    await mirror.sync(box);
    const before = await mirror.files();
    const journal = await readFile(join(mirror.folder, 'journal.ndjson'), 'utf8');
    box.takeCalls();
    nextDay();
    const result = await mirror.sync(box);
    expect(result).toMatchObject({ fresh: [], stored: 0, moved: 0, gone: 0, listed: 13 });
    expect(result.lastSync).toBe('2026-03-02T09:00:00.000Z');
    expect(box.calls).toEqual(['GetMessagesList INBOX 1', 'GetMessagesList BININBOX 1']);
    expect(await mirror.files()).toEqual(before);
    expect(await readFile(join(mirror.folder, 'journal.ndjson'), 'utf8')).toBe(journal);
  });

  test('folders are private, files are private', async () => {
    fill(1);
    await mirror.sync(box);
    const key = { side: 'received', id: box.inbox[0]!.id } as const;
    for (const [name, mode] of [
      ['.', 0o700],
      ['raw', 0o700],
      ['parts', 0o700],
      ['meta.json', 0o600],
      ['list-entry.xml', 0o600],
      ['raw/response.body', 0o600],
      ['parts/00-body.txt', 0o600],
      ['parts.json', 0o600],
    ] as const) {
      expect([name, (await stat(mirror.open().path(key, name))).mode & 0o777]).toEqual([name, mode]); // prettier-ignore
    }
  });
});

describe('the list moves while it is read', () => {
  const look = (): Promise<SyncResult> => mirror.sync(box, { listOnly: true });

  test('an arrival between two pages costs nothing', async () => {
    fill(150);
    let arrived = false;
    box.before = (call) => {
      if (call === 'GetMessagesList INBOX 100' && !arrived) {
        arrived = true;
        box.inbox.unshift(fake(500));
      }
    };
    const result = await look();
    expect(result).toMatchObject({ listed: 150, complete: true });
    expect((await look()).fresh).toEqual([fake(500).id]);
    expect(await mirror.list()).toHaveLength(151);
  });

  test('a removal between two pages loses no message', async () => {
    fill(250);
    let removed = false;
    box.before = (call) => {
      if (call === 'GetMessagesList INBOX 199' && !removed) {
        removed = true;
        box.inbox.splice(0, 3);
      }
    };
    const result = await look();
    expect(result.complete).toBe(true);
    const ids = new Set((await mirror.list()).map(({ id }) => id));
    expect(box.inbox.filter(({ id }) => !ids.has(id))).toEqual([]);
  });

  test('a list that shrinks under every reading is called incomplete, and nobody is gone', async () => {
    fill(150);
    await look();
    box.before = (call) => {
      if (/INBOX 100$/.test(call)) {
        box.inbox.splice(0, 1);
      }
    };
    for (let n = 0; n < 3; n += 1) {
      const result = await look();
      expect(result).toMatchObject({ complete: false, gone: 0 });
    }
    expect(box.calls.filter((call) => call === 'GetMessagesList INBOX 1').length).toBe(1 + 3 * 5);
    expect(await mirror.list()).toHaveLength(150);
  });

  test('an empty page after a full one is read again', async () => {
    fill(100);
    let emptied = false;
    box.before = (call) => {
      if (call === 'GetMessagesList INBOX 100' && !emptied) {
        emptied = true;
        box.inbox.splice(50, 50);
      }
    };
    const result = await look();
    expect(result).toMatchObject({ complete: true, listed: 50 });
    expect(box.calls.filter((call) => call === 'GetMessagesList INBOX 1')).toHaveLength(2);
  });

  test('a refused second page counts as empty', async () => {
    fill(100);
    let refused = false;
    box.before = (call) => {
      if (call === 'GetMessagesList INBOX 100' && !refused) {
        refused = true;
        throw new TopazError('E_SERVICE_REFUSED', 'no such page', { hint: '' });
      }
    };
    expect(await look()).toMatchObject({ complete: true, listed: 100 });
  });

  test('a message put back from the bin during the listing is only missing once', async () => {
    fill(3);
    const restored = fake(9);
    box.bin = [restored];
    await mirror.sync(box);
    let moved = false;
    box.before = (call) => {
      if (call.startsWith('GetMessagesList BININBOX') && !moved) {
        moved = true;
        box.bin = [];
        box.inbox.push(restored);
      }
    };
    expect(await mirror.sync(box)).toMatchObject({ gone: 0, moved: 0 });
    expect(await mirror.sync(box)).toMatchObject({ gone: 0, moved: 1 });
    expect(await mirror.sync(box)).toMatchObject({ gone: 0, moved: 0 });
  });

  test('one poisoned entry among 100 stops nobody and is counted', async () => {
    fill(99);
    box.inbox.splice(41, 0, fake(500, { entry: '<Message><MessageId>../../etc</MessageId></Message>' })); // prettier-ignore
    const result = await look();
    expect(result).toMatchObject({ listed: 99, unreadable: 1, complete: true });
    expect(await mirror.list()).toHaveLength(99);
  });

  test('an entry that no XML can carry costs itself, not its page', async () => {
    fill(60);
    box.inbox.splice(17, 0, fake(500, { title: 'bell \u0007' }));
    const result = await look();
    expect(result).toMatchObject({
      listed: 60,
      unreadable: 1,
      complete: false,
      stopped: undefined,
    });
    expect(await mirror.list()).toHaveLength(60);
    expect(box.calls.length).toBeLessThan(25);
  });

  test('a list that is never XML ends after some tries', async () => {
    box.inbox = Array.from({ length: 100 }, (_, n) => fake(n, { title: '\u0007' }));
    const result = await look();
    expect(result).toMatchObject({ listed: 0, stopped: { code: 'E_XML_MALFORMED' } });
    expect(box.calls.length).toBeLessThan(40);
  });

  test('a strange entry is stored like any other', async () => {
    const odd = fake(1);
    box.inbox = [
      { ...odd, entry: `<Message><MessageId>${odd.id}</MessageId><!-- odd --><MessageInfo><PublicationDate>soon</PublicationDate></MessageInfo><Sender/><Sender/></Message>` },
      fake(2, { contentType: 'PIGEON' }),
    ]; // prettier-ignore
    expect(await mirror.sync(box)).toMatchObject({ stored: 2, failed: [] });
    const list = await mirror.list();
    expect(list.map(({ contentType }) => contentType)).toEqual(['PIGEON', 'UNKNOWN']);
    expect(list.every(({ unread }) => unread)).toBe(true);
  });
});

describe('quick', () => {
  test('stops at a page that is known, and concludes nothing about the rest', async () => {
    fill(250);
    await mirror.sync(box, { listOnly: true });
    box.inbox.pop();
    box.takeCalls();
    for (let n = 0; n < 3; n += 1) {
      expect(await mirror.sync(box, { listOnly: true, quick: true })).toMatchObject({
        gone: 0,
        complete: true,
      });
    }
    expect(box.takeCalls().filter((call) => call.includes(' INBOX'))).toEqual(Array(3).fill('GetMessagesList INBOX 1')); // prettier-ignore
  });
});

describe('moves and absences', () => {
  const folders = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries((await mirror.list()).map(({ id, folder }) => [id, folder]));

  test('another folder is a move, not a new message', async () => {
    fill(2);
    await mirror.sync(box);
    box.bin = [box.inbox.pop()!];
    expect(await mirror.sync(box)).toMatchObject({ fresh: [], stored: 0, moved: 1 });
    expect(await folders()).toEqual({ [box.inbox[0]!.id]: 'inbox', [box.bin[0]!.id]: 'bin' });
    box.inbox.push(box.bin.pop()!);
    expect(await mirror.sync(box)).toMatchObject({ moved: 1 });
  });

  test('absent from two complete runs in a row is gone, kept here, and may come back', async () => {
    fill(2);
    await mirror.sync(box);
    const lost = box.inbox.pop()!;
    expect(await mirror.sync(box)).toMatchObject({ gone: 0 });
    expect(await mirror.sync(box)).toMatchObject({ gone: 1 });
    expect(await mirror.sync(box)).toMatchObject({ gone: 0 });
    expect((await mirror.list()).find(({ id }) => id === lost.id)?.goneSince).toBeDefined();
    box.inbox.push(lost);
    box.takeCalls();
    expect(await mirror.sync(box)).toMatchObject({ back: 1, stored: 0 });
    expect(box.calls.some((call) => call.startsWith('GetFullMessage'))).toBe(false);
    expect((await mirror.list()).every(({ goneSince }) => goneSince === undefined)).toBe(true);
  });

  test('why it is gone is guessed from its dates', () => {
    const meta = { publicationDate: '2026-03-01', expirationDate: '2026-06-01' } as Parameters<typeof isExpired>[0]; // prettier-ignore
    expect(isExpired(meta, new Date('2026-05-31T12:00:00Z'))).toBe(false);
    expect(isExpired(meta, new Date('2026-06-01T12:00:00Z'))).toBe(true);
    expect(isExpired({ ...meta, expirationDate: undefined }, new Date('2027-03-01T12:00:00Z'))).toBe(true); // prettier-ignore
  });

  test('removed between list and fetch: listed again, then reported as lost, once', async () => {
    fill(3);
    const victim = box.inbox[1]!;
    box.before = (call) => {
      if (call === `GetFullMessage ${victim.id}`) {
        box.inbox = box.inbox.filter((message) => message !== victim);
      }
    };
    const result = await mirror.sync(box);
    expect(result.stored).toBe(2);
    expect(result.failed).toEqual([
      { id: victim.id, error: expect.objectContaining({ code: 'E_MESSAGE_LOST' }) as unknown },
    ]);
    expect(box.calls.filter((call) => call === 'GetMessagesList INBOX 1')).toHaveLength(2);
    expect(await mirror.sync(box)).toMatchObject({ failed: [], pending: 0 });
    // Its list entry is kept.
    expect((await mirror.list()).find(({ id }) => id === victim.id)).toMatchObject({ stored: false });
  }); // prettier-ignore

  test('refused but still listed is a failure that is tried again', async () => {
    fill(2);
    const victim = box.inbox[0]!;
    box.inbox[0] = { ...victim, full: responseXml('GetFullMessage', '', '817') };
    const result = await mirror.sync(box);
    expect(result.failed).toEqual([
      { id: victim.id, error: expect.objectContaining({ code: 'E_SERVICE_REFUSED' }) as unknown },
    ]);
    box.inbox[0] = victim;
    expect(await mirror.sync(box)).toMatchObject({ stored: 1, failed: [] });
  });
});

describe('unread', () => {
  test('documents of the inbox are, receipts and what was met in the bin are not', async () => {
    box.inbox = [
      fake(1),
      fake(2, { contentType: 'NEWS' }),
      fake(3, { contentType: 'ACKNOWLEDGMENT' }),
      fake(4, { contentType: 'ERROR' }),
    ];
    box.bin = [fake(5)];
    await mirror.sync(box);
    const unread = (await mirror.list()).filter((message) => message.unread).map(({ id }) => id);
    expect(unread).toEqual([fake(1).id, fake(2).id, fake(4).id]);
  });

  test('the mark survives another run', async () => {
    fill(1);
    await mirror.sync(box);
    const key = { side: 'received', id: box.inbox[0]!.id } as const;
    await mirror.open().updateMeta(key, (meta) => ({ ...meta, unread: false }));
    box.bin = [box.inbox.pop()!];
    await mirror.sync(box);
    expect(await mirror.list()).toMatchObject([{ unread: false, folder: 'bin' }]);
  });
});

describe('failures of the service', () => {
  test('the network comes back within the pauses', async () => {
    fill(1);
    let failures = 3;
    box.before = (call) => {
      if (call.startsWith('GetFullMessage') && failures > 0) {
        failures -= 1;
        throw networkDown();
      }
    };
    expect(await mirror.sync(box)).toMatchObject({ stored: 1, pending: 0 });
    expect(mirror.pauses).toEqual([1000, 4000, 15_000]);
  });

  test('it stays away: nothing is lost, the rest is pending, and not tried for ever', async () => {
    fill(10);
    box.before = (call) => {
      if (call.startsWith('GetFullMessage')) {
        throw networkDown();
      }
    };
    const result = await mirror.sync(box);
    expect(result).toMatchObject({ listed: 10, stored: 0, pending: 10, failed: [] });
    expect(result.stopped).toMatchObject({ code: 'E_NETWORK_RESET' });
    expect(box.calls.filter((call) => call.startsWith('GetFullMessage'))).toHaveLength(4 + 1 + 1);
    box.before = () => undefined;
    expect(await mirror.sync(box)).toMatchObject({ fresh: [], stored: 10, pending: 0 });
  });

  test('messages that always fail keep no other out', async () => {
    fill(10);
    const poisoned = new Set(box.inbox.slice(0, 4).map(({ id }) => id));
    box.before = (call) => {
      if (poisoned.has(call.replace('GetFullMessage ', ''))) {
        throw fault('SOA-02002');
      }
    };
    await mirror.sync(box);
    await mirror.sync(box);
    expect((await mirror.list()).filter(({ stored }) => stored)).toHaveLength(6);
  });

  test('one poisoned message among ten fails alone', async () => {
    fill(10);
    box.inbox[4] = { ...box.inbox[4]!, full: responseXml('GetFullMessage', '<Sender/>') };
    const result = await mirror.sync(box);
    expect(result).toMatchObject({ stored: 9, pending: 0 });
    expect(result.failed).toMatchObject([
      { id: box.inbox[4].id, error: { code: 'E_REPLY_INVALID' } },
    ]);
  });

  test('another message than was asked is not stored', async () => {
    fill(2);
    const [first, second] = box.inbox;
    const text = `<Sender/><Message MessageId="${second!.id}"><ContentContext/></Message>`;
    box.inbox[0] = { ...first!, full: responseXml('GetFullMessage', text) };
    const result = await mirror.sync(box);
    expect(result.failed).toMatchObject([{ id: first!.id, error: { code: 'E_REPLY_INVALID' } }]);
    expect(await mirror.open().hasRaw({ side: 'received', id: first!.id })).toBe(false);
  });

  test('a session that ends after page 1 stops the run; the next one goes on', async () => {
    fill(150);
    box.before = (call) => {
      if (call === 'GetMessagesList INBOX 100') {
        throw fault('SOA-01001');
      }
    };
    const result = await mirror.sync(box);
    expect(result).toMatchObject({ stored: 0, gone: 0, stopped: { faultCode: 'SOA-01001' } });
    expect(result.fresh).toHaveLength(100);
    expect(result.lastSync).toBeUndefined();
    box.before = () => undefined;
    const next = await mirror.sync(box, { limit: 1 });
    expect(next).toMatchObject({ listed: 150, stored: 1, pending: 149, stopped: undefined });
    expect(next.fresh).toHaveLength(50);
  });

  test('a session that ends between two messages leaves the rest for the next run', async () => {
    fill(5);
    let left = 2;
    box.before = (call) => {
      if (call.startsWith('GetFullMessage') && (left -= 1) < 0) {
        throw fault('SOA-01001');
      }
    };
    expect(await mirror.sync(box)).toMatchObject({ stored: 2, pending: 3, failed: [] });
  });

  test('what ends within thirty days is fetched first', async () => {
    box.inbox = [fake(3, { date: '2026-02-28' }), fake(2, { date: '2025-08-01' }), fake(1, { date: '2025-03-15' })]; // prettier-ignore
    await mirror.sync(box);
    expect(box.calls.filter((call) => call.startsWith('GetFullMessage'))).toEqual([1, 3, 2].map((n) => `GetFullMessage ${fake(n).id}`)); // prettier-ignore
  });
});

describe('asked for less', () => {
  test('list only: nothing is fetched', async () => {
    fill(3);
    const result = await mirror.sync(box, { listOnly: true });
    expect(result).toMatchObject({ listed: 3, stored: 0, pending: 3 });
    expect(box.calls.some((call) => call.startsWith('GetFullMessage'))).toBe(false);
    expect(await mirror.list()).toMatchObject([{ stored: false, unread: true }, {}, {}]);
    expect((await mirror.list())[0]).not.toHaveProperty('sealStatus');
  });

  test('limit: the newest, the rest next time', async () => {
    fill(5);
    expect(await mirror.sync(box, { limit: 2 })).toMatchObject({ stored: 2, pending: 3 });
    expect((await mirror.list()).map(({ stored }) => stored)).toEqual([true, true, false, false, false]); // prettier-ignore
    expect(await mirror.sync(box)).toMatchObject({ stored: 3, pending: 0, fresh: [] });
  });

  test('sealed: only the answers are kept, and opened by a later run', async () => {
    fill(2);
    await mirror.sync(box, { opener: undefined });
    expect(Object.keys(await mirror.files()).filter((name) => name.includes('parts'))).toEqual([]);
    expect(await mirror.list()).toMatchObject([{ sealStatus: 'clear' }, {}]);
    box.takeCalls();
    await mirror.sync(box);
    expect(box.calls.some((call) => call.startsWith('GetFullMessage'))).toBe(false);
    expect(Object.keys(await mirror.files()).filter((name) => name.endsWith('00-body.txt'))).toHaveLength(2); // prettier-ignore
  });

  test('without attachments: only the body is unpacked, until they are wanted', async () => {
    const annex = '<Annex><EncryptableTitle>YQ==</EncryptableTitle><EncryptableTextContent>YQ==</EncryptableTextContent><DownloadFileName>a.txt</DownloadFileName><MimeType>text/plain</MimeType></Annex>'; // prettier-ignore
    box.inbox = [fake(1, { more: annex })];
    const unpacked = async (): Promise<readonly string[]> =>
      Object.keys(await mirror.files()).flatMap((name) => /parts\/(.*)$/.exec(name)?.[1] ?? []);
    await mirror.sync(box, { annexes: false });
    expect(await unpacked()).toEqual(['00-body.txt']);
    expect((await mirror.list())[0]?.attachments).toEqual([{ name: 'a.txt', mimeType: 'text/plain', sizeBytes: 1 }]); // prettier-ignore
    await mirror.sync(box);
    expect((await unpacked()).toSorted()).toEqual(['00-body.txt', '01-a.txt']);
  });
});

describe('interruptions', () => {
  test('the current message is finished, the rest is for the next run', async () => {
    fill(5);
    const controller = new AbortController();
    let left = 2;
    box.before = (call) => {
      if (call.startsWith('GetFullMessage') && (left -= 1) === 0) {
        controller.abort();
      }
    };
    const result = await mirror.sync(box, { signal: controller.signal });
    expect(result).toMatchObject({ interrupted: true, stored: 2, pending: 3, gone: 0 });
    expect(await mirror.sync(box)).toMatchObject({ stored: 3, interrupted: false });
  });

  test('killed after any write, the next run makes everything good and fetches nothing twice', async () => {
    const annex = '<Annex><EncryptableTitle>YQ==</EncryptableTitle><EncryptableTextContent>YQ==</EncryptableTextContent><DownloadFileName>a.txt</DownloadFileName><MimeType>text/plain</MimeType></Annex>'; // prettier-ignore
    box.inbox = [fake(2, { more: annex }), fake(1)];
    box.bin = [fake(3)];
    const moments = await mkdtemp(join(tmpdir(), 'topaz-moments-'));
    const steps: string[] = [];
    const committed: string[][] = [];
    const stored: string[] = [];
    const recorder = mirror.open(async (step) => {
      // A copy of the folder now is what a kill would leave.
      await cp(mirror.folder, join(moments, String(steps.length)), { recursive: true });
      steps.push(step);
      committed.push([...stored]);
    });
    const commitRaw = recorder.commitRaw.bind(recorder);
    recorder.commitRaw = async (key, raw) => {
      // The commit counts from its rename on; the checkpoint of the staging comes before.
      stored.push(key.id);
      await commitRaw(key, raw);
    };
    await mirror.sync(box, { atOnce: 1 }, recorder);
    const wanted = shape(await mirror.files());
    expect(new Set(steps)).toEqual(new Set(['entry.staged', 'entry.renamed', 'raw.staged', 'raw.renamed', 'meta.written', 'parts.staged', 'parts.removed', 'parts.renamed', 'parts.written', 'box.written'])); // prettier-ignore
    try {
      for (const [n, step] of steps.entries()) {
        const again = new TestMirror(join(moments, String(n)));
        box.takeCalls();
        const result = await again.sync(box);
        expect({ n, step, ...result }).toMatchObject({ n, step, failed: [], pending: 0, stopped: undefined }); // prettier-ignore
        expect({ n, step, files: shape(await again.files()) }).toEqual({ n, step, files: wanted });
        const fetched = box.calls.flatMap((call) => /^GetFullMessage (.*)$/.exec(call)?.[1] ?? []);
        const safe = step === 'raw.staged' ? committed[n]!.slice(0, -1) : committed[n]!;
        expect({ n, step, twice: fetched.filter((id) => safe.includes(id)) }).toEqual({ n, step, twice: [] }); // prettier-ignore
        const journal = await readFile(join(again.folder, 'journal.ndjson'), 'utf8').catch(
          () => '',
        );
        expect(journal.split('\n').filter((line) => line !== '').every((line) => JSON.parse(line) !== null)).toBe(true); // prettier-ignore
      }
    } finally {
      await rm(moments, { recursive: true, force: true });
    }
  }, 60_000);

  test('a torn journal line is closed, a torn temporary file swept', async () => {
    fill(2);
    await mirror.sync(box, { limit: 1 });
    const journal = join(mirror.folder, 'journal.ndjson');
    await writeFile(journal, `${await readFile(journal, 'utf8')}{"at":"2026-`);
    await writeFile(join(mirror.folder, 'tmp', 'running'), '');
    const torn = mirror.open().path({ side: 'received', id: box.inbox[0]!.id }, '.meta.json.0123456789ab.tmp'); // prettier-ignore
    await writeFile(torn, 'half');
    await mirror.sync(box);
    expect((await readFile(journal, 'utf8')).split('\n').filter((line) => line === '{"at":"2026-')).toHaveLength(1); // prettier-ignore
    expect(Object.keys(await mirror.files()).filter((name) => /tmp/.test(name))).toEqual([]);
  });
});

describe('the disk is not trusted blindly', () => {
  test('parts that were deleted are remade identically, without any call', async () => {
    fill(3);
    await mirror.sync(box);
    const before = shape(await mirror.files());
    for (const message of box.inbox) {
      const key = { side: 'received', id: message.id } as const;
      await rm(mirror.open().path(key, 'parts'), { recursive: true });
      await rm(mirror.open().path(key, 'parts.json'));
    }
    box.takeCalls();
    nextDay();
    await mirror.sync(box);
    expect(shape(await mirror.files())).toEqual(before);
    expect(box.calls).toHaveLength(2);
  });

  test('a deleted answer is fetched again, a damaged state is made again', async () => {
    fill(2);
    await mirror.sync(box);
    const [first, second] = box.inbox.map(({ id }) => ({ side: 'received', id }) as const);
    await rm(mirror.open().path(first!, 'raw'), { recursive: true });
    await writeFile(mirror.open().path(second!, 'meta.json'), '{"schema":');
    box.takeCalls();
    expect(await mirror.sync(box)).toMatchObject({ stored: 1, failed: [] });
    expect(box.calls.filter((call) => call.startsWith('GetFullMessage'))).toEqual([`GetFullMessage ${first!.id}`]); // prettier-ignore
    expect(await mirror.list()).toMatchObject([{ stored: true }, { stored: true }]);
  });

  test.each([
    ['the entry of the list', []],
    ['the answer', ['list-entry.xml']],
  ])(
    'a state that was lost is made again from %s, though the service has it no more',
    async (_, damaged) => {
      fill(2);
      await mirror.sync(box);
      const [{ id } = fake(0)] = box.inbox;
      for (const name of ['meta.json', ...damaged]) {
        await writeFile(mirror.open().path({ side: 'received', id }, name), '');
      }
      box.inbox = box.inbox.slice(1);
      box.takeCalls();
      await mirror.sync(box);
      expect(box.calls.some((call) => call.startsWith('GetFullMessage'))).toBe(false);
      const [found] = (await mirror.list()).filter((message) => message.id === id);
      expect(found).toMatchObject({ subject: 'message 2', unread: true, stored: true, sender: { name: 'Labo Exemple' } }); // prettier-ignore
    },
  );

  test('half an answer is no answer: it is fetched again', async () => {
    fill(2);
    await mirror.sync(box);
    const [first, second] = box.inbox.map(({ id }) => ({ side: 'received', id }) as const);
    await rm(mirror.open().path(first!, 'raw', 'response.headers'));
    await rm(mirror.open().path(second!, 'raw', 'response.body'));
    expect(await mirror.sync(box)).toMatchObject({ stored: 2, failed: [], stopped: undefined });
    expect((await mirror.list()).every(({ stored }) => stored)).toBe(true);
  });

  test('an answer that was damaged stays closed, stops nobody, and is told', async () => {
    fill(2);
    await mirror.sync(box, { opener: undefined });
    const [first] = box.inbox.map(({ id }) => ({ side: 'received', id }) as const);
    await writeFile(mirror.open().path(first!, 'raw', 'response.body'), '<half');
    const result = await mirror.sync(box);
    expect(result).toMatchObject({ stopped: undefined, unopened: [{ id: first!.id, status: 'corrupt' }] }); // prettier-ignore
    expect((await mirror.list())[1]).toMatchObject({ sealStatus: 'clear', attachments: [] });
  });

  test('two runs at a time: the second one waits, or says who holds it', async () => {
    fill(1);
    const one = mirror.open();
    await one.create();
    const lock = await one.lock({ timeoutMs: 0 });
    await expect(mirror.open().lock({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'E_LOCKED' });
    await lock.release();
    await (await mirror.open().lock({ timeoutMs: 0 })).release();
  });

  test('a disk that fills while parts are unpacked stops the run too', async () => {
    fill(3);
    const limited = mirror.open();
    limited.writeParts = () =>
      Promise.reject(new TopazError('E_DISK_FULL', 'no space left', { hint: 'free some' }));
    const result = await mirror.sync(box, {}, limited);
    expect(result).toMatchObject({ pending: 3 - result.stored, stopped: { code: 'E_DISK_FULL' } });
    expect(await mirror.sync(box)).toMatchObject({ stored: result.pending, unopened: [], stopped: undefined }); // prettier-ignore
    expect((await mirror.list()).every(({ sealStatus }) => sealStatus === 'clear')).toBe(true);
  });

  test('a full disk stops the run with what was stored', async () => {
    fill(3);
    const limited = mirror.open();
    const commitRaw = limited.commitRaw.bind(limited);
    let room = 1;
    limited.commitRaw = (key, raw) =>
      (room -= 1) < 0
        ? Promise.reject(new TopazError('E_DISK_FULL', 'no space left', { hint: 'free some' }))
        : commitRaw(key, raw);
    const result = await mirror.sync(box, {}, limited);
    expect(result).toMatchObject({ stored: 1, pending: 2, stopped: { code: 'E_DISK_FULL' } });
  });
});

/** Names and texts; times of the day are taken out, those of writing differ. */
const shape = (files: Readonly<Record<string, { text: string }>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files)
      .filter(([name]) => !/^(?:lock|marks\.lock)/.test(name))
      .map(([name, { text }]) => [name, text]),
  );

describe('the sent side', () => {
  test('has its own folders, keys and conclusions; nothing of it is unread', async () => {
    box.inbox = [fake(1)];
    box.sent = [fake(1, { title: 'to myself' }), fake(2)];
    await mirror.sync(box);
    box.takeCalls();
    const result = await mirror.sync(box, { side: 'sent' });
    expect(result).toMatchObject({ listed: 2, stored: 2, total: 2, failed: [], complete: true });
    expect(box.takeCalls().slice(0, 2)).toEqual(['GetMessagesList SENTBOX 1', 'GetMessagesList BINSENTBOX 1']); // prettier-ignore
    const list = await mirror.list();
    expect(list).toHaveLength(3);
    expect(list.filter(({ side }) => side === 'sent').map(({ unread, folder }) => [unread, folder])).toEqual([[false, 'sent'], [false, 'sent']]); // prettier-ignore
    // A run of the other side concludes nothing about it.
    await mirror.sync(box);
    await mirror.sync(box);
    expect((await mirror.list()).every(({ goneSince }) => goneSince === undefined)).toBe(true);
    box.sentBin = box.sent.splice(0, 1);
    expect(await mirror.sync(box, { side: 'sent' })).toMatchObject({ moved: 1, stored: 0 });
    expect(new Set(Object.keys((await mirror.open().readBox())?.folders ?? {}))).toEqual(new Set(['inbox', 'bin', 'sent', 'sent-bin'])); // prettier-ignore
  });
});
