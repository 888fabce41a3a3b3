/**
 * Messages of `topaz session`, French.
 *
 * @module
 */

import type { session as english } from '../en/session.js';

export const session = {
  'help.session': 'la session avec eHealth',
  'help.session.open': 'ouvrir une session STS',
  'help.session.status': "une session est-elle ouverte, jusqu'à quand ?",
  'help.session.show': 'montrer les attributs certifiés par eHealth',
  'help.session.close': 'fermer la session',
  'session.open.step': "Demande au STS d'une session comme {quality}",
  'session.open.line':
    "Session ouverte comme {quality} jusqu'au {until} ({left}), environnement {environment}",
  'session.ask.via': 'Comment voulez-vous ouvrir la session ?',
  'session.ask.via.eid': 'Avec votre eID (conseillé)',
  'session.ask.via.keystore': 'Procédure de secours : avec le certificat eHealth seul',
  'session.ask.quality': 'En quelle qualité (doctor, nurse …) ?',
  'session.close.done': 'Session fermée',
  'session.close.none': "Aucune session n'était ouverte",
  'help.session.agent': 'le processus qui garde les clés déverrouillées',
  'help.session.agent.status': "quelles clés sont déverrouillées, et jusqu'à quand ?",
  'session.agent.unlocked': "Déverrouillé jusqu'à {until}, prolongé à chaque usage : {aliases}",
  'session.agent.locked': 'Les clés sont verrouillées ; suite : topaz session open',
  'session.agent.none': "Aucune clé n'est déverrouillée",
  'session.agent.closed': 'Le trousseau {alias} reste fermé : {reason}',
  'session.agent.skipped':
    "Le trousseau {alias} n'a pas été essayé : il n'est pas déverrouillé. Suite : topaz session open --unlock {alias}",
  'session.agent.failed':
    'Les clés ne restent pas déverrouillées ({reason}) : chaque commande demandera le mot de passe',
} satisfies Record<keyof typeof english, string>;
