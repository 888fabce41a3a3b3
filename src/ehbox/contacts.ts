/**
 * Names for recipients: those that a person gave, in `contacts.json`, and those of senders seen in the mirror. The
 * name of a sender is set by eHealth, not by who writes.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { withLock } from '../disk/lock.js';
import { systemCode, TopazError } from '../errors.js';
import { formatIdentifier, parseIdentifier } from '../ids/identifier.js';
import { maskSsin } from '../ids/ssin.js';
import { identifierOf } from './address.js';
import type { MessageSummary } from './catalog.js';
import { fold } from './message-texts.js';
import { parseRecipient } from './publication/recipients.js';

export interface Contact {
  readonly name: string;
  /** `TYPE=ID:QUALITY`, as `--to` takes it. */
  readonly address: string;
  /** `added` by a person, or `seen` as a sender. */
  readonly from: 'added' | 'seen';
}

interface ContactsFile {
  readonly schema: 'topaz.ehbox.contacts/1';
  readonly contacts: readonly { readonly name: string; readonly address: string }[];
}

const MAX_NAME = 100;
const TIMEOUT_MS = 10_000;

/** Two spellings of a name are the same when only case, accents and spaces differ. */
export const sameName = (a: string, b: string): boolean => fold(a).trim() === fold(b).trim();

/**
 * Contacts that a person added.
 *
 * @throws TopazError `E_USAGE` for a file that is damaged: it is not written over.
 */
export async function readContacts(path: string): Promise<readonly Contact[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
  const contacts = contactsOf(text);
  if (contacts === undefined) {
    throw new TopazError('E_USAGE', 'the list of contacts is damaged', {
      facts: [path],
      hint: 'mend the file, or move it away and add the contacts again',
    });
  }
  return contacts.map(({ name, address }) => ({ name, address, from: 'added' }));
}

function contactsOf(text: string): ContactsFile['contacts'] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('contacts' in value) || !Array.isArray(value.contacts)) {
    return undefined;
  } // prettier-ignore
  const all: readonly unknown[] = value.contacts;
  return all.flatMap((one) =>
    typeof one === 'object' && one !== null && 'name' in one && 'address' in one && typeof one.name === 'string' && typeof one.address === 'string'
      ? [{ name: one.name, address: one.address }]
      : [],
  ); // prettier-ignore
}

/**
 * Adds a name; the same name with the same address counts once.
 *
 * @throws TopazError `E_USAGE` for a name that cannot be one, or that stands for another address already; as
 *   `parseRecipient` for the address.
 */
export async function addContact(path: string, name: string, address: string): Promise<Contact> {
  const given = name.normalize('NFC').trim();
  // eslint-disable-next-line no-control-regex -- what steers a terminal is no part of a name
  if (given === '' || given.length > MAX_NAME || /[=\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/.test(given)) {
    throw new TopazError('E_USAGE', 'this cannot be the name of a contact', {
      hint: `1 to ${MAX_NAME} letters, without "=" and control characters`,
    });
  } // prettier-ignore
  const box = parseRecipient(address);
  const contact: Contact = { name: given, address: addressText(box), from: 'added' };
  await change(path, (contacts) => {
    const other = contacts.find((one) => sameName(one.name, given));
    if (other !== undefined && other.address !== contact.address) {
      throw new TopazError('E_USAGE', 'this name stands for another address already', {
        hint: 'topaz ehbox contacts remove NAME, or choose another name',
      });
    }
    return other === undefined ? [...contacts, contact] : contacts;
  });
  return contact;
}

/** @returns Whether it was there. */
export async function removeContact(path: string, name: string): Promise<boolean> {
  let found = false;
  await change(path, (contacts) => {
    const left = contacts.filter((one) => !sameName(one.name, name));
    found = left.length < contacts.length;
    return found ? left : contacts;
  });
  return found;
}

async function change(
  path: string,
  work: (contacts: readonly Contact[]) => readonly Contact[],
): Promise<void> {
  await makePrivateFolder(dirname(path));
  await withLock(`${path}.lock`, { timeoutMs: TIMEOUT_MS }, async () => {
    const before = await readContacts(path);
    const after = work(before);
    if (after !== before) {
      const contacts = after.map(({ name, address }) => ({ name, address }));
      const file: ContactsFile = { schema: 'topaz.ehbox.contacts/1', contacts };
      await writeFileAtomic(path, `${JSON.stringify(file, undefined, 1)}\n`);
    }
  });
}

/** Senders that can be written to, each address once under each of its names. */
export function seenContacts(messages: readonly MessageSummary[]): readonly Contact[] {
  const seen = new Map<string, Contact>();
  for (const { side, sender } of messages) {
    const { name } = sender;
    if (side !== 'received' || name === undefined) {
      continue;
    }
    const address = reachable(`${formatIdentifier(sender)}:${sender.quality}`);
    if (address !== undefined) {
      const contact: Contact = { name, address, from: 'seen' };
      seen.set(`${fold(name)}\n${address}`, contact);
    }
  }
  return [...seen.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function reachable(address: string): string | undefined {
  try {
    return addressText(parseRecipient(address));
  } catch {
    return undefined;
  }
}

const addressText = (box: ReturnType<typeof parseRecipient>): string =>
  `${formatIdentifier(identifierOf(box))}:${box.quality}`;

/**
 * The address that a name stands for. Only the whole name counts: a message about a patient never goes to a
 * likely one. What a person added comes before what was seen.
 *
 * @throws TopazError `E_USAGE` for a name that nobody has, or several addresses have.
 */
export function resolveContact(name: string, contacts: readonly Contact[]): string {
  const named = contacts.filter((one) => sameName(one.name, name));
  const added = named.filter(({ from }) => from === 'added');
  const addresses = [...new Set((added.length > 0 ? added : named).map(({ address }) => address))];
  const [only] = addresses;
  if (only === undefined) {
    throw new TopazError('E_USAGE', 'there is no contact with that name', {
      hint: 'topaz ehbox contacts list shows them; or write TYPE=ID:QUALITY',
    });
  }
  if (addresses.length > 1) {
    throw new TopazError('E_USAGE', `${addresses.length} addresses have that name`, {
      facts: addresses.map(maskAddress),
      hint: 'write the address as TYPE=ID:QUALITY; topaz ehbox contacts list shows it',
    });
  }
  return only;
}

/** A personal number is shown in part only. */
const maskAddress = (address: string): string => {
  const { type, id } = parseIdentifier(address.slice(0, address.indexOf(':')));
  const quality = address.slice(address.indexOf(':') + 1);
  return `${type}=${type === 'SSIN' ? maskSsin(id) : id} (${quality})`;
};
