/**
 * `topaz key split`: shares of a user key, some of which give it back.
 *
 * @module
 */

import { join, resolve } from 'node:path';

import { Command } from 'commander';

import type { Context } from '../../cli/context.js';
import { action } from '../../cli/run.js';
import type { Run } from '../../cli/run.js';
import { seconds } from '../../cli/text.js';
import { TopazError } from '../../errors.js';
import { chosenId, confirmId, describeKey, keysFolder } from './key-place.js';

export interface SplitOptions {
  id?: string;
  shares?: string;
  threshold?: string;
  out?: string;
  confirm?: string;
}

/** `topaz key split`. */
export function splitCommand(ctx: Context, run = runSplit): Command {
  const command = new Command('split')
    .summary('shares for trusted people; some give it back')
    .option('--id <uuid>', 'which one, where there are several')
    .option('--shares <n>', 'how many shares, 2 to 255')
    .option('--threshold <k>', 'how many of them are needed')
    .option('-o, --out <folder>', 'a new or empty folder for the shares, a file each')
    .option('--confirm <id>', 'first eight digits of the id: yes, although there is no copy')
    .addHelpText(
      'after',
      `
Examples:
  # five people, any three of them together
  $ topaz key split --shares 5 --threshold 3 --out shares
  # later, from three of the files
  $ topaz key combine one.txt two.txt three.txt --out key

Fewer shares than needed say nothing about the key. The shares have the form of
the platform (Shamir over GF(2^8)). Without another copy of the key a
confirmation is asked: whoever loses too many shares has lost the records.`,
    );
  return command.action((options: SplitOptions) =>
    action(ctx, command, (session) => run(session, options)),
  );
}

export async function runSplit(run: Run, options: SplitOptions): Promise<void> {
  const { shares, threshold } = parseCounts(options);
  const [{ listCopies, loadKey, noteCopies }, { combineShares, splitSecret }, { pkcs8Of }, { makePrivateFolder, writeFileAtomic }] =
    await Promise.all([
      import('../../userkey/key-store.js'),
      import('../../userkey/shamir.js'),
      import('../../userkey/user-key.js'),
      import('../../disk/atomic.js'),
    ]); // prettier-ignore
  const folder = keysFolder(run);
  const key = await loadKey(folder, await chosenId(run, options.id));
  const out = await run.require('--out FOLDER', options.out, async () =>
    (await run.ctx.prompter()).input(run.t('key.ask.out')),
  );
  const copies = await listCopies(folder, key.id);
  if (copies.length === 0) {
    await confirmId(run, key.id, options.confirm, run.t('key.split.question', { start: key.id.slice(0, 8) })); // prettier-ignore
  }
  const place = resolve(run.ctx.cwd, out);
  await makePrivateFolder(place);
  const pkcs8 = pkcs8Of(key);
  const texts = splitSecret(pkcs8, { shares, threshold });
  if (Buffer.compare(combineShares(texts.slice(shares - threshold)), pkcs8) !== 0) {
    throw new TopazError('E_INTERNAL', 'the shares do not give the key back', {
      hint: 'nothing was written; run the command again',
    });
  }
  pkcs8.fill(0);
  const files: string[] = [];
  for (const [index, text] of texts.entries()) {
    const path = join(place, shareName(key.id, index + 1, shares, threshold));
    await writeFileAtomic(path, `${text}\n`, { overwrite: false });
    files.push(path);
  }
  await noteCopies(folder, key.id, [
    { place, at: seconds(run.now()), kind: 'shares', passphrase: false },
  ]);
  run.result(
    { schema: 'topaz.key.split/1', key: describeKey(key), shares, threshold, files },
    () => files,
    () => files.map((file) => [file]),
  );
  run.done(run.t('key.split.done', { shares, threshold }));
  run.remark(run.t('key.split.next'));
}

/** Its name says whose share it is and how many are needed, so that nobody has to remember. */
const shareName = (id: string, number: number, shares: number, threshold: number): string =>
  `${id}-share-${String(number).padStart(3, '0')}-of-${shares}-needs-${threshold}.txt`;

function parseCounts({ shares, threshold }: SplitOptions): { shares: number; threshold: number } {
  const count = (text: string | undefined): number =>
    text !== undefined && /^[0-9]{1,3}$/.test(text) ? Number(text) : 0;
  const [n, k] = [count(shares), count(threshold)];
  if (n < 2 || n > 255 || k < 2 || k > n) {
    throw new TopazError('E_USAGE', 'there are 2 to 255 shares, and 2 or more of them are needed', {
      hint: 'for example --shares 5 --threshold 3',
    });
  }
  return { shares: n, threshold: k };
}
