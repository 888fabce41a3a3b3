/** A walk over all commands: would the help alone let a colleague use them? (cli-ux §9, 12, 18) */

import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';

import { extraText, formatHelp, HELP_COLUMNS, pathNames } from '../../src/cli/help.js';
import { createTranslate, loadCatalog } from '../../src/cli/messages/catalog.js';
import { PLAIN } from '../../src/cli/style.js';
import { commandOf, readLine, refuseSecrets } from '../../src/command-line.js';
import { createWholeProgram } from '../../src/program.js';
import { testContext } from '../support/context.js';

let verbs: Command[];
let groups: Command[];

beforeAll(async () => {
  const program = await createWholeProgram(testContext());
  const all = program.commands.flatMap(withChildren);
  verbs = all.filter(({ commands }) => commands.length === 0);
  groups = all.filter(({ commands }) => commands.length > 0);
});

const withChildren = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(withChildren),
];
const name = (command: Command): string => pathNames(command).join(' ');
const names = (commands: readonly Command[]): string[] => commands.map(name);

describe('every command', () => {
  test('is one of many', () => {
    expect(verbs.length).toBeGreaterThan(40);
  });

  test('has a summary: lower case, no period, at most 60 columns', () => {
    const wrong = [...verbs, ...groups].filter((command) => {
      const summary = command.summary();
      return !/^[a-z]/.test(summary) && !/^(MyCareNet|PKCS#12|STS|SSIN|eHealth)/.test(summary) || summary.endsWith('.') || summary.length > 60; // prettier-ignore
    });
    expect(wrong.map((command) => `${name(command)}: ${command.summary()}`)).toEqual([]);
  });

  test('has a summary in every language', async () => {
    for (const lang of ['fr', 'nl', 'de'] as const) {
      const catalog = await loadCatalog(lang);
      const missing = [...verbs, ...groups].filter(
        (command) => catalog[`help.${pathNames(command).join('.')}`] === undefined,
      );
      expect({ lang, missing: names(missing) }).toEqual({ lang, missing: [] });
    }
  });

  test('the English catalog repeats what the command itself says', async () => {
    const catalog = await loadCatalog('en');
    const differ = [...verbs, ...groups].filter(
      (command) => catalog[`help.${pathNames(command).join('.')}`] !== command.summary(),
    );
    expect(names(differ)).toEqual([]);
    const known = new Set(
      [...verbs, ...groups].map((command) => `help.${pathNames(command).join('.')}`),
    );
    expect(
      Object.keys(catalog).filter((key) => key.startsWith('help.') && !known.has(key)),
    ).toEqual([]);
  });

  test('has an example with a comment line of intent, and every example is a command that exists', () => {
    const wrong: string[] = [];
    for (const verb of verbs) {
      const { examples } = extraText(verb);
      if (
        !examples.some((line) => line.startsWith('  $ topaz')) ||
        !examples.some((line) => line.startsWith('  # '))
      ) {
        wrong.push(`${name(verb)}: no example`);
      }
      for (const line of examples.filter((text) => text.startsWith('  $ '))) {
        for (const part of line.slice(4).split(/\||&&|;/)) {
          const words = part.trim().split(/\s+/);
          if (words[0] === 'topaz') {
            const problem = parseProblem(words.slice(1));
            if (problem !== undefined) {
              wrong.push(`${name(verb)}: ${part.trim()}: ${problem}`);
            }
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('describes every argument and flag', () => {
    const wrong = verbs.flatMap((verb) => [
      ...verb.options.filter(({ description }) => description.trim() === '').map(({ flags }) => `${name(verb)} ${flags}`),
      ...verb.registeredArguments
        .filter(({ description }) => description.trim() === '')
        .map((argument) => `${name(verb)} <${argument.name()}>`),
    ]); // prettier-ignore
    expect(wrong).toEqual([]);
  });

  test('names flags in kebab-case, in long form; short ones are -o and -f alone', () => {
    const wrong = verbs.flatMap((verb) =>
      verb.options
        .filter(
          ({ long, short }) =>
            !/^--[a-z0-9]+(-[a-z0-9]+)*$/.test(long ?? '') ||
            !['-o', '-f', undefined].includes(short ?? undefined),
        ) // prettier-ignore
        .map(({ flags }) => `${name(verb)} ${flags}`),
    );
    expect(wrong).toEqual([]);
  });

  test('has no flag that takes a secret, but the made-up PIN of a test card', () => {
    const wrong = verbs.flatMap((verb) =>
      verb.options
        .filter(({ long }) => /(pin|password|passphrase|secret)$/.test(long ?? ''))
        .map(({ long }) => `${name(verb)} ${long ?? ''}`),
    );
    expect(wrong).toEqual(['sandbox card create --pin']);
  });

  test('can be tried without changing anything, where it changes something elsewhere or removes', () => {
    const changes =
      /^(request|renew|revoke|register|activate|send|move|delete|remove|confirm|prune|restore)$/;
    // Contacts are names on this machine, and are filled again by themselves.
    const without = verbs.filter(
      (verb) =>
        (changes.test(verb.name()) || name(verb) === 'ehbox ooo add') &&
        !name(verb).startsWith('ehbox contacts') &&
        !verb.options.some(({ long }) => long === '--dry-run'),
    );
    expect(names(without)).toEqual([]);
  });

  test('means the same by the same flag, and repeats no global one', () => {
    const globals = new Set(
      (verbs[0]?.parent?.parent?.options ?? []).map(({ long }) => long ?? ''),
    );
    const wrong = verbs.flatMap((verb) =>
      verb.options
        .filter(({ long }) => globals.has(long ?? ''))
        .map(({ long }) => `${name(verb)} ${long ?? ''}`),
    );
    expect(wrong).toEqual([]);
    const out = verbs.filter((verb) => verb.options.some(({ long, short }) => long === '--out' && short !== '-o')); // prettier-ignore
    expect(names(out)).toEqual([]);
    const force = verbs.filter((verb) => verb.options.some(({ long, short }) => long === '--force' && short !== '-f')); // prettier-ignore
    expect(names(force)).toEqual([]);
  });

  test('fits the page, in every language', async () => {
    for (const lang of ['en', 'fr', 'nl', 'de'] as const) {
      const translate = createTranslate(await loadCatalog(lang), lang);
      const wide = [...verbs, ...groups].flatMap((command) =>
        formatHelp(command, { translate, style: PLAIN })
          .filter((line) => line.length > HELP_COLUMNS + 2 && !line.startsWith('  $ '))
          .map((line) => `${lang} ${name(command)}: ${line}`),
      );
      expect(wide).toEqual([]);
    }
  });
});

/** Why the parser would refuse these words, without running anything. */
function parseProblem(argv: readonly string[]): string | undefined {
  const root = verbs[0]?.parent?.parent;
  if (root === undefined || root === null || argv[0] === 'help') {
    return undefined;
  }
  try {
    const words = readLine(argv).words.filter((word) => !/^[<>0-9]*[<>]/.test(word));
    const operands = words.filter((word) => !word.startsWith('-'));
    const { command, missing } = commandOf(root, operands);
    if (missing) {
      return 'a verb is missing';
    }
    refuseSecrets(words, command);
    const known = [...command.options, ...root.options];
    const flag = words.find(
      (word) => word.startsWith('--') && !known.some(({ long }) => long === word.split('=')[0]),
    );
    return flag === undefined ? undefined : `unknown flag ${flag}`;
  } catch (error) {
    return error instanceof Error ? error.message : 'refused';
  }
}
