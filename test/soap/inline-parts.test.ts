/** Large base64 within an envelope goes to files while it arrives; what is none stays where it stands. */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { findByReference } from '../../src/soap/content-id.js';
import type { FilePart } from '../../src/soap/part-store.js';
import { receiveReply } from '../../src/soap/receive.js';
import type { SoapReply } from '../../src/soap/reply.js';
import { attribute, elements, text } from '../../src/xml/query.js';

const THRESHOLD = 3000;
const NO_FILES: ReadonlyMap<string, FilePart> = new Map();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'topaz-inline-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const envelope = (inside: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><a xmlns="urn:test">${inside}</a></s:Body></s:Envelope>`;

async function* inChunks(body: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += size) {
    await Promise.resolve();
    yield body.subarray(at, at + size);
  }
}

const receive = (body: string | Buffer, size = 700, maxBytes = 10_000_000): Promise<SoapReply> =>
  receiveReply(
    'test',
    {
      status: 200,
      headers: { 'content-type': 'text/xml; charset=utf-8' },
      stream: inChunks(Buffer.from(body), size),
    },
    { maxBytes, store: { folder, thresholdBytes: THRESHOLD, inline: true }, newId: randomUUID },
  );

/** What each element of the answer holds: bytes of a file, or its text. */
const contents = ({ payload, files, parts }: SoapReply): readonly (Buffer | string)[] =>
  elements(payload).map((element) => {
    const [include] = elements(element);
    if (include === undefined) {
      return text(element);
    }
    const href = attribute(include, 'href') ?? '';
    const file = findByReference(files ?? NO_FILES, href);
    const bytes = file === undefined ? findByReference(parts, href)?.bytes : readFileSync(file.path);
    return Buffer.from(bytes ?? 'missing');
  }); // prettier-ignore

describe('a document in an envelope', () => {
  test.each([1, 699, 700, 70_000])('goes to a file with its hash, in chunks of %i', async (size) => {
    const documents = [randomBytes(4_001), randomBytes(3_999), randomBytes(5_000)];
    const small = randomBytes(200).toString('base64');
    const [first = '', second = '', third = ''] = documents.map((document) => document.toString('base64'));
    const wrapped = `\r\n  ${second.replace(/.{76}/g, '$&\r\n')}\r\n`;
    const reply = await receive(
      envelope(`<b x="&gt;">${first}</b><c>${small}</c><b>${wrapped}</b><!-- > --><b>${third}</b>`),
      size,
    );
    const isWhole = size > 6_000;
    const found = contents(reply);
    expect(found[1]).toBe(small);
    const bytes = found.map((content) =>
      typeof content === 'string' ? Buffer.from(content, 'base64') : content,
    );
    expect([bytes[0], bytes[2], bytes[3]]).toEqual(documents);
    const files = [...(reply.files ?? NO_FILES).values()];
    // A text that comes whole in one chunk is not looked for.
    expect(files.map(({ sha256 }) => sha256)).toEqual(
      isWhole ? [] : documents.map((document) => createHash('sha256').update(document).digest('hex')),
    );
    expect(reply.raw.length).toBeLessThan(isWhole ? 100_000 : 1500);
  }); // prettier-ignore

  test('that is no base64 stays text, but for its white space', async () => {
    const good = 'QUJD'.repeat(3000);
    for (const bad of [
      `${good}A`,
      `${good}QQ==QUJD`,
      `${good}QQ==\n${good}`,
      `${good}-_-_`,
      `${good}===`,
      `${good}é`,
      `é${good}`,
      `${good} or words`,
      `${good}&#13;`,
    ]) {
      const reply = await receive(envelope(`<b>${bad}</b><b>x</b>`), 999);
      const [found, other] = contents(reply);
      expect(String(found).replace(/\s/g, '')).toBe(bad.replace('&#13;', '').replace(/\s/g, ''));
      expect(other).toBe('x');
      expect(reply.files?.size).toBe(0);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test('in an attribute, a comment or a CDATA section changes nothing that is read', async () => {
    const document = 'QUJD'.repeat(3000);
    const reply = await receive(
      envelope(
        `<b x=">${document}"/><!-- >${document}<x --><b><![CDATA[>${document}]]></b><b>${document}<!-- > -->${document}</b>`,
      ),
    );
    const [first, second] = elements(reply.payload);
    expect(attribute(first, 'x')).toBe(`>${document}`);
    expect(text(second)).toBe(`>${document}`);
  });

  test('keeps its padding, also when it is cut in two', async () => {
    for (const length of [9000, 9001, 9002]) {
      const document = randomBytes(length);
      for (let size = 11_997; size < 12_003; size += 1) {
        const [found] = contents(await receive(envelope(`<b>${document.toString('base64')}</b>`), size)); // prettier-ignore
        expect(typeof found === 'string' ? Buffer.from(found, 'base64') : found).toEqual(document);
      }
    }
  });
});

describe('an answer that is refused leaves no file', () => {
  const whole = envelope(`<b>${'QUJD'.repeat(3000)}</b>`);
  test.each([
    ['broken off within the document', whole.slice(0, 9000), 'E_XML_MALFORMED'],
    ['broken off behind it', whole.slice(0, -20), 'E_XML_MALFORMED'],
    ['with two elements in its body', whole.replace('</s:Body>', '<x/></s:Body>'), 'E_REPLY_INVALID'],
    ['with an undeclared prefix', whole.replace('<s:Body>', '<s:Body><q:x/>'), 'E_XML_MALFORMED'],
  ])('%s', async (_what, body, code) => {
    await expect(receive(body)).rejects.toMatchObject({ code });
    expect(readdirSync(folder)).toEqual([]);
  }); // prettier-ignore

  test('a stream that fails on the way', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* inChunks(Buffer.from(whole.slice(0, 9000)), 500);
      throw new Error('cut');
    }
    await expect(
      receiveReply(
        'test',
        { status: 200, headers: { 'content-type': 'text/xml' }, stream: failing() },
        { maxBytes: 1_000_000, store: { folder, thresholdBytes: THRESHOLD, inline: true }, newId: randomUUID }, // prettier-ignore
      ),
    ).rejects.toThrow('cut');
    expect(readdirSync(folder)).toEqual([]);
  });
});
