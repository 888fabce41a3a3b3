/** The sandbox's mailboxes, asked as official clients do: always in parts, without SOAPAction, with empty elements. */

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  addMailboxMessage,
  deliverSeeds,
  mailboxAddress,
} from '../../src/sandbox/genasync-mailbox.js';
import { handleRequest, openRequest } from '../../src/sandbox/handle.js';
import type { HttpRequest } from '../../src/sandbox/handle.js';
import { parseSeed } from '../../src/sandbox/seed.js';
import { genasyncServices } from '../../src/sandbox/services/genasync.js';
import { openState } from '../../src/sandbox/state.js';
import { unpackMultipart } from '../../src/sandbox/unpack-multipart.js';
import { getMessages } from '../../src/mycarenet/genasync/client.js';
import { openWorld } from '../mycarenet/genasync/world.js';
import type { World } from '../mycarenet/genasync/world.js';

const TO = '94499180000';
let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.other.close());

beforeEach(() => {
  const { state } = world.other.sandbox;
  state.mailbox = [];
  state.genasync = [];
  state.faults = [];
  state.mailboxAsked = {};
  world.sent.length = 0;
});

const service = (domain: string) => {
  const found = genasyncServices.find(({ endpoint }) => endpoint === `genasync.${domain}`);
  if (found === undefined) throw new Error(domain);
  return found;
};

/** The envelope that topaz would send, to be changed. */
async function envelope(domain: string): Promise<string> {
  await getMessages(world.call, world.caller(domain), { messageNames: [], max: 5 });
  return world.sent.at(-1)?.body ?? '';
}

const multipart = (xml: string, parts: Record<string, Buffer> = {}): HttpRequest => {
  const boundary = 'uuid:of-the-test';
  const piece = (id: string, type: string, bytes: Buffer) =>
    Buffer.concat([Buffer.from(`--${boundary}\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <${id}>\r\n\r\n`), bytes, Buffer.from('\r\n')]);
  return {
    headers: { 'content-type': `Multipart/Related; boundary="${boundary}"; type="application/xop+xml"; start-info="text/xml"` },
    body: Buffer.concat([
      piece('root.message@ehealth.fgov.be', 'application/xop+xml', Buffer.from(xml)),
      ...Object.entries(parts).map(([id, bytes]) => piece(id, 'application/octet-stream', bytes)),
      Buffer.from(`--${boundary}--\r\n`),
    ]),
  };
}; // prettier-ignore

async function ask(domain: string, request: HttpRequest, { strict = false } = {}) {
  const unpacked = unpackMultipart(request);
  const sandbox = { ...world.other.sandbox, strict };
  const { answer, checks } = await handleRequest(unpacked, openRequest(unpacked), service(domain), sandbox, undefined); // prettier-ignore
  return { status: answer.status, text: answer.body.toString('utf8'), checks: checks.list };
}

const plain = (xml: string): HttpRequest => ({
  headers: { 'content-type': 'text/xml', soapaction: '"urn:be:cin:nip:async:generic:get:query"' },
  body: Buffer.from(xml),
});

describe('official clients', () => {
  test('in parts, without SOAPAction, are answered; strictly they are not', async () => {
    const request = multipart(await envelope('mda'));
    expect((await ask('mda', request)).status).toBe(200);
    expect((await ask('mda', request, { strict: true })).text).toContain('no action');
  });

  test('a document beside the envelope is put back before the schema looks', () => {
    const { body } = unpackMultipart(
      multipart('<a><b><x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:one%40test"/></b></a>', { 'one@test': Buffer.from([0, 255, 13, 10, 45, 45]) }),
    );
    expect(Buffer.from(body).toString()).toBe('<a><b>AP8NCi0t</b></a>');
    expect(Buffer.from(unpackMultipart(multipart('<a><Include href="cid:none"/></a>')).body).toString()).toBe('<a><Include href="cid:none"/></a>');
  }); // prettier-ignore

  test('an empty To is tolerated, another one is a fault of the mailbox', async () => {
    const xml = await envelope('mda');
    const withTo = (to: string) => xml.replace('<wsa:MessageID', `<wsa:To xmlns:wsa="http://www.w3.org/2005/08/addressing">${to}</wsa:To><wsa:MessageID`); // prettier-ignore
    const empty = await ask('mda', plain(withTo('')));
    expect(empty.status).toBe(200);
    expect(empty.checks.find(({ name, detail }) => name === 'addressing' && detail?.startsWith('tolerated'))).toBeDefined(); // prettier-ignore
    expect((await ask('mda', plain(withTo('urn:nip:destination:io:319')))).status).toBe(200);
    const { status, text } = await ask('mda', plain(withTo('urn:else')));
    expect(status).toBe(500);
    expect(text).toMatch(/<a:fault .*VALIDATION_ERROR.*wsa:To/);
  });
});

describe('the rules', () => {
  test('the Timestamp must be signed and be the one; the action must be that of the operation', async () => {
    const xml = await envelope('mda');
    const changed = xml.replace(/<wsu:Expires>[^<]+/, '<wsu:Expires>2026-02-09T08:20:00.000Z');
    expect((await ask('mda', plain(changed))).text).toContain('SOA-01001');
    const action = xml.replace('generic:get:query</wsa:Action>', 'generic:post:msg</wsa:Action>');
    expect((await ask('mda', plain(action))).text).toContain('wsa:Action is not that of the operation'); // prettier-ignore
    const none = xml.replace(/<wsa:Action[\s\S]*?<\/wsa:Action>/, '');
    expect((await ask('mda', plain(none))).status).toBe(500);
  });

  test('a mailbox of version 1 has no Reply-to-etk', async () => {
    const xml = (await envelope('dmg')).replace('</a:Origin>', '</a:Origin><a:Reply-to-etk>MAA=</a:Reply-to-etk>'); // prettier-ignore
    expect((await ask('dmg', plain(xml))).text).toContain('version 1');
  });

  test('what breaks the schema is refused', async () => {
    const xml = (await envelope('mda')).replace('<a:MessageNames/>', '');
    expect((await ask('mda', plain(xml))).text).toContain('SOA-03006');
  });

  test('no licence, no answer', async () => {
    const xml = (await envelope('mda')).replace(/<c:Password>[^<]*/, '<c:Password>');
    expect((await ask('mda', plain(xml))).text).toContain('SOA-01002');
  });

  test('the rule of thirty seconds is played on demand', async () => {
    const { state } = world.other.sandbox;
    state.faults = [{ target: 'genasync.get', kind: 'fault:THIRTY_SECONDS', times: null, after: 0 }]; // prettier-ignore
    const get = () => getMessages(world.call, world.caller('mda'), { messageNames: [], max: 5 });
    expect(await get()).toEqual({ messages: [], acknowledgements: [] });
    await expect(get()).rejects.toThrow();
    expect(state.mailboxAsked).not.toEqual({});
    state.mailboxAsked = { [`mda ${TO}`]: Date.parse('2026-02-09T08:11:59Z') };
    expect((await get()).messages).toEqual([]);
  });
});

describe('what waits', () => {
  test('is seeded once, also when the seed is applied twice', () => {
    const { sandbox } = world.other;
    const seed = parseSeed({
      schema: 'topaz.sandbox.seed/1',
      genasync: [{ to: 'NIHII=94499180', service: 'invoicing', messageName: 'HCPAFD', contentBase64: 'QUJD', encoding: 'deflate', form: 'xop' }],
    });
    sandbox.state.genasync = [...seed.genasync];
    deliverSeeds(sandbox);
    deliverSeeds(sandbox);
    expect(sandbox.state.mailbox).toHaveLength(1);
    expect(sandbox.state.mailbox[0]).toMatchObject({ domain: 'invoicing', to: TO, encoding: 'deflate', form: 'xop' });
    expect(() => parseSeed({ schema: 'topaz.sandbox.seed/1', genasync: [{ to: 'NIHII=1', service: 'mda', messageName: 'X', contentBase64: '', encoding: 'gzip' }] })).toThrow(/encoding/);
  }); // prettier-ignore

  test.each([
    ['NIHII=94499180', TO],
    ['NIHII-GROUP=94499180', TO],
    ['NIHII=19547181004', '19547181004'],
    ['1-95471-81-004', '19547181004'],
  ])('%s is the mailbox of %s', (to, number) => {
    expect(mailboxAddress(to)).toBe(number);
  });

  test('survives a restart', async () => {
    const { sandbox } = world.other;
    addMailboxMessage(sandbox, { domain: 'dmg', to: TO, mutuality: '300', messageName: 'X', inputReference: randomUUID().slice(0, 8), content: Buffer.from('kept') }); // prettier-ignore
    await sandbox.store.save();
    const { state } = await openState(sandbox.store.folder);
    expect(state.mailbox).toEqual(sandbox.state.mailbox);
    const [entry] = state.mailbox;
    expect(readFileSync(join(sandbox.store.folder, 'genasync', entry?.reference ?? ''), 'utf8')).toBe('kept'); // prettier-ignore
  });
});
