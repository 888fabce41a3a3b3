/**
 * Words that the views of insurability share: days, codes, what a detail code means.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import type { Period } from '../../mycarenet/memberdata/insurability.js';

/** A calendar day in the short words of the language: `1 Mar 2026`. */
export const shortDay = ({ settings }: Run, day: string): string => {
  const date = new Date(`${day.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(date.getTime())
    ? day
    : new Intl.DateTimeFormat(`${settings.lang}-BE`, {
        day: 'numeric',
        month: 'short',
        year: 'numeric',
        timeZone: 'UTC',
      }).format(date);
};

/** Day and time in Belgium. */
export function moment(run: Run, at: Date): string {
  const format = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(`${run.settings.lang}-BE`, { timeZone: 'Europe/Brussels', ...options }).format(at); // prettier-ignore
  const day = format({ day: 'numeric', month: 'short', year: 'numeric' });
  return `${day} ${format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}`;
}

/** `110/110`. */
export const codes = ({ ct1 = '–', ct2 = '–' }: Pick<Period, 'ct1' | 'ct2'>): string =>
  `${ct1}/${ct2}`;

/** What a detail code of MemberData means; `undefined` for one that is new. */
export const faultMeaning = (run: Run, code: string): string | undefined =>
  meaning(run, `mycarenet.fault.${code}`);

/** What a detail code of GenIns means. */
export const genInsMeaning = (run: Run, code: string): string | undefined =>
  meaning(run, `mycarenet.genins.${code}`);

function meaning(run: Run, key: string): string | undefined {
  const text = run.t(key);
  return text === key ? undefined : text;
}
