/**
 * What waits in the MyCareNet mailboxes of the demo: one of every shape, for the nurses' group and for the doctor.
 *
 * @module
 */

import type { GenasyncSeed } from './seed.js';

const HEAD = 227;
const RECORD = 350;

/** A flat message of invoicing: its head, then records that are numbered and otherwise empty. */
const flat = (messageNumber: string, types: readonly string[]): string =>
  Buffer.from(
    messageNumber.padEnd(HEAD, '0') +
      types.map((type, n) => `${type}${String(n + 1).padStart(6, '0')}`.padEnd(RECORD, '0')).join(''),
    'latin1',
  ).toString('base64'); // prettier-ignore

const xml = (text: string): string =>
  Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`, 'utf8').toString('base64');

const invoicing = (to: string, rest: Partial<GenasyncSeed> = {}): GenasyncSeed => ({
  to,
  service: 'invoicing',
  messageName: 'HCPAFD',
  contentBase64: flat('920900', ['95', '96']),
  contentType: 'text/plain',
  inputReference: '00000000000421',
  ...rest,
});

/** Messages for these care providers. */
export const demoMailbox = (group: string, doctor: string): readonly GenasyncSeed[] => [
  invoicing(group, { encoding: 'deflate' }),
  invoicing(group, { mutuality: '500', form: 'xop', messageName: 'HCPVWR', contentBase64: flat('920999', ['10', '20', '30', '50', '80', '90']) }),
  { to: group, service: 'dmg', messageName: 'GMD-CLOSURE', contentBase64: xml('<closure><note>file closed</note></closure>'), encoding: 'undeclared' },
  { to: group, service: 'mda', messageName: 'MDA', contentBase64: xml('<note>an answer that nobody asked for</note>'), sealed: true },
  { to: group, service: 'eagreement', messageName: 'AGREEMENT', contentBase64: xml('<agreement/>'), encoding: 'deflate', form: 'xop' },
  invoicing(doctor),
  { to: doctor, service: 'mda', messageName: 'MDA', contentBase64: xml('<note>sealed for the doctor</note>'), sealed: true },
]; // prettier-ignore
