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
  'profile.set.noFile': "{key} nomme un fichier qui n'existe pas : {file}",
  'profile.set.unknown': '{key} : topaz ne connaît pas "{value}" ; proches : {names}',
  'profile.set.noKeystore':
    '{key} : il n\'y a pas encore de trousseau "{value}" dans ce profil ; {said}',
  'profile.unset': '{key} du profil "{name}" est enlevé',
  'profile.unset.absent': '{key} n\'était pas réglé dans le profil "{name}"',
  'profile.remove.dry': 'Le profil {name}, environnement {environment}, serait oublié',
  'profile.remove.question':
    'Enlever le profil "{name}" ({environment}) ? Ses trousseaux et messages restent.',
  'profile.removed': 'Profil "{name}" enlevé ; ses trousseaux restent dans {folder}',
  'profile.renamed': 'Le profil "{former}" s\'appelle désormais "{name}"',
  'profile.rename.variable': '{variable} nomme encore "{former}"',
  'profile.exported': 'Profil "{name}" écrit dans {file}',
  'profile.export.leftOut': 'Non repris, propre à cette machine : {keys}',
  'profile.import.question':
    'Le profil "{name}" apporte des adresses ou des certificats de confiance ({keys}) : savez-vous d\'où il vient ?',
  'profile.imported': 'Profil "{name}" repris, environnement {environment}',
  'profile.import.next': "Ses trousseaux n'en font pas partie : topaz keystore import FICHIER",
  'profile.group.ask.keystore': 'Quel est le certificat du groupe ?',
  'profile.group.ask.other': 'un autre fichier',
  'profile.group.ask.file': 'Fichier du certificat (.p12) :',
  'profile.group.card': "Lecture de l'eID dans le lecteur",
  'profile.group.noCard': "Aucune eID n'a été lue : {reason}",
  'profile.group.ask.responsible': 'NISS du responsable :',
  'profile.group.ask.person': "{person} peut-il (elle) l'utiliser ?",
  'profile.group.ask.more': "NISS d'autres personnes autorisées (vide : personne) :",
  'profile.group.ask.billing': 'Numéro INAMI pour la facturation :',
  'profile.group.question': 'Créer ainsi le profil "{name}" ({environment}) ?',
  'profile.group.later':
    'Le profil est créé, mais tout n\'a pas été accordé : topaz access grant NISS --keystore "{alias}"',
  'profile.group.done':
    'Profil "{name}" créé pour le trousseau {alias} ; personnes autorisées : {count}',
  'profile.group.next': "Pour l'utiliser : topaz profile use {name}",
  'profile.group.row.quality': 'Qualité',
  'profile.group.row.name': 'Nom',
  'profile.group.row.sector': 'Secteur',
  'profile.group.row.value': 'Valeur',
  'profile.group.row.type': 'Type',
  'profile.group.row.billing': 'Facturation',
  'profile.variable': "{variable} est définie et l'emporte",
} satisfies Record<keyof typeof english, string>;
