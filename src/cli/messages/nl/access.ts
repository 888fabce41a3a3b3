/**
 * Messages of `topaz access`, Dutch.
 *
 * @module
 */

export const access = {
  'access.ask.keystore': 'Welke sleutelbos?',
  'access.grant.done': '{person} mag sleutelbos "{alias}" gebruiken',
  'access.revoke.question': 'Alles intrekken wat {person} op sleutelbos "{alias}" mag?',
  'access.revoke.dry': '{person} zou sleutelbos "{alias}" niet meer mogen gebruiken',
  'access.revoke.done': '{person} mag sleutelbos "{alias}" niet meer gebruiken',
  'access.revoke.password':
    'Wie het wachtwoord kent en een kopie heeft, kan ze elders gebruiken: topaz keystore passwd "{alias}"',
  'access.list.none':
    'Alle sleutelbossen zijn vrij: er is niets toegekend en geen verantwoordelijke aangeduid',
  'access.log.none': 'Geen gebruik van een beschermde sleutelbos in deze periode',
  'access.log.torn':
    'De laatste regel is onvolledig: een crash. Het volgende gebruik herstelt dat en noteert het',
  'access.until.revoked': 'tot de intrekking',
  'access.may.nothing': 'niets',
  'access.may.responsible': 'alles (verantwoordelijke)',
  'access.row.keystore': 'Sleutelbos',
  'access.row.person': 'Persoon',
  'access.row.may': 'Mag',
  'access.row.until': 'Tot en met',
  'access.row.state': 'Toestand',
  'access.row.responsible': 'Verantwoordelijke',
  'access.row.at': 'Wanneer',
  'access.row.command': 'Commando',
  'access.row.event': 'Wat',
  'access.state.valid': 'geldig',
  'access.state.expired': 'verlopen',
  'access.state.revoked': 'ingetrokken',
  'access.state.refused': 'niet echt',
  'access.event.use': 'gebruik',
  'access.event.grant': 'toegekend aan',
  'access.event.revoke': 'ingetrokken van',
  'access.event.repaired': 'onvolledige regel hersteld',
  'access.event.cut': 'regels ontbreken vóór deze',
  'access.outcome.allowed': 'toegestaan',
  'access.outcome.denied': 'geweigerd',
  'access.check.yes': 'Ja: {person} mag sleutelbos "{alias}" gebruiken',
  'access.check.no': 'Neen: {person} mag sleutelbos "{alias}" niet gebruiken',
  'access.reason.free': 'de sleutelbos is vrij',
  'access.reason.responsible': 'is de verantwoordelijke',
  'access.reason.granted': 'toegekend door de verantwoordelijke',
  'access.reason.person-unknown': 'niemand weet wie het is',
  'access.reason.no-grant': 'de verantwoordelijke heeft niets toegekend',
  'access.reason.other-purpose': 'de toekenning gaat niet zo ver',
  'access.reason.expired': 'de toekenning is verlopen',
  'access.reason.revoked': 'de toekenning is ingetrokken',
  'access.reason.altered': 'de toekenning is niet wat getekend werd',
  'access.reason.foreign':
    'de toekenning is voor een andere sleutelbos, of niet van de verantwoordelijke',
  'access.reason.untrusted': 'de kaart die tekende, leidt niet naar een vertrouwde root',
  'access.reason.early': 'de toekenning is later dan nu getekend',
  'access.log.lines.one': '{count} regel',
  'access.log.lines.other': '{count} regels',
  'access.log.whole.one': 'Het logboek is volledig: {count} regel',
  'access.log.whole.other': 'Het logboek is volledig: {count} regels',
} as const;
