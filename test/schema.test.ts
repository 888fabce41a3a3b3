/** The schemas of `docs/schema`: one per command, sound in themselves, and strict where tests need it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';

import { pathNames } from '../src/cli/help.js';
import { createWholeProgram } from '../src/program.js';
import { testContext } from './support/context.js';
import { checkDocument, schemaFile } from './support/json-schema.js';
import type { Schema } from './support/json-schema.js';

const FOLDER = 'docs/schema';
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (name: string): Schema =>
  JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Schema;

/** Documents that no verb of its own prints. */
const OTHERS = ['ehbox-event.json', 'error.json', 'help.json', 'profile.json'];

test('every command has its schema, and every schema its command', async () => {
  const program = await createWholeProgram(testContext());
  const leaves = (command: Command): Command[] =>
    command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
  const expected = program.commands
    .flatMap(leaves)
    .map((verb) => `${pathNames(verb).join('-')}.json`);
  expect([...expected, ...OTHERS].sort()).toEqual([...files].sort());
});

describe.each(files)('%s', (name) => {
  const schema = read(name);

  test('is named by its id', () => {
    expect(existsSync(schemaFile(schema.$id ?? ''))).toBe(true);
    expect(schemaFile(schema.$id ?? '').endsWith(`/${name}`)).toBe(true);
  });

  test('uses only what the tests understand, and requires only what it describes', () => {
    const known = new Set(['$schema', '$id', '$ref', '$defs', 'title', 'description', 'type', 'const', 'enum', 'properties', 'required', 'additionalProperties', 'items', 'pattern', 'format', 'minimum', 'maximum', 'oneOf', 'minLength']); // prettier-ignore
    const problems: string[] = [];
    const walk = (node: Schema, path: string): void => {
      problems.push(
        ...Object.keys(node)
          .filter((key) => !known.has(key))
          .map((key) => `${path}: ${key}`),
      );
      problems.push(
        ...(node.required ?? [])
          .filter((key) => node.properties?.[key] === undefined)
          .map((key) => `${path}: requires ${key}`),
      );
      for (const [key, child] of Object.entries(node.properties ?? {})) {
        walk(child, `${path}.${key}`);
      }
      for (const child of [node.items, ...(node.oneOf ?? []), ...Object.values(node.$defs ?? {})]) {
        if (child !== undefined) {
          walk(child, path);
        }
      }
    };
    walk(schema, '$');
    expect(problems).toEqual([]);
  });
});

describe('the check itself', () => {
  const good = {
    schema: 'topaz.profile.unset/1',
    profile: 'cabinet',
    key: 'holder.id',
    removed: true,
  };

  test('accepts what is documented', () => {
    expect(checkDocument(good)).toEqual([]);
  });

  test.each([
    ['no schema', {}, 'it names no schema'],
    ['an unknown one', { schema: 'topaz.nothing/1' }, 'docs/schema has no file for topaz.nothing/1'],
    ['a missing field', { ...good, key: undefined, removed: true }, '$.key: undefined instead of string'],
    ['a field of another type', { ...good, removed: 'yes' }, '$.removed: string instead of boolean'],
    ['a field that is not documented', { ...good, more: 1 }, '$.more: not documented'],
    ['another major', { ...good, schema: 'topaz.profile.unset/2' }, '$.schema: not "topaz.profile.unset/1"'],
    ['milliseconds', { schema: 'topaz.session.open/1', session: { via: 'eid', holder: { type: 'SSIN', id: '1', quality: 'doctor' }, environment: 'acc', openedAt: '2026-03-01T08:12:44.000Z', notOnOrAfter: '2026-03-01T20:12:44Z', secondsLeft: 1, assertionId: '_1' } }, '$.session.openedAt: no date-time'],
  ])('refuses %s', (_, document, problem) => {
    expect(checkDocument(document)).toContain(problem);
  }); // prettier-ignore
});
