/**
 * Messages of `topaz etk`, Dutch.
 *
 * @module
 */

import type { etk as english } from '../en/etk.js';

export const etk = {
  'help.etk': 'encryptietokens van uw bestemmelingen',
  'help.etk.fetch': 'encryptietokens ophalen uit het depot',
  'help.etk.show': 'tonen wat er in een encryptietoken staat',
  'help.etk.verify': 'controleren of een encryptietoken echt en geldig is',
  'etk.verify.valid': '{who}: echt, geldig tot {date}',
  'etk.fetch.step': 'Ophalen van het ETK van {who}',
  'etk.fetch.fetched': '{who}, geldig tot {date}',
  'etk.fetch.copy': '{who}, geldig tot {date} (lokale kopie)',
  'etk.show.holder': 'Houder',
  'etk.show.encryption': 'Encryptie',
  'etk.show.serial': 'Serienummer',
  'etk.show.authentication': 'Authenticatie',
  'etk.show.issuer': 'Uitgever',
  'etk.show.registration': 'Geregistreerd door eHealth',
  'etk.show.verified': 'Controle',
  'etk.show.valid': 'echt en geldig',
  'etk.show.period': 'van {from} tot {until}',
  'etk.show.registration.valid': 'handtekening juist',
  'etk.show.registration.wrong': 'handtekening onjuist',
  'etk.show.registration.unknown': 'handtekening van een onbekende instantie',
} satisfies Record<keyof typeof english, string>;
