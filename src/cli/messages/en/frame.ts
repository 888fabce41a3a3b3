/**
 * Texts of the frame that every command shares, English.
 *
 * @module
 */

export const frame = {
  'frame.next': 'next:',
  'frame.bug': 'unexpected error; this is a bug',
  'frame.bug.next':
    'run it again with --debug, read the output, send it to support with: topaz doctor --report FILE',
  'frame.yesNo': '(y/N)',
  'frame.confirm.prod': '(environment prod)',
  'frame.password.rule': 'At least {count} characters. If it is lost, a new request is needed.',
  'frame.password.again': 'Once more:',
  'frame.password.differ': 'They differ; try again.',
  'frame.secret.unprotected': 'On this system topaz cannot tell who may read {file}',
  'frame.log.personal': 'The log may hold personal data; check it before sending it',
  'frame.clock': 'The clock of this machine differs from that of eHealth by {minutes} minutes',
  'frame.usage': 'Usage:',
  'frame.arguments': 'Arguments:',
  'frame.flags': 'Flags:',
  'frame.commands': 'Commands:',
  'frame.examples': 'Examples:',
  'frame.globalFlags': 'Global flags: topaz help flags',
  'frame.default': 'default: {value}',
  'frame.one': 'one of: {values}',
  'frame.repeat': 'may be repeated',
  'frame.root': 'Certificates, sessions and messages of the Belgian eHealth platform',
  'frame.root.request': 'ask for an eHealth certificate',
  'frame.root.session': 'open a session',
  'frame.root.sync': 'fetch messages',
  'frame.root.insurability': 'is this patient insured?',
  'frame.root.demo': 'the services on this machine, to try out',
  'frame.group.card': 'Card and certificate',
  'frame.group.session': 'Session',
  'frame.group.services': 'Messages and services',
  'frame.group.settings': 'Keys and settings',
  'frame.group.trying': 'Trying out',
  'frame.topics': 'topaz help <topic>',
  'frame.time-left': '{time} left',
} as const;
