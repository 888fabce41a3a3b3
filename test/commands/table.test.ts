/** The list of commands and the languages in which each is covered, as `docs/tables/commands.md` shows it. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';

import type { Command } from 'commander';
import { expect, test } from '@jest/globals';

import { pathNames } from '../../src/cli/help.js';
import { loadCatalog } from '../../src/cli/messages/catalog.js';
import { LANGUAGES } from '../../src/profile/language.js';
import { createWholeProgram } from '../../src/program.js';
import { testContext } from '../support/context.js';

const FILE = 'docs/tables/commands.md';

const verbs = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(verbs);

test('every command has its summary in every language, and its own schema', async () => {
  const catalogs = await Promise.all(
    LANGUAGES.map(async (language) => [language, await loadCatalog(language)] as const),
  );
  const program = await createWholeProgram(testContext());
  const rows = program.commands.flatMap(verbs).map((command) => {
    const path = pathNames(command);
    const covered = catalogs
      .filter(([, catalog]) => catalog[`help.${path.join('.')}`] !== undefined)
      .map(([language]) => language);
    const flags = command.options.map(({ long }) => long);
    return { name: path.join(' '), covered, dryRun: flags.includes('--dry-run') };
  });
  expect(rows.filter(({ covered }) => covered.length < LANGUAGES.length)).toEqual([]);
  const table = [
    '# Commands',
    '',
    `${rows.length} commands. Languages: summary in help; \`--json\` is a flag of every command.`,
    '',
    '| command | languages | `--dry-run` |',
    '| --- | --- | --- |',
    ...rows.map(
      ({ name, covered, dryRun }) =>
        `| \`${name}\` | ${covered.join(', ')} | ${dryRun ? 'yes' : ''} |`,
    ),
    '',
  ].join('\n');
  if (process.env['TOPAZ_WRITE_TABLES'] === '1') {
    await mkdir('docs/tables', { recursive: true });
    await writeFile(FILE, table);
  } else if (process.env['TOPAZ_DEEP'] === '1') {
    expect(await readFile(FILE, 'utf8')).toBe(table);
  }
});
