/**
 * Messages of `topaz profile`, French.
 *
 * @module
 */

import type { profile as english } from '../en/profile.js';

export const profile = {
  'profile.create.environment': 'Quel environnement ?',
  'profile.list.none': 'Pas encore de profil : topaz profile create, ou topaz sandbox start',
  'profile.list.name': 'PROFIL',
  'profile.list.environment': 'ENVIRONNEMENT',
  'profile.list.keystore': 'TROUSSEAU',
  'profile.list.used': 'UTILISÉ',
  'profile.list.yes': 'oui',
  'profile.list.unreadable': 'illisible',
  'profile.created': 'Profil "{name}" créé, environnement {environment}',
  'profile.used': 'Le profil "{name}" est utilisé à partir de maintenant',
  'profile.set': '{key} du profil "{name}" est réglé',
  'profile.unset': '{key} du profil "{name}" est enlevé',
  'profile.unset.absent': '{key} n\'était pas réglé dans le profil "{name}"',
  'profile.remove.question':
    'Enlever le profil "{name}" ({environment}) ? Ses trousseaux et messages restent.',
  'profile.removed': 'Profil "{name}" enlevé ; ses trousseaux restent dans {folder}',
  'profile.variable': "{variable} est définie et l'emporte",
} satisfies Record<keyof typeof english, string>;
