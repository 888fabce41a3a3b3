/**
 * Messages of `topaz eid` and `topaz sandbox card`, English.
 *
 * @module
 */

export const eid = {
  'eid.announce.insert': 'Insert your eID card … (Ctrl-C to cancel)',
  'eid.announce.pinpad': 'Type your PIN on the reader',
  'eid.announce.window': 'Type your PIN in the window of the eID software',
  'eid.list.card': 'eID card',
  'eid.list.empty': 'empty',
  'eid.list.other-card': 'another card, or inserted wrongly',
  'eid.list.none': 'No card reader found: connect one; on Linux check that pcscd runs',
  'eid.list.hidden': 'Not shown: {count} without an eID card (--all)',
  'eid.read.step': 'Reading the card',
  'eid.read.untrusted': 'This card was not issued under a root that this profile trusts',
  'eid.verify.signature': 'Signature of the National Register',
  'eid.verify.chain': 'Certificates',
  'eid.verify.ok': 'correct',
  'eid.verify.failed': 'wrong',
  'eid.verify.not-checked': 'not checked: the module does not show the data',
  'eid.certs.step': 'Reading the certificates',
  'eid.certs.valid': 'valid until {date}',
  'eid.certs.expired': 'expired on {date}',
  'eid.certs.not-yet-valid': 'not valid yet, until {date}',
  'eid.field.ssin': 'SSIN',
  'eid.field.firstNames': 'First names',
  'eid.field.lastName': 'Last name',
  'eid.field.birthDate': 'Born on',
  'eid.field.birthPlace': 'Born in',
  'eid.field.nationality': 'Nationality',
  'eid.field.sex': 'Sex',
  'eid.field.cardNumber': 'Card number',
  'eid.field.validFrom': 'Valid from',
  'eid.field.validUntil': 'Valid until',
  'eid.field.documentType': 'Document type',
  'eid.field.address': 'Address',
  'eid.card.created': 'Test card ready; its PIN is no secret',
} as const;
