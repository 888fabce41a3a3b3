/**
 * Messages of `topaz etk`, French.
 *
 * @module
 */

import type { etk as english } from '../en/etk.js';

export const etk = {
  'help.etk': 'jetons de chiffrement de vos destinataires, et le vôtre',
  'help.etk.fetch': 'chercher des jetons de chiffrement au dépôt',
  'help.etk.show': "montrer le contenu d'un jeton de chiffrement",
  'help.etk.verify': 'contrôler si un jeton de chiffrement est authentique et valable',
  'help.etk.list': 'lister les copies locales des jetons de chiffrement',
  'help.etk.register': "enregistrer un jeton pour un trousseau qui n'en a pas",
  'help.etk.activate': 'après un renouvellement, activer le nouveau jeton',
  'help.etk.prune': 'supprimer les copies locales devenues inutiles',
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
  'etk.list.holder': 'Titulaire',
  'etk.list.until': "Valable jusqu'au",
  'etk.list.state': 'Copie',
  'etk.list.state.current': 'actuelle',
  'etk.list.state.stale': "de plus d'une heure",
  'etk.list.state.expired': 'expirée',
  'etk.list.state.superseded': 'remplacée',
  'etk.list.state.damaged': 'endommagée',
  'etk.list.none': "Il n'y a pas de copie locale",
  'etk.list.none.expired': 'Toutes les copies locales sont utilisées',
  'etk.prune.line': '{who} : {state}',
  'etk.prune.none': 'Rien à supprimer',
  'etk.prune.done.one': '{count} copie locale supprimée',
  'etk.prune.done.other': '{count} copies locales supprimées',
  'etk.register.ask': 'Demande à eHealth du jeton de ce certificat',
  'etk.register.question': 'Enregistrer un jeton de chiffrement pour {who}, trousseau {alias} ?',
  'etk.register.step': 'Enregistrement du jeton de chiffrement',
  'etk.register.done': 'ETK de {who} enregistré, sa clé est dans le trousseau {alias}',
  'etk.register.there': '{who} a déjà un ETK, sa clé est dans le trousseau {alias}',
  'etk.register.activate':
    "L'ancien ETK reste en usage ; quand le nouveau trousseau est partout : topaz etk activate",
  'etk.register.unpublished':
    'Le dépôt ne le montre pas encore ; regardez dans quelques minutes : topaz etk fetch',
  'etk.register.dry.none':
    'Enregistrerait un ETK pour {who} et mettrait sa clé dans le trousseau {alias}',
  'etk.register.dry.begun': "Continuerait l'enregistrement pour {who}, trousseau {alias}",
  'etk.register.dry.there': 'Rien à faire : {who} a un ETK, sa clé est dans le trousseau {alias}',
  'etk.activate.ask': "Demande à eHealth de l'état du jeton de ce certificat",
  'etk.activate.question':
    "Activer le nouvel ETK de {who} (trousseau {alias}) ? L'ancien certificat prend fin.",
  'etk.activate.step': 'Activation du jeton de chiffrement',
  'etk.activate.done': 'Le nouvel ETK de {who} est en usage',
  'etk.activate.there': "L'ETK de {who} dans le trousseau {alias} est déjà en usage",
  'etk.activate.dry': 'Activerait le nouvel ETK de {who} (trousseau {alias})',
} satisfies Record<keyof typeof english, string>;
