/** Requests of the consultation service, judged by libxml2 with the official schema. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { deleteMessageRequest, moveMessageRequest } from '../../src/ehbox/actions.js';
import type { BoxAddress } from '../../src/ehbox/address.js';
import {
  deleteOooRequest,
  insertOooRequest,
  oooListRequest,
} from '../../src/ehbox/out-of-office.js';
import { acknowledgmentsRequest, historyRequest } from '../../src/ehbox/receipts.js';
import {
  getBoxInfoRequest,
  getFullMessageRequest,
  getMessagesListRequest,
} from '../../src/ehbox/request.js';
import { writeXml } from '../../src/xml/write.js';
import { hasShared, SHARED } from '../support/tools.js';

const run = promisify(execFile);
const SCHEMA = join(SHARED, 'schemas/ehbox/ehealth-ehBox-consultation-schema-protocol-3_0.xsd');
const judge = hasShared() ? test : test.skip;

const own: BoxAddress = { type: 'INSS', id: '79021599732', quality: 'DOCTOR' };
const house: BoxAddress = {
  type: 'NIHII',
  id: '89547133',
  subType: 'MEDICAL_HOUSE',
  quality: 'MEDICAL_HOUSE',
};

const requests = [
  ['box info', getBoxInfoRequest(undefined)],
  ['box info of another box', getBoxInfoRequest(house)],
  ['first page', getMessagesListRequest(undefined, 'INBOX', { start: 1, end: 100 })],
  ['bin of a box', getMessagesListRequest(own, 'BININBOX', { start: 100, end: 199 })],
  ['full message', getFullMessageRequest(undefined, 'INBOX', '9Y0001A7F3K02')],
  ['move', moveMessageRequest(undefined, 'inbox', ['9Y0001A7F3K02', '9Y0001A7F3K03'])],
  ['move back', moveMessageRequest(house, 'sent-bin', ['9Y0001A7F3K02'])],
  ['delete', deleteMessageRequest(house, 'bin', Array.from({ length: 100 }, (_, n) => `9Y000100000${n + 10}`.slice(0, 13)))],
  ['receipts', acknowledgmentsRequest(house, '9Y0001A7F3K02', { start: 1, end: 100 })],
  ['history', historyRequest(undefined, 'INBOX', '9Y0001A7F3K02')],
  ['out of office', insertOooRequest(own, { from: '2026-07-01', to: '2026-07-15', substitutes: [own, house] })],
  ['nobody stands in', insertOooRequest(undefined, { from: '2026-07-01', to: '2026-07-15', substitutes: [] })],
  ['periods', oooListRequest(house)],
  ['remove periods', deleteOooRequest(own, ['1000012', 'OABC'])],
  ['full message of a box', getFullMessageRequest(house, 'SENTBOX', '9Y0001A7F3K02')],
] as const; // prettier-ignore

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-requests-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the official schema', () => {
  judge('accepts every request, and refuses one of an unknown folder', async () => {
    const files = await Promise.all(
      requests.map(async ([name, element]) => {
        const path = join(folder, `${name}.xml`);
        await writeFile(path, writeXml(element));
        return path;
      }),
    );
    await run('xmllint', ['--nonet', '--noout', '--schema', SCHEMA, ...files]);
    const wrong = join(folder, 'wrong.xml');
    await writeFile(wrong, writeXml(getMessagesListRequest(own, 'INBOX', { start: 0, end: 1 })));
    await expect(run('xmllint', ['--nonet', '--noout', '--schema', SCHEMA, wrong])).rejects.toThrow(); // prettier-ignore
  });
});

test('only the root is in the namespace of the service', () => {
  const xml = writeXml(getMessagesListRequest(house, 'INBOX', { start: 1, end: 100 }));
  expect(xml).toBe(
    '<con:GetMessagesListRequest xmlns:con="urn:be:fgov:ehealth:ehbox:consultation:protocol:v3">' +
      '<BoxId><Id>89547133</Id><Type>NIHII</Type><SubType>MEDICAL_HOUSE</SubType><Quality>MEDICAL_HOUSE</Quality></BoxId>' +
      '<Source>INBOX</Source><StartIndex>1</StartIndex><EndIndex>100</EndIndex></con:GetMessagesListRequest>',
  );
});
