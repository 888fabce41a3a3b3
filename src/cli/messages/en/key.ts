/**
 * Messages of `topaz key`, English.
 *
 * @module
 */

export const key = {
  'key.ask.id': 'Id of the healthcare party (UUID)',
  'key.ask.passphrase': 'Passphrase of this key',
  'key.ask.newPassphrase': 'Passphrase for the copies',
  'key.ask.out': 'Where to?',
  'key.unlock.step': 'Opening the key',
  'key.lock.step': 'Encrypting the key',
  'key.generate.step': 'Making the key',
  'key.generate.done': 'Key of {id} made',
  'key.import.done': 'Key of {id} taken over',
  'key.import.known': 'This key of {id} is here already',
  'key.next.backup': 'Make copies now: topaz key backup --out PLACE --out PLACE',
  'key.list.none': 'No user key here. Take one over: topaz key import FILE',
  'key.copies.none': 'No copy is known',
  'key.kind.file': 'file',
  'key.kind.paper': 'paper',
  'key.kind.shares': 'shares',
  'key.kind.passphrase': 'passphrase',
  'key.row.id': 'Id',
  'key.row.size': 'Key',
  'key.row.fingerprint': 'Fingerprint',
  'key.column.id': 'ID',
  'key.column.fingerprint': 'FINGERPRINT',
  'key.column.copies': 'COPIES',
  'key.verify.sound': 'The key of {id} is sound; there was nothing to compare it with',
  'key.verify.same': 'The key of {id} is sound and belongs to {other}',
  'key.export.question': 'The private key will be written. Type {start} to go on',
  'key.export.done': 'Written to {path}',
  'key.backup.oneDisk': 'All copies lie on the same disk: they would be lost together',
  'key.backup.print': 'Print the sheet, then remove the file; keep the paper under lock',
  'key.split.question':
    'There is no copy of this key: shares that are lost lose the records. Type {start} to go on',
  'key.split.done': '{shares} shares written; {threshold} of them give the key back',
  'key.split.next': 'Give each share to another person, then remove the folder',
  'key.combine.done': 'The key is back in {path}',
  'key.combine.next': 'Next: topaz key import {path} --id {id}',
  'key.paper.title': 'Topaz user key',
  'key.paper.purpose':
    'Whoever has this sheet can open the records of its holder. Keep it under lock, apart from the computer.',
  'key.paper.plain': 'This key is NOT protected by a passphrase.',
  'key.paper.passphrase': 'This key needs its passphrase, which is written elsewhere.',
  'key.paper.recovery':
    'To read it back: scan all codes, or type all lines, into a text file, then: topaz key import FILE --id {id}',
  'key.paper.id': 'Id',
  'key.paper.fingerprint': 'Fingerprint',
  'key.paper.printed': 'Made on',
  'key.paper.code': 'Code',
  'key.copies.few.one': 'Of {id} {count} copy is known: make two at least, in different places',
  'key.copies.few.other':
    'Of {id} {count} copies are known: make two at least, in different places',
  'key.backup.done.one': '{count} copy made and read back',
  'key.backup.done.other': '{count} copies made and read back',
} as const;
