/**
 * The matrix on the simulated card: each cell ends as it must, and exactly as many PINs as were authorised get
 * to the card. TOPAZ_DEEP=1 plays all kinds of cards; the short run those of citizens with EC keys, and a few.
 */

import { writeFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { readCard, updateCard } from '../../../src/pkcs11/simulated/card-folder.js';
import type { CardState } from '../../../src/pkcs11/simulated/card-folder.js';
import { CARD_PIN } from '../../lifecycle/world.js';
import { playableOf } from './model.js';
import type { Cell, Outcome, State } from './model.js';
import { openStage } from './stage.js';
import type { Stage } from './stage.js';

const DEEP = process.env['TOPAZ_DEEP'] === '1';
const YEARS_AGO = 8;

/** Where a PIN is used: all states; else those that show. */
function isTelling({ kind, key, state, command }: Cell): boolean {
  if (kind !== 'citizen') {
    return state === 'fine' && key === 'rsa' && /renew|session/.test(command);
  }
  if (key === 'rsa') {
    return state === 'blocked' && /renew|session/.test(command);
  }
  return command.startsWith('eid')
    ? /mute|expired|held/.test(state)
    : /request|revoke/.test(command)
      ? /fine|wrong|blocked|removed/.test(state)
      : true;
}

const playable = playableOf('simulated');

/** What `card.json` holds for a state. Every card starts with two tries: any PIN shows in the counter. */
const STATES: Readonly<Partial<Record<State, Partial<CardState>>>> = {
  blocked: { triesLeft: 0 },
  removed: { removeDuring: 'sign' },
  slow: { delayMs: 30 },
  mute: { mute: true },
  held: { held: true },
  pinpad: { pinpad: true },
};
const USUAL: Partial<CardState> = {
  triesLeft: 2,
  present: true,
  removeDuring: 'never',
  delayMs: 0,
  mute: false,
  held: false,
  pinpad: false,
};

/** What the counter must show afterwards: a right PIN fills it, a wrong one takes a try. */
const triesAfter = ({ state }: Cell, { code, pins }: Outcome): number =>
  state === 'blocked' ? 0 : pins === 0 ? 2 : code === 'E_PIN_INCORRECT' ? 1 : 3;

let stage: Stage;
const cards = new Map<string, string>();

async function cardOf({ kind, key, state }: Cell): Promise<string> {
  const expired = state === 'expired';
  const name = `card-${kind}-${key}${expired ? '-expired' : ''}`;
  if (!cards.has(name)) {
    const now = new Date();
    now.setUTCFullYear(now.getUTCFullYear() - (expired ? YEARS_AGO : 0));
    cards.set(name, await stage.bench.world.makeCard(name, { type: kind, key, now }));
  }
  return stage.bench.world.path(name);
}

beforeAll(async () => {
  stage = await openStage();
}, 60_000);
afterAll(async () => {
  await stage.close();
});

describe.each(
  (DEEP ? playable : playable.filter(isTelling)).map((cell) => ({
    ...cell,
    name: `${cell.kind} ${cell.key} ${cell.state}: ${cell.command}`,
  })),
)('$name', (cell) => {
  test(`ends with ${cell.wanted.code} after ${String(cell.wanted.pins)} PINs`, async () => {
    const dir = await cardOf(cell);
    await updateCard(dir, () => ({ ...USUAL, ...STATES[cell.state] }));
    const wrong = cell.state === 'wrong PIN';
    await stage.bench.dialogOf(dir, wrong ? 'wrong' : 'right');
    await writeFile(stage.bench.pinFile, wrong ? '9999\n' : `${CARD_PIN}\n`);
    const before = (await readCard(dir)).pinsTried ?? 0;
    const code = await stage.play(cell, {
      TOPAZ_PKCS11_MODULE: `sandbox:${dir}`,
      ...(cell.state === 'mute' ? { TOPAZ_CARD_TIMEOUT: '100ms' } : {}),
    });
    const after = await readCard(dir);
    expect({ code, pins: (after.pinsTried ?? 0) - before }).toEqual(cell.wanted);
    expect(after.triesLeft).toBe(triesAfter(cell, cell.wanted));
    expect(after.present).toBe(cell.wanted.code !== 'E_CARD_REMOVED');
  });
});
