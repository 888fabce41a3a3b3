/**
 * Messages of `topaz backup`, German.
 *
 * @module
 */

export const backup = {
  'backup.passphrase': 'Passphrase der Sicherung',
  'backup.newPassphrase': 'Passphrase für die Sicherung',
  'backup.ask.out': 'Wohin?',
  'backup.open.step': 'Schlüssel wird abgeleitet',
  'backup.create.step': 'Sicherung wird geschrieben und zurückgelesen',
  'backup.verify.step': 'Sicherung wird gelesen',
  'backup.restore.step': 'Wiederherstellung',
  'backup.create.done.one': '{count} Kopie geschrieben und zurückgelesen, {size}',
  'backup.create.done.other': '{count} Kopien geschrieben und zurückgelesen, je {size}',
  'backup.create.second':
    'Eine Kopie geht leicht verloren: noch ein --out PLACE, auf einem anderen Datenträger',
  'backup.create.skipped.one':
    '{count} Datei wurde ausgelassen: eine Verknüpfung oder ein Name, den nicht jedes System annimmt',
  'backup.create.skipped.other':
    '{count} Dateien wurden ausgelassen: Verknüpfungen oder Namen, die nicht jedes System annimmt',
  'backup.verify.done': 'Jedes Byte ist, wie es geschrieben wurde',
  'backup.restore.done.one': '{count} Datei wiederhergestellt',
  'backup.restore.done.other': '{count} Dateien wiederhergestellt',
  'backup.restore.next': 'Weiter: topaz doctor, dann topaz session open',
  'backup.row.made': 'Erstellt',
  'backup.row.size': 'Größe',
  'backup.row.profiles': 'Profile und Einstellungen',
  'backup.kind.profiles.one': 'Profile und Einstellungen: {count} Datei',
  'backup.kind.profiles.other': 'Profile und Einstellungen: {count} Dateien',
  'backup.row.keystores': 'Keystores und ihre Kopien',
  'backup.kind.keystores.one': 'Keystores und ihre Kopien: {count} Datei',
  'backup.kind.keystores.other': 'Keystores und ihre Kopien: {count} Dateien',
  'backup.row.keys': 'Benutzerschlüssel',
  'backup.kind.keys.one': 'Benutzerschlüssel: {count} Datei',
  'backup.kind.keys.other': 'Benutzerschlüssel: {count} Dateien',
  'backup.row.messages': 'Postfächer',
  'backup.kind.messages.one': 'Postfächer: {count} Datei',
  'backup.kind.messages.other': 'Postfächer: {count} Dateien',
  'backup.row.requests': 'Zertifikatsanträge',
  'backup.kind.requests.one': 'Zertifikatsanträge: {count} Datei',
  'backup.kind.requests.other': 'Zertifikatsanträge: {count} Dateien',
  'backup.row.access': 'Erlaubnisse und Protokoll',
  'backup.kind.access.one': 'Erlaubnisse und Protokoll: {count} Datei',
  'backup.kind.access.other': 'Erlaubnisse und Protokoll: {count} Dateien',
  'backup.row.other': 'Andere Daten',
  'backup.kind.other.one': 'Andere Daten: {count} Datei',
  'backup.kind.other.other': 'Andere Daten: {count} Dateien',
} as const;
