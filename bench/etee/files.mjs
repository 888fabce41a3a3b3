/**
 * Files: against the three processes of `openssl cms` that do the same, and the memory against a Node that
 * does nothing.
 */
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { median, runProgram, takeTurns } from '../support/measure.mjs';

const MIB = 1024 * 1024;

/** Prints the peak of its own memory. Not maxRSS: a process takes that over from whoever started it. */
const PEAK = String.raw`console.log(/^VmHWM:\s+(\d+)/m.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1])`;

/**
 * @param {string} program - the bundled `file-subject.ts`.
 * @param {string} keys - folder of the keys, with a slash at its end.
 */
export async function fileRows(program, keys, smoke) {
  const folder = mkdtempSync(join(tmpdir(), 'topaz-bench-etee-'));
  const file = (name) => join(folder, name);
  const sizes = smoke ? { small: 1, large: 2 } : { small: 10, large: 100 };
  const rounds = smoke ? 1 : 7;
  try {
    for (const size of Object.keys(sizes)) {
      await writeRandom(file(size), sizes[size]);
    }
    const memory = { bare: [], sealsmall: [], seallarge: [], unsealsmall: [], unseallarge: [] };
    const topaz = async (work, size) => {
      const [from, to] = work === 'seal' ? [size, `${size}.sealed`] : [`${size}.sealed`, 'opened'];
      const { wallMs, stdout } = await runProgram(process.execPath, [
        program, work, keys, file(from), file(to), file('registry'),
      ]); // prettier-ignore
      memory[`${work}${size}`].push(Number(stdout));
      return wallMs;
    };
    const bare = async () => {
      const { wallMs, stdout } = await runProgram(process.execPath, [
        '-e', PEAK,
      ]); // prettier-ignore
      memory.bare.push(Number(stdout));
      return wallMs;
    };
    const openssl = opensslChain(keys, file);
    // What is opened must be there.
    await openssl.seal();
    await topaz('seal', 'small');
    const medians = await takeTurns(
      {
        bare,
        sealSmall: () => topaz('seal', 'small'),
        unsealSmall: () => topaz('unseal', 'small'),
        seal: () => topaz('seal', 'large'),
        opensslSeal: openssl.seal,
        unseal: () => topaz('unseal', 'large'),
        opensslUnseal: openssl.unseal,
      },
      rounds,
    );
    const peak = Object.fromEntries(
      Object.entries(memory).map(([name, values]) => [name, median(values) / 1024]),
    );
    const large = `${sizes.large} MiB file`;
    const against = (work) => ({
      case: large,
      measure: `peak memory of ${work}, MiB above`,
      peer: 'bare node',
      value: peak[`${work}large`] - peak.bare,
      atMost: 64,
    });
    const growth = (work) => ({
      case: `${sizes.small} to ${sizes.large} MiB`,
      measure: `growth of the peak of ${work}, MiB`,
      peer: 'itself',
      value: peak[`${work}large`] - peak[`${work}small`],
      atMost: 32,
    });
    return [
      { case: large, measure: 'wall time of seal', peer: 'openssl cms, three processes', value: medians.seal / medians.opensslSeal, atMost: 0.5 },
      { case: large, measure: 'wall time of unseal', peer: 'openssl cms, three processes', value: medians.unseal / medians.opensslUnseal, atMost: 0.6 },
      against('seal'),
      against('unseal'),
      growth('seal'),
      growth('unseal'),
    ]; // prettier-ignore
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeRandom(path, mebibytes) {
  const stream = createWriteStream(path);
  for (let count = 0; count < mebibytes; count += 1) {
    if (!stream.write(randomBytes(MIB))) {
      await once(stream, 'drain');
    }
  }
  stream.end();
  await once(stream, 'finish');
}

/** The steps of etee §6. */
function opensslChain(keys, file) {
  const run = async (...args) => (await runProgram('openssl', ['cms', ...args])).wallMs;
  const key = (name) => `${keys}${name}`;
  const pss = ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:32'];
  const sign = (from, to, ...more) =>
    run(
      '-sign', '-binary', '-nodetach', '-outform', 'DER', '-md', 'sha256', '-in', file(from), '-out', file(to),
      '-signer', key('sender-auth.pem'), '-inkey', key('sender-auth.key'), ...pss, ...more,
    ); // prettier-ignore
  writeFileSync(
    file('trust.pem'),
    ['ca.pem', 'root.pem'].map((name) => readFileSync(key(name), 'utf8')).join('\n'),
  );
  const verify = (from, to, ...more) =>
    run(
      '-verify', '-binary', '-inform', 'DER', '-in', file(from), '-out', file(to), '-CAfile', file('trust.pem'),
      '-purpose', 'any', ...more,
    ); // prettier-ignore
  return {
    seal: async () =>
      (await sign('large', 'ossl.inner', '-nocerts')) +
      (await run(
        '-encrypt', '-binary', '-aes-128-cbc', '-outform', 'DER', '-in', file('ossl.inner'), '-out', file('ossl.env'),
        key('recipient-enc.pem'),
      )) +
      (await sign('ossl.env', 'ossl.sealed', '-certfile', key('ca.pem'))), // prettier-ignore
    unseal: async () =>
      (await verify('ossl.sealed', 'ossl.env2')) +
      (await run(
        '-decrypt', '-binary', '-inform', 'DER', '-in', file('ossl.env2'), '-out', file('ossl.inner2'),
        '-recip', key('recipient-enc.pem'), '-inkey', key('recipient-enc.key'),
      )) +
      (await verify('ossl.inner2', 'ossl.out', '-certfile', key('sender-auth.pem'))), // prettier-ignore
  };
}
