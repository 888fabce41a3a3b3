/**
 * Messages of `topaz ehbox send` and `outbox`, French.
 *
 * @module
 */

import type { ehboxSend as english } from '../en/ehbox-send.js';

export const ehboxSend = {
  'help.ehbox.send': 'envoyer un message, scellé pour ses destinataires',
  'help.ehbox.outbox': "ce qui a été envoyé d'ici, et ce qui attend encore",
  'ehbox.send.step': "Envoi à l'eHealthBox",
  'ehbox.send.seal': 'Scellement du message',
  'ehbox.send.pack': 'Préparation du message',
  'ehbox.send.clear': "Ce message n'est pas scellé : eHealth peut le lire",
  'ehbox.send.check':
    'Les chiffres de contrôle de {who} sont inhabituels : le numéro est-il correct ?',
  'ehbox.send.ownEtk':
    "Vous n'avez pas d'ETK : la copie dans vos messages envoyés ne s'ouvrira pas",
  'ehbox.send.absent': "{who} est absent jusqu'au {until}",
  'ehbox.send.absentWith': "{who} est absent jusqu'au {until} ; remplaçant : {names}",
  'ehbox.send.already': "Le message {id} a déjà été envoyé ; il ne l'est pas une seconde fois",
  'ehbox.send.dryKnown': "Le message {id} est dans la boîte d'envoi et partirait de là",
  'ehbox.send.dry.one': 'Il irait à {count} destinataire : {size} sur {max} au plus',
  'ehbox.send.dry.other': 'Il irait à {count} destinataires : {size} sur {max} au plus',
  'ehbox.send.done.one': 'Envoyé à {count} destinataire, numéro {id}',
  'ehbox.send.done.other': 'Envoyé à {count} destinataires, numéro {id}',
  'ehbox.outbox.none': "La boîte d'envoi est vide",
  'ehbox.outbox.nothing': "Rien n'attend dans la boîte d'envoi",
  'ehbox.outbox.done.one': '{count} message envoyé',
  'ehbox.outbox.done.other': '{count} messages envoyés',
  'ehbox.outbox.column.state': 'ÉTAT',
  'ehbox.outbox.column.created': 'ÉCRIT',
  'ehbox.outbox.column.recipients': 'À',
  'ehbox.outbox.state.waiting': 'attend',
  'ehbox.outbox.state.unsure': 'réponse perdue',
  'ehbox.outbox.state.absent': 'destinataire absent',
  'ehbox.outbox.state.sent': 'envoyé',
  'ehbox.outbox.state.refused': 'refusé',
} satisfies Record<keyof typeof english, string>;
