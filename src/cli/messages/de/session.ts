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
} satisfies Record<keyof typeof english, string>;
