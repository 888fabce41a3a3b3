/**
 * A digest of a digest, many times over: what nearly all time of the PKCS#12 derivation goes into. For SHA-1 and
 * SHA-256 the rounds are done here, since a call into Node for each costs three times what the compression itself
 * does; every input is one block of known shape. FIPS 180-4 §6.1, §6.2.
 *
 * @module
 */

import { hash } from 'node:crypto';

export type RoundsHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/**
 * Hashes a digest `count` times.
 *
 * @param digest As long as the digest of that hash; it is not changed.
 */
export function hashRounds(name: RoundsHash, digest: Uint8Array, count: number): Uint8Array {
  const compress = COMPRESS.get(name);
  if (compress === undefined) {
    let last = digest;
    for (let round = 0; round < count; round += 1) {
      last = hash(name, last, 'buffer');
    }
    return last;
  }
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const state = Int32Array.from({ length: digest.length / 4 }, (_, at) => view.getInt32(4 * at));
  compress(state, count);
  const result = new Uint8Array(digest.length);
  const written = new DataView(result.buffer);
  state.forEach((word, at) => {
    written.setInt32(4 * at, word);
  });
  state.fill(0);
  return result;
}

/** Each turns words into the words of their digest, `count` times, in place. */
const COMPRESS: ReadonlyMap<RoundsHash, (words: Int32Array, count: number) => void> = new Map([
  ['sha1', sha1Rounds],
  ['sha256', sha256Rounds],
]);

/** First bits of the roots of the first primes, as the standard takes them. */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate += 1) {
    if (primes.every((prime) => candidate % prime !== 0)) {
      primes.push(candidate);
    }
  }
  return Int32Array.from(primes, (prime) => Math.floor((root(prime) % 1) * 2 ** 32) | 0);
}

const SHA256_K = fractions(64, Math.cbrt);
const SHA256_START = fractions(8, Math.sqrt);

function sha256Rounds(words: Int32Array, count: number): void {
  const schedule = new Int32Array(64);
  const k = SHA256_K;
  const h0 = (SHA256_START[0] ?? 0) | 0;
  const h1 = (SHA256_START[1] ?? 0) | 0;
  const h2 = (SHA256_START[2] ?? 0) | 0;
  const h3 = (SHA256_START[3] ?? 0) | 0;
  const h4 = (SHA256_START[4] ?? 0) | 0;
  const h5 = (SHA256_START[5] ?? 0) | 0;
  const h6 = (SHA256_START[6] ?? 0) | 0;
  const h7 = (SHA256_START[7] ?? 0) | 0;
  for (let round = 0; round < count; round += 1) {
    // The block: 32 bytes, a one bit, zeros, and the length of 256 bits.
    for (let index = 0; index < 16; index += 1) {
      schedule[index] = index < 8 ? (words[index] ?? 0) : 0;
    }
    schedule[8] = 0x80000000;
    schedule[15] = 256;
    for (let index = 16; index < 64; index += 1) {
      const x = schedule[index - 15] ?? 0;
      const y = schedule[index - 2] ?? 0;
      const small0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const small1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      schedule[index] =
        ((schedule[index - 16] ?? 0) + (schedule[index - 7] ?? 0) + small0 + small1) | 0;
    }
    let a = h0;
    let b = h1;
    let c = h2;
    let d = h3;
    let e = h4;
    let f = h5;
    let g = h6;
    let h = h7;
    for (let index = 0; index < 64; index += 1) {
      const big1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const choice = g ^ (e & (f ^ g));
      const first = (h + big1 + choice + (k[index] ?? 0) + (schedule[index] ?? 0)) | 0;
      const big0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (big0 + ((a & b) | (c & (a | b)))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    words[0] = h0 + a;
    words[1] = h1 + b;
    words[2] = h2 + c;
    words[3] = h3 + d;
    words[4] = h4 + e;
    words[5] = h5 + f;
    words[6] = h6 + g;
    words[7] = h7 + h;
  }
  schedule.fill(0);
}

function sha1Rounds(words: Int32Array, count: number): void {
  // In here, so that they are small integers to the compiler.
  const K0 = 0x5a827999;
  const K1 = 0x6ed9eba1;
  const K2 = 0x8f1bbcdc | 0;
  const K3 = 0xca62c1d6 | 0;
  const H0 = 0x67452301;
  const H1 = 0xefcdab89 | 0;
  const H2 = 0x98badcfe | 0;
  const H3 = 0x10325476;
  const H4 = 0xc3d2e1f0 | 0;
  const schedule = new Int32Array(80);
  for (let round = 0; round < count; round += 1) {
    // The block: 20 bytes, a one bit, zeros, and the length of 160 bits.
    for (let index = 0; index < 16; index += 1) {
      schedule[index] = index < 5 ? (words[index] ?? 0) : 0;
    }
    schedule[5] = 0x80000000;
    schedule[15] = 160;
    for (let index = 16; index < 80; index += 1) {
      const mixed =
        (schedule[index - 3] ?? 0) ^
        (schedule[index - 8] ?? 0) ^
        (schedule[index - 14] ?? 0) ^
        (schedule[index - 16] ?? 0);
      schedule[index] = (mixed << 1) | (mixed >>> 31);
    }
    let a = H0;
    let b = H1;
    let c = H2;
    let d = H3;
    let e = H4;
    // Four loops and not one: a choice in each step would cost a third more.
    for (let index = 0; index < 20; index += 1) {
      const next =
        (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + K0 + (schedule[index] ?? 0)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let index = 20; index < 40; index += 1) {
      const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + K1 + (schedule[index] ?? 0)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let index = 40; index < 60; index += 1) {
      const next =
        (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + K2 + (schedule[index] ?? 0)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (let index = 60; index < 80; index += 1) {
      const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + K3 + (schedule[index] ?? 0)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    words[0] = H0 + a;
    words[1] = H1 + b;
    words[2] = H2 + c;
    words[3] = H3 + d;
    words[4] = H4 + e;
  }
  schedule.fill(0);
}
