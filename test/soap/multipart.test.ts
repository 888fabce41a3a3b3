/** Bodies in parts: raw messages of the mailbox, awkward and hostile forms, and what is written reads back. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { parseContentType } from '../../src/soap/content-type.js';
import { writeMultipart } from '../../src/soap/multipart-writer.js';
import { splitMultipart } from '../../src/soap/multipart.js';
import type { MimePart } from '../../src/soap/multipart.js';
import { hasShared, SHARED } from '../support/tools.js';
import { bytesOf } from './bodies.js';

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const split = (text: string, boundary = 'b') => splitMultipart(latin1(text), boundary);
const contents = (parts: readonly MimePart[]): string[] =>
  parts.map(({ bytes }) => Buffer.from(bytes).toString('latin1'));
const INVALID = expect.objectContaining({ code: 'E_REPLY_INVALID', hint: expect.any(String) });

describe('parseContentType', () => {
  test.each([
    ['multipart/related', 'multipart/related', {}],
    ['Multipart/Related ; Boundary=x', 'multipart/related', { boundary: 'x' }],
    ['a/b;boundary=uuid:1;type=x', 'a/b', { boundary: 'uuid:1', type: 'x' }],
    ['a/b; boundary = "a b" ;type="text/xml"', 'a/b', { boundary: 'a b', type: 'text/xml' }],
    ['a/b; boundary="----=_Part_1.2"', 'a/b', { boundary: '----=_Part_1.2' }],
    ['a/b; start-info="x; boundary=evil"; boundary=good', 'a/b', { 'start-info': 'x; boundary=evil', boundary: 'good' }],
    ['a/b; t="a\\"b\\\\c"', 'a/b', { t: 'a"b\\c' }],
    ['a/b; boundary=', 'a/b', { boundary: '' }],
    ['a/b; boundary', 'a/b', {}],
    ['', '', {}],
    [';', '', {}],
  ])('%j', (value, type, parameters) => {
    expect(parseContentType(value)).toEqual({ type, parameters });
  }); // prettier-ignore

  test('names of the prototype are names like others, or none', () => {
    const { parameters } = parseContentType('a/b; __proto__=x; boundary=b');
    expect(parameters['boundary']).toBe('b');
    expect(Object.getPrototypeOf(parameters)).not.toBe('x');
  });
});

describe('splitMultipart', () => {
  test('preamble, epilogue, white space after boundaries', () => {
    const body = 'Preamble --b\r\n--b \t\r\nContent-ID: <x>\r\n\r\none\r\n--b--  \r\nepilogue\r\n--b\r\n\r\nno\r\n--b--';
    expect(contents(split(body))).toEqual(['one']);
  }); // prettier-ignore

  test.each([
    ['nothing', ''],
    ['CRLF', '\r\n'],
    ['LF', '\n'],
    ['white space', ' \t'],
  ])('the last boundary ends with %s', (_, end) => {
    expect(contents(split(`--b\r\n\r\none\r\n--b--${end}`))).toEqual(['one']);
  });

  test.each([
    ['CRLF', '--b\r\nContent-ID: <x>\r\n\r\none\r\n\r\n\r\n--b--\r\n', 'one\r\n\r\n'],
    ['LF', '--b\nContent-ID: <x>\n\none\n\n\n--b--\n', 'one\n\n'],
    ['LF then CRLF', '--b\r\nContent-ID: <x>\n\r\none\r\n\r\ntwo\r\n--b--', 'one\r\n\r\ntwo'],
    ['CRLF then LF', '--b\r\nContent-ID: <x>\r\n\none\r\n\r\ntwo\r\n--b--', 'one\r\n\r\ntwo'],
    ['a lone CR, which is content', '--b\r\nContent-ID: <x>\r\n\r\none\r\r\n--b--', 'one\r'],
  ])('line ends %s: the last one belongs to the boundary, the others to the part', (_, body, expected) => {
    const parts = split(body);
    expect(contents(parts)).toEqual([expected]);
    expect(parts[0]?.id).toBe('x');
  }); // prettier-ignore

  test.each([
    ['in a line', 'x--b\r\n'],
    ['that goes on', '\r\n--bx\r\n'],
    ['that goes on after white space', '\r\n--b x\r\n'],
    ['with one dash', '\r\n--b-\r\n'],
    ['of another body, with this one in front', '\r\n--b--inner\r\n--b--inner--\r\n'],
    ['last, that goes on after white space', '\r\n--b-- x\r\n'],
    ['after a lone CR', '\r--b\r\n'],
    ['without dashes', '\r\nb\r\n'],
    ['in another case', '\r\n--B\r\n'],
    ['with a byte zero', '\r\n--b\0\r\n'],
  ])('a lookalike %s is content', (_, lookalike) => {
    const binary = `\x00\xff${lookalike}\xfe`;
    const body = `--b\r\nContent-ID: <x>\r\n\r\n${binary}\r\n--b\r\n\r\ntwo\r\n--b--\r\n`;
    expect(contents(split(body))).toEqual([binary, 'two']);
  });

  test('boundaries of the kinds that are seen', () => {
    for (const boundary of ['uuid:6f0d-1', '----=_Part_1.2', 'a+b(c)?', "'x'", 'a b', 'é']) {
      const body = Buffer.from(`--${boundary}\r\n\r\none\r\n--${boundary}--`);
      expect(contents(splitMultipart(body, boundary))).toEqual(['one']);
    }
  });

  test.each([
    ['no boundary', 'hello'],
    ['an empty body', ''],
    ['the end only', '--b--\r\n'],
    ['no end', '--b\r\n\r\none\r\n'],
    ['an end cut off', '--b\r\n\r\none\r\n--b-'],
    ['an end not at the start of a line', '--b\r\n\r\none--b--\r\n'],
    ['a header without end', '--b\r\nContent-ID: <x>\r\n--b--\r\n'],
    ['nothing between two boundaries', '--b\r\n--b--\r\n'],
    ['headers larger than 16 KiB', `--b\r\nX: ${'x'.repeat(20_000)}\r\n\r\none\r\n--b--`],
    ['more than 500 parts', `${'--b\r\n\r\none\r\n'.repeat(501)}--b--`],
    ['base64 with a strange character', '--b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJ*\r\n--b--'],
    ['base64 cut off', '--b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJDR\r\n--b--'],
    ['base64 that goes on after its end', '--b\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ==QUJD\r\n--b--'],
  ])('refuses %s', (_, body) => {
    expect(() => split(body)).toThrow(INVALID);
  }); // prettier-ignore

  test('refuses a boundary that is empty or endless', () => {
    expect(() => split('--\r\n\r\none\r\n----', '')).toThrow(INVALID);
    const long = 'x'.repeat(257);
    expect(() => split(`--${long}\r\n\r\none\r\n--${long}--`, long)).toThrow(INVALID);
  });

  test('takes 500 parts', () => {
    expect(split(`${'--b\r\n\r\none\r\n'.repeat(500)}--b--`)).toHaveLength(500);
  });

  test.each([
    ['base64', 'QUJD\r\nREU=\r\n', 'ABCDE'],
    [' BASE64 ', '\tQUJD ', 'ABC'],
    ['quoted-printable', 'a=3Db=\r\nc=E9=e9=  \r\n!', 'a=bc\xe9\xe9!'],
    ['Quoted-Printable', 'one\r\ntwo', 'one\r\ntwo'],
    ['binary', '\r\n\0QUJD', '\r\n\0QUJD'],
    ['x-unknown', 'QUJD', 'QUJD'],
  ])('transfer encoding %j', (encoding, body, expected) => {
    const text = `--b\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n--b--`;
    expect(contents(split(text))).toEqual([expected]);
  });

  test('the first of two equal headers counts; names in any case; without a type text/plain', () => {
    const [part] = split('--b\r\nCONTENT-id: <x>\r\nContent-ID: <y>\r\n\r\none\r\n--b--');
    expect(part).toMatchObject({ id: 'x', contentType: 'text/plain' });
  });
});

const ids = fc.stringMatching(/^[!-;=?-~]{1,40}$/);
const outgoing = fc.record({
  id: ids,
  contentType: fc.constantFrom('application/pdf', 'text/plain; charset=utf-8', 'a/b; name="x y"'),
  // Bytes of which boundaries and line ends are made come up often.
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(fc.constantFrom('\r', '\n', '-', '--', '--b', '\r\n--b', ' ', 'x', '\0', '\xff'), { maxLength: 30 })
      .map((pieces) => latin1(pieces.join(''))),
  ),
}); // prettier-ignore

describe('writeMultipart', () => {
  test('what it writes reads back, byte for byte', () => {
    fc.assert(
      fc.property(fc.array(outgoing, { maxLength: 6 }), fc.uint8Array(), (parts, envelope) => {
        const written = writeMultipart(envelope, parts, 'b-0123456789abcdef');
        const { type, parameters } = parseContentType(written.contentType);
        expect(type).toBe('multipart/related');
        const [root, ...others] = splitMultipart(
          bytesOf(written.body),
          parameters['boundary'] ?? '',
        );
        expect(parameters['start']).toBe(`<${String(root?.id)}>`);
        expect(root?.bytes).toEqual(envelope);
        expect(others.map(({ id, contentType, bytes }) => ({ id, contentType, bytes }))).toEqual(
          parts,
        );
      }),
      { seed: 20261124, numRuns: 300 },
    );
  });

  test('any bytes are split or refused with our own error', () => {
    const pieces = fc.constantFrom('--b', '--b--', '\r\n', '\n', '\r', ' ', ':', 'Content-ID: <x>', 'Content-Transfer-Encoding: base64', 'QUI=', '=', '\0'); // prettier-ignore
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (all) => {
        try {
          expect(split(all.join('')).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toEqual(INVALID);
        }
      }),
      { seed: 20261124, numRuns: 500 },
    );
  });
});

(hasShared() ? describe : describe.skip)('raw messages of the mailbox', () => {
  const folder = join(SHARED, 'examples/ehbox');
  const load = (name: string): readonly MimePart[] => {
    const headers = readFileSync(join(folder, `${name}.headers`), 'latin1');
    const type = /^content-type:\s*(.*?)\r?$/im.exec(headers)?.[1] ?? '';
    const { boundary = '' } = parseContentType(type).parameters;
    return splitMultipart(readFileSync(join(folder, `${name}.mime`)), boundary);
  };

  test.each([
    ['GetFullMessage.response.mtom-xop', {
      'body-7c1f@ehealth.fgov.be': 'body', 'free-7c1f@ehealth.fgov.be': 'freeText', 'inss-7c1f@ehealth.fgov.be': 'inss',
      't1-7c1f@ehealth.fgov.be': 'annex1.title', 'a1-7c1f@ehealth.fgov.be': 'annex1',
      't2-7c1f@ehealth.fgov.be': 'annex2.title', 'a2-7c1f@ehealth.fgov.be': 'annex2',
    }, 'root.message@ehealth.fgov.be'],
    ['GetFullMessage.response.swaref', {
      '0b6c9f0e-annex-1@ehealth.fgov.be': 'annex1', '0b6c9f0e-annex-2@ehealth.fgov.be': 'annex2',
    }, ''],
    ['GetFullMessage.response.awkward', {
      'annex+2@ehealth.fgov.be': 'awkward.annex2', 'annex one/1@ehealth.fgov.be': 'awkward.annex1',
      'doc@ehealth.fgov.be': 'awkward.document',
    }, 'root@ehealth.fgov.be'],
    ['SendMessage.request.swaref', { '5d1b2b7e-9d6e-4f34-8a55-6d7d0c1f7a10@ehealth.fgov.be': 'annex1' }, ''],
  ] as const)('%s: each part has the digest of its list', (name, names, root) => {
    const digests = JSON.parse(readFileSync(join(folder, 'part-digests.sha256.json'), 'utf8')) as Record<string, string>;
    const found = new Map(
      load(name).map(({ id, bytes }) => [id, createHash('sha256').update(bytes).digest('hex')]),
    );
    expect(found.delete(root)).toBe(true);
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(names).map(([id, key]) => [id, digests[key]])),
    );
  }); // prettier-ignore

  test('cut anywhere, nothing comes out of them', () => {
    const whole = readFileSync(join(folder, 'GetFullMessage.response.awkward.mime'));
    const end = whole.lastIndexOf('--MIMEBoundary_a1--') + '--MIMEBoundary_a1--'.length;
    for (let length = 0; length < end; length += 7) {
      expect(() => splitMultipart(whole.subarray(0, length), 'MIMEBoundary_a1')).toThrow(INVALID);
    }
  });
});
