/**
 * `topaz key combine`: gives a user key back from its shares.
 *
 * @module
 */

import { basename, resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { TopazError } from '../../errors.js';
import type { PartyId } from '../../userkey/user-key.js';
import { describeKey, readBytes, refuseStdout } from './key-place.js';

export interface CombineOptions {
  id?: string;
  out?: string;
  force?: boolean;
}

/** `topaz key combine`. */
export function combineCommand(ctx: Context, run = runCombine): Command {
  const command = new Command('combine')
    .summary('give a user key back from its shares')
    .argument('<share...>', 'files with a share each; a file may hold several, a line each')
    .option('--id <uuid>', 'id of the healthcare party, where the names of the files have none')
    .option('-o, --out <file>', 'write the key to <file>, readable by you alone')
    .option('-f, --force', 'replace the file')
    .addHelpText(
      'after',
      `
Examples:
  # three of five shares
  $ topaz key combine one.txt two.txt five.txt --id 3f2504e0-4f89-41d3-9a0c-0305e82c3301 --out key
  # then
  $ topaz key import key --id 3f2504e0-4f89-41d3-9a0c-0305e82c3301

Too few shares, or shares of two keys, do not make a key; that is told.`,
    );
  return command.action((shares: readonly string[], options: CombineOptions) =>
    action(ctx, command, (session) => run(session, shares, options)),
  );
}

export async function runCombine(
  run: Run,
  files: readonly string[],
  options: CombineOptions,
): Promise<void> {
  const [{ combineShares }, { keyInvalid, readPrivateKey, toUserKey }, { keyFileText }, { writeFileAtomic }] =
    await Promise.all([
      import('../../userkey/shamir.js'),
      import('../../userkey/user-key.js'),
      import('../../userkey/key-store.js'),
      import('../../disk/atomic.js'),
    ]); // prettier-ignore
  const id = await partyOf(run, files, options.id);
  const out = await run.require('--out FILE', options.out, async () =>
    (await run.ctx.prompter()).input(run.t('key.ask.out')),
  );
  refuseStdout(out);
  const texts: string[] = [];
  for (const file of files) {
    const text = Buffer.from(await readBytes(run, file)).toString();
    texts.push(...text.split(/\r?\n/).filter((line) => line.trim() !== ''));
  }
  const secret = combineShares(texts);
  let key;
  try {
    key = toUserKey(id, readPrivateKey(secret));
  } catch {
    throw keyInvalid(
      'these shares do not make a key: too few of them, or of different keys',
      'take as many shares as their names say are needed, all of the same key',
    );
  } finally {
    secret.fill(0);
  }
  const path = resolve(run.ctx.cwd, out);
  await writeFileAtomic(path, keyFileText(key), { overwrite: options.force === true });
  run.result(
    { schema: 'topaz.key.combine/1', key: describeKey(key), shares: texts.length, path },
    () => [path],
    () => [[key.id, path]],
  );
  run.done(run.t('key.combine.done', { path }));
  run.remark(run.t('key.combine.next', { path, id }));
}

/** The id in the names of our share files, or `--id`. */
async function partyOf(
  run: Run,
  files: readonly string[],
  option: string | undefined,
): Promise<PartyId> {
  const { parsePartyId } = await import('../../userkey/user-key.js');
  const named = files.flatMap((file) => /^([0-9a-f-]{36})-share-/.exec(basename(file))?.[1] ?? []);
  const ids = new Set([...(option === undefined ? [] : [parsePartyId(option)]), ...named.map(parsePartyId)]); // prettier-ignore
  if (ids.size > 1) {
    throw new TopazError('E_KEY_MISMATCH', 'the shares are of different keys', {
      facts: [...ids],
      hint: 'take shares whose names carry the same id',
    });
  }
  const [only] = ids;
  return only ?? parsePartyId(await run.require('--id UUID', undefined, async () =>
    (await run.ctx.prompter()).input(run.t('key.ask.id')),
  )); // prettier-ignore
}
