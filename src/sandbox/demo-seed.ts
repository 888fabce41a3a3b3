/**
 * The seed `demo`: invented people with whom every journey can be tried (sandbox sheet §3). `topaz help
 * sandbox` names them. Numbers are checksum-valid and of the serials 997 and 998.
 *
 * @module
 */

import { demoMailbox } from './demo-mailbox.js';
import type { Seed, MessageSeed, Patient } from './seed.js';

/** As many as the list of a busy nurse has. */
const PATIENTS = 421;

const DOCTOR = '79021599732';
const NURSE = '72090499770';
const RESPONSIBLE = '68052399767';
const GROUP = '94499180';
const MEDICAL_HOUSE = '89547133';
const HOSPITAL = '71022212';
const LABO = 'NIHII-LABO=71234523';

/** The built-in seed, made anew at each call. */
export function demoSeed(): Seed {
  return {
    persons: [
      {
        ssin: DOCTOR,
        firstName: 'Jean',
        lastName: 'Exemple',
        gender: 'M',
        birthDate: '1979-02-15',
        qualities: [{ quality: 'doctor', nihii: '19547181004' }],
        mandates: [],
      },
      {
        ssin: NURSE,
        firstName: 'Arno',
        lastName: 'Modèle',
        gender: 'M',
        birthDate: '1972-09-04',
        qualities: [{ quality: 'nurse', nihii: '40012302401' }],
        mandates: [{ type: 'NIHII-GROUP', id: GROUP, name: 'Groupe Exemple' }],
      },
      {
        ssin: RESPONSIBLE,
        firstName: 'Karel',
        lastName: 'Voorbeeld',
        gender: 'M',
        birthDate: '1968-05-23',
        qualities: [{ quality: 'nurse', nihii: '40045657401' }],
        mandates: [],
      },
    ],
    organisations: [
      { type: 'NIHII-GROUP', id: GROUP, name: 'Groupe Exemple', responsible: RESPONSIBLE },
      {
        type: 'NIHII-MEDICAL_HOUSE',
        id: MEDICAL_HOUSE,
        name: 'Maison médicale Exemple',
        responsible: DOCTOR,
      },
      { type: 'NIHII-HOSPITAL', id: HOSPITAL, name: 'CHU Exemple', responsible: RESPONSIBLE },
    ],
    patients: patients(),
    messages: [...messagesFor(`SSIN=${DOCTOR}`, 'DOCTOR'), ...messagesOfOthers()],
    genasync: demoMailbox(`NIHII-GROUP=${GROUP}`, 'NIHII=19547181004'),
  };
}

const NAMED: readonly Patient[] = [
  {
    ssin: '85061199814',
    firstName: 'Marie',
    lastName: 'Voorbeeld',
    gender: 'F',
    birthDate: '1985-06-11',
    mutuality: '319',
    registrationNumber: '0000123456789',
    ct1: '110',
    ct2: '110',
    insured: true,
  },
  {
    ssin: '60031599728',
    firstName: 'Paul',
    lastName: 'Démonstration',
    gender: 'M',
    birthDate: '1960-03-15',
    mutuality: '509',
    registrationNumber: '0000223456789',
    ct1: '111',
    ct2: '111',
    insured: true,
    thirdParty: true,
  },
  {
    ssin: '85071599796',
    firstName: 'Luc',
    lastName: 'Fictief',
    gender: 'M',
    birthDate: '1985-07-15',
    mutuality: '319',
    registrationNumber: '0001234567890',
    ct1: '110',
    ct2: '110',
    insured: true,
    mutation: { mutuality: '509', registrationNumber: '0009876543210' },
  },
];

const LAST_NAMES = [
  'Peeters',
  'Lambert',
  'Janssens',
  'Dubois',
  'Maes',
  'Simon',
  'Jacobs',
  'Laurent',
];
const FIRST_NAMES = { M: ['Jan', 'Louis', 'Tom', 'Hugo'], F: ['Eva', 'Louise', 'Emma', 'Nora'] };
const MUTUALITIES = ['111', '206', '319', '403', '509', '601'];

/** The named ones, then one per invented birthday; every kind of answer comes back at a fixed rhythm. */
function patients(): readonly Patient[] {
  const list = [...NAMED];
  for (let n = 0; list.length < PATIENTS; n += 1) {
    const gender = n % 2 === 0 ? 'M' : 'F';
    const born = new Date(Date.UTC(1931, 0, 3) + n * 73 * 86_400_000);
    const birthDate = born.toISOString().slice(0, 10);
    const ssin = ssinOf(birthDate, gender === 'M' ? 997 : 998);
    if (!list.some((patient) => patient.ssin === ssin)) {
      list.push({
        ssin,
        firstName: FIRST_NAMES[gender][n % 4] ?? 'Jan',
        lastName: LAST_NAMES[n % 8] ?? 'Peeters',
        gender,
        birthDate,
        mutuality: MUTUALITIES[n % 6] ?? '319',
        registrationNumber: String(1_000_000 + n * 37).padStart(13, '0'),
        ...kindOf(n),
      });
    }
  }
  return list;
}

type Kind = Pick<Patient, 'insured'> & Partial<Patient>;

function kindOf(n: number): Kind {
  const ordinary = { ct1: '110', ct2: '110', insured: true };
  switch (n % 20) {
    case 3:
      return { ct1: '111', ct2: '111', insured: true, thirdParty: true };
    case 5:
      return { insured: false };
    case 7:
      return { insured: false, deceased: '2025-11-30' };
    case 9:
      return { ...ordinary, medicalHouse: 'Nurse' };
    case 11:
      return { ...ordinary, hospitalised: true };
    case 13:
      return { ...ordinary, mutation: { mutuality: '509', registrationNumber: `0005${String(n).padStart(9, '0')}` } }; // prettier-ignore
    case 15:
      return { ...ordinary, noData: true };
    case 17:
      return { ...ordinary, error: 'UNKNOWN_NISS_ROUTING' };
    case 19:
      return { ct1: '120', ct2: '120', insured: true };
    default:
      return ordinary;
  }
}

function ssinOf(birthDate: string, serial: number): string {
  const base = `${birthDate.slice(2).replaceAll('-', '')}${String(serial)}`;
  const number = Number(birthDate.startsWith('20') ? `2${base}` : base);
  return base + String(97 - (number % 97)).padStart(2, '0');
}

const plain = { sealed: false, important: false, attachments: [] };

/** One of each shape that a box may hold. */
function messagesFor(to: string, quality: string): readonly MessageSeed[] {
  const base = { to, quality };
  return [
    {
      ...base,
      ...plain,
      from: LABO,
      subject: 'Practical information',
      text: 'The laboratory is closed on Friday.',
    },
    {
      ...base,
      ...plain,
      from: LABO,
      subject: 'Results',
      text: 'Results of the blood test: all values are within the limits.',
      sealed: true,
      important: true,
      patient: '85061199814',
      attachments: [
        { name: 'results.txt', text: 'Haemoglobin 14.1 g/dL\nGlucose 88 mg/dL\n' },
        { name: 'scan.pdf', base64: PDF, mimeType: 'application/pdf', form: 'xop' },
      ],
    },
    {
      ...base,
      ...plain,
      from: 'NIHII-HOSPITAL=71022212',
      subject: 'Discharge letter',
      text: '<html><body><p>Dear colleague, the patient went home today.</p></body></html>',
      mimeType: 'text/html',
      attachments: [{ name: 'letter.pdf', base64: PDF, mimeType: 'application/pdf' }],
    },
    {
      ...base,
      ...plain,
      from: 'NIHII-HOSPITAL=71022212',
      subject: 'Appointments',
      text: '',
      table: [
        ['Monday', 'Cardiology 09:00'],
        ['Tuesday', 'Radiology 14:30'],
      ],
    },
    {
      ...base,
      ...plain,
      from: LABO,
      subject: 'Sealed for a key that nobody has',
      text: 'The body opens, the attachment does not.',
      sealed: true,
      unsealable: 'lost.txt',
    },
    {
      ...base,
      ...plain,
      from: LABO,
      subject: 'Names that want to escape',
      text: 'Save these with care.',
      attachments: [
        { name: '../../etc/passwd', text: 'not a password file\n' },
        { name: 'invoice.exe', text: 'not a program\n', form: 'inline' },
      ],
    },
    {
      ...base,
      ...plain,
      from: 'CBE=0999999922',
      subject: 'News of the platform',
      text: 'Maintenance on Sunday between 06:00 and 08:00.',
      contentType: 'NEWS',
      freeText: 'Maintenance on Sunday between 06:00 and 08:00.',
    },
  ];
}

const messagesOfOthers = (): readonly MessageSeed[] => [
  { to: `SSIN=${NURSE}`, quality: 'NURSE', ...plain, from: LABO, subject: 'Prescription', text: 'See attachment.', attachments: [{ name: 'prescription.txt', text: 'Wound care, daily.\n' }] },
  { to: `NIHII-GROUP=${GROUP}`, quality: 'GROUP', ...plain, from: LABO, subject: 'For the group', text: 'Welcome.' },
]; // prettier-ignore

/** The smallest page that readers open. */
const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
).toString('base64');
