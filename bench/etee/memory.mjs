/**
 * Messages in memory, against programs that do the unavoidable part of the work and nothing else: for a
 * small message the RSA operations, for a large one both hashes and the cipher.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { readFileSync } from 'node:fs';

import { takeTurns, wallMs } from '../support/measure.mjs';

const CHUNK = 128 * 1024;

/**
 * @param {typeof import('./subject.ts')} subject
 * @param {string} keys - folder of the keys.
 */
export async function memoryRows(subject, keys, smoke) {
  const world = subject.openWorld(keys);
  const now = new Date();
  const options = { ...world, now };
  const small = randomBytes(1024);
  const large = randomBytes(smoke ? 1024 * 1024 : 10 * 1024 * 1024);
  const smallSealed = await subject.seal(small, options);
  const largeSealed = await subject.seal(large, options);
  const rsa = rsaLimit(keys, world);
  const bulk = bulkLimit(large);
  const timed = (work) => () => wallMs(work);
  const open = async (sealed) => {
    const { verdict } = await subject.unseal(sealed, options);
    if (verdict !== 'clean') {
      throw new Error(`the message opened with the verdict ${verdict}`);
    }
  };
  // One call at a time: a machine that is shared interrupts a long measurement, not a short one.
  const rounds = smoke ? { small: 2, large: 2 } : { small: 1500, large: 31 };
  // A mailbox is opened by a program that is warm; a limit program of four lines always is.
  for (let count = 0; count < (smoke ? 1 : 1000); count += 1) {
    await subject.seal(small, options);
    await open(smallSealed);
    rsa.seal();
    rsa.unseal();
  }
  // Apart: what large messages leave behind is not to be cleared away while small ones are measured.
  const medians = {
    ...(await takeTurns(
      {
        sealSmall: timed(() => subject.seal(small, options)),
        sealSmallLimit: timed(rsa.seal),
        unsealSmall: timed(() => open(smallSealed)),
        unsealSmallLimit: timed(rsa.unseal),
      },
      rounds.small,
    )),
    ...(await takeTurns(
      {
        sealLarge: timed(() => subject.seal(large, options)),
        sealLargeLimit: timed(bulk.seal),
        unsealLarge: timed(() => open(largeSealed)),
        unsealLargeLimit: timed(bulk.unseal),
      },
      rounds.large,
    )),
  };
  const row = (name, measure, limit, atLeast) => ({
    case: name,
    measure,
    peer: limit,
    value: medians[`${measure}${name === '1 KiB' ? 'Small' : 'Large'}Limit`] / medians[`${measure}${name === '1 KiB' ? 'Small' : 'Large'}`], // prettier-ignore
    atLeast,
  });
  return [
    row('1 KiB', 'seal', 'RSA alone', 0.65),
    row('1 KiB', 'unseal', 'RSA alone', 0.55),
    row('10 MiB', 'seal', 'hashes and cipher alone', 0.55),
    row('10 MiB', 'unseal', 'hashes and cipher alone', 0.55),
  ];
}

function rsaLimit(keys, { sender, recipients }) {
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const signing = createPrivateKey(readFileSync(`${keys}sender-auth.key`));
  const decryption = createPrivateKey(readFileSync(`${keys}recipient-enc.key`));
  const encryption = recipients[0].certificate.publicKey;
  const data = randomBytes(220);
  const key = randomBytes(16);
  const signature = sign('sha256', data, { key: signing, ...pss });
  const wrapped = publicEncrypt({ key: encryption, padding: constants.RSA_PKCS1_PADDING }, key);
  return {
    seal: () => {
      sign('sha256', data, { key: signing, ...pss });
      publicEncrypt({ key: encryption, padding: constants.RSA_PKCS1_PADDING }, key);
      sign('sha256', data, { key: signing, ...pss });
    },
    unseal: () => {
      verify('sha256', data, { key: sender.certificate.publicKey, ...pss }, signature);
      privateDecrypt({ key: decryption, padding: constants.RSA_NO_PADDING }, wrapped);
      verify('sha256', data, { key: sender.certificate.publicKey, ...pss }, signature);
    },
  };
}

function bulkLimit(content) {
  const key = randomBytes(16);
  const iv = randomBytes(16);
  const chunks = [];
  for (let at = 0; at < content.length; at += CHUNK) {
    chunks.push(content.subarray(at, at + CHUNK));
  }
  const work = (cipher) => {
    const first = createHash('sha256');
    const second = createHash('sha256');
    for (const chunk of chunks) {
      first.update(chunk);
      second.update(cipher.update(chunk));
    }
    first.digest();
    second.digest();
  };
  return {
    seal: () => work(createCipheriv('aes-128-cbc', key, iv)),
    unseal: () => work(createDecipheriv('aes-128-cbc', key, iv).setAutoPadding(false)),
  };
}
