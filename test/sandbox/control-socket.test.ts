import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { TopazError } from '../../src/errors.js';
import { askSandbox, listenForControl } from '../../src/sandbox/control-socket.js';
import type { ControlServer } from '../../src/sandbox/control-socket.js';

let folder = '';
let server: ControlServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-control-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

const echo = (request: { operation: string; parameters: Readonly<Record<string, unknown>> }) =>
  Promise.resolve({ ...request });

describe('the control socket', () => {
  test('carries a request and its answer, and only its owner may use it', async () => {
    server = await listenForControl(folder, echo);
    expect(await askSandbox(folder, 'hello', { text: 'é'.repeat(100_000) })).toEqual({
      operation: 'hello',
      parameters: { text: 'é'.repeat(100_000) },
    });
    expect((await stat(join(folder, 'control.sock'))).mode & 0o777).toBe(0o600);
  });

  test('carries errors with code, hint and facts', async () => {
    server = await listenForControl(folder, () =>
      Promise.reject(new TopazError('E_USAGE', 'no such thing', { hint: 'try', facts: ['one'] })),
    );
    await expect(askSandbox(folder, 'x')).rejects.toMatchObject({
      code: 'E_USAGE',
      message: 'no such thing',
      hint: 'try',
      facts: ['one'],
    });
  });

  test('says that nobody listens: no socket, a stale one', async () => {
    await expect(askSandbox(folder, 'x')).rejects.toMatchObject({ code: 'E_SANDBOX_NOT_RUNNING' });
    await writeFile(join(folder, 'control.sock'), '');
    await expect(askSandbox(folder, 'x')).rejects.toMatchObject({ code: 'E_SANDBOX_NOT_RUNNING' });
  });

  test('replaces the socket of a killed sandbox', async () => {
    await writeFile(join(folder, 'control.sock'), '');
    server = await listenForControl(folder, echo);
    expect(await askSandbox(folder, 'again')).toMatchObject({ operation: 'again' });
  });

  test('works below a path that is longer than a socket may have', async () => {
    const deep = join(folder, 'd'.repeat(100), 'e'.repeat(100));
    await mkdir(deep, { recursive: true });
    server = await listenForControl(deep, echo);
    expect(await askSandbox(deep, 'deep')).toMatchObject({ operation: 'deep' });
  });
});
