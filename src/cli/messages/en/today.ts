/**
 * Messages of `topaz today`, English.
 *
 * @module
 */

export const today = {
  'today.profile': 'Profile {profile}, environment {environment}',
  'today.mailbox': 'eHealthBox',
  'today.mycarenet': 'MyCareNet',
  'today.session': 'Session',
  'today.certificate': 'Certificate',
  'today.backup': 'Key backup',
  'today.unread.one': '{count} unread message, last sync {time}',
  'today.unread.other': '{count} unread messages, last sync {time}',
  'today.unfinished.one': '{count} unread message, never synchronised to the end',
  'today.unfinished.other': '{count} unread messages, never synchronised to the end',
  'today.waiting.one': '{count} message not confirmed, last sync {time}',
  'today.waiting.other': '{count} messages not confirmed, last sync {time}',
  'today.nomailbox': 'not mirrored here yet',
  'today.open': 'open as {quality}, {time} left',
  'today.closed': 'none is open',
  'today.days.one': '{keystore}: {count} day left',
  'today.days.other': '{keystore}: {count} days left',
  'today.expired': '{keystore}: ended on {date}',
  'today.revoked': '{keystore}: revoked',
  'today.locked': '{keystore}: only its password tells the date',
  'today.nokeystore': 'no keystore is in use',
  'today.copied.one': '{key}: copied {count} day ago',
  'today.copied.other': '{key}: copied {count} days ago',
  'today.uncopied': '{key}: no copy was ever made',
  'today.home': 'Backup',
  'today.home.made.one': 'made {count} day ago',
  'today.home.made.other': 'made {count} days ago',
  'today.home.none': 'never made: topaz backup create',
  'today.failed': 'Profile {profile} could not be looked at: {error}',
} as const;
