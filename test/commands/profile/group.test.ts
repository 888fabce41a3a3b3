/** `topaz profile create --group`: the whole way from the certificate of a group to somebody who may use it. */

import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, beforeAll, afterAll, describe, expect, test } from '@jest/globals';

import { pkiPath } from '../../etee/pki.js';
import { scriptedPrompter } from '../../support/context.js';
import { createWorld, JEAN, MARIE } from '../access/world.js';
import type { Outcome, World } from '../access/world.js';

const LABO = '71234523';
let world: World;

beforeAll(async () => {
  world = await createWorld();
  await writeFile(join(world.dir, 'wrong'), 'not the password\n', { mode: 0o600 });
}, 30_000);
afterAll(() => world.remove());

const profileFile = (name: string): string => join(world.paths.config, 'profiles', `${name}.json`);
const profileOf = async (name: string): Promise<Record<string, unknown>> => JSON.parse(await readFile(profileFile(name), 'utf8')) as Record<string, unknown>; // prettier-ignore
const nothingMade = async (name: string): Promise<void> => {
  await expect(stat(profileFile(name))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await readdir(join(world.paths.data, name, 'keystores')).catch(() => [])).toEqual([]);
};
const create = (name: string, ...more: readonly string[]): Promise<Outcome> =>
  world.topaz(['profile', 'create', name, '--env', 'sandbox', '--group', ...more]);
const labo = (): readonly string[] => ['--keystore', pkiPath('other.p12'), '--alias', 'labo', ...world.password]; // prettier-ignore

describe('with flags', () => {
  afterEach(async () => {
    for (const name of ['lab', 'made']) {
      await rm(profileFile(name), { force: true });
      for (const root of [world.paths.data, world.paths.state]) {
        await rm(join(root, name), { recursive: true, force: true });
      }
    }
  });

  test('certificate, responsible by the card, a colleague, the number: then access works', async () => {
    world.card('jean');
    const made = await create('lab', ...labo(), '--grant', '85.06.11-998.14', '--may', 'read', ...world.pin, '--yes'); // prettier-ignore
    expect(made).toMatchObject({
      status: 0,
      document: {
        profile: 'lab',
        environment: 'sandbox',
        group: {
          keystore: { alias: 'labo', holder: { type: 'NIHII-LABO', id: LABO, sector: 'LABO', name: 'Labo Exemple' } },
          responsible: { ssin: JEAN },
          grants: [{ person: MARIE, purposes: ['read'] }],
          billing: LABO,
        },
      },
    }); // prettier-ignore
    expect(await profileOf('lab')).toMatchObject({
      environment: 'sandbox',
      keystore: 'labo',
      holder: { type: 'NIHII-LABO', id: LABO },
      mycarenet: { nihii: LABO, name: 'Labo Exemple', responsible: JEAN },
      // Where the sandbox is, and whom it believes, as in its own profile.
      trust: { eidRoots: join(world.dir, 'jean', 'root.crt') },
    });
    const keystores = join(world.paths.data, 'lab', 'keystores');
    expect((await readdir(keystores)).sort()).toEqual(['labo.access.json', 'labo.p12']);
    expect((await stat(join(keystores, 'labo.p12'))).mode & 0o777).toBe(0o600);

    const inLab = (...argv: readonly string[]) => world.topaz([...argv, '--profile', 'lab']);
    world.card('marie');
    expect(await inLab('keystore', 'show', 'labo', ...world.password)).toMatchObject({ status: 0 });
    expect(await inLab('keystore', 'export', 'labo', '--out', 'copy.p12', ...world.password)).toMatchObject({ status: 4, error: { code: 'E_ACCESS_DENIED', details: { reason: 'other-purpose' } } }); // prettier-ignore
    expect(await inLab('access', 'list')).toMatchObject({ document: { keystores: [{ alias: 'labo', responsible: JEAN, grants: [{ person: MARIE, state: 'valid' }] }] } }); // prettier-ignore
    const log = await inLab('access', 'log');
    expect(log.document?.['entries']).toMatchObject([
      { event: 'grant', who: JEAN, person: MARIE, command: 'profile create' },
      { event: 'use', who: MARIE, outcome: 'allowed' },
      { event: 'use', who: MARIE, outcome: 'denied' },
    ]);
  });

  test('nobody granted: no PIN is needed, and nobody but the responsible comes in', async () => {
    world.card('none');
    const made = await create('lab', ...labo(), '--responsible', '79.02.15-997.32', '--billing', '71234523', '--yes'); // prettier-ignore
    expect(made).toMatchObject({ status: 0, document: { group: { responsible: { ssin: JEAN }, grants: [] } } }); // prettier-ignore
    expect(await world.topaz(['keystore', 'show', 'labo', ...world.password, '--profile', 'lab'])).toMatchObject({ status: 4, error: { code: 'E_ACCESS_DENIED' } }); // prettier-ignore
  });

  test('--dry-run writes nothing and wants no PIN', async () => {
    world.card('jean');
    expect(await create('lab', ...labo(), '--grant', MARIE, '--dry-run')).toMatchObject({ status: 0, document: { dryRun: true, group: { grants: [{ person: MARIE }] } } }); // prettier-ignore
    await nothingMade('lab');
  });

  test.each<[string, readonly string[], string]>([
    ['the certificate of a person', ['--keystore', pkiPath('recipient.p12')], 'E_USAGE'],
    ['a file that is none', ['--keystore', pkiPath('root.pem')], 'E_KEYSTORE_FORMAT'],
    ['no such file', ['--keystore', 'none.p12'], 'E_FILE_NOT_FOUND'],
    ['a number that is none', ['--keystore', pkiPath('other.p12'), '--responsible', '1'], 'E_SSIN_INVALID'],
    ['a person that is none', ['--keystore', pkiPath('other.p12'), '--responsible', JEAN, '--grant', '1'], 'E_SSIN_INVALID'],
    ['a purpose that there is not', ['--keystore', pkiPath('other.p12'), '--responsible', JEAN, '--may', 'all'], 'E_USAGE'],
    ['a number for bills that is none', ['--keystore', pkiPath('other.p12'), '--responsible', JEAN, '--billing', '12'], 'E_NIHII_INVALID'],
    ['no certificate', [], 'E_INPUT_REQUIRED'],
  ])('%s: nothing is made', async (_, more, code) => {
    expect(await create('made', ...world.password, ...more, '--yes')).toMatchObject({ error: { code } });
    await nothingMade('made');
  }); // prettier-ignore

  test('a wrong password, no responsible, no confirmation: nothing is made', async () => {
    world.card('none');
    expect(await create('made', '--keystore', pkiPath('other.p12'), '--password-file', join(world.dir, 'wrong'), '--yes')).toMatchObject({ error: { code: 'E_KEYSTORE_PASSWORD' } }); // prettier-ignore
    expect(await create('made', ...labo(), '--yes')).toMatchObject({ status: 2, error: { code: 'E_INPUT_REQUIRED' } }); // prettier-ignore
    expect(await create('made', ...labo(), '--responsible', JEAN)).toMatchObject({ status: 2, error: { code: 'E_INPUT_REQUIRED' } }); // prettier-ignore
    await nothingMade('made');
  });

  test('in another environment a keystore, a card and a profile of the sandbox are of no use', async () => {
    world.card('jean');
    expect(await world.topaz(['profile', 'create', 'made', '--env', 'acc', '--group', ...labo(), '--yes'])).toMatchObject({ status: 2 }); // prettier-ignore
    await nothingMade('made');
  });

  test('the card of another person cannot grant: the rest stands, closed', async () => {
    world.card('marie');
    const made = await create('made', ...labo(), '--responsible', JEAN, '--grant', MARIE, ...world.pin, '--yes'); // prettier-ignore
    expect(made).toMatchObject({ status: 5, error: { code: 'E_CARD_MISMATCH' } });
    expect(made.stderr.join('\n')).toContain('topaz access grant');
    expect(await profileOf('made')).toMatchObject({ mycarenet: { responsible: JEAN } });
    expect(await world.topaz(['keystore', 'show', 'labo', ...world.password, '--profile', 'made'])).toMatchObject({ status: 4, error: { code: 'E_ACCESS_DENIED' } }); // prettier-ignore
  });

  test('a profile of that name is not replaced; flags of a group want --group', async () => {
    expect(await create('practice', ...labo(), '--yes')).toMatchObject({ error: { code: 'E_FILE_EXISTS' } }); // prettier-ignore
    expect(await world.topaz(['profile', 'create', 'made', '--env', 'acc', '--grant', MARIE])).toMatchObject({ status: 2, error: { code: 'E_USAGE' } }); // prettier-ignore
  });
});

describe('asked of a person', () => {
  test('the certificate is chosen, its quality shown, the persons are ticked', async () => {
    world.card('jean');
    await world.profile({ holder: { type: 'SSIN', id: MARIE } });
    const usual = join(world.dir, '..', 'ehealth', 'keystore');
    await mkdir(usual, { recursive: true });
    const path = join(usual, 'NIHII-GROUP=94499180 20260301-120000.p12');
    // Another writer than topaz, and a certificate of a group of nurses.
    const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' }); // prettier-ignore
    const [key, certificate] = [join(world.dir, 'group.key'), join(world.dir, 'group.crt')];
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '900', '-addext', 'keyUsage=digitalSignature', '-subj', '/C=BE/O=Federal Government/OU=eHealth-platform Belgium/OU=Groupe Exemple/OU=NIHII-GROUP\\=94499180/CN=NIHII-GROUP\\=94499180'); // prettier-ignore
    openssl('pkcs12', '-export', '-inkey', key, '-in', certificate, '-passout', 'pass:test', '-out', path); // prettier-ignore

    const script = scriptedPrompter('sandbox', path, 'true', '', '94499180', 'true', '1234');
    const outcome = await world.topaz(['profile', 'create', 'nurses', '--group', '--use', ...world.password], { prompter: script.prompter, terminal: true, text: true }); // prettier-ignore
    expect({ status: outcome.status, stderr: outcome.status === 0 ? '' : outcome.stderr.join('\n') }).toEqual({ status: 0, stderr: '' }); // prettier-ignore
    const said = outcome.stderr.join('\n');
    for (const word of [/quality +group of nurses/i, /name +Groupe Exemple/i, /sector +GROUP/i, /value +94499180/i, /type +NIHII/i]) {
      expect(said).toMatch(word);
    } // prettier-ignore
    expect(script.asked.join('\n')).toContain('85.06.11-998.14');
    expect(script.asked.at(-1)).toMatch(/PIN/);
    expect(await profileOf('nurses')).toMatchObject({
      keystore: 'NIHII-GROUP=94499180 20260301-120000',
      holder: { type: 'NIHII-GROUP', id: '94499180', quality: 'groupofnurses' },
      mycarenet: { nihii: '94499180', quality: 'groupofnurses', responsible: JEAN },
    });
    expect(await world.topaz(['access', 'check', MARIE, '--keystore', 'NIHII-GROUP=94499180 20260301-120000', '--profile', 'nurses'])).toMatchObject({ status: 0, document: { allowed: true } }); // prettier-ignore
  }, 30_000);
});
