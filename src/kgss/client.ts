/**
 * The KGSS: keys for messages whose readers are not known by name (etee §4.2). Requests are sealed for the
 * service; the answer to GetNewKey is sealed for our token, the one to GetKey with a key that we made for it.
 * An answer counts only when the KGSS itself sealed it, now.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';

import { TopazError } from '../errors.js';
import type { Etk } from '../etee/etk.js';
import { seal } from '../etee/seal.js';
import { SealError } from '../etee/seal-error.js';
import type { SealRevocation } from '../etee/revocation.js';
import { unseal } from '../etee/unseal.js';
import type { Decrypter, SecretKeySource, Signer } from '../keys/keys.js';
import type { Call, Security } from '../soap/call.js';
import type { XmlElement } from '../xml/tree.js';
import type { Certificate } from '../x509/certificate.js';
import { KEY_BYTES, MAX_KEY_ID_BYTES } from './names.js';
import type { Reader } from './readers.js';
import { explainFault } from './refusal.js';
import type { KgssOperation } from './refusal.js';
import { invalid, readKeyContent, readNewKeyContent, readSealedReply } from './reply.js';
import type { NewKey } from './reply.js';
import { getKeyRequest, getNewKeyRequest, keyContent, newKeyContent } from './request.js';

export interface KgssOptions {
  readonly call: Call;
  readonly url: string;
  /** Verified token of the KGSS: requests are sealed for it, and its holder must have sealed the answer. */
  readonly service: Etk;
  /** Our authentication key. */
  readonly sender: Signer;
  /** Trusted certificates of eHealth. */
  readonly roots: readonly Certificate[];
  /** Whether the certificate of the KGSS was revoked. */
  readonly revocation?: SealRevocation | undefined;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
}

export interface NewKeyOptions extends KgssOptions {
  /** Verified token of ours, from the depot: the answer is sealed for it. */
  readonly own: Etk;
  /** Our encryption keys, that of the token among them. */
  readonly decrypters: readonly Decrypter[];
}

/** Who may have a key. */
export interface ReaderList {
  /** Any one of them is enough. */
  readonly allowed: readonly Reader[];
  /** Whoever is one of these gets nothing, even if allowed. */
  readonly excluded?: readonly Reader[] | undefined;
}

/** More readers than this are a mistake; the service says nothing about a limit. */
export const MAX_READERS = 100;
/** Key, identifier and three signatures are a few kilobytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * Has a key made. Not to be repeated lightly: each call makes another one.
 *
 * @returns The key and its identifier; only the readers, and whoever knows the key, can open with it.
 * @throws TopazError `E_USAGE` without reader or for too many, `E_SERVICE_REFUSED`, `E_REPLY_INVALID`,
 *   `E_CERT_EXPIRED`; SealError `E_SEAL_NOT_FOR_US`, `E_SEAL_INVALID`; and as {@link Call}.
 */
export async function getNewKey(
  options: NewKeyOptions,
  { allowed, excluded = [] }: ReaderList,
): Promise<NewKey> {
  if (allowed.length === 0 || allowed.length + excluded.length > MAX_READERS) {
    throw new TopazError(
      'E_USAGE',
      allowed.length === 0
        ? 'nobody is named who may read'
        : `a key has at most ${MAX_READERS} readers`,
      { hint: 'name readers with --reader TYPE=ID' },
    );
  }
  const { own, decrypters } = options;
  const answer = await exchange(options, {
    operation: 'GetNewKey',
    content: newKeyContent({ allowed, excluded, token: own.token }),
    request: getNewKeyRequest,
    security: { kind: 'none' },
    keys: { decrypters },
  });
  return readNewKeyContent(answer);
}

/**
 * Fetches a key that somebody had made. A read: it may be repeated.
 *
 * @param id As it stands in the message.
 * @param security The open session; its key must be `sender`.
 * @returns 16 bytes, secret.
 * @throws TopazError `E_KEY_REFUSED`, and as {@link getNewKey}.
 */
export async function getKey(
  options: KgssOptions,
  id: Uint8Array,
  security: Security & { readonly kind: 'saml' },
): Promise<Uint8Array> {
  if (id.length === 0 || id.length > MAX_KEY_ID_BYTES) {
    throw new TopazError('E_SEAL_INVALID', 'the message names no key of the KGSS', {
      hint: 'ask the sender to send it again',
    });
  }
  const answerKey = randomBytes(KEY_BYTES);
  try {
    const answer = await exchange(options, {
      operation: 'GetKey',
      content: keyContent(id, answerKey),
      request: getKeyRequest,
      security,
      // Whatever the answer calls the key: there is only this one.
      keys: { decrypters: [], secretKeys: { find: () => Promise.resolve(answerKey) } },
    });
    return readKeyContent(answer);
  } finally {
    answerKey.fill(0);
  }
}

interface AnswerKeys {
  readonly decrypters: readonly Decrypter[];
  readonly secretKeys?: SecretKeySource;
}

interface Exchange {
  readonly operation: KgssOperation;
  readonly content: Uint8Array;
  readonly request: (sealed: Uint8Array) => XmlElement;
  readonly security: Security;
  /** They open the answer. */
  readonly keys: AnswerKeys;
}

/** Seals, sends, opens. */
async function exchange(
  options: KgssOptions,
  { operation, content, request, security, keys }: Exchange,
): Promise<Uint8Array> {
  const { call, url, service, sender, now, signal } = options;
  const sealed = await seal(content, { sender, recipients: [service], now: now() });
  const { payload } = await call(
    { service: 'kgss', operation, url, body: request(sealed), security, maxBytes: MAX_BYTES },
    { signal },
  ).catch((error: unknown) => {
    throw explainFault(error);
  });
  return openAnswer(readSealedReply(payload, operation), options, keys);
}

async function openAnswer(
  sealed: Uint8Array,
  { roots, revocation, now, service }: KgssOptions,
  keys: AnswerKeys,
): Promise<Uint8Array> {
  const unsealed = await unseal(sealed, { ...keys, roots, revocation, now: now() }).catch(
    (error: unknown) => {
      throw error instanceof SealError && error.code === 'E_SEAL_INVALID'
        ? invalid(error.fatal, ...error.errors)
        : error;
    },
  );
  if (unsealed.verdict === 'refused') {
    throw invalid(unsealed.errors.join(', '));
  }
  const { type, id } = unsealed.sender;
  const { identifier } = service.holder;
  if (type !== identifier.type || id !== identifier.id) {
    throw invalid('it was sealed by somebody else than the KGSS');
  }
  // An old answer of the KGSS, played again, would have us seal with a key that others hold.
  if (unsealed.warnings.includes('SIGNING_TIME_EXPIRED')) {
    throw invalid('SIGNING_TIME_EXPIRED');
  }
  return unsealed.content;
}
