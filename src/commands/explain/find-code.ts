/**
 * What a code means, wherever it comes from: topaz, the card, or a service. The same word may be a code of two
 * of them, so there may be several answers.
 *
 * @module
 */

import { EXIT, FAMILY, isErrorCode, TopazError } from '../../errors.js';
import type { ErrorCode } from '../../errors.js';
import { DETAIL_CODES, detailCode } from '../../mycarenet/memberdata/catalogue.js';
import { cardError, CKR, ckrName } from '../../pkcs11/ckr.js';
import type { CardStep } from '../../pkcs11/ckr.js';
import { CkrError } from '../../pkcs11/module.js';
import { nearest } from '../../profile/nearest.js';
import type { Fault } from './fault.js';
import { REMEDY_OF, SERVICE_CODES } from './service-codes.js';
import type { System } from './service-codes.js';
import { CODES } from './topaz-codes.js';

export interface Explanation {
  readonly system: System;
  /** In its official form. */
  readonly code: string;
  /** Keys of the messages that say what it means; several where it depends on what was being done. */
  readonly meaning: readonly string[];
  readonly fault: Fault;
  /** The message `explain.do.<remedy>`. */
  readonly remedy: string;
  readonly commands: readonly string[];
  readonly retryable?: boolean;
  /** Only of codes of topaz. */
  readonly exitCode?: number;
  /** Codes of topaz that a return code of the card becomes. */
  readonly becomes?: readonly ErrorCode[];
}

/** Every answer to a code as somebody copied it; none for one that is not known. */
export function findCode(given: string): readonly Explanation[] {
  const code = normalise(given);
  return [...topazCode(code), ...cardCode(code), ...serviceCodes(code), ...memberDataCode(code)];
}

/** `[E_PIN_LOCKED]`, `wst:InvalidRequest`, `soa-01001` … as they are known here. */
function normalise(given: string): string {
  const bare = given
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/[.,;:]$/, '');
  return bare.replace(/^[a-z0-9-]+:(?=[A-Za-z])/i, '').replace(/\[.*$/, '');
}

const same = (a: string, b: string): boolean => a.toUpperCase() === b.toUpperCase();

function topazCode(code: string): readonly Explanation[] {
  const name = code.toUpperCase();
  if (!isErrorCode(name)) {
    return [];
  }
  const { fault, remedy, commands = [] } = CODES[name];
  const exitCode = EXIT[FAMILY[name]];
  return [{ system: 'topaz', code: name, meaning: [name], fault, remedy, commands, exitCode }];
}

const STEPS: readonly CardStep[] = ['list', 'read', 'login', 'sign'];

function cardCode(code: string): readonly Explanation[] {
  const ckr = ckrOf(code);
  if (ckr === undefined) {
    return [];
  }
  const errors = STEPS.map((step) => cardError(new CkrError(ckr, 'explain'), { step }));
  const becomes = [
    ...new Set(errors.flatMap((error) => (error instanceof TopazError ? [error.code] : []))),
  ];
  const [first = 'E_CARD_ERROR'] = becomes;
  const { fault, remedy, commands = [] } = CODES[first];
  return [
    { system: 'card', code: ckrName(ckr), meaning: becomes, fault, remedy, commands, becomes },
  ];
}

/** `CKR_PIN_LOCKED`, `PIN_LOCKED`, `0xA4`. */
function ckrOf(code: string): number | undefined {
  const names = Object.entries(CKR);
  if (/^0x[0-9a-f]{1,8}$/i.test(code)) {
    return names.find(([, value]) => value === Number(code))?.[1];
  }
  return names.find(([name]) => same(code, `CKR_${name}`) || same(code, name))?.[1];
}

const serviceCodes = (code: string): readonly Explanation[] =>
  SERVICE_CODES.filter((known) => same(known.code, code)).map((known) => ({
    ...known,
    meaning: [known.meaning],
    commands: known.commands ?? [],
  }));

function memberDataCode(code: string): readonly Explanation[] {
  const name = code.toUpperCase();
  const known = detailCode(name);
  if (known === undefined) {
    return [];
  }
  const { category, retryable, hint } = known;
  return [
    {
      system: 'memberdata',
      code: name,
      meaning: [`mycarenet.fault.${name}`],
      fault: category,
      remedy: REMEDY_OF[category],
      commands: hint?.startsWith('topaz ') === true ? [hint] : [],
      retryable,
    },
  ];
}

/** Every code that can be explained, in its official form. */
export const ALL_CODES: readonly string[] = [
  ...Object.keys(FAMILY),
  ...Object.keys(CKR).map((name) => `CKR_${name}`),
  ...SERVICE_CODES.map(({ code }) => code),
  ...DETAIL_CODES,
];

const MAX_NEAR = 3;

/** Known codes that are probably meant: a few letters off, or with the same words in them. */
export function nearCodes(given: string): readonly string[] {
  const code = normalise(given).toUpperCase();
  const close = nearest(code, ALL_CODES);
  const parts = code.split(/[_\s-]+/).filter((part) => part.length > 2);
  const alike =
    parts.length === 0
      ? []
      : ALL_CODES.filter((known) => parts.every((part) => known.toUpperCase().includes(part)));
  return [...new Set([...close, ...alike])].slice(0, MAX_NEAR);
}
