/**
 * Messages of `topaz sandbox`, Dutch.
 *
 * @module
 */

import type { sandbox as english } from '../en/sandbox.js';

export const sandbox = {
  'sandbox.start.ready': 'Zandbak klaar: profiel “{profile}”, gegevens in {folder}',
  'sandbox.stop.done': 'De zandbak is gestopt',
  'sandbox.status.url': 'Adres    ',
  'sandbox.status.clock': 'Klok     ',
  'sandbox.status.approve': 'Aanvragen',
  'sandbox.status.exchanges': 'Oproepen ',
  'sandbox.status.known': 'Gekend   ',
  'sandbox.status.fault': 'Storing  ',
  'sandbox.reset.done': 'De zandbak is weer leeg',
  'sandbox.seed.done': 'Gegevens toegevoegd',
  'sandbox.approve.done': 'Goedgekeurd: {count}',
  'sandbox.deliver.done': 'Bericht afgeleverd, of wachtend op een ETK',
  'sandbox.keystore.password': 'Wachtwoord van de nieuwe sleutelbos',
} satisfies Record<keyof typeof english, string>;
