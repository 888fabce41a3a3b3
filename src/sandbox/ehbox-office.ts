/**
 * Out of office at the eHealthBox (ehealthbox §3): periods of a box, and the rules of the cookbook for them.
 *
 * @module
 */

import { addressMarkup, boxOf, requestedBox, sameBox } from './ehbox-addresses.js';
import type { BoxKey } from './ehbox-addresses.js';
import { response, responseWithId, SUCCESS } from './ehbox-answers.js';
import { refused } from './ehbox-request.js';
import type { BoxRequest } from './ehbox-request.js';
import type { Answer, Sandbox } from './exchange.js';
import type { OfficePeriod } from './state.js';
import { etkType, formatIdentifier } from '../ids/identifier.js';
import { childrenOf, textOf } from './xml-read.js';
import type { ReadElement } from './xml-read.js';
import { el } from './xml-text.js';
import type { Markup } from './xml-text.js';

const MAX_PERIODS = 10;
const MAX_SUBSTITUTES = 5;
const YEAR_MS = 366 * 86_400_000;

/** Codes of the real service that were never seen (ehealthbox §7). */
const BAD_PERIOD = ['823', 'the period is not valid'] as const;
const BAD_SUBSTITUTE = ['824', 'a substitute is not valid or is absent'] as const;
const UNKNOWN_PERIOD = ['825', 'the periods below were not found'] as const;

const periods = ({ state }: Sandbox): OfficePeriod[] => state.outOfOffice;

const overlaps = (a: { from: string; to: string }, b: { from: string; to: string }): boolean =>
  a.from <= b.to && b.from <= a.to;

const day = (payload: ReadElement, name: string): string => textOf(payload, '', name).slice(0, 10);

export function getOooList({ exchange, sandbox, security, payload }: BoxRequest): Answer {
  const box = requestedBox(payload, security, sandbox);
  exchange.checks.ok('business');
  const own = periods(sandbox).filter((period) => sameBox(period.box, box));
  return {
    payload: response(
      exchange.operation,
      sandbox,
      SUCCESS,
      own.map(({ id, from, to, substitutes }) =>
        el(
          'OoO',
          {},
          el('OoOId', {}, id),
          el('StartDate', {}, from),
          el('EndDate', {}, to),
          substitutes.map((substitute) => substituteMarkup(substitute)),
        ),
      ),
    ),
  };
}

const substituteMarkup = (box: BoxKey, absent?: OfficePeriod): Markup =>
  el(
    'Substitute',
    {},
    ...addressMarkup(box),
    el('Quality', {}, box.quality),
    absent === undefined ? undefined : el('AbsentFrom', {}, absent.from),
    absent === undefined ? undefined : el('AbsentTo', {}, absent.to),
  );

export async function insertOoo(request: BoxRequest): Promise<Answer> {
  const { exchange, sandbox, security, payload } = request;
  const box = requestedBox(payload, security, sandbox);
  const period = { from: day(payload, 'StartDate'), to: day(payload, 'EndDate') };
  const own = periods(sandbox).filter((other) => sameBox(other.box, box));
  const length = Date.parse(period.to) - Date.parse(period.from);
  const ahead = Date.parse(period.to) - sandbox.now().getTime();
  const bad = !(length >= 0 && length < YEAR_MS) || ahead > YEAR_MS;
  if (bad || own.length >= MAX_PERIODS || own.some((other) => overlaps(other, period))) {
    return refused(request, BAD_PERIOD);
  }
  const substitutes = childrenOf(payload, '', 'Substitute').map((element) =>
    substituteOf(sandbox, element),
  );
  const wrong = substitutes.flatMap((substitute) => {
    const absent = periods(sandbox).find(
      (other) => sameBox(other.box, substitute) && overlaps(other, period),
    );
    const person = substitute.type === 'SSIN' || substitute.type === 'NIHII';
    return absent !== undefined || !person || sameBox(substitute, box)
      ? [substituteMarkup(substitute, absent)]
      : [];
  });
  if (wrong.length > 0 || substitutes.length > MAX_SUBSTITUTES) {
    exchange.checks.failed('business', BAD_SUBSTITUTE.join(' '));
    return { payload: response(exchange.operation, sandbox, BAD_SUBSTITUTE, wrong) };
  }
  const id = `O${sandbox
    .newId()
    .replace(/[^0-9A-Za-z]/g, '')
    .slice(0, 12)
    .toUpperCase()}`;
  periods(sandbox).push({ id, box, ...period, substitutes });
  await sandbox.store.save();
  exchange.checks.ok('business');
  return { payload: responseWithId(exchange.operation, id, SUCCESS) };
}

function substituteOf(sandbox: Sandbox, element: ReadElement): BoxKey {
  const quality = textOf(element, '', 'Quality');
  const subType = textOf(element, '', 'SubType');
  const type = etkType(textOf(element, '', 'Type'), subType === '' ? undefined : subType, quality);
  const text = formatIdentifier({ type, id: textOf(element, '', 'Id') });
  try {
    return boxOf(sandbox, text, quality);
  } catch {
    return { type, id: textOf(element, '', 'Id'), quality };
  }
}

export async function deleteOoo(request: BoxRequest): Promise<Answer> {
  const { exchange, sandbox, security, payload } = request;
  const box = requestedBox(payload, security, sandbox);
  const ids = childrenOf(payload, '', 'OoOId').map(({ text }) => text.trim());
  const isMine = (period: OfficePeriod): boolean => sameBox(period.box, box);
  const missing = ids.filter((id) => !periods(sandbox).some((one) => isMine(one) && one.id === id));
  sandbox.state.outOfOffice = periods(sandbox).filter(
    (one) => !(isMine(one) && ids.includes(one.id)),
  );
  await sandbox.store.save();
  if (missing.length === 0) {
    exchange.checks.ok('business');
  } else {
    exchange.checks.failed('business', UNKNOWN_PERIOD.join(' '));
  }
  return {
    payload: response(
      exchange.operation,
      sandbox,
      missing.length === 0 ? SUCCESS : UNKNOWN_PERIOD,
      missing.map((id) => el('OoOId', {}, id)),
    ),
  };
}
