/** `topaz ehbox info` and `sync` as typed, with a real session at the sandbox's services. */

import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { demoSeed } from '../../../src/sandbox/demo-seed.js';
import { runSandbox } from '../../../src/sandbox/run-sandbox.js';
import type { RunningSandbox } from '../../../src/sandbox/run-sandbox.js';
import { SHARED } from '../../support/tools.js';
import { temporaryHome, testContext } from '../../support/context.js';

const MESSAGES = 7;

let home: Awaited<ReturnType<typeof temporaryHome>>;
let sandbox: RunningSandbox;

interface Outcome {
  readonly status: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

async function run(argv: readonly string[], abort?: AbortSignal): Promise<Outcome> {
  const ctx = testContext({
    cwd: home.dir,
    now: () => new Date(),
    newId: randomUUID,
    ...(abort === undefined ? {} : { signal: abort }),
    env: {
      ...home.env,
      TOPAZ_PROFILE: 'sandbox',
      NO_COLOR: '1',
      TOPAZ_KEYSTORE_PASSWORD_FILE: join(home.dir, 'password'),
    },
  });
  return { status: await main(argv, ctx), stdout: ctx.stdout, stderr: ctx.stderr };
}

async function json(argv: readonly string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await run([...argv, '--json']);
  if (status !== 0) {
    throw new Error(stderr.join('\n'));
  }
  return JSON.parse(stdout.join('\n')) as Record<string, unknown>;
}

async function failure(
  argv: readonly string[],
): Promise<{ status: number; code: string; document: unknown }> {
  // prettier-ignore
  const { status, stdout, stderr } = await run([...argv, '--json']);
  const { error } = JSON.parse(stderr.at(-1) ?? '{}') as { error: { code: string } };
  const text = stdout.join('\n');
  return { status, code: error.code, document: text === '' ? undefined : JSON.parse(text) };
}

const data = (): readonly string[] => ['--data', join(home.dir, 'data-of-sandbox')];
const play = (operation: string, kind: string, ...more: readonly string[]): Promise<unknown> =>
  json(['sandbox', 'fail', `ehboxConsultation.${operation}`, '--with', kind, ...more, ...data()]);

/** Makes a keystore for the doctor, publishes its ETK, and makes it the active one. */
async function useNewKeystore(alias: string): Promise<void> {
  const path = join(home.dir, `${alias}.p12`);
  await json(['sandbox', 'keystore', 'create', '--holder', 'SSIN=79021599732', '--out', path, '--password-file', join(home.dir, 'password'), ...data()]); // prettier-ignore
  await json(['keystore', 'import', path, '--alias', alias, '--use']);
}

const openSession = (): Promise<unknown> =>
  json(['session', 'open', '--via', 'keystore', '--as', 'doctor', '--force']);

beforeAll(async () => {
  home = await temporaryHome();
  await writeFile(join(home.dir, 'password'), 'twelve or more\n', { mode: 0o600 });
  sandbox = await runSandbox({
    paths: resolvePaths({ env: home.env, platform: 'linux', home: home.dir }),
    dataFolder: join(home.dir, 'data-of-sandbox'),
    port: 0,
    profile: 'sandbox',
    schemaFolders: [join(SHARED, 'schemas')],
    strict: true,
    seed: demoSeed(),
    realNow: () => Date.now(),
    newId: randomUUID,
  });
  await useNewKeystore('doctor');
  await json(['profile', 'set', 'ehbox.quality', 'DOCTOR']);
  await openSession();
}, 60_000);

afterAll(async () => {
  await sandbox.close();
  await home.remove();
});

beforeEach(async () => {
  await json(['sandbox', 'fail', '--clear', ...data()]);
});

describe('in the order of a day', () => {
  test('info, before anything is here', async () => {
    expect(await json(['ehbox', 'info'])).toMatchObject({
      schema: 'topaz.ehbox.info/1',
      box: { type: 'SSIN', id: '79021599732', quality: 'DOCTOR' },
      capacity: { maxBytes: 10_485_760 },
      standBy: 0,
      messages: 0,
      unread: 0,
    });
  });

  test('looking at eHealth: nothing is fetched, nothing is stored', async () => {
    const listed = async (
      ...argv: readonly string[]
    ): Promise<readonly Record<string, unknown>[]> =>
      (await json(['ehbox', 'list', '--remote', ...argv]))['messages'] as Record<string, unknown>[];
    const inbox = await listed();
    const bin = await listed('--folder', 'bin');
    expect(inbox.length + bin.length).toBe(MESSAGES);
    expect(inbox.every(({ stored, folder }) => stored === false && folder === 'inbox')).toBe(true);
    expect(await listed('--limit', '1')).toEqual(inbox.slice(0, 1));
    expect(await listed('--from', 'NIHII-HOSPITAL=99999999')).toEqual([]);
    expect(await json(['ehbox', 'list'])).toMatchObject({ messages: [] });
    await play('GetMessagesList', 'refused');
    expect((await failure(['ehbox', 'list', '--remote'])).status).toBe(6);
    await json(['sandbox', 'fail', '--clear', ...data()]);
  });

  test('looking without fetching', async () => {
    expect(await json(['ehbox', 'sync', '--list-only'])).toMatchObject({
      listed: MESSAGES,
      new: MESSAGES,
      stored: 0,
      pending: MESSAGES,
    });
  });

  test('some of it: 11, with the document', async () => {
    expect(await failure(['ehbox', 'sync', '--limit', '2'])).toMatchObject({
      status: 11,
      code: 'E_PARTIAL',
      document: { new: 0, stored: 2, pending: MESSAGES - 2, failed: [] },
    });
  });

  test('the network fails in the middle: what is stored stays, the rest follows', async () => {
    await play('GetFullMessage', 'truncated', '--times', '1');
    expect(await failure(['ehbox', 'sync'])).toMatchObject({
      status: 11,
      document: { stored: MESSAGES - 3, failed: [{ error: { code: 'E_XML_MALFORMED' } }] },
    });
    expect(await json(['ehbox', 'sync'])).toMatchObject({
      new: 0,
      stored: 1,
      pending: 0,
      sealed: 1,
      failed: [],
      total: MESSAGES,
    });
  });

  test('nothing new: nothing fetched, 0; sealed ones can be made an alarm', async () => {
    expect(await json(['ehbox', 'sync'])).toMatchObject({ new: 0, stored: 0, listed: MESSAGES });
    expect(await failure(['ehbox', 'sync', '--fail-if-sealed'])).toMatchObject({
      status: 9,
      code: 'E_SEAL_NOT_FOR_US',
      document: { sealed: 1 },
    });
  });

  test('list, show and info agree', async () => {
    const { messages } = (await json(['ehbox', 'list'])) as {
      messages: { id: string; sealStatus: string; subject: string }[];
    };
    expect(messages).toHaveLength(MESSAGES);
    const sealed = messages.find(({ sealStatus }) => sealStatus === 'ok');
    expect(await json(['ehbox', 'show', sealed!.id])).toMatchObject({
      messages: [{ subject: 'Results', patient: { ssin: '85061199814' }, signer: { type: 'NIHII-LABO', match: 'same' } }],
    });
    expect(await json(['ehbox', 'info'])).toMatchObject({ messages: MESSAGES, unread: MESSAGES - 1 });
    expect(await failure(['ehbox', 'info', '--fail-if-unread'])).toMatchObject({
      status: 10,
      code: 'E_UNREAD',
      document: { unread: MESSAGES - 1 },
    });
  }); // prettier-ignore
});

test('kept sealed from now on: what was unsealed leaves the disk, and comes back when that is wanted', async () => {
  const sealed = async (): Promise<readonly unknown[]> =>
    ((await json(['ehbox', 'list']))['messages'] as { sealed: boolean; sealStatus: string }[])
      .filter((message) => message.sealed)
      .map(({ sealStatus }) => sealStatus);
  const before = await sealed();
  expect(before).toContain('ok');
  const { stderr } = await run(['ehbox', 'sync', '--sealed']);
  expect(stderr.join()).toMatch(/closed again/);
  expect(new Set(await sealed())).toEqual(new Set(['unopened']));
  expect((await run(['ehbox', 'sync', '--sealed'])).stderr.join()).not.toMatch(/closed again/);
  await run(['ehbox', 'sync']);
  expect(await sealed()).toEqual(before);
});

test('what was sealed for the certificate of before opens with the keystore of before', async () => {
  await json(['sandbox', 'deliver', '--to', 'SSIN=79021599732', '--quality', 'DOCTOR', '--subject', 'Before', '--text', 'old key', '--seal', ...data()]); // prettier-ignore
  await useNewKeystore('renewed');
  await openSession();
  expect(await json(['ehbox', 'sync'])).toMatchObject({ new: 1, stored: 1, sealed: 2 });
  await json(['profile', 'set', 'alternates', 'doctor,nosuch']);
  const { status, stderr } = await run(['ehbox', 'sync']);
  expect(status).toBe(0);
  expect(stderr.join()).toMatch(/Keystore nosuch stays closed/);
  const { messages } = (await json(['ehbox', 'list'])) as { messages: Record<string, unknown>[] };
  expect(messages.find(({ subject }) => subject === 'Before')).toMatchObject({ sealStatus: 'ok' });
  expect(await json(['ehbox', 'sync'])).toMatchObject({ sealed: 1, stored: 0 });
  await json(['ehbox', 'read', String(messages.find(({ subject }) => subject === 'Before')?.['id'])]); // prettier-ignore
});

describe('refusals', () => {
  test('the service is away and nothing was done: the status of that', async () => {
    await play('GetBoxInfo', 'http:503');
    expect(await failure(['ehbox', 'sync'])).toMatchObject({ status: 6, code: 'E_NETWORK_HTTP', document: undefined }); // prettier-ignore
  });

  test('another quality than that of the session', async () => {
    await json(['profile', 'set', 'ehbox.quality', 'NURSE']);
    try {
      expect(await failure(['ehbox', 'sync'])).toMatchObject({ status: 9, code: 'E_BOX_MISMATCH' });
    } finally {
      await json(['profile', 'set', 'ehbox.quality', 'DOCTOR']);
    }
  });

  test('a box of someone else', async () => {
    expect(await failure(['ehbox', 'sync', '--box', 'NIHII-GROUP=94499180'])).toMatchObject({ code: 'E_BOX_MISMATCH' }); // prettier-ignore
  });

  test('a box of an organisation that one answers for has its own mirror', async () => {
    const box = ['--box', 'NIHII-MEDICAL_HOUSE=89547133'];
    expect(await json(['ehbox', 'sync', ...box])).toMatchObject({
      box: { type: 'NIHII-MEDICAL_HOUSE', id: '89547133', quality: 'MEDICAL_HOUSE' },
      listed: 0,
    });
    expect(await json(['ehbox', 'list', ...box])).toMatchObject({ messages: [] });
    const { messages } = (await json(['ehbox', 'list'])) as { messages: unknown[] };
    expect(messages).toHaveLength(MESSAGES + 1);
  });

  test('flags that contradict each other', async () => {
    expect(await failure(['ehbox', 'sync', '--sealed', '--fail-if-sealed'])).toMatchObject({ status: 2, code: 'E_USAGE' }); // prettier-ignore
  });

  test('interrupted: 130', async () => {
    const controller = new AbortController();
    controller.abort();
    expect((await run(['ehbox', 'sync'], controller.signal)).status).toBe(130);
  });

  test('without a session', async () => {
    await json(['session', 'close']);
    expect(await failure(['ehbox', 'sync'])).toMatchObject({ status: 4, code: 'E_SESSION_NONE' });
  });
});

test('no log, lock or record of the mirror holds what must not be there', async () => {
  const parent = join(home.dir, 'data', 'sandbox', 'ehbox', 'sandbox');
  for (const name of await readdir(parent)) {
    const journal = await readFile(join(parent, name, 'journal.ndjson'), 'utf8').catch(() => '');
    expect(journal).not.toMatch(/Results|85061199814|Exemple/);
  }
});
