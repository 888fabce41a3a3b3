/**
 * Messages of `topaz access`, French.
 *
 * @module
 */

export const access = {
  'access.ask.keystore': 'Quel trousseau ?',
  'access.grant.done': '{person} peut utiliser le trousseau « {alias} »',
  'access.revoke.question':
    'Retirer à {person} tout ce qui lui a été accordé sur le trousseau « {alias} » ?',
  'access.revoke.dry': '{person} ne pourrait plus utiliser le trousseau « {alias} »',
  'access.revoke.done': '{person} ne peut plus utiliser le trousseau « {alias} »',
  'access.revoke.password':
    'Qui connaît le mot de passe et possède une copie peut l\'utiliser ailleurs : topaz keystore passwd "{alias}"',
  'access.list.none':
    "Tous les trousseaux sont libres : rien n'a été accordé, aucun responsable n'est désigné",
  'access.log.none': "Aucune utilisation d'un trousseau protégé dans cette période",
  'access.log.torn':
    'La dernière ligne est incomplète : un arrêt brutal. La prochaine utilisation la répare et le note',
  'access.until.revoked': "jusqu'au retrait",
  'access.may.nothing': 'rien',
  'access.may.responsible': 'tout (responsable)',
  'access.row.keystore': 'Trousseau',
  'access.row.person': 'Personne',
  'access.row.may': 'Peut',
  'access.row.until': "Jusqu'au",
  'access.row.state': 'État',
  'access.row.responsible': 'Responsable',
  'access.row.at': 'Quand',
  'access.row.command': 'Commande',
  'access.row.event': 'Quoi',
  'access.state.valid': 'valable',
  'access.state.expired': 'échu',
  'access.state.revoked': 'retiré',
  'access.state.refused': 'pas authentique',
  'access.event.use': 'utilisation',
  'access.event.grant': 'accordé à',
  'access.event.revoke': 'retiré à',
  'access.event.repaired': 'ligne incomplète réparée',
  'access.event.cut': 'des lignes manquent avant celle-ci',
  'access.outcome.allowed': 'autorisée',
  'access.outcome.denied': 'refusée',
  'access.check.yes': 'Oui : {person} peut utiliser le trousseau « {alias} »',
  'access.check.no': 'Non : {person} ne peut pas utiliser le trousseau « {alias} »',
  'access.reason.free': 'le trousseau est libre',
  'access.reason.responsible': 'est responsable',
  'access.reason.granted': 'accordé par le responsable',
  'access.reason.person-unknown': "personne ne sait de qui il s'agit",
  'access.reason.no-grant': "le responsable n'a rien accordé",
  'access.reason.other-purpose': "l'autorisation ne va pas si loin",
  'access.reason.expired': "l'autorisation est échue",
  'access.reason.revoked': "l'autorisation a été retirée",
  'access.reason.altered': "l'autorisation n'est pas celle qui a été signée",
  'access.reason.foreign':
    "l'autorisation vaut pour un autre trousseau, ou ne vient pas de son responsable",
  'access.reason.untrusted': 'la carte qui a signé ne remonte pas à une racine de confiance',
  'access.reason.early': "l'autorisation a été signée plus tard que maintenant",
  'access.log.lines.one': '{count} ligne',
  'access.log.lines.other': '{count} lignes',
  'access.log.whole.one': 'Le journal est complet : {count} ligne',
  'access.log.whole.other': 'Le journal est complet : {count} lignes',
} as const;
