/**
 * Messages of `topaz seal` and `topaz unseal`, German.
 *
 * @module
 */

import type { seal as english } from '../en/seal.js';

export const seal = {
  'help.seal': 'für Empfänger von eHealth versiegeln',
  'help.unseal': 'öffnen, und sagen, wer versiegelt hat',
  'seal.to': 'Für wen (TYPE=ID)?',
  'seal.step': 'Versiegeln',
  'seal.step.etk': 'ETK von {who} wird geholt',
  'seal.step.open': 'Versiegelte Nachricht wird geöffnet',
  'seal.reader': 'Wer darf es öffnen (SSIN=ID, EIGENSCHAFT=ID oder eine Eigenschaft)?',
  'seal.step.newKey': 'Der KGSS wird um einen neuen Schlüssel gebeten',
  'seal.done.readers': 'Versiegelt für Leser: {readers}',
  'seal.done.readers.but': 'Versiegelt für Leser: {readers}; außer: {excluded}',
  'seal.dry.recipient': 'Würde für {who} versiegeln, ETK gültig bis {date}',
  'seal.dry.readers': 'Ließe den KGSS einen Schlüssel machen für Leser: {readers}',
  'seal.dry.readers.but':
    'Ließe den KGSS einen Schlüssel machen für Leser: {readers}; außer: {excluded}',
  'seal.recipient': '{who}, ETK gültig bis {date}',
  'seal.done.one': 'Versiegelt für {count} Empfänger: {recipients}',
  'seal.done.other': 'Versiegelt für {count} Empfänger: {recipients}',
  'seal.opened': 'Versiegelt von {who} am {date}, Zertifikat gültig',
  'seal.opened.undated': 'Versiegelt von {who}, Zertifikat gültig',
  'seal.opened.expired': 'Versiegelt von {who} am {date}, Zertifikat vorher abgelaufen',
  'seal.opened.expired.undated': 'Versiegelt von {who}, Zertifikat vorher abgelaufen',
  'seal.opened.unverified': 'Geöffnet; angeblich versiegelt von {who} am {date}',
  'seal.opened.unverified.undated': 'Geöffnet; angeblich versiegelt von {who}',
  'seal.someone': 'niemandem, der zu erkennen wäre',
  'seal.unverified': 'Das Siegel ist nicht echt: Niemand bürgt für diesen Inhalt ({errors})',
  'seal.statusUnknown': 'Niemand konnte sagen, ob das Zertifikat widerrufen wurde',
  'seal.mailbox':
    'Die versiegelte Nachricht ({size}) ist größer als die 10 MB, die die eHealthBox annimmt',
  'seal.noTime': 'Die Nachricht sagt nicht, wann sie versiegelt wurde',
} satisfies Record<keyof typeof english, string>;
