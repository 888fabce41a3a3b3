/**
 * Periods out of office (ehealthbox §3): the service tells senders who stands in. Its rules that can be checked
 * here are checked before anything is sent.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Call } from '../soap/call.js';
import { attribute } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import type { BoxAddress } from './address.js';
import { send } from './client.js';
import type { ConsultationOptions } from './client.js';
import { fieldDay, fields, fieldText, fieldTexts, maybe } from './fields.js';
import type { LocalDate } from './fields.js';
import { readStatus, refusal, requireSuccess } from './reply.js';
import { boxId, con, plain } from './request.js';

export interface Absence {
  /** First and last day. */
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly substitutes: readonly BoxAddress[];
}

/** A period that the service knows. */
export interface ListedAbsence extends Absence {
  readonly id: string;
}

const MAX_SUBSTITUTES = 5;
const DAY_MS = 86_400_000;
const YEAR_DAYS = 366;
const OOO_ID = /^[A-Za-z0-9_-]{1,13}$/;

export const oooListRequest = (box: BoxAddress | undefined): XmlElement =>
  con('GetOoOListRequest', {}, boxId(box));

export const insertOooRequest = (
  box: BoxAddress | undefined,
  { from, to, substitutes }: Absence,
): XmlElement =>
  con(
    'InsertOoORequest',
    {},
    boxId(box),
    plain('StartDate', {}, from),
    plain('EndDate', {}, to),
    ...substitutes.map(({ id, type, subType, quality }) =>
      plain(
        'Substitute',
        {},
        plain('Id', {}, id),
        plain('Type', {}, type),
        subType === undefined ? undefined : plain('SubType', {}, subType),
        plain('Quality', {}, quality),
      ),
    ),
  );

export const deleteOooRequest = (box: BoxAddress | undefined, ids: readonly string[]): XmlElement =>
  con('DeleteOoORequest', {}, boxId(box), ...ids.map((id) => plain('OoOId', {}, id)));

/**
 * Checks a period against the rules of the service.
 *
 * @throws TopazError `E_USAGE`.
 */
export function checkAbsence({ from, to, substitutes }: Absence, now: Date): void {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  const ahead = (Date.parse(to) - now.getTime()) / DAY_MS;
  const problem =
    days < 0
      ? 'the last day comes before the first one'
      : days >= YEAR_DAYS || ahead > YEAR_DAYS
        ? 'a period ends within a year'
        : substitutes.length > MAX_SUBSTITUTES
          ? `at most ${MAX_SUBSTITUTES} substitutes`
          : substitutes.some(({ type, subType }) => type === 'CBE' || type === 'EHP' || subType !== undefined)
            ? 'substitutes are persons'
            : undefined; // prettier-ignore
  if (problem !== undefined) {
    throw new TopazError('E_USAGE', `the eHealthBox does not take this period: ${problem}`, {
      hint: 'for example --from 2026-07-01 --to 2026-07-15 --substitute SSIN=85061199814:DOCTOR',
    });
  }
}

/** @throws TopazError `E_USAGE`. */
export function checkAbsenceId(id: string): void {
  if (!OOO_ID.test(id)) {
    throw new TopazError('E_USAGE', 'this is no id of a period', { hint: 'topaz ehbox ooo list' });
  }
}

/**
 * Past, present and future periods.
 *
 * @throws TopazError `E_SERVICE_REFUSED`, `E_REPLY_INVALID`, and those of the call.
 */
export async function fetchAbsences(
  call: Call,
  url: string,
  options: ConsultationOptions,
): Promise<readonly ListedAbsence[]> {
  const { payload } = await send(call, url, 'GetOoOList', oooListRequest(options.box), options);
  return readAbsences(payload);
}

/** @throws TopazError `E_SERVICE_REFUSED`, `E_REPLY_INVALID`. */
export function readAbsences(payload: XmlElement): readonly ListedAbsence[] {
  requireSuccess(payload, 'GetOoOList');
  return fields(payload, 'OoO').flatMap((element) => {
    const id = fieldText(element, 'OoOId');
    const from = fieldDay(element, 'StartDate');
    const to = fieldDay(element, 'EndDate');
    return id === undefined || from === undefined || to === undefined
      ? []
      : { id, from, to, substitutes: fields(element, 'Substitute').map(readSubstitute) };
  });
}

const readSubstitute = (element: XmlElement): BoxAddress => ({
  id: fieldText(element, 'Id') ?? '',
  type: fieldText(element, 'Type') ?? '',
  ...maybe('subType', fieldText(element, 'SubType')),
  quality: fieldText(element, 'Quality') ?? '',
});

/**
 * Adds a period.
 *
 * @returns Its id, where the service gave one.
 * @throws TopazError `E_SERVICE_REFUSED`; when substitutes were the reason, how many and until when they are
 *   absent stands in its facts. `E_REPLY_INVALID`, and those of the call.
 */
export async function addAbsence(
  call: Call,
  url: string,
  options: ConsultationOptions & { readonly absence: Absence },
): Promise<string | undefined> {
  const body = insertOooRequest(options.box, options.absence);
  const { payload } = await send(call, url, 'InsertOoO', body, options);
  const status = readStatus(payload, 'InsertOoO');
  if (status.ok) {
    const id = attribute(payload, 'Id');
    return id !== undefined && OOO_ID.test(id) ? id : undefined;
  }
  const texts = fields(payload, 'Substitute').map((element) => {
    const [start, end] = [fieldDay(element, 'AbsentFrom'), fieldDay(element, 'AbsentTo')];
    const why = start === undefined ? 'not accepted' : `absent from ${start} to ${end ?? '?'}`;
    return `substitute (${fieldText(element, 'Quality') ?? '?'}) ${why}`;
  });
  throw refusal('InsertOoO', { ...status, texts: [...status.texts, ...texts] });
}

/**
 * Removes periods.
 *
 * @returns Ids that the service did not find; the others are removed.
 * @throws TopazError `E_SERVICE_REFUSED` when it removed none, `E_REPLY_INVALID`, and those of the call.
 */
export async function removeAbsences(
  call: Call,
  url: string,
  options: ConsultationOptions & { readonly ids: readonly string[] },
): Promise<readonly string[]> {
  const body = deleteOooRequest(options.box, options.ids);
  const { payload } = await send(call, url, 'DeleteOoO', body, options);
  const status = readStatus(payload, 'DeleteOoO');
  const named = new Set(fieldTexts(payload, 'OoOId'));
  const missing = options.ids.filter((id) => named.has(id));
  if (!status.ok && (missing.length === 0 || missing.length === options.ids.length)) {
    throw refusal('DeleteOoO', status);
  }
  return missing;
}
