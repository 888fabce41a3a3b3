/**
 * Texts of the frame that every command shares, French.
 *
 * @module
 */

import type { frame as english } from '../en/frame.js';

export const frame = {
  'frame.next': 'suite :',
  'frame.bug': "erreur inattendue ; c'est un défaut de topaz",
  'frame.bug.next':
    'relancez avec --debug, relisez la sortie, envoyez-la au support avec : topaz doctor --report FICHIER',
  'frame.yesNo': '(o/N)',
  'frame.confirm.prod': '(environnement prod)',
  'frame.password.rule':
    "{count} caractères au moins. S'il est perdu, il faudra une nouvelle demande.",
  'frame.password.again': 'Encore une fois :',
  'frame.password.differ': 'Ils sont différents ; recommencez.',
  'frame.secret.unprotected': 'Sur ce système, topaz ne sait pas qui peut lire {file}',
  'frame.log.personal':
    "Le journal peut contenir des données personnelles ; vérifiez-le avant de l'envoyer",
  'frame.clock': "L'horloge de cette machine diffère de celle d'eHealth de {minutes} minutes",
  'frame.usage': 'Utilisation :',
  'frame.arguments': 'Arguments :',
  'frame.flags': 'Options :',
  'frame.commands': 'Commandes :',
  'frame.examples': 'Exemples :',
  'frame.globalFlags': 'Options globales : topaz help flags',
  'frame.default': 'par défaut : {value}',
  'frame.one': 'une valeur parmi : {values}',
  'frame.repeat': 'répétable',
  'frame.root': 'Certificats, sessions et messages de la plateforme belge eHealth',
  'frame.root.request': 'demander un certificat eHealth',
  'frame.root.session': 'ouvrir une session',
  'frame.root.sync': 'relever les messages',
  'frame.root.insurability': 'ce patient est-il assuré ?',
  'frame.root.demo': 'les services sur cette machine, pour essayer',
  'frame.group.card': 'Carte et certificat',
  'frame.group.session': 'Session',
  'frame.group.services': 'Messages et services',
  'frame.group.settings': 'Clés et réglages',
  'frame.group.trying': 'Essayer',
  'frame.topics': 'topaz help <sujet>',
  'frame.time-left': 'encore {time}',
} satisfies Record<keyof typeof english, string>;
