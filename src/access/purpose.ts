/**
 * What a keystore may be used for, and which command is which. A command without purpose (a session, a look at
 * the keystore) is open to everybody who holds a grant.
 *
 * @module
 */

export const PURPOSES = ['read', 'send', 'bill', 'manage'] as const;

export type Purpose = (typeof PURPOSES)[number];

/** What a grant gives when it names nothing: the daily work, but not the keystore itself. */
export const DAILY: readonly Purpose[] = ['read', 'send', 'bill'];

const RULES: readonly (readonly [RegExp, Purpose])[] = [
  [/^(seal|ehbox (send|reply|forward|resend)|mycarenet mailbox send)\b/, 'send'],
  [/^(unseal|ehbox)\b/, 'read'],
  [/^mycarenet\b/, 'bill'],
  [/^keystore (export|passwd)\b/, 'manage'],
  [/^cert (request|validate|finalize|renew|revoke)\b/, 'manage'],
  [/^etk (register|activate)\b/, 'manage'],
];

/** Whether a text is a purpose. */
export const isPurpose = (text: string): text is Purpose =>
  (PURPOSES as readonly string[]).includes(text);

/** The purpose of a command, by its path: `ehbox sync`. */
export const purposeOf = (command: string): Purpose | undefined =>
  RULES.find(([pattern]) => pattern.test(command))?.[1];
