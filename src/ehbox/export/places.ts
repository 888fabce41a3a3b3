/**
 * Where exported messages go: files named by their ids, or a Maildir with a folder for each folder of the box. A
 * message that is there already, unchanged, stays as it is, also where a mail program has renamed it.
 *
 * @module
 */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../../disk/atomic.js';
import { TopazError } from '../../errors.js';
import type { MessageSummary } from '../catalog.js';
import type { Folder } from '../records.js';
import { namesIn } from '../staging.js';

/** Folders of a Maildir++ below the inbox. */
const MAILDIR: Readonly<Record<Folder, string>> = {
  inbox: '',
  bin: '.Bin',
  sent: '.Sent',
  'sent-bin': '.Sent-Bin',
};

export interface PlaceOptions {
  /** Replaces what is there and differs. */
  readonly force: boolean;
}

export interface MaildirOptions extends PlaceOptions {
  /** Between name and flags; Windows has no colon in names. @default ':' */
  readonly separator?: string;
}

/** @throws TopazError `E_FILE_EXISTS` and those of the disk. */
export async function writeNamed(
  folder: string,
  { id, side }: MessageSummary,
  extension: 'eml' | 'json',
  text: string,
  { force }: PlaceOptions,
): Promise<string> {
  await makePrivateFolder(folder);
  const path = join(folder, `${side === 'sent' ? `${id}.sent` : id}.${extension}`);
  if (!(await isSame(path, text))) {
    await writeFileAtomic(path, text, { overwrite: force });
  }
  return path;
}

/**
 * Delivers to a Maildir: unread to `new`, the others to `cur` with their flags.
 *
 * @throws TopazError `E_FILE_EXISTS` when it is there with another content, and those of the disk.
 */
export async function writeMaildir(
  root: string,
  summary: MessageSummary,
  text: string,
  { force, separator = ':' }: MaildirOptions,
): Promise<string> {
  const { id, side, folder, date, unread, important } = summary;
  const name = MAILDIR[folder];
  const place = join(root, name);
  for (const inner of ['tmp', 'new', 'cur']) {
    await makePrivateFolder(join(root, inner));
    await makePrivateFolder(join(place, inner));
  }
  if (name !== '' && !(await namesIn(place)).includes('maildirfolder')) {
    await writeFileAtomic(join(place, 'maildirfolder'), '');
  }
  const seconds = date === undefined ? 0 : Date.parse(`${date}T12:00:00Z`) / 1000;
  const unique = `${seconds}.${side}-${id}.topaz`;
  for (const there of await pathsOf(root, unique, separator)) {
    if (there.startsWith(join(place, 'new')) || there.startsWith(join(place, 'cur'))) {
      if (await isSame(there, text)) {
        return there;
      }
    }
    if (!force) {
      throw new TopazError('E_FILE_EXISTS', `${there} exists already and differs`, {
        hint: 'choose another --out, or add --force',
      });
    }
    await rm(there, { force: true });
  }
  const flags = `${important ? 'F' : ''}${unread ? '' : 'S'}`;
  const path =
    flags === ''
      ? join(place, 'new', unique)
      : join(place, 'cur', `${unique}${separator}2,${flags}`);
  await writeFileAtomic(path, text, { overwrite: force }); // prettier-ignore
  return path;
}

/** Wherever it lies now: a mail program moves it and changes its flags. */
async function pathsOf(
  root: string,
  unique: string,
  separator: string,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of Object.values(MAILDIR)) {
    for (const inner of ['new', 'cur']) {
      const place = join(root, folder, inner);
      for (const name of await namesIn(place)) {
        if (name === unique || name.startsWith(`${unique}${separator}`)) {
          found.push(join(place, name));
        }
      }
    }
  }
  return found;
}

const isSame = (path: string, text: string): Promise<boolean> =>
  readFile(path).then(
    (bytes) => bytes.equals(Buffer.from(text)),
    () => false,
  );
