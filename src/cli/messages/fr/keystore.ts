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
  'keystore.remember.done':
    'Le mot de passe de {alias} est dans le coffre du système ; pour l\'en retirer : topaz keystore use "{alias}" --forget',
  'keystore.remember.gone': "Le coffre du système n'a plus de mot de passe pour {alias}",
  'keystore.remember.closed':
    "Le coffre du système n'est pas accessible pour le mot de passe de {alias}",
  'keystore.remember.left':
    "Le coffre du système n'est pas accessible : le mot de passe de {alias} s'y trouve peut-être encore",
  'keystore.remember.failed':
    "Le coffre du système n'a pas pris le nouveau mot de passe de {alias} ; il sera demandé",
  'keystore.remember.forgotten': 'Le mot de passe de {alias} est oublié',
  'keystore.remember.none': "Le mot de passe de {alias} n'était pas retenu",
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
  'keystore.newPassword': 'Nouveau mot de passe du trousseau {alias} :',
  'keystore.newPassword.rule':
    '12 à 64 lettres, chiffres, espaces et signes sans accents, pas seulement des chiffres.',
  'keystore.verify.ok': 'en ordre',
  'keystore.verify.done': 'Le trousseau {alias} est en ordre',
  'keystore.verify.check.keys': 'Clés',
  'keystore.verify.check.roles': 'Rôles',
  'keystore.verify.check.dates': 'Dates',
  'keystore.verify.check.chain': 'Chaîne',
  'keystore.verify.keys.no-certificate': "la clé {entry} n'a pas de certificat",
  'keystore.verify.keys.mismatch': 'la clé {entry} ne va pas avec son certificat',
  'keystore.verify.keys.no-key': "le certificat {entry} n'a pas de clé",
  'keystore.verify.roles.no-authentication': 'aucune clé ne peut authentifier',
  'keystore.verify.roles.pending': "en attente du certificat d'eHealth",
  'keystore.verify.roles.no-holder': 'le certificat ne nomme aucun titulaire',
  'keystore.verify.roles.no-encryption': 'pas de clé pour les messages scellés',
  'keystore.verify.roles.other-holder':
    'le certificat de chiffrement {entry} est à un autre titulaire',
  'keystore.verify.roles.name':
    "d'autres programmes ne trouveront pas la clé de chiffrement {entry} : elle porte un autre nom",
  'keystore.verify.dates.pending': 'pas encore de certificat',
  'keystore.verify.dates.no-authentication': 'aucun certificat à examiner',
  'keystore.verify.dates.expired': 'le certificat {entry} a expiré',
  'keystore.verify.dates.not-yet-valid': "le certificat {entry} n'est pas encore valable",
  'keystore.verify.dates.expiring': 'le certificat {entry} se termine bientôt',
  'keystore.verify.dates.encryption':
    "le dernier certificat de chiffrement, {entry}, n'est pas valable aujourd'hui",
  'keystore.verify.chain.pending': 'pas encore de certificat',
  'keystore.verify.chain.no-authentication': 'aucun certificat à examiner',
  'keystore.verify.chain.no-roots': 'non vérifiée : topaz profile set trust.ehealthRoots FICHIER',
  'keystore.verify.chain.untrusted':
    "le certificat {entry} n'est pas émis sous une racine à laquelle ce profil se fie",
  'keystore.verify.chain.signature':
    "le certificat de chiffrement {entry} n'est pas signé avec la clé d'authentification",
  'keystore.export.out': 'Fichier à écrire :',
  'keystore.export.step': 'Écriture du trousseau',
  'keystore.export.done.one': 'Trousseau {alias} exporté avec {count} clé vers {path}',
  'keystore.export.done.other': 'Trousseau {alias} exporté avec {count} clés vers {path}',
  'keystore.passwd.step': 'Écriture du trousseau avec le nouveau mot de passe',
  'keystore.passwd.done': 'Le mot de passe du trousseau {alias} est changé',
  'keystore.passwd.copy': "La copie dans {folder} s'ouvre encore avec l'ancien mot de passe",
  'keystore.backups.none': 'Aucune copie datée dans {folder}',
  'keystore.backups.date': 'Date',
  'keystore.backups.size': 'Taille',
  'keystore.backups.question':
    'Remettre la copie du {date} à la place du trousseau {alias} ? Les clés ajoutées depuis restent dans une copie datée.',
  'keystore.backups.restored': 'Le trousseau {alias} est comme le {date}',
  'keystore.backups.next':
    'Il s\'ouvre avec le mot de passe de ce jour-là : topaz keystore verify "{alias}"',
  'keystore.remove.question': 'Retirer le trousseau {alias} de ce profil ?',
  'keystore.remove.dry': 'Le trousseau {alias} serait déplacé vers {folder}',
  'keystore.remove.done': 'Trousseau {alias} retiré',
  'keystore.remove.copy':
    'Sa copie reste dans {folder} : les clés des anciens messages ne sont pas perdues',
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
