/**
 * `topaz __complete KIND`: the values that completion cannot know in advance, one a line, from local files alone.
 * It asks nobody, and says nothing when something fails: a person is typing.
 *
 * @module
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { Context } from '../../cli/context.js';
import { profileName } from '../../cli/settings.js';
import { cleanText } from '../../cli/text.js';
import { listProfiles, readConfiguration, readProfileValues } from '../../profile/files.js';
import { profileFolders, resolvePaths } from '../../profile/paths.js';
import type { Paths } from '../../profile/paths.js';

const MAX_VALUES = 500;

/** Prints the values of a kind; nothing for an unknown one. */
export async function printValues(ctx: Context, kind: string | undefined): Promise<void> {
  const values = await valuesOf(ctx, kind).catch(() => []);
  const shown = values.map(cleanText).slice(0, MAX_VALUES);
  if (shown.length > 0) {
    ctx.io.out(shown.join('\n'));
  }
}

async function valuesOf(ctx: Context, kind: string | undefined): Promise<readonly string[]> {
  const paths = resolvePaths(ctx);
  switch (kind) {
    case 'profiles':
      return listProfiles(paths);
    case 'keystores': {
      const { listKeystores } = await import('../../keystore/store.js');
      const stored = await listKeystores(profileFolders(paths, await nameOf(ctx, paths)).keystores);
      return stored.map(({ alias }) => alias);
    }
    case 'messages':
      return messageIds(ctx, paths);
    default:
      return [];
  }
}

async function nameOf(ctx: Context, paths: Paths): Promise<string> {
  const configured = (await readConfiguration(paths)).get('profile');
  return profileName(undefined, ctx.env, typeof configured === 'string' ? configured : undefined);
}

/** Ids of every mirror of the profile's environment, without reading a message. */
async function messageIds(ctx: Context, paths: Paths): Promise<readonly string[]> {
  const name = await nameOf(ctx, paths);
  const environment = (await readProfileValues(paths, name)).get('environment');
  const parent = join(profileFolders(paths, name).ehbox, String(environment));
  const ids = await Promise.all(
    (await readdir(parent)).flatMap((box) =>
      ['received', 'sent'].map((side) =>
        readdir(join(parent, box, 'messages', side)).catch(() => []),
      ),
    ),
  );
  return [...new Set(ids.flat())].filter((id) => /^[A-Za-z0-9]{1,40}$/.test(id)).sort();
}
