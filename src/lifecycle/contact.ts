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

/** Address and number as they are typed; the general ones may be left out. */
export interface ContactInput {
  readonly email: string;
  readonly phone: string;
  readonly emailGeneral?: string | undefined;
  readonly phoneGeneral?: string | undefined;
}

/**
 * The private address and number of a person, and the general ones where they are given; space around them is
 * dropped.
 *
 * @throws TopazError `E_CONTACT_INVALID` that says which of them and why.
 */
export function parseContact(input: ContactInput): ContactData {
  const { emailGeneral, phoneGeneral } = input;
  return {
    emailPrivate: parseEmail(input.email, 'email'),
    ...(emailGeneral === undefined
      ? {}
      : { emailGeneral: parseEmail(emailGeneral, 'emailGeneral') }),
    phonePrivate: parsePhone(input.phone, 'phone'),
    ...(phoneGeneral === undefined
      ? {}
      : { phoneGeneral: parsePhone(phoneGeneral, 'phoneGeneral') }),
  };
}

function parseEmail(text: string, field: string): string {
  const email = text.trim();
  if (!isEmail(email)) {
    throw new TopazError('E_CONTACT_INVALID', 'this is not an e-mail address', {
      hint: 'write it like jean@exemple.test',
      details: { field },
    });
  }
  return email;
}

function parsePhone(text: string, field: string): string {
  const phone = text.trim();
  if (!isPhone(phone)) {
    throw new TopazError('E_CONTACT_INVALID', 'this is not a telephone number', {
      facts: ['digits and spaces only, with or without + in front'],
      hint: 'write it like +32 2 123 45 67',
      details: { field },
    });
  }
  return phone;
}
