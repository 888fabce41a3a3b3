/**
 * The flags that give secrets from elsewhere than a person, the same words in every command.
 *
 * @module
 */

import type { Command } from 'commander';

/** Adds `--pin-file`, `--pin-fd`, the leave to use such a PIN for the last try, and `--pin-window`. */
export const withPinFile = (command: Command): Command =>
  command
    .option('--pin-file <file>', 'PIN of the card, on the first line of a file of mode 0600')
    .option('--pin-fd <n>', 'PIN of the card, from a file descriptor')
    .option('--allow-last-pin-try', 'use such a PIN also for the last try before the card locks')
    .option('--pin-window', 'type the PIN in the window of the eID software, not here');

/** Adds `--password-file` (repeatable, `ALIAS=FILE` for several keystores) and `--password-fd`. */
export const withPasswordFile = (command: Command): Command =>
  command
    .option(
      '--password-file <file>',
      'password of the keystore, on the first line of a file of mode 0600; for several keystores ALIAS=FILE, repeated',
      collect,
    )
    .option('--password-fd <n>', 'password of the keystore, from a file descriptor');

/** Adds `--new-password-file` and `--new-password-fd`. */
export const withNewPasswordFile = (command: Command): Command =>
  command
    .option('--new-password-file <file>', 'the new password, on the first line of a file')
    .option('--new-password-fd <n>', 'the new password, from a file descriptor');

/** Adds `--passphrase-file` and `--passphrase-fd`. */
export const withPassphraseFile = (command: Command): Command =>
  command
    .option('--passphrase-file <file>', 'passphrase of the copy, on the first line of a file')
    .option('--passphrase-fd <n>', 'passphrase of the copy, from a file descriptor');

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];
