/**
 * `topaz ehbox save`: what messages hold, as files. Names are made safe, nothing is overwritten unasked, and
 * what is not genuine is left out unless the user insists.
 *
 * @module
 */

import { resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { makePrivateFolder, writeFileAtomic } from '../../disk/atomic.js';
import { findMessage } from '../../ehbox/catalog.js';
import { partFileName } from '../../ehbox/file-names.js';
import type { PartRecord } from '../../ehbox/records.js';
import { TopazError } from '../../errors.js';
import { withKeystore } from '../keystore/open-keystore.js';
import type { KeystoreFlags } from '../keystore/open-keystore.js';
import { endBatch, failedJson, forEachId } from './batch.js';
import type { Failure } from './batch.js';
import { openMirror, withBox } from './open-mirror.js';
import type { BoxFlags } from './open-mirror.js';
import { problemOf, readParts } from './open-parts.js';

export interface SaveOptions extends BoxFlags, KeystoreFlags {
  out?: string;
  force?: boolean;
  allowUnverified?: boolean;
}

/** `topaz ehbox save`. */
export function saveCommand(ctx: Context, run = runSave): Command {
  const command = withKeystore(
    withBox(
      new Command('save')
        .summary('save documents and attachments to a folder')
        .argument('<id...>', 'ids of the messages')
        .option('-o, --out <dir>', 'the folder; it is made when it does not exist')
        .option('-f, --force', 'replace files of the same name')
        .option('--allow-unverified', 'save also what was sealed by an unknown or wrong signer'),
    ),
  ).addHelpText(
    'after',
    `
Files are named ID-NN-NAME: 00 is the document, then the attachments. Programs and active content get
the ending .blocked.

Examples:
  # everything of one message
  $ topaz ehbox save 9Y0001A7F3K02 --out letters
  # of all new ones
  $ topaz ehbox list --unread | cut -f1 | xargs topaz ehbox save --out letters`,
  );
  return command.action((ids: string[], options: SaveOptions) =>
    action(ctx, command, (session) => run(session, ids, options)),
  );
}

interface SavedFile {
  readonly path: string;
  readonly name: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  readonly status: string;
}

export async function runSave(
  run: Run,
  ids: readonly string[],
  options: SaveOptions,
): Promise<void> {
  if (options.out === undefined) {
    throw new TopazError('E_USAGE', 'where shall the files go?', { hint: 'add --out DIR' });
  }
  const folder = resolve(run.ctx.cwd, options.out);
  const { mirror } = await openMirror(run, options);
  const kept: Failure[] = [];
  const { done, failed } = await forEachId(ids, async (id) => {
    const { parts } = await readParts(run, mirror, await findMessage(mirror, id), options);
    const files: SavedFile[] = [];
    await makePrivateFolder(folder);
    for (const { record, bytes } of parts) {
      const problem = problemOf('save', id, record, options);
      if (problem !== undefined) {
        kept.push({ id, error: problem });
      } else if (bytes !== undefined && (record.role === 'annex' || bytes.length > 0)) {
        files.push(await saveFile(folder, id, record, bytes, options));
      }
    }
    return { id, files };
  });
  const failures = [...failed, ...kept];
  const saved = done.flatMap(({ files }) => files);
  run.result(
    {
      schema: 'topaz.ehbox.save/1',
      folder,
      done: done.filter(({ files }) => files.length > 0 || kept.length === 0),
      failed: failedJson(failures),
    },
    () => saved.map(({ path }) => path),
    () => saved.map(({ path, mimeType, sizeBytes }) => [path, mimeType, String(sizeBytes)]),
  );
  run.done(run.t('ehbox.save.done', { count: saved.length }));
  endBatch(saved.length, failures);
}

async function saveFile(
  folder: string,
  id: string,
  { position, name, mimeType, status }: PartRecord,
  bytes: Uint8Array,
  { force }: SaveOptions,
): Promise<SavedFile> {
  const path = resolve(folder, `${id}-${partFileName(position, name)}`);
  await writeFileAtomic(path, bytes, { overwrite: force === true });
  return { path, name, mimeType, sizeBytes: bytes.length, status };
}
