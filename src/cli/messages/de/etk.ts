/**
 * Messages of `topaz etk`, German.
 *
 * @module
 */

import type { etk as english } from '../en/etk.js';

export const etk = {
  'help.etk': 'Verschlüsselungstoken Ihrer Empfänger',
  'help.etk.fetch': 'Verschlüsselungstoken aus dem Depot holen',
  'help.etk.show': 'zeigen, was ein Verschlüsselungstoken enthält',
  'help.etk.verify': 'prüfen, ob ein Verschlüsselungstoken echt und gültig ist',
  'etk.verify.valid': '{who}: echt, gültig bis {date}',
  'etk.fetch.step': 'ETK von {who} wird geholt',
  'etk.fetch.fetched': '{who}, gültig bis {date}',
  'etk.fetch.copy': '{who}, gültig bis {date} (lokale Kopie)',
  'etk.show.holder': 'Inhaber',
  'etk.show.encryption': 'Verschlüsselung',
  'etk.show.serial': 'Seriennummer',
  'etk.show.authentication': 'Authentifizierung',
  'etk.show.issuer': 'Aussteller',
  'etk.show.registration': 'Von eHealth registriert',
  'etk.show.verified': 'Prüfung',
  'etk.show.valid': 'echt und gültig',
  'etk.show.period': 'vom {from} bis {until}',
  'etk.show.registration.valid': 'Unterschrift richtig',
  'etk.show.registration.wrong': 'Unterschrift falsch',
  'etk.show.registration.unknown': 'Unterschrift einer unbekannten Stelle',
} satisfies Record<keyof typeof english, string>;
