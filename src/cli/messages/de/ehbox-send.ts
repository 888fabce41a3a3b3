/**
 * Messages of `topaz ehbox send` and `outbox`, German.
 *
 * @module
 */

import type { ehboxSend as english } from '../en/ehbox-send.js';

export const ehboxSend = {
  'help.ehbox.send': 'eine Nachricht senden, für die Empfänger versiegelt',
  'help.ehbox.outbox': 'was von hier gesendet wurde und was noch wartet',
  'ehbox.send.step': 'Senden an die eHealthBox',
  'ehbox.send.seal': 'Die Nachricht wird versiegelt',
  'ehbox.send.pack': 'Die Nachricht wird vorbereitet',
  'ehbox.send.clear': 'Diese Nachricht ist nicht versiegelt: eHealth kann sie lesen',
  'ehbox.send.check': 'Die Prüfziffern von {who} sind ungewöhnlich: stimmt die Nummer?',
  'ehbox.send.ownEtk':
    'Sie haben selbst kein ETK: die Kopie bei Ihren gesendeten Nachrichten wird sich nicht öffnen',
  'ehbox.send.absent': '{who} ist bis {until} abwesend',
  'ehbox.send.absentWith': '{who} ist bis {until} abwesend; Vertretung: {names}',
  'ehbox.send.already': 'Nachricht {id} wurde schon gesendet; sie wird nicht noch einmal gesendet',
  'ehbox.send.dryKnown': 'Nachricht {id} liegt im Postausgang und würde von dort gesendet',
  'ehbox.send.dry.one': 'Sie ginge an {count} Empfänger: {size} von höchstens {max}',
  'ehbox.send.dry.other': 'Sie ginge an {count} Empfänger: {size} von höchstens {max}',
  'ehbox.send.done.one': 'An {count} Empfänger gesendet, Nummer {id}',
  'ehbox.send.done.other': 'An {count} Empfänger gesendet, Nummer {id}',
  'ehbox.outbox.none': 'Der Postausgang ist leer',
  'ehbox.outbox.nothing': 'Im Postausgang wartet nichts',
  'ehbox.outbox.done.one': '{count} Nachricht gesendet',
  'ehbox.outbox.done.other': '{count} Nachrichten gesendet',
  'ehbox.outbox.column.state': 'STAND',
  'ehbox.outbox.column.created': 'GESCHRIEBEN',
  'ehbox.outbox.column.recipients': 'AN',
  'ehbox.outbox.state.waiting': 'wartet',
  'ehbox.outbox.state.unsure': 'Antwort verloren',
  'ehbox.outbox.state.absent': 'Empfänger abwesend',
  'ehbox.outbox.state.sent': 'gesendet',
  'ehbox.outbox.state.refused': 'abgelehnt',
} satisfies Record<keyof typeof english, string>;
