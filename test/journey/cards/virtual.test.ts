/**
 * The matrix on the virtual card behind pcscd, through OpenSC: its own log tells how many PINs it was given, and
 * its counter what they cost. TOPAZ_DEEP=1 plays every cell; the short run a few of a citizen with an RSA card.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import type { Lock } from '../../../src/disk/lock.js';
import {
  cardControl,
  hasVirtualCard,
  lockVirtualCard,
  OPENSC,
  veid,
} from '../../support/virtual-card.js';
import { playableOf } from './model.js';
import type { Cell, Kind, Outcome } from './model.js';
import { openStage, SSIN } from './stage.js';
import type { Stage } from './stage.js';

const DEEP = process.env['TOPAZ_DEEP'] === '1';
const PIN = '1234';
const TYPES: Readonly<Record<Kind, string>> = {
  citizen: 'citizen',
  foreigner: 'foreigner',
  kids: 'kids',
};

const isTelling = ({ kind, key, state, command }: Cell): boolean =>
  kind === 'citizen' &&
  key === 'rsa' &&
  ((command === 'session open' && /wrong|removed/.test(state)) ||
    (state === 'fine' && command === 'cert renew'));

const playable = playableOf('virtual');
const played = DEEP ? playable : playable.filter(isTelling);

/** Cells of one identity follow each other: a card is put in once. */
const identityOf = ({ kind, key, state }: Cell): string =>
  [kind, key, ...(state === 'expired' || state === 're-keyed' ? [state] : [])].join('-');

/** Takes the card for itself, until its standard input is closed. */
const HOLDER = `
import ctypes, sys
pcsc = ctypes.CDLL('libpcsclite.so.1')
ctx, card, proto = ctypes.c_long(), ctypes.c_long(), ctypes.c_ulong()
assert pcsc.SCardEstablishContext(2, None, None, ctypes.byref(ctx)) == 0
assert pcsc.SCardConnect(ctx, b'Virtual PCD 00 00', 1, 3, ctypes.byref(card), ctypes.byref(proto)) == 0
print('held', flush=True)
sys.stdin.read()
`;

(hasVirtualCard() ? describe : describe.skip)('the virtual card', () => {
  let folder: string;
  let stage: Stage;
  let lock: Lock;
  let inserted: string | undefined;
  const dir = (name: string): string => join(folder, name);
  const ctl = (name: string, ...words: string[]) => cardControl(dir(name), ...words);
  const log = (name: string): Promise<string> => readFile(join(dir(name), 'card.log'), 'utf8');

  beforeAll(async () => {
    lock = await lockVirtualCard();
    folder = await mkdtemp(join(tmpdir(), 'topaz-cards-'));
    const trusted: string[] = [];
    for (const cell of new Map(played.map((each) => [identityOf(each), each])).values()) {
      const name = identityOf(cell);
      veid(
        'new', dir(name), '--key', cell.key, '--pin', PIN, '--given', 'Jean', '--surname', 'Exemple',
        '--national-number', SSIN, '--type', TYPES[cell.kind],
        '--pki', dir(`pki-${cell.state === 're-keyed' ? 'ec' : cell.key}`),
        '--ca-key', cell.state === 're-keyed' ? 'ec' : cell.key,
        ...(cell.state === 'expired' ? ['--valid-from', '2014-05-01', '--expires', '2024-05-01'] : []),
      ); // prettier-ignore
      for (const file of ['root.crt', 'ca.crt']) {
        trusted.push(await readFile(join(dir(name), file), 'utf8'));
      }
    }
    await writeFile(dir('trust.pem'), trusted.join('\n'));
    await writeFile(dir('opensc.conf'), openscConfiguration(dir('cache')));
    stage = await openStage(dir('trust.pem'));
  }, 400_000);
  afterAll(async () => {
    if (inserted !== undefined) {
      veid('down', '--all', dir(inserted));
    }
    await stage.close();
    await rm(folder, { recursive: true, force: true });
    await lock.release();
  }, 60_000);

  /** Puts the card in, with two tries: any PIN shows in the counter. */
  async function insert(name: string): Promise<void> {
    if (inserted !== name) {
      if (inserted !== undefined) {
        veid('down', dir(inserted));
      }
      veid('up', dir(name));
      inserted = name;
    }
    for (const words of [['no-faults'], ['delay', '0'], ['tries', '2'], ['insert']]) {
      await ctl(name, ...words);
    }
    await visible();
  }

  /** pcscd looks at its readers about once a second. */
  async function visible(): Promise<void> {
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const out = execFileSync('opensc-tool', ['--list-readers'], {
        encoding: 'utf8',
        timeout: 10_000,
      });
      if (/^\d+\s+Yes/m.test(out)) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('the card does not show in its reader');
  }

  async function playIn(cell: Cell, name: string, signature?: number): Promise<string> {
    const { state } = cell;
    await writeFile(stage.bench.pinFile, state === 'wrong PIN' ? '9999\n' : `${PIN}\n`);
    const env = environment(state === 'mute' ? { TOPAZ_CARD_TIMEOUT: '1s' } : {});
    if (state === 'held') {
      const holder = spawn('python3', ['-c', HOLDER], { stdio: ['pipe', 'pipe', 'inherit'] });
      await once(holder.stdout, 'data');
      try {
        return await stage.play(cell, env);
      } finally {
        holder.stdin.end();
        await once(holder, 'exit');
      }
    }
    if (state === 'blocked') {
      await ctl(name, 'tries', '0');
    } else if (state === 'slow') {
      await ctl(name, 'delay', '10');
    } else if (state === 'mute') {
      await ctl(name, 'fault', 'any', 'mute', '1000');
      try {
        return await stage.play(cell, env);
      } finally {
        // pcscd waits for the answer as long as the card is in.
        await ctl(name, 'remove');
      }
    } else if (signature !== undefined) {
      await ctl(name, 'remove-after', String(signature));
    }
    return stage.play(cell, env);
  }

  /** Where the command that signs stands among those of a session: the same each time. */
  async function countToSignature(cell: Cell, name: string): Promise<number> {
    await writeFile(stage.bench.pinFile, `${PIN}\n`);
    const before = commandsOf(await log(name)).length;
    expect(await stage.play(cell, environment())).toBe('ok');
    const commands = commandsOf(await log(name)).slice(before);
    await ctl(name, 'tries', '2');
    return commands.indexOf('2a') + 1;
  }

  const environment = (more: Readonly<Record<string, string>> = {}) => ({
    TOPAZ_PKCS11_MODULE: OPENSC,
    TOPAZ_READER: 'Virtual PCD 00 00',
    OPENSC_CONF: dir('opensc.conf'),
    ...more,
  });

  test.each(
    [...played]
      .sort((a, b) => identityOf(a).localeCompare(identityOf(b)))
      .map((cell) => ({
        ...cell,
        name: `${cell.kind} ${cell.key} ${cell.state}: ${cell.command}`,
      })),
  )(
    '$name',
    async (cell) => {
      const name = identityOf(cell);
      await insert(name);
      const signature = isCut(cell) ? await countToSignature(cell, name) : undefined;
      const before = pinsIn(await log(name));
      const code = await playIn(cell, name, signature);
      const pins = pinsIn(await log(name)) - before;
      expect({ code, pins }).toEqual(cell.wanted);
      expect((await ctl(name, 'status')).tries_left).toBe(triesAfter(cell, cell.wanted));
    },
    60_000,
  );
});

/** A session of a card that can sign, cut short. */
const isCut = ({ state, command, key }: Cell): boolean =>
  state === 'removed' && command === 'session open' && key === 'rsa';

/** OpenSC keeps the files of a card that it saw: a command then lasts half as long. */
const openscConfiguration = (cache: string): string =>
  `app default { framework pkcs15 { use_file_caching = yes; file_cache_dir = ${cache}; } }\n`;

/** Instruction bytes of the commands in the card's log, in order. */
const commandsOf = (text: string): readonly string[] =>
  [
    ...text.matchAll(/ [0-9a-f]{2} ([0-9a-f]{2}) [0-9a-f]{2} [0-9a-f]{2}(?: [0-9a-f]{2})? -> /g),
  ].map(([, ins = '']) => ins);

/** VERIFY with a PIN in it; one without asks for the counter alone. */
const pinsIn = (text: string): number => (text.match(/ 00 20 00 01 08 -> /g) ?? []).length;

const triesAfter = ({ state }: Cell, { code, pins }: Outcome): number =>
  state === 'blocked' ? 0 : pins === 0 ? 2 : code === 'E_PIN_INCORRECT' ? 1 : 3;
