/**
 * Messages of `topaz etk`, Dutch.
 *
 * @module
 */

import type { etk as english } from '../en/etk.js';

export const etk = {
  'help.etk': 'encryptietokens van uw bestemmelingen, en het uwe',
  'help.etk.fetch': 'encryptietokens ophalen uit het depot',
  'help.etk.show': 'tonen wat er in een encryptietoken staat',
  'help.etk.verify': 'controleren of een encryptietoken echt en geldig is',
  'help.etk.list': 'de lokale kopieën van encryptietokens tonen',
  'help.etk.register': 'een token registreren voor een sleutelbos zonder token',
  'help.etk.activate': 'na een vernieuwing het nieuwe token in gebruik nemen',
  'help.etk.prune': 'lokale kopieën wissen die niet meer dienen',
  'etk.verify.valid': '{who}: echt, geldig tot {date}',
  'etk.fetch.step': 'Ophalen van het ETK van {who}',
  'etk.fetch.fetched': '{who}, geldig tot {date}',
  'etk.fetch.copy': '{who}, geldig tot {date} (lokale kopie)',
  'etk.show.holder': 'Houder',
  'etk.show.encryption': 'Encryptie',
  'etk.show.serial': 'Serienummer',
  'etk.show.authentication': 'Authenticatie',
  'etk.show.issuer': 'Uitgever',
  'etk.show.registration': 'Geregistreerd door eHealth',
  'etk.show.verified': 'Controle',
  'etk.show.valid': 'echt en geldig',
  'etk.show.period': 'van {from} tot {until}',
  'etk.show.registration.valid': 'handtekening juist',
  'etk.show.registration.wrong': 'handtekening onjuist',
  'etk.show.registration.unknown': 'handtekening van een onbekende instantie',
  'etk.list.holder': 'Houder',
  'etk.list.until': 'Geldig tot',
  'etk.list.state': 'Kopie',
  'etk.list.state.current': 'actueel',
  'etk.list.state.stale': 'ouder dan een uur',
  'etk.list.state.expired': 'verlopen',
  'etk.list.state.superseded': 'vervangen',
  'etk.list.state.damaged': 'beschadigd',
  'etk.list.none': 'Er zijn geen lokale kopieën',
  'etk.list.none.expired': 'Elke lokale kopie is in gebruik',
  'etk.prune.line': '{who}: {state}',
  'etk.prune.none': 'Niets te wissen',
  'etk.prune.done.one': '{count} lokale kopie gewist',
  'etk.prune.done.other': '{count} lokale kopieën gewist',
  'etk.register.ask': 'eHealth wordt naar het token van dit certificaat gevraagd',
  'etk.register.question': 'Een encryptietoken registreren voor {who}, sleutelbos {alias}?',
  'etk.register.step': 'Registreren van het encryptietoken',
  'etk.register.done': 'ETK van {who} geregistreerd, de sleutel zit in sleutelbos {alias}',
  'etk.register.there': '{who} heeft al een ETK, de sleutel zit in sleutelbos {alias}',
  'etk.register.activate':
    'Het oude ETK blijft in gebruik; zodra de nieuwe sleutelbos overal staat: topaz etk activate',
  'etk.register.unpublished':
    'Het depot toont het nog niet; kijk over enkele minuten: topaz etk fetch',
  'etk.register.dry.none':
    'Zou een ETK voor {who} registreren en de sleutel in sleutelbos {alias} plaatsen',
  'etk.register.dry.begun': 'Zou de registratie voor {who} voortzetten, sleutelbos {alias}',
  'etk.register.dry.there':
    'Niets te doen: {who} heeft een ETK, de sleutel zit in sleutelbos {alias}',
  'etk.activate.ask': 'eHealth wordt naar de toestand van het token gevraagd',
  'etk.activate.question':
    'Het nieuwe ETK van {who} (sleutelbos {alias}) in gebruik nemen? Het oude certificaat eindigt.',
  'etk.activate.step': 'Activeren van het encryptietoken',
  'etk.activate.done': 'Het nieuwe ETK van {who} is in gebruik',
  'etk.activate.there': 'Het ETK van {who} in sleutelbos {alias} is al in gebruik',
  'etk.activate.dry': 'Zou het nieuwe ETK van {who} (sleutelbos {alias}) in gebruik nemen',
} satisfies Record<keyof typeof english, string>;
