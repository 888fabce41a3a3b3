/**
 * Messages of `topaz keystore`, Dutch.
 *
 * @module
 */

import type { keystore as english } from '../en/keystore.js';

export const keystore = {
  'keystore.password': 'Wachtwoord van sleutelbos {alias}:',
  'keystore.open.step': 'Sleutelbos {alias} wordt geopend',
  'keystore.ending.one': 'Het certificaat vervalt over {count} dag, op {date}: topaz cert renew',
  'keystore.ending.other':
    'Het certificaat vervalt over {count} dagen, op {date}: topaz cert renew',
  'keystore.list.none': 'Dit profiel heeft nog geen sleutelbos: topaz keystore import BESTAND',
  'keystore.list.alias': 'Alias',
  'keystore.list.role': 'Gebruik',
  'keystore.list.changed': 'Gewijzigd',
  'keystore.list.profile': 'Profiel',
  'keystore.list.file': 'Bestand',
  'keystore.list.role.active': 'actief',
  'keystore.list.role.organisation': 'organisatie',
  'keystore.list.role.found': 'niet ingevoerd',
  'keystore.import.there': 'Deze sleutelbos is er al, als {alias}',
  'keystore.import.done': 'Sleutelbos {alias} ingevoerd: {holder}, geldig tot {date}',
  'keystore.import.pending': 'Sleutelbos {alias} ingevoerd; het certificaat moet nog komen',
  'keystore.import.next': 'Om ermee te werken: topaz keystore use "{alias}"',
  'keystore.use.done': 'Sleutelbos {alias} is nu de actieve',
  'keystore.use.organisation': 'Sleutelbos {alias} is die van de organisatie',
  'keystore.show.file': 'Bestand',
  'keystore.show.holder': 'Houder',
  'keystore.show.sector': 'Sector',
  'keystore.show.quality': 'Hoedanigheid',
  'keystore.show.state': 'Toestand',
  'keystore.show.pending': 'wacht op het certificaat van eHealth',
  'keystore.show.authentication': 'Authenticatie',
  'keystore.show.encryption': 'Versleuteling',
  'keystore.show.serial': 'Serienummer',
  'keystore.show.issuer': 'Uitgever',
  'keystore.show.otherKey': 'Andere sleutel',
  'keystore.show.requestId': 'Aanvraag',
  'keystore.show.period.valid': '{from} tot {until} (nog {count} dagen)',
  'keystore.show.period.expiring': '{from} tot {until} (nog {count} dagen, te vernieuwen)',
  'keystore.show.period.expired': '{from} tot {until} (vervallen)',
  'keystore.show.period.not-yet-valid': '{from} tot {until} (nog niet geldig)',
  'keystore.quality.person': 'persoon',
  'keystore.quality.groupofnurses': 'groepering van verpleegkundigen',
  'keystore.quality.medicalhouse': 'medisch huis',
  'keystore.quality.officedoctors': 'artsenpraktijk',
  'keystore.quality.guardpost': 'wachtpost',
  'keystore.quality.sortingcenter': 'triagecentrum',
  'keystore.quality.reeducation': 'revalidatiecentrum',
  'keystore.quality.hospital': 'ziekenhuis',
  'keystore.quality.retirement': 'woonzorgcentrum',
  'keystore.quality.pharmacy': 'apotheek',
  'keystore.quality.enterprise': 'onderneming',
  'keystore.quality.ehp': 'eHealth-partner',
  'keystore.quality.organisation': 'organisatie',
} satisfies Record<keyof typeof english, string>;
