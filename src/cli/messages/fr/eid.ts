/**
 * Messages of `topaz eid` and `topaz sandbox card`, French.
 *
 * @module
 */

import type { eid as english } from '../en/eid.js';

export const eid = {
  'eid.announce.insert': "Insérez votre carte d'identité … (Ctrl-C pour annuler)",
  'eid.announce.pinpad': 'Tapez votre code PIN sur le lecteur',
  'eid.announce.window': 'Tapez votre code PIN dans la fenêtre du logiciel eID',
  'eid.list.card': 'carte eID',
  'eid.list.empty': 'vide',
  'eid.list.other-card': 'autre carte, ou carte mal insérée',
  'eid.list.none':
    'Aucun lecteur de cartes trouvé : branchez-en un ; sous Linux, vérifiez que pcscd tourne',
  'eid.list.hidden': 'Non affichés : {count} sans carte eID (--all)',
  'eid.read.step': 'Lecture de la carte',
  'eid.read.untrusted': "Cette carte n'a pas été émise sous une racine reconnue par ce profil",
  'eid.verify.signature': 'Signature du Registre national',
  'eid.verify.chain': 'Certificats',
  'eid.verify.ok': 'correct',
  'eid.verify.failed': 'incorrect',
  'eid.verify.not-checked': 'pas contrôlé : le module ne montre pas les données',
  'eid.verify.asking': 'Vérification de la révocation',
  'eid.verify.revocation': 'Révocation',
  'eid.verify.revocation.good': 'non révoqué',
  'eid.verify.revocation.revoked': 'révoqué',
  'eid.verify.revocation.unknown': 'inconnue',
  'eid.verify.revocation.not-checked': 'non vérifiée',
  'eid.verify.unknown': "Personne n'a pu dire si cette carte a été révoquée : {detail}",
  'eid.certs.step': 'Lecture des certificats',
  'eid.certs.valid': "valable jusqu'au {date}",
  'eid.certs.expired': 'expiré le {date}',
  'eid.certs.not-yet-valid': "pas encore valable, jusqu'au {date}",
  'eid.field.ssin': 'NISS',
  'eid.field.firstNames': 'Prénoms',
  'eid.field.lastName': 'Nom',
  'eid.field.birthDate': 'Date de naissance',
  'eid.field.birthPlace': 'Lieu de naissance',
  'eid.field.nationality': 'Nationalité',
  'eid.field.sex': 'Sexe',
  'eid.field.cardNumber': 'Numéro de carte',
  'eid.field.validFrom': 'Valable depuis',
  'eid.field.validUntil': "Valable jusqu'au",
  'eid.field.documentType': 'Type de document',
  'eid.field.address': 'Adresse',
  'eid.choose': "Plusieurs lecteurs contiennent une carte d'identité. Lequel utiliser ?",
  'eid.pin.reader': 'Lecteur',
  'eid.pin.tries': 'Essais restants',
  'eid.pin.unknown': 'cette carte ne le dit pas',
  'eid.pin.low': 'moins de trois : un code PIN incorrect a été donné',
  'eid.pin.where': 'Le code PIN se tape',
  'eid.pin.where.pinpad': 'sur le lecteur',
  'eid.pin.where.here': 'au clavier, ou dans la fenêtre du logiciel eID',
  'eid.pin.unlock': 'La carte est bloquée : la commune la débloque avec le code PUK',
  'eid.card.created': "Carte de test prête ; son code PIN n'est pas un secret",
} satisfies Record<keyof typeof english, string>;
