/**
 * Messages of `topaz ehbox send` and `outbox`, English.
 *
 * @module
 */

export const ehboxSend = {
  'help.ehbox.send': 'send a message, sealed for its recipients',
  'help.ehbox.outbox': 'what was sent from here, and what still waits',
  'ehbox.send.step': 'Sending to the eHealthBox',
  'ehbox.send.seal': 'Sealing the message',
  'ehbox.send.pack': 'Preparing the message',
  'ehbox.send.clear': 'This message is not sealed: eHealth can read it',
  'ehbox.send.check': 'The check digits of {who} are unusual: is the number right?',
  'ehbox.send.ownEtk': 'You have no ETK yourself: the copy in your sent folder will not open',
  'ehbox.send.absent': '{who} is out of office until {until}',
  'ehbox.send.absentWith': '{who} is out of office until {until}; stands in: {names}',
  'ehbox.send.already': 'Message {id} was sent before; it is not sent again',
  'ehbox.send.dryKnown': 'Message {id} is in the outbox and would be sent from there',
  'ehbox.send.dry.one': 'It would go to {count} recipient: {size} of at most {max}',
  'ehbox.send.dry.other': 'It would go to {count} recipients: {size} of at most {max}',
  'ehbox.send.done.one': 'Sent to {count} recipient, id {id}',
  'ehbox.send.done.other': 'Sent to {count} recipients, id {id}',
  'ehbox.outbox.none': 'The outbox is empty',
  'ehbox.outbox.nothing': 'Nothing waits in the outbox',
  'ehbox.outbox.done.one': '{count} message sent',
  'ehbox.outbox.done.other': '{count} messages sent',
  'ehbox.outbox.column.state': 'STATE',
  'ehbox.outbox.column.created': 'WRITTEN',
  'ehbox.outbox.column.recipients': 'TO',
  'ehbox.outbox.state.waiting': 'waits',
  'ehbox.outbox.state.unsure': 'answer lost',
  'ehbox.outbox.state.absent': 'recipient away',
  'ehbox.outbox.state.sent': 'sent',
  'ehbox.outbox.state.refused': 'refused',
} as const;
