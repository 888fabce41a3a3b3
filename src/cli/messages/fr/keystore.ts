/**
 * Messages of `topaz keystore`, French.
 *
 * @module
 */

import type { keystore as english } from '../en/keystore.js';

export const keystore = {
  'keystore.password': 'Mot de passe du trousseau {alias} :',
  'keystore.open.step': 'Ouverture du trousseau {alias}',
  'keystore.ending.one': 'Le certificat se termine dans {count} jour, le {date} : topaz cert renew',
  'keystore.ending.other':
    'Le certificat se termine dans {count} jours, le {date} : topaz cert renew',
  'keystore.list.none': "Ce profil n'a pas encore de trousseau : topaz keystore import FICHIER",
  'keystore.list.alias': 'Alias',
  'keystore.list.role': 'Usage',
  'keystore.list.changed': 'Modifié',
  'keystore.list.profile': 'Profil',
  'keystore.list.file': 'Fichier',
  'keystore.list.role.active': 'actif',
  'keystore.list.role.organisation': 'organisation',
  'keystore.list.role.found': 'non importé',
  'keystore.import.there': 'Ce trousseau est déjà là, sous le nom {alias}',
  'keystore.import.done': "Trousseau {alias} importé : {holder}, valable jusqu'au {date}",
  'keystore.import.pending': 'Trousseau {alias} importé ; son certificat est encore à venir',
  'keystore.import.next': 'Pour vous en servir : topaz keystore use "{alias}"',
  'keystore.use.done': 'Le trousseau {alias} est maintenant actif',
  'keystore.use.organisation': "Le trousseau {alias} est celui de l'organisation",
  'keystore.show.file': 'Fichier',
  'keystore.show.holder': 'Titulaire',
  'keystore.show.sector': 'Secteur',
  'keystore.show.quality': 'Qualité',
  'keystore.show.state': 'État',
  'keystore.show.pending': "en attente du certificat d'eHealth",
  'keystore.show.authentication': 'Authentification',
  'keystore.show.encryption': 'Chiffrement',
  'keystore.show.serial': 'Numéro de série',
  'keystore.show.issuer': 'Émetteur',
  'keystore.show.otherKey': 'Autre clé',
  'keystore.show.requestId': 'Demande',
  'keystore.show.period.valid': 'du {from} au {until} (encore {count} jours)',
  'keystore.show.period.expiring': 'du {from} au {until} (encore {count} jours, à renouveler)',
  'keystore.show.period.expired': 'du {from} au {until} (expiré)',
  'keystore.show.period.not-yet-valid': 'du {from} au {until} (pas encore valable)',
  'keystore.quality.person': 'personne',
  'keystore.quality.groupofnurses': "groupement d'infirmiers",
  'keystore.quality.medicalhouse': 'maison médicale',
  'keystore.quality.officedoctors': 'cabinet de médecins',
  'keystore.quality.guardpost': 'poste de garde',
  'keystore.quality.sortingcenter': 'centre de tri',
  'keystore.quality.reeducation': 'centre de rééducation',
  'keystore.quality.hospital': 'hôpital',
  'keystore.quality.retirement': 'maison de repos',
  'keystore.quality.pharmacy': 'pharmacie',
  'keystore.quality.enterprise': 'entreprise',
  'keystore.quality.ehp': 'partenaire eHealth',
  'keystore.quality.organisation': 'organisation',
} satisfies Record<keyof typeof english, string>;
