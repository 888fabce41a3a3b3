/** The etee oracle opens what topaz seals, and topaz opens what the oracle seals; openssl peels the layers. */

import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writevSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { pullBytes } from '../../src/der/pull.js';
import { readEtk } from '../../src/etee/etk.js';
import { seal, sealStream, sealUnaddressed } from '../../src/etee/seal.js';
import { unseal, unsealStream } from '../../src/etee/unseal.js';
import { checkEtk } from '../../src/etee/verify-etk.js';
import { makeEtk, sealBytes } from '../../src/sandbox/seal.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';
import {
  certificateOf,
  decrypterOf,
  etkOf,
  oracleMessage,
  pkiPath,
  readBytes,
  ROOTS,
  signerOf,
} from './pki.js';

const ORACLE = resolve(SHARED, 'tools/etee-oracle/etee-oracle');
const runs = hasShared() && hasProgram('javac', { required: false });
const judged = runs ? describe : describe.skip;
if (!runs) {
  process.stderr.write('skipped: the etee oracle needs TOPAZ_SHARED and a JDK with BouncyCastle\n');
}

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'topaz-etee-'));
});

/** What held, for the table. */
const held: { readonly by: string; readonly reader: string; readonly size: number; readonly how: string }[] = []; // prettier-ignore

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if (DEEP && process.env['TOPAZ_WRITE_TABLES'] === '1') {
    writeFileSync(resolve('docs/tables/etee.md'), table());
  }
});

function table(): string {
  const rows = held.map(({ by, reader, size, how }) => `| ${by} | ${reader} | ${size} | ${how} | clean, the same bytes |`); // prettier-ignore
  return `# Sealed messages: who made them, who opened them

Made by \`test/etee/judge.test.ts\` with \`TOPAZ_DEEP=1 TOPAZ_WRITE_TABLES=1\`; a row is written when it held. The
oracle is BouncyCastle's. Messages that are not genuine, each kind with its verdict: \`test/etee/oracle-kinds.test.ts\`.

| made by | opened by | bytes | how | verdict |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function oracle(...args: readonly string[]): { status: number | null; stdout: string } {
  const { status, stdout, stderr } = spawnSync(ORACLE, args, {
    encoding: 'utf8',
    env: {
      ...process.env,
      JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
      ETEE_ORACLE_CACHE: join(tmpdir(), 'topaz-oracle-classes'),
    },
  });
  if (status === null || status > 3) {
    throw new Error(`etee-oracle: ${stderr}`);
  }
  return { status, stdout };
}

interface Layer {
  readonly contentType?: string;
  readonly version?: number;
  readonly signers?: readonly Record<string, unknown>[];
  readonly recipients?: readonly Record<string, unknown>[];
  readonly certificates?: readonly { subject: string }[];
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const p12 = (name: string): string[] => ['--p12', pkiPath(`${name}.p12`), '--pass', 'test'];

/** The full matrix in deep runs: a JVM starts for every message. */
const DEEP = process.env['TOPAZ_DEEP'] === '1';
const HOLDERS = ['recipient', 'other', 'sender'] as const;
const SIZES = DEEP ? [0, 1, 1000, 1001, 100 * 1024, 10 * 1024 * 1024] : [1001];
const HUGE = 100 * 1024 * 1024;

interface Cell {
  readonly size: number;
  readonly recipients: 1 | 3;
  readonly encoding: 'ber' | 'der';
  readonly from: 'bytes' | 'stream';
}

const CELLS: readonly Cell[] = [
  ...SIZES.flatMap((size): readonly Cell[] => [
    { size, recipients: 3, encoding: 'der', from: 'bytes' },
    { size, recipients: 1, encoding: 'ber', from: 'stream' },
    ...(DEEP
      ? ([
          { size, recipients: 1, encoding: 'der', from: 'stream' },
          { size, recipients: 3, encoding: 'ber', from: 'bytes' },
        ] as const)
      : []),
  ]),
  ...(DEEP ? ([{ size: HUGE, recipients: 3, encoding: 'der', from: 'stream' }] as const) : []),
];

async function sealCell(content: Uint8Array, { recipients, encoding, from }: Cell): Promise<void> {
  const options = {
    sender: signerOf('sender'),
    recipients: HOLDERS.slice(0, recipients).map((name) => etkOf(name)),
    now: new Date(),
    encoding,
  };
  if (from === 'bytes') {
    writeFileSync(file('sealed'), await seal(content, options));
    return;
  }
  const out = openSync(file('sealed'), 'w');
  await sealStream(pullBytes(content), (parts) => void writevSync(out, [...parts]), {
    ...options,
    length: encoding === 'der' ? content.length : undefined,
  });
  closeSync(out);
}

judged('the etee oracle opens what topaz seals', () => {
  test.each(CELLS)('$size bytes for $recipients, $encoding, $from', async (cell) => {
    const content = randomBytes(cell.size);
    await sealCell(content, cell);
    const reader = HOLDERS[cell.recipients - 1] ?? 'recipient';
    const { status, stdout } = oracle(
      'unseal', ...p12(reader), '--trust', pkiPath('root.pem'), '--in', file('sealed'), '--out', file('opened'),
    ); // prettier-ignore
    expect(JSON.parse(stdout)).toMatchObject({ fatal: null, errors: [], warnings: [] });
    expect(status).toBe(0);
    expect(Buffer.compare(readFileSync(file('opened')), content)).toBe(0);
    const { recipients, encoding, from, size } = cell;
    held.push({ by: 'topaz', reader: 'oracle', size, how: `${recipients} recipients, ${encoding.toUpperCase()}, from ${from}` }); // prettier-ignore
  });

  test('under a secret key, for nobody by name', async () => {
    const content = randomBytes(1001);
    const secretKey = { id: randomBytes(16), key: randomBytes(16) };
    for (const encoding of DEEP ? (['der', 'ber'] as const) : (['ber'] as const)) {
      const options = { sender: signerOf('sender'), now: new Date(), encoding, secretKey };
      writeFileSync(file('sealed'), await sealUnaddressed(content, options));
      const { status } = oracle(
        'unseal', ...p12('recipient'), '--kek', base64(secretKey.key), '--trust', pkiPath('root.pem'),
        '--in', file('sealed'), '--out', file('opened'),
      ); // prettier-ignore
      expect(status).toBe(0);
      expect(Buffer.compare(readFileSync(file('opened')), content)).toBe(0);
      held.push({ by: 'topaz', reader: 'oracle', size: 1001, how: `secret key, ${encoding.toUpperCase()}` }); // prettier-ignore
    }
  });

  test('every layer has the form of the oracle’s own message', async () => {
    const sealed = await seal(Buffer.from('a letter'), {
      sender: signerOf('sender'),
      recipients: [etkOf('recipient')],
      now: new Date(),
    });
    writeFileSync(file('ours'), sealed);
    writeFileSync(file('theirs'), oracleMessage('none'));
    const layers = (name: string): readonly Layer[] =>
      (
        JSON.parse(oracle('structure', '--in', file(name), ...p12('recipient')).stdout) as Layer[]
      ).map((layer) => ({
        ...layer,
        bytes: 0,
        encoding: '', // ours is DER, theirs BER
        contentEncryptionParameters: '',
        signers: layer.signers?.map((signer) => ({ ...signer, signingTime: '' })) ?? [],
      }));
    expect(layers('ours')).toEqual(layers('theirs'));
    const [outer] = layers('ours');
    expect(outer?.signers?.[0]).toMatchObject({ unsignedAttributes: null });
    expect(outer?.certificates).toHaveLength(3);
    expect(outer?.certificates?.[0]?.subject).toContain('Jean Exemple');
  });
});

judged('topaz opens what the etee oracle seals', () => {
  const sealThere = (content: Uint8Array, ...more: readonly string[]): void => {
    writeFileSync(file('content'), content);
    oracle('seal', ...p12('sender'), '--in', file('content'), '--out', file('sealed'), ...more);
  };
  const to = (...names: readonly string[]): readonly string[] =>
    names.flatMap((name) => ['--to', pkiPath(`${name}.etk`)]);
  const combinations = [
    ...SIZES.flatMap((size) => [
      { size, names: ['other', 'recipient', 'sender'], flags: [] },
      { size, names: ['recipient'], flags: ['--der', '--ski'] },
    ]),
    ...(DEEP ? [{ size: HUGE, names: ['recipient'], flags: [] }] : []),
  ];

  test.each(combinations)('$size bytes for $names $flags, bytes and stream', async (cell) => {
    const content = randomBytes(cell.size);
    sealThere(content, ...to(...cell.names), ...cell.flags);
    const options = { decrypters: [decrypterOf('recipient')], roots: ROOTS, now: new Date() };
    const sealed = readBytes(file('sealed'));
    const opened = await unseal(sealed, options);
    expect(opened).toMatchObject({ verdict: 'clean' });
    expect('content' in opened && Buffer.compare(opened.content, content)).toBe(0);
    const hash = createHash('sha256');
    const judgement = await unsealStream(
      pullBytes(sealed, 65_537),
      (chunk) => void hash.update(chunk),
      options,
    );
    expect(judgement).toMatchObject({ verdict: 'clean', sizeBytes: cell.size });
    expect(hash.digest()).toEqual(createHash('sha256').update(content).digest());
    const { size, names, flags } = cell;
    held.push({ by: 'oracle', reader: 'topaz', size, how: `${names.length} recipients, ${flags.length === 0 ? 'BER' : 'DER, by key identifier'}, as bytes and as a stream` }); // prettier-ignore
  });

  test('under a secret key, found by its name', async () => {
    const content = randomBytes(1001);
    const [id, key] = [randomBytes(16), randomBytes(16)];
    sealThere(content, '--kek', base64(key), '--kek-id', base64(id));
    const asked: string[] = [];
    const secretKeys = {
      find: (name: Uint8Array) => {
        asked.push(base64(name));
        return Promise.resolve(key);
      },
    };
    const options = { decrypters: [], secretKeys, roots: ROOTS, now: new Date() };
    expect(await unseal(readBytes(file('sealed')), options)).toMatchObject({
      verdict: 'clean',
      content,
    });
    expect(asked).toEqual([base64(id)]);
    held.push({ by: 'oracle', reader: 'topaz', size: 1001, how: 'secret key, found by its name' });
  });
});

describe('topaz opens what its sandbox seals, with other code', () => {
  test('BER, in pieces of 1000 bytes', async () => {
    const content = randomBytes(12_345);
    const now = new Date();
    const { certificate, chain } = signerOf('sender');
    const sealed = sealBytes(
      content,
      { certificate, privateKey: createPrivateKey(readFileSync(pkiPath('sender-auth.key'))) },
      chain,
      [certificateOf('other-enc'), certificateOf('recipient-enc')],
      now,
    );
    expect(
      await unseal(sealed, { decrypters: [decrypterOf('recipient')], roots: ROOTS, now }),
    ).toMatchObject({ verdict: 'clean', content });
  });

  test('and accepts its encryption tokens', () => {
    const token = makeEtk(
      {
        certificate: certificateOf('etkra'),
        privateKey: createPrivateKey(readFileSync(pkiPath('etkra.key'))),
      },
      certificateOf('recipient-enc').der,
      ['recipient-auth', 'ca', 'root'].map(certificateOf),
    );
    const etk = readEtk(token);
    expect(etk.registration.signature).toBe('valid');
    expect(checkEtk(etk, { roots: ROOTS, now: new Date() })).toEqual([]);
  });
});

const openssl = (...args: readonly string[]): void => {
  execFileSync('openssl', args, { stdio: 'pipe' });
};

(hasProgram('openssl') ? describe : describe.skip)('openssl cms', () => {
  test('peels the three layers of what topaz seals', async () => {
    const content = Buffer.from('a letter, layer by layer');
    writeFileSync(
      file('sealed'),
      await seal(content, {
        sender: signerOf('sender'),
        recipients: [etkOf('recipient')],
        now: new Date(),
      }),
    );
    writeFileSync(
      file('trust'),
      readFileSync(pkiPath('ca.pem'), 'utf8') + readFileSync(pkiPath('root.pem'), 'utf8'),
    );
    openssl(
      'cms', '-verify', '-binary', '-inform', 'DER', '-in', file('sealed'), '-CAfile', pkiPath('root.pem'),
      '-purpose', 'any', '-out', file('envelope'),
    ); // prettier-ignore
    openssl(
      'cms', '-decrypt', '-binary', '-inform', 'DER', '-in', file('envelope'), '-recip', pkiPath('recipient-enc.pem'),
      '-inkey', pkiPath('recipient-enc.key'), '-out', file('inner'),
    ); // prettier-ignore
    openssl(
      'cms', '-verify', '-binary', '-inform', 'DER', '-in', file('inner'), '-certfile', pkiPath('sender-auth.pem'),
      '-CAfile', file('trust'), '-purpose', 'any', '-out', file('opened'),
    ); // prettier-ignore
    expect(readFileSync(file('opened'))).toEqual(content);
  });

  test('makes a message of three layers that topaz opens', async () => {
    const content = Buffer.from('a letter from openssl');
    writeFileSync(file('content'), content);
    const sign = (from: string, to: string, ...more: readonly string[]): void => {
      openssl(
        'cms', '-sign', '-binary', '-nodetach', '-md', 'sha256', '-outform', 'DER', '-in', file(from), '-out', file(to),
        '-signer', pkiPath('sender-auth.pem'), '-inkey', pkiPath('sender-auth.key'),
        '-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:32', ...more,
      ); // prettier-ignore
    };
    sign('content', 'inner', '-nocerts');
    openssl(
      'cms', '-encrypt', '-binary', '-aes-128-cbc', '-outform', 'DER', '-in', file('inner'), '-out', file('envelope'),
      '-recip', pkiPath('recipient-enc.pem'),
    ); // prettier-ignore
    sign('envelope', 'sealed', '-certfile', pkiPath('ca.pem'));
    const opened = await unseal(readBytes(file('sealed')), {
      decrypters: [decrypterOf('recipient')],
      roots: ROOTS,
      now: new Date(),
    });
    expect(opened).toMatchObject({ verdict: 'clean' });
    expect('content' in opened && Buffer.from(opened.content)).toEqual(content);
  });
});
