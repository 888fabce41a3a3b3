/**
 * Whose certificate is it? Read from the subject in DER order, never from text and never from a file name
 * (keystore-p12 §4): an eID names a person by serialNumber, an eHealth certificate by an OU `TYPE=ID`.
 *
 * @module
 */

import {
  OID_COMMON_NAME,
  OID_GIVEN_NAME,
  OID_ORGANIZATIONAL_UNIT,
  OID_SERIAL_NUMBER,
  OID_SURNAME,
} from '../der/oids.js';
import { formatIdentifier, matchIdentifier } from '../ids/identifier.js';
import type { Identifier } from '../ids/identifier.js';
import { attributeValue, attributeValues } from './name.js';
import type { Name } from './name.js';

export interface Holder {
  readonly identifier: Identifier;
  /** Person or organisation, as the certificate spells it. */
  readonly name: string | undefined;
  /** Application id of a certificate that was made for one program. */
  readonly applicationId: string | undefined;
  readonly isEid: boolean;
}

const NO_NAMES: ReadonlySet<string> = new Set(['eHealth-platform Belgium', 'Federal Government']);

/** The holder, or `undefined` for a subject that names none (a CA, a server, a placeholder). */
export function readHolder(subject: Name): Holder | undefined {
  const serialNumber = attributeValue(subject, OID_SERIAL_NUMBER);
  return serialNumber === undefined ? readEhealth(subject) : readEid(subject, serialNumber);
}

/** Given names and surname of an eID subject; empty where the card has none. */
export function eidNames(subject: Name): {
  readonly givenNames: string;
  readonly surname: string;
} {
  return {
    givenNames: attributeValue(subject, OID_GIVEN_NAME) ?? '',
    surname: attributeValue(subject, OID_SURNAME) ?? '',
  };
}

function readEid(subject: Name, serialNumber: string): Holder | undefined {
  // The CAs of the eID carry a serialNumber too (`202001`).
  if (!/^[0-9]{11}$/.test(serialNumber)) {
    return undefined;
  }
  const { givenNames, surname } = eidNames(subject);
  const name = `${givenNames} ${surname}`.trim();
  return {
    identifier: { type: 'SSIN', id: serialNumber },
    name: name === '' ? undefined : name,
    applicationId: undefined,
    isEid: true,
  };
}

function readEhealth(subject: Name): Holder | undefined {
  const units = attributeValues(subject, OID_ORGANIZATIONAL_UNIT);
  const common = attributeValue(subject, OID_COMMON_NAME) ?? '';
  const found = units
    .map((unit) => matchIdentifier(unit))
    .filter((identifier) => identifier !== undefined);
  // The CN repeats `TYPE=ID`: it decides where an application id looks like an identifier.
  const identifier = found.find((entry) => isNamedBy(common, formatIdentifier(entry))) ?? found[0];
  if (identifier === undefined) {
    return undefined;
  }
  const text = formatIdentifier(identifier);
  const applicationId = common.startsWith(`${text}, `) ? common.slice(text.length + 2) : undefined;
  const [name] = units.filter(
    (unit) => unit !== text && unit !== applicationId && !NO_NAMES.has(unit),
  );
  return { identifier, name, applicationId, isEid: false };
}

const isNamedBy = (common: string, text: string): boolean =>
  common === text || common.startsWith(`${text}, `);
