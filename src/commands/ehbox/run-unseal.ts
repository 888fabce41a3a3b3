/**
 * The work of `topaz ehbox unseal`, loaded when it is needed.
 *
 * @module
 */

import type { Run } from '../../cli/run.js';
import { findMessage } from '../../ehbox/catalog.js';
import type { MailboxMirror, MessageKey } from '../../ehbox/mirror.js';
import { createOpener } from '../../ehbox/opener.js';
import { isReadable } from '../../ehbox/seal-status.js';
import type { PartStatus } from '../../ehbox/seal-status.js';
import { decodeStored } from '../../ehbox/unpack.js';
import { TopazError } from '../../errors.js';
import type { Decrypter } from '../../keys/keys.js';
import { trustRoots } from '../../profile/trust.js';
import { sealRevocation } from '../cert/open-revocation.js';
import { activeKeystore, keystoreFiles, openDecrypters } from '../keystore/open-keystore.js';
import { endBatch, failedJson, forEachId } from './batch.js';
import { openMirror } from './open-mirror.js';
import { settle } from './settle-index.js';
import type { UnsealFlags } from './unseal.js';

interface Done {
  readonly id: string;
  readonly sealStatus: PartStatus;
}

/** @throws TopazError as for any batch; `E_USAGE` where messages are kept sealed on purpose. */
export async function runUnseal(
  run: Run,
  named: readonly string[],
  options: UnsealFlags,
): Promise<void> {
  if (named.length > 0 === (options.retry === true)) {
    throw new TopazError('E_USAGE', 'which messages?', {
      hint: 'name their ids, or add --retry for every one that could not be opened',
    });
  }
  if ((await run.profile()).ehbox.unseal === false) {
    throw new TopazError('E_USAGE', 'this profile keeps messages sealed on the disk', {
      hint: 'topaz ehbox show ID opens one; to change that: topaz profile set ehbox.unseal true',
    });
  }
  const { mirror } = await openMirror(run, options);
  const lock = await mirror.lock({ timeoutMs: run.settings.lockTimeoutMs, signal: run.ctx.signal });
  try {
    await mirror.begin();
    try {
      await unsealAll(run, mirror, named, options);
    } finally {
      await mirror.end();
      await settle(run, mirror);
    }
  } finally {
    await lock.release();
  }
}

async function unsealAll(
  run: Run,
  mirror: MailboxMirror,
  named: readonly string[],
  options: UnsealFlags,
): Promise<void> {
  const ids = named.length > 0 ? named : await closedMessages(mirror);
  if (ids.length === 0) {
    run.result({ schema: 'topaz.ehbox.unseal/1', done: [], failed: [] }, () => []);
    run.remark(run.t('ehbox.unseal.none'));
    return;
  }
  const opener = createOpener({
    decrypters: await allDecrypters(run, options),
    roots: await trustRoots(await run.profile(), 'ehealthRoots'),
    now: run.now(),
    revocation: await sealRevocation(run),
  });
  const { done, failed } = await run.step(run.t('ehbox.unseal.step'), () =>
    forEachId(ids, async (id): Promise<Done> => {
      if (run.ctx.signal.aborted) {
        throw new TopazError('E_INTERRUPTED', 'interrupted; what was opened is stored', {
          hint: 'run it again for the rest',
        });
      }
      const { key } = await findMessage(mirror, id);
      const { status } = await decodeStored(mirror, key, opener, { annexes: true });
      mirror.journal.add({ event: 'decoded', ...key });
      if (!isReadable(status)) {
        throw stillClosed(key, status);
      }
      return { id, sealStatus: status };
    }),
  );
  await mirror.journal.flush();
  run.result({ schema: 'topaz.ehbox.unseal/1', done, failed: failedJson(failed) }, () =>
    done.map(({ id }) => id),
  );
  run.done(run.t('ehbox.unseal.done', { count: done.length }));
  endBatch(done.length, failed);
}

/** Messages that were tried and do not open, or not wholly; what is kept sealed on purpose is not among them. */
async function closedMessages(mirror: MailboxMirror): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const side of ['received', 'sent'] as const) {
    for (const key of await mirror.keys(side)) {
      const record = await mirror.readParts(key);
      if (record !== undefined && !isReadable(record.status) && (await mirror.hasRaw(key))) {
        ids.push(key.id);
      }
    }
  }
  return ids;
}

/**
 * Keys of the keystores that are named, or of all: the active one, the alternates, the others of the profile.
 *
 * @throws TopazError the first failure when none opens.
 */
async function allDecrypters(run: Run, options: UnsealFlags): Promise<readonly Decrypter[]> {
  const decrypters: Decrypter[] = [];
  let first: TopazError | undefined;
  for (const alias of options.keystore ?? (await allKeystores(run))) {
    try {
      decrypters.push(...(await openDecrypters(run, alias, options)).decrypters);
    } catch (error) {
      if (!(error instanceof TopazError) || error.code === 'E_INTERRUPTED') {
        throw error;
      }
      first ??= error;
      run.warn(run.t('ehbox.sync.alternate', { alias, reason: error.message }));
    }
  }
  if (decrypters.length === 0 && first !== undefined) {
    throw first;
  }
  return decrypters;
}

async function allKeystores(run: Run): Promise<readonly string[]> {
  const { listKeystores } = await import('../../keystore/store.js');
  const { alternates } = await run.profile();
  const inFolder = (await listKeystores(await keystoreFiles(run))).map(({ alias }) => alias);
  return [...new Set([await activeKeystore(run, undefined), ...alternates, ...inFolder])];
}

function stillClosed({ id }: MessageKey, status: PartStatus): TopazError {
  const notForUs = status === 'no-key';
  return new TopazError(
    notForUs ? 'E_SEAL_NOT_FOR_US' : status === 'part-missing' ? 'E_REPLY_INVALID' : 'E_SEAL_INVALID', // prettier-ignore
    `message ${id} does not open: ${status}`,
    {
      hint: notForUs
        ? 'import the keystore of that time: topaz keystore import OLD.p12'
        : 'do not trust the content; ask the sender to send it again',
    },
  );
}
