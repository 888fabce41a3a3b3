/**
 * Messages of `topaz today`, German.
 *
 * @module
 */

import type { today as english } from '../en/today.js';

export const today = {
  'today.profile': 'Profil {profile}, Umgebung {environment}',
  'today.mailbox': 'eHealthBox',
  'today.mycarenet': 'MyCareNet',
  'today.session': 'Sitzung',
  'today.certificate': 'Zertifikat',
  'today.backup': 'Schlüsselkopie',
  'today.unread.one': '{count} ungelesene Nachricht, synchronisiert am {time}',
  'today.unread.other': '{count} ungelesene Nachrichten, synchronisiert am {time}',
  'today.unfinished.one': '{count} ungelesene Nachricht, nie ganz synchronisiert',
  'today.unfinished.other': '{count} ungelesene Nachrichten, nie ganz synchronisiert',
  'today.waiting.one': '{count} Nachricht unbestätigt, synchronisiert am {time}',
  'today.waiting.other': '{count} Nachrichten unbestätigt, synchronisiert am {time}',
  'today.nomailbox': 'hier noch nicht gespiegelt',
  'today.open': 'offen als {quality}, noch {time}',
  'today.closed': 'keine ist offen',
  'today.days.one': '{keystore}: noch {count} Tag',
  'today.days.other': '{keystore}: noch {count} Tage',
  'today.expired': '{keystore}: endete am {date}',
  'today.revoked': '{keystore}: widerrufen',
  'today.locked': '{keystore}: nur sein Passwort zeigt das Datum',
  'today.nokeystore': 'kein Keystore ist in Gebrauch',
  'today.copied.one': '{key}: vor {count} Tag kopiert',
  'today.copied.other': '{key}: vor {count} Tagen kopiert',
  'today.uncopied': '{key}: es gibt keine Kopie',
  'today.home': 'Sicherung',
  'today.home.made.one': 'vor {count} Tag gemacht',
  'today.home.made.other': 'vor {count} Tagen gemacht',
  'today.home.none': 'nie gemacht: topaz backup create',
  'today.failed': 'Profil {profile} ließ sich nicht ansehen: {error}',
} satisfies Record<keyof typeof english, string>;
