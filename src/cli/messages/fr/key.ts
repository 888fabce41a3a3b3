/**
 * Messages of `topaz key`, French.
 *
 * @module
 */

export const key = {
  'key.ask.id': 'Identifiant du prestataire (UUID)',
  'key.ask.passphrase': 'Phrase de passe de cette clé',
  'key.ask.newPassphrase': 'Phrase de passe pour les copies',
  'key.ask.out': 'Où ?',
  'key.unlock.step': 'Ouverture de la clé',
  'key.lock.step': 'Chiffrement de la clé',
  'key.generate.step': 'Création de la clé',
  'key.generate.done': 'Clé de {id} créée',
  'key.import.done': 'Clé de {id} reprise',
  'key.import.known': 'Cette clé de {id} est déjà ici',
  'key.next.backup': 'Faites des copies maintenant : topaz key backup --out LIEU --out LIEU',
  'key.list.none': 'Aucune clé ici. Reprendre une clé : topaz key import FICHIER',
  'key.copies.none': 'Aucune copie connue',
  'key.kind.file': 'fichier',
  'key.kind.paper': 'papier',
  'key.kind.shares': 'parts',
  'key.kind.passphrase': 'phrase de passe',
  'key.row.id': 'Identifiant',
  'key.row.size': 'Clé',
  'key.row.fingerprint': 'Empreinte',
  'key.column.id': 'IDENTIFIANT',
  'key.column.fingerprint': 'EMPREINTE',
  'key.column.copies': 'COPIES',
  'key.verify.sound': 'La clé de {id} est correcte ; rien pour la comparer',
  'key.verify.same': 'La clé de {id} est correcte et correspond à {other}',
  'key.export.question': 'La clé privée sera écrite. Tapez {start} pour continuer',
  'key.export.done': 'Écrit dans {path}',
  'key.backup.oneDisk':
    'Toutes les copies sont sur le même disque : elles seraient perdues ensemble',
  'key.backup.print': 'Imprimez la feuille puis supprimez le fichier ; gardez le papier sous clé',
  'key.split.question':
    "Il n'y a aucune copie de cette clé : des parts perdues perdent les dossiers. Tapez {start} pour continuer",
  'key.split.done': '{shares} parts écrites ; {threshold} suffisent pour retrouver la clé',
  'key.split.next': 'Donnez chaque part à une autre personne, puis supprimez le dossier',
  'key.combine.done': 'La clé est de retour dans {path}',
  'key.combine.next': 'Ensuite : topaz key import {path} --id {id}',
  'key.paper.title': 'Clé utilisateur Topaz',
  'key.paper.purpose':
    'Qui possède cette feuille peut ouvrir les dossiers de son titulaire. Gardez-la sous clé, loin de l’ordinateur.',
  'key.paper.plain': "Cette clé n'est PAS protégée par une phrase de passe.",
  'key.paper.passphrase': 'Cette clé exige sa phrase de passe, notée ailleurs.',
  'key.paper.recovery':
    'Pour la relire : scannez tous les codes ou tapez toutes les lignes dans un fichier texte, puis : topaz key import FICHIER --id {id}',
  'key.paper.id': 'Identifiant',
  'key.paper.fingerprint': 'Empreinte',
  'key.paper.printed': 'Faite le',
  'key.paper.code': 'Code',
  'key.copies.few.one':
    'De {id}, {count} copie est connue : faites-en au moins deux, en des lieux différents',
  'key.copies.few.other':
    'De {id}, {count} copies sont connues : faites-en au moins deux, en des lieux différents',
  'key.backup.done.one': '{count} copie faite et relue',
  'key.backup.done.other': '{count} copies faites et relues',
} as const;
