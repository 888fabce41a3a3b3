/**
 * The line of `topaz mycarenet insurability` → questions. Numbers are checked before anything else happens.
 *
 * @module
 */

import { nearest } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import { checkGenIns } from '../../mycarenet/genins/question.js';
import type { Profile } from '../../profile/profile.js';
import { parseSsin } from '../../ids/ssin.js';
import type { Ssin } from '../../ids/ssin.js';
import { addDays, belgianDay, isLocalDate } from '../../mycarenet/belgian-day.js';
import type { LocalDate } from '../../mycarenet/belgian-day.js';
import {
  checkPeriod,
  OTHER_FACETS,
  parseMutuality,
  parseRegistration,
} from '../../mycarenet/memberdata/query.js';
import type {
  MemberDataQuery,
  OtherFacet,
  PatientId,
  RequestType,
} from '../../mycarenet/memberdata/query.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { sealingWanted } from './sealing.js';
import type { InsurabilityService } from './sealing.js';
import type { BatchFlags } from './batch-flags.js';

export interface InsurabilityOptions extends KeystoreFlags, BatchFlags {
  service?: InsurabilityService;
  encrypt?: boolean;
  on?: string;
  from?: string;
  to?: string;
  requestType: RequestType;
  hospitalized?: boolean;
  facet?: readonly string[];
  mutuality?: string;
  registration?: string;
  raw?: boolean;
  dryRun?: boolean;
  failIfNotInsured?: boolean;
}

/**
 * Who is asked about, each once.
 *
 * @throws TopazError `E_SSIN_INVALID`; `E_USAGE` for flags that do not go together.
 */
export function parsePatients(
  words: readonly string[],
  { mutuality, registration }: InsurabilityOptions,
): readonly PatientId[] {
  const numbers: readonly Ssin[] = [...new Set(words.map(parseSsin))];
  if (registration !== undefined) {
    if (mutuality === undefined || numbers.length > 0) {
      throw new TopazError(
        'E_USAGE',
        mutuality === undefined
          ? '--registration needs the mutuality'
          : 'an SSIN and a membership number are not asked together',
        { hint: '--mutuality NUMBER --registration NUMBER, and no SSIN' },
      );
    }
    return [
      {
        kind: 'registration',
        registration: parseRegistration(registration),
        mutuality: parseMutuality(mutuality),
      },
    ];
  }
  if (numbers.length === 0) {
    throw new TopazError('E_USAGE', 'about whom is not said', {
      hint: 'topaz mycarenet insurability NISS, or --mutuality NUMBER --registration NUMBER',
    });
  }
  const at = mutuality === undefined ? {} : { mutuality: parseMutuality(mutuality) };
  return numbers.map((ssin) => ({ kind: 'ssin', ssin, ...at }));
}

/**
 * What is asked about each of them.
 *
 * @param now Today is the day in Belgium.
 * @throws TopazError `E_USAGE`.
 */
export function parseQuestion(
  options: InsurabilityOptions,
  now: Date,
): Omit<MemberDataQuery, 'patient'> {
  const { requestType, hospitalized = false } = options;
  const { from, to } = parsePeriod(options, belgianDay(now));
  return { from, to, requestType, hospitalized, otherFacets: parseFacets(options.facet ?? []) };
}

function parsePeriod(
  { on, from, to }: InsurabilityOptions,
  today: LocalDate,
): { readonly from: LocalDate; readonly to: LocalDate } {
  if ((from === undefined) !== (to === undefined)) {
    throw new TopazError('E_USAGE', '--from and --to go together', {
      hint: 'for one day: --on DATE',
    });
  }
  const first = parseDay(from ?? on ?? 'today', from === undefined ? '--on' : '--from', today);
  const last = to === undefined ? first : parseDay(to, '--to', today);
  checkPeriod(first, last, today);
  return { from: first, to: last };
}

function parseDay(text: string, flag: string, today: LocalDate): LocalDate {
  const word = text.trim().toLowerCase();
  const day = word === 'today' ? today : word === 'yesterday' ? addDays(today, -1) : word;
  if (!isLocalDate(day)) {
    throw new TopazError('E_USAGE', `${flag} takes a day`, {
      hint: `for example ${flag} 2026-03-01, today or yesterday`,
    });
  }
  return day;
}

function parseFacets(names: readonly string[]): readonly OtherFacet[] {
  const facets = new Set<OtherFacet>();
  for (const name of names) {
    const known = OTHER_FACETS.find((facet) => facet.toLowerCase() === name.toLowerCase());
    if (known !== undefined) {
      facets.add(known);
    } else if (name.toLowerCase() !== 'insurability') {
      const [near] = nearest(name, OTHER_FACETS);
      throw new TopazError('E_USAGE', 'there is no such facet', {
        facts: [`facets: insurability (always), ${OTHER_FACETS.join(', ')}`],
        hint: near === undefined ? '--facet chronicCondition' : `--facet ${near}`,
      });
    }
  }
  return [...facets];
}

/**
 * Refuses what GenIns cannot do; it is never left out in silence.
 *
 * @throws TopazError `E_USAGE`.
 */
export function checkService(
  options: InsurabilityOptions,
  profile: Pick<Profile, 'mycarenet'>,
  queries: readonly MemberDataQuery[],
): void {
  if (options.service !== 'genins') {
    return;
  }
  queries.forEach(checkGenIns);
  checkGenInsFlags(options, profile);
}

/**
 * The same for a list.
 *
 * @throws TopazError `E_USAGE`.
 */
export function checkListService(
  options: InsurabilityOptions,
  profile: Pick<Profile, 'mycarenet'>,
  question: Omit<MemberDataQuery, 'patient'>,
): void {
  if (options.service === 'genins') {
    checkGenIns({ ...question, patient: ANYBODY });
    checkGenInsFlags(options, profile);
  }
}

/** Whom the question is about does not matter yet. */
const ANYBODY: PatientId = { kind: 'registration', registration: '', mutuality: '' };

function checkGenInsFlags(options: InsurabilityOptions, profile: Pick<Profile, 'mycarenet'>): void {
  const refuse = (problem: string, hint: string): never => {
    throw new TopazError('E_USAGE', problem, { hint });
  };
  if (sealingWanted(profile, options) === true) {
    refuse('GenIns takes no sealed questions', 'ask it in clear with --no-encrypt');
  }
  if (profile.mycarenet.sender !== undefined) {
    refuse('GenIns has no place for an office that sends', 'leave out --service genins, or: topaz profile unset mycarenet.sender'); // prettier-ignore
  }
  if (options.raw === true) {
    refuse('GenIns states no single facts', 'leave out --raw');
  }
}
