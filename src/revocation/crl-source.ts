/**
 * Fetches the revocation list that a certificate names (RFC 5280 §5), and keeps it until the next is due.
 *
 * @module
 */

import { createHash } from 'node:crypto';

import type { Certificate } from '../x509/certificate.js';
import { isCrlOf, lookUp, parseCrl } from '../x509/crl.js';
import type { Crl } from '../x509/crl.js';
import { TOLERANCE_MS } from '../x509/ocsp-response.js';
import type { RevocationStatus } from '../x509/revocation-status.js';
import { FetchRefusal } from './fetch.js';
import { MAX_PLACES } from './ocsp-source.js';
import type { Sources } from './sources.js';

/** The largest lists have some hundred thousand entries of 40 bytes. */
const MAX_BYTES = 32 * 1024 * 1024;

type Unknown = Extract<RevocationStatus, { state: 'unknown' }>;

interface Held {
  readonly crl: Crl;
  readonly cached: boolean;
}

/** What the issuer's list says of a certificate. */
export async function askList(
  sources: Sources,
  certificate: Certificate,
  issuer: Certificate,
  { offline }: { readonly offline: boolean },
): Promise<RevocationStatus> {
  let found: Unknown = { state: 'unknown', cause: 'no-source', detail: 'it names no list' };
  for (const url of certificate.crlUrls.slice(0, MAX_PLACES)) {
    const list = await listAt(url, sources, issuer, offline);
    if ('state' in list) {
      found = list;
      continue;
    }
    const { crl, cached } = list;
    if (crl.only !== undefined && crl.only !== (certificate.isCa ? 'ca' : 'user')) {
      found = invalid(url, 'the list is not about such certificates');
      continue;
    }
    const { thisUpdate, nextUpdate } = crl;
    return {
      ...lookUp(crl, certificate.serial),
      source: { kind: 'crl', url, cached, thisUpdate, nextUpdate },
    };
  }
  return found;
}

async function listAt(
  url: string,
  sources: Sources,
  issuer: Certificate,
  offline: boolean,
): Promise<Held | Unknown> {
  const { lists, copies, now, signal } = sources;
  const key = createHash('sha256').update(issuer.publicKeyInfo).update(url).digest('hex');
  const held = lists.get(key);
  if (held !== undefined && refusal(held.crl, now()) === undefined) {
    return held;
  }
  const copy = readList(await copies.read('crl', key), issuer, now());
  if (typeof copy === 'object') {
    lists.set(key, { crl: copy, cached: true });
    return { crl: copy, cached: true };
  }
  if (offline) {
    return { state: 'unknown', cause: 'offline', detail: `${url}: not asked` };
  }
  let bytes: Uint8Array;
  try {
    bytes = await sources.fetch(url, { maxBytes: MAX_BYTES, signal });
  } catch (error) {
    if (error instanceof FetchRefusal) {
      return { state: 'unknown', cause: 'unreachable', detail: `${url}: ${error.message}` };
    }
    throw error;
  }
  const crl = readList(bytes, issuer, now());
  if (typeof crl !== 'object') {
    return invalid(url, crl ?? 'no list');
  }
  await copies.write('crl', key, bytes);
  lists.set(key, { crl, cached: false });
  return { crl, cached: false };
}

const invalid = (url: string, why: string): Unknown => ({
  state: 'unknown',
  cause: 'invalid',
  detail: `${url}: ${why}`,
});

/** The list, or why it does not count. */
function readList(
  bytes: Uint8Array | undefined,
  issuer: Certificate,
  now: Date,
): Crl | string | undefined {
  if (bytes === undefined) {
    return undefined;
  }
  try {
    const crl = parseCrl(bytes);
    return isCrlOf(crl, issuer)
      ? (refusal(crl, now) ?? crl)
      : 'the list is not signed by the issuer';
  } catch {
    return 'the list cannot be read';
  }
}

/** Dates alone: the signature was checked when the list was read. */
function refusal({ thisUpdate, nextUpdate }: Crl, now: Date): string | undefined {
  if (thisUpdate.getTime() > now.getTime() + TOLERANCE_MS) {
    return 'a list of the future';
  }
  if (nextUpdate === undefined) {
    return 'the list does not say until when it counts';
  }
  return nextUpdate.getTime() + TOLERANCE_MS < now.getTime()
    ? 'the list is out of date'
    : undefined;
}
