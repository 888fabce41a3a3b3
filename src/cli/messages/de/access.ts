/**
 * Messages of `topaz access`, German.
 *
 * @module
 */

export const access = {
  'access.ask.keystore': 'Welcher Keystore?',
  'access.grant.done': '{person} darf den Keystore „{alias}“ benutzen',
  'access.revoke.question':
    '{person} alles entziehen, was auf dem Keystore „{alias}“ erlaubt wurde?',
  'access.revoke.dry': '{person} dürfte den Keystore „{alias}“ nicht mehr benutzen',
  'access.revoke.done': '{person} darf den Keystore „{alias}“ nicht mehr benutzen',
  'access.revoke.password':
    'Wer das Passwort kennt und eine Kopie hat, kann ihn anderswo benutzen: topaz keystore passwd "{alias}"',
  'access.list.none':
    'Alle Keystores sind frei: nichts wurde erteilt, kein Verantwortlicher ist benannt',
  'access.log.none': 'Keine Benutzung eines geschützten Keystores in dieser Zeit',
  'access.log.torn':
    'Die letzte Zeile ist unvollständig: ein Absturz. Die nächste Benutzung behebt und vermerkt es',
  'access.until.revoked': 'bis zum Widerruf',
  'access.may.nothing': 'nichts',
  'access.may.responsible': 'alles (Verantwortliche/r)',
  'access.row.keystore': 'Keystore',
  'access.row.person': 'Person',
  'access.row.may': 'Darf',
  'access.row.until': 'Bis',
  'access.row.state': 'Zustand',
  'access.row.responsible': 'Verantwortlich',
  'access.row.at': 'Wann',
  'access.row.command': 'Befehl',
  'access.row.event': 'Was',
  'access.state.valid': 'gültig',
  'access.state.expired': 'abgelaufen',
  'access.state.revoked': 'widerrufen',
  'access.state.refused': 'nicht echt',
  'access.event.use': 'Benutzung',
  'access.event.grant': 'erteilt an',
  'access.event.revoke': 'entzogen',
  'access.event.repaired': 'unvollständige Zeile behoben',
  'access.event.cut': 'vor dieser fehlen Zeilen',
  'access.outcome.allowed': 'erlaubt',
  'access.outcome.denied': 'verweigert',
  'access.check.yes': 'Ja: {person} darf den Keystore „{alias}“ benutzen',
  'access.check.no': 'Nein: {person} darf den Keystore „{alias}“ nicht benutzen',
  'access.reason.free': 'der Keystore ist frei',
  'access.reason.responsible': 'ist verantwortlich',
  'access.reason.granted': 'vom Verantwortlichen erteilt',
  'access.reason.person-unknown': 'niemand weiß, wer es ist',
  'access.reason.no-grant': 'der Verantwortliche hat nichts erteilt',
  'access.reason.other-purpose': 'die Erlaubnis geht nicht so weit',
  'access.reason.expired': 'die Erlaubnis ist abgelaufen',
  'access.reason.revoked': 'die Erlaubnis wurde entzogen',
  'access.reason.altered': 'die Erlaubnis ist nicht die unterschriebene',
  'access.reason.foreign':
    'die Erlaubnis gilt für einen anderen Keystore oder ist nicht vom Verantwortlichen',
  'access.reason.untrusted': 'die Karte, die unterschrieb, führt zu keiner vertrauten Wurzel',
  'access.reason.early': 'die Erlaubnis wurde später als jetzt unterschrieben',
  'access.log.lines.one': '{count} Zeile',
  'access.log.lines.other': '{count} Zeilen',
  'access.log.whole.one': 'Das Protokoll ist vollständig: {count} Zeile',
  'access.log.whole.other': 'Das Protokoll ist vollständig: {count} Zeilen',
} as const;
