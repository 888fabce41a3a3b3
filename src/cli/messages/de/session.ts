/**
 * Messages of `topaz session`, German.
 *
 * @module
 */

import type { session as english } from '../en/session.js';

export const session = {
  'help.session': 'die Sitzung mit eHealth',
  'help.session.open': 'eine STS-Sitzung öffnen',
  'help.session.status': 'ist eine Sitzung offen, und bis wann?',
  'help.session.show': 'die von eHealth bestätigten Attribute zeigen',
  'help.session.close': 'die Sitzung schließen',
  'session.open.step': 'Sitzung als {quality} beim STS anfragen',
  'session.open.line': 'Sitzung offen als {quality} bis {until} ({left}), Umgebung {environment}',
  'session.ask.via': 'Wie möchten Sie die Sitzung öffnen?',
  'session.ask.via.eid': 'Mit Ihrem Personalausweis (empfohlen)',
  'session.ask.via.keystore': 'Notverfahren: mit dem eHealth-Zertifikat allein',
  'session.ask.quality': 'In welcher Eigenschaft (doctor, nurse …)?',
  'session.close.done': 'Sitzung geschlossen',
  'session.close.none': 'Es war keine Sitzung offen',
  'help.session.agent': 'der Prozess, der die Schlüssel entsperrt hält',
  'help.session.agent.status': 'welche Schlüssel sind entsperrt, und bis wann?',
  'session.agent.unlocked': 'Entsperrt bis {until}, länger mit jeder Benutzung: {aliases}',
  'session.agent.locked': 'Die Schlüssel sind gesperrt; weiter: topaz session open',
  'session.agent.none': 'Es sind keine Schlüssel entsperrt',
  'session.agent.closed': 'Der Keystore {alias} bleibt geschlossen: {reason}',
  'session.agent.skipped':
    'Der Keystore {alias} wurde nicht versucht: er ist nicht entsperrt. Weiter: topaz session open --unlock {alias}',
  'session.agent.failed':
    'Die Schlüssel bleiben nicht entsperrt ({reason}): jeder Befehl wird nach dem Passwort fragen',
} satisfies Record<keyof typeof english, string>;
