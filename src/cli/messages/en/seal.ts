/**
 * Messages of `topaz seal` and `topaz unseal`, English.
 *
 * @module
 */

export const seal = {
  'help.seal': 'seal for eHealth recipients',
  'help.unseal': 'open, and say who sealed it',
  'seal.to': 'For whom (TYPE=ID)?',
  'seal.step': 'Sealing',
  'seal.step.etk': 'Fetching the ETK of {who}',
  'seal.step.open': 'Opening the sealed message',
  'seal.reader': 'Who may open it (SSIN=ID, QUALITY=ID, or a quality)?',
  'seal.step.newKey': 'Asking the KGSS for a new key',
  'seal.done.readers': 'Sealed for readers: {readers}',
  'seal.done.readers.but': 'Sealed for readers: {readers}; but not for: {excluded}',
  'seal.dry.recipient': 'Would seal for {who}, ETK valid until {date}',
  'seal.dry.readers': 'Would have the KGSS make a key for readers: {readers}',
  'seal.dry.readers.but':
    'Would have the KGSS make a key for readers: {readers}; but not for: {excluded}',
  'seal.recipient': '{who}, ETK valid until {date}',
  'seal.done.one': 'Sealed for {count} recipient: {recipients}',
  'seal.done.other': 'Sealed for {count} recipients: {recipients}',
  'seal.opened': 'Sealed by {who} on {date}, certificate valid',
  'seal.opened.undated': 'Sealed by {who}, certificate valid',
  'seal.opened.expired': 'Sealed by {who} on {date}, certificate ended before',
  'seal.opened.expired.undated': 'Sealed by {who}, certificate ended before',
  'seal.opened.unverified': 'Opened; claims to be sealed by {who} on {date}',
  'seal.opened.unverified.undated': 'Opened; claims to be sealed by {who}',
  'seal.someone': 'nobody in particular',
  'seal.unverified': 'The seal is not genuine: nobody vouches for this content ({errors})',
  'seal.statusUnknown': 'Nobody could say whether the certificate was revoked',
  'seal.mailbox': 'The sealed message ({size}) is larger than the 10 MB that the eHealthBox takes',
  'seal.noTime': 'The message does not say when it was sealed',
} as const;
