/** Post, get, confirm: requests by the official schemas and the judge of WS-Security, answers of a strict sandbox. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { SoapFaultError } from '../../../src/errors.js';
import {
  confirmMessages,
  getMessages,
  postMessage,
} from '../../../src/mycarenet/genasync/client.js';
import type { Post } from '../../../src/mycarenet/genasync/client.js';
import { isTooSoon } from '../../../src/mycarenet/genasync/fault.js';
import type { Carried } from '../../../src/mycarenet/genasync/reply.js';
import { addMailboxMessage } from '../../../src/sandbox/genasync-mailbox.js';
import type { NewMessage } from '../../../src/sandbox/genasync-mailbox.js';
import { NOW } from '../other-client.js';
import { hasProgram, hasShared, SHARED } from '../../support/tools.js';
import { complaints, openWorld, PATHS } from './world.js';
import type { World } from './world.js';

const TO = '94499180000';
let world: World;
let folder: string;

beforeAll(async () => {
  world = await openWorld();
  folder = mkdtempSync(join(tmpdir(), 'topaz-genasync-'));
});

afterAll(async () => {
  await world.other.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  const { state } = world.other.sandbox;
  state.faults = [];
  state.mailbox = [];
  state.mailboxPosts = [];
  world.sent.length = 0;
});

const put = (message: Partial<NewMessage> = {}) =>
  addMailboxMessage(world.other.sandbox, {
    domain: 'invoicing',
    to: TO,
    mutuality: '300',
    messageName: 'HCPAFD',
    inputReference: 'T0000000000001',
    content: Buffer.from('920000 of the test'),
    ...message,
  });

const get = (domain: string, max = 10, rest = {}) =>
  getMessages(world.call, world.caller(domain), { messageNames: [], max, ...rest });

const textOf = (carried: Carried | undefined): string =>
  carried?.kind === 'bytes' ? Buffer.from(carried.bytes).toString('utf8') : '';

const POST: Post = {
  inputReference: 'T0000000000009',
  messageName: 'GMD-CONSULT-HCP',
  contentType: 'text/xml',
  encoding: 'none',
  content: Buffer.from('<list/>'),
  detailId: '_d1',
  repeatable: false,
};

/** The verdict of xmllint on the payload that was sent last. */
function lint(schema: string): string {
  const payload = /<soap:Body[^>]*>([\s\S]*)<\/soap:Body>/.exec(world.sent.at(-1)?.body ?? '')?.[1] ?? ''; // prettier-ignore
  const file = join(folder, 'payload.xml');
  writeFileSync(file, payload.replace(/<xop:Include[^>]*\/>/, 'AAAA'));
  execFileSync('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/mycarenet', schema), file], { stdio: 'pipe' }); // prettier-ignore
  return 'valid';
}

describe('requests', () => {
  const judged = hasShared() && hasProgram('xmllint', { required: false });
  const when = judged ? test : test.skip;

  when('are valid by the schemas of both versions, in every mailbox', async () => {
    for (const domain of Object.keys(PATHS)) {
      const isNew = domain === 'mda' || domain === 'eagreement';
      const schemas = isNew
        ? ['genasync/GenericAsync-V3.xsd', 'genasync-connector/mycarenet-genasync-v1.3.xsd']
        : ['genasync/GenericAsync.xsd', 'genasync-connector/mycarenet-genasync-v1.xsd'];
      await get(domain, 64, {
        messageNames: ['HCPFAC', 'HCPAFD'],
        parameters: { reference: 'T1', includeMutualities: ['300', '319'] },
        ...(isNew ? { replyToEtk: Uint8Array.of(48, 0) } : {}),
      });
      expect(schemas.map(lint)).toEqual(['valid', 'valid']);
      await confirmMessages(world.call, world.caller(domain), {
        messageReferences: ['MSG-1', 'MSG-2'],
        messageHashes: ['BOJYpNXR5Tze29eqK2HummLBMAC6MHWz0qKM+fEqX/c='],
        tackReferences: ['TACK-1'],
        tackContents: ['YBtNWHZAzOTKpLgsyRHW1YinUb6EX+rdsa9eAbixCRg='],
      });
      expect(schemas.map(lint)).toEqual(['valid', 'valid']);
      expect(complaints(world)).toEqual([]);
    }
  });

  when('to post are valid, inline and beside the envelope', async () => {
    for (const content of [Buffer.from('<list/>'), Buffer.alloc(200_000, 'x')]) {
      const post = { ...POST, content, inputReference: `T${content.length}`, xades: Buffer.from('<s/>') }; // prettier-ignore
      await postMessage(world.call, world.caller('dmg'), { ...post, mutuality: '306' });
      expect(complaints(world)).toEqual([]);
      expect(lint('genasync/GenericAsync.xsd')).toBe('valid');
      expect(world.sent.at(-1)?.body).toContain('>urn:nip:destination:io:306<');
    }
    expect(world.sent.at(-1)?.type).toMatch(/^multipart\/related; type="application\/xop\+xml"/);
  });

  const wss = judged && hasProgram('java', { required: false });
  (wss ? test : test.skip)('are signed as the mailbox wants: the Timestamp, and no more', async () => {
    await get('mda');
    const file = join(folder, 'envelope.xml');
    writeFileSync(file, world.sent.at(-1)?.body ?? '');
    const sts = join(folder, 'sts.pem');
    const der = Buffer.from(world.other.sandbox.pki.sts.certificate.der).toString('base64');
    writeFileSync(sts, `-----BEGIN CERTIFICATE-----\n${der.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`);
    const judge = (require: string) =>
      execFileSync(join(SHARED, 'tools/verify-wss/verify-wss'), ['--expect', 'saml', '--require', require, '--sts-cert', sts, '--at', NOW.toISOString(), file], { encoding: 'utf8' });
    expect(judge('timestamp')).toMatch(/^OK/i);
    expect(() => judge('timestamp,body')).toThrow(/Command failed/);
  }); // prettier-ignore

  test('name the operation, carry no empty To, and ask for what is meant', async () => {
    await get('mda', 7);
    const [{ body } = { body: '' }] = world.sent;
    expect(body).toContain('urn:be:cin:nip:async:generic:get:query</wsa:Action>');
    expect(body).not.toContain('wsa:To');
    expect(body).not.toContain('SiteID');
    expect(body).toContain('<a:Max>7</a:Max>');
  });

  test('to confirm nothing are not sent', async () => {
    await confirmMessages(world.call, world.caller('mda'), {
      messageReferences: [], messageHashes: [], tackReferences: [], tackContents: [],
    }); // prettier-ignore
    expect(world.sent).toEqual([]);
  });
});

describe('a mailbox', () => {
  test('gives what is in it until it is confirmed, whatever way it travels', async () => {
    const entries = [
      put(),
      put({ encoding: 'deflate' }),
      put({ form: 'xop' }),
      put({ form: 'xop', encoding: 'deflate' }),
      put({ encoding: 'undeclared' }),
      put({ content: Buffer.alloc(0) }),
    ];
    const first = await get('invoicing');
    expect(complaints(world)).toEqual([]);
    const decoded = first.messages.map(({ content, encoding }) =>
      encoding === 'deflate' && content.kind === 'bytes'
        ? inflateRawSync(content.bytes).toString()
        : textOf(content),
    );
    expect(decoded).toEqual([...Array<string>(5).fill('920000 of the test'), '']);
    expect(first.messages.map(({ hashValue }) => hashValue)).toEqual(
      decoded.map((text) => createHash('sha256').update(text).digest('base64')),
    );
    expect(first.messages[0]).toMatchObject({
      reference: entries[0]?.reference,
      messageName: 'HCPAFD',
      issuer: 'urn:nip:issuer:io:300',
      references: { input: 'T0000000000001' },
    });
    expect((await get('invoicing')).messages).toHaveLength(6);
    await confirmMessages(world.call, world.caller('invoicing'), {
      messageReferences: entries.slice(0, 3).map(({ reference }) => reference),
      messageHashes: [first.messages[5]?.hashValue ?? ''],
      tackReferences: [],
      tackContents: [],
    });
    const left = await get('invoicing');
    expect(left.messages.map(({ reference }) => reference)).toEqual([entries[3]?.reference, entries[4]?.reference]); // prettier-ignore
  });

  test('of another care provider or domain stays closed', async () => {
    put();
    expect((await get('dmg')).messages).toEqual([]);
    const doctor = await getMessages(world.call, world.caller('invoicing', 'doctor'), { messageNames: [], max: 5 }); // prettier-ignore
    expect(doctor.messages).toEqual([]);
  });

  test('honours Max, names, mutualities and the reference', async () => {
    put();
    put({ messageName: 'HCPVWR', mutuality: '500', inputReference: 'OTHER' });
    const names = async (max: number, rest: object) =>
      (await get('invoicing', max, rest)).messages.map(({ messageName }) => messageName);
    expect(await names(1, {})).toEqual(['HCPAFD']);
    expect(await names(5, { messageNames: ['HCPVWR'] })).toEqual(['HCPVWR']);
    expect(await names(5, { parameters: { includeMutualities: ['500'] } })).toEqual(['HCPVWR']);
    expect(await names(5, { parameters: { excludeMutualities: ['500'] } })).toEqual(['HCPAFD']);
    expect(await names(5, { parameters: { reference: 'OTHER' } })).toEqual(['HCPVWR']);
  });

  test('acknowledges a post at once, and later for the mutuality', async () => {
    const tack = await postMessage(world.call, world.caller('dmg'), { ...POST, mutuality: '319' });
    expect(tack).toMatchObject({ result: 'success', appliesTo: 'T0000000000009', issuer: 'urn:nip:issuer:nippin' }); // prettier-ignore
    const { acknowledgements } = await get('dmg');
    expect(acknowledgements).toMatchObject([{ result: 'success', issuer: 'urn:nip:issuer:io:319', appliesTo: 'T0000000000009' }]); // prettier-ignore
    await confirmMessages(world.call, world.caller('dmg'), {
      messageReferences: [],
      messageHashes: [],
      tackReferences: [],
      tackContents: acknowledgements.map(({ value }) => value),
    });
    expect((await get('dmg')).acknowledgements).toEqual([]);
  });

  test('a failure of the broker is a result, a warning stays with a success', async () => {
    world.other.sandbox.state.faults = [
      { target: 'genasync.post', kind: 'fault:TACK_FAILURE', times: 1, after: 0 },
      { target: 'genasync.post', kind: 'fault:TACK_WARNING', times: 1, after: 0 },
    ];
    expect(await postMessage(world.call, world.caller('dmg'), POST)).toMatchObject({ result: 'failure', message: 'played by the sandbox' }); // prettier-ignore
    expect(await postMessage(world.call, world.caller('dmg'), POST)).toMatchObject({ result: 'success', minor: 'urn:nip:tack:result:minor:played' }); // prettier-ignore
  });
});

describe('refusals', () => {
  const fault = (kind: string) => {
    world.other.sandbox.state.faults = [{ target: 'genasync', kind, times: 1, after: 0 }];
  };

  test('that ask for patience are told by their text', async () => {
    fault('fault:NOT_ENOUGH_TIME');
    const error: unknown = await get('mda').catch((reason: unknown) => reason);
    expect(isTooSoon(error)).toBe(true);
    expect(error).toMatchObject({ code: 'E_SOAP_FAULT', details: { retryable: true } });
  });

  test.each([
    ['fault:SOA-01001', 'session', 'topaz session open --force'],
    ['fault:AUTHORIZATION_ERROR', 'config', 'mycarenet.license'],
    ['fault:VALIDATION_ERROR', 'client', 'defect'],
    ['fault:SOMETHING_NEW', 'platform', ''],
  ])('%s says who must act', async (kind, category, hint) => {
    fault(kind);
    const error: unknown = await get('mda').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SoapFaultError);
    expect(error).toMatchObject({ details: { category } });
    expect((error as SoapFaultError).hint).toContain(hint);
  });

  test('another quality than the token certifies is refused', async () => {
    const doctor = world.caller('mda', 'doctor');
    const asGroup = { ...doctor, origin: world.caller('mda').origin };
    await expect(getMessages(world.call, asGroup, { messageNames: [], max: 1 })).rejects.toMatchObject({ faultCode: 'SOA-01002' }); // prettier-ignore
  });

  test('a wrong hash, a missing part and text that is no base64 do not keep the others back', async () => {
    put();
    put({ form: 'xop' });
    const { other } = world;
    const post = other.transport.post.bind(other.transport);
    const call = async (spoil: (text: string) => string) => {
      const spoiled = { ...other.transport, post: async (...args: Parameters<typeof post>) => {
        const reply = await post(...args);
        const chunks: Uint8Array[] = [];
        for await (const chunk of reply.stream) chunks.push(chunk);
        const body = Buffer.from(spoil(Buffer.concat(chunks).toString('latin1')), 'latin1');
        return { ...reply, stream: (async function* () { yield await Promise.resolve(Uint8Array.from(body)); })() };
      } };
      const { createCall } = await import('../../../src/soap/call.js');
      const spoiledCall = createCall({ transport: spoiled, now: () => NOW, newId: () => 'a1', timeoutMs: 5000 });
      return getMessages(spoiledCall, world.caller('invoicing'), { messageNames: [], max: 10 });
    };
    const lost = await call((text) => text.replace(/cid:MSG/, 'cid:XXX'));
    expect(lost.messages.map(({ content }) => content.kind)).toEqual(['bytes', 'damaged']);
    const broken = await call((text) => text.replace(Buffer.from('920000 of the test').toString('base64'), 'not*base64*'));
    expect(broken.messages.map(({ content }) => content.kind)).toEqual(['damaged', 'bytes']);
  }); // prettier-ignore
});
