/**
 * The matrix as a page: one table per token, one row per card and state.
 *
 * @module
 */

import { COMMANDS, expected, isPlayed, KEYS, KINDS, STATES, TOKENS } from './model.js';
import type { Cell, Token } from './model.js';

const TITLES: Readonly<Record<Token, string>> = {
  simulated: 'The simulated card, which behaves as the eID middleware',
  softhsm: 'SoftHSM2, through the real PKCS#11 path',
  virtual: 'The virtual card behind pcscd, through OpenSC 0.23',
};

const HEAD = `# Cards, states and commands

What each command does with each card, and how many PINs get to the card: never more than the person gave. Each
cell is played by \`test/journey/cards\`; the PINs are counted by \`triesLeft\` and \`pinsTried\` of the simulated
card, by pkcs11-spy in front of SoftHSM2, and by log and counter of the virtual card. This page is written by
\`test/journey/cards/table.test.ts\` with \`TOPAZ_WRITE_TABLES=1\`.

\`ok 2\`: success, two PINs. \`E_PIN_LOCKED 0\`: this refusal, and no PIN. In parentheses: not played, the same code
as in the rows that are. A dash: the token cannot play it, for the reason below the table.
`;

function cellText(cell: Cell): string {
  const wanted = expected(cell);
  if ('reason' in wanted) {
    return '–';
  }
  const text = `${wanted.code} ${String(wanted.pins)}`;
  return isPlayed(cell) ? text : `(${text})`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function section(token: Token): string {
  const rows = KINDS.flatMap((kind) =>
    KEYS.flatMap((key) =>
      STATES.map((state) =>
        row([
          kind,
          key.toUpperCase(),
          state,
          ...COMMANDS.map((command) => cellText({ token, kind, key, state, command })),
        ]),
      ),
    ),
  );
  const head = ['card', 'key', 'state', ...COMMANDS.map((command) => `\`${command}\``)];
  const reasons = new Map<string, string>();
  for (const state of STATES) {
    for (const key of KEYS) {
      const wanted = expected({ token, kind: 'citizen', key, state, command: 'eid read' });
      if ('reason' in wanted) {
        reasons.set(state, wanted.reason);
      }
    }
  }
  return [
    `## ${TITLES[token]}`,
    '',
    row(head),
    row(head.map(() => '---')),
    ...rows,
    '',
    ...[...reasons].map(([state, reason]) => `- ${state}: ${reason}`),
    '',
  ].join('\n');
}

/** `docs/tables/cards.md`. */
export const page = (): string => `${[HEAD, ...TOKENS.map(section)].join('\n').trimEnd()}\n`;
