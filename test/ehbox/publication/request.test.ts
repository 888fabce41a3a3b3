/** SendMessage requests, judged by libxml2 with the official schema. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { checkDraft } from '../../../src/ehbox/publication/draft.js';
import type { Draft } from '../../../src/ehbox/publication/draft.js';
import { mimeTypeOf } from '../../../src/ehbox/publication/mime-type.js';
import {
  restoreContent,
  sizeOf,
  storeContent,
} from '../../../src/ehbox/publication/outbox-record.js';
import {
  checkPublicationId,
  checkSize,
  packClear,
  packDraft,
  plannedBytes,
  publicationIdOf,
} from '../../../src/ehbox/publication/pack.js';
import type { Pack } from '../../../src/ehbox/publication/pack.js';
import { parseRecipients } from '../../../src/ehbox/publication/recipients.js';
import { sendMessageRequest } from '../../../src/ehbox/publication/request.js';
import { writeXml } from '../../../src/xml/write.js';
import { hasProgram, hasShared, SHARED } from '../../support/tools.js';

const run = promisify(execFile);
const SCHEMA = join(SHARED, 'schemas/ehbox/ehealth-ehBox-publication-schema-protocol-3_0.xsd');
const judge = hasShared() && hasProgram('xmllint') ? test : test.skip;

const part = (fileName: string, content: string | Uint8Array, mimeType = 'text/plain') => ({ fileName, mimeType, bytes: Uint8Array.from(Buffer.from(content)) }); // prettier-ignore

const draft: Draft = {
  recipients: parseRecipients(['SSIN=79021599732:DOCTOR', 'NIHII-HOSPITAL=71022212', 'CBE=0809394427', 'CBE-TREAT_CENTER=0809394427', 'EHP=1234567890']),
  subject: 'Résumé <&> "x"',
  contentType: 'DOCUMENT',
  document: part('body.txt', 'bonjour'),
  attachments: [part('a & b.pdf', '%PDF', 'application/pdf'), part('empty.txt', '')],
  freeInformation: { kind: 'table', rows: [['left', 'right'], ['', 'only right']] },
  patient: '85061199814',
  sealed: true,
  important: true,
  receipts: { publication: true, received: false, read: true },
  customMetas: [{ key: 'CM-AuthorID', value: '1 < 2' }, { key: 'CM-AuthorID', value: 'again' }],
}; // prettier-ignore

const seal: Pack = (bytes) => Promise.resolve(Uint8Array.from([0x30, ...bytes]));
const pack = (more: Partial<Draft> = {}, how = seal) =>
  packDraft({ ...draft, ...more }, { publicationId: 'P1', box: draft.recipients[1] }, how);
const options = { despiteAbsence: false };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-publication-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

judge('the official schema accepts every shape, and refuses one without digest', async () => {
  const shapes = [
    await pack(),
    await pack({ freeInformation: { kind: 'text', text: 'free' }, contentType: 'NEWS', attachments: [] }),
    await pack({ sealed: false, patient: undefined, freeInformation: undefined, customMetas: [] }, packClear),
    await pack({ document: part('big.bin', Buffer.alloc(300 * 1024), 'application/octet-stream') }),
    await packDraft({ ...draft, document: part('body.txt', '') }, { publicationId: '0'.repeat(13) }, seal),
    await pack({ subject: 'x'.repeat(400), customMetas: Array.from({ length: 100 }, () => ({ key: 'k'.repeat(250), value: 'v'.repeat(250) })) }),
  ];
  const files = shapes.map((_, index) => join(folder, `${index}.xml`));
  const xml = shapes.map((shape) => writeXml(sendMessageRequest(shape, options).body));
  await Promise.all(files.map((file, index) => writeFile(file, xml[index] ?? '')));
  await run('xmllint', ['--nonet', '--noout', '--schema', SCHEMA, ...files]);
  const bad = join(folder, 'bad.xml');
  await writeFile(bad, (xml[0] ?? '').replace(/<Digest>[^<]*<\/Digest>/, ''));
  await expect(run('xmllint', ['--nonet', '--noout', '--schema', SCHEMA, bad])).rejects.toThrow(/Digest/);
}); // prettier-ignore

describe('what travels', () => {
  test('is sealed value by value, empty ones stay empty; digests are of the bytes on the way', async () => {
    const { body, attachments } = sendMessageRequest(await pack(), options);
    const xml = writeXml(body);
    const sealed = Buffer.from([0x30, ...Buffer.from('%PDF')]);
    expect(attachments).toHaveLength(1);
    expect(Buffer.from(attachments[0]!.bytes as Uint8Array)).toEqual(sealed);
    expect(xml).toContain(createHash('sha256').update(sealed).digest('base64'));
    expect(xml).toContain(`<Digest>${createHash('sha256').digest('base64')}</Digest>`);
    for (const clear of ['85061199814', 'left', 'only right', 'bonjour', 'a & b.pdf']) {
      expect(xml).not.toContain(`>${Buffer.from(clear).toString('base64')}<`);
    }
    expect(xml).toContain('<Title>Résumé &lt;&amp;&gt; "x"</Title>');
    expect(xml.match(/<OoOProcessed>false</g)).toHaveLength(5);
  });

  test('survives the outbox byte by byte, and a damaged copy is noticed', async () => {
    const publication = await pack({}, (bytes) => Promise.resolve(Buffer.from([0x30, ...bytes])));
    const stored = storeContent(publication);
    const restored = restoreContent(stored)!;
    expect(writeXml(sendMessageRequest(restored, options).body)).toBe(writeXml(sendMessageRequest(publication, options).body));
    expect(restored.annexes[0]!.bytes).toEqual(Uint8Array.from([0x30, ...Buffer.from('%PDF')]));
    expect(restoreContent({ ...stored, json: stored.json.replace('TITLE', 'title').replace('P1', 'P2') })).toBeUndefined();
  }); // prettier-ignore

  test('is as large as was told beforehand', async () => {
    const planned = plannedBytes(draft, (length) => length + 1);
    expect(sizeOf(await pack())).toBe(planned);
    expect(() => {
      checkSize(10 * 1024 * 1024);
    }).not.toThrow();
    expect(() => {
      checkSize(10 * 1024 * 1024 + 1);
    }).toThrow(expect.objectContaining({ code: 'E_MESSAGE_TOO_LARGE' }));
  });
});

describe('own ids', () => {
  test('are 13 capitals and digits, and differ', () => {
    const ids = Array.from({ length: 500 }, () => publicationIdOf(crypto.randomUUID()));
    expect(ids.every((id) => /^[0-9A-Z]{13}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(500);
    expect(publicationIdOf('00000000-0000-0000-0000-000000000001')).toBe('0000000000001');
  });

  test.each(['', 'small', '12345678901234', '../ETC', 'A B', 'É'])('%j is none', (id) => {
    expect(() => checkPublicationId(id)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});

describe('a draft is refused', () => {
  test.each([
    ['a patient in clear', { sealed: false }],
    ['an empty subject', { subject: '  ' }],
    ['401 characters of subject', { subject: '😀'.repeat(401) }],
    ['half a character', { subject: '\ud83d' }],
    ['a name of 256 characters', { document: part('x'.repeat(256), '') }],
    ['a line end in a name', { attachments: [part('a\r\nContent-Type: b', '')] }],
    ['a MIME type with a line end', { document: part('a', '', 'text/plain\r\nX: y') }],
    ['101 metas', { customMetas: Array.from({ length: 101 }, () => ({ key: 'a', value: 'b' })) }],
    ['a meta without value', { customMetas: [{ key: 'a', value: '' }] }],
    ['a table without rows', { freeInformation: { kind: 'table' as const, rows: [] } }],
  ])('%s', (_name, more) => {
    expect(() => {
      checkDraft({ ...draft, ...more });
    }).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });

  test('400 characters outside the BMP are possible', () => {
    expect(() => {
      checkDraft({ ...draft, subject: '😀'.repeat(400) });
    }).not.toThrow();
  });
});

test.each([
  ['a.pdf', '%PDF-1.7', 'application/pdf'],
  ['a.txt', '%PDF-1.7', 'application/pdf'],
  ['a.pdf', 'just words', 'text/plain'],
  ['a.docx', 'PK\u0003\u0004', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['a.zip', 'PK\u0003\u0004', 'application/zip'],
  ['a.csv', 'é;1', 'text/csv'],
  ['a.html', '<!DOCTYPE html><p>', 'text/html'],
  ['a.txt', '\u0000\u0001', 'application/octet-stream'],
  ['noname', '', 'text/plain'],
])('%s with %j is %s', (name, content, expected) => {
  expect(mimeTypeOf(name, Buffer.from(content))).toBe(expected);
}); // prettier-ignore
