/**
 * Cards that were made elsewhere: the roots of `--trust-eid`, and the issuers between them and the cards. A
 * message to the STS carries the card's own certificate alone, so its issuer must be known here; issuers that
 * lie in the same folder as the roots are found by themselves, and count only when a root signed them.
 *
 * @module
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { TopazError, systemCode } from '../errors.js';
import { isSignedBy } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { parsePemCertificates } from '../x509/pem.js';

export interface CardTrust {
  readonly roots: readonly Certificate[];
  readonly issuers: readonly Certificate[];
}

const CERTIFICATE_FILE = /\.(?:crt|pem|cer)$/;
const MAX_FILES = 100;
const MAX_BYTES = 64 * 1024;

/**
 * Reads a PEM file with one or more certificates; those that others of the file issued are issuers, not roots.
 *
 * @throws TopazError `E_FILE_NOT_FOUND`, `E_ASN1_MALFORMED`.
 */
export async function readCardTrust(file: string | undefined): Promise<CardTrust> {
  if (file === undefined) {
    return { roots: [], issuers: [] };
  }
  const listed = await readListed(file);
  const isRoot = (certificate: Certificate): boolean =>
    isSignedBy(certificate, certificate.publicKey) ||
    !listed.some((other) => other !== certificate && isSignedBy(certificate, other.publicKey));
  const roots = listed.filter(isRoot);
  const beside = await readBeside(dirname(file));
  const issuers = [...listed.filter((each) => !roots.includes(each)), ...beside].filter(
    (candidate) =>
      candidate.isCa && roots.some(({ publicKey }) => isSignedBy(candidate, publicKey)),
  );
  return { roots, issuers };
}

async function readListed(file: string): Promise<readonly Certificate[]> {
  try {
    return parsePemCertificates(await readFile(file, 'utf8'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      throw new TopazError('E_FILE_NOT_FOUND', `there is no file ${file}`, {
        hint: '--trust-eid takes a PEM file with one or more root certificates',
        cause: error,
      });
    }
    throw error;
  }
}

/** Every certificate in the folder that can be read; anything else is passed over. */
async function readBeside(folder: string): Promise<readonly Certificate[]> {
  const names = (await readdir(folder)).filter((name) => CERTIFICATE_FILE.test(name));
  const found: Certificate[] = [];
  for (const name of names.slice(0, MAX_FILES)) {
    const path = join(folder, name);
    const { size } = await stat(path);
    if (size <= MAX_BYTES) {
      found.push(...certificatesOf(await readFile(path, 'utf8')));
    }
  }
  return found;
}

function certificatesOf(text: string): readonly Certificate[] {
  try {
    return parsePemCertificates(text);
  } catch {
    return [];
  }
}
