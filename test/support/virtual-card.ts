/**
 * The virtual card behind pcscd: one per machine at a time, since a second card in a second reader would
 * make the choice ambiguous.
 *
 * @module
 */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { acquireLock } from '../../src/disk/lock.js';
import type { Lock } from '../../src/disk/lock.js';
import { hasProgram, SHARED } from './tools.js';

/** OpenSC's PKCS#11 module, where Debian puts it. */
export const OPENSC = '/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so';

const VEID = resolve(SHARED, 'tools/virtual-eid/veid.py');
const LOCK_MS = 5 * 60_000;

/** Whether the card can be played; throws where tokens are required and it cannot. */
export function hasVirtualCard(): boolean {
  const playable =
    ['pcscd', 'python3'].every((name) => hasProgram(name)) &&
    existsSync(OPENSC) &&
    existsSync(VEID);
  if (!playable && process.env['TOPAZ_REQUIRE_TOKEN'] === '1') {
    throw new Error(
      'the virtual card is required and cannot be played: pcscd, OpenSC or veid.py is missing',
    );
  }
  return playable;
}

/** Runs the tool that makes and plays the card. */
export const veid = (...args: string[]): string =>
  execFileSync('python3', [VEID, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Waits until no other test file uses a virtual card. */
export const lockVirtualCard = (): Promise<Lock> =>
  acquireLock(join(tmpdir(), 'topaz-test-virtual-card.lock'), { timeoutMs: LOCK_MS });

/** What the running card says of itself. */
export interface CardStatus {
  readonly present: boolean;
  readonly tries_left: number;
  readonly authenticated: boolean;
  readonly commands: number;
}

/** `veid.py ctl` without its process: one line to the card's own socket, one line back. */
export async function cardControl(dir: string, ...words: readonly string[]): Promise<CardStatus> {
  const { dev, ino } = await stat(dir);
  const state = process.env['VEID_STATE'] ?? '/run/virtual-eid';
  const path = join(state, `card-${dev.toString(16)}-${ino.toString(16)}.sock`);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = createConnection(path, () => {
      socket.end(`${words.join(' ')}\n`);
    });
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      resolve(JSON.parse(answer) as CardStatus);
    });
  });
}
