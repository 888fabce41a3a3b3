/**
 * Messages of `topaz key`, Dutch.
 *
 * @module
 */

export const key = {
  'key.ask.id': 'Id van de zorgverlener (UUID)',
  'key.ask.passphrase': 'Wachtzin van deze sleutel',
  'key.ask.newPassphrase': 'Wachtzin voor de kopieën',
  'key.ask.out': 'Waarheen?',
  'key.unlock.step': 'Sleutel openen',
  'key.lock.step': 'Sleutel versleutelen',
  'key.generate.step': 'Sleutel aanmaken',
  'key.generate.done': 'Sleutel van {id} gemaakt',
  'key.import.done': 'Sleutel van {id} overgenomen',
  'key.import.known': 'Deze sleutel van {id} is hier al',
  'key.next.backup': 'Maak nu kopieën: topaz key backup --out PLAATS --out PLAATS',
  'key.list.none': 'Geen sleutel hier. Neem er een over: topaz key import BESTAND',
  'key.copies.none': 'Geen kopie bekend',
  'key.kind.file': 'bestand',
  'key.kind.paper': 'papier',
  'key.kind.shares': 'delen',
  'key.kind.passphrase': 'wachtzin',
  'key.row.id': 'Id',
  'key.row.size': 'Sleutel',
  'key.row.fingerprint': 'Vingerafdruk',
  'key.column.id': 'ID',
  'key.column.fingerprint': 'VINGERAFDRUK',
  'key.column.copies': 'KOPIEËN',
  'key.verify.sound': 'De sleutel van {id} is in orde; er was niets om mee te vergelijken',
  'key.verify.same': 'De sleutel van {id} is in orde en hoort bij {other}',
  'key.export.question': 'De privésleutel wordt geschreven. Typ {start} om verder te gaan',
  'key.export.done': 'Geschreven naar {path}',
  'key.backup.oneDisk': 'Alle kopieën staan op dezelfde schijf: ze zouden samen verloren gaan',
  'key.backup.print': 'Druk het blad af en verwijder het bestand; bewaar het papier achter slot',
  'key.split.question':
    'Er is geen kopie van deze sleutel: verloren delen zijn verloren dossiers. Typ {start} om verder te gaan',
  'key.split.done': '{shares} delen geschreven; {threshold} ervan geven de sleutel terug',
  'key.split.next': 'Geef elk deel aan een andere persoon en verwijder daarna de map',
  'key.combine.done': 'De sleutel is terug in {path}',
  'key.combine.next': 'Daarna: topaz key import {path} --id {id}',
  'key.paper.title': 'Topaz-gebruikerssleutel',
  'key.paper.purpose':
    'Wie dit blad heeft, kan de dossiers van de houder openen. Bewaar het achter slot, niet bij de computer.',
  'key.paper.plain': 'Deze sleutel is NIET beschermd met een wachtzin.',
  'key.paper.passphrase': 'Deze sleutel vraagt zijn wachtzin, die elders genoteerd is.',
  'key.paper.recovery':
    'Terug inlezen: scan alle codes of typ alle regels in een tekstbestand, daarna: topaz key import BESTAND --id {id}',
  'key.paper.id': 'Id',
  'key.paper.fingerprint': 'Vingerafdruk',
  'key.paper.printed': 'Gemaakt op',
  'key.paper.code': 'Code',
  'key.copies.few.one':
    'Van {id} is {count} kopie bekend: maak er minstens twee, op verschillende plaatsen',
  'key.copies.few.other':
    'Van {id} zijn {count} kopieën bekend: maak er minstens twee, op verschillende plaatsen',
  'key.backup.done.one': '{count} kopie gemaakt en teruggelezen',
  'key.backup.done.other': '{count} kopieën gemaakt en teruggelezen',
} as const;
