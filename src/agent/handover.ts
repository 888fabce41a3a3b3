/**
 * What the command hands over to the agent that it starts, through a pipe: the rules, and the keystores with
 * their private keys. Nothing of it ever stands in a file, an argument or the environment.
 *
 * @module
 */

import { createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { TopazError } from '../errors.js';
import type { Keystore } from '../keystore/keystore.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { encodeFrame, MAX_HANDOVER_BYTES, PROTOCOL } from './protocol.js';
import type { Frame } from './protocol.js';

export interface AgentRules {
  /** State folder of the profile. */
  readonly state: string;
  readonly socket: string;
  readonly profile: string;
  readonly environment: string;
  readonly assertionId: string;
  /** End of the assertion by the clock of the profile, ISO 8601. */
  readonly notOnOrAfter: string;
  /** The same moment by the clock of this machine, in milliseconds. */
  readonly endsAt: number;
  readonly idleMs: number;
  /** How often the agent looks around at least. @default 5000 */
  readonly tickMs?: number | undefined;
  /** How long a client may take for its request. @default 5000 */
  readonly requestMs?: number | undefined;
  /** How long to wait for an agent that is about to end. @default 5000 */
  readonly takeoverMs?: number | undefined;
}

/** A keystore whose password was right. */
export interface UnlockedKeystore {
  readonly alias: string;
  /** File. */
  readonly path: string;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
  readonly keystore: Keystore;
}

export interface Handover {
  readonly rules: AgentRules;
  readonly keystores: readonly UnlockedKeystore[];
}

/** The frame; whoever sent it wipes it with `fill(0)`. */
export function encodeHandover({ rules, keystores }: Handover): Uint8Array {
  const keys: Uint8Array[] = [];
  const taken = (key: KeyObject): number => {
    const der = key.export({ type: 'pkcs8', format: 'der' });
    keys.push(der);
    return der.length;
  };
  const base64 = ({ der }: Certificate): string => Buffer.from(der).toString('base64');
  const described = keystores.map(({ alias, path, digest, keystore }) => ({
    alias,
    path,
    digest,
    chain: keystore.authentication.chain.map(base64),
    keyBytes: taken(keystore.authentication.privateKey),
    encryption: keystore.encryption.map((entry) => ({
      alias: entry.alias,
      certificate: base64(entry.certificate),
      keyBytes: taken(entry.privateKey),
    })),
  }));
  const header = new TextEncoder().encode(JSON.stringify({ rules, keystores: described }));
  // The description of many keystores is longer than a header may be: it goes before the keys.
  const body = Buffer.concat([header, ...keys]);
  try {
    return encodeFrame({ v: PROTOCOL, described: header.length }, body, MAX_HANDOVER_BYTES);
  } finally {
    for (const bytes of [body, ...keys]) {
      bytes.fill(0);
    }
  }
}

/**
 * Takes a handover apart and wipes the bytes of its keys.
 *
 * @throws TopazError `E_INTERNAL` for whatever is none: it comes from a command of the same version.
 */
export function decodeHandover({ header, body }: Frame): Handover {
  try {
    const length = header['described'];
    if (header['v'] !== PROTOCOL || typeof length !== 'number') {
      throw noHandover();
    }
    const json = object(JSON.parse(new TextDecoder().decode(body.subarray(0, length))));
    const takeKey = keyReader(body, length);
    return {
      rules: rulesOf(object(json['rules'])),
      keystores: list(json['keystores']).map((value) => keystoreOf(object(value), takeKey)),
    };
  } finally {
    body.fill(0);
  }
}

type Json = Readonly<Record<string, unknown>>;

/** Private keys stand one after the other, in the order of their description. */
function keyReader(body: Uint8Array, from: number): (length: number) => KeyObject {
  let at = from;
  return (length) => {
    const der = Buffer.from(body.buffer, body.byteOffset + at, length);
    at += length;
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  };
}

function keystoreOf(json: Json, takeKey: (length: number) => KeyObject): UnlockedKeystore {
  const [leaf, ...issuers] = list(json['chain']).map(certificateOf);
  if (leaf === undefined) {
    throw noHandover();
  }
  const privateKey = takeKey(number(json, 'keyBytes'));
  return {
    alias: text(json, 'alias'),
    path: text(json, 'path'),
    digest: text(json, 'digest'),
    keystore: {
      state: 'ready',
      authentication: { privateKey, chain: [leaf, ...issuers] },
      encryption: list(json['encryption']).map((value) => {
        const entry = object(value);
        return {
          alias: text(entry, 'alias'),
          certificate: certificateOf(entry['certificate']),
          privateKey: takeKey(number(entry, 'keyBytes')),
        };
      }),
    },
  };
}

const rulesOf = (json: Json): AgentRules => ({
  state: text(json, 'state'),
  socket: text(json, 'socket'),
  profile: text(json, 'profile'),
  environment: text(json, 'environment'),
  assertionId: text(json, 'assertionId'),
  notOnOrAfter: text(json, 'notOnOrAfter'),
  endsAt: number(json, 'endsAt'),
  idleMs: number(json, 'idleMs'),
  ...optional(json, 'tickMs'),
  ...optional(json, 'requestMs'),
  ...optional(json, 'takeoverMs'),
});

const optional = (json: Json, key: string): object =>
  json[key] === undefined ? {} : { [key]: number(json, key) };

const noHandover = (): TopazError =>
  new TopazError('E_INTERNAL', 'the session agent was given something else than keys', {
    hint: 'start it with topaz session open',
  });

const certificateOf = (base64: unknown): Certificate =>
  parseCertificate(Uint8Array.from(Buffer.from(String(base64), 'base64')));

function object(value: unknown): Json {
  if (typeof value !== 'object' || value === null) {
    throw noHandover();
  }
  return Object.fromEntries(Object.entries(value));
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw noHandover();
  }
  return value;
}

function text(json: Json, key: string): string {
  const value = json[key];
  if (typeof value !== 'string') {
    throw noHandover();
  }
  return value;
}

function number(json: Json, key: string): number {
  const value = json[key];
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw noHandover();
  }
  return value;
}
