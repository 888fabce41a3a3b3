/**
 * Writes documents of a mailbox to a folder, each under a name of its own without a number of anybody.
 *
 * @module
 */

import { join, resolve } from 'node:path';

import type { Run } from '../../../cli/run.js';
import { makePrivateFolder, writeFileAtomic } from '../../../disk/atomic.js';
import { TopazError } from '../../../errors.js';
import type { Profile } from '../../../profile/profile.js';
import { openStore } from './domain-flags.js';
import type { Item } from './summary.js';

/** @returns Names of the files; one that stands there already is left as it is. */
export async function saveDocuments(
  run: Run,
  profile: Profile,
  items: readonly Item[],
  out: string,
): Promise<readonly string[]> {
  const folder = resolve(run.ctx.cwd, out);
  await makePrivateFolder(folder);
  const names: string[] = [];
  for (const { domain, kind, record } of items) {
    if (kind !== 'message' || record.problem !== undefined) {
      continue;
    }
    const name = `${domain}-${safe(record.messageName)}-${record.id}.${ending(record.contentType)}`;
    const content = await openStore(run, profile, domain).readContent(record.id);
    try {
      await writeFileAtomic(join(folder, name), content, { overwrite: false });
    } catch (error) {
      if (!(error instanceof TopazError && error.code === 'E_FILE_EXISTS')) {
        throw error;
      }
    }
    names.push(name);
  }
  return names;
}

/** Names come from outside. */
const safe = (name: string): string =>
  name.replace(/[^A-Za-z0-9-]/g, '_').slice(0, 40) || 'message';

const ending = (contentType: string | undefined): string =>
  contentType === undefined
    ? 'bin'
    : /xml/i.test(contentType)
      ? 'xml'
      : /^text\//i.test(contentType)
        ? 'txt'
        : 'bin';
