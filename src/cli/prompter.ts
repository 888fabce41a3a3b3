/**
 * Questions on the terminal, written to stderr and read from the keyboard, never from data on stdin. Loaded
 * only when something is asked.
 *
 * @module
 */

import { input, password, rawlist, select } from '@inquirer/prompts';

import { TopazError } from '../errors.js';
import type { Prompter } from './context.js';

export interface PrompterOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal: AbortSignal;
  /** Numbered lists instead of arrow menus. */
  readonly plain: boolean;
}

/** No mark before a question: what stands on the line is the question. */
const THEME = { prefix: { idle: '', done: '' } };

/** Nothing stands in the place of what is typed, in no language. */
const HIDDEN = { ...THEME, style: { maskedText: '' } };
/** The keys of a list as signs, which are the same in every language. */
const LIST = {
  ...THEME,
  style: {
    keysHelpTip: (keys: [key: string, action: string][]) => keys.map(([key]) => key).join(' '),
  },
};

/** A question's answer that means yes, in the four languages. */
const YES = /^(y|yes|o|oui|j|ja)$/i;

/** The prompter of a terminal. */
export function createPrompter({
  input: keyboard,
  output,
  signal,
  plain,
}: PrompterOptions): Prompter {
  const context = { input: keyboard, output, signal };
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question();
    } catch (error) {
      throw isCancelled(error)
        ? new TopazError('E_INTERRUPTED', 'interrupted', { cause: error })
        : error;
    }
  };
  return {
    secret: async (message) =>
      new TextEncoder().encode(
        // Never shown, also not with the library's own key for it.
        await ask(() =>
          password({ message, mask: false, toggleMask: false, theme: HIDDEN }, context),
        ),
      ),
    input: (message, { default: preset, validate } = {}) =>
      ask(() =>
        input(
          {
            message,
            theme: THEME,
            ...(preset === undefined ? {} : { default: preset }),
            ...(validate === undefined ? {} : { validate }),
          },
          context,
        ),
      ),
    confirm: async (message) =>
      YES.test((await ask(() => input({ message, theme: THEME }, context))).trim()),
    choose: (message, choices) => {
      const config = {
        message,
        choices: choices.map(({ value, label }) => ({ value, name: label })),
      };
      return ask(() =>
        plain
          ? rawlist({ ...config, theme: THEME }, context)
          : select({ ...config, theme: LIST }, context),
      );
    },
  };
}

/** Ctrl-C, the end of the keyboard, or our own signal. */
const isCancelled = (error: unknown): boolean =>
  error instanceof Error &&
  /^(ExitPromptError|AbortPromptError|CancelPromptError)$/.test(error.name);
