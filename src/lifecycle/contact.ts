/**
 * Contact data of a request: the rules of the official connector (certificate-lifecycle §8). eHealth's mail
 * about the approval goes to this address, so a mistyped one costs days.
 *
 * @module
 */

import type { ContactData } from '../certra/request.js';
import { TopazError } from '../errors.js';

const MAX_EMAIL = 320;
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const EMAIL = new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+${LABEL}$`);
const PHONE = /^[+0-9][0-9 ]*$/;
/** More than any number has; keeps the check of hostile input cheap. */
const MAX_PHONE = 40;

export const isEmail = (text: string): boolean => text.length <= MAX_EMAIL && EMAIL.test(text);

export const isPhone = (text: string): boolean => text.length <= MAX_PHONE && PHONE.test(text);

/**
 * The private address and number of a person; space around them is dropped.
 *
 * @throws TopazError `E_CONTACT_INVALID` that says which of the two and why.
 */
export function parseContact(input: {
  readonly email: string;
  readonly phone: string;
}): ContactData {
  const email = input.email.trim();
  const phone = input.phone.trim();
  if (!isEmail(email)) {
    throw new TopazError('E_CONTACT_INVALID', 'this is not an e-mail address', {
      hint: 'write it like jean@exemple.test',
      details: { field: 'email' },
    });
  }
  if (!isPhone(phone)) {
    throw new TopazError('E_CONTACT_INVALID', 'this is not a telephone number', {
      facts: ['digits and spaces only, with or without + in front'],
      hint: 'write it like +32 2 123 45 67',
      details: { field: 'phone' },
    });
  }
  return { emailPrivate: email, phonePrivate: phone };
}
