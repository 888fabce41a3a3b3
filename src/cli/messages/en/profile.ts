/**
 * Messages of `topaz profile`, English.
 *
 * @module
 */

export const profile = {
  'profile.create.environment': 'Which environment?',
  'profile.list.none': 'No profile yet: topaz profile create, or topaz sandbox start',
  'profile.list.name': 'PROFILE',
  'profile.list.environment': 'ENVIRONMENT',
  'profile.list.keystore': 'KEYSTORE',
  'profile.list.used': 'IN USE',
  'profile.list.yes': 'yes',
  'profile.list.unreadable': 'unreadable',
  'profile.created': 'Profile "{name}" made, environment {environment}',
  'profile.used': 'Profile "{name}" is in use from now on',
  'profile.set': '{key} of profile "{name}" is set',
  'profile.set.noFile': '{key} names a file that is not there: {file}',
  'profile.set.unknown': '{key}: "{value}" is not one that topaz knows; near: {names}',
  'profile.set.noKeystore': '{key}: there is no keystore "{value}" in this profile yet; {said}',
  'profile.unset': '{key} of profile "{name}" is removed',
  'profile.unset.absent': '{key} was not set in profile "{name}"',
  'profile.remove.dry': 'Profile {name}, environment {environment}, would be forgotten',
  'profile.remove.question':
    'Remove profile "{name}" ({environment})? Its keystores and messages stay.',
  'profile.removed': 'Profile "{name}" removed; its keystores stay in {folder}',
  'profile.renamed': 'Profile "{former}" is called "{name}" from now on',
  'profile.rename.variable': '{variable} still names "{former}"',
  'profile.exported': 'Profile "{name}" written to {file}',
  'profile.export.leftOut': 'Left out, since it belongs to this machine: {keys}',
  'profile.import.question':
    'Profile "{name}" brings addresses or trusted certificates ({keys}): do you know where it comes from?',
  'profile.imported': 'Profile "{name}" taken over, environment {environment}',
  'profile.import.next': 'Its keystores are not in it: topaz keystore import FILE',
  'profile.group.ask.keystore': 'Which certificate is that of the group?',
  'profile.group.ask.other': 'another file',
  'profile.group.ask.file': 'File of the certificate (.p12):',
  'profile.group.card': 'Reading the eID in the reader',
  'profile.group.noCard': 'No eID was read: {reason}',
  'profile.group.ask.responsible': 'SSIN of the responsible:',
  'profile.group.ask.person': 'May {person} use it?',
  'profile.group.ask.more': 'SSIN of others who may use it (empty: nobody):',
  'profile.group.ask.billing': 'NIHII number for the bills:',
  'profile.group.question': 'Make profile "{name}" ({environment}) like this?',
  'profile.group.later':
    'The profile is made, but not everybody was granted what was wanted: topaz access grant SSIN --keystore "{alias}"',
  'profile.group.done': 'Profile "{name}" made for keystore {alias}; persons granted: {count}',
  'profile.group.next': 'To work with it: topaz profile use {name}',
  'profile.group.row.quality': 'Quality',
  'profile.group.row.name': 'Name',
  'profile.group.row.sector': 'Sector',
  'profile.group.row.value': 'Value',
  'profile.group.row.type': 'Type',
  'profile.group.row.billing': 'Bills',
  'profile.variable': '{variable} is set and wins over this',
} as const;
