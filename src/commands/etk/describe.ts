/**
 * An ETK as the commands show it, and how a holder is named to people.
 *
 * @module
 */

import { seconds } from '../../cli/text.js';
import type { Etk } from '../../etee/etk.js';
import type { Identifier } from '../../ids/identifier.js';
import { formatNihii } from '../../ids/nihii.js';
import { formatSsin, maskSsin } from '../../ids/ssin.js';
import { serialDecimal } from '../../x509/certificate.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface HolderFields {
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
  readonly applicationId?: string | undefined;
}

/** One token in JSON. */
export interface EtkDocument {
  readonly holder: HolderFields;
  /** Decimal; the name of the key in the holder's keystore. */
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly daysLeft: number;
}

export function describeEtk({ holder, certificate }: Etk, now: Date): EtkDocument {
  return {
    holder: holderFields({ ...holder.identifier, ...holder }),
    serial: serialDecimal(certificate),
    notBefore: seconds(certificate.notBefore),
    notAfter: seconds(certificate.notAfter),
    daysLeft: Math.floor((certificate.notAfter.getTime() - now.getTime()) / DAY_MS),
  };
}

/** The fields that are there, in one order. */
export const holderFields = ({ type, id, name, applicationId }: HolderFields): HolderFields => ({
  type,
  id,
  ...(name === undefined ? {} : { name }),
  ...(applicationId === undefined ? {} : { applicationId }),
});

/** `Jean Exemple (SSIN 79.02.15-997.32)`. */
export function holderText({ type, id, name, applicationId }: HolderFields): string {
  const number = type === 'SSIN' ? formatSsin(id) : type.startsWith('NIHII') ? formatNihii(id) : id;
  const known = [`${type} ${number}`.trim(), applicationId].filter(
    (part) => part !== undefined && part !== '',
  );
  const identity = known.join(', ');
  return name === undefined ? identity : identity === '' ? name : `${name} (${identity})`;
}

/** One record per token, for a pipe. */
export const etkRecord = (
  { holder, serial, notBefore, notAfter }: EtkDocument,
  ...more: readonly string[]
): readonly string[] => [
  holder.type,
  holder.id,
  holder.applicationId ?? '',
  holder.name ?? '',
  serial,
  notBefore,
  notAfter,
  ...more,
];

/** `SSIN 79.02.15-***.**`: for messages about a failure. */
export const maskedIdentifier = ({ type, id }: Identifier): string =>
  `${type} ${type === 'SSIN' ? maskSsin(id) : id}`;
