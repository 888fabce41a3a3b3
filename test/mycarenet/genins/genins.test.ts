/** GenericInsurability: what is sent, by the official schema; what is read; and the sandbox's service in between. */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { TopazError } from '../../../src/errors.js';
import { parseSsin } from '../../../src/ids/ssin.js';
import { findCareProvider } from '../../../src/mycarenet/care-provider.js';
import { GENINS_CODES } from '../../../src/mycarenet/genins/catalogue.js';
import { consultGenIns } from '../../../src/mycarenet/genins/client.js';
import { NS_GENINS } from '../../../src/mycarenet/genins/names.js';
import { checkGenIns } from '../../../src/mycarenet/genins/question.js';
import { readGenInsReply } from '../../../src/mycarenet/genins/reply.js';
import type { GenInsAsked } from '../../../src/mycarenet/genins/reply.js';
import { createRecordReferences, genInsRequest } from '../../../src/mycarenet/genins/request.js';
import type { MemberDataQuery } from '../../../src/mycarenet/memberdata/query.js';
import { createReferences } from '../../../src/mycarenet/reference.js';
import { createCall } from '../../../src/soap/call.js';
import type { Call } from '../../../src/soap/call.js';
import { readXml } from '../../../src/xml/read.js';
import { writeXml } from '../../../src/xml/write.js';
import { bytesOf } from '../../soap/bodies.js';
import { hasProgram, hasShared, SHARED } from '../../support/tools.js';
import { day, NURSE, QUERY } from '../memberdata/values.js';
import { DOCTOR, NOW, NURSE_GROUP, openOtherClient } from '../other-client.js';
import type { Caller, OtherClient } from '../other-client.js';

const run = promisify(execFile);
const URL_OF = 'https://127.0.0.1/GenericInsurability/v1';
const XSD = join(SHARED, 'schemas/mycarenet/genins/ehealth-genins-protocol-1_1.xsd');
const MARIE = '85061199814';

let world: OtherClient;
let call: Call;
let sent: string;
let received: string;
let change: ((answer: string) => string) | undefined;

beforeAll(async () => {
  world = await openOtherClient({ strict: true });
  world.sandbox.state.patients.push({
    ssin: '90451599581',
    firstName: 'Nora',
    lastName: 'Fictief',
    mutuality: '201',
    registrationNumber: 'N1',
    insured: true,
    error: 'MULTIPLE_IO',
  });
  call = createCall({
    transport: {
      close: () => Promise.resolve(),
      post: async (url, headers, body, options) => {
        sent = Buffer.from(bytesOf(body)).toString('utf8');
        const reply = await world.transport.post(url, headers, body, options);
        const chunks: Uint8Array[] = [];
        for await (const chunk of reply.stream) {
          chunks.push(chunk);
        }
        const text = Buffer.concat(chunks).toString('utf8');
        received = change?.(text) ?? text;
        const bytes = Uint8Array.from(Buffer.from(received));
        return { ...reply, stream: only(bytes) };
      },
    },
    now: () => NOW,
    newId: randomUUID,
    timeoutMs: 5000,
  });
});

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

afterAll(() => world.close());

beforeEach(() => {
  change = undefined;
  world.sandbox.state.faults = [];
});

const patient = (ssin: string): MemberDataQuery => ({
  ...QUERY,
  patient: { kind: 'ssin', ssin: parseSsin(ssin) },
});
const newReference = createReferences(() => NOW, randomUUID);
const newRecordReference = createRecordReferences(() => NOW, randomUUID);

function ask(query = patient(MARIE), caller: Caller = DOCTOR, quality = 'doctor') {
  const holder =
    quality === 'doctor'
      ? { type: 'SSIN', id: '79021599732', quality }
      : { type: 'NIHII-GROUP', id: '94499180', quality };
  return consultGenIns(
    call,
    URL_OF,
    {
      origin: {
        packageName: 'topaz',
        license: { username: 'topaz', password: Buffer.from('licence of the test') },
        careProvider: findCareProvider({}, { holder, attributes: caller.attributes }),
      },
      isTest: true,
      security: world.security(caller),
    },
    query,
    { now: () => NOW, newId: randomUUID, newReference, newRecordReference },
  );
}

describe('against the strict sandbox', () => {
  test('insured: the same document as from MemberData; every check passes', async () => {
    const { reply, reference } = await ask();
    expect(reply.insurability).toMatchObject({
      status: 'insured',
      patient: { ssin: MARIE, lastName: 'Voorbeeld', firstName: 'Marie', ssinChanged: false, deceasedOn: null },
      periods: [{ from: '2026-02-09', to: '2026-02-09', mutuality: '319', federation: '300', ct1: '110', ct2: '110', bim: false }],
      thirdPartyPayer: false,
      generalSituation: null,
    });
    expect(reply.references.input).toBe(reference);
    expect(reply.references.nip).toMatch(/^N/);
    const names = world.checks().map(({ name, state, detail = '' }) => `${name} ${state}${detail.startsWith('tolerated') ? ' TOLERATED' : ''}`);
    expect(names.filter((name) => !/ (?:ok|skipped)$/.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['soapAction ok', 'signature ok', 'token ok', 'origin ok', 'business ok']));
  }); // prettier-ignore

  test('two references, of 14 characters and of 14 digits, that never come twice', async () => {
    const references = new Set<string>();
    for (let index = 0; index < 500; index += 1) {
      const reference = newRecordReference();
      expect(reference).toMatch(/^[0-9]{14}$/);
      references.add(reference);
    }
    expect(references.size).toBe(500);
    await ask();
    expect(sent).toMatch(/<gc:InputReference>[0-9A-Z]{14}<.*<gc:InputReference>[0-9]{14}</s);
    expect(sent).toContain('<gc:IsTest>true</gc:IsTest>');
  });

  test('a group of nurses asks as an organisation', async () => {
    const { reply } = await ask(patient(MARIE), NURSE_GROUP, 'groupofnurses');
    expect(reply.insurability.status).toBe('insured');
    expect(sent).toContain('<gc:Organization>');
  });

  test('increased reimbursement, third party', async () => {
    const { reply } = await ask(patient('60031599728'));
    expect(reply.insurability).toMatchObject({ thirdPartyPayer: true, periods: [{ bim: true }] });
  });

  test('a mutation: two periods, the event, where to', async () => {
    const { reply } = await ask({ ...patient('85071599796'), from: day('2026-01-01'), to: day('2026-01-31') }); // prettier-ignore
    expect(reply.insurability).toMatchObject({
      generalSituation: 'changeDuring',
      periods: [{ mutuality: '319' }, { mutuality: '509' }],
      transfers: [{ direction: 'toOtherIo', organisation: '500' }],
    });
  });

  test('unknown: E_PATIENT_UNKNOWN, and never not insured', async () => {
    await expect(ask(patient('99123199643'))).rejects.toMatchObject({
      code: 'E_PATIENT_UNKNOWN',
      details: { service: 'genins', detailCode: '23', category: 'data', retryable: false },
    });
  });

  test('several mutualities: which federations; asked again with one of them, it answers', async () => {
    await expect(ask(patient('90451599581'))).rejects.toMatchObject({
      code: 'E_INSURABILITY_REFUSED',
      details: { detailCode: '44', faultCode: 'MULTIIO_ERROR', mutualities: ['200', '600'] },
    });
    const { reply } = await ask({ ...QUERY, patient: { kind: 'registration', registration: 'N1', mutuality: '201' } }); // prettier-ignore
    expect(reply.insurability.status).toBe('insured');
  });

  test('in hospital though it is not so', async () => {
    await expect(ask({ ...patient(MARIE), hospitalized: true })).rejects.toMatchObject({
      details: { detailCode: '42' },
    });
  });

  test.each(GENINS_CODES.map(({ code }) => code))('code %s on demand', async (code) => {
    world.sandbox.state.faults = [{ target: 'genins', kind: `fault:${code}`, times: 1, after: 0 }];
    const error: unknown = await ask().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(TopazError);
    expect((error as TopazError).details).toMatchObject({ service: 'genins', detailCode: code });
    expect((error as TopazError).hint).toMatch(/./);
    expect(JSON.stringify([(error as TopazError).message, (error as TopazError).facts])).not.toContain(MARIE); // prettier-ignore
  });

  test('another number than that of the token: a fault of the bus', async () => {
    const other = DOCTOR.attributes.map((attribute) =>
      attribute.name.endsWith('nihii11') ? { ...attribute, values: ['19999123004'] } : attribute,
    );
    const caller = { attributes: DOCTOR.attributes };
    await expect(
      consultGenIns(
        call,
        URL_OF,
        {
          origin: { ...NURSE, careProvider: findCareProvider({}, { holder: { type: 'SSIN', id: '79021599732', quality: 'doctor' }, attributes: other }) },
          isTest: true,
          security: world.security(caller),
        },
        patient(MARIE),
        { now: () => NOW, newId: randomUUID, newReference, newRecordReference },
      ),
    ).rejects.toMatchObject({ faultCode: 'SOA-01002' });
  }); // prettier-ignore

  test.each([
    ['another reference', (xml: string) => xml.replace(/(CommonOutput><gc:InputReference>)[^<]+/, '$1TANOTHER000001')],
    ['another record', (xml: string) => xml.replace(/(RecordCommonOutput><gc:InputReference>)[^<]+/, '$112345678901234')],
    ['another echo', (xml: string) => xml.replace(/(<gc:InsurabilityReference>)[^<]+/, '$1ANOTHER')],
    ['other days', (xml: string) => xml.replace(/(<gc:InsurabilityContactType>)/, '$1').replace(/(InsurabilityRequestType><gc:Period><gc:PeriodStart>)[^<]+/, '$12020-01-01')],
    ['neither data nor fault', (xml: string) => xml.replace(/<gc:CareReceiverDetail>.*<\/gc:InsurabilityResponseDetail>/s, '')],
    ['another message', (xml: string) => xml.replaceAll('GetInsurabilityResponse', 'GetInsurabilityAsFlatResponse')],
    ['a period without days', (xml: string) => xml.replace(/(InsurabilityItem>.*?<gc:PeriodStart>)[^<]+/s, '$1soon')],
  ])('an answer with %s is refused', async (_, spoil) => {
    change = spoil;
    await expect(ask()).rejects.toMatchObject({ code: 'E_REPLY_INVALID' });
    expect(received).not.toBe('');
  }); // prettier-ignore
});

describe('what cannot be asked here', () => {
  test.each([
    ['other facets', { ...QUERY, otherFacets: ['chronicCondition'] }],
    ['for invoicing', { ...QUERY, requestType: 'invoicing' }],
    ['an SSIN at a mutuality', { ...QUERY, patient: { kind: 'ssin', ssin: parseSsin(MARIE), mutuality: '319' } }],
  ] as [string, MemberDataQuery][])('%s: E_USAGE, and nothing is sent', async (_, query) => {
    sent = '';
    expect(() => { checkGenIns(query); }).toThrow(TopazError);
    await expect(ask(query)).rejects.toMatchObject({ code: 'E_USAGE' });
    expect(sent).toBe('');
  }); // prettier-ignore
});

(hasShared() ? describe : describe.skip)('the examples of the fact sheet', () => {
  const asked = (query: MemberDataQuery): GenInsAsked => ({
    inputReference: '20260209091231',
    recordReference: '20260209091231',
    query,
    answeredAt: NOW,
  });
  const example = (name: string, query: MemberDataQuery) =>
    readGenInsReply(
      readXml(
        readFileSync(join(SHARED, 'examples/mycarenet', name), 'utf8').replace('TOPAZ 0001', '20260209091231'), // prettier-ignore
      ),
      asked(query),
    ).insurability;

  test('insured, increased reimbursement', () => {
    expect(example('genins-response-insured.xml', patient('85071599796'))).toMatchObject({
      status: 'insured',
      patient: { lastName: 'Fictief', sex: 'male', birthDate: '1985-07-15' },
      periods: [{ membershipNumber: '0001234567890', bim: true, communicatedOn: '2026-02-09' }],
      thirdPartyPayer: true,
    });
  });

  test('transferred: not insured there', () => {
    expect(
      example('genins-response-transfer-not-insured.xml', patient('08022999889')),
    ).toMatchObject({
      status: 'not-insured',
      generalSituation: 'closedBefore',
      transfers: [{ direction: 'toOtherIo', organisation: '500', date: '2026-01-01' }],
    });
  });

  test('neither list nor situation: no data, and not not insured', () => {
    const xml = readFileSync(join(SHARED, 'examples/mycarenet/genins-response-transfer-not-insured.xml'), 'utf8');
    const bare = xml.replace(/<gc:GeneralSituation.*<\/gc:GeneralSituation>/s, '').replace('TOPAZ 0001', '20260209091231');
    expect(readGenInsReply(readXml(bare), asked(patient('08022999889'))).insurability.status).toBe('no-data');
  }); // prettier-ignore

  test('another SSIN in the answer is told', () => {
    const read = example('genins-response-insured.xml', patient(MARIE));
    expect(read.patient?.ssinChanged).toBe(true);
    expect(read.remarks).toEqual([expect.objectContaining({ code: 'SSIN_CHANGED' })]);
  });

  test.each([
    ['genins-response-error-checkdigit.xml', '12'],
    ['genins-response-error-multi-io.xml', '44'],
  ])('%s is refused with %s', (name, code) => {
    expect(() => example(name, patient(MARIE))).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ detailCode: code }) as unknown }), // prettier-ignore
    );
  });
});

const judged = hasShared() && hasProgram('xmllint');
(judged ? test : test.skip)(
  'libxml2 finds every request valid, and the answers of the sandbox',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'topaz-genins-'));
    try {
      const files: string[] = [];
      const write = async (xml: string): Promise<void> => {
        const file = join(folder, `${String(files.length)}.xml`);
        files.push(file);
        await writeFile(file, xml);
      };
      const queries: MemberDataQuery[] = [
        QUERY,
        { ...QUERY, hospitalized: true, from: day('2026-01-01') },
        { ...QUERY, patient: { kind: 'registration', registration: '0001234567890', mutuality: '319' } },
      ];
      for (const query of queries) {
        const commonInput = { isTest: true, origin: NURSE, inputReference: newReference() };
        await write(writeXml(genInsRequest({ commonInput, recordReference: newRecordReference(), query })));
      }
      for (const ssin of [MARIE, '60031599728', '85071599796', '99123199643', '90451599581']) {
        await ask(patient(ssin)).catch(() => undefined);
        await write(new RegExp(`<gp:GetInsurabilityResponse xmlns:gp="${NS_GENINS}".*</gp:GetInsurabilityResponse>`, 's').exec(received)?.[0] ?? '');
      }
      await run('xmllint', ['--nonet', '--noout', '--schema', XSD, ...files]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
); // prettier-ignore
