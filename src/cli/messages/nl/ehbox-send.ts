/**
 * Messages of `topaz ehbox send` and `outbox`, Dutch.
 *
 * @module
 */

import type { ehboxSend as english } from '../en/ehbox-send.js';

export const ehboxSend = {
  'help.ehbox.send': 'een bericht sturen, verzegeld voor de ontvangers',
  'help.ehbox.outbox': 'wat van hier werd verstuurd, en wat nog wacht',
  'ehbox.send.step': 'Versturen naar de eHealthBox',
  'ehbox.send.seal': 'Het bericht verzegelen',
  'ehbox.send.pack': 'Het bericht voorbereiden',
  'ehbox.send.clear': 'Dit bericht is niet verzegeld: eHealth kan het lezen',
  'ehbox.send.check': 'De controlecijfers van {who} zijn ongewoon: klopt het nummer?',
  'ehbox.send.ownEtk': 'U hebt zelf geen ETK: de kopie bij uw verzonden berichten zal niet openen',
  'ehbox.send.absent': '{who} is afwezig tot {until}',
  'ehbox.send.absentWith': '{who} is afwezig tot {until}; vervanger: {names}',
  'ehbox.send.already': 'Bericht {id} werd al verstuurd; het wordt niet opnieuw verstuurd',
  'ehbox.send.dryKnown': 'Bericht {id} ligt in de postbus UIT en zou van daar vertrekken',
  'ehbox.send.dry.one': 'Het zou naar {count} ontvanger gaan: {size} van hoogstens {max}',
  'ehbox.send.dry.other': 'Het zou naar {count} ontvangers gaan: {size} van hoogstens {max}',
  'ehbox.send.done.one': 'Verstuurd naar {count} ontvanger, nummer {id}',
  'ehbox.send.done.other': 'Verstuurd naar {count} ontvangers, nummer {id}',
  'ehbox.outbox.none': 'De postbus UIT is leeg',
  'ehbox.outbox.nothing': 'Er wacht niets in de postbus UIT',
  'ehbox.outbox.done.one': '{count} bericht verstuurd',
  'ehbox.outbox.done.other': '{count} berichten verstuurd',
  'ehbox.outbox.column.state': 'STAAT',
  'ehbox.outbox.column.created': 'GESCHREVEN',
  'ehbox.outbox.column.recipients': 'AAN',
  'ehbox.outbox.state.waiting': 'wacht',
  'ehbox.outbox.state.unsure': 'antwoord verloren',
  'ehbox.outbox.state.absent': 'ontvanger afwezig',
  'ehbox.outbox.state.sent': 'verstuurd',
  'ehbox.outbox.state.refused': 'geweigerd',
} satisfies Record<keyof typeof english, string>;
