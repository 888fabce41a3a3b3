/**
 * Messages of `topaz etk`, German.
 *
 * @module
 */

import type { etk as english } from '../en/etk.js';

export const etk = {
  'help.etk': 'Verschlüsselungstoken Ihrer Empfänger und Ihr eigenes',
  'help.etk.fetch': 'Verschlüsselungstoken aus dem Depot holen',
  'help.etk.show': 'zeigen, was ein Verschlüsselungstoken enthält',
  'help.etk.verify': 'prüfen, ob ein Verschlüsselungstoken echt und gültig ist',
  'help.etk.list': 'die lokalen Kopien von Verschlüsselungstoken zeigen',
  'help.etk.register': 'ein Token für einen Keystore ohne Token registrieren',
  'help.etk.activate': 'nach einer Erneuerung das neue Token in Gebrauch nehmen',
  'help.etk.prune': 'lokale Kopien löschen, die nicht mehr dienen',
  'etk.verify.valid': '{who}: echt, gültig bis {date}',
  'etk.fetch.step': 'ETK von {who} wird geholt',
  'etk.fetch.fetched': '{who}, gültig bis {date}',
  'etk.fetch.copy': '{who}, gültig bis {date} (lokale Kopie)',
  'etk.show.holder': 'Inhaber',
  'etk.show.encryption': 'Verschlüsselung',
  'etk.show.serial': 'Seriennummer',
  'etk.show.authentication': 'Authentifizierung',
  'etk.show.issuer': 'Aussteller',
  'etk.show.registration': 'Von eHealth registriert',
  'etk.show.verified': 'Prüfung',
  'etk.show.valid': 'echt und gültig',
  'etk.show.period': 'vom {from} bis {until}',
  'etk.show.registration.valid': 'Unterschrift richtig',
  'etk.show.registration.wrong': 'Unterschrift falsch',
  'etk.show.registration.unknown': 'Unterschrift einer unbekannten Stelle',
  'etk.list.holder': 'Inhaber',
  'etk.list.until': 'Gültig bis',
  'etk.list.state': 'Kopie',
  'etk.list.state.current': 'aktuell',
  'etk.list.state.stale': 'älter als eine Stunde',
  'etk.list.state.expired': 'abgelaufen',
  'etk.list.state.superseded': 'ersetzt',
  'etk.list.state.damaged': 'beschädigt',
  'etk.list.none': 'Es gibt keine lokalen Kopien',
  'etk.list.none.expired': 'Jede lokale Kopie ist in Gebrauch',
  'etk.prune.line': '{who}: {state}',
  'etk.prune.none': 'Nichts zu löschen',
  'etk.prune.done.one': '{count} lokale Kopie gelöscht',
  'etk.prune.done.other': '{count} lokale Kopien gelöscht',
  'etk.register.ask': 'eHealth wird nach dem Token dieses Zertifikats gefragt',
  'etk.register.question': 'Ein Verschlüsselungstoken für {who} registrieren, Keystore {alias}?',
  'etk.register.step': 'Das Verschlüsselungstoken wird registriert',
  'etk.register.done': 'ETK von {who} registriert, der Schlüssel liegt im Keystore {alias}',
  'etk.register.there': '{who} hat schon ein ETK, der Schlüssel liegt im Keystore {alias}',
  'etk.register.activate':
    'Das ältere ETK bleibt in Gebrauch; sobald der neue Keystore überall ist: topaz etk activate',
  'etk.register.unpublished':
    'Das Depot zeigt es noch nicht; sehen Sie in ein paar Minuten nach: topaz etk fetch',
  'etk.register.dry.none':
    'Würde ein ETK für {who} registrieren und den Schlüssel in den Keystore {alias} legen',
  'etk.register.dry.begun': 'Würde die Registrierung für {who} fortsetzen, Keystore {alias}',
  'etk.register.dry.there':
    'Nichts zu tun: {who} hat ein ETK, der Schlüssel liegt im Keystore {alias}',
  'etk.activate.ask': 'eHealth wird nach dem Stand des Tokens gefragt',
  'etk.activate.question':
    'Das neue ETK von {who} (Keystore {alias}) in Gebrauch nehmen? Das ältere Zertifikat endet.',
  'etk.activate.step': 'Das Verschlüsselungstoken wird aktiviert',
  'etk.activate.done': 'Das neue ETK von {who} ist in Gebrauch',
  'etk.activate.there': 'Das ETK von {who} im Keystore {alias} ist schon in Gebrauch',
  'etk.activate.dry': 'Würde das neue ETK von {who} (Keystore {alias}) in Gebrauch nehmen',
} satisfies Record<keyof typeof english, string>;
