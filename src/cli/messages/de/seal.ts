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
  'seal.noTime': 'Die Nachricht sagt nicht, wann sie versiegelt wurde',
} satisfies Record<keyof typeof english, string>;
