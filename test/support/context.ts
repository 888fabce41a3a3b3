/**
 * A world for the tests of commands, in which nothing works until the test says how: an unplanned reach is a
 * failure. Every context has a home of its own below `/nonexistent`, unless the test gives one.
 *
 * @module
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Context, IO, Prompter } from '../../src/cli/context.js';
import { checkDocument } from './json-schema.js';

export interface TestContext extends Context {
  /** Lines written to stdout and stderr. */
  readonly stdout: string[];
  readonly stderr: string[];
  /** Bytes written to stdout by `outBytes`. */
  readonly bytes: Uint8Array[];
  /** Ends the command as Ctrl-C does. */
  readonly abort: () => void;
}

export type ContextOverrides = Partial<Omit<Context, 'io'>> & {
  readonly io?: Partial<IO>;
  /** Shorthand: a terminal on all three streams. */
  readonly terminal?: boolean;
};

const unplanned = (what: string) => (): Promise<never> =>
  Promise.reject(new Error(`the command reached for ${what}`));

/** A context at 2026-03-01T12:00:00Z, in English, without terminal, without environment. */
export function testContext({
  io,
  env,
  terminal = false,
  ...overrides
}: ContextOverrides = {}): TestContext {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const bytes: Uint8Array[] = [];
  const controller = new AbortController();
  let ids = 0;
  return {
    io: {
      out: (text) => {
        stdout.push(...text.split('\n'));
        refuseUndocumented(text);
      },
      err: (text) => void stderr.push(...text.split('\n')),
      outBytes: (chunk) => {
        bytes.push(chunk);
        return Promise.resolve();
      },
      tty: { stdin: terminal, stdout: terminal, stderr: terminal },
      columns: 100,
      readStdin: unplanned('stdin'),
      readFd: unplanned('a descriptor'),
      ...io,
    },
    // No process outlives the test, unless that is what it is about.
    env: { TOPAZ_NO_AGENT: '1', ...env },
    platform: 'linux',
    cwd: '/nonexistent/cwd',
    home: '/nonexistent/home',
    now: () => new Date('2026-03-01T12:00:00Z'),
    newId: () => {
      ids += 1;
      return `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
    },
    signal: controller.signal,
    prompter: unplanned('a person'),
    stdout,
    stderr,
    bytes,
    abort: () => {
      controller.abort();
    },
    ...overrides,
  };
}

/** Every JSON document that a test makes topaz print is held against its schema. */
function refuseUndocumented(text: string): void {
  if (/^\{\s*"schema":\s*"topaz\./.test(text)) {
    const problems = checkDocument(JSON.parse(text));
    if (problems.length > 0) {
      throw new Error(`the document is not that of docs/schema: ${problems.join('; ')}`);
    }
  }
}

/** Answers in the order of the questions; a question too many is a failure. */
export function scriptedPrompter(...answers: readonly (string | boolean)[]): {
  readonly prompter: () => Promise<Prompter>;
  readonly asked: string[];
} {
  const left = [...answers];
  const asked: string[] = [];
  const next = (question: string): string => {
    asked.push(question);
    const answer = left.shift();
    if (answer === undefined) {
      throw new Error(`nobody answers: ${question}`);
    }
    return String(answer);
  };
  const prompter: Prompter = {
    secret: (message) => Promise.resolve(new TextEncoder().encode(next(message))),
    input: (message) => Promise.resolve(next(message)),
    confirm: (message) => Promise.resolve(next(message) === 'true'),
    choose: (message, choices) => {
      const value = next(message);
      const choice = choices.find((known) => known.value === value);
      return choice === undefined
        ? Promise.reject(new Error(`"${value}" is no choice of: ${message}`))
        : Promise.resolve(choice.value);
    },
  };
  return { prompter: () => Promise.resolve(prompter), asked };
}

/** A temporary home (`TOPAZ_HOME`), removed by `remove`. */
export async function temporaryHome(): Promise<{
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly remove: () => Promise<void>;
}> {
  const dir = await mkdtemp(join(tmpdir(), 'topaz-test-'));
  return {
    dir,
    env: { TOPAZ_HOME: dir },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
