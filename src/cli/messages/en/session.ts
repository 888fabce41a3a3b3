/**
 * Messages of `topaz session`, English.
 *
 * @module
 */

export const session = {
  'help.session': 'the session with eHealth',
  'help.session.open': 'open an STS session',
  'help.session.status': 'is a session open, and until when?',
  'help.session.show': 'show the attributes that eHealth certified',
  'help.session.close': 'close the session',
  'session.open.step': 'Asking the STS for a session as {quality}',
  'session.open.line':
    'Session open as {quality} until {until} ({left}), environment {environment}',
  'session.ask.via': 'How do you want to open the session?',
  'session.ask.via.eid': 'With your eID (advised)',
  'session.ask.via.keystore': 'Fallback: with the eHealth certificate alone',
  'session.ask.quality': 'In which quality (doctor, nurse …)?',
  'session.close.done': 'Session closed',
  'session.close.none': 'No session was open',
  'help.session.agent': 'the process that keeps the keys unlocked',
  'help.session.agent.status': 'which keys are unlocked, and until when?',
  'session.agent.unlocked': 'Unlocked until {until}, longer with each use: {aliases}',
  'session.agent.locked': 'The keys are locked; next: topaz session open',
  'session.agent.none': 'No keys are unlocked',
  'session.agent.closed': 'Keystore {alias} stays closed: {reason}',
  'session.agent.skipped':
    'Keystore {alias} was not tried: it is not unlocked. Next: topaz session open --unlock {alias}',
  'session.agent.failed':
    'The keys do not stay unlocked ({reason}): each command will ask for the password',
} as const;
