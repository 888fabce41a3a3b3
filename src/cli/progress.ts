/**
 * What a person sees while a step runs: a spinner after 300 ms that ends as one permanent line. Without a
 * terminal there is silence, or with `--verbose` one plain line per step (cli-ux §7).
 *
 * @module
 */

import type { Ora } from 'ora';

import type { IO } from './context.js';
import { counterText } from './counter.js';
import type { CounterText } from './counter.js';
import type { Settings } from './settings.js';
import type { Signs, Style } from './style.js';

const DELAY_MS = 300;

export interface ProgressOptions {
  readonly io: IO;
  readonly settings: Settings;
  readonly style: Style;
  readonly signs: Signs;
  /** A clock that only goes forward, in milliseconds. */
  readonly elapsed: () => number;
  /** Whether this is a build server. */
  readonly ci: boolean;
}

/** Tells a counting step that so much more is done. @default 1 */
export type Advance = (by?: number) => void;

/** The spinner of the step that runs, if any. */
export class Progress {
  readonly #options: ProgressOptions;
  #spinner: Ora | undefined;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Runs a step and shows that it runs. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    return this.#step(title, work, () => `${title} …`);
  }

  /** Runs a step of a known amount and shows how far it is. */
  async count<T>(
    title: string,
    total: number,
    text: CounterText,
    work: (advance: Advance) => Promise<T>,
  ): Promise<T> {
    const from = this.#options.elapsed();
    let done = 0;
    const line = (): string =>
      `${title} ${counterText({ done, total, elapsedMs: this.#options.elapsed() - from }, text)}`;
    return this.#step(
      title,
      () =>
        work((by = 1) => {
          done += by;
          if (this.#spinner !== undefined) {
            this.#spinner.text = line();
          }
        }),
      line,
    );
  }

  async #step<T>(title: string, work: () => Promise<T>, text: () => string): Promise<T> {
    const { io, settings, ci } = this.#options;
    if (settings.quiet || settings.json) {
      return work();
    }
    if (!io.tty.stderr || ci || settings.plain) {
      return this.#plainStep(title, work);
    }
    if (this.#spinner !== undefined) {
      return work();
    }
    return this.#spinningStep(title, work, text);
  }

  async #plainStep<T>(title: string, work: () => Promise<T>): Promise<T> {
    const { io, settings, elapsed } = this.#options;
    // In plain mode on a terminal a sentence is the spinner of people who hear the screen.
    const announced = settings.plain && io.tty.stderr;
    if (announced || settings.verbose === 1) {
      io.err(`${title} …`);
    }
    const from = elapsed();
    const result = await work();
    if (settings.verbose >= 2) {
      io.err(`${title} (${Math.round(elapsed() - from)} ms)`);
    }
    return result;
  }

  async #spinningStep<T>(title: string, work: () => Promise<T>, text: () => string): Promise<T> {
    const { io, settings, style, signs, elapsed } = this.#options;
    const from = elapsed();
    let over = false;
    const timer = setTimeout(() => {
      void import('ora').then(({ default: ora }) => {
        if (!over) {
          this.#spinner = ora({
            text: text(),
            discardStdin: false,
            isSilent: false,
            ...(settings.color.err ? {} : { color: false }),
            ...(settings.unicode ? {} : { spinner: 'line' }),
          }).start();
        }
      });
    }, DELAY_MS);
    const end = (): boolean => {
      over = true;
      clearTimeout(timer);
      const shown = this.#spinner !== undefined;
      this.#spinner?.stop();
      this.#spinner = undefined;
      return shown;
    };
    try {
      const result = await work();
      const shown = end();
      if (shown || settings.verbose > 0) {
        const time = ((elapsed() - from) / 1000).toFixed(1);
        io.err(`${style.success(signs.success)} ${title} ${style.dim(`(${time} s)`)}`);
      }
      return result;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Writes a line while a spinner may be turning. */
  line(text: string): void {
    const spinner = this.#spinner;
    spinner?.clear();
    this.#options.io.err(text);
    spinner?.render();
  }

  /** Runs a conversation with the person; the spinner waits. */
  async pause<T>(work: () => Promise<T>): Promise<T> {
    const spinner = this.#spinner;
    spinner?.stop();
    try {
      return await work();
    } finally {
      spinner?.start();
    }
  }
}
