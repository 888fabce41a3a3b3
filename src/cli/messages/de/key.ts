/**
 * Messages of `topaz key`, German.
 *
 * @module
 */

export const key = {
  'key.ask.id': 'Kennung des Leistungserbringers (UUID)',
  'key.ask.passphrase': 'Passphrase dieses Schlüssels',
  'key.ask.newPassphrase': 'Passphrase für die Kopien',
  'key.ask.out': 'Wohin?',
  'key.unlock.step': 'Schlüssel wird geöffnet',
  'key.lock.step': 'Schlüssel wird verschlüsselt',
  'key.generate.step': 'Schlüssel wird erzeugt',
  'key.generate.done': 'Schlüssel von {id} erzeugt',
  'key.import.done': 'Schlüssel von {id} übernommen',
  'key.import.known': 'Dieser Schlüssel von {id} ist schon hier',
  'key.next.backup': 'Jetzt Kopien machen: topaz key backup --out ORT --out ORT',
  'key.list.none': 'Kein Schlüssel hier. Einen übernehmen: topaz key import DATEI',
  'key.copies.none': 'Keine Kopie bekannt',
  'key.kind.file': 'Datei',
  'key.kind.paper': 'Papier',
  'key.kind.shares': 'Teile',
  'key.kind.passphrase': 'Passphrase',
  'key.row.id': 'Kennung',
  'key.row.size': 'Schlüssel',
  'key.row.fingerprint': 'Fingerabdruck',
  'key.column.id': 'KENNUNG',
  'key.column.fingerprint': 'FINGERABDRUCK',
  'key.column.copies': 'KOPIEN',
  'key.verify.sound': 'Der Schlüssel von {id} ist in Ordnung; es gab nichts zum Vergleichen',
  'key.verify.same': 'Der Schlüssel von {id} ist in Ordnung und gehört zu {other}',
  'key.export.question': 'Der private Schlüssel wird geschrieben. Zum Fortfahren {start} eingeben',
  'key.export.done': 'Geschrieben in {path}',
  'key.backup.oneDisk': 'Alle Kopien liegen auf derselben Platte: sie gingen zusammen verloren',
  'key.backup.print':
    'Das Blatt drucken, dann die Datei entfernen; das Papier unter Verschluss halten',
  'key.split.question':
    'Es gibt keine Kopie dieses Schlüssels: Mit verlorenen Teilen sind die Akten verloren. Zum Fortfahren {start} eingeben',
  'key.split.done': '{shares} Teile geschrieben; {threshold} davon ergeben den Schlüssel',
  'key.split.next': 'Jeden Teil einer anderen Person geben, dann den Ordner entfernen',
  'key.combine.done': 'Der Schlüssel ist wieder da: {path}',
  'key.combine.next': 'Danach: topaz key import {path} --id {id}',
  'key.paper.title': 'Topaz-Benutzerschlüssel',
  'key.paper.purpose':
    'Wer dieses Blatt hat, kann die Akten seines Inhabers öffnen. Unter Verschluss halten, getrennt vom Computer.',
  'key.paper.plain': 'Dieser Schlüssel ist NICHT durch eine Passphrase geschützt.',
  'key.paper.passphrase': 'Dieser Schlüssel braucht seine Passphrase, die anderswo steht.',
  'key.paper.recovery':
    'Zurücklesen: alle Codes scannen oder alle Zeilen in eine Textdatei tippen, dann: topaz key import DATEI --id {id}',
  'key.paper.id': 'Kennung',
  'key.paper.fingerprint': 'Fingerabdruck',
  'key.paper.printed': 'Erstellt am',
  'key.paper.code': 'Code',
  'key.copies.few.one':
    'Von {id} ist {count} Kopie bekannt: mindestens zwei machen, an verschiedenen Orten',
  'key.copies.few.other':
    'Von {id} sind {count} Kopien bekannt: mindestens zwei machen, an verschiedenen Orten',
  'key.backup.done.one': '{count} Kopie gemacht und zurückgelesen',
  'key.backup.done.other': '{count} Kopien gemacht und zurückgelesen',
} as const;
