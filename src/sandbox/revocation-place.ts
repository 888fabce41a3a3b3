/**
 * Where the sandbox tells who was revoked: plain HTTP on a port of its own, as the certificates say. The port
 * belongs to the folder of the PKI and never changes, because certificates outlive the sandbox that issued
 * them; a card may be made before any sandbox runs.
 *
 * @module
 */

import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { writeFileAtomic } from '../disk/atomic.js';
import { TopazError } from '../errors.js';
import { crlUrlExtension, ocspUrlExtension } from '../x509/build.js';

/** `http://127.0.0.1:PORT`. */
export type RevocationUrl = string;

/** Below the ports that systems hand out by themselves. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;
const TRIES = 20;

/** The port of a PKI folder; chosen at the first need. */
export async function revocationUrl(folder: string): Promise<RevocationUrl> {
  const file = join(folder, 'revocation-port');
  const known = await readPort(file);
  if (known !== undefined) {
    return urlOf(known);
  }
  const port = await freePort();
  try {
    await writeFileAtomic(file, `${String(port)}\n`, { overwrite: false });
    return urlOf(port);
  } catch (error) {
    // Another process was faster.
    const theirs = await readPort(file);
    if (theirs === undefined) {
      throw error;
    }
    return urlOf(theirs);
  }
}

const urlOf = (port: number): RevocationUrl => `http://127.0.0.1:${String(port)}`;

async function readPort(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) {
      return port;
    }
  }
  throw new TopazError('E_NETWORK_REFUSED', 'no free port for the revocation service', {
    hint: 'end programs that listen on this machine, and try again',
  });
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });

/** For a certificate of a person or an organisation: where to ask, and the list. */
export const holderPlaces = (url: RevocationUrl | undefined, issuer: string): Uint8Array[] =>
  url === undefined
    ? []
    : [ocspUrlExtension(`${url}/ocsp/${issuer}`), crlUrlExtension(`${url}/crl/${issuer}.crl`)];

/** For a certificate of an issuer: the list of the root alone, as the real ones have it. */
export const issuerPlaces = (url: RevocationUrl | undefined, issuer: string): Uint8Array[] =>
  url === undefined ? [] : [crlUrlExtension(`${url}/crl/${issuer}.crl`)];
