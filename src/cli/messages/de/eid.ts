/**
 * Messages of `topaz eid` and `topaz sandbox card`, German.
 *
 * @module
 */

import type { eid as english } from '../en/eid.js';

export const eid = {
  'eid.announce.insert': 'Stecken Sie Ihren Personalausweis ein … (Ctrl-C bricht ab)',
  'eid.announce.pinpad': 'Geben Sie Ihren PIN-Code am Kartenleser ein',
  'eid.announce.window': 'Geben Sie Ihren PIN-Code im Fenster der eID-Software ein',
  'eid.list.card': 'eID-Karte',
  'eid.list.empty': 'leer',
  'eid.list.other-card': 'andere Karte, oder falsch eingesteckt',
  'eid.list.none':
    'Kein Kartenleser gefunden: schließen Sie einen an; prüfen Sie unter Linux, ob pcscd läuft',
  'eid.list.hidden': 'Nicht gezeigt: {count} ohne eID-Karte (--all)',
  'eid.read.step': 'Die Karte wird gelesen',
  'eid.read.untrusted':
    'Diese Karte wurde nicht unter einer Wurzel ausgestellt, der dieses Profil vertraut',
  'eid.verify.signature': 'Signatur des Nationalregisters',
  'eid.verify.chain': 'Zertifikate',
  'eid.verify.ok': 'richtig',
  'eid.verify.failed': 'falsch',
  'eid.verify.not-checked': 'nicht geprüft: das Modul zeigt die Daten nicht',
  'eid.verify.asking': 'Widerruf wird erfragt',
  'eid.verify.revocation': 'Widerruf',
  'eid.verify.revocation.good': 'nicht widerrufen',
  'eid.verify.revocation.revoked': 'widerrufen',
  'eid.verify.revocation.unknown': 'unbekannt',
  'eid.verify.revocation.not-checked': 'nicht geprüft',
  'eid.verify.unknown': 'Niemand konnte sagen, ob diese Karte widerrufen wurde: {detail}',
  'eid.certs.step': 'Die Zertifikate werden gelesen',
  'eid.certs.valid': 'gültig bis {date}',
  'eid.certs.expired': 'abgelaufen am {date}',
  'eid.certs.not-yet-valid': 'noch nicht gültig, bis {date}',
  'eid.field.ssin': 'ENSS',
  'eid.field.firstNames': 'Vornamen',
  'eid.field.lastName': 'Name',
  'eid.field.birthDate': 'Geburtsdatum',
  'eid.field.birthPlace': 'Geburtsort',
  'eid.field.nationality': 'Staatsangehörigkeit',
  'eid.field.sex': 'Geschlecht',
  'eid.field.cardNumber': 'Kartennummer',
  'eid.field.validFrom': 'Gültig ab',
  'eid.field.validUntil': 'Gültig bis',
  'eid.field.documentType': 'Dokumentart',
  'eid.field.address': 'Adresse',
  'eid.choose': 'In mehreren Kartenlesern steckt ein Personalausweis. In welchem?',
  'eid.pin.reader': 'Kartenleser',
  'eid.pin.tries': 'Verbleibende Versuche',
  'eid.pin.unknown': 'diese Karte sagt es nicht',
  'eid.pin.low': 'weniger als drei: es wurde ein falscher PIN-Code gegeben',
  'eid.pin.where': 'Der PIN-Code wird eingegeben',
  'eid.pin.where.pinpad': 'am Kartenleser',
  'eid.pin.where.here': 'auf der Tastatur oder im Fenster der eID-Software',
  'eid.pin.unlock': 'Die Karte ist gesperrt: die Gemeinde entsperrt sie mit dem PUK-Code',
  'eid.card.created': 'Testkarte bereit; ihr PIN-Code ist kein Geheimnis',
} satisfies Record<keyof typeof english, string>;
