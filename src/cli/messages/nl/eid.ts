/**
 * Messages of `topaz eid` and `topaz sandbox card`, Dutch.
 *
 * @module
 */

import type { eid as english } from '../en/eid.js';

export const eid = {
  'eid.announce.insert': 'Steek uw identiteitskaart in de lezer … (Ctrl-C om te annuleren)',
  'eid.announce.pinpad': 'Tik uw pincode in op de kaartlezer',
  'eid.announce.window': 'Tik uw pincode in het venster van de eID-software',
  'eid.list.card': 'eID-kaart',
  'eid.list.empty': 'leeg',
  'eid.list.other-card': 'andere kaart, of verkeerd ingestoken',
  'eid.list.none':
    'Geen kaartlezer gevonden: sluit er een aan; controleer op Linux of pcscd draait',
  'eid.list.hidden': 'Niet getoond: {count} zonder eID-kaart (--all)',
  'eid.read.step': 'De kaart wordt gelezen',
  'eid.read.untrusted': 'Deze kaart is niet uitgegeven onder een root die dit profiel vertrouwt',
  'eid.verify.signature': 'Handtekening van het Rijksregister',
  'eid.verify.chain': 'Certificaten',
  'eid.verify.ok': 'juist',
  'eid.verify.failed': 'fout',
  'eid.verify.not-checked': 'niet gecontroleerd: de module toont de gegevens niet',
  'eid.verify.asking': 'Intrekking wordt nagevraagd',
  'eid.verify.revocation': 'Intrekking',
  'eid.verify.revocation.good': 'niet ingetrokken',
  'eid.verify.revocation.revoked': 'ingetrokken',
  'eid.verify.revocation.unknown': 'onbekend',
  'eid.verify.revocation.not-checked': 'niet gecontroleerd',
  'eid.verify.unknown': 'Niemand kon zeggen of deze kaart ingetrokken is: {detail}',
  'eid.certs.step': 'De certificaten worden gelezen',
  'eid.certs.valid': 'geldig tot {date}',
  'eid.certs.expired': 'vervallen op {date}',
  'eid.certs.not-yet-valid': 'nog niet geldig, tot {date}',
  'eid.field.ssin': 'INSZ',
  'eid.field.firstNames': 'Voornamen',
  'eid.field.lastName': 'Naam',
  'eid.field.birthDate': 'Geboortedatum',
  'eid.field.birthPlace': 'Geboorteplaats',
  'eid.field.nationality': 'Nationaliteit',
  'eid.field.sex': 'Geslacht',
  'eid.field.cardNumber': 'Kaartnummer',
  'eid.field.validFrom': 'Geldig vanaf',
  'eid.field.validUntil': 'Geldig tot',
  'eid.field.documentType': 'Documenttype',
  'eid.field.address': 'Adres',
  'eid.choose': 'In meer dan één kaartlezer zit een identiteitskaart. Welke?',
  'eid.pin.reader': 'Kaartlezer',
  'eid.pin.tries': 'Resterende pogingen',
  'eid.pin.unknown': 'deze kaart zegt het niet',
  'eid.pin.low': 'minder dan drie: er werd een verkeerde pincode gegeven',
  'eid.pin.where': 'De pincode wordt getypt',
  'eid.pin.where.pinpad': 'op de kaartlezer',
  'eid.pin.where.here': 'op het toetsenbord, of in het venster van de eID-software',
  'eid.pin.unlock': 'De kaart is geblokkeerd: de gemeente deblokkeert ze met de PUK-code',
  'eid.card.created': 'Testkaart klaar; haar pincode is geen geheim',
} satisfies Record<keyof typeof english, string>;
