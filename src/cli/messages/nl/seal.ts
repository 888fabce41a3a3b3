/**
 * Messages of `topaz seal` and `topaz unseal`, Dutch.
 *
 * @module
 */

import type { seal as english } from '../en/seal.js';

export const seal = {
  'help.seal': 'verzegelen voor bestemmelingen van eHealth',
  'help.unseal': 'openen, en zeggen wie verzegelde',
  'seal.to': 'Voor wie (TYPE=ID)?',
  'seal.step': 'Verzegelen',
  'seal.step.etk': 'Ophalen van het ETK van {who}',
  'seal.step.open': 'Openen van het verzegelde bericht',
  'seal.reader': 'Wie mag het openen (SSIN=ID, HOEDANIGHEID=ID of een hoedanigheid)?',
  'seal.step.newKey': 'De KGSS wordt om een nieuwe sleutel gevraagd',
  'seal.done.readers': 'Verzegeld voor lezers: {readers}',
  'seal.done.readers.but': 'Verzegeld voor lezers: {readers}; behalve: {excluded}',
  'seal.dry.recipient': 'Zou verzegelen voor {who}, ETK geldig tot {date}',
  'seal.dry.readers': 'Zou de KGSS een sleutel laten maken voor lezers: {readers}',
  'seal.dry.readers.but':
    'Zou de KGSS een sleutel laten maken voor lezers: {readers}; behalve: {excluded}',
  'seal.recipient': '{who}, ETK geldig tot {date}',
  'seal.done.one': 'Verzegeld voor {count} bestemmeling: {recipients}',
  'seal.done.other': 'Verzegeld voor {count} bestemmelingen: {recipients}',
  'seal.opened': 'Verzegeld door {who} op {date}, certificaat geldig',
  'seal.opened.undated': 'Verzegeld door {who}, certificaat geldig',
  'seal.opened.expired': 'Verzegeld door {who} op {date}, certificaat voordien verlopen',
  'seal.opened.expired.undated': 'Verzegeld door {who}, certificaat voordien verlopen',
  'seal.opened.unverified': 'Geopend; zou verzegeld zijn door {who} op {date}',
  'seal.opened.unverified.undated': 'Geopend; zou verzegeld zijn door {who}',
  'seal.someone': 'niemand die te herkennen is',
  'seal.unverified': 'Het zegel is niet echt: niemand staat in voor deze inhoud ({errors})',
  'seal.statusUnknown': 'Niemand kon zeggen of het certificaat ingetrokken is',
  'seal.mailbox':
    'Het verzegelde bericht ({size}) is groter dan de 10 MB die de eHealthBox aanneemt',
  'seal.noTime': 'Het bericht zegt niet wanneer het verzegeld werd',
} satisfies Record<keyof typeof english, string>;
