/**
 * The log for support: one plain line per event, never translated, with everything secret or personal taken
 * out. Nothing secret is passed to it in the first place; the redactor is the second line of defence.
 *
 * @module
 */

import { appendFileSync, chmodSync, closeSync, openSync } from 'node:fs';

import { diskError } from '../disk/atomic.js';
import { maskSsins } from '../ids/ssin.js';
import { seconds } from './text.js';

/** Elements that are never logged: assertions, tokens, signature values, sealed content. */
const SECRET_ELEMENTS =
  'Assertion|BinarySecurityToken|SignatureValue|X509Certificate|CipherValue|Password|Detail|Blob|Content';

/** Takes secrets and personal data out of a text. */
export function redact(text: string): string {
  const withoutSecrets = text
    .replace(
      new RegExp(`<((?:[\\w.-]+:)?(?:${SECRET_ELEMENTS}))(\\s[^>]*)?>[\\s\\S]*?</\\1\\s*>`, 'g'),
      '<$1>[redacted]</$1>',
    )
    .replace(
      /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g,
      '[redacted private key]',
    )
    .replace(
      /\b(pin|password|passphrase|secret)(["']?\s*[:=]\s*)("[^"]*"|'[^']*'|\S+)/gi,
      '$1$2[redacted]',
    )
    .replace(/[A-Za-z0-9+/]{120,}={0,2}/g, '[redacted base64]');
  return maskSsins(withoutSecrets);
}

export interface LogOptions {
  readonly now: () => Date;
  /** Where lines are shown, or `undefined` where only the file gets them. */
  readonly show: ((line: string) => void) | undefined;
  readonly file: string | undefined;
}

/**
 * Makes the log, or `undefined` where nobody wants one. Lines are written at once.
 *
 * @throws TopazError `E_READ_ONLY`, `E_FILE_NOT_FOUND` when the file cannot be written.
 */
export function createLog({ now, show, file }: LogOptions): ((event: string) => void) | undefined {
  if (file !== undefined) {
    try {
      closeSync(openSync(file, 'a', 0o600));
      chmodSync(file, 0o600);
    } catch (error) {
      throw diskError(error, file);
    }
  }
  if (show === undefined && file === undefined) {
    return undefined;
  }
  return (event) => {
    const line = `${seconds(now())} debug ${redact(event)}`;
    show?.(line);
    if (file !== undefined) {
      appendFileSync(file, `${line}\n`);
    }
  };
}
