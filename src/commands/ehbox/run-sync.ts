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
import { createOpener } from '../../ehbox/opener.js';
import type { Opener } from '../../ehbox/opener.js';
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
import { checkOutcome, syncJson, warnings } from './sync-result.js';
import type { SyncFlags } from './sync.js';

/** Clients that failed together must not come back together. */
const JITTER = 0.3;

/** Synchronises, shows what is new, and ends with the status that fits. */
export async function runSyncCommand(run: Run, options: SyncFlags): Promise<void> {
  const limit = options.limit === undefined ? undefined : parseCount(options.limit, '--limit');
  const keepSealed = options.sealed === true || (await run.profile()).ehbox.unseal === false;
  if (keepSealed && options.failIfSealed === true) {
    throw new TopazError('E_USAGE', '--fail-if-sealed cannot judge messages that are kept sealed', {
      hint: 'drop --sealed, or drop --fail-if-sealed',
    });
  }
  const connected = await connectBox(run, options);
  const opener = keepSealed ? undefined : await openerOf(run, connected.keystore.decrypters);
  const { mirror, info } = connected;
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
      synchronise(run, connected, { ...options, opener, limit }),
    );
    if (opener !== undefined && (await mayOpenMore(run, result))) {
      result = await openMore(run, connected, result, options);
    }
  } finally {
    await lock.release();
  }
  if (result.stopped !== undefined && result.listed === 0 && result.fresh.length === 0) {
    throw result.stopped;
  }
  const fresh = await Promise.all(
    result.fresh.map(async (id) => summarise(await findMessage(mirror, id))),
  );
  run.result(
    syncJson(info, result),
    () => messageTable(run, fresh),
    () => fresh.map(messageRecord),
  );
  run.done(run.t('ehbox.sync.done', { ...counts(result), count: result.fresh.length }));
  warnings(run, info, result);
  checkOutcome(result, {
    listOnly: options.listOnly === true,
    failIfSealed: options.failIfSealed === true,
  });
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
  const unopened = await decodeRest(mirror, await mirror.keys('received'), {
    opener: await openerOf(run, decrypters),
    annexes: flags.attachments,
    signal: run.ctx.signal,
  });
  await mirror.journal.flush();
  return { ...result, unopened };
}

function synchronise(
  run: Run,
  { call, url, security, box, info, mirror, environment }: ConnectedBox,
  options: Omit<SyncFlags, 'limit'> & {
    readonly opener: Opener | undefined;
    readonly limit: number | undefined;
  },
): Promise<SyncResult> {
  const { signal } = run.ctx;
  const common = { security, box, signal };
  return runSync(mirror, {
    listPage: (folder, start, end) =>
      fetchMessagesList(call, url, { ...common, folder, start, end }),
    fetch: ({ side, id }) =>
      fetchFullMessage(call, url, {
        ...common,
        source: side === 'received' ? 'INBOX' : 'SENTBOX',
        id,
      }),
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
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
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
