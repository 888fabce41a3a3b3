/** Several readers, waiting for a card, pinpads, the PIN window and `eid pin`, through the whole program. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { readCard, updateCard } from '../../../src/pkcs11/simulated/card-folder.js';
import { createCard } from '../../../src/sandbox/cards.js';
import { scriptedPrompter, temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides, TestContext } from '../../support/context.js';

let home: Awaited<ReturnType<typeof temporaryHome>>;
const at = (...names: string[]): string => join(home.dir, ...names);
const READERS = ['Simulated card reader 00 00', 'Simulated card reader 01 00'] as const;

interface Outcome {
  readonly status: number;
  readonly ctx: TestContext;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  argv: readonly string[],
  module: string,
  { env = {}, ...more }: ContextOverrides = {},
): Promise<Outcome> {
  const ctx = testContext({
    cwd: home.dir,
    now: () => new Date(),
    ...more,
    env: {
      ...home.env,
      TOPAZ_PROFILE: 'test',
      NO_COLOR: '1',
      TOPAZ_PKCS11_MODULE: `sandbox:${at(module)}`,
      ...env,
    },
  });
  const status = await main(argv, ctx);
  return { status, ctx, stdout: ctx.stdout.join('\n'), stderr: ctx.stderr.join('\n') };
}

const make = (dir: string, name: string, ssin: string, key: 'rsa' | 'ec') =>
  createCard({
    dir,
    dataFolder: at('data'),
    ssin,
    name,
    key,
    pin: '1234',
    type: 'citizen',
    now: new Date(),
  });

beforeAll(async () => {
  home = await temporaryHome();
  await make(at('desk', 'a'), 'Jean Exemple', '79021599732', 'ec');
  await make(at('desk', 'b'), 'Marie Voorbeeld', '85061199814', 'rsa');
  const profile = {
    schema: 'topaz.profile/1',
    environment: 'sandbox',
    trust: { eidRoots: at('data', 'sandbox', 'pki', 'root.crt') },
  };
  await mkdir(at('config', 'profiles'), { recursive: true, mode: 0o700 });
  await writeFile(at('config', 'profiles', 'test.json'), JSON.stringify(profile), { mode: 0o600 });
});
afterAll(() => home.remove());
beforeEach(async () => {
  for (const name of ['a', 'b']) {
    await updateCard(at('desk', name), () => ({
      triesLeft: 3, present: true, held: false, mute: false, pinpad: false, delayMs: 0,
    })); // prettier-ignore
  }
});

const ssinOf = ({ stdout }: Outcome): unknown =>
  (JSON.parse(stdout) as { identity: { ssin: string } }).identity.ssin;

describe('several readers', () => {
  test('are listed, each with its card', async () => {
    await updateCard(at('desk', 'b'), () => ({ held: true }));
    const { stdout } = await run(['eid', 'list', '--all', '--json'], 'desk');
    expect(JSON.parse(stdout)).toMatchObject({
      readers: [
        { name: READERS[0], state: 'card' },
        { name: READERS[1], state: 'empty' },
      ],
    });
  });

  test.each([
    ['--no-input', []],
    ['--json', ['--json']],
  ])('nobody is asked with %s: the readers are named, and the flag', async (_name, flags) => {
    const { status, stderr } = await run(['eid', 'read', '--no-input', ...flags], 'desk', { terminal: true }); // prettier-ignore
    expect(status).toBe(5);
    expect(stderr).toContain('E_CARD_AMBIGUOUS');
    expect(stderr).toContain('--reader');
    for (const reader of READERS) {
      expect(stderr).toContain(reader);
    }
  });

  test('on a terminal the person chooses', async () => {
    const script = scriptedPrompter(READERS[1]);
    const { status, stdout } = await run(['eid', 'read', '--no-verify'], 'desk', {
      terminal: true,
      prompter: script.prompter,
    });
    expect({ status, asked: script.asked.length }).toEqual({ status: 0, asked: 1 });
    expect(stdout).toContain('Voorbeeld');
  });

  test('--reader, TOPAZ_READER and a card that is alone need no question', async () => {
    const read = ['eid', 'read', '--no-verify', '--json'];
    expect(ssinOf(await run([...read, '--reader', '01 00'], 'desk'))).toBe('85061199814');
    const env = { TOPAZ_READER: READERS[0] };
    expect(ssinOf(await run(read, 'desk', { env }))).toBe('79021599732');
    await updateCard(at('desk', 'a'), () => ({ present: false }));
    expect(ssinOf(await run(read, 'desk'))).toBe('85061199814');
  });

  test('a folder without any card is no module', async () => {
    await mkdir(at('empty', 'folder'), { recursive: true });
    expect((await run(['eid', 'list'], 'empty')).status).toBe(3);
  });
});

describe('waiting', () => {
  const read = ['eid', 'certs', '--json', '--wait'];

  test('ends when the card is put in', async () => {
    await updateCard(at('desk', 'a'), () => ({ present: false }));
    await updateCard(at('desk', 'b'), () => ({ held: true }));
    const waiting = run([...read, '60s'], 'desk');
    await updateCard(at('desk', 'b'), () => ({ held: false }));
    expect((await waiting).status).toBe(0);
  });

  test('ends with its time, and at Ctrl-C', async () => {
    await updateCard(at('desk', 'a'), () => ({ present: false }));
    const { status, stderr } = await run([...read, '1s'], 'desk/a');
    expect(status).toBe(5);
    expect(stderr).toContain('E_CARD_ABSENT');
    const controller = new AbortController();
    const waiting = run([...read, '60s'], 'desk/a', { signal: controller.signal });
    setTimeout(() => {
      controller.abort();
    }, 100);
    expect((await waiting).status).toBe(130);
  });

  test.each(['soon', '60', '-1s'])('--wait %s is no duration', async (text) => {
    expect((await run([...read, text], 'desk/a')).status).toBe(2);
  });

  test('a mute card ends with the limit that was set', async () => {
    await updateCard(at('desk', 'a'), () => ({ mute: true }));
    const { status, stderr } = await run(['eid', 'read', '--json'], 'desk/a', {
      env: { TOPAZ_CARD_TIMEOUT: '50ms' },
    });
    expect(status).toBe(5);
    expect(stderr).toContain('E_CARD_TIMEOUT');
    const wrong = await run(['eid', 'read'], 'desk/a', { env: { TOPAZ_CARD_TIMEOUT: 'long' } });
    expect(wrong.status).toBe(2);
  });
});

describe('eid pin', () => {
  const pin = async (card: string): Promise<unknown> =>
    JSON.parse((await run(['eid', 'pin', '--json'], `desk/${card}`)).stdout);

  test.each([
    [3, 'ok'],
    [2, 'low'],
    [1, 'low'],
    [0, 'locked'],
  ])('%d tries of a card that tells: %s; no PIN is tried', async (triesLeft, state) => {
    await updateCard(at('desk', 'a'), () => ({ triesLeft }));
    const before = await readCard(at('desk', 'a'));
    expect(await pin('a')).toMatchObject({ state, triesLeft, pinpad: false });
    expect(await readCard(at('desk', 'a'))).toEqual(before);
  });

  test('a card that does not tell', async () => {
    expect(await pin('b')).toEqual({
      schema: 'topaz.eid.pin/1',
      reader: READERS[0],
      pinpad: false,
      state: 'unknown',
    });
  });

  test.each(['fr', 'nl', 'de', 'en'])('speaks %s', async (lang) => {
    await updateCard(at('desk', 'a'), () => ({ triesLeft: 0, pinpad: true }));
    const { stdout } = await run(['eid', 'pin', '--lang', lang], 'desk/a', { terminal: true });
    expect(stdout).not.toContain('eid.pin');
    expect(stdout).toContain('PUK');
  });
});
