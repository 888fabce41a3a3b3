/**
 * Calendar days as MyCareNet counts them: from midnight to midnight in Belgium, the end of a period exclusive
 * (mycarenet §1.4). The next midnight is computed, never 24 hours added: some days have 23 or 25.
 *
 * @module
 */

/** `YYYY-MM-DD`. */
export type LocalDate = string & { readonly __brand: 'LocalDate' };

const DAY_MS = 86_400_000;
const WALL_CLOCK = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Brussels',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** Whether a text is a day of the calendar, between the years 1000 and 9999. */
export const isLocalDate = (text: string): text is LocalDate =>
  /^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$/.test(text) &&
  !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
  new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);

/** The day in Belgium at a moment. */
export const belgianDay = (at: Date): LocalDate => wallClock(at).slice(0, 10) as LocalDate;

/** The day so many days later. */
export const addDays = (day: LocalDate, days: number): LocalDate =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10) as LocalDate;

/** Midnight at the start of a day as `xs:dateTime` with the offset of that day. */
export const formatMidnight = (day: LocalDate): string =>
  `${day}T00:00:00.000${offsetOf(`${day}T00:00:00`)}`;

/**
 * Reads an `xs:dateTime` of an answer; without an offset it is the time in Belgium.
 *
 * @returns `undefined` for anything else.
 */
export function parseInstant(text: string): Date | undefined {
  const [, local, zone] =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)(Z|[+-][0-9]{2}:[0-9]{2})?$/.exec(
      text.trim(),
    ) ?? [];
  if (local === undefined) {
    return undefined;
  }
  const at = new Date(`${local}${zone ?? offsetOf(local.slice(0, 19))}`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** Offset of a wall clock time `YYYY-MM-DDThh:mm:ss` in Belgium; that of winter where both or none fit. */
function offsetOf(local: string): string {
  const fits = (offset: string): boolean => {
    const at = new Date(`${local}${offset}`);
    return !Number.isNaN(at.getTime()) && wallClock(at) === local;
  };
  return fits('+02:00') && !fits('+01:00') ? '+02:00' : '+01:00';
}

/** `YYYY-MM-DDThh:mm:ss` in Belgium. */
function wallClock(at: Date): string {
  const parts = new Map(WALL_CLOCK.formatToParts(at).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`;
}
