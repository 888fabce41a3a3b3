/**
 * The question inside a MemberData request: who is asked about, which facets, for which period. The rules are
 * those of the broker, in its order, each with its own code (mycarenet §1.4, §1.5, §8).
 *
 * @module
 */

import { isSsin } from '../ids/ssin.js';
import { Refusal } from './faults-soap.js';
import { checkFacets } from './memberdata-facets.js';
import type { AskedFacet } from './memberdata-facets.js';
import { dayAt } from './memberdata-days.js';
import { SAML2, SAML2P } from './names.js';
import { attributeOf, childOf, childrenOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';

export type AskedPatient =
  | { readonly kind: 'ssin'; readonly ssin: string }
  | { readonly kind: 'ssin@mut'; readonly ssin: string; readonly mutuality: string }
  | { readonly kind: 'registration@mut'; readonly number: string; readonly mutuality: string };

export interface MemberQuery {
  readonly id: string;
  readonly facets: readonly AskedFacet[];
  /** The patient as written: repeated as subject of every assertion. */
  readonly nameId: { readonly format: string; readonly value: string };
  readonly patient: AskedPatient;
  /** As written. */
  readonly notBefore: string;
  readonly notOnOrAfter: string;
}

export interface QueryContext {
  /** What the request around the query says. */
  readonly inputReference: string;
  readonly quality: string;
  /** 11 digits. */
  readonly nihii: string;
  readonly now: Date;
}

const ISSUER_FORMAT = 'urn:be:cin:nippin:nihii11';
const CONFIRMATION_METHOD = 'urn:be:cin:nippin:memberIdentification';
const MUTUALITY = /^(?:750|999|[1-69][0-9]{2})$/;
const YEARS_KEPT = 5;

/**
 * Checks a query.
 *
 * @throws Refusal with a detail code of MemberData.
 */
export function readQuery(root: ReadElement, context: QueryContext): MemberQuery {
  const id = attributeOf(root, 'ID') ?? '';
  if (id !== `_${context.inputReference}`) {
    throw new Refusal('CROSSCHECK_ID', 'the ID is not _ and the InputReference');
  }
  checkIssuer(root, context.nihii);
  if (childrenOf(root, SAML2, 'Attribute').length > 0) {
    throw new Refusal('FORBIDDEN_ATTRIBUTES', 'the query asks for attributes');
  }
  const facets = checkFacets(root, context.quality);
  const subject = childOf(root, SAML2, 'Subject');
  const nameId = childOf(subject, SAML2, 'NameID');
  const format = attributeOf(nameId, 'Format');
  if (nameId === undefined) {
    throw new Refusal('MISSING_NAMEID', 'no NameID');
  }
  if (format === undefined) {
    throw new Refusal('MISSING_NAMEID_FORMAT', 'NameID without Format');
  }
  const value = nameId.text.trim();
  const patient = readPatient(format, value);
  const { notBefore, notOnOrAfter } = readPeriod(subject, context.now);
  return { id, facets, nameId: { format, value }, patient, notBefore, notOnOrAfter };
}

function checkIssuer(root: ReadElement, nihii: string): void {
  const issuer = childOf(root, SAML2, 'Issuer');
  const format = attributeOf(issuer, 'Format');
  if (issuer === undefined) {
    throw new Refusal('MISSING_ISSUER_TAG', 'no Issuer');
  }
  if (format === undefined) {
    throw new Refusal('MISSING_ISSUER_FORMAT', 'Issuer without Format');
  }
  if (format !== ISSUER_FORMAT) {
    throw new Refusal('INVALID_ISSUER_FORMAT', format);
  }
  const number = issuer.text.trim();
  if (!/^[0-9]{11}$/.test(number)) {
    throw new Refusal('INVALID_ISSUER_VALUE', 'not 11 digits');
  }
  if (number !== nihii) {
    throw new Refusal('CROSSCHECK_ISSUER', 'the Issuer is not the care provider');
  }
}

const [SSIN, SSIN_AT_MUTUALITY, REGISTRATION_AT_MUTUALITY] = [
  'urn:be:fgov:person:ssin',
  'urn:be:cin:nippin:member:ssin@mut',
  'urn:be:cin:nippin:careReceiver:registrationNumber@mut',
];

function readPatient(format: string, value: string): AskedPatient {
  if (format === SSIN) {
    return { kind: 'ssin', ssin: checkSsin(value) };
  }
  if (format !== SSIN_AT_MUTUALITY && format !== REGISTRATION_AT_MUTUALITY) {
    throw new Refusal('INVALID_NAMEID_FORMAT', format);
  }
  const [number = '', mutuality, ...others] = value.split('@');
  if (mutuality === undefined || others.length > 0) {
    throw new Refusal('INVALID_NAMEID_VALUE', 'not NUMBER@MUTUALITY');
  }
  const ssin = format === SSIN_AT_MUTUALITY ? checkSsin(number) : undefined;
  if (number === '') {
    throw new Refusal('EMPTY_REG_NUM', 'no registration number');
  }
  if (mutuality === '') {
    throw new Refusal('EMPTY_IO', 'no mutuality');
  }
  if (!/^[0-9]{3}$/.test(mutuality)) {
    throw new Refusal('INVALID_IO_FORMAT', 'not 3 digits');
  }
  if (!MUTUALITY.test(mutuality)) {
    throw new Refusal('INVALID_IO_VALUE', 'no such mutuality');
  }
  return ssin === undefined
    ? { kind: 'registration@mut', number, mutuality }
    : { kind: 'ssin@mut', ssin, mutuality };
}

function checkSsin(ssin: string): string {
  if (ssin === '') {
    throw new Refusal('EMPTY_INSS', 'no SSIN');
  }
  if (!/^[0-9]{11}$/.test(ssin)) {
    throw new Refusal('INVALID_INSS_FORMAT', 'not 11 digits');
  }
  if (!isSsin(ssin)) {
    throw new Refusal('INVALID_INSS_VALUE', 'check digits');
  }
  return ssin;
}

interface Period {
  readonly notBefore: string;
  readonly notOnOrAfter: string;
}

function readPeriod(subject: ReadElement | undefined, now: Date): Period {
  const confirmation = childOf(subject, SAML2, 'SubjectConfirmation');
  const data = childOf(confirmation, SAML2, 'SubjectConfirmationData');
  if (confirmation === undefined) {
    throw new Refusal('MISSING_SUBJECT_CONFIRMATION_TAG', 'no SubjectConfirmation');
  }
  if (attributeOf(confirmation, 'Method') !== CONFIRMATION_METHOD) {
    throw new Refusal('INVALID_SUBJECT_CONFIRMATION_METHOD_VALUE', 'another Method');
  }
  if (
    ['BaseID', 'NameID', 'EncryptedID'].some(
      (name) => childrenOf(confirmation, SAML2, name).length > 0,
    )
  ) {
    throw new Refusal('SUBJECT_CONFIRMATION_WITH_ID', 'an identifier in SubjectConfirmation');
  }
  if (data === undefined) {
    throw new Refusal('MISSING_SUBJECT_CONFIRMATION_DATA_TAG', 'no SubjectConfirmationData');
  }
  const notBefore = attributeOf(data, 'NotBefore') ?? '';
  const notOnOrAfter = attributeOf(data, 'NotOnOrAfter') ?? '';
  const [start, end] = [new Date(notBefore), new Date(notOnOrAfter)];
  if (Number.isNaN(start.getTime())) {
    throw new Refusal('EMPTY_STARTDATE', 'no NotBefore');
  }
  if (Number.isNaN(end.getTime())) {
    throw new Refusal('EMPTY_ENDDATE', 'no NotOnOrAfter');
  }
  if (end <= start) {
    throw new Refusal('INVALID_PERIOD', 'ends before it starts');
  }
  checkPlace(dayAt(start), dayAt(now));
  return { notBefore, notOnOrAfter };
}

function checkPlace(start: string, today: string): void {
  if (start > today) {
    throw new Refusal('START_DATE_IN_FUTURE', start);
  }
  const oldest = `${String(Number(today.slice(0, 4)) - YEARS_KEPT)}${today.slice(4)}`;
  // Quirk: a period at the start of the Unix era is answered, with nothing in it (mycarenet §1.4).
  if (start < oldest && !isUnixEpoch(start)) {
    throw new Refusal('PERIOD_TOO_FAR_IN_PAST', start);
  }
}

/** Whether a day is one that a wrong clock or a unit of seconds for milliseconds gives. */
export const isUnixEpoch = (day: string): boolean => day.startsWith('1970-');

/** Whether an inner document is a query at all. */
export const isQuery = (root: ReadElement): boolean =>
  root.name === 'AttributeQuery' && root.namespace === SAML2P;
