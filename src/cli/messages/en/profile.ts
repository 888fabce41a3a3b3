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
  'profile.unset': '{key} of profile "{name}" is removed',
  'profile.unset.absent': '{key} was not set in profile "{name}"',
  'profile.remove.question':
    'Remove profile "{name}" ({environment})? Its keystores and messages stay.',
  'profile.removed': 'Profile "{name}" removed; its keystores stay in {folder}',
  'profile.variable': '{variable} is set and wins over this',
} as const;
