/**
 * Messages of `topaz profile`, Dutch.
 *
 * @module
 */

import type { profile as english } from '../en/profile.js';

export const profile = {
  'profile.create.environment': 'Welke omgeving?',
  'profile.list.none': 'Nog geen profiel: topaz profile create, of topaz sandbox start',
  'profile.list.name': 'PROFIEL',
  'profile.list.environment': 'OMGEVING',
  'profile.list.keystore': 'SLEUTELBOS',
  'profile.list.used': 'IN GEBRUIK',
  'profile.list.yes': 'ja',
  'profile.list.unreadable': 'onleesbaar',
  'profile.created': 'Profiel "{name}" gemaakt, omgeving {environment}',
  'profile.used': 'Profiel "{name}" is voortaan in gebruik',
  'profile.set': '{key} van profiel "{name}" is ingesteld',
  'profile.unset': '{key} van profiel "{name}" is weggehaald',
  'profile.unset.absent': '{key} was niet ingesteld in profiel "{name}"',
  'profile.remove.question':
    'Profiel "{name}" ({environment}) verwijderen? De sleutelbossen en berichten blijven.',
  'profile.removed': 'Profiel "{name}" verwijderd; de sleutelbossen blijven in {folder}',
  'profile.variable': '{variable} is ingesteld en gaat voor',
} satisfies Record<keyof typeof english, string>;
