/**
 * Does the time of unwrapping a content key tell whether its padding was right? Welch's t over interleaved
 * calls; information, with no target: a |t| that grows with the number of calls would be a leak.
 */
import { constants, publicEncrypt, randomBytes } from 'node:crypto';

const KEY_BYTES = 16;
const BLOCK_BYTES = 256;
/** Of each kind, so that no single ciphertext's arithmetic decides. */
const SAMPLES = 64;
/** The slowest calls are those that the machine interrupted. */
const KEPT = 0.95;

/** @param {typeof import('./subject.ts')} subject */
export async function timingRows(subject, keys, smoke) {
  const { decrypters, recipients } = subject.openWorld(keys);
  const [decrypter] = decrypters;
  const { publicKey } = recipients[0].certificate;
  const wrap = (key) =>
    publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key);
  const raw = (change) => {
    const block = Buffer.from(randomBytes(BLOCK_BYTES).map((byte) => byte | 1));
    block[0] = 0;
    block[1] = 2;
    block[BLOCK_BYTES - KEY_BYTES - 1] = 0;
    change(block);
    return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block);
  };
  const make = (one) => Array.from({ length: SAMPLES }, one);
  const good = make(() => wrap(randomBytes(KEY_BYTES)));
  const bad = {
    'another block type': make(() => raw((block) => (block[1] = 1))),
    'no separator': make(() => raw((block) => (block[BLOCK_BYTES - KEY_BYTES - 1] = 1))),
    'a separator in the padding': make(() => raw((block) => (block[5] = 0))),
    'a longer key': make(() => wrap(randomBytes(32))),
  };
  const calls = smoke ? 200 : 12_000;
  const rows = [];
  for (const [name, samples] of Object.entries(bad)) {
    const times = { good: [], bad: [] };
    for (let count = 0; count < calls; count += 1) {
      // In a random order, so that no pattern of the machine falls on one side.
      const side = Math.random() < 0.5 ? 'good' : 'bad';
      const wrapped = (side === 'good' ? good : samples)[count % SAMPLES];
      const start = process.hrtime.bigint();
      await decrypter.unwrap(wrapped, KEY_BYTES);
      times[side].push(Number(process.hrtime.bigint() - start));
    }
    rows.push({
      case: `unwrap, ${calls} calls`,
      measure: '|t| of Welch, right padding',
      peer: name,
      value: Math.abs(welch(trim(times.good), trim(times.bad))),
    });
  }
  return rows;
}

const trim = (values) => values.toSorted((a, b) => a - b).slice(0, Math.ceil(values.length * KEPT));

function welch(a, b) {
  const [first, second] = [a, b].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance =
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    return { mean, error: variance / values.length };
  });
  return (first.mean - second.mean) / Math.sqrt(first.error + second.error);
}
