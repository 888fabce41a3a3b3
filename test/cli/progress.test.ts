/** Steps without a terminal, and the way to the services. The spinner itself: terminal.test.ts. */

import { describe, expect, test } from '@jest/globals';

import { Progress } from '../../src/cli/progress.js';
import { readSettings } from '../../src/cli/settings.js';
import type { GlobalOptions } from '../../src/cli/global-flags.js';
import { createSigns, PLAIN } from '../../src/cli/style.js';
import { testContext } from '../support/context.js';

describe('a step without a terminal', () => {
  async function step(
    options: GlobalOptions,
    work: () => Promise<string> = () => Promise.resolve('result'),
  ): Promise<{ result: string | undefined; stderr: string[] }> {
    const ctx = testContext();
    let time = 0;
    const progress = new Progress({
      io: ctx.io,
      settings: readSettings(ctx, options, 'default', {}),
      style: PLAIN,
      signs: createSigns(false),
      elapsed: () => (time += 412),
      ci: false,
    });
    const result = await progress.step('Asking the STS', work).catch(() => undefined);
    return { result, stderr: ctx.stderr };
  }

  test.each<[string, GlobalOptions, readonly string[]]>([
    ['is silent', {}, []],
    ['is a line with -v', { verbose: 1 }, ['Asking the STS …']],
    ['is a line with its time with -vv', { verbose: 2 }, ['Asking the STS (412 ms)']],
    ['is silent under --quiet', { verbose: 2, quiet: true }, []],
    ['is silent under --json', { verbose: 2, json: true }, []],
  ])('%s', async (_, options, stderr) => {
    expect(await step(options)).toEqual({ result: 'result', stderr });
  });

  test('that fails lets the error through', async () => {
    expect(await step({ verbose: 2 }, () => Promise.reject(new Error('no')))).toEqual({
      result: undefined,
      stderr: [],
    });
  });
});
