/**
 * `topaz mycarenet mailbox show`: one message, its content decoded where it is known.
 *
 * @module
 */

import { Command } from 'commander';

import type { Context } from '../../../cli/context.js';
import { action } from '../../../cli/run.js';
import type { Run } from '../../../cli/run.js';
import { TopazError } from '../../../errors.js';
import { decodeContent } from '../../../mycarenet/genasync/content.js';
import { questionsOf } from '../../../mycarenet/genasync/memberdata-answers.js';
import type { Question } from '../../../mycarenet/genasync/memberdata-answers.js';
import type { MailboxStore } from '../../../mycarenet/genasync/store.js';
import { readXml } from '../../../xml/read.js';
import { withKeystore } from '../../keystore/open-keystore.js';
import type { KeystoreFlags } from '../../keystore/open-keystore.js';
import { localMailboxes, withDomains } from './domain-flags.js';
import type { DomainFlags, LocalMailbox } from './domain-flags.js';
import { allItems, findItem } from './find-item.js';
import { contentJson, shownLines } from './show-lines.js';
import { itemJson } from './summary.js';
import type { Item } from './summary.js';

export interface ShowFlags extends DomainFlags, KeystoreFlags {
  source?: boolean;
}

/** `topaz mycarenet mailbox show`. */
export function showCommand(ctx: Context, run = runShow): Command {
  const command = withKeystore(
    withDomains(
      new Command('show')
        .summary('show a message and what is in it')
        .argument('<id>', 'id as list shows it (its beginning will do), or reference of the broker')
        .option('--source', 'the document as it came, byte for byte'),
    ),
  ).addHelpText(
    'after',
    `
Examples:
  # read a message
  $ topaz mycarenet mailbox show 4f2a91c05be377d1
  # the document, to a file
  $ topaz mycarenet mailbox show 4f2a91c05be377d1 --source > answer.xml
  # sealed for an older key: opened and kept so
  $ topaz mycarenet mailbox show 4f2a91c05be377d1 --keystore old.p12`,
  );
  return command.action((id: string, options: ShowFlags) =>
    action(ctx, command, (session) => run(session, id, options)),
  );
}

export async function runShow(run: Run, id: string, flags: ShowFlags): Promise<void> {
  const mailboxes = await localMailboxes(run, flags);
  const found = findItem(await allItems(mailboxes), id);
  const store = mailboxes.find(({ domain }) => domain === found.domain)?.store;
  const item = store === undefined ? found : await openedWith(run, store, found, flags);
  if (store === undefined || item.kind === 'tack') {
    showTack(run, item, flags);
    return;
  }
  const bytes = await store.readContent(item.record.id);
  if (flags.source === true) {
    await showSource(run, item, bytes);
    return;
  }
  const content = decodeContent(bytes, await askedQuestions(mailboxes), run.now());
  run.result(
    { schema: 'topaz.mycarenet.mailbox.show/1', messages: [{ ...itemJson(item), content: contentJson(content) }] },
    () => shownLines(run, item, content, bytes),
  ); // prettier-ignore
  if (item.record.problem !== undefined) {
    run.warn(run.t(`mailbox.problem.${item.record.problem}`));
  }
}

/** A message that was sealed for another key, opened with the keystore of the flags and kept so. */
async function openedWith(
  run: Run,
  store: MailboxStore,
  item: Item,
  flags: ShowFlags,
): Promise<Item> {
  if (item.kind === 'tack' || item.record.problem !== 'no-key' || flags.keystore === undefined) {
    return item;
  }
  const { reopen } = await import('./reopen.js');
  return { ...item, record: await reopen(run, store, item.record, flags.keystore, flags) };
}

function showTack(run: Run, item: Item, { source }: ShowFlags): void {
  if (source === true) {
    throw new TopazError('E_USAGE', 'an acknowledgement holds no document', {
      hint: 'leave out --source',
    });
  }
  run.result({ schema: 'topaz.mycarenet.mailbox.show/1', messages: [itemJson(item)] }, () =>
    shownLines(run, item, undefined, new Uint8Array()),
  );
}

async function showSource(run: Run, item: Item, bytes: Uint8Array): Promise<void> {
  if (run.settings.json) {
    const source = { bodyBase64: Buffer.from(bytes).toString('base64') };
    run.result({ schema: 'topaz.mycarenet.mailbox.show/1', messages: [itemJson(item)], source }, () => []); // prettier-ignore
    return;
  }
  if (run.ctx.io.tty.stdout && isBinary(bytes)) {
    throw new TopazError('E_BINARY_TO_TERMINAL', 'refusing to write binary to the terminal', {
      hint: `topaz mycarenet mailbox show ${item.record.id} --source > FILE`,
    });
  }
  await run.ctx.io.outBytes(bytes);
}

/** Whether bytes hold what a terminal would not show as text. */
const isBinary = (bytes: Uint8Array): boolean =>
  bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);

const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** Every MemberData question that was posted from this machine. */
async function askedQuestions(
  mailboxes: readonly LocalMailbox[],
): Promise<ReadonlyMap<string, Question>> {
  const all = new Map<string, Question>();
  for (const { domain, store } of mailboxes) {
    if (domain === 'mda') {
      for (const [id, question] of await questionsIn(store)) {
        all.set(id, question);
      }
    }
  }
  return all;
}

async function questionsIn(store: MailboxStore): Promise<readonly (readonly [string, Question])[]> {
  const found: (readonly [string, Question])[] = [];
  for (const { reference } of await store.sent()) {
    try {
      const list = readXml(await store.readSentContent(reference), { maxBytes: MAX_LIST_BYTES });
      found.push(...questionsOf(list, reference));
    } catch (error) {
      // A post that is no list, or whose copy is damaged: nothing is matched to it.
      if (!(error instanceof TopazError)) {
        throw error;
      }
    }
  }
  return found;
}
