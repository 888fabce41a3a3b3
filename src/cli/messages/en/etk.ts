/**
 * Messages of `topaz etk`, English.
 *
 * @module
 */

export const etk = {
  'help.etk': 'encryption tokens of those you write to',
  'help.etk.fetch': 'fetch encryption tokens from the depot',
  'help.etk.show': 'show what is in an encryption token',
  'help.etk.verify': 'check whether an encryption token is genuine and in date',
  'etk.verify.valid': '{who}: genuine, valid until {date}',
  'etk.fetch.step': 'Fetching the ETK of {who}',
  'etk.fetch.fetched': '{who}, valid until {date}',
  'etk.fetch.copy': '{who}, valid until {date} (local copy)',
  'etk.show.holder': 'Holder',
  'etk.show.encryption': 'Encryption',
  'etk.show.serial': 'Serial number',
  'etk.show.authentication': 'Authentication',
  'etk.show.issuer': 'Issuer',
  'etk.show.registration': 'Registered by eHealth',
  'etk.show.verified': 'Check',
  'etk.show.valid': 'genuine and in date',
  'etk.show.period': 'from {from} until {until}',
  'etk.show.registration.valid': 'signature correct',
  'etk.show.registration.wrong': 'signature wrong',
  'etk.show.registration.unknown': 'signature of an unknown authority',
} as const;
