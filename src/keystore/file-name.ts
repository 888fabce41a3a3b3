/**
 * How a keystore file is called: as the official connector does (keystore-p12 §3). Nothing is ever read from
 * such a name.
 *
 * @module
 */

import { formatIdentifier } from '../ids/identifier.js';
import type { Identifier } from '../ids/identifier.js';

/**
 * `SSIN=79021599732 20260301-091244.acc.p12`, with an application id `TYPE=ID,APP date.p12`.
 *
 * @param environment Written as a suffix, but for `prod`.
 * @param now Shown in local time, as other programs do.
 */
export function keystoreFileName(
  identifier: Identifier,
  applicationId: string | undefined,
  environment: string,
  now: Date,
): string {
  const application = applicationId === undefined ? '' : `,${applicationId}`;
  // An application id is free text: it must not leave the folder, nor be refused by Windows.
  const who = `${formatIdentifier(identifier)}${application}`.replace(
    /[^\p{L}\p{N} =,.@+_-]/gu,
    '_',
  );
  return `${who} ${localStamp(now)}${environment === 'prod' ? '' : `.${environment}`}.p12`;
}

/** `yyyyMMdd-HHmmss` in local time. */
export function localStamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}
