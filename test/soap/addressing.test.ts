/** WS-Addressing headers as GenAsync needs them, and whose answer an answer is. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { addressingHeaders, checkRelation } from '../../src/soap/addressing.js';
import { secureEnvelope } from '../../src/soap/security.js';
import { namespace } from '../../src/xml/build.js';
import { NS_SOAP, NS_WSA } from '../../src/xml/namespaces.js';
import { attribute, child, children, elements, requireChild, text } from '../../src/xml/query.js';
import { readXml } from '../../src/xml/read.js';
import { writeXml } from '../../src/xml/write.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';

const ID = '0f0e0d0c-1a2b-4c3d-8e9f-000000000001';
const GET = 'urn:be:cin:nip:async:generic:get:query';
const body = namespace('a', 'urn:be:cin:nip:async:generic')('get');
const write = async (to?: string): Promise<string> =>
  writeXml(
    await secureEnvelope(body, addressingHeaders({ action: GET, to }, ID), { kind: 'none' }, { now: new Date(0), newId: () => ID }),
  ); // prettier-ignore

describe('headers', () => {
  test('action (to be understood), destination, id, and where answers go', async () => {
    const header = requireChild(readXml(await write('urn:nip:destination:io:319')), NS_SOAP, 'Header'); // prettier-ignore
    const value = (name: string): string => text(child(header, NS_WSA, name));
    expect(elements(header).map(({ name }) => name)).toEqual(['Action', 'To', 'MessageID', 'ReplyTo', 'FaultTo']); // prettier-ignore
    expect(value('Action')).toBe(GET);
    expect(attribute(child(header, NS_WSA, 'Action'), 'mustUnderstand', NS_SOAP)).toBe('1');
    expect(value('To')).toBe('urn:nip:destination:io:319');
    expect(value('MessageID')).toBe(`urn:uuid:${ID}`);
    for (const name of ['ReplyTo', 'FaultTo']) {
      const [address] = children(child(header, NS_WSA, name), NS_WSA, 'Address');
      expect(text(address)).toBe('http://www.w3.org/2005/08/addressing/anonymous');
    }
  });

  test('an absent destination is left out, not empty', async () => {
    expect(await write()).not.toContain('<wsa:To');
    expect(await write()).toContain('<wsa:MessageID');
  });

  const judged = hasProgram('xmllint', { required: false }) && hasShared();
  (judged ? test : test.skip)('are valid by the schema of the W3C', async () => {
    const header = requireChild(readXml(await write('urn:nip:destination:io:319')), NS_SOAP, 'Header'); // prettier-ignore
    for (const element of elements(header)) {
      const schema = join(SHARED, 'schemas/sts/ws-addr.xsd');
      execFileSync('xmllint', ['--noout', '--schema', schema, '-'], {
        input: writeXml(element),
        stdio: ['pipe', 'ignore', 'ignore'],
      });
    }
  });
});

describe('an answer', () => {
  const answer = (...related: string[]) =>
    readXml(
      `<s:Envelope xmlns:s="${NS_SOAP}"><s:Header>${related.map((id) => `<w:RelatesTo xmlns:w="${NS_WSA}">${id}</w:RelatesTo>`).join('')}</s:Header><s:Body/></s:Envelope>`,
    );

  test.each([
    ['ours', [`urn:uuid:${ID}`]],
    ['ours, as other stacks write it', [`uuid:${ID.toUpperCase()}`]],
    ['ours, bare', [` ${ID}\n`]],
    ['ours among others', ['urn:uuid:other', `urn:uuid:${ID}`]],
    ['none', []],
    ['an empty one', ['']],
  ])('that relates to %s is taken', (_, related) => {
    expect(() => { checkRelation('genasync', answer(...related), ID); }).not.toThrow();
  }); // prettier-ignore

  test('to another message is refused', () => {
    expect(() => { checkRelation('genasync', answer('urn:uuid:other'), ID); }).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID', hint: expect.any(String) }),
    );
  }); // prettier-ignore

  test('without a header is taken', () => {
    const bare = readXml(`<s:Envelope xmlns:s="${NS_SOAP}"><s:Body/></s:Envelope>`);
    expect(() => { checkRelation('genasync', bare, ID); }).not.toThrow();
  }); // prettier-ignore
});
