/** `topaz eid verify`, through the whole program, with simulated cards. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { pkiPath } from '../../etee/pki.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { TestContext } from '../../support/context.js';

let home: Awaited<ReturnType<typeof temporaryHome>>;
const cardAt = (name: string): string => join(home.dir, name);

async function run(
  argv: readonly string[],
  card: string,
): Promise<{ status: number; ctx: TestContext }> {
  const ctx = testContext({
    cwd: home.dir,
    now: () => new Date(),
    env: {
      ...home.env,
      TOPAZ_PROFILE: 'test',
      NO_COLOR: '1',
      TOPAZ_PKCS11_MODULE: `sandbox:${cardAt(card)}`,
    },
  });
  return { status: await main(argv, ctx), ctx };
}

async function trust(file: string): Promise<void> {
  const profile = {
    schema: 'topaz.profile/1',
    environment: 'sandbox',
    trust: { eidRoots: file },
  };
  const folder = join(home.dir, 'config', 'profiles');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'test.json'), JSON.stringify(profile), { mode: 0o600 });
}

beforeAll(async () => {
  home = await temporaryHome();
  for (const name of ['card', 'changed']) {
    await run(['sandbox', 'card', 'create', '--out', cardAt(name)], name);
  }
});

afterAll(async () => {
  await home.remove();
});

test('a genuine card; nothing of its holder is shown', async () => {
  await trust(join(cardAt('card'), 'root.crt'));
  const { status, ctx } = await run(['eid', 'verify', '--json'], 'card');
  // No sandbox answers: that is told, and no reason to refuse the card.
  expect(ctx.stderr).toEqual([
    expect.stringMatching(/^! Nobody could say whether this card was revoked/),
  ]);
  expect(status).toBe(0);
  expect(JSON.parse(ctx.stdout.join(''))).toEqual({
    schema: 'topaz.eid.verify/1',
    valid: true,
    checks: [
      { check: 'signature', state: 'ok' },
      { check: 'chain', state: 'ok' },
      { check: 'revocation', state: 'not-checked' },
    ],
    revocation: 'unknown',
    revocationStatus: {
      state: 'unknown',
      cause: 'unreachable',
      detail: expect.stringContaining('cannot be reached'),
    },
  });
});

test('a card with one changed byte in the address ends with 9', async () => {
  const file = join(cardAt('changed'), 'files', 'ADDRESS_FILE');
  const bytes = await readFile(file);
  bytes[4] = (bytes[4] ?? 0) ^ 1;
  await writeFile(file, bytes);
  await trust(join(cardAt('changed'), 'root.crt'));
  const { status, ctx } = await run(['eid', 'verify'], 'changed');
  expect(status).toBe(9);
  expect(ctx.stdout).toEqual(['signature\tfailed', 'chain\tok', 'revocation\tnot-checked']);
  expect(ctx.stderr.join('\n')).toContain('[E_SIGNATURE_INVALID]');
});

test('a card of another root ends with 9', async () => {
  await trust(pkiPath('root.pem'));
  const { status, ctx } = await run(['eid', 'verify'], 'card');
  expect(status).toBe(9);
  expect(ctx.stdout).toEqual(['signature\tok', 'chain\tfailed', 'revocation\tnot-checked']);
  expect(ctx.stderr.join('\n')).toContain('[E_CERT_UNTRUSTED]');
});
