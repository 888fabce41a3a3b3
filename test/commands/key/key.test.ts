/** `topaz key` as typed: from a new key to its copies, its shares and back. */

import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { main } from '../../../src/main.js';
import { resolvePaths } from '../../../src/profile/paths.js';
import { temporaryHome, testContext } from '../../support/context.js';
import type { ContextOverrides } from '../../support/context.js';
import { checkDocument } from '../../support/json-schema.js';
import { HOUSE, ID, opensslKey } from '../../userkey/keys.js';

const FILE = `${ID}-icc-priv.2048.key`;
let home: Awaited<ReturnType<typeof temporaryHome>>;
let keys: string;
let hex: string;

async function topaz(argv: readonly string[], overrides: ContextOverrides = {}) {
  const ctx = testContext({ cwd: home.dir, home: home.dir, ...overrides, env: { ...home.env, ...overrides.env } }); // prettier-ignore
  const status = await main(['key', ...argv], ctx);
  const document = ctx.stdout[0]?.startsWith('{') ? (JSON.parse(ctx.stdout.join('')) as Record<string, unknown>) : undefined; // prettier-ignore
  const error = (ctx.stderr.at(-1) ?? '').startsWith('{') ? (JSON.parse(ctx.stderr.at(-1) ?? '') as { error: { code: string; facts?: string[] } }).error : undefined; // prettier-ignore
  return { status, document, error, stdout: ctx.stdout, stderr: ctx.stderr };
}
const path = (...parts: string[]): string => join(home.dir, ...parts);
const put = (name: string, text: string | Uint8Array): Promise<void> => writeFile(path(name), text, { mode: 0o600 }); // prettier-ignore
const mode = async (name: string): Promise<number> => (await stat(path(name))).mode & 0o777;

beforeAll(async () => {
  home = await temporaryHome();
  keys = join(resolvePaths({ env: home.env, platform: 'linux', home: home.dir }).data, 'default', 'keys'); // prettier-ignore
  hex = opensslKey().toString('hex');
  await put(FILE, `${hex}\n`);
  await put('phrase', 'une phrase de passe assez longue\n');
  await mkdir(path('stick'));
  await mkdir(path('safe'));
});
afterAll(() => home.remove());

describe('nothing yet', () => {
  test('list is empty, exit 0; show says how to get one', async () => {
    expect(await topaz(['list', '--json'])).toMatchObject({ status: 0, document: { keys: [] } });
    expect(await topaz(['show', '--json'])).toMatchObject({ status: 3, error: { code: 'E_KEY_UNKNOWN' } }); // prettier-ignore
  });
});

describe('import', () => {
  test('the file of the platform; 0600 in 0700; the same again is nothing new', async () => {
    const first = await topaz(['import', FILE, '--json']);
    expect(first).toMatchObject({ status: 0, document: { key: { id: ID, bits: 2048 }, format: 'key', added: true } }); // prettier-ignore
    expect(checkDocument(first.document)).toEqual([]);
    expect((await stat(join(keys, FILE))).mode & 0o777).toBe(0o600);
    expect((await stat(keys)).mode & 0o777).toBe(0o700);
    expect(await readFile(join(keys, FILE), 'utf8')).toBe(`${hex}\n`);
    expect(await topaz(['import', FILE, '--json'])).toMatchObject({ status: 0, document: { added: false } }); // prettier-ignore
  });

  test('another key of the same id is refused; --force replaces it and keeps a dated copy', async () => {
    const other = opensslKey().toString('hex');
    await put('other.key', other);
    const refused = await topaz(['import', 'other.key', '--id', ID, '--json']);
    expect(refused).toMatchObject({ status: 2, error: { code: 'E_FILE_EXISTS' } });
    expect((await topaz(['import', 'other.key', '--id', ID, '--force', '--json'])).status).toBe(0);
    const [copy = ''] = (await readdir(keys)).filter((name) => name.startsWith(`${FILE}.`));
    expect(copy).toBe(`${FILE}.20260301T120000Z`);
    expect(await readFile(join(keys, copy), 'utf8')).toBe(`${hex}\n`);
    expect((await stat(join(keys, copy))).mode & 0o777).toBe(0o600);
    // Back to the first one; that copy has the same second and is not overwritten.
    expect(await topaz(['import', FILE, '--force', '--json'])).toMatchObject({ status: 2 });
    expect(await readFile(join(keys, copy), 'utf8')).toBe(`${hex}\n`);
    const later = { now: () => new Date('2026-03-01T12:00:01Z') };
    expect((await topaz(['import', FILE, '--force', '--json'], later)).status).toBe(0);
  });

  test.each<[string, string[], number, string]>([
    ['an id that is not the one of the name', [FILE, '--id', HOUSE], 9, 'E_KEY_MISMATCH'],
    ['no id at all', ['other.key'], 2, 'E_INPUT_REQUIRED'],
    ['an id that is none', ['other.key', '--id', 'me'], 2, 'E_USAGE'],
    ['no such file', ['none.key', '--id', ID], 2, 'E_FILE_NOT_FOUND'],
    ['another form than wanted', [FILE, '--format', 'jwk'], 9, 'E_KEY_INVALID'],
    ['a list of patients', ['phrase', '--id', ID], 9, 'E_KEY_INVALID'],
  ])('%s', async (_, words, status, code) => {
    expect(await topaz(['import', ...words, '--json'])).toMatchObject({ status, document: undefined, error: { code } }); // prettier-ignore
  });

  test('from stdin, for a house', async () => {
    const io = { readStdin: () => Promise.resolve(Buffer.from(opensslKey().toString('hex'))) };
    expect(await topaz(['import', '-', '--id', HOUSE, '--json'], { io })).toMatchObject({ status: 0, document: { key: { id: HOUSE } } }); // prettier-ignore
    const list = await topaz(['list', '--json']);
    expect(checkDocument(list.document)).toEqual([]);
    expect(list.document).toMatchObject({ keys: [{ id: ID, copies: 0 }, { id: HOUSE, copies: 0 }] }); // prettier-ignore
    expect(list.stderr.join('\n')).toContain('make two at least');
  });

  test('with two keys, which one is meant must be said', async () => {
    expect(await topaz(['show', '--json'])).toMatchObject({ status: 2, error: { code: 'E_USAGE', facts: [ID, HOUSE] } }); // prettier-ignore
    const shown = await topaz(['show', '--id', ID, '--json']);
    expect(checkDocument(shown.document)).toEqual([]);
    expect(JSON.stringify(shown)).not.toContain(hex.slice(100, 140));
  });
});

describe('generate', () => {
  const NEW = '11111111-2222-4333-8444-555555555555';
  test('a key, its file and its public key, that belong together', async () => {
    const made = await topaz(['generate', '--id', NEW, '--out', 'new.key', '--public-out', 'new.pub', '--json']); // prettier-ignore
    expect(made.status).toBe(0);
    expect(checkDocument(made.document)).toEqual([]);
    expect([await mode('new.key'), await mode('new.pub')]).toEqual([0o600, 0o600]);
    const der = execFileSync('openssl', ['pkey', '-inform', 'DER', '-pubout', '-outform', 'DER'], { input: Buffer.from((await readFile(path('new.key'), 'utf8')).trim(), 'hex') }); // prettier-ignore
    expect((await readFile(path('new.pub'), 'utf8')).trim()).toBe(der.toString('hex'));
    expect(await topaz(['verify', 'new.key', '--id', NEW, '--public', 'new.pub', '--json'])).toMatchObject({ status: 0, document: { valid: true } }); // prettier-ignore
  });

  test('a second one of the same id is refused: it could not open the records of the first', async () => {
    expect(await topaz(['generate', '--id', NEW, '--json'])).toMatchObject({ status: 2, error: { code: 'E_FILE_EXISTS' } }); // prettier-ignore
  });
});

describe('verify', () => {
  test('against the key of the profile, of another, and a changed copy', async () => {
    const same = await topaz(['verify', FILE, '--json']);
    expect(same).toMatchObject({ status: 0, document: { comparedWith: join(keys, FILE) } });
    expect(checkDocument(same.document)).toEqual([]);
    expect(await topaz(['verify', 'other.key', '--id', ID, '--json'])).toMatchObject({ status: 9, document: undefined, error: { code: 'E_KEY_MISMATCH' } }); // prettier-ignore
    await put('bad.key', hex.replace(/(.{600})../, '$100'));
    expect(await topaz(['verify', 'bad.key', '--id', ID, '--json'])).toMatchObject({ status: 9, error: { code: 'E_KEY_INVALID' } }); // prettier-ignore
    await put('not.pub', 'zz');
    expect(await topaz(['verify', FILE, '--public', 'not.pub', '--json'])).toMatchObject({ status: 9, error: { code: 'E_KEY_INVALID' } }); // prettier-ignore
  });
});

describe('export', () => {
  test('the private key only after the last word', async () => {
    const refused = await topaz(['export', '--id', ID, '--out', 'out.key', '--json']);
    expect(refused).toMatchObject({ status: 2, error: { code: 'E_INPUT_REQUIRED' } });
    expect(await topaz(['export', '--id', ID, '--out', 'out.key', '--confirm', 'yes', '--json'])).toMatchObject({ status: 2, error: { code: 'E_NOT_CONFIRMED' } }); // prettier-ignore
    const done = await topaz(['export', '--id', ID, '--out', 'out.key', '--confirm', ID.slice(0, 8), '--json']); // prettier-ignore
    expect([done.status, checkDocument(done.document)]).toEqual([0, []]);
    expect(await readFile(path('out.key'), 'utf8')).toBe(`${hex}\n`);
    expect(await mode('out.key')).toBe(0o600);
    expect(await topaz(['export', '--id', ID, '--out', 'out.key', '--confirm', ID, '--json'])).toMatchObject({ status: 2, error: { code: 'E_FILE_EXISTS' } }); // prettier-ignore
    expect((await topaz(['export', '--id', ID, '--out', '-', '--confirm', ID, '--json'])).status).toBe(2); // prettier-ignore
  });

  test('the public one without a question; a JWK that is read again', async () => {
    expect((await topaz(['export', '--id', ID, '--format', 'public', '--out', 'p.pub'])).status).toBe(0); // prettier-ignore
    expect((await topaz(['verify', FILE, '--public', 'p.pub'])).status).toBe(0);
    expect((await topaz(['export', '--id', ID, '--format', 'jwk', '--out', 'k.jwk', '--confirm', ID])).status).toBe(0); // prettier-ignore
    expect(await topaz(['verify', 'k.jwk', '--id', ID, '--json'])).toMatchObject({ status: 0, document: { format: 'jwk' } }); // prettier-ignore
  });
});

describe('backup', () => {
  test('two places and a sheet, read back and remembered', async () => {
    const made = await topaz(['backup', '--id', ID, '--out', 'stick', '--out', 'safe', '--paper', '--json']); // prettier-ignore
    expect([made.status, checkDocument(made.document)]).toEqual([0, []]);
    expect(made.stderr.join('\n')).toContain('same disk');
    for (const name of [`stick/${FILE}`, `safe/${FILE}`, `stick/${ID}-paper.html`]) {
      expect(await mode(name)).toBe(0o600);
    }
    expect(await topaz(['show', '--id', ID, '--json'])).toMatchObject({
      document: { copies: [{ kind: 'file', place: path('stick', FILE) }, { kind: 'file' }, { kind: 'paper', passphrase: false }] }, // prettier-ignore
    });
    const sheet = (await readFile(path('stick', `${ID}-paper.html`), 'utf8')).replace(/<[^>]*>/g, '\n'); // prettier-ignore
    await put('typed.txt', sheet);
    expect(await topaz(['verify', 'typed.txt', '--id', ID, '--json'])).toMatchObject({ status: 0, document: { format: 'paper' } }); // prettier-ignore
  });

  test('under a passphrase: PEM, opened with it alone', async () => {
    const made = await topaz(['backup', '--id', ID, '--out', 'stick', '--out', 'safe', '--passphrase-file', path('phrase'), '--json']); // prettier-ignore
    expect(made).toMatchObject({ status: 0, document: { copies: [{ passphrase: true }, { passphrase: true }] } }); // prettier-ignore
    const name = `stick/${FILE.replace(/key$/, 'pem')}`;
    const pem = await readFile(path(name), 'utf8');
    expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    expect(pem.replace(/\s/g, '')).not.toContain(Buffer.from(hex, 'hex').toString('base64').slice(40, 80)); // prettier-ignore
    expect(await topaz(['verify', name, '--id', ID, '--passphrase-file', path('phrase'), '--json'])).toMatchObject({ status: 0, document: { encrypted: true } }); // prettier-ignore
    await put('wrong', 'une autre phrase de passe\n');
    expect(await topaz(['verify', name, '--id', ID, '--passphrase-file', path('wrong'), '--json'])).toMatchObject({ status: 4, error: { code: 'E_PASSPHRASE' } }); // prettier-ignore
    expect(await topaz(['verify', name, '--id', ID, '--json'])).toMatchObject({ status: 2, error: { code: 'E_INPUT_REQUIRED' } }); // prettier-ignore
  });

  test.each<[string, string[], string]>([
    ['one place', ['--out', 'stick'], 'E_USAGE'],
    ['the same place twice', ['--out', 'stick', '--out', `stick/../stick/${FILE}`], 'E_USAGE'],
    ['none', [], 'E_USAGE'],
    ['a file that is there', ['--out', 'stick', '--out', 'safe'], 'E_FILE_EXISTS'],
    ['a place that is not', ['--out', 'nowhere/x', '--out', 'nowhere/y'], 'E_FILE_NOT_FOUND'],
    ['a short passphrase', ['--out', 'a', '--out', 'b', '--passphrase-file', 'short'], 'E_PASSWORD_WEAK'],
  ])('%s: %s', async (_, words, code) => {
    await put('short', 'kurz\n');
    const real = words.map((word) => (word === 'short' ? path(word) : word));
    expect(await topaz(['backup', '--id', ID, ...real, '--json'])).toMatchObject({ status: 2, error: { code } }); // prettier-ignore
  }); // prettier-ignore
});

describe('split and combine', () => {
  test('three of five give it back; two do not, and that is told', async () => {
    const made = await topaz(['split', '--id', ID, '--shares', '5', '--threshold', '3', '--out', 'shares', '--json']); // prettier-ignore
    expect([made.status, checkDocument(made.document)]).toEqual([0, []]);
    expect((await stat(path('shares'))).mode & 0o777).toBe(0o700);
    const files = (await readdir(path('shares'))).map((name) => `shares/${name}`);
    expect(files).toHaveLength(5);
    expect(await mode(files[0] ?? '')).toBe(0o600);
    const back = await topaz(['combine', ...files.slice(2), '--out', 'back.key', '--json']);
    expect([back.status, checkDocument(back.document)]).toEqual([0, []]);
    expect(await readFile(path('back.key'), 'utf8')).toBe(`${hex}\n`);
    expect(await topaz(['combine', ...files.slice(0, 2), '--out', 'no.key', '--json'])).toMatchObject({ status: 9, error: { code: 'E_KEY_INVALID' } }); // prettier-ignore
    await expect(stat(path('no.key'))).rejects.toThrow();
  });

  test('without another copy a last word is asked', async () => {
    const words = ['split', '--id', HOUSE, '--shares', '3', '--threshold', '2', '--out', 'house'];
    expect(await topaz([...words, '--json'])).toMatchObject({ status: 2, error: { code: 'E_INPUT_REQUIRED' } }); // prettier-ignore
    expect((await topaz([...words, '--confirm', HOUSE.slice(0, 8)])).status).toBe(0);
  });

  test.each([
    [['--shares', '1', '--threshold', '1']],
    [['--shares', '3', '--threshold', '4']],
    [['--shares', '256', '--threshold', '2']],
    [['--shares', '3', '--threshold', '1']],
    [[]],
  ])('%j is refused', async (words) => {
    expect(await topaz(['split', '--id', ID, ...words, '--out', 'x', '--json'])).toMatchObject({ status: 2, error: { code: 'E_USAGE' } }); // prettier-ignore
  });

  test('shares of two keys', async () => {
    const [ours] = await readdir(path('shares'));
    const [house] = await readdir(path('house'));
    expect(await topaz(['combine', `shares/${ours ?? ''}`, `house/${house ?? ''}`, '--out', 'x', '--json'])).toMatchObject({ status: 9, error: { code: 'E_KEY_MISMATCH' } }); // prettier-ignore
  });
});

test('a link in the place of a kept key is not followed', async () => {
  const id = '99999999-2222-4333-8444-555555555555';
  await symlink(path(FILE), join(keys, `${id}-icc-priv.2048.key`));
  expect(await topaz(['show', '--id', id, '--json'])).toMatchObject({ status: 9, error: { code: 'E_KEY_INVALID' } }); // prettier-ignore
});

test('no digit of a private key was ever printed', async () => {
  const { stdout, stderr } = await topaz(['show', FILE, '--debug', '-vv']);
  expect([...stdout, ...stderr].join('')).not.toContain(hex.slice(60, 90));
});
