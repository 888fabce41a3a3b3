import { createHash } from 'node:crypto';
import { deflateRawSync, deflateSync } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';

import { blobElement, readBlob } from '../../src/mycarenet/blob.js';
import { namespace } from '../../src/xml/build.js';
import { attribute, text } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { writeXml } from '../../src/xml/write.js';

const p = namespace('p', 'urn:test');
const CONTENT = Buffer.from('<a>Éléonore &amp; Maëlle</a>'.repeat(20), 'utf8');
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const hash = base64(createHash('sha256').update(CONTENT).digest());

describe('blobElement and readBlob', () => {
  test.each(['none', 'deflate'] as const)('%s comes back as it was', (encoding) => {
    const element = blobElement(p, 'Detail', CONTENT, {
      id: '_1',
      contentType: 'text/xml',
      encoding,
      hash: true,
      attributes: { MessageName: 'MDA' },
    });
    expect(attribute(element, 'ContentEncoding')).toBe(encoding);
    expect(attribute(element, 'HashValue')).toBe(hash);
    expect(attribute(element, 'MessageName')).toBe('MDA');
    const blob = readBlob(readXml(writeXml(element)));
    expect(Buffer.from(blob.bytes).equals(CONTENT)).toBe(true);
    expect(blob).toMatchObject({ contentType: 'text/xml', encryption: undefined });
  });

  test('the encoding is always written, for its absence means deflated', () => {
    const element = blobElement(p, 'Detail', CONTENT, { id: '_1', contentType: 'text/xml' });
    expect(attribute(element, 'ContentEncoding')).toBe('none');
    expect(attribute(element, 'HashValue')).toBeUndefined();
    expect(text(element)).toBe(base64(CONTENT));
  });

  test.each([
    ['raw, said so', { ContentEncoding: 'deflate' }, deflateRawSync(CONTENT)],
    ['with a zlib header, said so', { ContentEncoding: 'deflate' }, deflateSync(CONTENT)],
    ['raw, not said', {}, deflateRawSync(CONTENT)],
    ['not deflated and nothing said', {}, CONTENT],
    ['with the hash of the document', { HashValue: hash }, deflateRawSync(CONTENT)],
    ['with an empty hash', { HashValue: '', ContentEncoding: 'none' }, CONTENT],
  ])('reads a document %s', (_, attributes, bytes) => {
    const { bytes: read } = readBlob(p('Detail', attributes, base64(bytes)));
    expect(Buffer.from(read).equals(CONTENT)).toBe(true);
  });

  test('takes white space in base64, and says which encryption was used', () => {
    const wrapped = base64(CONTENT).replace(/(.{64})/g, '$1\r\n');
    const blob = readBlob(p('Detail', { ContentEncoding: 'none', ContentEncryption: 'encryptedForKnownBED' }, wrapped)); // prettier-ignore
    expect(blob.encryption).toBe('encryptedForKnownBED');
    expect(readBlob(p('Detail', { ContentEncoding: 'none', ContentEncryption: '' }, wrapped)).encryption).toBeUndefined(); // prettier-ignore
  });
});

describe('refusals', () => {
  test.each([
    ['no base64', 'E_REPLY_INVALID', { ContentEncoding: 'none' }, 'not base64!'],
    ['cut base64', 'E_REPLY_INVALID', { ContentEncoding: 'none' }, 'QUJDR'],
    ['padding in the middle', 'E_REPLY_INVALID', { ContentEncoding: 'none' }, 'QQ==QUJD'],
    ['an unknown encoding', 'E_REPLY_INVALID', { ContentEncoding: 'gzip' }, base64(CONTENT)],
    ['said to be deflated and is not', 'E_REPLY_INVALID', { ContentEncoding: 'deflate' }, base64(CONTENT)],
    ['cut in the middle', 'E_REPLY_INVALID', { ContentEncoding: 'deflate' }, base64(deflateRawSync(CONTENT).subarray(0, 20))],
    ['another hash', 'E_SIGNATURE_INVALID', { ContentEncoding: 'none', HashValue: base64(Buffer.alloc(32)) }, base64(CONTENT)],
    ['a short hash', 'E_SIGNATURE_INVALID', { ContentEncoding: 'none', HashValue: 'AAAA' }, base64(CONTENT)],
    ['the hash of the deflated bytes', 'E_SIGNATURE_INVALID', { ContentEncoding: 'deflate', HashValue: base64(createHash('sha256').update(deflateRawSync(CONTENT)).digest()) }, base64(deflateRawSync(CONTENT))],
  ])('%s is %s', (_, code, attributes, content) => {
    expect(() => readBlob(p('Detail', attributes, content))).toThrow(
      expect.objectContaining({ code }),
    );
  }); // prettier-ignore

  test.each(['deflate', undefined])('a bomb stops at the limit (%s)', (encoding) => {
    const bomb = base64(deflateRawSync(Buffer.alloc(200 * 1024 * 1024)));
    const before = process.memoryUsage().rss;
    expect(() => readBlob(p('Detail', { ContentEncoding: encoding }, bomb))).toThrow(
      expect.objectContaining({ code: 'E_REPLY_TOO_LARGE' }),
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  test('what is large without being deflated stops too', () => {
    const large = p('Detail', { ContentEncoding: 'none' }, base64(Buffer.alloc(1000)));
    expect(() => readBlob(large, { maxBytes: 999 })).toThrow(
      expect.objectContaining({ code: 'E_REPLY_TOO_LARGE' }),
    );
    expect(readBlob(large, { maxBytes: 1000 }).bytes).toHaveLength(1000);
  });

  test('elements where text was expected', () => {
    expect(() => readBlob(p('Detail', {}, p('A')))).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
  });
});
