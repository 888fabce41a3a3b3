/**
 * Messages of `topaz profile`, Dutch.
 *
 * @module
 */

import type { profile as english } from '../en/profile.js';

export const profile = {
  'profile.create.environment': 'Welke omgeving?',
  'profile.list.none': 'Nog geen profiel: topaz profile create, of topaz sandbox start',
  'profile.list.name': 'PROFIEL',
  'profile.list.environment': 'OMGEVING',
  'profile.list.keystore': 'SLEUTELBOS',
  'profile.list.used': 'IN GEBRUIK',
  'profile.list.yes': 'ja',
  'profile.list.unreadable': 'onleesbaar',
  'profile.created': 'Profiel "{name}" gemaakt, omgeving {environment}',
  'profile.used': 'Profiel "{name}" is voortaan in gebruik',
  'profile.set': '{key} van profiel "{name}" is ingesteld',
  'profile.set.noFile': '{key} noemt een bestand dat er niet is: {file}',
  'profile.set.unknown': '{key}: topaz kent "{value}" niet; in de buurt: {names}',
  'profile.set.noKeystore': '{key}: er is nog geen sleutelbos "{value}" in dit profiel; {said}',
  'profile.unset': '{key} van profiel "{name}" is weggehaald',
  'profile.unset.absent': '{key} was niet ingesteld in profiel "{name}"',
  'profile.remove.dry': 'Profiel {name}, omgeving {environment}, zou vergeten worden',
  'profile.remove.question':
    'Profiel "{name}" ({environment}) verwijderen? De sleutelbossen en berichten blijven.',
  'profile.removed': 'Profiel "{name}" verwijderd; de sleutelbossen blijven in {folder}',
  'profile.renamed': 'Profiel "{former}" heet voortaan "{name}"',
  'profile.rename.variable': '{variable} noemt nog "{former}"',
  'profile.exported': 'Profiel "{name}" geschreven naar {file}',
  'profile.export.leftOut': 'Niet meegenomen, hoort bij deze machine: {keys}',
  'profile.import.question':
    'Profiel "{name}" brengt adressen of vertrouwde certificaten mee ({keys}): weet u waar het vandaan komt?',
  'profile.imported': 'Profiel "{name}" overgenomen, omgeving {environment}',
  'profile.import.next': 'De sleutelbossen zitten er niet in: topaz keystore import BESTAND',
  'profile.group.ask.keystore': 'Welk certificaat is dat van de groep?',
  'profile.group.ask.other': 'een ander bestand',
  'profile.group.ask.file': 'Bestand van het certificaat (.p12):',
  'profile.group.card': 'De eID in de lezer wordt gelezen',
  'profile.group.noCard': 'Er werd geen eID gelezen: {reason}',
  'profile.group.ask.responsible': 'INSZ van de verantwoordelijke:',
  'profile.group.ask.person': 'Mag {person} het gebruiken?',
  'profile.group.ask.more': 'INSZ van anderen die het mogen gebruiken (leeg: niemand):',
  'profile.group.ask.billing': 'RIZIV-nummer voor de facturatie:',
  'profile.group.question': 'Profiel "{name}" ({environment}) zo maken?',
  'profile.group.later':
    'Het profiel is gemaakt, maar niet alles is toegekend: topaz access grant INSZ --keystore "{alias}"',
  'profile.group.done':
    'Profiel "{name}" gemaakt voor sleutelbos {alias}; gemachtigde personen: {count}',
  'profile.group.next': 'Om ermee te werken: topaz profile use {name}',
  'profile.group.row.quality': 'Hoedanigheid',
  'profile.group.row.name': 'Naam',
  'profile.group.row.sector': 'Sector',
  'profile.group.row.value': 'Waarde',
  'profile.group.row.type': 'Type',
  'profile.group.row.billing': 'Facturatie',
  'profile.variable': '{variable} is ingesteld en gaat voor',
} satisfies Record<keyof typeof english, string>;
