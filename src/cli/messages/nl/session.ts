/**
 * Messages of `topaz session`, Dutch.
 *
 * @module
 */

import type { session as english } from '../en/session.js';

export const session = {
  'help.session': 'de sessie met eHealth',
  'help.session.open': 'een STS-sessie openen',
  'help.session.status': 'is een sessie open, en tot wanneer?',
  'help.session.show': 'de door eHealth gewaarmerkte attributen tonen',
  'help.session.close': 'de sessie sluiten',
  'session.open.step': 'Een sessie als {quality} vragen aan de STS',
  'session.open.line': 'Sessie open als {quality} tot {until} ({left}), omgeving {environment}',
  'session.ask.via': 'Hoe wilt u de sessie openen?',
  'session.ask.via.eid': 'Met uw eID (aanbevolen)',
  'session.ask.via.keystore': 'Noodprocedure: met het eHealth-certificaat alleen',
  'session.ask.quality': 'In welke hoedanigheid (doctor, nurse …)?',
  'session.close.done': 'Sessie gesloten',
  'session.close.none': 'Er was geen sessie open',
  'help.session.agent': 'het proces dat de sleutels ontgrendeld houdt',
  'help.session.agent.status': 'welke sleutels zijn ontgrendeld, en tot wanneer?',
  'session.agent.unlocked': 'Ontgrendeld tot {until}, langer bij elk gebruik: {aliases}',
  'session.agent.locked': 'De sleutels zijn vergrendeld; verder: topaz session open',
  'session.agent.none': 'Er zijn geen sleutels ontgrendeld',
  'session.agent.closed': 'Sleutelbos {alias} blijft dicht: {reason}',
  'session.agent.skipped':
    'Sleutelbos {alias} is niet geprobeerd: hij is niet ontgrendeld. Verder: topaz session open --unlock {alias}',
  'session.agent.failed':
    'De sleutels blijven niet ontgrendeld ({reason}): elke opdracht zal het wachtwoord vragen',
} satisfies Record<keyof typeof english, string>;
