/**
 * Messages of `topaz seal` and `topaz unseal`, French.
 *
 * @module
 */

import type { seal as english } from '../en/seal.js';

export const seal = {
  'help.seal': 'sceller pour des destinataires eHealth',
  'help.unseal': 'ouvrir, et dire qui a scellé',
  'seal.to': 'Pour qui (TYPE=ID) ?',
  'seal.step': 'Scellement',
  'seal.step.etk': "Recherche de l'ETK de {who}",
  'seal.step.open': 'Ouverture du message scellé',
  'seal.reader': "Qui peut l'ouvrir (SSIN=ID, QUALITÉ=ID ou une qualité) ?",
  'seal.step.newKey': "Demande d'une nouvelle clé au KGSS",
  'seal.done.readers': 'Scellé pour les lecteurs : {readers}',
  'seal.done.readers.but': 'Scellé pour les lecteurs : {readers} ; sauf : {excluded}',
  'seal.dry.recipient': "Scellerait pour {who}, ETK valable jusqu'au {date}",
  'seal.dry.readers': 'Ferait faire par le KGSS une clé pour les lecteurs : {readers}',
  'seal.dry.readers.but':
    'Ferait faire par le KGSS une clé pour les lecteurs : {readers} ; sauf : {excluded}',
  'seal.recipient': "{who}, ETK valable jusqu'au {date}",
  'seal.done.one': 'Scellé pour {count} destinataire : {recipients}',
  'seal.done.other': 'Scellé pour {count} destinataires : {recipients}',
  'seal.opened': 'Scellé par {who} le {date}, certificat valable',
  'seal.opened.undated': 'Scellé par {who}, certificat valable',
  'seal.opened.expired': 'Scellé par {who} le {date}, certificat expiré avant',
  'seal.opened.expired.undated': 'Scellé par {who}, certificat expiré avant',
  'seal.opened.unverified': 'Ouvert ; prétend être scellé par {who} le {date}',
  'seal.opened.unverified.undated': 'Ouvert ; prétend être scellé par {who}',
  'seal.someone': "personne d'identifiable",
  'seal.unverified': "Le sceau n'est pas authentique : personne ne répond de ce contenu ({errors})",
  'seal.statusUnknown': "Personne n'a pu dire si le certificat a été révoqué",
  'seal.mailbox': 'Le message scellé ({size}) dépasse les 10 MB que l’eHealthBox accepte',
  'seal.noTime': 'Le message ne dit pas quand il a été scellé',
} satisfies Record<keyof typeof english, string>;
