/**
 * The structure of ARCHITECTURE.md, held by a table: who may import whom, where each package may be used,
 * and what may not be written below the command line's own layer. Exceptions stand here, with their reason.
 */

import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

import { lineOf, readSources, visit } from './support/sources.js';
import type { Source } from './support/sources.js';

const sources = readSources();

/** Layer of each folder (or file) directly below `src`. */
const LAYERS: Readonly<Record<string, number>> = {
  errors: 0, ids: 0, der: 0, disk: 0, xml: 0, x509: 0, keys: 0,
  soap: 1, saml: 1, pkcs11: 1, keystore: 1, etee: 1, cms: 1, profile: 1, revocation: 1,
  eid: 2, certra: 2, etkra: 2, etk: 2, lifecycle: 2, sts: 2, ehbox: 2, mycarenet: 2, kgss: 2, agent: 2, access: 2, backup: 2, userkey: 2,
  sandbox: 2,
  cli: 3,
  commands: 4, main: 4, program: 4, 'command-line': 4,
}; // prettier-ignore

/** Folders of one layer that may be used by others of it. */
const SIDEWAYS: Readonly<Record<string, readonly string[]>> = {
  // Primitives build on each other in this order.
  ids: ['errors'],
  der: ['errors'],
  disk: ['errors'],
  keys: ['errors', 'der', 'x509'],
  x509: ['errors', 'der', 'ids', 'keys'],
  xml: ['errors', 'x509', 'keys', 'der'],
  etee: ['cms', 'revocation'],
  soap: ['saml'],
  // Its way through a proxy.
  revocation: ['soap'],
  // The three phases of a certificate use everything that takes part in them.
  lifecycle: ['certra', 'etkra', 'etk', 'eid'],
  // Both registration authorities speak the same dialect.
  etkra: ['certra'],
  // Grants are signed by the card.
  access: ['eid'],
  ehbox: ['sts', 'etk'],
  kgss: ['sts', 'etk'],
  mycarenet: ['sts', 'etk'],
};

/** The sandbox judges the client: it may not share the code that it judges. */
const FORBIDDEN_IN_SANDBOX = /^(xml\/(c14n|sign|verify)|etee\/|cms\/)/;

/** The one place of each package; a prefix ends with a slash. Types of commander are in the frame too. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@inquirer/prompts': ['cli/prompter.ts'],
  '@napi-rs/keyring': ['cli/keyring.ts'],
  axios: ['soap/axios-client.ts'],
  'better-sqlite3': ['ehbox/index-database.ts'],
  chalk: ['cli/style.ts'],
  commander: ['main.ts', 'program.ts', 'command-line.ts', 'commands/', 'cli/run.ts', 'cli/flags.ts', 'cli/help.ts'],
  'fast-xml-parser': ['sandbox/', 'ehbox/document-text.ts'],
  'libxml2-wasm': ['sandbox/schemas.ts', 'sandbox/xml-read.ts'],
  'libxml2-wasm/lib/nodejs.mjs': ['sandbox/schemas.ts'],
  'node-forge': ['keystore/'],
  ora: ['cli/progress.ts'],
  pkcs11js: ['pkcs11/'],
  qrcode: ['userkey/paper-sheet.ts'],
  undici: ['soap/undici-client.ts'],
  'xml-crypto': ['sandbox/'],
}; // prettier-ignore

/** What below the command line still touches the process, and why. */
const PROCESS_EXCEPTIONS: Readonly<Record<string, string>> = {
  'pkcs11/worker/child.ts': 'a process of its own: it ends itself and has no other channel',
  'agent/process.ts': 'a process of its own: it has a clock and ends itself',
};

const FORBIDDEN_NAMES =
  /(^|\/)(utils?|helpers?|common|shared|lib|misc|core|types|constants)(\/|\.ts$)/;
/** Names that are the specification's own. */
const NAME_EXCEPTIONS: Readonly<Record<string, string>> = {
  'pkcs11/constants.ts': 'the constants of the PKCS#11 specification',
};

const partOf = (path: string): string => (path.split('/')[0] ?? path).replace(/\.ts$/, '');

describe('layers', () => {
  test('every part of src has one', () => {
    const parts = new Set(sources.map(({ path }) => partOf(path)));
    expect([...parts].filter((part) => LAYERS[part] === undefined)).toEqual([]);
  });

  test('a file imports from its own folder, from a lower layer, or as the table allows', () => {
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target !== undefined && !mayImport(path, target))
        .map(({ specifier, line }) => `${path}:${line} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('the sandbox shares neither canonicalisation, signing, verifying nor sealing with the client', () => {
    const wrong = sources
      .filter(({ path }) => partOf(path) === 'sandbox')
      .flatMap(({ path, imports }) =>
        imports
          .filter(({ target }) => target !== undefined && FORBIDDEN_IN_SANDBOX.test(target))
          .map(({ specifier, line }) => `${path}:${line} imports ${specifier}`),
      );
    expect(wrong).toEqual([]);
  });

  test('imports end at a file, never at a folder', () => {
    const files = new Set(sources.map(({ path }) => path.replace(/\.ts$/, '')));
    const wrong = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target !== undefined && !files.has(target))
        .map(({ specifier, line }) => `${path}:${line} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });
});

function mayImport(path: string, target: string): boolean {
  const from = partOf(path);
  const to = partOf(target);
  if (from === to) {
    return true;
  }
  const fromLayer = LAYERS[from] ?? 0;
  const toLayer = LAYERS[to] ?? 9;
  if (from === 'sandbox') {
    return toLayer <= 1;
  }
  if (to === 'sandbox') {
    // Only its own commands know it.
    return path.startsWith('commands/sandbox/');
  }
  // Within the command line, and errors for everybody.
  return (
    toLayer < fromLayer || (fromLayer === 4 && toLayer === 4) || (SIDEWAYS[from] ?? []).includes(to)
  );
}

describe('packages', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    'dependencies' | 'optionalDependencies',
    Record<string, string>
  >;
  const external = sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ target, specifier }) => target === undefined && !specifier.startsWith('node:'))
      .map(({ specifier, line }) => ({ path, specifier, line })),
  );

  test('each is used in its one place', () => {
    const wrong = external
      .filter(
        ({ path, specifier }) =>
          !(PACKAGES[specifier] ?? []).some(
            (place) => path === place || (place.endsWith('/') && path.startsWith(place)),
          ),
      ) // prettier-ignore
      .map(({ path, specifier, line }) => `${path}:${line} imports ${specifier}`);
    expect(wrong).toEqual([]);
  });

  test('each is declared, with an exact version, and used', () => {
    const declared = { ...manifest.dependencies, ...manifest.optionalDependencies };
    const used = new Set(external.map(({ specifier }) => (specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '')))); // prettier-ignore
    expect([...used].filter((name) => declared[name] === undefined)).toEqual([]);
    expect(Object.keys(declared).filter((name) => !used.has(name))).toEqual([]);
    expect(
      Object.entries(declared).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
    ).toEqual([]);
  });

  test('commander reaches the frame as types only', () => {
    expect(
      sources
        .filter(({ path }) => path.startsWith('cli/'))
        .flatMap(({ path, imports }) =>
          imports
            .filter(({ specifier, typeOnly }) => specifier === 'commander' && !typeOnly)
            .map(() => path),
        ),
    ).toEqual([]);
  });

  test('Node’s own modules are named as such', () => {
    const wrong = external.filter(({ specifier }) => /^(fs|path|crypto|os|net|http|https|url|util|child_process)$/.test(specifier)); // prettier-ignore
    expect(wrong).toEqual([]);
  });
});

describe('what is not written', () => {
  const below = sources.filter(({ path }) => (LAYERS[partOf(path)] ?? 9) < 3);

  test('below the command line nothing reads clock, environment or random ids, ends the process or prints', () => {
    const wrong = below
      .filter(({ path }) => PROCESS_EXCEPTIONS[path] === undefined)
      .flatMap(reaches);
    expect(wrong).toEqual([]);
  });

  test('in commands neither, but through the context', () => {
    // Chance that only spreads pauses is no id.
    const wrong = sources
      .filter(({ path }) => path.startsWith('commands/'))
      .flatMap(reaches)
      .filter((place) => !place.endsWith('Math.random'));
    expect(wrong).toEqual([]);
  });

  test('only one file of the frame touches the process', () => {
    const wrong = sources
      .filter(({ path }) => path.startsWith('cli/') && path !== 'cli/process-context.ts')
      .flatMap(reaches);
    expect(wrong).toEqual([]);
  });

  test('every exception is still needed', () => {
    const unused = Object.keys(PROCESS_EXCEPTIONS).filter((path) => {
      const source = sources.find((known) => known.path === path);
      return source === undefined || reaches(source).length === 0;
    });
    expect(unused).toEqual([]);
  });

  test('no file or folder has a name that says nothing', () => {
    expect(
      sources
        .map(({ path }) => path)
        .filter((path) => FORBIDDEN_NAMES.test(path) && NAME_EXCEPTIONS[path] === undefined),
    ).toEqual([]);
  });

  test('names are in kebab-case, and every file begins with what it is for', () => {
    expect(
      sources.map(({ path }) => path).filter((path) => !/^[a-z0-9/-]+\.ts$/.test(path)),
    ).toEqual([]);
    expect(
      sources
        .filter(({ text }) => !/^\/\*\*[\s\S]*?@module\n \*\//.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  test('no default export, no enum, no re-export of everything', () => {
    const wrong = sources.flatMap(({ path, tree }) => {
      const lines: string[] = [];
      visit(tree, (node) => {
        if (
          ts.isExportAssignment(node) ||
          ts.isEnumDeclaration(node) ||
          (ts.isExportDeclaration(node) && node.exportClause === undefined) ||
          (node.kind === ts.SyntaxKind.DefaultKeyword && ts.isFunctionDeclaration(node.parent))
        ) {
          lines.push(`${path}:${lineOf(tree, node)}`);
        }
      });
      return lines;
    });
    expect(wrong).toEqual([]);
  });

  test('nothing is left to be done', () => {
    const wrong = sources
      .filter(({ text }) => /\b(TODO|FIXME|XXX)\b|not implemented/i.test(text))
      .map(({ path }) => path);
    expect(wrong).toEqual([]);
  });
});

/** Where a file reads the clock, the environment, a random id, ends the process or prints. */
function reaches({ path, tree }: Source): string[] {
  const found: string[] = [];
  const add = (node: ts.Node, what: string): void => {
    found.push(`${path}:${lineOf(tree, node)} ${what}`);
  };
  visit(tree, (node) => {
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      const text = `${node.expression.text}.${node.name.text}`;
      if (
        /^(process\.(env|exit|stdout|stderr|stdin|argv|cwd)|Date\.now|Math\.random|console\.\w+)$/.test(
          text,
        )
      ) {
        add(node, text);
      }
    } else if (
      ts.isNewExpression(node) &&
      node.expression.getText(tree) === 'Date' &&
      (node.arguments?.length ?? 0) === 0
    ) {
      add(node, 'new Date()');
    } else if (
      ts.isIdentifier(node) &&
      node.text === 'randomUUID' &&
      !ts.isImportSpecifier(node.parent)
    ) {
      add(node, 'randomUUID');
    }
  });
  return found;
}
