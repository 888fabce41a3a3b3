/**
 * Messages of `topaz etk`, French.
 *
 * @module
 */

import type { etk as english } from '../en/etk.js';

export const etk = {
  'help.etk': 'jetons de chiffrement de vos destinataires',
  'help.etk.fetch': 'chercher des jetons de chiffrement au dépôt',
  'help.etk.show': "montrer le contenu d'un jeton de chiffrement",
  'help.etk.verify': 'contrôler si un jeton de chiffrement est authentique et valable',
  'etk.verify.valid': "{who} : authentique, valable jusqu'au {date}",
  'etk.fetch.step': "Recherche de l'ETK de {who}",
  'etk.fetch.fetched': "{who}, valable jusqu'au {date}",
  'etk.fetch.copy': "{who}, valable jusqu'au {date} (copie locale)",
  'etk.show.holder': 'Titulaire',
  'etk.show.encryption': 'Chiffrement',
  'etk.show.serial': 'Numéro de série',
  'etk.show.authentication': 'Authentification',
  'etk.show.issuer': 'Émetteur',
  'etk.show.registration': 'Enregistré par eHealth',
  'etk.show.verified': 'Contrôle',
  'etk.show.valid': 'authentique et en cours de validité',
  'etk.show.period': 'du {from} au {until}',
  'etk.show.registration.valid': 'signature correcte',
  'etk.show.registration.wrong': 'signature fausse',
  'etk.show.registration.unknown': "signature d'une autorité inconnue",
} satisfies Record<keyof typeof english, string>;
