/**
 * The matrix on SoftHSM2 tokens, RSA and EC, through the real PKCS#11 path. SoftHSM has no counter: pkcs11-spy
 * of OpenSC stands between topaz and the token, and its log tells how many PINs were given. TOPAZ_DEEP=1 plays
 * every cell; the short run requests, renewals and revocations of citizens, and a wrong PIN.
 */

import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createCard } from '../../../src/sandbox/cards.js';
import type { SofthsmCard } from '../../../src/sandbox/softhsm-card.js';
import { CARD_PIN } from '../../lifecycle/world.js';
import { buildPkcs11Child } from '../../support/pkcs11-child.js';
import { hasProgram } from '../../support/tools.js';
import { playableOf } from './model.js';
import type { Cell } from './model.js';
import { openStage, SSIN } from './stage.js';
import type { Stage } from './stage.js';

const DEEP = process.env['TOPAZ_DEEP'] === '1';
const SPY = '/usr/lib/x86_64-linux-gnu/pkcs11-spy.so';
const YEARS_AGO = 8;

const isTelling = ({ kind, key, state, command }: Cell): boolean =>
  kind === 'citizen' &&
  ((state === 'fine' && /renew|revoke/.test(command)) ||
    (state === 'fine' && command === 'cert request' && key === 'ec') ||
    (state === 'wrong PIN' && command === 'cert renew'));

const playable = playableOf('softhsm');

function canPlay(): boolean {
  const there = hasProgram('softhsm2-util') && existsSync(SPY);
  if (!there && process.env['TOPAZ_REQUIRE_TOKEN'] === '1') {
    throw new Error(`pkcs11-spy is required and missing: ${SPY}`);
  }
  return there;
}
let stage: Stage;
let childFile: string;
const tokens = new Map<string, SofthsmCard>();

async function tokenOf({ kind, key, state }: Cell): Promise<SofthsmCard> {
  const expired = state === 'expired';
  const name = `token-${kind}-${key}${expired ? '-expired' : ''}`;
  const known = tokens.get(name);
  if (known !== undefined) {
    return known;
  }
  const { world } = stage.bench;
  const now = new Date();
  now.setUTCFullYear(now.getUTCFullYear() - (expired ? YEARS_AGO : 0));
  const { softhsm } = await createCard({
    dir: world.path(name),
    dataFolder: world.paths.data,
    ssin: SSIN,
    name: 'Jean Exemple',
    key,
    pin: CARD_PIN,
    type: kind,
    now,
    softhsm: true,
    childFile,
  });
  if (softhsm === undefined) {
    throw new Error('no token was made');
  }
  tokens.set(name, softhsm);
  return softhsm;
}

/** `C_Login` calls in the log of the spy. */
const loginsIn = (log: string): number => (log.match(/^\d+: C_Login$/gm) ?? []).length;

(canPlay() ? describe : describe.skip)('SoftHSM2', () => {
  beforeAll(async () => {
    childFile = buildPkcs11Child();
    stage = await openStage();
  }, 60_000);
  afterAll(async () => {
    await stage.close();
    await rm(dirname(childFile), { recursive: true, force: true });
  });

  test.each(
    (DEEP ? playable : playable.filter(isTelling)).map((cell) => ({
      ...cell,
      name: `${cell.kind} ${cell.key} ${cell.state}: ${cell.command}`,
    })),
  )('$name', async (cell) => {
    const { conf, module } = await tokenOf(cell);
    const log = stage.bench.world.path('spy.log');
    await rm(log, { force: true });
    await writeFile(stage.bench.pinFile, cell.state === 'wrong PIN' ? '9999\n' : `${CARD_PIN}\n`);
    const code = await stage.play(cell, {
      TOPAZ_PKCS11_MODULE: SPY,
      PKCS11SPY: module,
      PKCS11SPY_OUTPUT: log,
      SOFTHSM2_CONF: conf,
    });
    expect({ code, pins: loginsIn(await readFile(log, 'utf8')) }).toEqual(cell.wanted);
  });
});
