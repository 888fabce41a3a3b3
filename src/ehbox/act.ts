/**
 * Acting on messages at eHealth and bringing the mirror in line: in batches, then listed again, since failures
 * are partial and an answer may get lost (sync design, “Moves, deletes, another client”). The caller holds the
 * lock and has verified the copies.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { COUNTERPART, MAX_IDS } from './actions.js';
import type { ActionOutcome } from './actions.js';
import type { FolderListing } from './listing.js';
import type { MailboxMirror } from './mirror.js';
import type { Folder, MessageMeta } from './records.js';
import { isUnauthenticated } from './retry.js';

export interface ActOptions {
  readonly kind: 'move' | 'delete';
  /** Asks for at most {@link MAX_IDS} of one folder. */
  readonly ask: (from: Folder, ids: readonly string[]) => Promise<ActionOutcome>;
  /** The whole list of a folder. */
  readonly list: (folder: Folder) => Promise<FolderListing>;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
}

/** What became of one message: nothing known yet, done as far as the answer says, or failed. */
type Verdict =
  { readonly state: 'done' } | { readonly state: 'unsure' | 'failed'; readonly error: TopazError };

/**
 * Moves or deletes messages of one side.
 *
 * @returns Never throws for what the service or the network did: that is in `failed`.
 * @throws TopazError of the disk.
 */
export async function actOnMessages(
  mirror: MailboxMirror,
  metas: readonly MessageMeta[],
  options: ActOptions,
): Promise<ActionOutcome> {
  const verdicts = await askAll(metas, options);
  const folders = new Set(metas.flatMap(({ folder }) => [folder, COUNTERPART[folder]]));
  const lists = await listAgain([...folders], options);
  const done: string[] = [];
  const failed: { id: string; error: TopazError }[] = [];
  for (const meta of metas) {
    const given = verdicts.get(meta.id) ?? { state: 'failed', error: notAsked() };
    const verdict = lists === undefined ? given : judge(meta, given, lists, options.kind);
    if (verdict.state === 'done') {
      await settle(mirror, meta, options);
      done.push(meta.id);
    } else {
      failed.push({ id: meta.id, error: verdict.error });
      mirror.journal.add({ event: 'error', side: meta.side, id: meta.id, code: verdict.error.code }); // prettier-ignore
    }
  }
  await mirror.journal.flush();
  return { done, failed };
}

async function askAll(
  metas: readonly MessageMeta[],
  { ask, signal }: ActOptions,
): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for (const folder of new Set(metas.map((meta) => meta.folder))) {
    const group = metas.filter((meta) => meta.folder === folder);
    for (let at = 0; at < group.length; at += MAX_IDS) {
      if (signal?.aborted === true) {
        return verdicts;
      }
      const ids = group.slice(at, at + MAX_IDS).map(({ id }) => id);
      try {
        const outcome = await ask(folder, ids);
        outcome.done.forEach((id) => verdicts.set(id, { state: 'done' }));
        outcome.failed.forEach(({ id, error }) => verdicts.set(id, { state: 'failed', error }));
      } catch (error) {
        if (!(error instanceof TopazError)) {
          throw error;
        }
        // The request may have arrived all the same: the lists tell.
        ids.forEach((id) => verdicts.set(id, { state: 'unsure', error }));
        if (isUnauthenticated(error)) {
          return verdicts;
        }
      }
    }
  }
  return verdicts;
}

/** `undefined` when not every folder could be listed to its end. */
async function listAgain(
  folders: readonly Folder[],
  { list, signal }: ActOptions,
): Promise<ReadonlyMap<Folder, ReadonlySet<string>> | undefined> {
  const lists = new Map<Folder, ReadonlySet<string>>();
  for (const folder of folders) {
    try {
      const { ids, complete } = await list(folder);
      if (!complete || signal?.aborted === true) {
        return undefined;
      }
      lists.set(folder, new Set(ids));
    } catch (error) {
      if (!(error instanceof TopazError)) {
        throw error;
      }
      return undefined;
    }
  }
  return lists;
}

/** Holds the answer against the lists. What the service named as failed stays so. */
function judge(
  { id, folder }: MessageMeta,
  given: Verdict,
  lists: ReadonlyMap<Folder, ReadonlySet<string>>,
  kind: ActOptions['kind'],
): Verdict {
  if (given.state === 'failed') {
    return given;
  }
  const inTarget = lists.get(COUNTERPART[folder])?.has(id) === true;
  const inSource = lists.get(folder)?.has(id) === true;
  if (kind === 'move' ? inTarget : !inSource && !inTarget) {
    return { state: 'done' };
  }
  return { state: 'failed', error: given.state === 'unsure' ? given.error : notDone(kind) };
}

/** Writes down what is known now; the content stays here. */
async function settle(
  mirror: MailboxMirror,
  meta: MessageMeta,
  { kind, now }: ActOptions,
): Promise<void> {
  const key = { side: meta.side, id: meta.id };
  const folder = COUNTERPART[meta.folder];
  if (kind === 'move') {
    await mirror.updateMeta(key, (state) => ({ ...state, folder, missingSince: undefined }));
    mirror.journal.add({ event: 'moved', ...key, folder });
    return;
  }
  const goneSince = now().toISOString();
  await mirror.updateMeta(key, (state) => ({
    ...state,
    missingSince: undefined,
    goneSince,
    gone: 'removed',
  }));
  mirror.journal.add({ event: 'deleted', ...key });
}

const notDone = (kind: ActOptions['kind']): TopazError =>
  new TopazError('E_SERVICE_REFUSED', `the eHealthBox did not ${kind} this message`, {
    facts: ['its lists say so'],
    hint: 'topaz ehbox sync, then try again',
  });

const notAsked = (): TopazError =>
  new TopazError('E_PARTIAL', 'not done: the command ended before', {
    hint: 'run it again for those',
  });
