/**
 * Calendar days of Belgium, as MemberData counts them: from midnight to midnight in Europe/Brussels, end
 * exclusive (mycarenet §1.4). Days on which the clock changes have 23 or 25 hours.
 *
 * @module
 */

const FIELDS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Brussels',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

const DAY_MS = 86_400_000;

interface WallClock {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** `hh:mm:ss`. */
  readonly time: string;
}

function wallClock(at: Date): WallClock {
  const parts = new Map(FIELDS.formatToParts(at).map(({ type, value }) => [type, value]));
  const get = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  return {
    day: `${get('year').padStart(4, '0')}-${get('month')}-${get('day')}`,
    time: `${get('hour')}:${get('minute')}:${get('second')}`,
  };
}

/** The Belgian day of a moment, `YYYY-MM-DD`. */
export const dayAt = (at: Date): string => wallClock(at).day;

/** Days from one to another; negative when the second is earlier. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** Midnight at the start of a Belgian day as `xs:dateTime` with its offset. */
export function midnight(day: string): string {
  // Midnight is never inside a change of the clock: one of the two offsets fits.
  const offset = ['+01:00', '+02:00'].find((candidate) => {
    const clock = wallClock(new Date(`${day}T00:00:00${candidate}`));
    return clock.day === day && clock.time === '00:00:00';
  });
  return `${day}T00:00:00.000${offset ?? '+01:00'}`;
}
