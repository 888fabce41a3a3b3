/**
 * Messages of `topaz sandbox`, French.
 *
 * @module
 */

import type { sandbox as english } from '../en/sandbox.js';

export const sandbox = {
  'sandbox.start.ready': 'Bac à sable prêt : profil « {profile} », données dans {folder}',
  'sandbox.stop.done': 'Le bac à sable est arrêté',
  'sandbox.status.url': 'Adresse  ',
  'sandbox.status.clock': 'Horloge  ',
  'sandbox.status.approve': 'Demandes ',
  'sandbox.status.exchanges': 'Appels   ',
  'sandbox.status.known': 'Connus   ',
  'sandbox.status.fault': 'Panne    ',
  'sandbox.reset.done': 'Le bac à sable est de nouveau vide',
  'sandbox.seed.done': 'Données ajoutées',
  'sandbox.approve.done': 'Approuvées : {count}',
  'sandbox.deliver.done': "Message déposé, ou en attente d'un ETK",
  'sandbox.keystore.password': 'Mot de passe du nouveau trousseau',
} satisfies Record<keyof typeof english, string>;
