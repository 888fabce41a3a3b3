/**
 * What the commands that read the mirror share: which box, and how its sealed messages are opened when that
 * was not done while synchronising.
 *
 * @module
 */

import type { Command } from 'commander';

import type { Run } from '../../cli/run.js';
import { parseBoxAddress } from '../../ehbox/address.js';
import { chooseBox, listBoxes } from '../../ehbox/boxes.js';
import type { StoredMessage } from '../../ehbox/catalog.js';
import { MailboxMirror } from '../../ehbox/mirror.js';
import { clearOpener } from '../../ehbox/clear-opener.js';
import type { Opener } from '../../ehbox/opener.js';
import type { BoxRecord } from '../../ehbox/records.js';
import { profileFolders } from '../../profile/paths.js';
import { sealRevocation } from '../cert/open-revocation.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';

export interface BoxFlags {
  /** `TYPE=ID[:QUALITY]`. */
  box?: string;
}

/** Adds `--box`. */
export const withBox = (command: Command): Command =>
  command.option(
    '--box <address>',
    'another box than the own one: TYPE=ID:QUALITY, for example NIHII-GROUP=94499180:GROUP',
  );

export interface OpenedMirror {
  readonly mirror: MailboxMirror;
  readonly record: BoxRecord;
}

/**
 * Opens the mirror of a box, without any network.
 *
 * @throws TopazError `E_MESSAGE_UNKNOWN` when nothing was mirrored yet, `E_USAGE` when there are several.
 */
export async function openMirror(run: Run, flags: BoxFlags): Promise<OpenedMirror> {
  const profile = await run.profile();
  const folder = profileFolders(run.paths, profile.name).ehbox;
  const boxes = await listBoxes(folder, profile.environment);
  const box = flags.box === undefined ? undefined : parseBoxAddress(flags.box);
  const chosen = chooseBox(boxes, { box, quality: profile.ehbox.quality?.toUpperCase() });
  const mirror = new MailboxMirror(chosen.folder, { now: run.now, newId: run.ctx.newId });
  return { mirror, record: chosen.record };
}

/**
 * Keys for a message that was kept sealed, or that the keys of its day did not open; asks for the password
 * only when it is sealed. The keystore may have expired: old messages open only with old keys.
 *
 * @throws TopazError `E_KEYSTORE_UNKNOWN`, `E_KEYSTORE_PASSWORD`, `E_TRUST_MISSING` …
 */
export async function openerFor(
  run: Run,
  { meta }: StoredMessage,
  flags: KeystoreFlags,
): Promise<Opener> {
  if (!meta.encrypted) {
    return clearOpener;
  }
  const [{ activeKeystore, openDecrypters }, { createOpener }, { trustRoots }] = await Promise.all([
    import('../keystore/open-keystore.js'),
    import('../../ehbox/opener.js'),
    import('../../profile/trust.js'),
  ]);
  const named = await activeKeystore(run, flags.keystore);
  const { decrypters } = await openDecrypters(run, named, flags);
  const roots = await trustRoots(await run.profile(), 'ehealthRoots');
  const revocation = await sealRevocation(run);
  return createOpener({ decrypters, roots, now: run.now(), revocation });
}
