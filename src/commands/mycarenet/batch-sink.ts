/**
 * Where the lines of a batch go: stdout, or a file that appears when it is complete.
 *
 * @module
 */

import { access } from 'node:fs/promises';
import { resolve } from 'node:path';

import type { Run } from '../../cli/run.js';
import { AtomicFile } from '../../disk/atomic-file.js';
import { TopazError } from '../../errors.js';

export interface Sink {
  write(text: string): Promise<void>;
  /** Complete: gives the file its name. */
  end(): Promise<void>;
  abandon(): Promise<void>;
}

/**
 * Opens it; a file that may not be replaced is refused before anything is asked.
 *
 * @throws TopazError `E_FILE_EXISTS`, `E_FILE_NOT_FOUND`, `E_READ_ONLY`.
 */
export async function openSink(
  run: Run,
  {
    out,
    force = false,
  }: { readonly out?: string | undefined; readonly force?: boolean | undefined },
): Promise<Sink> {
  const encoder = new TextEncoder();
  if (out === undefined || out === '-') {
    const { io } = run.ctx;
    return {
      write: (text) => io.outBytes(encoder.encode(text)),
      end: () => Promise.resolve(),
      abandon: () => Promise.resolve(),
    };
  }
  const path = resolve(run.ctx.cwd, out);
  if (!force && (await exists(path))) {
    throw new TopazError('E_FILE_EXISTS', `${out} exists already`, {
      hint: 'choose another name, or add --force',
    });
  }
  const file = await AtomicFile.begin(path, { overwrite: force });
  return {
    write: (text) => file.write(encoder.encode(text)),
    end: () => file.commit(),
    abandon: () => file.abandon(),
  };
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
