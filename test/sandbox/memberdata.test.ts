import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { Patient } from '../../src/sandbox/seed.js';
import {
  DOCTOR,
  extensions,
  facet,
  nameId,
  NURSE_GROUP,
  openOtherClient,
  PHYSIOTHERAPIST,
  queryXml,
  ssin,
} from '../mycarenet/other-client.js';
import type { Asked, OtherClient, Question } from '../mycarenet/other-client.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';

const N = 'urn:be:cin:nippin:';
const INSURABILITY = (requestType: string, contactType: string): string =>
  facet(`${N}insurability`, [
    ['requestType', requestType],
    ['contactType', contactType],
  ]);
const FEBRUARY = {
  from: '2026-01-20T00:00:00.000+01:00',
  until: '2026-02-01T00:00:00.000+01:00',
};

const patient = (ssinOf: string, more: Partial<Patient> = {}): Patient => ({
  ssin: ssinOf,
  firstName: 'Nora',
  lastName: 'Fictief',
  gender: 'F',
  birthDate: '1990-05-15',
  mutuality: '319',
  registrationNumber: '0001234567890',
  ct1: '110',
  ct2: '110',
  insured: true,
  ...more,
});

let client: OtherClient;
const seen: Asked[] = [];
const ask: OtherClient['ask'] = async (...args) => {
  const asked = await client.ask(...args);
  seen.push(asked);
  return asked;
};
const detailCodes = ({ inner }: Asked): string[] =>
  [...inner.matchAll(/DetailCode>([^<]+)</g)].map(([, code = '']) => code);
const types = ({ inner }: Asked): string[] =>
  [...inner.matchAll(/AssertionType>urn:be:cin:nippin:([^<]+)</g)].map(([, type = '']) => type);
const values = ({ inner }: Asked, name: string): string[] =>
  [
    ...inner.matchAll(
      new RegExp(`Name="${name}"><saml2:AttributeValue>([^<]*)</saml2:AttributeValue>`, 'g'),
    ),
  ].map(([, value = '']) => value);
const soapCode = ({ body }: Asked): string | undefined => /<Code>([^<]+)</.exec(body)?.[1];

beforeAll(async () => {
  client = await openOtherClient();
  client.sandbox.state.patients.push(
    patient('90451599581', { error: 'MULTIPLE_IO' }),
    patient('08022999889', { mutuality: '601', thirdParty: true, registrationNumber: 'A1' }),
    patient('72090499770', { error: 'ONLY_FIVE_PERIODS_RETURNED' }),
    patient('79031299831', { error: 'SEND_TO_IM_EXCEPTION' }),
    patient('31010199719', { insured: false, deceased: '2025-11-30' }),
  );
});

afterAll(async () => {
  await client.close();
});

describe('a patient of the seed', () => {
  test('insured: patient, period, payment; every check passes and nothing was tolerated', async () => {
    const asked = await ask({});
    expect(asked.status).toBe(200);
    expect(types(asked)).toEqual([
      'insurability:patientData',
      'insurability:period',
      'insurability:payment',
    ]);
    expect(values(asked, `${N}careReceiver:mutuality`)).toEqual(['319']);
    expect(values(asked, `${N}cb1`)).toEqual(['110']);
    expect(values(asked, `${N}payment:byIO`)).toEqual(['False']);
    expect(asked.inner).toContain('InResponseTo="_TOPZ0000000001"');
    expect(asked.body).toContain('InResponseTo="ID_1"');
    expect(asked.body).toContain('<mc:InputReference>TOPZ0000000001</mc:InputReference>');
    expect(asked.checks.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(asked.checks.filter(({ detail }) => detail?.startsWith('tolerated'))).toEqual([]);
  });

  test('increased reimbursement, and the mutuality pays', async () => {
    const asked = await ask({ nameId: ssin('60031599728') });
    expect(values(asked, `${N}cb1`)).toEqual(['111']);
    expect(values(asked, `${N}payment:byIO`)).toEqual(['True']);
  });

  test('dead: no period, the reason and the day', async () => {
    const asked = await ask({ nameId: ssin('31010199719') });
    expect(types(asked)).toEqual(['insurability:patientData', 'insurability:generalSituation']);
    expect(values(asked, `${N}careReceiver:deceasedDate`)).toEqual(['2025-11-30']);
    expect(values(asked, `${N}generalSituation:event`)).toEqual(['closedBefore']);
  });

  test('mutation in the middle of the asked period, with a warning', async () => {
    const asked = await ask({ nameId: ssin('85071599796'), ...FEBRUARY });
    expect(values(asked, `${N}careReceiver:mutuality`)).toEqual(['319', '509']);
    expect(asked.inner).toContain('NotOnOrAfter="2026-01-26T00:00:00.000+01:00"');
    expect(asked.inner).toContain('SAML:status:PartialAnswer');
    expect(detailCodes(asked)).toEqual(['MUTATION']);
  });

  test('a mutation cannot fall inside one day', async () => {
    const asked = await ask({ nameId: ssin('85071599796') });
    expect(values(asked, `${N}careReceiver:mutuality`)).toEqual(['319']);
    expect(detailCodes(asked)).toEqual([]);
  });

  test('no more than five periods are given, and that is said', async () => {
    const asked = await ask({ nameId: ssin('72090499770'), ...FEBRUARY });
    expect(values(asked, `${N}careReceiver:mutuality`)).toHaveLength(5);
    expect(detailCodes(asked)).toEqual(['ONLY_FIVE_PERIODS_RETURNED']);
    expect(asked.inner).toContain('<Fault><FaultCode>WARNING');
  });

  test.each(['noData', 'medicalHouse', 'hospitalised'] as const)('%s', async (key) => {
    const found = client.sandbox.state.patients.find(
      (entry) => entry[key] !== undefined && entry[key] !== false,
    );
    const asked = await ask({
      nameId: ssin(found?.ssin ?? ''),
      extensions: extensions(
        INSURABILITY('invoicing', key === 'hospitalised' ? 'hospitalized' : 'other'),
      ),
    });
    expect(asked.inner).toContain('status:Success"/>');
    const [period, payment] = ['insurability:period', 'insurability:payment'];
    expect(types(asked)).toEqual(
      {
        noData: [],
        medicalHouse: ['insurability:patientData', period, payment, 'medicalHouse'],
        hospitalised: ['insurability:patientData', period, payment, 'hospitalisation'],
      }[key],
    );
    expect(values(asked, `${N}paymentApproval`)).toHaveLength(key === 'noData' ? 0 : 1);
  });

  test('by membership number, and by SSIN at one of several mutualities', async () => {
    const byNumber = await ask({
      nameId: nameId(`${N}careReceiver:registrationNumber@mut`, '0000123456789@319'),
    });
    expect(values(byNumber, 'urn:be:fgov:person:ssin')).toEqual(['85061199814']);
    expect(detailCodes(await ask({ nameId: ssin('90451599581') }))).toEqual(['MULTIPLE_IO']);
    const again = await ask({ nameId: nameId(`${N}member:ssin@mut`, '90451599581@319') });
    expect(values(again, `${N}careReceiver:mutuality`)).toEqual(['319']);
  });

  test('chronic condition: a year, or a mutuality that does not know the facet', async () => {
    const facets = extensions(INSURABILITY('information', 'other'), facet(`${N}chronicCondition`));
    const year = await ask({ nameId: ssin('60031599728'), extensions: facets });
    expect(values(year, `${N}chronicCondition:year`)).toEqual(['2026']);
    const partial = await ask({ nameId: ssin('08022999889'), extensions: facets });
    expect(detailCodes(partial)).toEqual(['BO_MISSING_FACET', 'FACET_EXCEPTION']);
    expect(partial.inner).toContain('<DetailSource>CHRONICCONDITION</DetailSource>');
    expect(types(partial)).toContain('insurability:period');
  });

  test('a period in 1970 is answered, with nothing in it', async () => {
    const asked = await ask({ from: '1970-01-21T00:00:00Z', until: '1970-01-22T00:00:00Z' });
    expect(types(asked)).toEqual([]);
    expect(asked.inner).toContain('status:Success"/>');
  });
});

describe('callers', () => {
  test('a group of nurses, 8 digits in the token and 11 in the request', async () => {
    const asked = await ask(
      {
        quality: 'groupofnurses',
        nihii: '94499180000',
        party: '<mc:Organization><mc:Name>Groupe Exemple</mc:Name></mc:Organization>',
      },
      NURSE_GROUP,
    );
    expect(types(asked)).toContain('insurability:period');
    expect(asked.checks.filter(({ detail }) => detail?.startsWith('tolerated'))).toEqual([]);
  });

  test('a group as a PhysicalPerson is tolerated, as one official client sends it', async () => {
    const asked = await ask(
      {
        quality: 'groupofnurses',
        nihii: '94499180000',
        party: '<mc:PhysicalPerson><mc:Name>Groupe</mc:Name></mc:PhysicalPerson>',
      },
      NURSE_GROUP,
    );
    expect(asked.status).toBe(200);
    expect(asked.checks.some(({ detail }) => detail?.startsWith('tolerated'))).toBe(true);
  });

  test.each<[string, Question, string]>([
    ['no licence password', { license: '<mc:License><mc:Username>u</mc:Username><mc:Password/></mc:License>' }, 'SOA-01002'],
    ['a quality that the token does not hold', { quality: 'nurse' }, 'SOA-01002'],
    ...(hasShared() ? ([['no licence at all', { license: '' }, 'SOA-03006']] as [string, Question, string][]) : []),
  ])('%s is a SOAP fault', async (_, question, code) => {
    const asked = await ask(question);
    expect(asked.status).toBe(500);
    expect(soapCode(asked)).toBe(code);
  }); // prettier-ignore

  test.each<[string, Question]>([
    ['another NIHII number than the token', { nihii: '19999123004' }],
    ['another person than the token', { party: '<mc:PhysicalPerson><mc:Ssin>85061199814</mc:Ssin></mc:PhysicalPerson>' }],
  ])('%s is CROSSCHECK_ISSUER', async (_, question) => {
    const asked = await ask(question);
    expect(detailCodes(asked)).toEqual(['CROSSCHECK_ISSUER']);
    expect(asked.inner).toContain('status:Requester');
  }); // prettier-ignore
});

describe('rules of the broker, each with its code', () => {
  const issuer = (format: string, value: string): string =>
    `<saml:Issuer Format="${format}">${value}</saml:Issuer>`;
  const confirmed = (inside: string, method = `${N}memberIdentification`): Question => ({
    confirmation: `<saml:SubjectConfirmation Method="${method}">${inside}</saml:SubjectConfirmation>`,
  });
  const data = (from: string, until: string): string =>
    `<saml:SubjectConfirmationData ${from} ${until}/>`;
  const facets = (...list: readonly string[]): Question => ({ extensions: extensions(...list) });
  const good = INSURABILITY('information', 'other');

  test.each<[string, Question]>([
    ['CROSSCHECK_ID', { id: '_other' }],
    ['CROSSCHECK_ISSUER', { issuer: issuer(`${N}nihii11`, '19999123004') }],
    ['MISSING_ISSUER_TAG', { issuer: '' }],
    ['MISSING_ISSUER_FORMAT', { issuer: '<saml:Issuer>19547181004</saml:Issuer>' }],
    ['INVALID_ISSUER_FORMAT', { issuer: issuer(`${N}nihii`, '19547181004') }],
    ['INVALID_ISSUER_VALUE', { issuer: issuer(`${N}nihii11`, '19547181') }],
    ['FORBIDDEN_ATTRIBUTES', { extra: '<saml:Attribute Name="a"/>' }],
    ['MISSING_EXTENSIONS_TAG', { extensions: '' }],
    ['MISSING_OR_BAD_EXTENSIONS_TYPE', { extensions: `<samlp:Extensions>${good}</samlp:Extensions>` }],
    ['MISSING_OR_BAD_EXTENSIONS_TYPE', { extensions: `<samlp:Extensions xsi:type="samlp:ExtensionsType">${good}</samlp:Extensions>` }],
    ['UNKNOWN_FACET', facets(facet('insurability'))],
    ['UNKNOWN_FACET', facets(good, facet(`${N}horoscope`))],
    ['DUPLICATED_FACET', facets(good, good)],
    ['INVALID_DIMENSION_ID', facets(facet(`${N}chronicCondition`, [['year', '2026']]))],
    ['MISSING_DIMENSION', facets(facet(`${N}insurability`, [['requestType', 'information']]))],
    ['DUPLICATED_DIMENSION', facets(facet(`${N}insurability`, [['requestType', 'information'], ['requestType', 'invoicing'], ['contactType', 'other']]))],
    ['EMPTY_REQUESTTYPE', facets(INSURABILITY('', 'other'))],
    ['UNALLOWED_REQUESTTYPE', facets(INSURABILITY('gossip', 'other'))],
    ['EMPTY_CONTACTTYPE', facets(INSURABILITY('information', ''))],
    ['UNALLOWED_CONTACTTYPE', facets(INSURABILITY('information', 'by telephone'))],
    ['EMPTY_CAREPATHTYPE', facets(facet(`${N}carePath`, [['carePathType', '']]))],
    ['UNALLOWED_CAREPATHTYPE', facets(facet(`${N}carePath`, [['carePathType', 'flu']]))],
    ['MISMATCHED_CONTACTTYPE', facets(INSURABILITY('information', 'hospitalized'))],
    ['MISSING_NAMEID', { nameId: '' }],
    ['MISSING_NAMEID_FORMAT', { nameId: '<saml:NameID>85061199814</saml:NameID>' }],
    ['INVALID_NAMEID_FORMAT', { nameId: nameId('urn:be:fgov:person:name', '85061199814') }],
    ['INVALID_NAMEID_VALUE', { nameId: nameId(`${N}member:ssin@mut`, '85061199814') }],
    ['EMPTY_INSS', { nameId: ssin('') }],
    ['INVALID_INSS_FORMAT', { nameId: ssin('8506119981') }],
    ['INVALID_INSS_VALUE', { nameId: ssin('85061199815') }],
    ['EMPTY_IO', { nameId: nameId(`${N}member:ssin@mut`, '85061199814@') }],
    ['EMPTY_REG_NUM', { nameId: nameId(`${N}careReceiver:registrationNumber@mut`, '@319') }],
    ['INVALID_IO_FORMAT', { nameId: nameId(`${N}member:ssin@mut`, '85061199814@31') }],
    ['INVALID_IO_VALUE', { nameId: nameId(`${N}member:ssin@mut`, '85061199814@800') }],
    ['BO_UNKNOWN_NISS', { nameId: nameId(`${N}member:ssin@mut`, '85061199814@101') }],
    ['BO_UNKNOWN_REGNBR', { nameId: nameId(`${N}careReceiver:registrationNumber@mut`, '1@319') }],
    ['UNKNOWN_NISS_ROUTING', { nameId: ssin('99123199643') }],
    ['SEND_TO_IM_EXCEPTION', { nameId: ssin('79031299831') }],
    ['MISSING_SUBJECT_CONFIRMATION_TAG', { confirmation: '' }],
    ['INVALID_SUBJECT_CONFIRMATION_METHOD_VALUE', confirmed(data('NotBefore="2026-02-09T00:00:00+01:00"', 'NotOnOrAfter="2026-02-10T00:00:00+01:00"'), 'urn:bearer')],
    ['SUBJECT_CONFIRMATION_WITH_ID', confirmed(`${ssin('85061199814')}${data('NotBefore="2026-02-09T00:00:00+01:00"', 'NotOnOrAfter="2026-02-10T00:00:00+01:00"')}`)],
    ['MISSING_SUBJECT_CONFIRMATION_DATA_TAG', confirmed('')],
    ['EMPTY_STARTDATE', confirmed(data('', 'NotOnOrAfter="2026-02-10T00:00:00+01:00"'))],
    ['EMPTY_ENDDATE', confirmed(data('NotBefore="2026-02-09T00:00:00+01:00"', ''))],
    ['INVALID_PERIOD', { from: '2026-02-09T00:00:00+01:00', until: '2026-02-09T00:00:00+01:00' }],
    ['START_DATE_IN_FUTURE', { from: '2026-02-10T00:00:00+01:00', until: '2026-02-11T00:00:00+01:00' }],
    ['PERIOD_TOO_FAR_IN_PAST', { from: '2021-02-08T00:00:00+01:00', until: '2021-02-09T00:00:00+01:00' }],
  ])('%s', async (code, question) => {
    const asked = await ask(question);
    expect(asked.status).toBe(200);
    expect(detailCodes(asked)).toEqual([code]);
    expect(types(asked)).toEqual([]);
    expect(asked.checks.find(({ name }) => name === 'business')?.detail).toContain(code);
  }); // prettier-ignore

  test('a facet that the profession may not read refuses the whole query', async () => {
    const question = {
      quality: 'physiotherapist',
      nihii: '54998154527',
      extensions: extensions(good, facet(`${N}referencePharmacy`)),
    };
    const asked = await ask(question, PHYSIOTHERAPIST);
    expect(detailCodes(asked)).toEqual(['UNAUTHORIZED_FACET']);
    expect(asked.inner).toContain('<t:FaultCode>AUTHORIZATION_ERROR');
    expect(types(asked)).toEqual([]);
    expect(types(await ask({ extensions: question.extensions }, DOCTOR))).not.toEqual([]);
  });

  test('what the mutuality says has no namespace, what the broker says has', async () => {
    const byMutuality = await ask(facets(INSURABILITY('information', 'hospitalized')));
    expect(byMutuality.inner).toContain('<Fault><FaultCode>INPUT_ERROR</FaultCode><FaultSource>IO-BE-300');
    const byBroker = await ask({ nameId: ssin('99123199643') });
    expect(byBroker.inner).toContain('<t:FaultSource>MYCARENET');
  }); // prettier-ignore
});

describe('the Detail', () => {
  const detail = (content: Buffer, attributes = 'ContentEncoding="none"'): Question => ({
    detail: `<mcp:Detail ContentType="text/xml" ${attributes} Id="_d1">${content.toString('base64')}</mcp:Detail>`,
  });
  const query = Buffer.from(queryXml({}));
  const hash = createHash('sha256').update(query).digest('base64');

  test.each([
    ['deflated because it does not say otherwise', detail(deflateRawSync(query), '')],
    ['deflated', detail(deflateRawSync(query), 'ContentEncoding="deflate"')],
    ['with the right hash, over the inflated bytes', detail(deflateRawSync(query), `HashValue="${hash}"`)],
  ])('%s is read', async (_, question) => {
    expect(types(await ask(question))).toContain('insurability:period');
  }); // prettier-ignore

  test.each([
    ['a wrong hash', detail(query, `ContentEncoding="none" HashValue="${Buffer.alloc(32).toString('base64')}"`)],
    ['an unknown encoding', detail(query, 'ContentEncoding="gzip"')],
    ['clear text said to be deflated', detail(query, 'ContentEncoding="deflate"')],
    ['a bomb', detail(deflateRawSync(Buffer.alloc(64 * 1024 * 1024)), 'ContentEncoding="deflate"')],
    ['no XML', detail(Buffer.from('hello'))],
    ['a document type', detail(Buffer.from(`<!DOCTYPE a SYSTEM "file:///etc/hostname">${queryXml({}).slice(38)}`))],
    ['another document', detail(Buffer.from('<a/>'))],
    ['a sealed one', detail(query, 'ContentEncoding="none" ContentEncryption="encryptedForKnownBED"')],
    ...(hasShared() ? ([['what no rule but the schema refuses', detail(Buffer.from(queryXml({}).replace('Version="2.0"', '')))]] as [string, Question][]) : []),
  ])('%s is refused with SOA-03007', async (_, question) => {
    const asked = await ask(question);
    expect(asked.status).toBe(500);
    expect(soapCode(asked)).toBe('SOA-03007');
  }); // prettier-ignore
});

describe('faults on demand', () => {
  test('a detail code is answered in the form of MemberData, any other as a SOAP fault', async () => {
    const asked = await ask({}, DOCTOR, 'fault:SEND_TO_IM_EXCEPTION');
    expect(asked.status).toBe(200);
    expect(detailCodes(asked)).toEqual(['SEND_TO_IM_EXCEPTION']);
    expect(asked.inner).toContain('InResponseTo="_TOPZ0000000001"');
    expect(soapCode(await ask({}, DOCTOR, 'fault:SOA-02002'))).toBe('SOA-02002');
    expect(soapCode(await ask({}, DOCTOR, 'fault:NO-SUCH'))).toBe('NO-SUCH');
  });

  test('an answer to somebody else, and an answer in another order', async () => {
    expect((await ask({}, DOCTOR, 'wrong-holder')).inner).not.toContain('_TOPZ0000000001"');
    expect(types(await ask({}, DOCTOR, 'reordered'))[0]).toBe('insurability:payment');
  });
});

describe('security', () => {
  test('without token nothing is said, with it a strict sandbox refuses what is only tolerated', async () => {
    const strict = await openOtherClient({ strict: true });
    try {
      expect((await strict.ask({})).status).toBe(200);
      const lenient = await strict.ask({ party: '' });
      expect(soapCode(lenient)).toBe('SOA-03007');
    } finally {
      await strict.close();
    }
  });
});

describe('the examples of the fact sheets', () => {
  const nurse = {
    attributes: [
      {
        namespace: 'urn:be:fgov:identification-namespace',
        name: 'urn:be:fgov:person:ssin',
        values: ['79031299831'],
      },
      {
        namespace: 'urn:be:fgov:certified-namespace:ehealth',
        name: 'urn:be:fgov:person:ssin:ehealth:1.0:nurse:nihii11',
        values: ['49998154401'],
      },
    ],
  };
  const doctor = {
    attributes: [
      {
        namespace: 'urn:be:fgov:certified-namespace:ehealth',
        name: 'urn:be:fgov:person:ssin:ehealth:1.0:doctor:nihii11',
        values: ['19999123004'],
      },
    ],
  };
  const withExamples = hasShared() ? test : test.skip;
  withExamples.each([
    ['mda-sync-request-nurse-clear.xml', nurse],
    ['mda-sync-request-nurse-group-clear.xml', NURSE_GROUP],
    ['mda-sync-request-doctor-regnr-clear.xml', doctor],
  ])('%s is answered and needs no tolerance', async (file, caller) => {
    const text = readFileSync(join(SHARED, 'examples/mycarenet', file), 'utf8');
    const asked = await ask({ payload: text.replace(/^<\?xml[^>]*\?>\s*(<!--[^>]*-->\s*)?/, '') }, caller); // prettier-ignore
    expect(asked.status).toBe(200);
    expect(types(asked)).toContain('insurability:period');
    expect(asked.checks.filter(({ detail }) => detail?.startsWith('tolerated'))).toEqual([]);
  });
});

const judged = hasShared() && hasProgram('xmllint') ? test : test.skip;

judged('xmllint finds every answer above valid, outside and inside', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'topaz-memberdata-answers-'));
  try {
    const write = (name: string, texts: readonly string[]): string[] =>
      texts.map((text, n) => {
        const path = join(folder, `${name}-${n}.xml`);
        writeFileSync(path, text);
        return path;
      });
    const outer = seen.flatMap(({ body }) => /<mda:[\s\S]*<\/mda:[^>]+>/.exec(body)?.[0] ?? []);
    const inner = seen.map((asked) => asked.inner).filter((text) => text !== '');
    expect(inner.length).toBeGreaterThan(60);
    const validate = (schema: string, files: readonly string[]): void => {
      execFileSync('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/mycarenet', schema), ...files], { stdio: 'pipe' }); // prettier-ignore
    };
    validate('memberdata/mycarenet-memberdata-protocol-1_0.xsd', write('outer', outer));
    validate('saml/Extensions.xsd', write('inner', inner));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
