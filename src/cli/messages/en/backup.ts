/**
 * Messages of `topaz backup`, English.
 *
 * @module
 */

export const backup = {
  'backup.passphrase': 'Passphrase of the backup',
  'backup.newPassphrase': 'Passphrase for the backup',
  'backup.ask.out': 'Where to?',
  'backup.open.step': 'Deriving the key',
  'backup.create.step': 'Writing the backup and reading it back',
  'backup.verify.step': 'Reading the backup',
  'backup.restore.step': 'Restoring',
  'backup.create.done.one': '{count} copy written and read back, {size}',
  'backup.create.done.other': '{count} copies written and read back, {size} each',
  'backup.create.second': 'One copy is lost easily: --out PLACE again, on another disk',
  'backup.create.skipped.one':
    '{count} file was left out: a link, or a name that not every system can hold',
  'backup.create.skipped.other':
    '{count} files were left out: links, or names that not every system can hold',
  'backup.verify.done': 'Every byte is as it was written',
  'backup.restore.done.one': '{count} file restored',
  'backup.restore.done.other': '{count} files restored',
  'backup.restore.next': 'Next: topaz doctor, then topaz session open',
  'backup.row.made': 'Made',
  'backup.row.size': 'Size',
  'backup.row.profiles': 'Profiles and settings',
  'backup.kind.profiles.one': 'Profiles and settings: {count} file',
  'backup.kind.profiles.other': 'Profiles and settings: {count} files',
  'backup.row.keystores': 'Keystores and their copies',
  'backup.kind.keystores.one': 'Keystores and their copies: {count} file',
  'backup.kind.keystores.other': 'Keystores and their copies: {count} files',
  'backup.row.keys': 'User keys',
  'backup.kind.keys.one': 'User keys: {count} file',
  'backup.kind.keys.other': 'User keys: {count} files',
  'backup.row.messages': 'Mailboxes',
  'backup.kind.messages.one': 'Mailboxes: {count} file',
  'backup.kind.messages.other': 'Mailboxes: {count} files',
  'backup.row.requests': 'Certificate requests',
  'backup.kind.requests.one': 'Certificate requests: {count} file',
  'backup.kind.requests.other': 'Certificate requests: {count} files',
  'backup.row.access': 'Grants and log',
  'backup.kind.access.one': 'Grants and log: {count} file',
  'backup.kind.access.other': 'Grants and log: {count} files',
  'backup.row.other': 'Other records',
  'backup.kind.other.one': 'Other records: {count} file',
  'backup.kind.other.other': 'Other records: {count} files',
} as const;
