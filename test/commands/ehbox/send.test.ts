/** `topaz ehbox send` and `outbox` as typed, between two persons of the sandbox, with every way an answer gets lost. */

import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { openSandboxWorld } from './sandbox-world.js';
import type { SandboxWorld } from './sandbox-world.js';

const NURSE = 'SSIN=72090499770:NURSE';
const DOCTOR = 'SSIN=79021599732:DOCTOR';

let world: SandboxWorld;

/** Becomes the other person: keystore, quality, session. */
async function as(who: 'doctor' | 'nurse'): Promise<void> {
  await world.json(['keystore', 'use', who]);
  await world.json(['profile', 'set', 'ehbox.quality', who.toUpperCase()]);
  await world.json(['session', 'open', '--via', 'keystore', '--as', who, '--force']);
}

const send = (...args: readonly string[]): Promise<Record<string, unknown>> =>
  world.json(['ehbox', 'send', '--to', NURSE, ...args]);
const sendFails = (...args: readonly string[]) =>
  world.failure(['ehbox', 'send', '--to', NURSE, ...args]);
const play = (kind: string, ...more: readonly string[]): Promise<unknown> =>
  world.json(['sandbox', 'fail', 'ehboxPublication.SendMessage', '--with', kind, ...more, ...world.data]); // prettier-ignore

interface Summary {
  readonly id: string;
  readonly subject: string;
  readonly contentType: string;
  readonly folder: string;
  readonly sealStatus: string;
}

/** What lies in the box of whoever has the session, after a synchronisation. */
async function messages(subject: string): Promise<readonly Summary[]> {
  await world.run(['ehbox', 'sync']);
  const list = (await world.json(['ehbox', 'list'])) as { messages: Summary[] };
  return list.messages.filter((message) => message.subject === subject);
}

const outboxFolder = (): string => join(world.dir, 'data', 'sandbox', 'outbox', 'sandbox');
async function outboxFiles(): Promise<readonly string[]> {
  const boxes = await readdir(outboxFolder()).catch(() => []);
  const names = await Promise.all(
    boxes.map(async (box) => (await readdir(join(outboxFolder(), box))).map((name) => join(outboxFolder(), box, name))),
  ); // prettier-ignore
  return names.flat();
}

beforeAll(async () => {
  world = await openSandboxWorld();
  const path = join(world.dir, 'nurse.p12');
  await world.json(['sandbox', 'keystore', 'create', '--holder', 'SSIN=72090499770', '--out', path, '--password-file', join(world.dir, 'password'), ...world.data]); // prettier-ignore
  await world.json(['keystore', 'import', path, '--alias', 'nurse']);
  await writeFile(join(world.dir, 'report.pdf'), '%PDF-1.4\nfindings of the day\n');
  await writeFile(join(world.dir, 'values.csv'), 'a;b\n1;2\n');
  await writeFile(join(world.dir, 'empty.txt'), '');
  await writeFile(join(world.dir, 'patient'), '85.06.11-998.14\n', { mode: 0o600 });
  await writeFile(join(world.dir, 'table.tsv'), 'Monday\tCardiology\nTuesday\t\n');
}, 60_000);

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  await world.json(['sandbox', 'fail', '--clear', ...world.data]);
});

test('a recipient by name', async () => {
  await world.json([
    'ehbox',
    'contacts',
    'add',
    'The nurse',
    '--address',
    'SSIN=72090499770:NURSE',
  ]);
  const to = (name: string) => ['ehbox', 'send', '--to', name, '--subject', 'a', '--text', 'b', '--dry-run']; // prettier-ignore
  expect(await world.json(to('the  nurse'))).toMatchObject({ recipients: [{ type: 'SSIN', id: '72090499770', quality: 'NURSE' }] }); // prettier-ignore
  expect(await world.failure(to('nurse'))).toMatchObject({ status: 2, code: 'E_USAGE' });
  await world.json(['ehbox', 'contacts', 'remove', 'the nurse']);
});

describe('from one to the other', () => {
  test('a dry run checks everything and sends nothing', async () => {
    expect(await send('--subject', 'Plan', '--text', 'hello', '--attach', 'report.pdf', '--dry-run')).toMatchObject({
      dryRun: true,
      sealed: true,
      recipients: [{ type: 'SSIN', id: '72090499770', quality: 'NURSE' }],
      attachments: [{ name: 'report.pdf', mimeType: 'application/pdf' }],
    });
    expect(await outboxFiles()).toEqual([]);
  }); // prettier-ignore

  test('everything that a message can hold arrives, opened and genuine, and its sender gets his receipts', async () => {
    const planned = await send('--subject', 'Findings', '--text', 'Dear nurse é', '--attach', 'report.pdf', '--attach', 'empty.txt', '--table-file', 'table.tsv', '--patient-file', 'patient', '--dry-run');
    const refused = await sendFails('--subject', 'Findings', '--text', 'a', '--patient-file', 'patient', '--no-seal');
    expect(refused).toMatchObject({ status: 2, code: 'E_USAGE' });
    const done = await send('--subject', 'Findings', '--text', 'Dear nurse é', '--attach', 'report.pdf', '--attach', 'empty.txt', '--table-file', 'table.tsv', '--patient-file', 'patient', '--important', '--receipt', 'read', '--receipt', 'received', '--receipt', 'publication', '--meta', 'CM-AuthorID=79');
    expect(done).toMatchObject({ state: 'sent', sealed: true, sizeBytes: planned['sizeBytes'] });
    await as('nurse');
    const [received] = await messages('Findings');
    expect(received).toMatchObject({ sealStatus: 'ok', folder: 'inbox', important: true, id: done['messageId'] });
    expect(await world.json(['ehbox', 'show', received!.id])).toMatchObject({
      messages: [{ text: 'Dear nurse é', patient: { ssin: '85061199814' }, signer: { type: 'SSIN', id: '79021599732', match: 'same' } }],
    });
    await as('doctor');
    const receipts = await messages('Findings');
    expect(receipts.map(({ contentType }) => contentType)).toEqual(Array(3).fill('ACKNOWLEDGMENT'));
    expect(await world.json(['ehbox', 'receipts', String(done['messageId'])])).toMatchObject({
      receipts: [{ recipient: { id: '72090499770', name: 'Arno Modèle' } }],
    });
  }, 30_000); // prettier-ignore

  test('back again, in clear, as news of an own id that replace each other', async () => {
    await as('nurse');
    const news = ['ehbox', 'send', '--to', DOCTOR, '--subject', 'Closed', '--no-seal', '--news', '--id', 'NEWS1'];
    const { stderr } = await world.run([...news, '--text', 'on Friday']);
    expect(stderr.join('\n')).toMatch(/not sealed: eHealth can read it/);
    expect(await world.json([...news, '--text', 'on Monday'])).toMatchObject({ id: 'NEWS1', state: 'sent' });
    await as('doctor');
    expect(await messages('Closed')).toMatchObject([{ sealStatus: 'clear', contentType: 'NEWS' }, { contentType: 'NEWS' }]);
  }); // prettier-ignore
});

test('from the box of an organisation, in its name', async () => {
  const box = ['--box', 'NIHII-MEDICAL_HOUSE=89547133'];
  const { status, stderr } = await world.run(['ehbox', 'send', '--to', NURSE, '--subject', 'House', '--text', 'a', '--id', 'HOUSE1', ...box]);
  expect([status, /no ETK yourself/.test(stderr.join())]).toEqual([0, true]);
  expect(await world.json(['ehbox', 'outbox', ...box])).toMatchObject({ messages: [{ id: 'HOUSE1' }] });
  const { messages: own } = (await world.json(['ehbox', 'outbox', '--box', DOCTOR])) as { messages: { id: string }[] };
  expect(own.some(({ id }) => id === 'HOUSE1')).toBe(false);
}); // prettier-ignore

describe('refused before anything is sent', () => {
  test.each([
    ['a recipient without quality', ['--to', 'SSIN=72090499770'], 'E_IDENTIFIER_INVALID'],
    ['a quality that is not known', ['--to', 'SSIN=72090499770:NURCE'], 'E_IDENTIFIER_INVALID'],
    ['a citizen', ['--to', 'SSIN=85061199814:CITIZEN'], 'E_IDENTIFIER_INVALID'],
    ['a mistyped number', ['--to', 'SSIN=72090499771:NURSE'], 'E_SSIN_INVALID'],
    ['a receipt that does not exist', ['--receipt', 'opened'], 'E_USAGE'],
    ['a subject that is too long', ['--subject', 'x'.repeat(401)], 'E_USAGE'],
    ['control characters in the subject', ['--subject', 'a\u001b[2J'], 'E_USAGE'],
    ['no content', [], 'E_USAGE'],
    ['text and document', ['--text', 'a', '--document', 'report.pdf'], 'E_USAGE'],
    ['an id of another form', ['--text', 'a', '--id', 'no-id'], 'E_USAGE'],
    ['a file that is not there', ['--attach', 'nothing.pdf'], 'E_FILE_NOT_FOUND'],
  ])('%s', async (_name, args, code) => {
    expect(await sendFails('--subject', 'Refused', ...args)).toMatchObject({ status: 2, code });
  });

  test('recipients without ETK are all named, in one answer', async () => {
    const { stderr } = await world.run(['ehbox', 'send', '--to', NURSE, '--to', 'NIHII-LABO=71234523', '--to', 'NIHII-GROUP=94499180', '--subject', 'Refused', '--text', 'a']);
    expect(stderr.join('\n')).toMatch(/2 of 3 recipients cannot get sealed messages[^]*NIHII-LABO 71234523[^]*NIHII-GROUP 94499180/);
    expect(stderr.join('\n')).not.toContain('72090499770');
  }); // prettier-ignore

  test('a message above the limit, told with its size as it would travel', async () => {
    await writeFile(join(world.dir, 'large.bin'), Buffer.alloc(10 * 1024 * 1024 - 1000, 1));
    const files = (await outboxFiles()).length;
    expect(await sendFails('--subject', 'Large', '--attach', 'large.bin', '--dry-run')).toMatchObject({ status: 2, code: 'E_MESSAGE_TOO_LARGE' });
    expect(await sendFails('--subject', 'Large', '--attach', 'large.bin')).toMatchObject({ status: 2, code: 'E_MESSAGE_TOO_LARGE' });
    expect(await outboxFiles()).toHaveLength(files);
    // In clear it just fits.
    expect(await world.json(['ehbox', 'send', '--to', 'NIHII-HOSPITAL=71022212', '--subject', 'Large', '--attach', 'large.bin', '--no-seal'])).toMatchObject({ state: 'sent' });
  }, 30_000); // prettier-ignore
});

describe('an answer that gets lost', () => {
  test.each(['lost', 'reset', 'truncated', 'http:503'])('%s: asked first, never sent twice', async (kind) => {
    const subject = `Lost ${kind}`;
    await play(kind, '--times', '1');
    const { status } = await sendFails('--subject', subject, '--text', 'secret words', '--id', `L${kind.replace(/\W/g, '').toUpperCase()}`);
    expect([6, 9]).toContain(status);
    const { messages: waiting } = (await world.json(['ehbox', 'outbox', '--retry', '--dry-run'])) as { messages: { state: string; subject: string }[] };
    expect(waiting).toMatchObject([{ state: 'unsure', subject }]);
    for (const file of await outboxFiles()) {
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await readFile(file, 'utf8')).not.toMatch(/secret words|c2VjcmV0IHdvcmRz/);
    }
    // Trying again must not need the publication service at all.
    await play('refused');
    expect(await world.json(['ehbox', 'outbox', '--retry'])).toMatchObject({ messages: [{ state: 'sent', subject }], failed: [] });
  }, 30_000); // prettier-ignore

  test('the same own id is the same message', async () => {
    const first = await send('--subject', 'Once', '--text', 'a', '--id', 'ONCE1');
    expect(await send('--subject', 'Once', '--text', 'a', '--id', 'ONCE1')).toEqual(first);
    expect(await sendFails('--subject', 'Other', '--text', 'a', '--id', 'ONCE1')).toMatchObject({ status: 2, code: 'E_USAGE' });
  }); // prettier-ignore

  test('a line that delivers twice: the refusal of the second one is no refusal of the message', async () => {
    await play('duplicate', '--times', '1');
    expect(await send('--subject', 'Twice', '--text', 'a')).toMatchObject({ state: 'sent' });
  });

  test('turned away by the platform: it waits, and goes out later with the same id', async () => {
    await play('fault:SOA-01001', '--times', '1');
    expect((await sendFails('--subject', 'Later', '--text', 'a', '--id', 'LATER1')).status).toBe(7);
    expect(await world.json(['ehbox', 'outbox'])).toMatchObject({ messages: expect.arrayContaining([expect.objectContaining({ id: 'LATER1', state: 'waiting' })]) });
    expect(await world.json(['ehbox', 'outbox', '--retry'])).toMatchObject({ messages: [{ id: 'LATER1', state: 'sent' }] });
    expect(await world.json(['ehbox', 'outbox', '--retry'])).toMatchObject({ messages: [] });
  }); // prettier-ignore

  test('the eHealthBox cannot be asked: nothing is sent again', async () => {
    await play('lost', '--times', '1');
    await sendFails('--subject', 'Blind', '--text', 'a', '--id', 'BLIND1');
    await world.play('GetMessagesList', 'http:503', '--times', '1');
    expect(await world.failure(['ehbox', 'outbox', '--retry'])).toMatchObject({ status: 6, document: { failed: [{ id: 'BLIND1' }] } });
    expect(await world.json(['ehbox', 'outbox', '--retry'])).toMatchObject({ messages: [{ id: 'BLIND1', state: 'sent' }] });
  }); // prettier-ignore

  test('a code of the service: final, with its words, and without the bytes', async () => {
    await play('fault:814', '--times', '1');
    expect(await sendFails('--subject', 'No', '--text', 'a', '--id', 'NO814')).toMatchObject({ status: 7, code: 'E_SERVICE_REFUSED', document: { state: 'refused', code: '814' } });
    const file = (await outboxFiles()).find((name) => name.includes('NO814'));
    expect(await readFile(file!, 'utf8')).not.toContain('"content"');
  }); // prettier-ignore
});

test('out of office: nothing is delivered, substitutes are named; despite that on request', async () => {
  await as('nurse');
  await world.json(['ehbox', 'ooo', 'add', '--from', 'today', '--to', 'today', '--substitute', 'SSIN=68052399767:NURSE']); // prettier-ignore
  await as('doctor');
  const { status, document } = await sendFails('--subject', 'Away', '--text', 'a', '--id', 'AWAY1');
  expect(status).toBe(7);
  expect(document).toMatchObject({
    state: 'absent',
    absences: [{ recipient: { id: '72090499770' }, substitutes: [{ id: '68052399767', quality: 'NURSE' }] }],
  }); // prettier-ignore
  expect(await world.json(['ehbox', 'outbox', '--retry', '--despite-absence'])).toMatchObject({
    messages: [{ id: 'AWAY1', state: 'sent' }],
  });
}, 30_000);

test('whatever happened on the way, everything that was sent lies in the other box once', async () => {
  await as('nurse');
  await world.run(['ehbox', 'sync']);
  const list = (await world.json(['ehbox', 'list'])) as { messages: Summary[] };
  const subjects = list.messages.map(({ subject }) => subject).filter((subject) => subject !== 'Prescription'); // prettier-ignore
  expect(subjects.sort()).toEqual(
    ['Away', 'Blind', 'Findings', 'House', 'Later', 'Lost http:503', 'Lost lost', 'Lost reset', 'Lost truncated', 'Once', 'Twice'], // prettier-ignore
  );
});
