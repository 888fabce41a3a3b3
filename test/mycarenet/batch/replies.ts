/**
 * Answers of MemberData as values, for the tests of batches.
 *
 * @module
 */

import type { Insurability } from '../../../src/mycarenet/memberdata/insurability.js';
import type { MemberDataReply } from '../../../src/mycarenet/memberdata/reply.js';
import { day } from '../memberdata/values.js';

const PERIOD = {
  from: day('2026-03-01'),
  to: day('2026-03-01'),
  mutuality: '319',
  ct1: '110',
  ct2: '110',
  bim: false,
};

/** Insured at 319, unless said otherwise. */
export const reply = (
  changes: Partial<Insurability> & { readonly period?: Partial<typeof PERIOD> } = {},
): MemberDataReply => {
  const { period, ...facts } = changes;
  return {
    insurability: {
      status: 'insured',
      patient: { ssin: '85061199814', ssinChanged: false, lastName: 'Voorbeeld', deceasedOn: null },
      periods: [{ ...PERIOD, ...period }],
      thirdPartyPayer: true,
      generalSituation: null,
      transfers: [],
      medicalHouse: [],
      others: [],
      remarks: [],
      ...facts,
    },
    warnings: [{ code: 'MUTATION', source: 'MYCARENET', message: 'é\n' }],
    references: { input: 'T1', nip: 'N1' },
    answeredAt: new Date('2026-03-01T10:00:01.500Z'),
    assertions: [
      {
        type: 'insurability:period',
        issuer: 'MyCareNet',
        subjectSsin: '85061199814',
        notBefore: new Date('2026-02-28T23:00:00Z'),
        notOnOrAfter: undefined,
        attributes: new Map([['urn:x:ct1', ['110', '']]]),
      },
    ],
  };
};
