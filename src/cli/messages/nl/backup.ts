/**
 * Messages of `topaz backup`, Dutch.
 *
 * @module
 */

export const backup = {
  'backup.passphrase': 'Wachtzin van de back-up',
  'backup.newPassphrase': 'Wachtzin voor de back-up',
  'backup.ask.out': 'Waarheen?',
  'backup.open.step': 'De sleutel afleiden',
  'backup.create.step': 'De back-up schrijven en teruglezen',
  'backup.verify.step': 'De back-up lezen',
  'backup.restore.step': 'Terugzetten',
  'backup.create.done.one': '{count} kopie geschreven en teruggelezen, {size}',
  'backup.create.done.other': '{count} kopieën geschreven en teruggelezen, elk {size}',
  'backup.create.second': 'Eén kopie is snel verloren: nog een --out PLACE, op een andere schijf',
  'backup.create.skipped.one':
    '{count} bestand is weggelaten: een koppeling, of een naam die niet elk systeem aanvaardt',
  'backup.create.skipped.other':
    '{count} bestanden zijn weggelaten: koppelingen, of namen die niet elk systeem aanvaardt',
  'backup.verify.done': 'Elke byte is zoals ze geschreven werd',
  'backup.restore.done.one': '{count} bestand teruggezet',
  'backup.restore.done.other': '{count} bestanden teruggezet',
  'backup.restore.next': 'Hierna: topaz doctor, dan topaz session open',
  'backup.row.made': 'Gemaakt',
  'backup.row.size': 'Grootte',
  'backup.row.profiles': 'Profielen en instellingen',
  'backup.kind.profiles.one': 'Profielen en instellingen: {count} bestand',
  'backup.kind.profiles.other': 'Profielen en instellingen: {count} bestanden',
  'backup.row.keystores': 'Sleutelbossen en hun kopieën',
  'backup.kind.keystores.one': 'Sleutelbossen en hun kopieën: {count} bestand',
  'backup.kind.keystores.other': 'Sleutelbossen en hun kopieën: {count} bestanden',
  'backup.row.keys': 'Gebruikerssleutels',
  'backup.kind.keys.one': 'Gebruikerssleutels: {count} bestand',
  'backup.kind.keys.other': 'Gebruikerssleutels: {count} bestanden',
  'backup.row.messages': 'Brievenbussen',
  'backup.kind.messages.one': 'Brievenbussen: {count} bestand',
  'backup.kind.messages.other': 'Brievenbussen: {count} bestanden',
  'backup.row.requests': 'Certificaataanvragen',
  'backup.kind.requests.one': 'Certificaataanvragen: {count} bestand',
  'backup.kind.requests.other': 'Certificaataanvragen: {count} bestanden',
  'backup.row.access': 'Toekenningen en logboek',
  'backup.kind.access.one': 'Toekenningen en logboek: {count} bestand',
  'backup.kind.access.other': 'Toekenningen en logboek: {count} bestanden',
  'backup.row.other': 'Andere gegevens',
  'backup.kind.other.one': 'Andere gegevens: {count} bestand',
  'backup.kind.other.other': 'Andere gegevens: {count} bestanden',
} as const;
