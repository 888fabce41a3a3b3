/**
 * A synchronisation that is killed at random moments while another client inserts, moves and deletes. Whatever
 * happened: each message that was in the box is in the mirror once, byte for byte, or reported as gone before
 * it could be fetched; and the index is what a rebuild makes of the files.
 */

import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { openIndex, settleIndex } from '../../src/ehbox/mirror-index.js';
import { fake, FakeBox } from './fake-box.js';
import type { FakeMessage } from './fake-box.js';
import { TestMirror } from './mirror-support.js';

const DEEP = process.env['TOPAZ_DEEP'] === '1';
const SEEDS = DEEP ? [1, 2, 3, 4, 5, 6, 7, 8] : [1];
const KILLS = DEEP ? 28 : 5;
const MESSAGES = DEEP ? 300 : 60;
/** Calls after which a run is killed: the lists, then the messages. */
const CALLS = DEEP ? 22 : 20;

let folder: string;
let child: string;
const summaries: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'topaz-crash-'));
  child = join(folder, 'child.mjs');
  // Where it finds the packages.
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await promisify(execFile)(resolve('node_modules/.bin/esbuild'), [
    resolve('test/ehbox/crash-child.ts'), '--bundle', '--platform=node', '--format=esm', `--outfile=${child}`, '--log-level=error',
    '--external:better-sqlite3', '--external:libxml2-wasm', '--external:pkcs11js',
    "--banner:js=import{createRequire as topazRequire}from'node:module';const require=topazRequire(import.meta.url);",
  ]); // prettier-ignore
}, 30_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  if (DEEP && process.env['TOPAZ_WRITE_TABLES'] === '1') {
    await mkdir(resolve('docs/tables'), { recursive: true });
    await writeFile(resolve('docs/tables/ehbox-crash.md'), table());
  }
});

/** The same numbers for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A box that another client works in, behind a server that kills who asks. */
class BusyBox {
  readonly box = new FakeBox();
  /** Everything that was ever in it. */
  readonly ever = new Map<string, FakeMessage>();
  /** Ids of which the content was given out. */
  readonly given = new Set<string>();
  readonly below: (n: number) => number;
  readonly counts = { inserted: 0, moved: 0, deleted: 0 };
  isBusy = true;
  onCall: () => void = () => undefined;
  readonly #server: Server;

  constructor(seed: number) {
    this.below = random(seed);
    for (let n = 1; n <= MESSAGES; n += 1) {
      this.#insert();
    }
    this.counts.inserted = 0;
    this.#server = createServer(({ url = '' }, response) => {
      const query = new URL(url, 'http://box.test').searchParams;
      const operation = query.get('operation') ?? '';
      this.onCall();
      const answer = this.box.answer(operation, (name) => query.get(name) ?? '');
      if (operation === 'GetFullMessage') {
        this.given.add(query.get('MessageId') ?? '');
      }
      response.end(answer.raw);
      this.#work();
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #insert(): void {
    const message = fake(this.ever.size + 1);
    this.ever.set(message.id, message);
    this.box.inbox = [message, ...this.box.inbox];
    this.counts.inserted += 1;
  }

  /** Now and then, one of the three. */
  #work(): void {
    if (!this.isBusy || this.below(4) !== 0) {
      return;
    }
    const { inbox, bin } = this.box;
    const kind = this.below(3);
    if (kind === 0) {
      this.#insert();
    } else if (kind === 1) {
      const isBack = this.below(3) === 0;
      const [from, to] = isBack ? [bin, inbox] : [inbox, bin];
      const [message] = from.splice(this.below(from.length), 1);
      if (message !== undefined) {
        to.unshift(message);
        this.counts.moved += 1;
      }
    } else {
      const from = this.below(2) === 0 ? inbox : bin;
      this.counts.deleted += from.splice(this.below(from.length), 1).length;
    }
  }

  get present(): readonly FakeMessage[] {
    return [...this.box.inbox, ...this.box.bin];
  }
}

interface Ended {
  readonly killed: boolean;
  readonly lost: readonly string[];
}

/** Runs the program; `kill` may end it. */
function run(
  port: number,
  mirror: string,
  arm: (kill: (afterMs: number) => void, onSynced: (work: () => void) => void) => void,
): Promise<Ended> {
  return new Promise((done, fail) => {
    const program = spawn(process.execPath, [child, String(port), mirror], { stdio: ['ignore', 'pipe', 'pipe'] }); // prettier-ignore
    let out = '';
    let err = '';
    let synced: () => void = () => undefined;
    arm(
      (ms) => setTimeout(() => program.kill('SIGKILL'), ms).unref(),
      (work) => {
        synced = work;
      },
    );
    program.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (text.includes('synced')) {
        synced();
      }
    });
    program.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    program.on('error', fail);
    program.on('close', (status, signal) => {
      if (signal === 'SIGKILL') {
        done({ killed: true, lost: [] });
      } else if (status === 0) {
        const last = JSON.parse(out.trim().split('\n').at(-1) ?? '{}') as { stopped: string | null; lost: string[] }; // prettier-ignore
        if (last.stopped !== null) {
          fail(new Error(`stopped: ${last.stopped}`));
        }
        done({ killed: false, lost: last.lost });
      } else {
        fail(new Error(`ended with ${String(status)}: ${err.slice(-500)}`));
      }
    });
  });
}

test.each(SEEDS)(
  'seed %i: killed again and again, nothing is lost',
  async (seed) => {
    const busy = new BusyBox(seed);
    const port = await busy.listen();
    const mirror = new TestMirror(join(folder, String(seed)));
    const { below } = busy;
    let kills = 0;
    const lost: string[] = [];
    try {
      // A run that ends before its moment comes is none of them.
      for (let n = 0; kills < KILLS && n < 2 * KILLS; n += 1) {
        let left = 1 + below(CALLS);
        const delay = below(12);
        // Late, for such a run fetches all that is left.
        const atIndex = kills >= KILLS - 2;
        const { killed, lost: some } = await run(port, mirror.folder, (kill, onSynced) => {
          busy.onCall = () => {
            left -= 1;
            if (left === 0 && !atIndex) {
              kill(delay);
            }
          };
          onSynced(() => {
            if (atIndex) {
              kill(delay);
            }
          });
        });
        kills += killed ? 1 : 0;
        lost.push(...some);
      }
      busy.isBusy = false;
      const quiet = () => undefined;
      busy.onCall = quiet;
      lost.push(...(await run(port, mirror.folder, quiet)).lost);
      lost.push(...(await run(port, mirror.folder, quiet)).lost);
    } finally {
      await busy.close();
    }

    const opened = mirror.open();
    const keys = await opened.keys('received');
    const ids = new Set(keys.map(({ id }) => id));
    // Everything that is there now was stored.
    const missing: string[] = [];
    for (const { id } of busy.present) {
      missing.push(...((await opened.hasRaw({ side: 'received', id })) ? [] : [id]));
    }
    expect(missing).toEqual([]);
    // What was given out is there, or said to be gone.
    expect([...busy.given].filter((id) => !ids.has(id) && busy.ever.has(id))).toEqual([]);
    let gone = 0;
    for (const key of keys) {
      const meta = await opened.readMeta(key);
      const raw = await opened.readRaw(key);
      if (raw === undefined) {
        gone += 1;
        expect({ id: key.id, reported: [meta?.lostBeforeFetch, meta?.goneSince, meta?.missingSince].some((at) => at !== undefined) }).toEqual({ id: key.id, reported: true }); // prettier-ignore
        continue;
      }
      // Byte for byte what the box gives for it.
      const asked = new FakeBox();
      asked.inbox = [busy.ever.get(key.id) ?? fake(0)];
      const same = asked.answer('GetFullMessage', (name) => (name === 'Source' ? 'INBOX' : key.id));
      expect(Buffer.from(raw.body).equals(Buffer.from(same.raw))).toBe(true);
      expect(meta?.storedAt).toBeDefined();
    }
    // The index is what a rebuild makes.
    const index = await openIndex(opened);
    const kept = index.dump();
    index.close();
    await settleIndex(opened, { rebuild: true });
    const rebuilt = await openIndex(opened);
    expect(kept).toEqual(rebuilt.dump());
    rebuilt.close();
    expect(kept).toHaveLength(keys.length);
    expect(kills).toBeGreaterThanOrEqual(KILLS - 2);
    const { inserted, moved, deleted } = busy.counts;
    summaries.push([seed, kills, busy.ever.size, inserted, moved, deleted, keys.length - gone, gone, missing.length].join(' | ')); // prettier-ignore
  },
  120_000,
);

const total = (column: number): number =>
  summaries.reduce((sum, line) => sum + Number(line.split(' | ')[column]), 0);

if (DEEP) {
  test('at least two hundred kills in all', () => {
    expect(total(1)).toBeGreaterThanOrEqual(200);
  });

  test('the table of the documentation has these seeds', async () => {
    if (process.env['TOPAZ_WRITE_TABLES'] !== '1') {
      const text = await readFile(resolve('docs/tables/ehbox-crash.md'), 'utf8');
      expect(SEEDS.every((seed) => text.includes(`| ${seed} | `))).toBe(true);
      expect(text).toContain(`${MESSAGES} messages`);
    }
  });
}

function table(): string {
  return `# A synchronisation that is killed

Made by \`test/ehbox/crash.test.ts\` (\`TOPAZ_DEEP=1 TOPAZ_WRITE_TABLES=1\`): ${MESSAGES} messages to begin with, SIGKILL at
random moments of list, fetch, commit and index, another client at work in the box. Moments and counts differ a
little from run to run; the last column does not.

| seed | kills | messages ever | inserted | moved | deleted | stored, byte for byte | gone before fetch, reported | lost |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${summaries.map((line) => `| ${line} |`).join('\n')}
| all | ${[1, 2, 3, 4, 5, 6, 7, 8].map(total).join(' | ')} |

After each seed the index equals a rebuild from the files.
`;
}
