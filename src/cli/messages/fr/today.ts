/**
 * Messages of `topaz today`, French.
 *
 * @module
 */

import type { today as english } from '../en/today.js';

export const today = {
  'today.profile': 'Profil {profile}, environnement {environment}',
  'today.mailbox': 'eHealthBox',
  'today.mycarenet': 'MyCareNet',
  'today.session': 'Session',
  'today.certificate': 'Certificat',
  'today.backup': 'Copie de la clé',
  'today.unread.one': '{count} message non lu, synchronisée le {time}',
  'today.unread.other': '{count} messages non lus, synchronisée le {time}',
  'today.unfinished.one': "{count} message non lu, jamais synchronisée jusqu'au bout",
  'today.unfinished.other': "{count} messages non lus, jamais synchronisée jusqu'au bout",
  'today.waiting.one': '{count} message non confirmé, synchronisée le {time}',
  'today.waiting.other': '{count} messages non confirmés, synchronisée le {time}',
  'today.nomailbox': 'pas encore copiée ici',
  'today.open': 'ouverte comme {quality}, encore {time}',
  'today.closed': "aucune n'est ouverte",
  'today.days.one': '{keystore} : encore {count} jour',
  'today.days.other': '{keystore} : encore {count} jours',
  'today.expired': '{keystore} : expiré le {date}',
  'today.revoked': '{keystore} : révoqué',
  'today.locked': '{keystore} : seul son mot de passe donne la date',
  'today.nokeystore': "aucun trousseau n'est utilisé",
  'today.copied.one': '{key} : copiée il y a {count} jour',
  'today.copied.other': '{key} : copiée il y a {count} jours',
  'today.uncopied': "{key} : aucune copie n'a jamais été faite",
  'today.home': 'Sauvegarde',
  'today.home.made.one': 'faite il y a {count} jour',
  'today.home.made.other': 'faite il y a {count} jours',
  'today.home.none': 'jamais faite : topaz backup create',
  'today.failed': "Le profil {profile} n'a pas pu être consulté : {error}",
} satisfies Record<keyof typeof english, string>;
