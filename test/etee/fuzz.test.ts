/**
 * Thousands of bent messages, always the same ones: none crashes or hangs the reader, none takes much memory,
 * and none is `clean` with another content, another sender or another time than those that were sealed.
 *
 * `TOPAZ_DEEP=1` for the full count.
 */

import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import { describe, expect, test } from '@jest/globals';

import { signContent } from '../../src/cms/sign.js';
import { OID_DATA } from '../../src/der/oids.js';
import { pullBytes } from '../../src/der/pull.js';
import { SealError } from '../../src/etee/seal-error.js';
import { seal, sealUnaddressed } from '../../src/etee/seal.js';
import { unsealStream, type Judgement, type UnsealOptions } from '../../src/etee/unseal.js';
import { encodeEnvelopedData, encodeSignedData } from '../cms/encode.js';
import {
  certificateOf,
  decrypterOf,
  etkOf,
  MADE_AT,
  MESSAGE,
  oracleMessage,
  ROOTS,
  signerOf,
} from './pki.js';

const SEED = 20_260_301;
const COUNT = process.env['TOPAZ_DEEP'] === '1' ? 20_000 : 300;
/** A message that is read in less than a millisecond has this long. */
const MAX_MS = 5_000;
const MAX_MIB = 256;

const sender = signerOf('sender');
const secretKey = { id: Uint8Array.from([1, 2, 3]), key: new Uint8Array(16).fill(7) };
/** A secret key opens the envelope, so that most of the time is not spent on RSA. */
const options: UnsealOptions = {
  decrypters: [decrypterOf('recipient')],
  secretKeys: { find: () => Promise.resolve(secretKey.key) },
  roots: ROOTS,
  now: MADE_AT,
};

/** mulberry32: the same messages each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const next = random(SEED);
const below = (limit: number): number => Math.floor(next() * limit);

type Mutation = (bytes: Buffer, other: Buffer) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  // A bit, a byte, a tag or a length, a run of bytes.
  (bytes) => at(bytes, (byte) => byte ^ (1 << below(8))),
  (bytes) => at(bytes, () => below(256)),
  (bytes) => at(bytes, () => [0x00, 0x04, 0x24, 0x30, 0x31, 0x80, 0x84, 0xa0, 0xff][below(9)] ?? 0),
  (bytes) => Buffer.concat([bytes.subarray(0, below(bytes.length)), bytes.subarray(below(bytes.length))]),
  (bytes) => bytes.subarray(0, below(bytes.length)),
  (bytes) => {
    const [from, to, length] = [below(bytes.length), below(bytes.length), below(200)];
    const copy = Buffer.from(bytes);
    bytes.copy(copy, to, from, Math.min(from + length, bytes.length));
    return copy;
  },
  (bytes) => Buffer.concat([bytes, Buffer.alloc(below(20), below(2) * 255)]),
  // The beginning of one message and the end of another.
  (bytes, other) => Buffer.concat([bytes.subarray(0, below(bytes.length)), other.subarray(below(other.length))]),
  // An end mark, a piece or an indefinite length where none belongs.
  (bytes) => insert(bytes, Buffer.from([[0, 0], [0x24, 0x80], [0x04, 0x81, 0x80], [0x30, 0x80]][below(4)] ?? [])),
]; // prettier-ignore

function at(bytes: Buffer, change: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  // Half of them where the frames are: at the beginning and at the end.
  const place =
    below(2) === 0
      ? below(bytes.length)
      : (below(400) + (below(2) === 0 ? bytes.length - 400 : 0) + bytes.length) % bytes.length;
  copy[place] = change(copy[place] ?? 0);
  return copy;
}

function insert(bytes: Buffer, what: Buffer): Buffer {
  const place = below(bytes.length);
  return Buffer.concat([bytes.subarray(0, place), what, bytes.subarray(place)]);
}

async function signed(content: Uint8Array, chain: readonly Uint8Array[]): Promise<Uint8Array> {
  return encodeSignedData({
    contentType: OID_DATA,
    content,
    certificates: chain,
    signerInfos: [
      await signContent(createHash('sha256').update(content).digest(), {
        signer: sender,
        algorithm: 'rsa-pss-sha256',
        contentType: OID_DATA,
        now: MADE_AT,
      }),
    ],
  });
}

const chain = sender.chain.map(({ der }) => der);

/** Bent outside, or bent inside and signed again around it: the inner layers are reached too. */
async function bend(messages: readonly Buffer[], inner: Buffer): Promise<Buffer> {
  const mutate = MUTATIONS[below(MUTATIONS.length)] ?? ((bytes: Buffer) => bytes);
  const [one, other] = [0, 1].map(() => messages[below(messages.length)] ?? inner);
  const twice = (bytes: Buffer): Buffer => (below(4) === 0 ? mutate(mutate(bytes, inner), inner) : mutate(bytes, inner)); // prettier-ignore
  switch (below(16)) {
    case 0:
      return Buffer.from(
        await signed(encodeEnvelopedData(twice(inner), [certificateOf('recipient-enc')]), chain),
      );
    case 1: {
      const middle = Buffer.from(encodeEnvelopedData(inner, [certificateOf('recipient-enc')]));
      return Buffer.from(await signed(twice(middle), chain));
    }
    default:
      return mutate(one ?? inner, other ?? inner);
  }
}

interface Summary {
  clean: number;
  warning: number;
  refused: number;
  fatal: number;
}

async function open(bytes: Buffer): Promise<{ judgement: Judgement; content: Buffer } | SealError> {
  const written: Buffer[] = [];
  try {
    const judgement = await unsealStream(
      pullBytes(bytes, 1 + below(3000)),
      (chunk) => void written.push(Buffer.from(chunk)),
      options,
    );
    return { judgement, content: Buffer.concat(written) };
  } catch (error) {
    if (error instanceof SealError) {
      return error;
    }
    throw error;
  }
}

describe(`mutated messages, seed ${SEED}`, () => {
  test(`${COUNT} of them: never a forgery, a crash, a hang or a flood`, async () => {
    const now = MADE_AT;
    const to = { sender, recipients: [etkOf('recipient')], now };
    const messages = [
      await seal(MESSAGE, to),
      await seal(MESSAGE, { ...to, encoding: 'ber' }),
      await sealUnaddressed(MESSAGE, { sender, now, secretKey }),
      await sealUnaddressed(MESSAGE, { sender, now, secretKey, encoding: 'ber' }),
      oracleMessage('none'),
      oracleMessage('der'),
    ].map((bytes) => Buffer.from(bytes));
    const inner = Buffer.from(await signed(MESSAGE, []));
    const times: unknown[] = [];
    for (const message of messages) {
      const opened = await open(message);
      if (opened instanceof SealError || opened.judgement.verdict !== 'clean') {
        throw new Error('a message that nobody bent does not open');
      }
      times.push(opened.judgement.signingTime);
    }
    const summary: Summary = { clean: 0, warning: 0, refused: 0, fatal: 0 };
    let slowest = 0;
    let largest = 0;
    for (let count = 0; count < COUNT; count += 1) {
      const bytes = await bend(messages, inner);
      const from = performance.now();
      const opened = await open(bytes);
      slowest = Math.max(slowest, performance.now() - from);
      largest = count % 64 === 0 ? Math.max(largest, process.memoryUsage.rss()) : largest;
      if (opened instanceof SealError) {
        summary.fatal += 1;
        continue;
      }
      const { judgement, content } = opened;
      summary[judgement.verdict] += 1;
      if (judgement.verdict !== 'refused') {
        expect(content.equals(MESSAGE)).toBe(true);
        expect(judgement.sender.certificate.der).toEqual(sender.certificate.der);
        expect(times).toContainEqual(judgement.signingTime);
      }
    }
    const grown = (largest - baseline) / (1024 * 1024);
    process.stderr.write(
      `fuzz: seed ${SEED}, ${COUNT} messages, ${JSON.stringify(summary)}, slowest ${slowest.toFixed(0)} ms, ` +
        `memory grew by ${grown.toFixed(0)} MiB\n`,
    );
    expect(slowest).toBeLessThan(MAX_MS);
    expect(grown).toBeLessThan(MAX_MIB);
    // Not all were refused for the same reason, and what is not read (zeros at the end) does no harm.
    expect(Math.min(summary.clean, summary.refused, summary.fatal)).toBeGreaterThan(0);
  }, 600_000);
});

const baseline = process.memoryUsage.rss();
