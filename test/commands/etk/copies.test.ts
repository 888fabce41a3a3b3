/** `topaz etk list` and `prune`, through the whole program, without network. */

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { checkDocument } from '../../support/json-schema.js';
import { certificateOf, MADE_AT } from '../../etee/pki.js';
import { createWorld, type World } from '../seal/world.js';

let world: World;
let folder: string;

beforeEach(async () => {
  world = await createWorld();
  await world.copyEtk({ type: 'SSIN', id: '85061199814' }, 'recipient');
  await world.copyEtk({ type: 'NIHII-LABO', id: '71234523' }, 'other');
  folder = join(world.dir, '..', 'cache', 'etk', 'acc');
});

afterEach(async () => {
  await world.remove();
});

const later = { now: () => new Date(MADE_AT.getTime() + 2 * 3_600_000) };
const muchLater = { now: () => new Date('2041-01-01T00:00:00Z') };

describe('topaz etk list', () => {
  test('a table on a terminal, a record per copy in a pipe', async () => {
    const terminal = await world.run(['etk', 'list'], { terminal: true });
    expect(terminal.ctx.stdout.slice(1)).toEqual([
      expect.stringMatching(/^Labo Exemple \(NIHII-LABO 7-12345-23\) +2040-01-01 +current$/),
      expect.stringMatching(/^Marie Voorbeeld \(SSIN 85.06.11-998.14\) +2040-01-01 +current$/),
    ]);
    const { ctx } = await world.run(['etk', 'ls']);
    expect(ctx.stdout.map((line) => line.split('\t'))).toEqual([
      expect.arrayContaining(['NIHII-LABO', '71234523', 'Labo Exemple', 'current']),
      [
        'SSIN',
        '85061199814',
        '',
        'Marie Voorbeeld',
        certificateOf('recipient-enc').serial.toString(),
        '2020-01-01T00:00:00Z',
        '2040-01-01T00:00:00Z',
        'current',
        MADE_AT.toISOString().replace('.000', ''),
        expect.stringMatching(/SSIN=85061199814\.json$/),
      ],
    ]);
  });

  test.each([
    ['all', [], later, ['stale', 'stale']],
    ['only those not in use', ['--expired'], {}, []],
    ['those older than an hour', ['--expired'], later, ['stale', 'stale']],
    ['those whose certificate has ended', ['--expired'], muchLater, ['expired', 'expired']],
    ['at most one', ['--limit', '1'], {}, ['current']],
  ])('%s', async (_, flags, overrides, states) => {
    const document = await world.json(['etk', 'list', ...flags], overrides);
    expect(checkDocument(document)).toEqual([]);
    expect((document['copies'] as { state: string }[]).map(({ state }) => state)).toEqual(states);
  });

  test('a damaged copy is shown as such', async () => {
    await writeFile(join(folder, 'CBE=0123456749.json'), '{');
    const document = await world.json(['etk', 'list', '--expired']);
    expect(document).toMatchObject({ copies: [{ state: 'damaged' }] });
    expect(checkDocument(document)).toEqual([]);
  });

  test('nothing is a result', async () => {
    const { status, ctx } = await world.run(['etk', 'list', '--expired'], { terminal: true });
    expect({ status, stdout: ctx.stdout }).toEqual({ status: 0, stdout: [] });
    expect(ctx.stderr.join('\n')).toContain('Every local copy is in use');
  });

  test.each(['0', '-1', 'many'])('--limit %s is refused', async (limit) => {
    expect(await world.failure(['etk', 'list', `--limit=${limit}`])).toMatchObject({
      code: 'E_USAGE',
    });
  });
});

describe('topaz etk prune', () => {
  test('keeps what is in use', async () => {
    const document = await world.json(['etk', 'prune']);
    expect(document).toMatchObject({ removed: [], kept: 2, dryRun: false });
    expect(checkDocument(document)).toEqual([]);
    expect(await readdir(folder)).toHaveLength(2);
  });

  test('--dry-run says what would go, and changes nothing', async () => {
    const { ctx } = await world.run(['etk', 'prune', '--dry-run'], {
      terminal: true,
      ...muchLater,
    });
    expect(ctx.stdout).toEqual([
      'Labo Exemple (NIHII-LABO 7-12345-23): expired',
      'Marie Voorbeeld (SSIN 85.06.11-998.14): expired',
    ]);
    expect(await readdir(folder)).toHaveLength(2);
  });

  test('drops the rest, but no damaged file', async () => {
    await writeFile(join(folder, 'CBE=0123456749.json'), '{');
    const document = await world.json(['etk', 'prune'], later);
    expect(document).toMatchObject({ removed: [{ state: 'stale' }, { state: 'stale' }], kept: 1 });
    expect(checkDocument(document)).toEqual([]);
    expect(await readdir(folder)).toEqual(['CBE=0123456749.json']);
    const { ctx } = await world.run(['etk', 'prune'], { terminal: true });
    expect(ctx.stderr.join('\n')).toContain('Nothing to drop');
  });
});
