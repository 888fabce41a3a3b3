/**
 * The work of `topaz ehbox move` and `delete`, loaded when it is needed.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { actOnMessages } from '../../ehbox/act.js';
import { COUNTERPART, deleteMessages, moveMessages, WIRE } from '../../ehbox/actions.js';
import type { ActionOutcome } from '../../ehbox/actions.js';
import { findMessage } from '../../ehbox/catalog.js';
import { fetchMessagesList } from '../../ehbox/client.js';
import { listFolder } from '../../ehbox/listing.js';
import { verifyCopy } from '../../ehbox/local-copy.js';
import type { MailboxMirror } from '../../ehbox/mirror.js';
import type { Folder, MessageMeta } from '../../ehbox/records.js';
import { TopazError } from '../../errors.js';
import { endBatch, failedJson, forEachId } from './batch.js';
import type { Failure } from './batch.js';
import { connectBox } from './connect-box.js';
import type { DeleteFlags, MoveFlags } from './move.js';
import { openMirror } from './open-mirror.js';
import { settle } from './settle-index.js';

const FOLDERS: readonly Folder[] = ['inbox', 'bin', 'sent', 'sent-bin'];
const SHOWN = 5;

export async function runMove(run: Run, ids: readonly string[], options: MoveFlags): Promise<void> {
  const folder = FOLDERS.find((name) => name === options.toFolder);
  if (folder === undefined) {
    throw new TopazError('E_USAGE', 'where shall the messages go?', {
      hint: `add --to-folder ${FOLDERS.join('|')}`,
    });
  }
  const { mirror } = await openMirror(run, options);
  const { done: metas, failed } = await forEachId(ids, async (id) => {
    const { key, meta } = await findMessage(mirror, id);
    checkPlace(meta);
    if (meta.folder === folder) {
      throw new TopazError('E_USAGE', `message ${id} lies in ${folder} already`, {
        hint: 'topaz ehbox sync brings the mirror up to date',
      });
    }
    if (COUNTERPART[meta.folder] !== folder) {
      throw new TopazError('E_USAGE', `message ${id} cannot go from ${meta.folder} to ${folder}`, {
        hint: `add --to-folder ${COUNTERPART[meta.folder]}`,
      });
    }
    await verifyCopy(mirror, key);
    return meta;
  });
  const describe = (count: number, what: 'dry' | 'done'): string =>
    run.t(`ehbox.move.${what}`, { count, folder });
  if (options.dryRun === true) {
    finishDry(run, 'move', metas, failed, describe(metas.length, 'dry'));
    return;
  }
  const outcome = await act(run, mirror, metas, 'move', options);
  finish(run, 'move', { done: outcome.done, failed: [...failed, ...outcome.failed] }, describe);
}

export async function runDelete(
  run: Run,
  ids: readonly string[],
  options: DeleteFlags,
): Promise<void> {
  const { mirror } = await openMirror(run, options);
  const { done: metas, failed } = await forEachId(ids, async (id) => {
    const { key, meta } = await findMessage(mirror, id);
    checkPlace(meta);
    if (options.withoutCopy !== true) {
      await verifyCopy(mirror, key);
    }
    return meta;
  });
  const describe = (count: number, what: 'dry' | 'done'): string =>
    run.t(`ehbox.delete.${what}`, { count });
  if (options.dryRun === true) {
    finishDry(run, 'delete', metas, failed, describe(metas.length, 'dry'));
    return;
  }
  if (metas.length > 0) {
    const shown = metas.slice(0, SHOWN).map(({ id }) => id);
    const names = `${shown.join(', ')}${metas.length > SHOWN ? ' …' : ''}`;
    await run.confirm(run.t('ehbox.delete.question', { count: metas.length, ids: names }));
  }
  const outcome = await act(run, mirror, metas, 'delete', options);
  finish(run, 'delete', { done: outcome.done, failed: [...failed, ...outcome.failed] }, describe);
}

/** What is not at eHealth any more can neither be moved nor deleted there. */
function checkPlace({ id, goneSince }: MessageMeta): void {
  if (goneSince !== undefined) {
    throw new TopazError('E_MESSAGE_UNKNOWN', `message ${id} is not at eHealth any more`, {
      hint: 'its copy on this machine stays; topaz ehbox sync asks again',
    });
  }
}

async function act(
  run: Run,
  mirror: MailboxMirror,
  metas: readonly MessageMeta[],
  kind: 'move' | 'delete',
  options: MoveFlags | DeleteFlags,
): Promise<ActionOutcome> {
  if (metas.length === 0) {
    return { done: [], failed: [] };
  }
  const connected = await connectBox(run, options);
  if (connected.mirror.folder !== mirror.folder) {
    throw new TopazError('E_BOX_MISMATCH', 'the session opens another box than the mirror of these messages', {
      hint: 'name the box with --box, or open a session for it',
    }); // prettier-ignore
  }
  const { call, url, security, box } = connected;
  const common = { security, box, signal: run.ctx.signal };
  const send = kind === 'move' ? moveMessages : deleteMessages;
  const lock = await mirror.lock({ timeoutMs: run.settings.lockTimeoutMs, signal: run.ctx.signal });
  try {
    const outcome = await run.step(run.t('ehbox.action.step'), () =>
      actOnMessages(mirror, metas, {
        kind,
        ask: (from, ids) => send(call, url, { ...common, from, ids }),
        list: (folder) =>
          listFolder(
            (start, end) =>
              fetchMessagesList(call, url, { ...common, folder: WIRE[folder], start, end }),
            { onPage: () => Promise.resolve() },
          ),
        now: run.now,
        signal: run.ctx.signal,
      }),
    );
    await settle(run, mirror);
    return outcome;
  } finally {
    await lock.release();
  }
}

function finishDry(
  run: Run,
  kind: 'move' | 'delete',
  metas: readonly MessageMeta[],
  failed: readonly Failure[],
  text: string,
): void {
  const done = metas.map(({ id }) => ({ id }));
  const document = {
    schema: `topaz.ehbox.${kind}/1`,
    dryRun: true,
    done,
    failed: failedJson(failed),
  };
  run.result(document, () => [text]); // prettier-ignore
  endBatch(done.length, failed);
}

function finish(
  run: Run,
  kind: 'move' | 'delete',
  { done, failed }: { readonly done: readonly string[]; readonly failed: readonly Failure[] },
  describe: (count: number, what: 'done') => string,
): void {
  const document = {
    schema: `topaz.ehbox.${kind}/1`,
    done: done.map((id) => ({ id })),
    failed: failedJson(failed),
  };
  run.result(document, () => []);
  if (done.length > 0) {
    run.done(describe(done.length, 'done'));
  }
  endBatch(done.length, failed);
}
