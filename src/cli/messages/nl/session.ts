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
} satisfies Record<keyof typeof english, string>;
