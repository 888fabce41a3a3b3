/**
 * Messages of `topaz sandbox`, German.
 *
 * @module
 */

import type { sandbox as english } from '../en/sandbox.js';

export const sandbox = {
  'sandbox.start.ready': 'Sandkasten bereit: Profil „{profile}“, Daten in {folder}',
  'sandbox.stop.done': 'Der Sandkasten ist beendet',
  'sandbox.status.url': 'Adresse  ',
  'sandbox.status.clock': 'Uhr      ',
  'sandbox.status.approve': 'Anträge  ',
  'sandbox.status.exchanges': 'Aufrufe  ',
  'sandbox.status.known': 'Bekannt  ',
  'sandbox.status.fault': 'Störung  ',
  'sandbox.reset.done': 'Der Sandkasten ist wieder leer',
  'sandbox.seed.done': 'Daten hinzugefügt',
  'sandbox.approve.done': 'Genehmigt: {count}',
  'sandbox.deliver.done': 'Nachricht zugestellt, oder wartet auf ein ETK',
  'sandbox.keystore.password': 'Passwort des neuen Keystores',
} satisfies Record<keyof typeof english, string>;
