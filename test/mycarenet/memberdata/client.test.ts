import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { SoapFaultError, TopazError } from '../../../src/errors.js';
import { padNihii11, parseNihii } from '../../../src/ids/nihii.js';
import { parseSsin } from '../../../src/ids/ssin.js';
import { findCareProvider } from '../../../src/mycarenet/care-provider.js';
import { consultMemberData, consultPatiently } from '../../../src/mycarenet/memberdata/client.js';
import type { MemberDataCaller } from '../../../src/mycarenet/memberdata/client.js';
import type { MemberDataQuery } from '../../../src/mycarenet/memberdata/query.js';
import { MemberDataRefusal } from '../../../src/mycarenet/memberdata/refusal.js';
import { createReferences } from '../../../src/mycarenet/reference.js';
import type { FaultRule } from '../../../src/sandbox/faults.js';
import { createCall } from '../../../src/soap/call.js';
import type { Call } from '../../../src/soap/call.js';
import { DOCTOR, NOW, NURSE_GROUP, openOtherClient, PHYSIOTHERAPIST } from '../other-client.js';
import type { Caller, OtherClient } from '../other-client.js';
import { bytesOf } from '../../soap/bodies.js';
import { day, QUERY } from './values.js';

const URL = 'https://127.0.0.1/MyCareNet/MemberData/v1';
let world: OtherClient;
let call: Call;
let waited: number[] = [];
let sent: string[] = [];

beforeAll(async () => {
  world = await openOtherClient({ strict: true });
  call = createCall({
    transport: {
      ...world.transport,
      post: (url, headers, body, options) => {
        sent.push(Buffer.from(bytesOf(body)).toString('utf8'));
        return world.transport.post(url, headers, body, options);
      },
    },
    now: () => NOW,
    newId: randomUUID,
    timeoutMs: 5000,
  });
});

afterAll(async () => {
  await world.close();
});

beforeEach(() => {
  world.sandbox.state.faults = [];
  waited = [];
  sent = [];
});

const newReference = createReferences(() => NOW, randomUUID);
const OPTIONS = {
  now: () => NOW,
  newId: randomUUID,
  newReference,
  sleep: (ms: number) => {
    waited.push(ms);
    return Promise.resolve();
  },
};

const HOLDERS = {
  doctor: { type: 'SSIN', id: '79021599732', quality: 'doctor' },
  physiotherapist: { type: 'SSIN', id: '79021599732', quality: 'physiotherapist' },
  groupofnurses: { type: 'NIHII-GROUP', id: '94499180', quality: 'groupofnurses' },
};

const callerOf = (caller: Caller = DOCTOR, quality: keyof typeof HOLDERS = 'doctor'): MemberDataCaller => ({
  origin: {
    packageName: 'topaz',
    license: { username: 'topaz', password: Buffer.from('licence of the test') },
    careProvider: findCareProvider(
      { name: 'Jean Exemple' },
      { holder: HOLDERS[quality], attributes: caller.attributes },
    ),
  },
  isTest: true,
  security: world.security(caller),
  roots: [world.sandbox.pki.ehealthRoot.certificate],
}); // prettier-ignore

const MARIE: MemberDataQuery = {
  ...QUERY,
  patient: { kind: 'ssin', ssin: parseSsin('85061199814') },
};
const ask = (query = MARIE, caller = callerOf()) =>
  consultMemberData(call, URL, caller, query, OPTIONS);

describe('a strict sandbox that shares no code with the client', () => {
  test('answers the question of a doctor; no check fails and nothing is tolerated', async () => {
    const { reply, reference } = await ask();
    expect(reply.insurability).toMatchObject({
      status: 'insured',
      patient: { ssin: '85061199814', lastName: 'Voorbeeld', firstName: 'Marie', sex: 'female' },
      periods: [{ mutuality: '319', membershipNumber: '0000123456789', ct1: '110', ct2: '110', bim: false }],
      thirdPartyPayer: false,
    });
    expect(reply.references.input).toBe(reference);
    const names = world.checks().map(({ name, state, detail = '' }) => `${name} ${state}${detail.startsWith('tolerated') ? ' TOLERATED' : ''}`);
    expect(names.filter((name) => !/ (?:ok|skipped)$/.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['soapAction ok', 'signature ok', 'token ok', 'freshness ok', 'origin ok', 'detail ok', 'business ok']));
  }); // prettier-ignore

  test('answers a group of nurses', async () => {
    const { reply } = await ask(MARIE, callerOf(NURSE_GROUP, 'groupofnurses'));
    expect(reply.insurability.status).toBe('insured');
  });

  test('answers an office for a care provider, by the schema; another office is refused', async () => {
    const { origin, ...caller } = callerOf(NURSE_GROUP, 'groupofnurses');
    const { careProvider } = callerOf().origin;
    const from = (nihii: string): MemberDataCaller => ({
      ...caller,
      origin: { ...origin, careProvider, sender: { quality: 'groupofnurses', nihii: padNihii11(parseNihii(nihii)), name: 'Office Exemple' } },
    });
    expect((await ask(MARIE, from('94499180'))).reply.insurability.status).toBe('insured');
    expect(world.checks().filter(({ state, detail = '' }) => state === 'failed' || detail.startsWith('tolerated'))).toEqual([]);
    await expect(ask(MARIE, from('94400111'))).rejects.toMatchObject({ details: { detailCode: 'CROSSCHECK_ISSUER' } });
  }); // prettier-ignore

  test('answers by membership number, for invoicing, over a period with a mutation', async () => {
    const { reply } = await ask({
      ...QUERY,
      patient: { kind: 'registration', registration: '0001234567890', mutuality: '319' },
      from: day('2026-01-01'),
      to: day('2026-01-31'),
      requestType: 'invoicing',
    });
    expect(reply.insurability.periods.map(({ mutuality, from, to }) => `${mutuality} ${from} ${to}`)).toEqual([
      '319 2026-01-01 2026-01-15',
      '509 2026-01-16 2026-01-31',
    ]);
    expect(reply.insurability.periods[0]?.paymentApproval).toBeDefined();
    expect(reply.warnings.map(({ code }) => code)).toEqual(['MUTATION']);
  }); // prettier-ignore

  test('finds the same in every patient of the demo as the seed says', async () => {
    const seen = new Map<string, number>();
    const caller = callerOf();
    for (const patient of world.sandbox.state.patients.slice(0, 23)) {
      const query: MemberDataQuery = { ...QUERY, patient: { kind: 'ssin', ssin: parseSsin(patient.ssin) } }; // prettier-ignore
      let status: string;
      try {
        status = (await consultMemberData(call, URL, caller, query, OPTIONS)).reply.insurability.status; // prettier-ignore
      } catch (error) {
        status = error instanceof TopazError ? error.code : 'bug';
      }
      const expected =
        patient.error !== undefined ? 'E_PATIENT_UNKNOWN' : patient.noData === true ? 'no-data' : patient.deceased !== undefined ? 'deceased' : patient.insured ? 'insured' : 'not-insured'; // prettier-ignore
      expect(status).toBe(expected);
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual([
      'E_PATIENT_UNKNOWN',
      'deceased',
      'insured',
      'no-data',
      'not-insured',
    ]);
  });

  test('refuses a facet to a physiotherapist, and the whole question with it', async () => {
    const caller = callerOf(PHYSIOTHERAPIST, 'physiotherapist');
    await expect(ask({ ...MARIE, otherFacets: ['carePath'] }, caller)).rejects.toMatchObject({
      code: 'E_INSURABILITY_REFUSED',
      refusal: { detailCode: 'UNAUTHORIZED_FACET', category: 'profile' },
    });
    expect((await ask({ ...MARIE, otherFacets: ['globalMedicalFile'] }, caller)).reply.insurability.status).toBe('insured');
  }); // prettier-ignore

  test.each([
    ['an unknown patient', { patient: { kind: 'ssin', ssin: parseSsin('99123199643') } }, 'E_PATIENT_UNKNOWN', 'UNKNOWN_NISS_ROUTING'],
    ['another mutuality', { patient: { kind: 'ssin', ssin: parseSsin('85061199814'), mutuality: '101' } }, 'E_PATIENT_UNKNOWN', 'BO_UNKNOWN_NISS'],
    ['a number that only the service sees to be wrong', { patient: { kind: 'ssin', ssin: '85061199815' } }, 'E_INSURABILITY_REFUSED', 'INVALID_INSS_VALUE'],
    ['a stay in hospital of who is in none', { hospitalized: true }, 'E_INSURABILITY_REFUSED', 'MISMATCHED_CONTACTTYPE'],
    ['a day to come', { from: day('2026-02-10'), to: day('2026-02-10') }, 'E_INSURABILITY_REFUSED', 'START_DATE_IN_FUTURE'],
    ['a period that ends before it starts', { from: day('2026-02-09'), to: day('2026-02-01') }, 'E_INSURABILITY_REFUSED', 'INVALID_PERIOD'],
    ['a period too old', { from: day('2020-01-01'), to: day('2020-01-01') }, 'E_INSURABILITY_REFUSED', 'PERIOD_TOO_FAR_IN_PAST'],
    ['a facet that does not exist', { otherFacets: ['horoscope'] }, 'E_INTERNAL', 'UNKNOWN_FACET'],
  ] as [string, Partial<MemberDataQuery>, string, string][])('refuses %s', async (_, more, code, detail) => {
    await expect(ask({ ...MARIE, ...more })).rejects.toMatchObject({ code, refusal: { detailCode: detail } });
  }); // prettier-ignore

  test('a wrong SSIN reaches no error', async () => {
    const error: unknown = await ask({ ...MARIE, patient: { kind: 'ssin', ssin: parseSsin('99123199643') } }).catch((reason: unknown) => reason); // prettier-ignore
    expect(error).toBeInstanceOf(MemberDataRefusal);
    expect(JSON.stringify({ ...(error as object), message: String(error) })).not.toContain('99123199643'); // prettier-ignore
  });

  test('another number than the token is a fault of the question', async () => {
    const caller = callerOf();
    const careProvider = { ...caller.origin.careProvider, nihii: '19999123004' as never };
    await expect(ask(MARIE, { ...caller, origin: { ...caller.origin, careProvider } })).rejects.toMatchObject({ refusal: { detailCode: 'CROSSCHECK_ISSUER', category: 'client' } }); // prettier-ignore
  });
});

describe('what the platform does wrong', () => {
  const fail = (kind: string, times: number | null = null): FaultRule[] => [
    { target: 'memberdata', kind, times, after: 0 },
  ];

  test.each([
    ['an answer to somebody else', 'wrong-holder', 'E_REPLY_INVALID'],
    ['half an answer', 'truncated', 'E_XML_MALFORMED'],
    ['a document type', 'xml:dtd', 'E_XML_MALFORMED'],
    ['entities that grow', 'xml:bomb', 'E_XML_MALFORMED'],
    ['nesting without end', 'xml:deep', 'E_XML_LIMIT'],
  ])('%s is refused', async (_, kind, code) => {
    world.sandbox.state.faults = fail(kind);
    await expect(ask()).rejects.toMatchObject({ code });
  });

  test('facts in another order are the same facts', async () => {
    const { reply } = await ask();
    world.sandbox.state.faults = fail('reordered');
    expect((await ask()).reply.insurability).toEqual(reply.insurability);
  });

  test.each([
    ['SOA-01001', 'session', false, 'topaz session open --force'],
    ['SOA-01002', 'profile', false, 'mycarenet.license'],
    ['SOA-02001', 'platform', true, 'later'],
    ['SOA-03006', 'client', false, 'report'],
    ['SOA-99999', 'platform', false, ''],
  ])('%s: %s must act', async (code, category, retryable, hint) => {
    world.sandbox.state.faults = fail(`fault:${code}`);
    const error: unknown = await ask().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SoapFaultError);
    expect(error).toMatchObject({
      code: 'E_SOAP_FAULT',
      faultCode: code,
      details: { faultCode: code, category, retryable },
      hint: expect.stringContaining(hint) as unknown,
    });
  });
});

describe('signed assertions', () => {
  const PAUL: MemberDataQuery = { ...QUERY, patient: { kind: 'ssin', ssin: parseSsin('60031599728') } };

  test('those of a known signer are read from what was signed', async () => {
    const { reply } = await ask(PAUL);
    expect(reply.insurability).toMatchObject({ status: 'insured', periods: [{ mutuality: '509', bim: true }] });
    expect(reply.warnings).toEqual([]);
    expect(world.checks().find(({ name }) => name === 'answerDetailSchema')?.state).not.toBe('failed');
  });

  test('of an unknown signer it is told', async () => {
    const { reply } = await ask(PAUL, { ...callerOf(), roots: [] });
    expect(reply.insurability.status).toBe('insured');
    expect(reply.warnings).toMatchObject([{ code: 'SIGNATURE_NOT_CHECKED', source: 'TOPAZ' }]);
  });

  test.each([MARIE, PAUL])('changed after they were signed, nothing is used', async (query) => {
    world.sandbox.state.faults = [{ target: 'memberdata', kind: 'bad-signature', times: null, after: 0 }];
    await expect(ask(query)).rejects.toMatchObject({ code: 'E_SIGNATURE_INVALID', exitCode: 9 });
  });
}); // prettier-ignore

describe('consultPatiently', () => {
  const patiently = (query = MARIE) => consultPatiently(call, URL, callerOf(), query, OPTIONS);
  const fail = (kind: string, times: number | null): void => {
    world.sandbox.state.faults = [{ target: 'memberdata', kind, times, after: 0 }];
  };
  const references = (): string[] =>
    sent.map((xml) => /InputReference>([^<]+)</.exec(xml)?.[1] ?? '');

  test.each([
    ['fault:SEND_TO_IM_EXCEPTION', 2],
    ['fault:BO_EXCEPTION', 1],
    ['fault:SOA-02002', 2],
  ])('asks again after %s, with a reference of its own', async (kind, times) => {
    fail(kind, times);
    const { reply, reference } = await patiently();
    expect(reply.insurability.status).toBe('insured');
    expect(waited).toEqual([1000, 3000].slice(0, times));
    expect(new Set(references()).size).toBe(times + 1);
    expect(references().at(-1)).toBe(reference);
  });

  test.each([
    ['fault:SEND_TO_IM_EXCEPTION', 3, 'E_INSURABILITY_REFUSED'],
    ['fault:SOA-02001', 3, 'E_SOAP_FAULT'],
    ['fault:SOA-00001', 1, 'E_SOAP_FAULT'],
    ['fault:SOA-01001', 1, 'E_SOAP_FAULT'],
    ['fault:UNKNOWN_IO', 1, 'E_PATIENT_UNKNOWN'],
    ['fault:BO_UNKNOWN_NISS', 1, 'E_PATIENT_UNKNOWN'],
    ['wrong-holder', 1, 'E_REPLY_INVALID'],
  ])('gives up after %s, %s times asked', async (kind, tries, code) => {
    fail(kind, null);
    await expect(patiently()).rejects.toMatchObject({ code });
    expect(sent.length).toBe(tries);
  });

  test.each([
    ['E_NETWORK_RESET', undefined, 3],
    ['E_NETWORK_HTTP', 503, 3],
    ['E_NETWORK_HTTP', 404, 1],
    ['E_NETWORK_TIMEOUT', undefined, 1],
    ['E_NETWORK_TLS', undefined, 1],
  ] as const)('after %s %s it asked %s times', async (code, httpStatus, tries) => {
    let times = 0;
    const failing: Call = () => {
      times += 1;
      return Promise.reject(
        new TopazError(code, 'of the test', httpStatus === undefined ? {} : { details: { httpStatus } }),
      );
    };
    await expect(consultPatiently(failing, URL, callerOf(), MARIE, OPTIONS)).rejects.toMatchObject({ code });
    expect(times).toBe(tries);
  }); // prettier-ignore

  test.each([
    ['SOA-00001', undefined, 2],
    ['SOA-00001', false, 1],
    ['SOA-02002', undefined, 3],
    ['SOA-02002', false, 1],
    ['SOA-03006', true, 3],
  ])('%s with Retry %s is asked %s times: what the fault says wins', async (faultCode, retry, tries) => {
    let times = 0;
    const failing: Call = () => {
      times += 1;
      return Promise.reject(new SoapFaultError({ service: 'memberdata', statusCode: 500, faultCode, faultString: '', retry }));
    };
    await expect(consultPatiently(failing, URL, callerOf(), MARIE, OPTIONS)).rejects.toBeInstanceOf(SoapFaultError);
    expect(times).toBe(tries);
  }); // prettier-ignore
});
