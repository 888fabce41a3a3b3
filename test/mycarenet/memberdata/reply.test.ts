import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

import { describe, expect, test } from '@jest/globals';

import { parseSsin } from '../../../src/ids/ssin.js';
import { readResponse } from '../../../src/mycarenet/memberdata/assertions.js';
import { toInsurability } from '../../../src/mycarenet/memberdata/insurability.js';
import { MemberDataRefusal } from '../../../src/mycarenet/memberdata/refusal.js';
import { readMemberDataReply } from '../../../src/mycarenet/memberdata/reply.js';
import type { Asked, MemberDataReply } from '../../../src/mycarenet/memberdata/reply.js';
import { elements } from '../../../src/xml/query.js';
import { readXml } from '../../../src/xml/read.js';
import { hasShared, SHARED } from '../../support/tools.js';
import { assertion, envelope, fault, patientData, period, response } from './answers.js';
import type { EnvelopeText, ResponseText } from './answers.js';
import { day, NO_TRUST, QUERY } from './values.js';

const ASKED: Asked = {
  requestId: 'ID_1',
  inputReference: 'TOPZ0000000001',
  query: QUERY,
  trust: NO_TRUST,
};

const read = (text: ResponseText, asked: Partial<Asked> = {}): MemberDataReply =>
  readMemberDataReply(readXml(envelope({ content: response(text) })), { ...ASKED, ...asked });

const readEnvelope = (text: EnvelopeText): MemberDataReply =>
  readMemberDataReply(readXml(envelope(text)), ASKED);

function refusal(work: () => unknown): MemberDataRefusal {
  try {
    work();
  } catch (error) {
    if (error instanceof MemberDataRefusal) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

const examples = hasShared() ? describe : describe.skip;

examples('the examples of the fact sheets', () => {
  const file = (name: string): Buffer => readFileSync(join(SHARED, 'examples/mycarenet', name));
  const ask = (name: string, reference: string, more: Partial<Asked['query']> = {}) =>
    readMemberDataReply(readXml(file(name)), {
      requestId: 'ID_1770624751000-1',
      inputReference: reference,
      query: { ...QUERY, ...more },
      trust: NO_TRUST,
    });

  test('insured, increased reimbursement, third party', () => {
    const reply = ask('mda-sync-response-insured-bim.xml', 'TOPZ0000000001');
    expect(reply.insurability).toEqual({
      status: 'insured',
      patient: {
        ssin: '85071599796',
        ssinChanged: false,
        lastName: 'Fictief',
        firstName: 'Luc',
        birthDate: '1985-07-15',
        sex: 'male',
        deceasedOn: null,
      },
      periods: [
        {
          from: '2026-02-09',
          to: '2026-02-09',
          mutuality: '319',
          federation: '300',
          membershipNumber: '0001234567890',
          ct1: '111',
          ct2: '111',
          bim: true,
          communicatedOn: '2026-02-09',
        },
      ],
      thirdPartyPayer: true,
      generalSituation: null,
      transfers: [],
      medicalHouse: [],
      others: [],
      remarks: [],
    });
    expect(reply.warnings).toEqual([]);
    expect(reply.references).toEqual({
      input: 'TOPZ0000000001',
      nip: 'N2602090001234',
      output: 'O2602090005678',
    });
    expect(reply.answeredAt?.toISOString()).toBe('2026-02-09T08:12:32.512Z');
    expect(reply.assertions.map(({ type, issuer }) => `${type} ${issuer}`)).toEqual([
      'insurability:patientData IO-BE-300',
      'insurability:period IO-BE-300',
      'insurability:payment IO-BE-300',
    ]);
  });

  test('mutation: two periods at two mutualities, a warning, a medical house, a chronic condition', () => {
    const { insurability, warnings } = ask('mda-sync-response-mutation-partial.xml', 'TOPZ0000000003', {
      from: day('2026-02-01'),
      to: day('2026-02-28'),
      otherFacets: ['chronicCondition'],
    });
    expect(insurability).toMatchObject({
      status: 'insured',
      periods: [
        { from: '2026-02-01', to: '2026-02-15', mutuality: '319', federation: '300', bim: false },
        {
          from: '2026-02-16',
          to: '2026-02-28',
          mutuality: '134',
          federation: '100',
          membershipNumber: '8507159971234',
          ct1: '110',
          ct2: '110',
        },
      ],
      thirdPartyPayer: false,
      generalSituation: 'changeDuring',
      medicalHouse: [{ type: 'Kine', from: '2026-02-01', to: '2026-02-28' }],
      chronicConditionYears: [2026],
    });
    expect(warnings).toEqual([
      {
        code: 'MUTATION',
        source: 'MYCARENET',
        message: 'There is a mutation during the requested period',
      },
    ]);
  }); // prettier-ignore

  test('not insured, deceased', () => {
    const { insurability } = ask('mda-sync-response-not-insured-deceased.xml', 'TOPZ0000000005', {
      patient: { kind: 'ssin', ssin: parseSsin('31010199719') },
    });
    expect(insurability).toMatchObject({
      status: 'deceased',
      patient: { lastName: 'Imaginaire', sex: 'female', deceasedOn: '2025-11-30', ssinChanged: false },
      periods: [],
      generalSituation: 'closedBefore',
    });
    expect(insurability).not.toHaveProperty('thirdPartyPayer');
  }); // prettier-ignore

  test('unknown patient', () => {
    const error = refusal(() => ask('mda-sync-response-unknown-ssin.xml', 'TOPZ0000000006'));
    expect(error.code).toBe('E_PATIENT_UNKNOWN');
    expect(error.exitCode).toBe(7);
    expect(error.details).toEqual({
      service: 'mda',
      detailCode: 'UNKNOWN_NISS_ROUTING',
      level1: 'Responder',
      level2: 'InputError',
      faultCode: 'INPUT_ERROR',
      source: 'MYCARENET',
      location: '*:AttributeQuery/*:Subject/*:NameID',
      message: 'Inss not found on Routing algorithm',
      category: 'input',
      retryable: false,
      references: {
        input: 'TOPZ0000000006',
        nip: 'N2602090001234',
        output: 'O2602090005678',
      },
    });
    expect(error.facts).toEqual([
      'MYCARENET: UNKNOWN_NISS_ROUTING Inss not found on Routing algorithm',
      'references TOPZ0000000006, N2602090001234, O2602090005678',
    ]);
  });

  test('a facet that the profession may not read', () => {
    const error = refusal(() => ask('mda-sync-response-error-unauthorized-facet.xml', 'TOPZ0000000007')); // prettier-ignore
    expect(error).toMatchObject({
      code: 'E_INSURABILITY_REFUSED',
      hint: 'ask again without that --facet',
      refusal: {
        detailCode: 'UNAUTHORIZED_FACET',
        faultCode: 'AUTHORIZATION_ERROR',
        level1: 'Requester',
        level2: 'AttributeQueryError',
        category: 'profile',
        retryable: false,
      },
    });
  });

  test('a Fault without any namespace', () => {
    const inner = file('mda-response-error-unqualified-fault.inner.xml');
    const payload = readXml(envelope({ content: inner, reference: 'TOPZ0000000003' }));
    const error = refusal(() =>
      readMemberDataReply(payload, { ...ASKED, inputReference: 'TOPZ0000000003' }),
    );
    expect(error).toMatchObject({
      code: 'E_INSURABILITY_REFUSED',
      hint: 'ask again without --hospitalized',
      refusal: {
        detailCode: 'MISMATCHED_CONTACTTYPE',
        source: 'Insurability',
        message: 'contactType is hospitalized but the member is not hospitalized',
      },
    });
  });

  test.each([
    'mda-response-insured-bim.inner.xml',
    'mda-response-mutation-partial.inner.xml',
    'mda-response-not-insured-deceased.inner.xml',
    'mda-response-unknown-ssin.inner.xml',
    'mda-response-error-unauthorized-facet.inner.xml',
  ])('%s is what its envelope holds', (name) => {
    const outer = readXml(file(name.replace('mda-', 'mda-sync-').replace('.inner', '')));
    const [returned] = elements(outer);
    const [, detail] = elements(returned);
    const base64 = detail?.children.map((node) => (node.kind === 'text' ? node.text : '')).join('');
    expect(readResponse(readXml(Buffer.from(base64 ?? '', 'base64')))).toEqual(
      readResponse(readXml(file(name))),
    );
  });

  test('the answers of a batch are read one by one', () => {
    const status = (name: string): string[] =>
      elements(readXml(file(name))).map((root) => {
        const { level1, assertions, faults, inResponseTo } = readResponse(root);
        const asked = { ssin: undefined, from: day('2026-02-09'), to: day('2026-02-09'), chronicCondition: false }; // prettier-ignore
        return `${inResponseTo} ${level1 === 'Success' ? toInsurability(assertions, asked).status : faults[0]?.details[0]?.code}`;
      });
    expect(status('mda-async-response-list-1.inner.xml')).toEqual(['_TOPZB000000001 insured']);
    expect(status('mda-async-response-list-2.inner.xml')).toEqual([
      '_TOPZB000000002 insured',
      '_TOPZB000000003 UNKNOWN_NISS_ROUTING',
    ]);
  });

  test('a sealed answer to a question in clear is refused', () => {
    expect(() => ask('mda-sync-response-encrypted.xml', 'TOPZ0000000001')).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
  });
});

describe('whose answer it is', () => {
  test.each([
    ['without the underscore in front', 'TOPZ0000000001'],
    ['as it should be', '_TOPZ0000000001'],
  ])('it names the query, %s', (_, inResponseTo) => {
    expect(read({ inResponseTo, assertions: [period()] }).insurability.status).toBe('insured');
  });

  test.each([
    ['another query', { content: response({ inResponseTo: '_TOPZ0000000002', assertions: [period()] }) }],
    ['no query', { content: response({ inResponseTo: '', assertions: [period()] }) }],
    ['another request', { requestId: 'ID_other' }],
    ['another reference', { reference: 'TOPZ0000000002' }],
  ])('an answer that names %s is refused', (_, text) => {
    expect(() => readEnvelope(text)).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID', message: 'this is the answer to another question' }),
    );
  }); // prettier-ignore

  test('a refusal may name no query: it may come from where it was not read', () => {
    const text = { level1: 'Requester', level2: 'RequestError', detail: fault('CROSSCHECK_ID') };
    expect(refusal(() => read({ ...text, inResponseTo: '' })).refusal.detailCode).toBe('CROSSCHECK_ID'); // prettier-ignore
    expect(() => read({ ...text, inResponseTo: '_other' })).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
  });

  test('facts about two patients are not mixed', () => {
    const other = assertion({
      subject: '<saml2:NameID Format="urn:be:fgov:person:ssin">08022999889</saml2:NameID>',
    });
    expect(() => read({ assertions: [patientData(), other] })).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID', message: 'the answer is about more than one patient' }),
    );
  }); // prettier-ignore

  test('a replaced number is said', () => {
    const reply = read({
      assertions: [patientData({ 'urn:be:fgov:person:ssin': '85471599781' }), period()],
    });
    expect(reply.insurability.patient).toMatchObject({ ssin: '85471599781', ssinChanged: true });
    expect(reply.warnings.map(({ code, source }) => `${source} ${code}`)).toEqual([
      'TOPAZ SSIN_CHANGED',
    ]);
  });

  test('asked by membership number, the SSIN of the answer is no surprise', () => {
    const query = { ...QUERY, patient: { kind: 'registration', registration: '1', mutuality: '319' } as const }; // prettier-ignore
    const { insurability } = read({ assertions: [patientData(), period()] }, { query });
    expect(insurability.patient?.ssinChanged).toBe(false);
  });
});

describe('how it is read', () => {
  const days = (from: string, until: string) => ({
    from: `${from}T00:00:00.000+01:00`,
    until: `${until}T00:00:00.000+01:00`,
  });

  test.each([
    ['nothing at all', [], 'no-data'],
    ['only a facet beside', [assertion({ type: 'globalMedicalFile' })], 'no-data'],
    ['a patient without period', [patientData()], 'not-insured'],
    ['only an event', [assertion({ type: 'insurability:generalSituation', attributes: { 'generalSituation:event': 'startLater' } })], 'not-insured'],
    ['a period before the day', [patientData(), period({}, days('2026-01-01', '2026-02-09'))], 'not-insured'],
    ['a period after the day', [patientData(), period({}, days('2026-02-10', '2026-03-01'))], 'not-insured'],
    ['a period on the day', [period()], 'insured'],
    ['a period around the day', [period({}, days('2026-01-01', '2027-01-01'))], 'insured'],
    ['a dead patient without period', [patientData({ 'careReceiver:deceasedDate': '2026-02-01' })], 'deceased'],
    ['a dead patient with a period on the day', [patientData({ 'careReceiver:deceasedDate': '2026-02-09' }), period()], 'insured'],
  ])('%s is "%s"', (_, assertions, status) => {
    expect(read({ assertions: assertions }).insurability.status).toBe(status);
  }); // prettier-ignore

  test.each([
    ['110', '110', false], ['111', '111', true], ['111', '110', false], ['110', '111', false], ['121', '481', true],
    ['131', '911', true], ['480', '000', false],
  ])('CT1 %s and CT2 %s: BIM %s', (cb1, cb2, bim) => {
    expect(read({ assertions: [period({ cb1, cb2 })] }).insurability.periods[0]?.bim).toBe(bim);
  }); // prettier-ignore

  test('a missing code leaves BIM out, an empty one too', () => {
    const [first] = read({ assertions: [period({ cb2: '' })] }).insurability.periods;
    expect(first).toMatchObject({ ct1: '110' });
    expect(first).not.toHaveProperty('ct2');
    expect(first).not.toHaveProperty('bim');
  });

  test('codes outside the lists are kept and told', () => {
    const reply = read({ assertions: [period({ cb1: '777', cb2: '888' })] });
    expect(reply.insurability.periods[0]).toMatchObject({ ct1: '777', ct2: '888' });
    expect(reply.warnings.map(({ code, message }) => `${code} ${message}`)).toEqual([
      'CT_UNKNOWN CT1 777 is not in the list of known codes',
      'CT_UNKNOWN CT2 888 is not in the list of known codes',
    ]);
  });

  test.each([
    ['134', '100'], ['319', '300'], ['690', '690'], ['601', '600'], ['900', '900'],
  ])('mutuality %s is one of the federation %s', (mutuality, federation) => {
    const { periods } = read({ assertions: [period({ 'careReceiver:mutuality': mutuality })] }).insurability;
    expect(periods[0]).toMatchObject({ mutuality, federation });
  }); // prettier-ignore

  test.each(['750', '999', '12', 'X'])('the federation of "%s" is not known', (mutuality) => {
    const { periods } = read({ assertions: [period({ 'careReceiver:mutuality': mutuality })] }).insurability; // prettier-ignore
    expect(periods[0]).not.toHaveProperty('federation');
  });

  test.each([
    ['True', true], ['true', true], ['TRUE', true], ['False', false], ['false', false],
  ])('payment by the mutuality: %s', (text, expected) => {
    const payment = assertion({ type: 'insurability:payment', attributes: { 'payment:byIO': text } });
    expect(read({ assertions: [payment] }).insurability.thirdPartyPayer).toBe(expected);
  }); // prettier-ignore

  test('periods come in the order of the days, whatever the order of the answer', () => {
    const { periods } = read({
      assertions: [
        period({ cb1: '121' }, days('2026-02-16', '2026-03-01')),
        period({}, days('2026-02-01', '2026-02-16')),
      ],
    }).insurability;
    expect(periods.map(({ from, to }) => `${from} ${to}`)).toEqual([
      '2026-02-01 2026-02-15',
      '2026-02-16 2026-02-28',
    ]);
  });

  test('days hold when the clock changes inside, and without offset', () => {
    const { periods } = read({
      assertions: [
        period({}, { from: '2026-03-29T00:00:00', until: '2026-03-30T00:00:00' }),
        period({}, { from: '2026-10-24T22:00:00Z', until: '2026-10-25T23:00:00Z' }),
      ],
    }).insurability;
    expect(periods.map(({ from, to }) => `${from} ${to}`)).toEqual([
      '2026-03-29 2026-03-29',
      '2026-10-25 2026-10-25',
    ]);
  });

  test('invoicing brings the approval', () => {
    const { periods } = read({ assertions: [period({ paymentApproval: 'A-1' })] }).insurability;
    expect(periods[0]?.paymentApproval).toBe('A-1');
  });

  test('hospital, transfers and medical house by the ending of names that were never seen', () => {
    const { insurability } = read({
      assertions: [
        assertion({
          type: 'hospitalisation',
          attributes: {
            'hospitalisation:hospital': '71022212000',
            'hospitalisation:admissionDate': '2026-02-01+01:00',
            'hospitalisation:admissionService': '220',
          },
        }),
        assertion({
          type: 'insurability:generalSituation',
          attributes: {
            'generalSituation:event': 'multiple',
            'generalSituation:transfer:direction': ['fromOtherIo', 'toOtherIo'],
            'generalSituation:transfer:io': ['300', '100'],
            'generalSituation:transfer:date': ['2026-01-01', '2026-02-01'],
          },
        }),
        assertion({
          type: 'medicalHouse',
          attributes: {
            'medicalHouse:type': 'Medical',
            'medicalHouse:startDate': '2025-01-01',
            'medicalHouse:name': 'Maison Exemple',
            'medicalHouse:nihii': '89547133000',
          },
        }),
      ],
    });
    expect(insurability).toMatchObject({
      hospitalisation: { hospital: '71022212000', admittedOn: '2026-02-01', service: '220' },
      generalSituation: 'multiple',
      transfers: [
        { direction: 'fromOtherIo', organisation: '300', date: '2026-01-01' },
        { direction: 'toOtherIo', organisation: '100', date: '2026-02-01' },
      ],
      medicalHouse: [
        {
          type: 'Medical',
          from: '2025-01-01',
          to: '2026-02-09',
          name: 'Maison Exemple',
          nihii: '89547133000',
        },
      ],
    });
  });

  test('asked about a chronic condition and told of none: an empty list, not a missing one', () => {
    const query = { ...QUERY, otherFacets: ['chronicCondition'] as const };
    expect(read({ assertions: [period()] }, { query }).insurability.chronicConditionYears).toEqual([]); // prettier-ignore
    expect(read({ assertions: [period()] }).insurability).not.toHaveProperty('chronicConditionYears'); // prettier-ignore
  });

  test('nothing unknown makes an answer fail, and nothing of it is lost', () => {
    const reply = read({
      assertions: [
        period({ 'urn:be:something:new': ['1', '2'], noValue: [] }),
        assertion({
          type: 'horoscope',
          subject: '',
          attributes: { sign: 'Leo', sign2: '<a xmlns="">b<c>d</c></a>' },
        }),
        '<saml2:Assertion ID="_x"/>',
      ],
    });
    expect(reply.insurability.status).toBe('insured');
    expect(reply.insurability.others).toEqual([
      {
        type: 'horoscope',
        from: '2026-02-09',
        to: '2026-02-09',
        attributes: { sign: ['Leo'], sign2: ['bd'] },
      },
      { type: '', attributes: {} },
    ]);
    expect(reply.assertions[0]?.attributes.get('urn:be:something:new')).toEqual(['1', '2']);
    expect(reply.assertions[0]?.attributes.get('urn:be:cin:nippin:noValue')).toEqual([]);
  });

  test.each([
    ['without days', assertion({ type: 'insurability:period', from: '' })],
    ['with days that are none', period({}, { from: 'soon', until: 'later' })],
    ['that ends before it starts', period({}, days('2026-02-09', '2026-02-08'))],
  ])('a period %s cannot be used', (_, text) => {
    expect(() => read({ assertions: [text] })).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
  });
});

describe('warnings are never dropped', () => {
  const assertions = [period()];

  test('each detail is one', () => {
    const detail = fault('BO_MISSING_FACET', { faultCode: 'WARNING', source: 'IO-BE-300' }).replace(
      '</t:Details>',
      '<t:Detail><t:DetailCode>FACET_EXCEPTION</t:DetailCode><t:DetailSource>CHRONICCONDITION</t:DetailSource></t:Detail></t:Details>',
    );
    const reply = read({ level2: 'PartialAnswer', detail, assertions });
    expect(reply.warnings).toEqual([
      { code: 'BO_MISSING_FACET', source: 'IO-BE-300', message: 'in particular' },
      { code: 'FACET_EXCEPTION', source: 'CHRONICCONDITION', message: 'general' },
    ]);
  });

  test.each([
    ['no Fault', undefined, { code: 'PartialAnswer', source: 'MYCARENET' }],
    ['a Fault without details', '<Fault><FaultCode>WARNING</FaultCode><Message>some</Message></Fault>', { code: 'WARNING', source: 'MYCARENET', message: 'some' }],
    ['an empty Fault', '<Fault/>', { code: 'PartialAnswer', source: 'MYCARENET' }],
    ['a Fault in the namespace of the types', '<f:Fault xmlns:f="urn:be:cin:types:v1"><f:Details><f:Detail><f:DetailCode>MUTATION</f:DetailCode></f:Detail></f:Details></f:Fault>', { code: 'MUTATION', source: 'MYCARENET' }],
  ])('a partial answer with %s', (_, detail, warning) => {
    const reply = read({ level2: 'PartialAnswer', ...(detail === undefined ? {} : { detail }), assertions });
    expect(reply.warnings).toEqual([warning]);
    expect(reply.insurability.status).toBe('insured');
  }); // prettier-ignore
});

describe('refusals', () => {
  const refused = (level1: string, level2: string, detail?: string): MemberDataRefusal =>
    refusal(() => read({ level1, level2, ...(detail === undefined ? {} : { detail }) }));

  test.each([
    ['UNKNOWN_NISS_ROUTING', 'E_PATIENT_UNKNOWN', false],
    ['UNKNOWN_IO', 'E_PATIENT_UNKNOWN', false],
    ['BO_UNKNOWN_NISS', 'E_PATIENT_UNKNOWN', false],
    ['BO_UNKNOWN_REGNBR', 'E_PATIENT_UNKNOWN', false],
    ['INVALID_INSS_VALUE', 'E_INSURABILITY_REFUSED', false],
    ['MULTIPLE_IO', 'E_INSURABILITY_REFUSED', false],
    ['SEND_TO_IM_EXCEPTION', 'E_INSURABILITY_REFUSED', true],
    ['BO_EXCEPTION', 'E_INSURABILITY_REFUSED', true],
    ['CROSSCHECK_ID', 'E_INTERNAL', false],
    ['MISSING_DIMENSION', 'E_INTERNAL', false],
  ])('%s is %s, retry %s', (code, ours, retryable) => {
    const error = refused('Responder', 'InternalError', fault(code));
    expect(error.code).toBe(ours);
    expect(error.refusal.retryable).toBe(retryable);
    expect(error.hint).not.toBe('');
    expect(error.message).toMatch(/^[a-zM].*[^.]$/);
  });

  test('a code that is new is told word for word, and not retried', () => {
    const error = refused('Responder', 'InternalError', fault('SOMETHING_NEW'));
    expect(error).toMatchObject({
      code: 'E_INSURABILITY_REFUSED',
      refusal: { detailCode: 'SOMETHING_NEW', category: 'platform', retryable: false },
    });
    expect(refused('Requester', 'InputError', fault('toString')).refusal.category).toBe('input');
  });

  test('without Fault the status codes are told', () => {
    const error = refused('Responder', 'InternalError');
    expect(error.refusal.detailCode).toBeUndefined();
    expect(error.facts[0]).toBe('MyCareNet: Responder/InternalError');
  });

  test('an SSIN in the text of the service is masked', () => {
    const detail = fault('BO_EXCEPTION').replace('in particular', 'no member 85071599796 or 85.07.15-997.96 here'); // prettier-ignore
    const error = refused('Responder', 'InternalError', detail);
    expect(JSON.stringify([error.facts, error.details])).not.toMatch(/997[.]?96/);
    expect(error.refusal.message).toBe('no member 85.07.15-***.** or 85.07.15-***.** here');
  });

  test('the explanation of the command comes before the words of the service', () => {
    const { refusal: details } = refused('Responder', 'InputError', fault('MULTIPLE_IO'));
    const explained = new MemberDataRefusal(details, 'plusieurs mutualités');
    expect(explained.facts[0]).toBe('plusieurs mutualités');
    expect(explained.code).toBe('E_INSURABILITY_REFUSED');
  });
});

describe('hostile and broken answers', () => {
  const bomb = `<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${response().replace('IO-BE-300', '&b;')}`;

  test.each([
    ['a document type in the blob', 'E_XML_MALFORMED', { content: `<!DOCTYPE r SYSTEM "file:///etc/hostname">${response()}` }],
    ['entities in the blob', 'E_XML_MALFORMED', { content: bomb }],
    ['no XML in the blob', 'E_XML_MALFORMED', { content: 'hello' }],
    ['an empty blob', 'E_XML_MALFORMED', { content: '' }],
    ['bytes that are no UTF-8', 'E_XML_MALFORMED', { content: Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e) }],
    ['UTF-16 in the blob', 'E_XML_MALFORMED', { content: Buffer.from(`\uFEFF${response()}`, 'utf16le') }],
    ['a cut document', 'E_XML_MALFORMED', { content: response({ assertions: [period()] }).slice(0, -20) }],
    ['deep nesting', 'E_XML_LIMIT', { content: `${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}` }],
    ['another document', 'E_REPLY_INVALID', { content: '<a/>' }],
    ['a Response of SAML 1.1', 'E_REPLY_INVALID', { content: '<p:Response xmlns:p="urn:oasis:names:tc:SAML:1.0:protocol"/>' }],
    ['a Response without status', 'E_REPLY_INVALID', { content: '<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" InResponseTo="_TOPZ0000000001"/>' }],
    ['two statuses', 'E_REPLY_INVALID', { content: response().replace(/(<saml2p:Status>.*<\/saml2p:Status>)/, '$1$1') }],
    ['two sets of conditions', 'E_REPLY_INVALID', { content: response({ assertions: [period().replace(/(<saml2:Conditions[^>]*>)/, '$1$1')] }) }],
    ['a wrong hash', 'E_SIGNATURE_INVALID', { detail: `ContentType="text/xml" ContentEncoding="none" HashValue="${Buffer.alloc(32).toString('base64')}"` }],
    ['a bomb in the blob', 'E_REPLY_TOO_LARGE', { detail: 'ContentType="text/xml" ContentEncoding="deflate"', content: deflateRawSync(Buffer.alloc(64 * 1024 * 1024, 0x20)) }],
    ['a sealed blob', 'E_REPLY_INVALID', { detail: 'ContentType="text/xml" ContentEncoding="none" ContentEncryption="encryptedForKnownBED"' }],
  ] as [string, string, EnvelopeText][])('%s is %s', (_, code, text) => {
    expect(() => readEnvelope(text)).toThrow(expect.objectContaining({ code }));
  }); // prettier-ignore

  test.each([
    ['another message', '<a/>'],
    ['a message without Return', '<m:MemberDataConsultationResponse xmlns:m="urn:be:fgov:ehealth:mycarenet:memberdata:protocol:v1"/>'],
    ['two Details', envelope().replace(/(<mcp:Detail.*<\/mcp:Detail>)/, '$1$1')],
  ])('%s is refused', (_, xml) => {
    expect(() => readMemberDataReply(readXml(xml), ASKED)).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
  }); // prettier-ignore

  test('a period hidden elsewhere in the document is not taken for one of the answer', () => {
    const hidden = response({ detail: `<Fault>${period()}</Fault>`, level2: 'PartialAnswer' });
    const { insurability } = readEnvelope({ content: hidden });
    expect(insurability.status).toBe('no-data');
  });

  test('terminal control characters stay text, and names of prototypes are names', () => {
    const text = period({ '__proto__': 'x', 'careReceiver:mutuality': '3\u009b19' });
    const { insurability } = read({ assertions: [text, assertion({ type: '__proto__' })] });
    expect(insurability.periods[0]?.mutuality).toBe('3\u009b19');
    expect(insurability.others[0]?.type).toBe('__proto__');
  }); // prettier-ignore
});
