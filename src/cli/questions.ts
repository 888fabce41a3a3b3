/**
 * When a person may be asked, and what is said when nobody can be.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { Context, Prompter } from './context.js';
import type { Translate } from './messages/catalog.js';
import type { Progress } from './progress.js';
import type { Settings } from './settings.js';

/** `E_INPUT_REQUIRED`: an answer is needed and nobody can be asked. */
export function inputRequired(settings: Settings, what: string, hint: string): TopazError {
  const why = settings.noInput
    ? 'asking is switched off'
    : settings.json && settings.canAskSecret
      ? 'nothing is asked under --json'
      : 'there is no terminal to ask';
  return new TopazError('E_INPUT_REQUIRED', `${what} and ${why}`, { hint });
}

export interface AskingOptions {
  readonly ctx: Context;
  readonly settings: Settings;
  readonly translate: Translate;
  readonly progress: Progress;
}

/**
 * The context's prompter, kept from asking where asking is not allowed; a spinner waits while it asks.
 *
 * @throws TopazError `E_INPUT_REQUIRED`.
 */
export async function askingPrompter({
  ctx,
  settings,
  translate,
  progress,
}: AskingOptions): Promise<Prompter> {
  if (!settings.canAskSecret) {
    throw inputRequired(settings, 'an answer is needed', 'give it by a flag (--help lists them)');
  }
  const prompter = await ctx.prompter();
  const allowed = (): void => {
    if (!settings.canAsk) {
      throw inputRequired(settings, 'an answer is needed', 'give it by a flag (--help lists them)');
    }
  };
  return {
    secret: (message) => progress.pause(() => prompter.secret(message)),
    input: async (message, options) => {
      allowed();
      return progress.pause(() => prompter.input(message, options));
    },
    confirm: async (message) => {
      allowed();
      return progress.pause(() => prompter.confirm(`${message} ${translate('frame.yesNo')}`));
    },
    choose: async (message, choices) => {
      allowed();
      return progress.pause(() => prompter.choose(message, choices));
    },
  };
}
