/**
 * Messages of `topaz profile`, German.
 *
 * @module
 */

import type { profile as english } from '../en/profile.js';

export const profile = {
  'profile.create.environment': 'Welche Umgebung?',
  'profile.list.none': 'Noch kein Profil: topaz profile create oder topaz sandbox start',
  'profile.list.name': 'PROFIL',
  'profile.list.environment': 'UMGEBUNG',
  'profile.list.keystore': 'KEYSTORE',
  'profile.list.used': 'IN GEBRAUCH',
  'profile.list.yes': 'ja',
  'profile.list.unreadable': 'nicht lesbar',
  'profile.created': 'Profil "{name}" angelegt, Umgebung {environment}',
  'profile.used': 'Profil "{name}" wird ab jetzt benutzt',
  'profile.set': '{key} des Profils "{name}" ist gesetzt',
  'profile.unset': '{key} des Profils "{name}" ist entfernt',
  'profile.unset.absent': '{key} war im Profil "{name}" nicht gesetzt',
  'profile.remove.question':
    'Profil "{name}" ({environment}) entfernen? Keystores und Nachrichten bleiben.',
  'profile.removed': 'Profil "{name}" entfernt; die Keystores bleiben in {folder}',
  'profile.variable': '{variable} ist gesetzt und geht vor',
} satisfies Record<keyof typeof english, string>;
