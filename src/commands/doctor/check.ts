/**
 * One finding of `topaz doctor`, and how a failure of topaz itself becomes one.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { systemCode, TopazError } from '../../errors.js';
import { CODES } from '../explain/topaz-codes.js';

export type CheckState = 'ok' | 'warning' | 'failed' | 'skipped';
export type CheckGroup = 'machine' | 'card' | 'profile' | 'network';

export interface Check {
  /** Stable: scripts look for it. `keystore.<alias>` and `network.<host>` name what they are about. */
  readonly id: string;
  readonly group: CheckGroup;
  readonly state: CheckState;
  /** One sentence in the language of the person. */
  readonly summary: string;
  /** A command, or one sentence. */
  readonly hint?: string | undefined;
  /** `--fix` mended it. */
  readonly fixed?: boolean | undefined;
}

/** What a command line asks for. */
export interface DoctorOptions {
  network?: boolean;
  card?: boolean;
  fix?: boolean;
  report?: string;
  force?: boolean;
}

const MAX_SUMMARY = 120;

type About = Pick<Check, 'id' | 'group'>;

/** Makes the checks of one group without repeating its name. */
export const checksOf =
  (group: CheckGroup) =>
  (id: string, state: CheckState, summary: string, hint?: string): Check => ({
    id,
    group,
    state,
    summary,
    ...(hint === undefined ? {} : { hint }),
  });

/** The sentence and the next step of an error, in the language of the person. */
export function describeError(
  { settings, t }: Run,
  error: TopazError,
): { readonly summary: string; readonly hint: string } {
  const remedy = t(`explain.do.${CODES[error.code].remedy}`);
  if (settings.lang === 'en') {
    return { summary: withFact(error), hint: error.hint ?? remedy };
  }
  // The command of the exact hint needs no translation.
  const command = /\btopaz [a-z][^;,()]*/.exec(error.hint ?? '')?.[0].trim();
  return {
    summary: t(error.code),
    hint: command === undefined ? remedy : `${remedy} (${command})`,
  };
}

/** With its first fact, where that is no list. */
function withFact({ message, facts: [fact] }: TopazError): string {
  const text = fact === undefined ? message : `${message}: ${fact}`;
  return text.length > MAX_SUMMARY ? message : text;
}

/**
 * Runs one part of the examination. What it throws is its finding, so that the other parts go on; only an
 * interruption ends the command.
 *
 * @param state What a refusal means here. @default 'failed'
 */
export async function examine(
  run: Run,
  about: About,
  work: () => Promise<readonly Check[]>,
  state: (error: TopazError) => CheckState = () => 'failed',
): Promise<readonly Check[]> {
  try {
    return await work();
  } catch (error) {
    const known = error instanceof TopazError ? error : refusedByDisk(error);
    if (run.ctx.signal.aborted || known === undefined || known.code === 'E_INTERRUPTED') {
      throw error;
    }
    return [{ ...about, state: state(known), ...describeError(run, known) }];
  }
}

/** A file or folder that this user may not use. */
function refusedByDisk(error: unknown): TopazError | undefined {
  const code = systemCode(error);
  if (code === undefined || !/^E(ACCES|PERM|ROFS|NOTDIR|ISDIR|LOOP|IO)$/.test(code)) {
    return undefined;
  }
  const path = error instanceof Error && 'path' in error ? String(error.path) : '';
  return new TopazError('E_READ_ONLY', `${path} cannot be used (${code})`, {
    hint: 'check owner and permissions of the file and its folder',
  });
}
