/**
 * The overview: what topaz is for, five commands to begin with, and every noun under its heading.
 *
 * @module
 */

import type { HelpTexts } from '../../cli/help.js';
import { pad } from '../../cli/text.js';
import { NOUNS } from '../../program.js';
import { TOPICS } from './topics.js';

const FIRST: readonly (readonly [string, string])[] = [
  ['doctor', 'help.doctor'],
  ['sandbox start --seed demo', 'frame.root.demo'],
  ['cert request', 'frame.root.request'],
  ['session open', 'frame.root.session'],
  ['ehbox sync', 'frame.root.sync'],
  ['mycarenet insurability <niss>', 'frame.root.insurability'],
];

const GROUPS = ['card', 'session', 'services', 'settings', 'trying'] as const;

/** Lines of the overview. */
export function formatRoot({ translate: t, style }: HelpTexts): readonly string[] {
  const titles = GROUPS.map((group) => t(`frame.group.${group}`));
  const width = Math.max(...titles.map((title) => title.length)) + 4;
  return [
    t('frame.root'),
    '',
    ...FIRST.map(([command, key]) => `  $ topaz ${pad(command, 32)}${style.dim(t(key))}`),
    '',
    ...GROUPS.map((group, index) => {
      const names = NOUNS.filter((noun) => noun.group === group).map(({ name }) => name);
      const all = group === 'settings' ? [...names, 'help'] : names;
      return `${style.bold(pad(titles[index] ?? '', width))}${all.join('  ')}`;
    }),
    '',
    'topaz <command> --help',
    t('frame.topics'),
    `  ${TOPICS.map(({ name }) => name).join('  ')}`,
  ];
}
