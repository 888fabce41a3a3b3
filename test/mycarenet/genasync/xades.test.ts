/** The signature of a posted document, judged by the sandbox: another canonicalisation, another verifier. */

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { postMessage } from '../../../src/mycarenet/genasync/client.js';
import type { Post } from '../../../src/mycarenet/genasync/client.js';
import { signDocument } from '../../../src/mycarenet/genasync/xades.js';
import type { DocumentToSign } from '../../../src/mycarenet/genasync/xades.js';
import { NOW } from '../other-client.js';
import { complaints, openWorld } from './world.js';
import type { World } from './world.js';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.other.close());

beforeEach(() => {
  world.other.sandbox.state.mailboxPosts = [];
});

const INVOICE: Post = {
  inputReference: '00000000000421',
  messageName: 'HCPFAC',
  contentType: 'text/plain',
  encoding: 'deflate',
  content: Buffer.from('920000 é'.padEnd(227, '0'), 'latin1'),
  detailId: '_d1',
  mutuality: '300',
  repeatable: false,
};

const sign = (document: DocumentToSign): Promise<Uint8Array> =>
  signDocument(document, world.other.security().signer, { now: NOW, newId: randomUUID });

const post = (domain: string, what: Post) => postMessage(world.call, world.caller(domain), what);

test('a compressed invoice and an XML document are signed as the mailbox wants', async () => {
  expect((await post('invoicing', { ...INVOICE, xades: await sign(INVOICE) })).result).toBe('success'); // prettier-ignore
  expect(complaints(world)).toEqual([]);
  const xml: Post = { ...INVOICE, messageName: 'ADM', contentType: 'text/xml', encoding: 'none', content: Buffer.from('<?xml version="1.0"?>\r\n<a  b="1"><!-- c --><d xmlns="urn:x"/></a>') }; // prettier-ignore
  expect((await post('admissions', { ...xml, xades: await sign(xml) })).result).toBe('success');
  expect(complaints(world)).toEqual([]);
});

describe('is refused', () => {
  const change = async (how: (text: string) => string): Promise<Uint8Array> =>
    Buffer.from(how(Buffer.from(await sign(INVOICE)).toString('utf8')));

  test.each<[string, () => Promise<Uint8Array | undefined>, string]>([
    ['when it is missing', () => Promise.resolve(undefined), 'missing'],
    ['over another document', () => sign({ ...INVOICE, content: Buffer.from('other') }), 'digest'],
    ['over another Detail', () => sign({ ...INVOICE, detailId: '_d2' }), 'not over the Detail'],
    ['without the transform for what is compressed', () => sign({ ...INVOICE, encoding: 'none' }), 'not over the Detail'],
    ['with another time', () => change((text) => text.replace('2026-02-09T08', '2026-02-09T09')), 'signed properties'],
    ['with another value', () => change((text) => text.replace(/(<ds:SignatureValue>)..../, '$1AAAA')), 'does not hold'],
  ])('%s', async (_, make, reason) => {
    await expect(post('invoicing', { ...INVOICE, xades: await make() })).rejects.toMatchObject({
      faultCode: 'VALIDATION_ERROR',
      faultString: expect.stringContaining(reason) as unknown,
    });
  }); // prettier-ignore
});
