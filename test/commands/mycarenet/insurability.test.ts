/** `topaz mycarenet insurability` up to the question, and from the answer on. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { createRun } from '../../../src/cli/run.js';
import type { Run } from '../../../src/cli/run.js';
import type { Outcome } from '../../../src/commands/mycarenet/insurability-document.js';
import { showOutcomes } from '../../../src/commands/mycarenet/insurability-result.js';
import { faultMeaning } from '../../../src/commands/mycarenet/insurability-text.js';
import { openLicense } from '../../../src/commands/mycarenet/license.js';
import { TopazError } from '../../../src/errors.js';
import { parseSsin } from '../../../src/ids/ssin.js';
import { main } from '../../../src/main.js';
import type { MemberDataQuery } from '../../../src/mycarenet/memberdata/query.js';
import { MemberDataRefusal } from '../../../src/mycarenet/memberdata/refusal.js';
import { readMemberDataReply } from '../../../src/mycarenet/memberdata/reply.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { readProfile, writeProfileFile } from '../../../src/profile/profile.js';
import { readXml } from '../../../src/xml/read.js';
import {
  assertion,
  envelope,
  fault,
  patientData,
  period,
  response,
} from '../../mycarenet/memberdata/answers.js';
import type { ResponseText } from '../../mycarenet/memberdata/answers.js';
import { day, NO_TRUST, QUERY } from '../../mycarenet/memberdata/values.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';
import { hasProgram, hasShared, SHARED } from '../../support/tools.js';

const MARIE = '85061199814';
let home: Awaited<ReturnType<typeof temporaryHome>>;

beforeEach(async () => {
  home = await temporaryHome();
});
afterEach(async () => {
  await home.remove();
});

const profile = (values: Readonly<Record<string, unknown>>): Promise<string> =>
  writeProfileFile(resolvePaths({ env: home.env, platform: 'linux', home: home.dir }), 'test', values); // prettier-ignore

const contextOf = (overrides: ContextOverrides = {}): TestContext =>
  testContext({
    cwd: home.dir,
    home: home.dir,
    ...overrides,
    env: { ...home.env, TOPAZ_PROFILE: 'test', ...overrides.env },
  });

async function topaz(
  words: readonly string[],
  overrides: ContextOverrides = {},
): Promise<TestContext & { readonly status: number }> {
  const ctx = contextOf(overrides);
  return { ...ctx, status: await main(['mycarenet', 'insurability', ...words], ctx) };
}

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly message: string;
  readonly stdout: readonly string[];
}

async function failure(words: readonly string[]): Promise<Failure> {
  const { status, stdout, stderr } = await topaz([...words, '--json']);
  const { error } = JSON.parse(stderr.at(-1) ?? '{}') as { error: Omit<Failure, 'status'> };
  return { ...error, status, stdout };
}

describe('what is checked before anything else', () => {
  test.each([
    ['a wrong check number', ['85061199815']],
    ['one wrong among right ones', [MARIE, '85061199815']],
    ['ten digits', ['8506119981']],
    ['words', ['Marie']],
  ])('%s: E_SSIN_INVALID, without profile or session', async (_, words) => {
    const error = await failure(words);
    expect(error).toMatchObject({ status: 2, code: 'E_SSIN_INVALID', stdout: [] });
    expect(`${error.message} ${error.hint}`).not.toContain('850611998');
  });

  test.each<[string, string[], RegExp]>([
    ['nobody', [], /about whom is not said/],
    ['a membership number without mutuality', ['--registration', '1'], /needs the mutuality/],
    ['an SSIN and a membership number', [MARIE, '--mutuality', '319', '--registration', '1'], /not asked together/],
    ['a mutuality that cannot be', [MARIE, '--mutuality', '800'], /3 digits/],
    ['--on with --from', [MARIE, '--on', 'today', '--from', '2026-02-01'], /exclude each other/],
    ['--from alone', [MARIE, '--from', '2026-02-01'], /go together/],
    ['--to alone', [MARIE, '--to', '2026-02-01'], /go together/],
    ['a day that does not exist', [MARIE, '--on', '2026-02-30'], /takes a day/],
    ['a day in another form', [MARIE, '--on', '01/02/2026'], /takes a day/],
    ['tomorrow', [MARIE, '--on', '2026-03-02'], /in the future/],
    ['a day too long ago', [MARIE, '--on', '2021-02-28'], /5 years/],
    ['a period backwards', [MARIE, '--from', '2026-02-10', '--to', '2026-02-01'], /before it starts/],
    ['a facet that does not exist', [MARIE, '--facet', 'chronicConditon'], /no such facet/],
    ['another purpose', [MARIE, '--request-type', 'gossip'], /does not take this value/],
  ])('%s: E_USAGE', async (_, words, message) => {
    expect(await failure(words)).toMatchObject({
      status: 2,
      code: 'E_USAGE',
      message: expect.stringMatching(message) as unknown,
      stdout: [],
    });
  }); // prettier-ignore

  test('the nearest facet is proposed', async () => {
    expect((await failure([MARIE, '--facet', 'chronicConditon'])).hint).toBe('--facet chronicCondition'); // prettier-ignore
  });

  test('with all in order, the profile is what is missing', async () => {
    expect(await failure([MARIE])).toMatchObject({ status: 3, code: 'E_PROFILE_UNKNOWN' });
  });
});

describe('--dry-run', () => {
  const ACC = {
    environment: 'acc',
    holder: { type: 'SSIN', id: '79021599732' },
    mycarenet: { quality: 'doctor', nihii: '19547181004', name: 'Jean Exemple' },
  };

  test('shows the question to GenIns, in clear', async () => {
    await profile(ACC);
    const { status, stdout } = await topaz([MARIE, '--dry-run', '--service', 'genins', '--json']);
    expect(status).toBe(0);
    const document = JSON.parse(stdout.join('')) as { requests: { body: string }[] };
    expect(document).toMatchObject({
      service: 'genins',
      encrypt: false,
      url: 'https://services-acpt.ehealth.fgov.be/GenericInsurability/v1',
    });
    expect(document.requests[0]?.body).toContain(`<gc:Inss>${MARIE}</gc:Inss>`);
    expect(document.requests[0]?.body).toContain('<gc:Password>***</gc:Password>');
    expect(document.requests[0]).not.toHaveProperty('query');
  });

  test('shows the question without session, keystore or password', async () => {
    await profile(ACC);
    const { status, stdout } = await topaz(['85.06.11-998.14', '--dry-run', '--json']);
    expect(status).toBe(0);
    const document = JSON.parse(stdout.join('')) as { requests: { body: string; query: string }[] };
    expect(document).toMatchObject({
      schema: 'topaz.mycarenet.insurability/1',
      service: 'mda',
      environment: 'acc',
      dryRun: true,
      url: 'https://services-acpt.ehealth.fgov.be/MyCareNet/MemberData/v1',
      requests: [
        {
          request: {
            reference: expect.stringMatching(/^T[0-9A-Z]{13}$/) as unknown,
            patient: { ssin: MARIE },
            from: '2026-03-01',
            to: '2026-03-01',
            requestType: 'information',
            hospitalized: false,
            facets: ['insurability'],
          },
        },
      ],
    });
    const [request] = document.requests;
    expect(request?.body).toContain('<mc:Password>***</mc:Password>');
    expect(request?.body).toContain('<mc:IsTest>true</mc:IsTest>');
    expect(request?.body).toContain('<mc:Ssin>79021599732</mc:Ssin>');
    expect(request?.query).toContain(
      'NotBefore="2026-03-01T00:00:00.000+01:00" NotOnOrAfter="2026-03-02T00:00:00.000+01:00"',
    );
  });

  test('says what the flags mean on the wire; each patient once', async () => {
    await profile(ACC);
    const { stdout } = await topaz([
      MARIE, '85.06.11-998.14', '79021599732', '--from', '2026-02-01', '--to', 'yesterday', '--request-type', 'invoicing',
      '--hospitalized', '--facet', 'carepath', '--facet', 'insurability', '--mutuality', '319', '--dry-run', '--json',
    ]); // prettier-ignore
    const { requests } = JSON.parse(stdout.join('')) as {
      requests: { request: object; query: string }[];
    };
    expect(requests.map(({ request }) => request)).toMatchObject([
      { patient: { ssin: MARIE, mutuality: '319' }, from: '2026-02-01', to: '2026-02-28', requestType: 'invoicing', hospitalized: true, facets: ['insurability', 'carePath'] },
      { patient: { ssin: '79021599732', mutuality: '319' } },
    ]); // prettier-ignore
    expect(requests[0]?.query).toContain(`ssin@mut">${MARIE}@319<`);
    expect(requests[0]?.query).toContain('<Dimension id="contactType">hospitalized</Dimension>');
  });

  test('for a person: where it would go, envelope and question', async () => {
    await profile(ACC);
    const { stdout } = await topaz([MARIE, '--dry-run'], { terminal: true });
    expect(stdout[0]).toContain('Nothing is sent. This would go to https://services-acpt.ehealth.fgov.be/'); // prettier-ignore
    expect(stdout.filter((line) => line.startsWith('<')).map((line) => line.slice(0, 20))).toEqual([
      '<mda:MemberDataConsu',
      '<samlp:AttributeQuer',
    ]);
    const piped = await topaz([MARIE, '--dry-run']);
    expect(piped.stdout.map((line) => line.split('\t').length)).toEqual([2]);
  });

  test('by membership number', async () => {
    await profile(ACC);
    const { stdout } = await topaz(['--mutuality', '319', '--registration', '0001234567890', '--dry-run', '--json']); // prettier-ignore
    expect(JSON.parse(stdout.join(''))).toMatchObject({
      requests: [{ request: { patient: { mutuality: '319', registration: '0001234567890' } } }],
    });
  });

  const judged = hasShared() && hasProgram('xmllint') ? test : test.skip;
  judged('what it shows is what the schemas want', async () => {
    await profile(ACC);
    const { stdout } = await topaz([MARIE, '--dry-run', '--json']);
    const { requests } = JSON.parse(stdout.join('')) as { requests: { body: string; query: string }[] };
    for (const [name, schema] of [['body', 'memberdata/mycarenet-memberdata-protocol-1_0.xsd'], ['query', 'saml/Extensions.xsd']] as const) {
      const path = join(home.dir, `${name}.xml`);
      writeFileSync(path, requests[0]?.[name] ?? '');
      execFileSync('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/mycarenet', schema), path], { stdio: 'pipe' });
    }
  }); // prettier-ignore

  test.each([
    ['no number', { ...ACC, mycarenet: { quality: 'doctor' } }, 'E_PROFILE_INVALID', 'mycarenet.nihii'],
    ['no quality', { ...ACC, mycarenet: { nihii: '19547181004' } }, 'E_PROFILE_INVALID', 'mycarenet.quality'],
    ['no address in int', { ...ACC, environment: 'int' }, 'E_ENDPOINT_UNKNOWN', 'endpoints.memberdata'],
    ['the address of production in acc', { ...ACC, endpoints: { memberdata: 'https://services.ehealth.fgov.be/MyCareNet/MemberData/v1' } }, 'E_ENVIRONMENT_MISMATCH', ''],
  ])('%s is a matter of the profile', async (_, values, code, hint) => {
    await profile(values);
    const error = await failure([MARIE, '--dry-run']);
    expect(error).toMatchObject({ status: 3, code });
    expect(error.hint).toContain(hint);
  }); // prettier-ignore
});

/** A run whose output is what a terminal of 100 columns, or a pipe, gets. */
async function openRun(
  options: Record<string, unknown> = {},
  overrides: ContextOverrides = {},
): Promise<{ run: Run; ctx: TestContext }> {
  const ctx = contextOf(overrides);
  const { run } = await createRun(ctx, options);
  return { run, ctx };
}

describe('the licence', () => {
  const license = async (values: object, env: Record<string, string> = {}) => {
    await profile({ environment: 'acc', ...values });
    const { run } = await openRun({}, { env });
    const { username, password } = await openLicense(run, await run.profile());
    return `${username} ${Buffer.from(password).toString('utf8')}`;
  };
  const configured = { mycarenet: { license: { username: 'house' } } };

  test('the sandbox needs none', async () => {
    expect(await license({ environment: 'sandbox' })).toBe('topaz-sandbox topaz-sandbox');
  });

  test('the password comes from a private file, its line break cut off, or from the environment', async () => {
    const file = join(home.dir, 'licence');
    await writeFile(file, 'the word of the house\n', { mode: 0o600 });
    const withFile = { mycarenet: { license: { username: 'house', passwordFile: file } } };
    expect(await license(withFile)).toBe('house the word of the house');
    expect(await license(configured, { TOPAZ_MYCARENET_PASSWORD: 'from env' })).toBe('house from env'); // prettier-ignore
  });

  test('a file that others may read is refused', async () => {
    const file = join(home.dir, 'licence');
    await writeFile(file, 'word\n', { mode: 0o644 });
    await expect(
      license({ mycarenet: { license: { username: 'house', passwordFile: file } } }),
    ).rejects.toMatchObject({ code: 'E_SECRET_FILE_MODE' });
  });

  test.each([
    ['nothing is set', {}, 'mycarenet.license.username'],
    ['the password is not set', configured, 'mycarenet.license.passwordFile'],
  ])('outside the sandbox, when %s, the key is named', async (_, values, key) => {
    await expect(license(values)).rejects.toMatchObject({
      code: 'E_PROFILE_INVALID',
      exitCode: 3,
      hint: expect.stringContaining(`topaz profile set ${key}`) as unknown,
    });
  });
});

const FEBRUARY = { from: day('2026-02-01'), to: day('2026-02-28') };

function answered(text: ResponseText, query: MemberDataQuery = QUERY): Outcome {
  const asked = { requestId: 'ID_1', inputReference: 'TOPZ0000000001', query, trust: NO_TRUST };
  const { patient } = query;
  try {
    const reply = readMemberDataReply(readXml(envelope({ content: response(text) })), asked);
    return { patient, answered: { query, reference: 'TOPZ0000000001', reply } };
  } catch (error) {
    if (error instanceof TopazError) {
      return { patient, error };
    }
    throw error;
  }
}

const LUC = { 'careReceiver:birthDate': '1985-07-15', 'careReceiver:gender': 'male' };
const payment = (text: string): string =>
  assertion({ type: 'insurability:payment', attributes: { 'payment:byIO': text } });
const event = (text: string): string =>
  assertion({ type: 'insurability:generalSituation', attributes: { 'generalSituation:event': text } }); // prettier-ignore
const INSURED = answered({ assertions: [patientData(LUC), period({ cb1: '111', cb2: '111' }), payment('True')] }); // prettier-ignore
const NOT_INSURED = answered({ assertions: [patientData(LUC), event('closedBefore')] });
const NO_DATA = answered({});
const UNKNOWN = answered(
  { level1: 'Responder', level2: 'InputError', detail: fault('UNKNOWN_NISS_ROUTING') },
  { ...QUERY, patient: { kind: 'ssin', ssin: parseSsin('99123199643') } },
);
const MUTATION = answered(
  {
    level2: 'PartialAnswer',
    detail: fault('MUTATION', { faultCode: 'WARNING' }),
    assertions: [
      patientData(LUC),
      period({}, { from: '2026-02-01T00:00:00+01:00', until: '2026-02-16T00:00:00+01:00' }),
      period(
        { 'careReceiver:mutuality': '134' },
        { from: '2026-02-16T00:00:00+01:00', until: '2026-03-01T00:00:00+01:00' },
      ),
      event('changeDuring'),
      assertion({ type: 'medicalHouse', attributes: { 'medicalHouse:type': 'Kine' } }),
    ],
  },
  { ...QUERY, ...FEBRUARY },
);

async function shown(
  outcomes: readonly Outcome[],
  {
    flags = {},
    options = {},
    terminal = false,
  }: {
    flags?: Parameters<typeof showOutcomes>[3];
    options?: Record<string, unknown>;
    terminal?: boolean;
  } = {},
): Promise<{ lines: readonly string[]; error: TopazError | undefined }> {
  const { run, ctx } = await openRun({ color: 'never', ...options }, { terminal });
  let error: TopazError | undefined;
  try {
    showOutcomes(run, { environment: 'acc' }, outcomes, flags);
  } catch (thrown) {
    if (!(thrown instanceof TopazError)) {
      throw thrown;
    }
    error = thrown;
  }
  return { lines: ctx.stdout, error };
}

describe('one patient', () => {
  test('on a terminal: the sheet', async () => {
    const { lines, error } = await shown([INSURED], { terminal: true });
    expect(error).toBeUndefined();
    expect(lines).toEqual([
      'Patient      FICTIEF Luc   85.07.15-997.96   M   born 15 Jul 1985',
      'Mutuality    319  (federation 300)      member 0001234567890',
      'Insured      9 Feb 2026 - 9 Feb 2026   CT1/CT2 111/111   increased reimbursement (BIM): yes',
      'Third party  yes, the mutuality pays the provider',
      'Situation    no particular event',
      'Asked        9 Feb 2026, information, not hospitalised',
      '             answered 9 Feb 2026 09:12 (NIP N2602090001234)',
      'Warnings     none',
    ]);
  });

  test('in French, with words and days of the language', async () => {
    const { lines } = await shown([INSURED], { terminal: true, options: { lang: 'fr' } });
    expect(lines[0]).toBe('Patient         FICTIEF Luc   85.07.15-997.96   M   date de naissance : 15 juil. 1985'); // prettier-ignore
    expect(lines.at(-1)).toBe('Avertissements  aucun');
    expect(lines.every((line) => line.length <= 100)).toBe(true);
  });

  test('what must not be overlooked is said in words', async () => {
    const text = async (outcome: Outcome): Promise<string> =>
      (await shown([outcome], { terminal: true })).lines.join('\n');
    expect(await text(NOT_INSURED)).toMatch(/Insured +NOT INSURED on the days asked about\nSituation +the insurance ended before/); // prettier-ignore
    expect(await text(NO_DATA)).toContain('NOT KNOWN: the answer holds no data; this does not mean "not insured"'); // prettier-ignore
    const dead = answered({ assertions: [patientData({ 'careReceiver:deceasedDate': '2025-11-30' })] }); // prettier-ignore
    expect(await text(dead)).toContain('NOT INSURED, the patient died on 30 Nov 2025');
    const renumbered = answered({ assertions: [patientData({ 'urn:be:fgov:person:ssin': '08022999889' }), period()] }); // prettier-ignore
    expect(await text(renumbered)).toMatch(/SSIN +another one than you asked for/);
  });

  test('stands out in colour too, where there is colour', async () => {
    const { lines } = await shown([NOT_INSURED], { terminal: true, options: { color: 'always' } });
    expect(lines.join('\n')).toContain('\u001b[33mNOT INSURED');
  });

  test('several periods are a table, and warnings are shown', async () => {
    const { lines } = await shown([MUTATION], { terminal: true });
    expect(lines).toEqual([
      'Patient        FICTIEF Luc   85.07.15-997.96   M   born 15 Jul 1985',
      'Insured        several periods, see below',
      'Situation      a change within the days asked about',
      'Medical house  Kine   9 Feb 2026 - 9 Feb 2026',
      'Asked          1 Feb 2026 - 28 Feb 2026, information, not hospitalised',
      '               answered 9 Feb 2026 09:12 (NIP N2602090001234)',
      'Warnings       MUTATION (MYCARENET) the patient changed mutuality within the days asked about: in',
      '               particular',
      '',
      'FROM         TO           MUTUALITY  MEMBER NO.     CT1  CT2  BIM',
      '1 Feb 2026   15 Feb 2026  319        0001234567890  110  110  no',
      '16 Feb 2026  28 Feb 2026  134        0001234567890  110  110  no',
    ]);
  });

  test('every kind of fact has its row', async () => {
    const everything = answered(
      {
        assertions: [
          period({ paymentApproval: 'A-1', cb2: '' }),
          payment('False'),
          assertion({ type: 'hospitalisation', attributes: { 'hospitalisation:hospital': '71022212000', 'hospitalisation:admissionDate': '2026-02-01' } }),
          assertion({ type: 'insurability:generalSituation', attributes: { 'generalSituation:event': 'somethingNew', 'generalSituation:transfer:direction': 'fromOtherIo', 'generalSituation:transfer:io': '300', 'generalSituation:transfer:date': '2026-01-01' } }),
          assertion({ type: 'medicalHouse', attributes: { 'medicalHouse:type': 'Nurse', 'medicalHouse:name': 'Maison Exemple' } }),
          assertion({ type: 'globalMedicalFile', from: '' }),
        ],
      },
      { ...QUERY, patient: { kind: 'registration', registration: '0001234567890', mutuality: '319' }, requestType: 'invoicing', hospitalized: true, otherFacets: ['chronicCondition'] },
    );
    expect((await shown([everything], { terminal: true })).lines).toEqual([
      'Patient            0001234567890@319',
      'Mutuality          319  (federation 300)      member 0001234567890',
      'Insured            9 Feb 2026 - 9 Feb 2026   CT1/CT2 110/–   approval A-1',
      'Third party        no',
      'Situation          somethingNew',
      'Transfer           fromOtherIo  300  1 Jan 2026',
      'Medical house      Nurse   Maison Exemple   9 Feb 2026 - 9 Feb 2026',
      'In hospital        71022212000   1 Feb 2026',
      'Chronic condition  no',
      'globalMedicalFile  yes',
      'Asked              9 Feb 2026, invoicing, hospitalised',
      '                   answered 9 Feb 2026 09:12 (NIP N2602090001234)',
      'Warnings           none',
    ]);
  }); // prettier-ignore

  test('in a pipe: one record', async () => {
    expect((await shown([INSURED])).lines).toEqual([
      '85071599796\tFictief Luc\tinsured\t319\t111/111\tyes\tyes\t2026-02-09\t',
    ]);
    expect((await shown([MUTATION])).lines).toEqual([
      '85071599796\tFictief Luc\tinsured\t134\t110/110\tno\t\t2026-02-28\tMUTATION',
    ]);
    expect((await shown([NO_DATA])).lines).toEqual(['85071599796\t\tno-data\t\t\t\t\t\t']);
  });

  test('as JSON: the fields of the sheet and no others', async () => {
    const { lines } = await shown([INSURED], { options: { json: true } });
    expect(JSON.parse(lines.join(''))).toEqual({
      schema: 'topaz.mycarenet.insurability/1',
      service: 'mda',
      environment: 'acc',
      request: {
        reference: 'TOPZ0000000001',
        patient: { ssin: '85071599796' },
        from: '2026-02-09',
        to: '2026-02-09',
        requestType: 'information',
        hospitalized: false,
        facets: ['insurability'],
      },
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
        },
      ],
      thirdPartyPayer: true,
      generalSituation: null,
      transfers: [],
      medicalHouse: [],
      warnings: [],
      references: { input: 'TOPZ0000000001', nip: 'N2602090001234' },
      answeredAt: '2026-02-09T08:12:32Z',
    });
  });

  test('no data: no patient, and nothing that could be read as "not insured"', async () => {
    const { lines } = await shown([NO_DATA], { options: { json: true } });
    const document = JSON.parse(lines.join('')) as object;
    expect(document).toMatchObject({ status: 'no-data', periods: [] });
    expect(document).not.toHaveProperty('patient');
    expect(document).not.toHaveProperty('thirdPartyPayer');
  });

  test('--raw adds every fact as it was stated', async () => {
    const { lines } = await shown([INSURED], { flags: { raw: true }, options: { json: true } });
    expect(JSON.parse(lines.join(''))).toMatchObject({
      raw: {
        assertions: [
          { type: 'insurability:patientData', issuer: 'IO-BE-300' },
          {
            type: 'insurability:period',
            notBefore: '2026-02-08T23:00:00Z',
            notOnOrAfter: '2026-02-09T23:00:00Z',
            attributes: { 'urn:be:cin:nippin:cb1': ['111'] },
          },
          { attributes: { 'urn:be:cin:nippin:payment:byIO': ['True'] } },
        ],
      },
    });
    const sheet = await shown([INSURED], { flags: { raw: true }, terminal: true });
    expect(sheet.lines).toContain('  urn:be:cin:nippin:cb1 = 111');
  });

  test('a refusal is an error: nothing on stdout', async () => {
    const { lines, error } = await shown([UNKNOWN], { options: { json: true } });
    expect(lines).toEqual([]);
    expect(error).toMatchObject({ code: 'E_PATIENT_UNKNOWN', exitCode: 7 });
  });

  test('text of a mutuality cannot steer the terminal', async () => {
    const evil = answered({
      assertions: [
        patientData({ 'careReceiver:name': 'Fic\u009b31mtief\u202e' }),
        period(),
        assertion({ type: 'a\u009bb', attributes: {} }),
      ],
    });
    for (const terminal of [true, false]) {
      const { lines } = await shown([evil], { terminal });
      // eslint-disable-next-line no-control-regex -- these are what must not be there
      expect(lines.join('')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u0080-\u009f\u202e]/);
    }
  });
});

describe('--fail-if-not-insured', () => {
  const check = async (...outcomes: Outcome[]) =>
    (await shown(outcomes, { flags: { failIfNotInsured: true } })).error;

  test('is content with who is insured', async () => {
    expect(await check(INSURED)).toBeUndefined();
    expect(await check(INSURED, MUTATION)).toBeUndefined();
  });

  test.each([
    ['not insured', NOT_INSURED, /is not insured on the days/],
    ['no data', NO_DATA, /is not known/],
  ])('%s: exit 10, after the result', async (_, outcome, message) => {
    const { lines, error } = await shown([outcome], { flags: { failIfNotInsured: true } });
    expect(lines).toHaveLength(1);
    expect(error).toMatchObject({ code: 'E_NOT_INSURED', exitCode: 10, message: expect.stringMatching(message) as unknown }); // prettier-ignore
  });

  test('of several it counts those who are not', async () => {
    expect(await check(INSURED, NOT_INSURED, NO_DATA)).toMatchObject({
      code: 'E_NOT_INSURED',
      message: '2 of 3 patients are not insured, or it is not known',
    });
  });

  test('without the flag, not insured is an answer like another', async () => {
    expect((await shown([NOT_INSURED])).error).toBeUndefined();
  });
});

describe('several patients', () => {
  const all = [INSURED, UNKNOWN, NOT_INSURED, MUTATION];

  test('JSON: done and failed, and exit 11', async () => {
    const { lines, error } = await shown(all, { options: { json: true } });
    expect(error).toMatchObject({
      code: 'E_PARTIAL',
      exitCode: 11,
      message: '1 of 4 patients could not be asked about',
    });
    expect(JSON.parse(lines.join(''))).toMatchObject({
      schema: 'topaz.mycarenet.insurability/1',
      done: [{ status: 'insured' }, { status: 'not-insured' }, { status: 'insured' }],
      failed: [
        {
          id: '99123199643',
          error: {
            code: 'E_PATIENT_UNKNOWN',
            exitCode: 7,
            details: { service: 'mda', detailCode: 'UNKNOWN_NISS_ROUTING', category: 'input' },
          },
        },
      ],
    });
  });

  test('a table on a terminal, records in a pipe', async () => {
    expect((await shown(all, { terminal: true })).lines).toEqual([
      'SSIN             NAME         STATUS           MUTUALITY  CT1/CT2  BIM  THIRD PARTY  UNTIL        MESSAGE',
      '85.07.15-997.96  Fictief Luc  insured          319        111/111  yes  yes          9 Feb 2026',
      '99.12.31-996.43               unknown patient                                                     UNKNOWN_NIS…',
      '85.07.15-997.96  Fictief Luc  not insured',
      '85.07.15-997.96  Fictief Luc  insured          134        110/110  no                28 Feb 2026  MUTATION',
    ]);
    expect((await shown(all)).lines).toEqual([
      '85071599796\tFictief Luc\tinsured\t319\t111/111\tyes\tyes\t2026-02-09\t',
      '99123199643\t\tunknown-patient\t\t\t\t\t\tUNKNOWN_NISS_ROUTING',
      '85071599796\tFictief Luc\tnot-insured\t\t\t\t\t\t',
      '85071599796\tFictief Luc\tinsured\t134\t110/110\tno\t\t2026-02-28\tMUTATION',
    ]);
  });

  test('when nothing worked, the status of the first failure', async () => {
    const multiple = answered({ level1: 'Responder', level2: 'InputError', detail: fault('MULTIPLE_IO') }); // prettier-ignore
    const { lines, error } = await shown([multiple, UNKNOWN]);
    expect(error).toMatchObject({ code: 'E_INSURABILITY_REFUSED', exitCode: 7 });
    expect(lines.map((line) => line.split('\t')[2])).toEqual([
      'multiple-mutualities',
      'unknown-patient',
    ]);
  });
});

describe('what a code means', () => {
  test.each(['en', 'fr', 'nl', 'de'] as const)('is said in %s', async (lang) => {
    const { run } = await openRun({ lang });
    const meaning = faultMeaning(run, 'UNAUTHORIZED_FACET');
    expect(meaning).toMatch({ en: /your profession/, fr: /votre profession/, nl: /uw beroep/, de: /Ihr Beruf/ }[lang]); // prettier-ignore
    expect(faultMeaning(run, 'SOMETHING_NEW')).toBeUndefined();
    const { error } = UNKNOWN;
    expect(error).toBeInstanceOf(MemberDataRefusal);
  });
});

test('the profile that a sandbox writes needs no key but the address', async () => {
  await profile({ environment: 'sandbox', endpoints: { memberdata: 'https://127.0.0.1:1/MyCareNet/MemberData/v1' } }); // prettier-ignore
  const paths = resolvePaths({ env: home.env, platform: 'linux', home: home.dir });
  expect((await readProfile(paths, 'test')).mycarenet).toEqual({ package: {}, license: {} });
  // The session says the rest; without one it is what is missing.
  expect((await failure([MARIE, '--dry-run'])).code).toBe('E_PROFILE_INVALID');
});
