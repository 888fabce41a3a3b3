/**
 * Messages of `topaz today`, Dutch.
 *
 * @module
 */

import type { today as english } from '../en/today.js';

export const today = {
  'today.profile': 'Profiel {profile}, omgeving {environment}',
  'today.mailbox': 'eHealthBox',
  'today.mycarenet': 'MyCareNet',
  'today.session': 'Sessie',
  'today.certificate': 'Certificaat',
  'today.backup': 'Sleutelkopie',
  'today.unread.one': '{count} ongelezen bericht, gesynchroniseerd op {time}',
  'today.unread.other': '{count} ongelezen berichten, gesynchroniseerd op {time}',
  'today.unfinished.one': '{count} ongelezen bericht, nooit volledig gesynchroniseerd',
  'today.unfinished.other': '{count} ongelezen berichten, nooit volledig gesynchroniseerd',
  'today.waiting.one': '{count} bericht niet bevestigd, gesynchroniseerd op {time}',
  'today.waiting.other': '{count} berichten niet bevestigd, gesynchroniseerd op {time}',
  'today.nomailbox': 'hier nog niet gekopieerd',
  'today.open': 'open als {quality}, nog {time}',
  'today.closed': 'er is er geen open',
  'today.days.one': '{keystore}: nog {count} dag',
  'today.days.other': '{keystore}: nog {count} dagen',
  'today.expired': '{keystore}: afgelopen op {date}',
  'today.revoked': '{keystore}: herroepen',
  'today.locked': '{keystore}: alleen het wachtwoord toont de datum',
  'today.nokeystore': 'er is geen sleutelbos in gebruik',
  'today.copied.one': '{key}: {count} dag geleden gekopieerd',
  'today.copied.other': '{key}: {count} dagen geleden gekopieerd',
  'today.uncopied': '{key}: er werd nooit een kopie gemaakt',
  'today.home': 'Back-up',
  'today.home.made.one': '{count} dag geleden gemaakt',
  'today.home.made.other': '{count} dagen geleden gemaakt',
  'today.home.none': 'nooit gemaakt: topaz backup create',
  'today.failed': 'Profiel {profile} kon niet bekeken worden: {error}',
} satisfies Record<keyof typeof english, string>;
