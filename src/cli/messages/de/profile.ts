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
  'profile.set.noFile': '{key} nennt eine Datei, die es nicht gibt: {file}',
  'profile.set.unknown': '{key}: topaz kennt "{value}" nicht; ähnlich: {names}',
  'profile.set.noKeystore':
    '{key}: es gibt noch keinen Keystore "{value}" in diesem Profil; {said}',
  'profile.unset': '{key} des Profils "{name}" ist entfernt',
  'profile.unset.absent': '{key} war im Profil "{name}" nicht gesetzt',
  'profile.remove.dry': 'Profil {name}, Umgebung {environment}, würde vergessen',
  'profile.remove.question':
    'Profil "{name}" ({environment}) entfernen? Keystores und Nachrichten bleiben.',
  'profile.removed': 'Profil "{name}" entfernt; die Keystores bleiben in {folder}',
  'profile.renamed': 'Das Profil "{former}" heißt von nun an "{name}"',
  'profile.rename.variable': '{variable} nennt noch "{former}"',
  'profile.exported': 'Profil "{name}" nach {file} geschrieben',
  'profile.export.leftOut': 'Nicht mitgenommen, gehört zu diesem Rechner: {keys}',
  'profile.import.question':
    'Das Profil "{name}" bringt Adressen oder vertrauenswürdige Zertifikate mit ({keys}): wissen Sie, woher es kommt?',
  'profile.imported': 'Profil "{name}" übernommen, Umgebung {environment}',
  'profile.import.next': 'Keystores sind nicht darin: topaz keystore import DATEI',
  'profile.group.ask.keystore': 'Welches Zertifikat ist das der Gruppe?',
  'profile.group.ask.other': 'eine andere Datei',
  'profile.group.ask.file': 'Datei des Zertifikats (.p12):',
  'profile.group.card': 'Die eID im Leser wird gelesen',
  'profile.group.noCard': 'Keine eID wurde gelesen: {reason}',
  'profile.group.ask.responsible': 'ENSS der verantwortlichen Person:',
  'profile.group.ask.person': 'Darf {person} es verwenden?',
  'profile.group.ask.more': 'ENSS weiterer Personen, die es dürfen (leer: niemand):',
  'profile.group.ask.billing': 'LIKIV-Nummer für die Rechnungen:',
  'profile.group.question': 'Das Profil "{name}" ({environment}) so anlegen?',
  'profile.group.later':
    'Das Profil ist angelegt, aber nicht alles wurde erlaubt: topaz access grant ENSS --keystore "{alias}"',
  'profile.group.done':
    'Profil "{name}" für Keystore {alias} angelegt; berechtigte Personen: {count}',
  'profile.group.next': 'Um damit zu arbeiten: topaz profile use {name}',
  'profile.group.row.quality': 'Eigenschaft',
  'profile.group.row.name': 'Name',
  'profile.group.row.sector': 'Sektor',
  'profile.group.row.value': 'Wert',
  'profile.group.row.type': 'Typ',
  'profile.group.row.billing': 'Rechnungen',
  'profile.variable': '{variable} ist gesetzt und geht vor',
} satisfies Record<keyof typeof english, string>;
