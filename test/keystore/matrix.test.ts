/**
 * Who reads whose keystores: files of every program, read by topaz; files of topaz, read by every program. The
 * result is docs/tables/keystores.md, written with TOPAZ_WRITE_TABLES=1 and checked against what was seen.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { openKeystore, readKeystore } from '../../src/keystore/keystore.js';
import { bytes, keyOf, PASSWORD, run } from './fixtures.js';
import { byForgeItself, hasJudges, makeForeign, must, stores } from './foreign.js';
import type { ForeignFile } from './foreign.js';
import { FILES, writeAll } from './written.js';

const TABLE = resolve('docs/tables/keystores.md');
const there = hasJudges();
const folder = mkdtempSync(join(tmpdir(), 'topaz-matrix-'));
const at = (name: string): string => join(folder, name);
const ours = FILES.map(([name, keystore, format, keys]) => ({ name, keystore, format, keys, path: at(`${name}.p12`) })); // prettier-ignore
const formats = ours.filter(({ name }) => name === 'modern' || name === 'compat');
let foreign: readonly ForeignFile[] = [];
/** Rows of the two tables, as they were seen. */
const seen: { reads: string[][]; read: Map<string, Map<string, string>> } = { reads: [], read: new Map() }; // prettier-ignore

const note = (reader: string, name: string, cell: string): void => {
  const row = seen.read.get(reader) ?? new Map<string, string>();
  seen.read.set(reader, row.set(name, cell));
};

beforeAll(async () => {
  if (there) {
    await writeAll(folder);
    foreign = await makeForeign(folder);
  }
}, 180_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

(there ? describe : describe.skip)(
  'keystores of every program (openssl, keytool, BouncyCastle)',
  () => {
    // prettier-ignore
    test('topaz reads all of them: the right keys, the right chain', async () => {
    expect(foreign.length).toBeGreaterThanOrEqual(18);
    for (const { writer, layout, path, expected } of foreign) {
      const keystore = await openKeystore(path, bytes(PASSWORD));
      const { authentication, encryption } = keystore;
      expect({
        path,
        state: keystore.state,
        key: authentication.privateKey.equals(keyOf('doctor')),
        chain: authentication.chain.length,
        encryption: encryption.map(({ certificate }) => certificate.serial.toString(10)),
        pairs: encryption.every(({ certificate, privateKey }) => certificate.publicKey.export({ format: 'jwk' }).n === privateKey.export({ format: 'jwk' }).n), // prettier-ignore
      }).toEqual({ path, state: 'ready', key: true, ...expected, pairs: true });
      const keys = 1 + encryption.length;
      seen.reads.push([writer, layout, `${keys} ${keys === 1 ? 'key' : 'keys'}, chain of ${expected.chain}`]); // prettier-ignore
    }
  });

    test('a wrong password, a changed byte and a cut file of each: refused within a second', async () => {
      for (const { path } of foreign) {
        const whole = readFileSync(path);
        const changed = Buffer.from(whole);
        changed[200]! ^= 1;
        const attempts: [string, Uint8Array, string, RegExp][] = [
          ['password', whole, 'fixture only 1235', /^E_KEYSTORE_PASSWORD$/],
          ['changed', changed, PASSWORD, /^E_KEYSTORE_(PASSWORD|FORMAT)$/],
          ['cut', whole.subarray(0, whole.length - 20), PASSWORD, /^E_KEYSTORE_(PASSWORD|FORMAT)$/],
        ];
        for (const [what, file, password, code] of attempts) {
          const before = process.cpuUsage();
          const refusal: unknown = await readKeystore(file, bytes(password)).catch((error: unknown) => error); // prettier-ignore
          const { user, system } = process.cpuUsage(before);
          expect({ path, what, code: (refusal as { code?: string }).code }).toEqual({ path, what, code: expect.stringMatching(code) }); // prettier-ignore
          // Of the processor: the machine may be busy with other tests.
          expect((user + system) / 1000).toBeLessThan(1000);
        }
      }
    });
  },
);

const entriesOf = ({
  keystore: { encryption, unpairedKeys = [] },
}: (typeof ours)[number]): readonly string[] =>
  // prettier-ignore
  ['authentication', ...[...encryption, ...unpairedKeys].map(({ alias }) => alias)].sort();

(there ? describe : describe.skip)('keystores of topaz', () => {
  test.each([
    ['openssl 3', []],
    ['openssl 3 -legacy', ['-legacy']],
  ])('%s', async (reader, flags) => {
    for (const { name, path, keys } of formats) {
      const out = await must('openssl', ['pkcs12', ...flags, '-in', path, '-passin', `file:${at('password')}`, '-nodes']); // prettier-ignore
      expect(out.match(/BEGIN PRIVATE KEY/g)).toHaveLength(keys);
      note(reader, name, `${keys} keys, ${out.match(/BEGIN CERTIFICATE/g)?.length ?? 0} certificates`); // prettier-ignore
    }
  });

  test('Java (SunJSSE) and BouncyCastle: every key of every kind under its alias', async () => {
    const providers = [['BC', 'BouncyCastle'], ['SunJSSE', 'Java 17 (SunJSSE)']] as const; // prettier-ignore
    const ops = providers.flatMap(([provider]) => ours.flatMap(({ path }) => ['read', provider, path])); // prettier-ignore
    const lines = await stores(folder, ...ops);
    for (const [index, [, reader]] of providers.entries()) {
      for (const [place, file] of ours.entries()) {
        const line = lines[index * ours.length + place] ?? '';
        const entries = line.split('; ').map((entry) => entry.split(' '));
        expect({ reader, file: file.name, aliases: entries.map(([alias]) => alias), open: entries.every(([, opens]) => opens === 'true') }).toEqual({ reader, file: file.name, aliases: entriesOf(file), open: true }); // prettier-ignore
        if (formats.includes(file)) {
          const [, , chain] = entries.find(([alias]) => alias === 'authentication') ?? [];
          expect(Number(chain)).toBeGreaterThanOrEqual(2);
          note(reader, file.name, `${entries.length} keys, under their aliases`);
        }
      }
    }
  });

  test('keytool: lists them, and a copy that it makes is read again', async () => {
    await Promise.all(
      formats.map(async ({ name, path, keys }) => {
        const copy = at(`copy-of-${name}.p12`);
        const flags = name === 'compat' ? ['-J-Dkeystore.pkcs12.legacy'] : [];
        await must('keytool', ['-J-XX:TieredStopAtLevel=1', ...flags, '-importkeystore', '-noprompt', '-srckeystore', path, '-srcstoretype', 'PKCS12', '-srcstorepass:file', at('password'), '-destkeystore', copy, '-deststoretype', 'PKCS12', '-deststorepass:file', at('password')]); // prettier-ignore
        const read = await openKeystore(copy, bytes(PASSWORD));
        expect(1 + read.encryption.length).toBe(keys);
        expect(read.authentication.privateKey.equals(keyOf('doctor'))).toBe(true);
        note('keytool 17', name, `${keys} keys, copied and read again`);
      }),
    );
  });

  test('node-forge', async () => {
    const counts = await byForgeItself({ read: formats.map(({ path }) => path) });
    expect(counts).toEqual(formats.map(({ keys }) => [keys, 4]));
    for (const { name, keys } of formats) {
      note('node-forge', name, `${keys} keys, 4 certificates`);
    }
  });

  test('Node (tls): the first key, which is the one that authenticates', () => {
    for (const { name, path } of formats) {
      expect(() => createSecureContext({ pfx: readFileSync(path), passphrase: PASSWORD })).not.toThrow(); // prettier-ignore
      note('Node (tls pfx)', name, 'opens; takes the first key, the one that authenticates');
    }
  });

  test('a wrong password opens none of them', async () => {
    for (const { path } of formats) {
      const { status } = await run('openssl', ['pkcs12', '-in', path, '-passin', 'pass:x', '-noout']); // prettier-ignore
      expect(status).not.toBe(0);
      expect(() => createSecureContext({ pfx: readFileSync(path), passphrase: 'x' })).toThrow();
    }
  });

  test('docs/tables/keystores.md says what was seen', () => {
    const text = tables();
    if (process.env['TOPAZ_WRITE_TABLES'] === '1') {
      mkdirSync(dirname(TABLE), { recursive: true });
      writeFileSync(TABLE, text);
    }
    expect(readFileSync(TABLE, 'utf8')).toBe(text);
  });
});

function tables(): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  const readers = [...seen.read].map(([reader, row]) => [reader, row.get('modern') ?? '?', row.get('compat') ?? '?']); // prettier-ignore
  return `# Keystores of other programs

Made by \`test/keystore/matrix.test.ts\`, which fails when a cell is no longer true
(\`TOPAZ_WRITE_TABLES=1\` writes it anew). Every file is made on the spot by the program named.

## Read by topaz

${table(['written by', 'how', 'what topaz finds'], seen.reads)}

Of each a wrong password, a changed byte and a cut file are refused within a second.

## Written by topaz

\`modern\` is PBES2 with AES-256 and a MAC with SHA-256; \`compat\` (\`keystore export --legacy\`) is 3DES with a MAC
with SHA-1. Both hold three keys and four certificates here.

${table(['read by', 'modern', 'compat'], readers)}
`;
}
