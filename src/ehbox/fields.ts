/**
 * Lenient reading of what the eHealthBox answers: real answers are not always valid by the schema
 * (ehealthbox §2), and an odd field must never hide a message. Missing or strange values are `undefined`.
 *
 * @module
 */

import { attribute, children } from '../xml/query.js';
import type { XmlElement } from '../xml/tree.js';
import { NS_EHBOX_CONSULTATION } from './request.js';

/** A calendar day, `YYYY-MM-DD`. */
export type LocalDate = string;

/** Children by name: in no namespace as the schema says, else in that of the service. */
export function fields(parent: XmlElement | undefined, name: string): readonly XmlElement[] {
  const plain = children(parent, '', name);
  return plain.length > 0 ? plain : children(parent, NS_EHBOX_CONSULTATION, name);
}

/** The first child of that name. */
export const field = (parent: XmlElement | undefined, name: string): XmlElement | undefined =>
  fields(parent, name)[0];

/** The element's own text, trimmed, without that of its children; `undefined` when empty. */
export function ownText(element: XmlElement | undefined): string | undefined {
  const text = element?.children
    .map((node) => (node.kind === 'text' ? node.text : ''))
    .join('')
    .trim();
  return text === '' ? undefined : text;
}

export const fieldText = (parent: XmlElement | undefined, name: string): string | undefined =>
  ownText(field(parent, name));

/** Texts of all children of that name. */
export const fieldTexts = (parent: XmlElement | undefined, name: string): readonly string[] =>
  fields(parent, name).flatMap((element) => ownText(element) ?? []);

/** Mandatory elements with default `false`: an empty one means false. */
export const fieldFlag = (parent: XmlElement | undefined, name: string): boolean =>
  /^(?:true|1)$/.test(fieldText(parent, name) ?? '');

/** A whole number, not negative. */
export function fieldCount(parent: XmlElement | undefined, name: string): number | undefined {
  const text = fieldText(parent, name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Days may carry an offset (`2026-11-20+01:00`); they are calendar days and never go through UTC. */
export const fieldDay = (parent: XmlElement | undefined, name: string): LocalDate | undefined =>
  /^(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?$/.exec(fieldText(parent, name) ?? '')?.[1];

/** Who sent a message, as the service says. */
export interface Sender {
  readonly type: string;
  readonly id: string;
  readonly subType?: string | undefined;
  readonly quality: string;
  readonly name?: string | undefined;
  readonly firstName?: string | undefined;
  /** SSIN of the person who acted for an organisation. */
  readonly personInOrganisation?: string | undefined;
}

/** Full name of a sender: first name first. */
export const senderName = ({ name, firstName }: Sender): string | undefined =>
  name === undefined ? firstName : firstName === undefined ? name : `${firstName} ${name}`;

/** One of the boxes that a message went to. */
export interface Recipient {
  readonly type: string;
  readonly id: string;
  readonly subType?: string | undefined;
  readonly quality: string;
  readonly user?:
    | { readonly ssin?: string | undefined; readonly firstName?: string | undefined; readonly lastName?: string | undefined }
    | undefined;
} // prettier-ignore

const address = (element: XmlElement | undefined) => ({
  type: fieldText(element, 'Type') ?? '',
  id: fieldText(element, 'Id') ?? '',
  ...maybe('subType', fieldText(element, 'SubType')),
  quality: fieldText(element, 'Quality') ?? '',
});

export const readSender = (element: XmlElement | undefined): Sender => ({
  ...address(element),
  ...maybe('name', fieldText(element, 'Name')),
  ...maybe('firstName', fieldText(element, 'FirstName')),
  ...maybe('personInOrganisation', fieldText(element, 'PersonInOrganisation')),
});

export function readRecipient(element: XmlElement): Recipient {
  const user = field(element, 'User');
  return {
    ...address(element),
    ...(user === undefined
      ? {}
      : {
          user: {
            // Real data hold numbers of other lengths here: kept as they are.
            ...maybe('ssin', ownText(user)),
            ...maybe('firstName', attribute(user, 'FirstName')),
            ...maybe('lastName', attribute(user, 'LastName')),
          },
        }),
  };
}

/** Key and value of the sender's choice: keys repeat, nothing of it is verified. */
export interface CustomMeta {
  readonly key: string;
  readonly value: string;
}

export const readCustomMetas = (parent: XmlElement | undefined): readonly CustomMeta[] =>
  fields(parent, 'CustomMeta').map((element) => ({
    key: fieldText(element, 'Key') ?? '',
    value: fieldText(element, 'Value') ?? '',
  }));

/** Dates and size of a message. */
export interface MessageInfo {
  readonly publicationDate?: LocalDate | undefined;
  readonly expirationDate?: LocalDate | undefined;
  readonly sizeBytes?: number | undefined;
}

export const readMessageInfo = (parent: XmlElement | undefined): MessageInfo => {
  const info = field(parent, 'MessageInfo');
  return {
    ...maybe('publicationDate', fieldDay(info, 'PublicationDate')),
    ...maybe('expirationDate', fieldDay(info, 'ExpirationDate')),
    ...maybe('sizeBytes', fieldCount(info, 'Size')),
  };
};

/** What kind of message it is; types that are not known yet are kept as they came. */
export interface ContentSpecification {
  readonly contentType: string;
  readonly important: boolean;
  readonly encrypted: boolean;
  readonly applicationName?: string | undefined;
}

export const readSpecification = (parent: XmlElement | undefined): ContentSpecification => {
  const specification = field(parent, 'ContentSpecification');
  return {
    contentType: fieldText(specification, 'ContentType') ?? 'UNKNOWN',
    important: fieldFlag(specification, 'IsImportant'),
    encrypted: fieldFlag(specification, 'IsEncrypted'),
    ...maybe('applicationName', fieldText(specification, 'ApplicationName')),
  };
};

/** A property only when it has a value. */
export const maybe = <K extends string, T>(
  key: K,
  value: T | undefined,
): Partial<Readonly<Record<K, T>>> =>
  // A computed key widens to a string index; the shape is the one declared.
  (value === undefined ? {} : { [key]: value }) as Partial<Record<K, T>>;
