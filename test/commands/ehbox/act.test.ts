/** `topaz ehbox move`, `delete`, `receipts` and `ooo` as typed, at a sandbox that checks every request. */

import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import type { MessageSummary } from '../../../src/ehbox/catalog.js';
import { openSandboxWorld } from './sandbox-world.js';
import type { SandboxWorld } from './sandbox-world.js';

let world: SandboxWorld;

const list = async (...argv: readonly string[]): Promise<readonly MessageSummary[]> =>
  ((await world.json(['ehbox', 'list', ...argv])) as { messages: MessageSummary[] }).messages;

async function folderOf(id: string): Promise<string> {
  const parent = join(world.dir, 'data', 'sandbox', 'ehbox', 'sandbox');
  const [box = ''] = await readdir(parent);
  return join(parent, box, 'messages', 'received', id);
}

let ids: readonly string[];
/** A message that no other test has used. */
let next = 0;
const take = (): string => {
  next += 1;
  return ids[next - 1] ?? '';
};

beforeAll(async () => {
  world = await openSandboxWorld();
  for (let n = 0; n < 5; n += 1) {
    await world.json(['sandbox', 'deliver', '--to', 'SSIN=79021599732', '--quality', 'DOCTOR', '--subject', `n${n}`, '--text', 'x', ...world.data]); // prettier-ignore
  }
  await world.run(['ehbox', 'sync']);
  ids = (await list()).filter(({ sealed }) => !sealed).map(({ id }) => id);
}, 60_000);

afterEach(async () => {
  await world.json(['sandbox', 'fail', '--clear', ...world.data]);
});

afterAll(async () => {
  await world.close();
});

describe('move', () => {
  test('to the bin and back; the mirror knows at once, and a synchronisation agrees', async () => {
    const id = take();
    expect(await world.json(['ehbox', 'move', id, '--to-folder', 'bin', '--dry-run'])).toEqual({
      schema: 'topaz.ehbox.move/1',
      dryRun: true,
      done: [{ id }],
      failed: [],
    });
    expect((await list('--folder', 'bin')).length).toBe(0);
    expect(await world.json(['ehbox', 'move', id, '--to-folder', 'bin'])).toEqual({
      schema: 'topaz.ehbox.move/1',
      done: [{ id }],
      failed: [],
    });
    expect((await list('--folder', 'bin')).map((message) => message.id)).toEqual([id]);
    expect(await world.json(['ehbox', 'sync'])).toMatchObject({ moved: 0, gone: 0 });
    const { stdout, stderr } = await world.run(['ehbox', 'move', id, '--to-folder', 'inbox']);
    expect(stdout).toEqual([]);
    expect(stderr.join()).toContain('1 message moved to inbox');
  });

  test.each([
    ['nowhere', [], 'E_USAGE'],
    ['an unknown folder', ['--to-folder', 'attic'], 'E_USAGE'],
    ['where it is', ['--to-folder', 'inbox'], 'E_USAGE'],
    ['to the other side', ['--to-folder', 'sent'], 'E_USAGE'],
  ])('%s is refused', async (_, flags, code) => {
    expect(await world.failure(['ehbox', 'move', ids[0] ?? '', ...flags])).toMatchObject({ code });
  });

  test('some fail: those that were moved are told apart', async () => {
    const [a, b] = [take(), take()];
    await world.json(['ehbox', 'move', a, '--to-folder', 'bin']);
    // Here it still counts as lying in the inbox.
    const path = await folderOf(a);
    const { readFile } = await import('node:fs/promises');
    const meta = await readFile(join(path, 'meta.json'), 'utf8');
    await writeFile(join(path, 'meta.json'), meta.replace('"folder": "bin"', '"folder": "inbox"'));
    expect(await world.failure(['ehbox', 'move', a, b, 'NOSUCH', '--to-folder', 'bin'])).toMatchObject({
      status: 11,
      code: 'E_PARTIAL',
      document: {
        done: [{ id: b }],
        failed: [{ id: 'NOSUCH', error: { code: 'E_MESSAGE_UNKNOWN' } }, { id: a, error: { code: 'E_SERVICE_REFUSED' } }],
      },
    }); // prettier-ignore
  });

  test('the answer was lost on the way: the lists tell that it was done', async () => {
    const id = take();
    await world.play('MoveMessage', 'truncated', '--times', '1');
    expect(await world.json(['ehbox', 'move', id, '--to-folder', 'bin'])).toMatchObject({
      done: [{ id }],
    });
  });

  test('the service is away: nothing changed, its status', async () => {
    const id = take();
    await world.play('MoveMessage', 'fault:SOA-02001');
    expect(await world.failure(['ehbox', 'move', id, '--to-folder', 'bin'])).toMatchObject({
      status: 7,
      document: { done: [], failed: [{ id }] },
    });
    expect((await list('--folder', 'bin')).map((message) => message.id)).not.toContain(id);
  });
});

describe('delete', () => {
  test('asks, names the message, and takes no for an answer', async () => {
    const id = take();
    expect(await world.failure(['ehbox', 'delete', id])).toMatchObject({
      status: 2,
      code: 'E_INPUT_REQUIRED',
    });
    const { stdout } = await world.run(['ehbox', 'delete', id, '--dry-run']);
    expect(stdout).toEqual(['1 message would be deleted at eHealth']);
    expect(await world.json(['ehbox', 'sync'])).toMatchObject({ gone: 0 });
  });

  test('without a verified copy nothing is deleted, unless that is wanted', async () => {
    const id = take();
    const path = await folderOf(id);
    await rename(join(path, 'raw', 'response.body'), join(path, 'saved'));
    expect(await world.failure(['ehbox', 'delete', id, '--yes'])).toMatchObject({
      status: 10,
      code: 'E_COPY_MISSING',
    });
    await writeFile(join(path, 'raw', 'response.body'), '<half');
    expect(await world.failure(['ehbox', 'delete', id, '--yes'])).toMatchObject({ code: 'E_COPY_MISSING' }); // prettier-ignore
    const other = await folderOf(ids[0] ?? '');
    const { copyFile } = await import('node:fs/promises');
    await copyFile(join(other, 'raw', 'response.body'), join(path, 'raw', 'response.body'));
    expect(await world.failure(['ehbox', 'delete', id, '--yes'])).toMatchObject({ code: 'E_COPY_MISSING' }); // prettier-ignore
    expect(await world.json(['ehbox', 'delete', id, '--without-copy', '--yes'])).toMatchObject({
      done: [{ id }],
    });
    await rm(join(path, 'raw', 'response.body'));
    await rename(join(path, 'saved'), join(path, 'raw', 'response.body'));
  });

  test('the copy stays here and is marked as gone; a second time there is nothing to delete', async () => {
    const id = take();
    expect(await world.json(['ehbox', 'delete', id, '--yes'])).toMatchObject({ done: [{ id }] });
    expect((await list()).find((message) => message.id === id)).toMatchObject({
      stored: true,
      goneSince: expect.any(String) as unknown,
    });
    expect(await world.json(['ehbox', 'sync'])).toMatchObject({ gone: 0, back: 0 });
    expect(await world.failure(['ehbox', 'delete', id, '--yes'])).toMatchObject({
      code: 'E_MESSAGE_UNKNOWN',
    });
  });
});

describe('receipts', () => {
  test('of a message that this box did not send: refused with the words of the service', async () => {
    expect(await world.failure(['ehbox', 'receipts', ids[0] ?? ''])).toMatchObject({
      status: 7,
      code: 'E_SERVICE_REFUSED',
    });
    expect(await world.failure(['ehbox', 'receipts', '../x'])).toMatchObject({ code: 'E_USAGE' });
  });

  test('of one that it sent: who got it and who read it', async () => {
    const { messages } = (await world.json(['sandbox', 'deliver', '--from', 'SSIN=79021599732', '--to', 'SSIN=79021599732', '--quality', 'DOCTOR', '--subject', 'to myself', '--text', 'x', ...world.data])) as { messages?: unknown }; // prettier-ignore
    expect(messages).not.toBe(0);
    await world.run(['ehbox', 'sync', '--list-only']);
    const mine = (await list()).find(({ subject }) => subject === 'to myself')?.id ?? '';
    const receipts = (await world.json(['ehbox', 'receipts', mine]))['receipts'];
    expect(receipts).toMatchObject([{ recipient: { type: 'SSIN', quality: 'DOCTOR' } }]);
    expect(receipts).not.toMatchObject([{ read: expect.any(String) as unknown }]);
    await world.json(['ehbox', 'sync']);
    expect((await world.json(['ehbox', 'receipts', mine]))['receipts']).toMatchObject([
      { received: expect.stringMatching(/Z$/) as unknown, read: expect.stringMatching(/Z$/) as unknown },
    ]); // prettier-ignore
  });
});

describe('out of office', () => {
  const day = (days: number): string =>
    new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

  test('add, list, remove', async () => {
    expect(await world.json(['ehbox', 'ooo', 'list'])).toEqual({
      schema: 'topaz.ehbox.ooo.list/1',
      periods: [],
    });
    const period = ['--from', day(10), '--to', day(20), '--substitute', 'SSIN=85061199814:DOCTOR'];
    expect(await world.json(['ehbox', 'ooo', 'add', ...period, '--dry-run'])).toMatchObject({
      dryRun: true,
    });
    const { id } = await world.json(['ehbox', 'ooo', 'add', ...period]);
    expect(await world.json(['ehbox', 'ooo', 'list'])).toMatchObject({
      periods: [{ id, from: day(10), to: day(20), substitutes: [{ type: 'SSIN', id: '85061199814', quality: 'DOCTOR' }] }],
    });
    expect(await world.failure(['ehbox', 'ooo', 'add', '--from', day(15), '--to', day(16)])).toMatchObject({ status: 7, code: 'E_SERVICE_REFUSED' });
    expect(await world.failure(['ehbox', 'ooo', 'remove', String(id), 'NOSUCH'])).toMatchObject({
      status: 11,
      document: { done: [{ id }], failed: [{ id: 'NOSUCH' }] },
    });
    expect(await world.failure(['ehbox', 'ooo', 'remove', 'NOSUCH'])).toMatchObject({ status: 7 });
    expect(await world.json(['ehbox', 'ooo', 'list'])).toMatchObject({ periods: [] });
  }); // prettier-ignore

  test.each([
    ['without days', []],
    ['the wrong way round', ['--from', '2026-07-02', '--to', '2026-07-01']],
    ['longer than a year', ['--from', 'today', '--to', '2099-01-01']],
    ['an organisation as substitute', ['--from', 'today', '--to', 'today', '--substitute', 'NIHII-LABO=71234523']],
  ])('%s is refused before anything is sent', async (_, flags) => {
    expect(await world.failure(['ehbox', 'ooo', 'add', ...flags])).toMatchObject({ status: 2, code: 'E_USAGE' });
  }); // prettier-ignore
});
