/**
 * Texts of the frame that every command shares, German.
 *
 * @module
 */

import type { frame as english } from '../en/frame.js';

export const frame = {
  'frame.next': 'weiter:',
  'frame.bug': 'unerwarteter Fehler; das ist ein Fehler in topaz',
  'frame.bug.next':
    'mit --debug erneut ausführen, die Ausgabe lesen, dem Support senden mit: topaz doctor --report DATEI',
  'frame.yesNo': '(j/N)',
  'frame.confirm.prod': '(Umgebung prod)',
  'frame.password.rule':
    'Mindestens {count} Zeichen. Geht es verloren, ist ein neuer Antrag nötig.',
  'frame.password.again': 'Noch einmal:',
  'frame.password.differ': 'Sie sind verschieden; versuchen Sie es noch einmal.',
  'frame.secret.unprotected': 'Auf diesem System weiß topaz nicht, wer {file} lesen kann',
  'frame.log.personal':
    'Das Protokoll kann persönliche Daten enthalten; prüfen Sie es vor dem Senden',
  'frame.clock': 'Die Uhr dieses Rechners weicht um {minutes} Minuten von der von eHealth ab',
  'frame.usage': 'Aufruf:',
  'frame.arguments': 'Argumente:',
  'frame.flags': 'Optionen:',
  'frame.commands': 'Befehle:',
  'frame.examples': 'Beispiele:',
  'frame.globalFlags': 'Globale Optionen: topaz help flags',
  'frame.default': 'Standard: {value}',
  'frame.one': 'eines von: {values}',
  'frame.repeat': 'mehrfach möglich',
  'frame.root': 'Zertifikate, Sitzungen und Nachrichten der belgischen eHealth-Plattform',
  'frame.root.request': 'ein eHealth-Zertifikat beantragen',
  'frame.root.session': 'eine Sitzung öffnen',
  'frame.root.sync': 'Nachrichten abrufen',
  'frame.root.insurability': 'ist dieser Patient versichert?',
  'frame.root.demo': 'die Dienste auf diesem Rechner, zum Ausprobieren',
  'frame.group.card': 'Karte und Zertifikat',
  'frame.group.session': 'Sitzung',
  'frame.group.services': 'Nachrichten und Dienste',
  'frame.group.settings': 'Schlüssel und Einstellungen',
  'frame.group.trying': 'Ausprobieren',
  'frame.topics': 'topaz help <Thema>',
  'frame.time-left': 'noch {time}',
} satisfies Record<keyof typeof english, string>;
