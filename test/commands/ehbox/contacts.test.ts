/** `topaz ehbox contacts`, and names in place of addresses. */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { resolveContact, seenContacts } from '../../../src/ehbox/contacts.js';
import type { Contact } from '../../../src/ehbox/contacts.js';
import type { MessageSummary } from '../../../src/ehbox/catalog.js';
import { fake } from '../../ehbox/fake-box.js';
import { createWorld } from './world.js';
import type { World } from './world.js';

let world: World;

const LABO: Contact = { name: 'Labo Exemple', address: 'NIHII-LABO=71234523:LABO', from: 'seen' };
const list = async (): Promise<unknown> => (await world.json(['contacts', 'list']))['contacts'];
const file = (): string => join(world.mirror.folder, '..', '..', 'contacts.json');

beforeEach(async () => {
  world = await createWorld();
});

afterEach(async () => {
  await world.remove();
});

test('senders seen, and names that were added, survive each other', async () => {
  expect(await list()).toEqual([]);
  world.box.inbox = [fake(2), fake(1)];
  await world.sync();
  expect(await list()).toEqual([LABO]);
  await world.json(['contacts', 'add', 'marie', '--address', 'SSIN=85.06.11-998.14:doctor']);
  await world.json(['contacts', 'add', 'Märie ', '--address', 'SSIN=85061199814:DOCTOR']);
  const marie = { name: 'marie', address: 'SSIN=85061199814:DOCTOR', from: 'added' };
  expect(await list()).toEqual([marie, LABO]);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  const { stdout } = await world.run(['contacts', 'list']);
  expect(stdout.join('\n').split('\n')).toContain('Labo Exemple\tNIHII-LABO=71234523:LABO\tseen');
  await world.json(['contacts', 'remove', 'MARIE']);
  expect(await list()).toEqual([LABO]);
});

test.each([
  [['add', 'x']],
  [['add', 'a=b', '--address', 'NIHII-LABO=71234523']],
  [['add', ' ', '--address', 'NIHII-LABO=71234523']],
  [['add', 'red\u001b[31m', '--address', 'NIHII-LABO=71234523']],
  [['add', 'turned\u202e', '--address', 'NIHII-LABO=71234523']],
  [['add', 'x'.repeat(101), '--address', 'NIHII-LABO=71234523']],
  [['add', 'marie', '--address', 'SSIN=85061199814']],
  [['add', 'marie', '--address', 'SSIN=85061199815:DOCTOR']],
  [['remove', 'nobody']],
])('%j is refused, and nothing is written', async (argv) => {
  expect(await world.failure(['contacts', ...argv])).toMatchObject({ status: 2 });
  await expect(readFile(file())).rejects.toThrow('ENOENT');
});

test('a name never changes its address by the way', async () => {
  await world.json(['contacts', 'add', 'lab', '--address', 'NIHII-LABO=71234523']);
  expect(await world.failure(['contacts', 'add', 'LAB', '--address', 'NIHII-HOSPITAL=71022212'])).toMatchObject({ code: 'E_USAGE' }); // prettier-ignore
  expect(await list()).toMatchObject([{ address: 'NIHII-LABO=71234523:LABO' }]);
});

test('a damaged list is not written over', async () => {
  await world.json(['contacts', 'add', 'lab', '--address', 'NIHII-LABO=71234523']);
  await writeFile(file(), '{"contacts": [');
  expect(await world.failure(['contacts', 'add', 'x', '--address', 'NIHII-LABO=71234523'])).toMatchObject({ code: 'E_USAGE' }); // prettier-ignore
  expect(await readFile(file(), 'utf8')).toBe('{"contacts": [');
});

test('only a whole name counts; what was added comes before what was seen; an ambiguous one is refused', () => {
  const other: Contact = { ...LABO, address: 'NIHII-LABO=71234622:LABO' };
  const jean: Contact = { name: 'Jean Exemple', address: 'SSIN=79021599732:DOCTOR', from: 'seen' };
  expect(resolveContact('labo  exemple', [LABO, jean])).toBe(LABO.address);
  expect(() => resolveContact('labo', [LABO])).toThrow('no contact');
  expect(() => resolveContact('Labo Exemple', [LABO, other])).toThrow('2 addresses');
  expect(resolveContact('Labo Exemple', [{ ...other, from: 'added' }, LABO])).toBe(other.address);
  const two = [jean, { ...jean, address: 'SSIN=79021599732:NURSE' }];
  expect(() => resolveContact('Jean Exemple', two)).toThrow(
    expect.objectContaining({ facts: expect.not.arrayContaining([expect.stringContaining('79021599732')]) }), // prettier-ignore
  );
});

test('senders that nobody can write to are no contacts', () => {
  const from = (sender: Partial<MessageSummary['sender']>, side: 'received' | 'sent' = 'received') =>
    seenContacts([
      {
        id: '1', side, folder: 'inbox', contentType: 'DOCUMENT', unread: false, sealed: false, important: false, stored: true,
        sender: { type: 'NIHII-LABO', id: '71234523', quality: 'LABO', name: 'Labo', ...sender },
      },
    ]); // prettier-ignore
  expect(from({})).toHaveLength(1);
  expect(from({}, 'sent')).toEqual([]);
  expect(from({ name: undefined })).toEqual([]);
  expect(from({ type: 'SSIN', id: '79021599732', quality: 'CITIZEN' })).toEqual([]);
  expect(from({ type: 'SSIN', id: '1', quality: 'DOCTOR' })).toEqual([]);
  expect(from({ type: 'NEWTYPE', id: '1', quality: 'X' })).toEqual([]);
});
