/**
 * The way to a running agent: looks at its place, asks, and gives Signer and Decrypter whose keys stay where
 * they are.
 *
 * @module
 */

import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { isErrorCode, systemCode, TopazError } from '../errors.js';
import type { Decrypter, SignatureAlgorithm, Signer } from '../keys/keys.js';
import { readKeystoreFile } from '../keystore/keystore-file.js';
import { fingerprint, parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { checkSocket } from './address.js';
import type { Owner } from './address.js';
import { encodeFrame, FrameError, PROTOCOL, readFrame } from './protocol.js';
import type { Frame } from './protocol.js';

const ANSWER_MS = 10_000;
/** An agent that is busy turns connections away for a moment. */
const TRIES = 5;
const PAUSE_MS = 100;

export interface AskOptions extends Owner {
  /** How long the agent may take. @default 10000 */
  readonly timeoutMs?: number;
}

/** A keystore that an agent holds: keys that sign and unwrap, and their certificates. */
export interface HeldKeystore {
  readonly alias: string;
  readonly path: string;
  readonly digest: string;
  readonly signer: Signer;
  /** Newest first. */
  readonly decrypters: readonly Decrypter[];
}

export interface AgentStatus {
  readonly pid: number;
  readonly profile: string;
  readonly environment: string;
  readonly assertionId: string;
  /** End of the assertion by the clock of the profile. */
  readonly notOnOrAfter: Date;
  readonly idleMs: number;
  /** These three by the clock of this machine. */
  readonly unlockedAt: Date;
  readonly usedAt: Date;
  readonly locksAt: Date;
  readonly keystores: readonly HeldKeystore[];
}

/** The error of a command that needs a key which is not unlocked any more. */
export const sessionLocked = (facts: readonly string[] = [], cause?: unknown): TopazError =>
  new TopazError('E_SESSION_LOCKED', 'the session is locked', {
    facts,
    hint: 'topaz session open (it needs the password alone), or give the password with --password-file',
    cause,
  });

/** SHA-256 of a keystore file, hex: an agent's keys are those of this very file. */
export const fileDigest = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readKeystoreFile(path))
    .digest('hex');

/**
 * Who is at a socket, and what it holds; `undefined` when nobody is there.
 *
 * @throws TopazError `E_AGENT_UNSAFE`, `E_SESSION_LOCKED` (locked just now, or it does not answer).
 */
export async function agentStatus(
  socket: string,
  options: AskOptions = {},
): Promise<AgentStatus | undefined> {
  const reply = await ask(socket, { op: 'status' }, undefined, options);
  return reply === undefined ? undefined : statusOf(reply, socket, options);
}

/**
 * Drops all keys, or those of one keystore.
 *
 * @param keystore Its file.
 * @returns Whether there was something to drop; `undefined` when nobody is there.
 * @throws TopazError as {@link agentStatus}.
 */
export async function closeAgent(
  socket: string,
  keystore?: string,
  options: AskOptions = {},
): Promise<boolean | undefined> {
  const reply = await ask(socket, { op: 'close', keystore }, undefined, options);
  return reply === undefined ? undefined : reply.header['closed'] === true;
}

async function ask(
  socket: string,
  request: Readonly<Record<string, unknown>>,
  body: Uint8Array | undefined,
  { timeoutMs = ANSWER_MS, ...owner }: AskOptions,
): Promise<Frame | undefined> {
  const frame = encodeFrame({ v: PROTOCOL, ...request }, body);
  for (let tries = 1; ; tries += 1) {
    try {
      await checkSocket(socket, owner);
      return okOf(await exchange(socket, frame, timeoutMs));
    } catch (error) {
      if (error instanceof TopazError) {
        throw error;
      }
      if (['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(systemCode(error) ?? '')) {
        return undefined;
      }
      if (!(error instanceof FrameError) && systemCode(error) === undefined) {
        throw error;
      }
      if (tries === TRIES || (error instanceof FrameError && error.isLate)) {
        throw sessionLocked(['the session agent does not answer'], error);
      }
      await sleep(PAUSE_MS * tries);
    }
  }
}

async function exchange(path: string, frame: Uint8Array, timeoutMs: number): Promise<Frame> {
  const socket = await connectTo(path);
  try {
    socket.write(frame);
    return await readFrame(socket, { timeoutMs });
  } finally {
    socket.destroy();
  }
}

const connectTo = (path: string): Promise<Socket> =>
  new Promise((done, fail) => {
    const socket = connect(path);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      socket.on('error', () => undefined);
      done(socket);
    });
  });

function okOf(reply: Frame): Frame {
  const { ok, code, message, hint } = reply.header;
  if (ok === true) {
    return reply;
  }
  if (code === 'E_SESSION_LOCKED') {
    throw sessionLocked(typeof message === 'string' ? [message] : []);
  }
  throw new TopazError(
    typeof code === 'string' && isErrorCode(code) ? code : 'E_INTERNAL',
    typeof message === 'string' ? message : 'the session agent failed',
    { hint: typeof hint === 'string' ? hint : undefined },
  );
}

type Json = Readonly<Record<string, unknown>>;

/** A process of this user answered, yet it may be of another version: what does not fit counts as locked. */
function statusOf({ body }: Frame, socket: string, options: AskOptions): AgentStatus {
  try {
    const json = object(JSON.parse(new TextDecoder().decode(body)));
    return {
      pid: number(json, 'pid'),
      profile: text(json, 'profile'),
      environment: text(json, 'environment'),
      assertionId: text(json, 'assertionId'),
      notOnOrAfter: new Date(text(json, 'notOnOrAfter')),
      idleMs: number(json, 'idleMs'),
      unlockedAt: new Date(number(json, 'unlockedAt')),
      usedAt: new Date(number(json, 'usedAt')),
      locksAt: new Date(number(json, 'locksAt')),
      keystores: list(json['keystores']).map((value) => heldOf(object(value), socket, options)),
    };
  } catch (error) {
    throw sessionLocked(['the session agent answered something else than its status'], error);
  }
}

function heldOf(json: Json, socket: string, options: AskOptions): HeldKeystore {
  const chain = list(json['chain']).map(certificateOf);
  const [leaf] = chain;
  if (leaf === undefined) {
    throw new TypeError('no certificate');
  }
  return {
    alias: text(json, 'alias'),
    path: text(json, 'path'),
    digest: text(json, 'digest'),
    signer: remoteSigner(socket, leaf, chain, options),
    decrypters: list(json['encryption']).map((value) =>
      remoteDecrypter(socket, certificateOf(value), options),
    ),
  };
}

const ALGORITHMS: Readonly<Record<'rsa' | 'ec', readonly SignatureAlgorithm[]>> = {
  rsa: ['rsa-sha256', 'rsa-pss-sha256', 'rsa-sha1'],
  ec: ['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'],
};

function remoteSigner(
  socket: string,
  certificate: Certificate,
  chain: readonly Certificate[],
  options: AskOptions,
): Signer {
  const key = fingerprint(certificate);
  return {
    certificate,
    chain,
    algorithms: ALGORITHMS[certificate.keyType],
    sign: (algorithm, data) => bodyOf(ask(socket, { op: 'sign', key, algorithm }, data, options)),
  };
}

/** The agent's own unwrapping rejects implicitly; nothing here looks at what it gives. */
function remoteDecrypter(socket: string, certificate: Certificate, options: AskOptions): Decrypter {
  const key = fingerprint(certificate);
  return {
    certificate,
    unwrap: (encryptedKey, keyLength, padding = 'pkcs1') =>
      bodyOf(ask(socket, { op: 'unwrap', key, keyLength, padding }, encryptedKey, options)),
  };
}

async function bodyOf(asked: Promise<Frame | undefined>): Promise<Uint8Array> {
  const reply = await asked;
  if (reply === undefined) {
    throw sessionLocked();
  }
  return reply.body;
}

const certificateOf = (base64: unknown): Certificate =>
  parseCertificate(Uint8Array.from(Buffer.from(String(base64), 'base64')));

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError('no object');
  }
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new TypeError('no list');
  }
  return value;
}

function text(json: Json, key: string): string {
  const value = json[key];
  if (typeof value !== 'string') {
    throw new TypeError(`no ${key}`);
  }
  return value;
}

function number(json: Json, key: string): number {
  const value = json[key];
  if (typeof value !== 'number') {
    throw new TypeError(`no ${key}`);
  }
  return value;
}
