/**
 * Texts of the frame that every command shares, Dutch.
 *
 * @module
 */

import type { frame as english } from '../en/frame.js';

export const frame = {
  'frame.next': 'verder:',
  'frame.bug': 'onverwachte fout; dit is een fout in topaz',
  'frame.bug.next':
    'voer het opnieuw uit met --debug, lees de uitvoer na, bezorg ze de support met: topaz doctor --report BESTAND',
  'frame.yesNo': '(j/N)',
  'frame.confirm.prod': '(omgeving prod)',
  'frame.password.rule':
    'Minstens {count} tekens. Als het verloren gaat, is een nieuwe aanvraag nodig.',
  'frame.password.again': 'Nog een keer:',
  'frame.password.differ': 'Ze verschillen; probeer opnieuw.',
  'frame.secret.unprotected': 'Op dit systeem weet topaz niet wie {file} kan lezen',
  'frame.log.personal':
    'Het logboek kan persoonsgegevens bevatten; kijk het na voor u het verstuurt',
  'frame.clock': 'De klok van deze machine wijkt {minutes} minuten af van die van eHealth',
  'frame.usage': 'Gebruik:',
  'frame.arguments': 'Argumenten:',
  'frame.flags': 'Opties:',
  'frame.commands': 'Opdrachten:',
  'frame.examples': 'Voorbeelden:',
  'frame.globalFlags': 'Algemene opties: topaz help flags',
  'frame.default': 'standaard: {value}',
  'frame.one': 'een van: {values}',
  'frame.repeat': 'mag herhaald worden',
  'frame.root': 'Certificaten, sessies en berichten van het Belgische eHealth-platform',
  'frame.root.request': 'een eHealth-certificaat aanvragen',
  'frame.root.session': 'een sessie openen',
  'frame.root.sync': 'berichten ophalen',
  'frame.root.insurability': 'is deze patiënt verzekerd?',
  'frame.root.demo': 'de diensten op deze machine, om te proberen',
  'frame.group.card': 'Kaart en certificaat',
  'frame.group.session': 'Sessie',
  'frame.group.services': 'Berichten en diensten',
  'frame.group.settings': 'Sleutels en instellingen',
  'frame.group.trying': 'Uitproberen',
  'frame.topics': 'topaz help <onderwerp>',
  'frame.time-left': 'nog {time}',
} satisfies Record<keyof typeof english, string>;
