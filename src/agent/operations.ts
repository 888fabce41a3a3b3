/**
 * The four operations of the agent: status, sign, unwrap, close. There is none that gives a key away.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import type { KeyPadding, SignatureAlgorithm } from '../keys/keys.js';
import type { AgentRules } from './handover.js';
import type { Keyring } from './keyring.js';
import type { Lease } from './lease.js';
import { encodeFrame, PROTOCOL } from './protocol.js';
import type { Frame } from './protocol.js';

/** A wrapped content key is as long as the modulus of the key that unwraps it. */
const MAX_WRAPPED_BYTES = 2048;
const MAX_KEY_BYTES = 256;

const ALGORITHMS: readonly SignatureAlgorithm[] = [
  'rsa-sha1',
  'rsa-sha256',
  'rsa-pss-sha256',
  'ecdsa-sha256',
  'ecdsa-sha384',
  'ecdsa-sha512',
];

const PADDINGS: readonly KeyPadding[] = ['pkcs1', 'oaep-sha1', 'oaep-sha256'];

export interface Desk {
  readonly keyring: Keyring;
  readonly lease: Lease;
  readonly rules: AgentRules;
  readonly pid: number;
  /** When the keys were handed over, wall clock. */
  readonly unlockedAt: number;
  /** Drops all keys and ends the agent once the answer is sent. */
  readonly lock: () => void;
}

/** Does what is asked. Gives the frame of the answer; what is wrong with a request is an answer too. */
export async function perform(desk: Desk, request: Frame): Promise<Uint8Array> {
  try {
    return await answer(desk, request);
  } catch (error) {
    const { code, message, hint } =
      error instanceof TopazError ? error : { code: 'E_INTERNAL', message: 'the session agent failed', hint: undefined }; // prettier-ignore
    return encodeFrame({ v: PROTOCOL, ok: false, code, message, hint });
  }
}

async function answer(desk: Desk, { header, body }: Frame): Promise<Uint8Array> {
  const { op, v } = header;
  // Also from a command of another version: it must always be possible to lock.
  if (op === 'close') {
    return close(desk, header['keystore']);
  }
  if (v !== PROTOCOL) {
    throw new TopazError('E_SESSION_LOCKED', 'the session agent is of another version of topaz', {
      hint: 'topaz session open',
    });
  }
  if (desk.lease.over() !== undefined) {
    desk.lock();
    throw new TopazError('E_SESSION_LOCKED', 'the session is locked', {
      hint: 'topaz session open',
    });
  }
  switch (op) {
    case 'status':
      return encodeFrame({ v: PROTOCOL, ok: true }, status(desk));
    case 'sign':
      return sign(desk, header, body);
    case 'unwrap':
      return unwrap(desk, header, body);
    default:
      throw badRequest();
  }
}

function status({ keyring, lease, rules, pid, unlockedAt }: Desk): Uint8Array {
  const { profile, environment, assertionId, notOnOrAfter, idleMs } = rules;
  const document = {
    pid,
    profile,
    environment,
    assertionId,
    notOnOrAfter,
    idleMs,
    unlockedAt,
    usedAt: lease.usedAt,
    locksAt: lease.locksAt,
    keystores: keyring.describe(),
  };
  return new TextEncoder().encode(JSON.stringify(document));
}

async function sign(
  { keyring, lease }: Desk,
  header: Frame['header'],
  data: Uint8Array,
): Promise<Uint8Array> {
  const algorithm = ALGORITHMS.find((known) => known === header['algorithm']);
  if (algorithm === undefined) {
    throw badRequest();
  }
  const signer = keyring.signer(String(header['key']));
  if (signer === undefined) {
    throw notHeld();
  }
  lease.use();
  return encodeFrame({ v: PROTOCOL, ok: true }, await signer.sign(algorithm, data));
}

async function unwrap(
  { keyring, lease }: Desk,
  header: Frame['header'],
  encryptedKey: Uint8Array,
): Promise<Uint8Array> {
  const keyLength = header['keyLength'];
  const padding = PADDINGS.find((known) => known === header['padding']);
  if (
    padding === undefined ||
    typeof keyLength !== 'number' ||
    !Number.isSafeInteger(keyLength) ||
    keyLength < 1 ||
    keyLength > MAX_KEY_BYTES ||
    encryptedKey.length > MAX_WRAPPED_BYTES
  ) {
    throw badRequest();
  }
  const decrypter = keyring.decrypter(String(header['key']));
  if (decrypter === undefined) {
    throw notHeld();
  }
  lease.use();
  const key = await decrypter.unwrap(encryptedKey, keyLength, padding);
  try {
    return encodeFrame({ v: PROTOCOL, ok: true }, key);
  } finally {
    key.fill(0);
  }
}

/** One keystore, or all of them; without any there is nothing left to do. */
function close({ keyring, lock }: Desk, keystore: unknown): Uint8Array {
  const closed = typeof keystore === 'string' ? keyring.drop(keystore) : keyring.size > 0;
  if (keystore === undefined || keyring.size === 0) {
    lock();
  }
  return encodeFrame({ v: PROTOCOL, ok: true, closed });
}

const notHeld = (): TopazError =>
  new TopazError('E_SESSION_LOCKED', 'the session agent does not hold this key', {
    hint: 'topaz session open',
  });

const badRequest = (): TopazError =>
  new TopazError('E_USAGE', 'the session agent does not understand this request', {
    hint: 'topaz session close, then topaz session open',
  });
