/**
 * Values that the tests of MemberData share.
 *
 * @module
 */

import { parseSsin } from '../../../src/ids/ssin.js';
import type { Nihii11 } from '../../../src/ids/nihii.js';
import type { LocalDate } from '../../../src/mycarenet/belgian-day.js';
import type { MemberDataQuery } from '../../../src/mycarenet/memberdata/query.js';
import type { Origin } from '../../../src/mycarenet/origin.js';

export const NURSE: Origin = {
  packageName: 'topaz',
  license: { username: 'LICENSE-USERNAME', password: Buffer.from('LICENSE-PASSWORD') },
  careProvider: {
    quality: 'nurse',
    nihii: '49998154401' as Nihii11,
    name: 'Ina Verzonnen',
    ssin: '79031299831',
  },
};

export const NURSE_GROUP: Origin = {
  ...NURSE,
  careProvider: {
    quality: 'groupofnurses',
    nihii: '94499180000' as Nihii11,
    name: 'Groupe Infirmier Imaginaire',
  },
};

export const DOCTOR: Origin = {
  ...NURSE,
  careProvider: {
    quality: 'doctor',
    nihii: '19999123004' as Nihii11,
    name: 'Theo Fictief',
    ssin: '72090499770',
  },
};

export const day = (text: string): LocalDate => text as LocalDate;

/** Patient A of the examples, on the day of the examples. */
export const QUERY: MemberDataQuery = {
  patient: { kind: 'ssin', ssin: parseSsin('85071599796') },
  from: day('2026-02-09'),
  to: day('2026-02-09'),
  requestType: 'information',
  hospitalized: false,
  otherFacets: [],
};

/** Nobody's signature is known. */
export const NO_TRUST = { roots: [], now: new Date('2026-02-09T08:12:33Z') };
