/**
 * The line of a step whose amount is known: counter, bar and, once it can be told, rate and time left (cli-ux §7).
 *
 * @module
 */

/** How far a step is. */
export interface Count {
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
}

export interface CounterText {
  readonly unicode: boolean;
  /** How amounts are written. @default the number */
  readonly amount?: ((value: number) => string) | undefined;
  /** Writes a time left, in seconds. */
  readonly timeLeft: (seconds: number) => string;
}

const BAR_WIDTH = 10;
/** Before that, a rate says nothing. */
const TELLING_MS = 5_000;

/** `12/40  ▓▓▓░░░░░░░`, after five seconds also `4.8/s, 6 s left`. */
export function counterText(
  { done, total, elapsedMs }: Count,
  { unicode, amount = String, timeLeft }: CounterText,
): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const filled = Math.floor(share * BAR_WIDTH);
  const [full, empty] = unicode ? ['▓', '░'] : ['#', '-'];
  const bar = full.repeat(filled) + empty.repeat(BAR_WIDTH - filled);
  const parts = [`${amount(done)}/${amount(total)}`, bar];
  if (elapsedMs >= TELLING_MS && done > 0 && done < total) {
    const perSecond = done / (elapsedMs / 1000);
    const rate = amount === String ? perSecond.toFixed(1) : amount(perSecond);
    parts.push(`${rate}/s, ${timeLeft(Math.ceil((total - done) / perSecond))}`);
  }
  return parts.join('  ');
}

/** `45 s`, `3 min`, `2 h 5 min`. */
export function shortDuration(seconds: number): string {
  if (seconds < 90) {
    return `${seconds} s`;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
