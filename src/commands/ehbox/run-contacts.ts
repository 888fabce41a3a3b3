/**
 * The work of `topaz ehbox contacts`, and of names after `--to`.
 *
 * @module
 */

import { join } from 'node:path';

import type { Run } from '../../cli/run.js';
import { table } from '../../cli/text.js';
import { listBoxes } from '../../ehbox/boxes.js';
import { addContact, readContacts, removeContact, resolveContact, seenContacts } from '../../ehbox/contacts.js'; // prettier-ignore
import type { Contact } from '../../ehbox/contacts.js';
import { listMessages } from '../../ehbox/find.js';
import { MailboxMirror } from '../../ehbox/mirror.js';
import { TopazError } from '../../errors.js';
import { profileFolders } from '../../profile/paths.js';
import type { ContactAddFlags } from './contacts.js';

export async function runContactsList(run: Run): Promise<void> {
  const contacts = await allContacts(run);
  run.result(
    { schema: 'topaz.ehbox.contacts.list/1', contacts },
    () =>
      contacts.length === 0
        ? []
        : table(
            run,
            contacts.map(({ name, address, from }) => [name, address, run.t(`ehbox.contacts.${from}`)]),
            ['name', 'address', 'origin'].map((column) => run.t(`ehbox.contacts.column.${column}`)),
            { free: 0 },
          ),
    () => contacts.map(({ name, address, from }) => [name, address, from]),
  ); // prettier-ignore
  if (contacts.length === 0) {
    run.remark(run.t('ehbox.contacts.none'));
  }
}

export async function runContactsAdd(
  run: Run,
  name: string,
  { address }: ContactAddFlags,
): Promise<void> {
  if (address === undefined) {
    throw new TopazError('E_USAGE', 'what shall the name stand for?', {
      hint: 'add --address TYPE=ID:QUALITY',
    });
  }
  const contact = await addContact(await contactsFile(run), name, address);
  run.result({ schema: 'topaz.ehbox.contacts.add/1', contact }, () => []);
  run.done(run.t('ehbox.contacts.done.added', { name: contact.name }));
}

export async function runContactsRemove(run: Run, name: string): Promise<void> {
  if (!(await removeContact(await contactsFile(run), name))) {
    throw new TopazError('E_USAGE', 'no contact with that name was added', {
      hint: 'topaz ehbox contacts list; names of senders stay as long as their messages',
    });
  }
  run.result({ schema: 'topaz.ehbox.contacts.remove/1', name }, () => []);
  run.done(run.t('ehbox.contacts.done.removed', { name }));
}

/**
 * Addresses as they are, names as the addresses they stand for. An address has a "=", a name has none.
 *
 * @throws TopazError `E_USAGE` for a name that is unknown or ambiguous.
 */
export async function resolveRecipients(
  run: Run,
  texts: readonly string[],
): Promise<readonly string[]> {
  if (texts.every((text) => text.includes('='))) {
    return texts;
  }
  const contacts = await allContacts(run);
  return texts.map((text) => (text.includes('=') ? text : resolveContact(text, contacts)));
}

/** Those that were added, then those that were seen in any box of the profile. */
async function allContacts(run: Run): Promise<readonly Contact[]> {
  const { environment, name } = await run.profile();
  const added = await readContacts(await contactsFile(run));
  const messages = [];
  for (const { folder } of await listBoxes(profileFolders(run.paths, name).ehbox, environment)) {
    const mirror = new MailboxMirror(folder, { now: run.now, newId: run.ctx.newId });
    messages.push((await listMessages(mirror, {})).messages);
  }
  return [...added, ...seenContacts(messages.flat())];
}

const contactsFile = async (run: Run): Promise<string> =>
  join(profileFolders(run.paths, (await run.profile()).name).ehbox, 'contacts.json');
