/**
 * The work of `topaz ehbox sync`, loaded when it is needed: the commands that only read the mirror need
 * neither network nor cryptography.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { findMessage, summarise } from '../../ehbox/catalog.js';
import { fetchFullMessage, fetchMessagesList } from '../../ehbox/client.js';
import { decodeRest } from '../../ehbox/decode-stored.js';
import type { MailboxMirror } from '../../ehbox/mirror.js';
import { createOpener } from '../../ehbox/opener.js';
import type { Opener } from '../../ehbox/opener.js';
import type { Side } from '../../ehbox/records.js';
import { runSync } from '../../ehbox/sync.js';
import type { SyncResult } from '../../ehbox/sync.js';
import { TopazError } from '../../errors.js';
import type { Decrypter } from '../../keys/keys.js';
import { trustRoots } from '../../profile/trust.js';
import { sealRevocation } from '../cert/open-revocation.js';
import { alternateDecrypters } from './alternates.js';
import { connectBox } from './connect-box.js';
import type { ConnectedBox } from './connect-box.js';
import { parseCount } from './days.js';
import { messageRecord, messageTable } from './render.js';
import { settle } from './settle-index.js';
import { checkOutcome, syncJson, warnings } from './sync-result.js';
import type { SyncFlags } from './sync.js';

/** Clients that failed together must not come back together. */
const JITTER = 0.3;

/** What a synchronisation works with, once everything is open. */
export interface OpenSync {
  readonly connected: ConnectedBox;
  /** `undefined` keeps messages sealed on the disk. */
  readonly opener: Opener | undefined;
  readonly limit: number | undefined;
}

/** Synchronises, shows what is new, and ends with the status that fits. */
export async function runSyncCommand(run: Run, options: SyncFlags): Promise<void> {
  const open = await openSync(run, options);
  const result = await syncOnce(run, open, options);
  await showResult(run, open.connected, result, options);
  checkOutcome(result, {
    listOnly: options.listOnly === true,
    failIfSealed: options.failIfSealed === true,
  });
}

/** Opens the box and the keys; `--ndjson` and `--watch` tell each event from here on. */
export async function openSync(run: Run, options: SyncFlags): Promise<OpenSync> {
  const limit = options.limit === undefined ? undefined : parseCount(options.limit, '--limit');
  const keepSealed = options.sealed === true || (await run.profile()).ehbox.unseal === false;
  if (keepSealed && options.failIfSealed === true) {
    throw new TopazError('E_USAGE', '--fail-if-sealed cannot judge messages that are kept sealed', {
      hint: 'drop --sealed, or drop --fail-if-sealed',
    });
  }
  const connected = await connectBox(run, options);
  const opener = keepSealed ? undefined : await openerOf(run, connected.keystore.decrypters);
  tellEvents(run, connected.mirror, options);
  return { connected, opener, limit };
}

/**
 * One synchronisation under the lock.
 *
 * @throws TopazError what ended it when nothing was listed.
 */
export async function syncOnce(
  run: Run,
  { connected, opener, limit }: OpenSync,
  options: SyncFlags,
): Promise<SyncResult> {
  const { mirror } = connected;
  await mirror.create();
  const lock = await mirror.lock({
    timeoutMs: run.settings.lockTimeoutMs,
    signal: run.ctx.signal,
  });
  let result: SyncResult;
  try {
    if ((await mirror.readBox()) === undefined && options.listOnly !== true) {
      run.remark(run.t('ehbox.sync.receipts'));
    }
    result = await run.step(run.t('ehbox.sync.step'), () =>
      bothSides(run, connected, { ...options, opener, limit }),
    );
    if (opener !== undefined && (await mayOpenMore(run, result))) {
      result = await openMore(run, connected, result, options);
    }
    if (opener === undefined) {
      await closeEarlier(run, mirror);
    }
    await settle(run, mirror);
  } finally {
    await lock.release();
  }
  if (result.stopped !== undefined && result.listed === 0 && result.fresh.length === 0) {
    throw result.stopped;
  }
  return result;
}

/** Kept sealed from now on: what earlier runs unsealed leaves the disk, and with it the index. */
async function closeEarlier(run: Run, mirror: MailboxMirror): Promise<void> {
  let count = 0;
  for (const key of [...(await mirror.keys('received')), ...(await mirror.keys('sent'))]) {
    const encrypted = (await mirror.readMeta(key))?.encrypted === true;
    if (encrypted && (await mirror.hasRaw(key)) && (await mirror.removeParts(key))) {
      count += 1;
    }
  }
  if (count > 0) {
    run.warn(run.t('ehbox.sync.closed', { count }));
  }
}

/** The document or the new messages, then what can be acted upon. */
export async function showResult(
  run: Run,
  { mirror, info }: ConnectedBox,
  result: SyncResult,
  options: SyncFlags,
): Promise<void> {
  const document = syncJson(info, result);
  if (options.ndjson === true) {
    run.ctx.io.out(JSON.stringify(document));
  } else if (options.watch !== true) {
    const fresh = await Promise.all(
      result.fresh.map(async (id) => summarise(await findMessage(mirror, id))),
    );
    run.result(
      document,
      () => messageTable(run, fresh),
      () => fresh.map(messageRecord),
    );
  }
  run.done(run.t('ehbox.sync.done', { ...counts(result), count: result.fresh.length }));
  warnings(run, info, result);
}

/** One line per event, as it happens. */
function tellEvents(run: Run, mirror: MailboxMirror, { ndjson, watch }: SyncFlags): void {
  const { io } = run.ctx;
  if (ndjson === true) {
    mirror.journal.listen((event) => {
      io.out(JSON.stringify({ schema: 'topaz.ehbox.event/1', ...event }));
    });
  } else if (watch === true) {
    mirror.journal.listen(({ at, event, id, folder, code }) => {
      io.out([at, event, id, folder ?? code ?? ''].join('\t').trimEnd());
    });
  }
}

const counts = ({ stored, total, gone }: SyncResult) => ({ stored, total, gone });

async function openerOf(run: Run, decrypters: readonly Decrypter[]): Promise<Opener> {
  const roots = await trustRoots(await run.profile(), 'ehealthRoots');
  const revocation = await sealRevocation(run);
  return createOpener({ decrypters, roots, now: run.now(), revocation });
}

/** Whether older keystores are worth opening. A person is asked only about messages that are new. */
async function mayOpenMore(
  run: Run,
  { unopened, fresh, interrupted }: SyncResult,
): Promise<boolean> {
  const closed = unopened.filter(({ status }) => status === 'no-key');
  return (
    !interrupted &&
    (await run.profile()).alternates.length > 0 &&
    (run.settings.canAskSecret ? closed.some(({ id }) => fresh.includes(id)) : closed.length > 0)
  );
}

/** Decodes again with the older keystores of the profile. */
async function openMore(
  run: Run,
  { mirror, keystore }: ConnectedBox,
  result: SyncResult,
  flags: SyncFlags,
): Promise<SyncResult> {
  const decrypters = [...keystore.decrypters, ...(await alternateDecrypters(run, flags))];
  const keys = [
    ...(await mirror.keys('received')),
    ...(flags.sent === true ? await mirror.keys('sent') : []),
  ];
  const unopened = await decodeRest(mirror, keys, {
    opener: await openerOf(run, decrypters),
    annexes: flags.attachments,
    signal: run.ctx.signal,
  });
  await mirror.journal.flush();
  return { ...result, unopened };
}

interface RoundOptions extends Omit<SyncFlags, 'limit'> {
  readonly opener: Opener | undefined;
  readonly limit: number | undefined;
}

/** What was received, then, with `--sent`, what was sent. */
async function bothSides(
  run: Run,
  connected: ConnectedBox,
  options: RoundOptions,
): Promise<SyncResult> {
  const received = await synchronise(run, connected, 'received', options);
  if (options.sent !== true || received.stopped !== undefined || received.interrupted) {
    return received;
  }
  const limit = options.limit === undefined ? undefined : options.limit - received.stored;
  return added(received, await synchronise(run, connected, 'sent', { ...options, limit }));
}

function added(a: SyncResult, b: SyncResult): SyncResult {
  return {
    listed: a.listed + b.listed,
    fresh: [...a.fresh, ...b.fresh],
    stored: a.stored + b.stored,
    pending: a.pending + b.pending,
    failed: [...a.failed, ...b.failed],
    unreadable: a.unreadable + b.unreadable,
    unopened: [...a.unopened, ...b.unopened],
    moved: a.moved + b.moved,
    gone: a.gone + b.gone,
    back: a.back + b.back,
    total: a.total + b.total,
    complete: a.complete && b.complete,
    stopped: b.stopped,
    interrupted: b.interrupted,
    lastSync: b.lastSync,
  };
}

function synchronise(
  run: Run,
  { call, url, security, box, info, mirror, environment }: ConnectedBox,
  side: Side,
  options: RoundOptions,
): Promise<SyncResult> {
  const { signal } = run.ctx;
  const common = { security, box, signal };
  return runSync(mirror, {
    listPage: (folder, start, end) =>
      fetchMessagesList(call, url, { ...common, folder, start, end }),
    fetch: ({ id }) =>
      fetchFullMessage(call, url, {
        ...common,
        source: side === 'received' ? 'INBOX' : 'SENTBOX',
        id,
      }),
    side,
    environment,
    info,
    opener: options.opener,
    annexes: options.attachments,
    listOnly: options.listOnly,
    quick: options.quick,
    limit: options.limit,
    now: run.now,
    pause: (ms) => pause(ms * (1 - JITTER / 2 + JITTER * Math.random()), signal),
    signal,
  });
}

/** Waits, or ends early when the command is interrupted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) {
      done();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
