/** Patients who do not exist, and days on which they are asked about: so many questions, none of them twice. */

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2026, 0, 1);
export const DAYS = 80;

/** National numbers with right check digits. */
export const patients = (count) =>
  Array.from({ length: count }, (_, index) => {
    const base = 500_101_001 + index;
    return `${base}${String(97 - (base % 97)).padStart(2, '0')}`;
  });

/** `{ssin, day}`; the patients of one day after the other. */
export function questions(count, people) {
  if (count > people.length * DAYS) {
    throw new RangeError(`no more than ${people.length * DAYS} questions`);
  }
  return Array.from({ length: count }, (_, index) => ({
    ssin: people[index % people.length],
    day: new Date(FIRST_DAY + Math.floor(index / people.length) * DAY_MS)
      .toISOString()
      .slice(0, 10),
  }));
}
