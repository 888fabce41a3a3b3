/** Answers of the KGSS: what is taken, and what is refused with which code. */

import { describe, expect, test } from '@jest/globals';

import { readKeyContent, readNewKeyContent, readSealedReply } from '../../src/kgss/reply.js';
import { readXml } from '../../src/xml/read.js';

const NS = 'urn:be:fgov:ehealth:etee:kgss:1_0:protocol';

const SEALED =
  '<k:SealedKeyResponse><k:SealedContent>AAEC\nAwQ=</k:SealedContent></k:SealedKeyResponse>';
const reply = (inside: string, name = 'GetKeyResponse'): Parameters<typeof readSealedReply>[0] =>
  readXml(`<k:${name} xmlns:k="${NS}" Id="_1">${inside}</k:${name}>`);
const status = (code: string, message = 'text'): string =>
  `<Status><Code>${code}</Code><Message>${message}</Message></Status>`;
const error = (code: string, ...messages: readonly string[]): string =>
  `<Error><Code>${code}</Code>${messages.join('')}</Error>`;

describe('an answer', () => {
  test.each(['100', '200'])('with status %s gives its sealed part', (code) => {
    expect(readSealedReply(reply(`${status(code)}${SEALED}`), 'GetKey')).toEqual(
      Uint8Array.of(0, 1, 2, 3, 4),
    );
  });

  test.each([
    ['another status', `${status('403')}${SEALED}`, '403'],
    ['an error beside a good status', `${status('200')}${error('DENIED')}${SEALED}`, 'DENIED'],
    ['several errors', `${status('500')}${error('A')}${error('B')}`, 'A'],
  ])('with %s is a refusal', (_, inside, serviceCode) => {
    expect(() => readSealedReply(reply(inside), 'GetKey')).toThrow(
      expect.objectContaining({
        code: 'E_KEY_REFUSED',
        exitCode: 7,
        details: expect.objectContaining({ serviceCode }),
      }),
    );
    expect(() => readSealedReply(reply(inside, 'GetNewKeyResponse'), 'GetNewKey')).toThrow(
      expect.objectContaining({ code: 'E_SERVICE_REFUSED' }),
    );
  });

  test('shows the English text, and numbers of persons masked', () => {
    const errors = error(
      'DENIED',
      '<Message Lang="FR">79021599732 non</Message>',
      '<Message Lang="EN">no access for 79021599732</Message>',
    );
    try {
      readSealedReply(reply(`${status('403')}${errors}`), 'GetKey');
      throw new Error('it was taken');
    } catch (refused) {
      const text = JSON.stringify(refused);
      expect(refused).toMatchObject({ facts: [expect.stringMatching(/^eHealth: DENIED no access for 79\.02\.15/)] }); // prettier-ignore
      expect(text).not.toContain('79021599732');
    }
  });

  test.each([
    ['of another operation', reply(`${status('200')}${SEALED}`, 'GetNewKeyResponse')],
    ['of another service', readXml('<GetKeyResponse xmlns="urn:other"/>')],
    ['without status', reply(SEALED)],
    ['with the status in the wrong namespace', reply(`<k:Status><k:Code>200</k:Code></k:Status>${SEALED}`)],
    ['with nothing sealed', reply(status('200'))],
    ['with something empty sealed', reply(`${status('200')}${SEALED.replace(/AAEC\nAwQ=/, '')}`)],
    ['with something sealed that is not base64', reply(`${status('200')}${SEALED.replace('AAEC', '!AEC')}`)],
    ['with the sealed part of the other operation', reply(`${status('200')}${SEALED.replaceAll('SealedKeyResponse', 'SealedNewKeyResponse')}`)],
  ])('%s is none', (_, payload) => {
    expect(() => readSealedReply(payload, 'GetKey')).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
  }); // prettier-ignore
});

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const KEY = Buffer.alloc(16, 7).toString('base64');
const newKey = (id: string, key: string): Uint8Array =>
  bytes(`<GetNewKeyResponseContent xmlns="${NS}"><NewKeyIdentifier>${id}</NewKeyIdentifier><NewKey>${key}</NewKey></GetNewKeyResponseContent>`); // prettier-ignore

describe('what is sealed in it', () => {
  test('is a key and its name', () => {
    expect(readNewKeyContent(newKey('AAEC', KEY))).toEqual({
      id: Uint8Array.of(0, 1, 2),
      key: new Uint8Array(16).fill(7),
    });
    expect(readKeyContent(bytes(`<GetKeyResponseContent xmlns="${NS}"><Key>${KEY}</Key></GetKeyResponseContent>`))).toHaveLength(16); // prettier-ignore
  });

  test.each([
    ['a key of 15 bytes', newKey('AAEC', Buffer.alloc(15).toString('base64')), 'E_REPLY_INVALID'],
    ['a key of 32 bytes', newKey('AAEC', Buffer.alloc(32).toString('base64')), 'E_REPLY_INVALID'],
    ['no key', newKey('AAEC', ''), 'E_REPLY_INVALID'],
    ['no name', newKey('', KEY), 'E_REPLY_INVALID'],
    ['a name that is too long', newKey(Buffer.alloc(129).toString('base64'), KEY), 'E_REPLY_INVALID'],
    ['nothing', bytes(''), 'E_XML_MALFORMED'],
    ['text', bytes('hello'), 'E_XML_MALFORMED'],
    ['another element', bytes(`<GetKeyResponseContent xmlns="${NS}"/>`), 'E_REPLY_INVALID'],
    ['a document type', Buffer.concat([bytes('<!DOCTYPE a [<!ENTITY b "c">]>'), newKey('AAEC', KEY)]), 'E_XML_MALFORMED'],
    ['too much', bytes(`<a>${'b'.repeat(65_536)}</a>`), 'E_XML_LIMIT'],
    ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x3c), 'E_XML_MALFORMED'],
  ])('is refused with %s', (_, content, code) => {
    expect(() => readNewKeyContent(content)).toThrow(expect.objectContaining({ code }));
  }); // prettier-ignore
});
