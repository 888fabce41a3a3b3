/**
 * Messages of `topaz backup`, French.
 *
 * @module
 */

export const backup = {
  'backup.passphrase': 'Phrase de passe de la sauvegarde',
  'backup.newPassphrase': 'Phrase de passe pour la sauvegarde',
  'backup.ask.out': 'Où ?',
  'backup.open.step': 'Dérivation de la clé',
  'backup.create.step': 'Écriture et relecture de la sauvegarde',
  'backup.verify.step': 'Lecture de la sauvegarde',
  'backup.restore.step': 'Restauration',
  'backup.create.done.one': '{count} copie écrite et relue, {size}',
  'backup.create.done.other': '{count} copies écrites et relues, {size} chacune',
  'backup.create.second': 'Une seule copie se perd vite : encore --out PLACE, sur un autre disque',
  'backup.create.skipped.one':
    "{count} fichier a été laissé de côté : un lien, ou un nom que tous les systèmes n'acceptent pas",
  'backup.create.skipped.other':
    "{count} fichiers ont été laissés de côté : des liens, ou des noms que tous les systèmes n'acceptent pas",
  'backup.verify.done': "Chaque octet est tel qu'il a été écrit",
  'backup.restore.done.one': '{count} fichier restauré',
  'backup.restore.done.other': '{count} fichiers restaurés',
  'backup.restore.next': 'Suite : topaz doctor, puis topaz session open',
  'backup.row.made': 'Créée',
  'backup.row.size': 'Taille',
  'backup.row.profiles': 'Profils et réglages',
  'backup.kind.profiles.one': 'Profils et réglages : {count} fichier',
  'backup.kind.profiles.other': 'Profils et réglages : {count} fichiers',
  'backup.row.keystores': 'Trousseaux et leurs copies',
  'backup.kind.keystores.one': 'Trousseaux et leurs copies : {count} fichier',
  'backup.kind.keystores.other': 'Trousseaux et leurs copies : {count} fichiers',
  'backup.row.keys': 'Clés utilisateur',
  'backup.kind.keys.one': 'Clés utilisateur : {count} fichier',
  'backup.kind.keys.other': 'Clés utilisateur : {count} fichiers',
  'backup.row.messages': 'Boîtes aux lettres',
  'backup.kind.messages.one': 'Boîtes aux lettres : {count} fichier',
  'backup.kind.messages.other': 'Boîtes aux lettres : {count} fichiers',
  'backup.row.requests': 'Demandes de certificat',
  'backup.kind.requests.one': 'Demandes de certificat : {count} fichier',
  'backup.kind.requests.other': 'Demandes de certificat : {count} fichiers',
  'backup.row.access': 'Autorisations et journal',
  'backup.kind.access.one': 'Autorisations et journal : {count} fichier',
  'backup.kind.access.other': 'Autorisations et journal : {count} fichiers',
  'backup.row.other': 'Autres données',
  'backup.kind.other.one': 'Autres données : {count} fichier',
  'backup.kind.other.other': 'Autres données : {count} fichiers',
} as const;
