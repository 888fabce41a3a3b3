import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { parseSsin } from '../../../src/ids/ssin.js';
import {
  checkPeriod,
  OTHER_FACETS,
  parseMutuality,
  parseRegistration,
} from '../../../src/mycarenet/memberdata/query.js';
import type { MemberDataQuery } from '../../../src/mycarenet/memberdata/query.js';
import { attributeQuery, memberDataRequest } from '../../../src/mycarenet/memberdata/request.js';
import type { MemberDataRequest } from '../../../src/mycarenet/memberdata/request.js';
import { routingElement } from '../../../src/mycarenet/routing.js';
import type { Origin } from '../../../src/mycarenet/origin.js';
import { namespace } from '../../../src/xml/build.js';
import { child, elements, text } from '../../../src/xml/query.js';
import { readXml } from '../../../src/xml/read.js';
import type { XmlElement } from '../../../src/xml/tree.js';
import { writeXml } from '../../../src/xml/write.js';
import { hasProgram, hasShared, SHARED } from '../../support/tools.js';
import { day, DOCTOR, NURSE, NURSE_GROUP, QUERY } from './values.js';

const PROTOCOL = 'urn:be:fgov:ehealth:mycarenet:commons:protocol:v3';
const CORE = 'urn:be:fgov:ehealth:mycarenet:commons:core:v3';

const request = (
  origin: Origin,
  query: MemberDataQuery,
  inputReference = 'TOPZ0000000001',
): MemberDataRequest => ({
  commonInput: { isTest: true, origin, inputReference },
  query,
  id: 'ID_1770624751000-1',
  detailId: '_5b0c7f0e-1111-4f6e-9f61-2b7a5b5a0001',
  issuedAt: new Date('2026-02-09T08:12:31.000Z'),
});

const detailOf = (root: XmlElement): string =>
  Buffer.from(text(child(root, PROTOCOL, 'Detail')), 'base64').toString('utf8');

interface Shape {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly content: string | readonly Shape[];
}

/** Names, namespaces, attributes and texts; prefixes, white space and moments aside. */
const shape = (element: XmlElement): Shape => ({
  name: `{${element.namespace}}${element.name}`,
  attributes: Object.fromEntries<string>(
    element.attributes
      .filter(({ name }) => !['IssueInstant', 'Id'].includes(name))
      .map(({ name, namespace: uri, value }): [string, string] => [`{${uri}}${name}`, value])
      .sort(),
  ),
  content:
    element.name === 'Detail'
      ? 'see the inner document'
      : elements(element).length > 0
        ? elements(element).map(shape)
        : text(element).trim(),
});

const examples = hasShared() ? describe : describe.skip;

examples('the examples of the fact sheets', () => {
  const example = (name: string): XmlElement =>
    readXml(readFileSync(join(SHARED, 'examples/mycarenet', name)));

  test.each([
    ['mda-sync-request-nurse-clear.xml', NURSE, QUERY, 'TOPZ0000000001'],
    [
      'mda-sync-request-doctor-regnr-clear.xml',
      DOCTOR,
      {
        ...QUERY,
        patient: { kind: 'registration', registration: '0001234567890', mutuality: '319' },
      },
      'TOPZ0000000002',
    ],
    ['mda-sync-request-nurse-group-clear.xml', NURSE_GROUP, QUERY, 'TOPZ0000000004'],
  ] as [string, Origin, MemberDataQuery, string][])(
    'topaz asks as in %s',
    (name, origin, query, reference) => {
      const ours = memberDataRequest(request(origin, query, reference));
      const theirs = example(name);
      expect(shape(ours)).toEqual(shape(theirs));
      const inner = shape(readXml(detailOf(theirs)));
      // In the example by membership number the nurse asks, inside, in the envelope the physician.
      const issuer = JSON.stringify(inner).replace('49998154401', origin.careProvider.nihii);
      expect(shape(readXml(detailOf(ours)))).toEqual(JSON.parse(issuer));
    },
  );

  test('all facets, as in mda-query-all-facets.inner.xml', () => {
    const query: MemberDataQuery = {
      patient: { kind: 'ssin', ssin: parseSsin('85071599796'), mutuality: '319' },
      from: day('2026-02-01'),
      to: day('2026-02-28'),
      requestType: 'invoicing',
      hospitalized: true,
      otherFacets: [
        'chronicCondition',
        'globalMedicalFile',
        'palliativeStatus',
        'carePath',
        'referencePharmacy',
      ],
    };
    const ours = attributeQuery(request(DOCTOR, query, 'TOPZ0000000003'));
    expect(shape(ours)).toEqual(shape(example('mda-query-all-facets.inner.xml')));
  });
});

describe('memberDataRequest', () => {
  const query = detailOf(memberDataRequest(request(NURSE, QUERY)));

  test('the inner document begins as XML, without a byte order mark', () => {
    expect(query.startsWith('<?xml version="1.0" encoding="UTF-8"?><samlp:AttributeQuery ')).toBe(true); // prettier-ignore
  });

  test('the prefix of the type is bound on the root, where canonical text keeps it', () => {
    const [start = ''] = /<samlp:AttributeQuery[^>]*>/.exec(query) ?? [];
    expect(start).toContain('xmlns:ext="urn:be:cin:nippin:memberdata:saml:extension"');
    expect(query).toContain('xsi:type="ext:ExtensionsType"');
  });

  test('Dimension has no namespace', () => {
    expect(query).toContain('<Dimension id="requestType">information</Dimension>');
    expect(query).not.toContain('xmlns="');
  });

  test('the day is midnight to the next midnight in Belgium, also when the clock changes', () => {
    const on = (text: string): string => detailOf(memberDataRequest(request(NURSE, { ...QUERY, from: day(text), to: day(text) }))); // prettier-ignore
    expect(on('2026-03-29')).toContain(
      'NotBefore="2026-03-29T00:00:00.000+01:00" NotOnOrAfter="2026-03-30T00:00:00.000+02:00"',
    );
    expect(on('2026-10-25')).toContain(
      'NotBefore="2026-10-25T00:00:00.000+02:00" NotOnOrAfter="2026-10-26T00:00:00.000+01:00"',
    );
  });

  test('names with signs that XML needs are escaped', () => {
    const origin = { ...NURSE, careProvider: { ...NURSE.careProvider, name: 'Ina & <Zoon> "É"' } };
    const xml = writeXml(memberDataRequest(request(origin, QUERY)));
    expect(xml).toContain('Ina &amp; &lt;Zoon&gt; "É"');
  });
});

describe('routingElement', () => {
  const p = namespace('mcp', PROTOCOL);
  const c = namespace('mc', CORE);

  test('by SSIN alone, with the day', () => {
    const element = routingElement(p, c, {
      careReceiver: { ssin: '85071599796' },
      referenceDate: day('2026-02-09'),
    });
    expect(shape(element)).toMatchObject({
      content: [
        { content: [{ name: `{${CORE}}Ssin`, content: '85071599796' }] },
        { name: `{${CORE}}ReferenceDate`, content: '2026-02-09' },
      ],
    });
  });
});

const judged = hasShared() && hasProgram('xmllint') ? test : test.skip;

judged('xmllint finds every form of question valid, envelope, inner document and routing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'topaz-mda-request-'));
  try {
    const patients: MemberDataQuery['patient'][] = [
      QUERY.patient,
      { kind: 'ssin', ssin: parseSsin('08022999889'), mutuality: '134' },
      { kind: 'registration', registration: '85 A/07-15.1', mutuality: '601' },
    ];
    const bare: Origin = {
      ...NURSE,
      careProvider: { quality: 'dentist', nihii: NURSE.careProvider.nihii },
    };
    const hospital: Origin = {
      ...NURSE,
      careProvider: { ...NURSE_GROUP.careProvider, quality: 'hospital', cbe: '0999999922' },
    };
    const outer: string[] = [];
    const inner: string[] = [];
    const write = (list: string[], name: string, xml: string): void => {
      const path = join(folder, `${name}-${list.length}.xml`);
      writeFileSync(path, xml);
      list.push(path);
    };
    for (const origin of [NURSE, NURSE_GROUP, DOCTOR, bare, hospital]) {
      for (const patient of patients) {
        for (const [requestType, hospitalized] of [['information', false], ['invoicing', true]] as const) {
          const asked = memberDataRequest(request(origin, { ...QUERY, patient, requestType, hospitalized, otherFacets: [...OTHER_FACETS] }));
          write(outer, 'outer', writeXml(asked));
          write(inner, 'inner', detailOf(asked));
        }
      }
    }
    const base = memberDataRequest(request(NURSE, QUERY));
    const p = namespace('mcp', PROTOCOL);
    const c = namespace('mc', CORE);
    for (const careReceiver of [{ ssin: '85071599796' }, { mutuality: '319', registrationNumber: '1' }]) {
      const routing = routingElement(p, c, { careReceiver, referenceDate: day('2026-02-09'), period: { from: day('2026-02-01'), to: day('2026-02-28') } });
      const [input, ...rest] = base.children;
      write(outer, 'outer', writeXml({ ...base, children: [...(input === undefined ? [] : [input]), routing, ...rest] }));
    }
    expect(outer).toHaveLength(32);
    const validate = (schema: string, files: readonly string[]): void => {
      execFileSync('xmllint', ['--nonet', '--noout', '--schema', join(SHARED, 'schemas/mycarenet', schema), ...files], { stdio: 'pipe' });
    };
    validate('memberdata/mycarenet-memberdata-protocol-1_0.xsd', outer);
    validate('saml/Extensions.xsd', inner);
    validate('saml-oasis/Extensions-simplified.xsd', inner);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}); // prettier-ignore

describe('what is refused before it is asked', () => {
  const today = day('2026-02-09');

  test.each([
    ['2026-02-09', '2026-02-09'],
    ['2021-02-09', '2021-02-09'],
    ['2026-01-01', '2026-12-31'],
  ])('a period from %s to %s is none of it', (from, to) => {
    expect(() => { checkPeriod(day(from), day(to), today); }).not.toThrow(); // prettier-ignore
  });

  test.each([
    ['2026-02-10', '2026-02-11', 'in the future'],
    ['2026-02-09', '2026-02-08', 'ends before it starts'],
    ['2021-02-08', '2026-02-09', 'more than 5 years ago'],
    ['1970-01-01', '1970-01-02', 'more than 5 years ago'],
  ])('a period from %s to %s: %s', (from, to, problem) => {
    expect(() => { checkPeriod(day(from), day(to), today); }).toThrow(
      expect.objectContaining({ code: 'E_USAGE', message: expect.stringContaining(problem) as unknown }),
    );
  }); // prettier-ignore

  test.each(['319', '101', '690', '750', '999', '900'])('%s is a mutuality', (code) => {
    expect(parseMutuality(` ${code} `)).toBe(code);
  });

  test.each(['', '31', '3199', '019', '700', '800', '3x9', '319@1'])('"%s" is none', (code) => {
    expect(() => parseMutuality(code)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });

  test.each(['0001234567890', 'A1', '85 A/07-15.1', 'abc'])('%s is a membership number', (number) => {
    expect(parseRegistration(number)).toBe(number);
  }); // prettier-ignore

  test.each(['', '12345678901234', '1@319', '<a>', 'é'])('"%s" is none', (number) => {
    expect(() => parseRegistration(number)).toThrow(expect.objectContaining({ code: 'E_USAGE' }));
  });
});
