/**
 * A message for readers on a list, by the built program on the sandbox: sealed by one person, opened by a
 * reader with a session, refused to everybody else.
 */

import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { checkDocument } from '../support/json-schema.js';
import { createHome, type Home } from '../support/binary.js';

const DOCTOR = '79021599732';
const NURSE = '72090499770';
const GROUP = '94499180';
const TEXT = 'for whoever needs it\n';

let home: Home;
let record: string;

beforeAll(async () => {
  home = await createHome();
  record = mkdtempSync(home.path('record-'));
  await home.startSandbox('--seed', 'demo', '--record', record);
  for (const [name, holder] of [
    ['doctor', `SSIN=${DOCTOR}`],
    ['nurse', `SSIN=${NURSE}`],
    ['group', `NIHII-GROUP=${GROUP}`],
  ] as const) {
    await home.json(['sandbox', 'keystore', 'create', '--data', home.path('sandbox-data'), '--holder', holder, '--out', home.path(`${name}.p12`), '--password-file', home.passwordFile]); // prettier-ignore
  }
  await writeFile(home.path('note.txt'), TEXT);
}, 60_000);

afterAll(() => home.close());

const secret = (): string[] => ['--password-file', home.passwordFile];
const by = (name: string): string[] => ['--keystore', home.path(`${name}.p12`), ...secret()];

const sealFor = (out: string, ...readers: readonly string[]): Promise<Record<string, unknown>> =>
  home.json(['seal', 'note.txt', '--unaddressed', ...readers.flatMap((reader) => ['--reader', reader]), '--out', out, ...by('doctor')]); // prettier-ignore

const open = (file: string, name: string): string[] => [
  'unseal',
  file,
  '--out',
  `${file}.${name}`,
  '--force',
  ...by(name),
];

async function session(name: string, quality: string): Promise<void> {
  await home.json(['session', 'open', '--via', 'keystore', '--as', quality, '--force', '--no-agent', ...by(name)]); // prettier-ignore
}

describe('a message for readers on a list', () => {
  test('is sealed by a doctor, and opened by the nurse who is meant', async () => {
    const sealed = await sealFor('one.sealed', `nurse=${NURSE}`, `groupofnurses=${GROUP}`);
    expect(checkDocument(sealed)).toEqual([]);
    expect(sealed).toMatchObject({
      recipients: [],
      unaddressed: { readers: [`nurse=${NURSE}`, `groupofnurses=${GROUP}`], excluded: [] },
    });
    // Without a session there is no key, and nothing is written.
    expect(await home.failure(open('one.sealed', 'nurse'))).toMatchObject({
      status: 4,
      code: 'E_SESSION_NONE',
    });
    await session('nurse', 'nurse');
    const opened = await home.json(open('one.sealed', 'nurse'));
    expect(checkDocument(opened)).toEqual([]);
    expect(opened).toMatchObject({ verdict: 'clean', sender: { type: 'SSIN', id: DOCTOR } });
    expect(await readFile(home.path('one.sealed.nurse'), 'utf8')).toBe(TEXT);
    // The session is the nurse's: with another keystore it is of no use.
    expect(await home.failure(open('one.sealed', 'group'))).toMatchObject({
      code: 'E_SESSION_EXPIRED',
    });
    await session('group', 'groupofnurses');
    expect(await home.json(open('one.sealed', 'group'))).toMatchObject({ verdict: 'clean' });
  }, 60_000);

  test('is not opened by those who are not on it, the sender among them', async () => {
    await sealFor('two.sealed', 'NIHII-GROUP=94499180');
    await session('doctor', 'doctor');
    const refused = await home.run([...open('two.sealed', 'doctor'), '--json']);
    expect(refused.status).toBe(7);
    const { error } = JSON.parse(refused.stderr.trim().split('\n').at(-1) ?? '') as {
      error: { code: string; details: object; hint: string };
    };
    expect(error).toMatchObject({
      code: 'E_KEY_REFUSED',
      details: { service: 'kgss', serviceCode: 'ACCESS_DENIED' },
    });
    expect(readdirSync(home.dir)).not.toContain('two.sealed.doctor');
    expect(refused.stderr).not.toContain(DOCTOR);
  }, 60_000);

  test('can exclude one of those who would be allowed, and name recipients beside', async () => {
    await session('nurse', 'nurse');
    const readers = ['--unaddressed', '--reader', 'nurse', '--exclude-reader', `SSIN=${NURSE}`];
    await home.json(['seal', 'note.txt', ...readers, '--out', 'three.sealed', ...by('doctor')]);
    expect(await home.failure(open('three.sealed', 'nurse'))).toMatchObject({
      code: 'E_KEY_REFUSED',
    });
    await home.json(['seal', 'note.txt', ...readers, '--to', `SSIN=${NURSE}`, '--out', 'four.sealed', ...by('doctor')]); // prettier-ignore
    expect(await home.json(open('four.sealed', 'nurse'))).toMatchObject({ verdict: 'clean' });
  }, 60_000);

  test('--dry-run makes no key and writes nothing', async () => {
    const keys = (): number =>
      (JSON.parse(readFileSync(join(home.path('sandbox-data'), 'state.json'), 'utf8')) as { keys: unknown[] }).keys.length; // prettier-ignore
    const before = keys();
    const flags = ['--unaddressed', '--reader', 'nurse', '--out', 'dry.sealed', '--dry-run'];
    const document = await home.json(['seal', 'note.txt', ...flags, ...by('doctor')]);
    expect(document).toMatchObject({
      dryRun: true,
      recipients: [],
      unaddressed: { readers: ['nurse'], excluded: [] },
    });
    expect(checkDocument(document)).toEqual([]);
    expect(keys()).toBe(before);
    expect(readdirSync(home.dir)).not.toContain('dry.sealed');
  }, 60_000);

  test('that was changed on its way is not opened', async () => {
    await session('nurse', 'nurse');
    await sealFor('five.sealed', 'nurse');
    const whole = await readFile(home.path('five.sealed'));
    for (const at of [200, Math.floor(whole.length / 2), whole.length - 40]) {
      const bent = Buffer.from(whole);
      bent.writeUInt8(bent.readUInt8(at) ^ 1, at);
      await writeFile(home.path('bent.sealed'), bent);
      const failure = await home.failure(open('bent.sealed', 'nurse'));
      expect([9, 7]).toContain(failure.status);
      expect(failure.code).toMatch(/^E_(SEAL_INVALID|SEAL_NOT_FOR_US|KEY_REFUSED)$/);
      expect(readdirSync(home.dir)).not.toContain('bent.sealed.nurse');
    }
  }, 60_000);

  test.each([
    ['a reader without --unaddressed', ['--reader', 'nurse', '--to', `SSIN=${NURSE}`], 'E_USAGE'],
    ['--unaddressed without reader', ['--unaddressed'], 'E_INPUT_REQUIRED'],
    ['a quality that is none', ['--unaddressed', '--reader', 'docter'], 'E_IDENTIFIER_INVALID'],
    ['a wrong SSIN', ['--unaddressed', '--reader', 'SSIN=79021599733'], 'E_SSIN_INVALID'],
  ])('%s is refused', async (_, flags, code) => {
    const failure = await home.failure([
      'seal',
      'note.txt',
      ...flags,
      '--out',
      'x',
      ...by('doctor'),
    ]);
    expect(failure).toMatchObject({ status: 2, code });
  });

  test('leaves no key behind: not on disk here, not in the record of the wire', async () => {
    const state = JSON.parse(
      readFileSync(join(home.path('sandbox-data'), 'state.json'), 'utf8'),
    ) as {
      keys: { keyBase64: string }[];
    };
    expect(state.keys.length).toBeGreaterThan(3);
    const texts = readdirSync(record)
      .filter((name) => name.includes('kgss'))
      .map((name) => readFileSync(join(record, name), 'latin1'));
    expect(texts.length).toBeGreaterThan(20);
    const homeFiles = readdirSync(home.path('home'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    for (const { keyBase64 } of state.keys) {
      const raw = Buffer.from(keyBase64, 'base64').toString('latin1');
      for (const text of [...texts, ...homeFiles]) {
        expect(text.includes(keyBase64) || text.includes(raw)).toBe(false);
      }
    }
    // The service never had to be lenient.
    expect(texts.some((text) => text.includes('tolerated'))).toBe(false);
    await expect(readFile(home.path('x'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
