/**
 * What the sandbox knows, in `state.json` of its data folder: written whole after each change, before the
 * answer leaves, so that a killed sandbox starts again with the same state. Contents of messages are files
 * of their own beside it.
 *
 * @module
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makePrivateFolder, writeFileAtomic } from '../disk/atomic.js';
import { TopazError, systemCode } from '../errors.js';
import type { FaultRule } from './faults.js';
import type { GenasyncSeed, Organisation, Patient, Person } from './seed.js';
import type { Attribute, Designator } from './sts-directory.js';

export type Folder = 'INBOX' | 'SENTBOX' | 'BININBOX' | 'BINSENTBOX';
export type Approval = 'auto' | 'manual' | number;

export interface Actor {
  readonly type: string;
  readonly id: string;
  readonly firstNames: readonly string[];
  readonly name: string;
}

export interface Contact {
  readonly emailPrivate: string;
  readonly emailGeneral?: string;
  readonly phonePrivate: string;
  readonly phoneGeneral?: string;
}

/** A contract that was handed out: only such a one may be signed. */
export interface Contract {
  readonly kind: 'request' | 'revocation';
  readonly dn: string;
  readonly signerSsin: string;
  /** Digest of the texts shown. */
  readonly textDigest: string;
  readonly actor: Actor;
  readonly applicationId?: string;
  /** Only of a revocation. */
  readonly publicKeyIdentifier?: string;
  readonly reason?: string;
}

export type EtkStatus =
  'NOT_REQUESTED' | 'IN_REQUEST' | 'WAIT_FOR_ACTIVATION' | 'VALID_ACTIVE' | 'REVOKED';

export interface EtkRecord {
  status: EtkStatus;
  /** Serial imposed by the challenge, hex of 16 bytes. */
  serialHex?: string;
  publicKeyInfoBase64?: string;
  encryptionBase64?: string;
  tokenBase64?: string;
}

/** A request for a certificate and all that became of it. */
export interface CertificateRecord {
  /** PublicKeyIdentifier, 40 lower-case hex digits. */
  readonly id: string;
  readonly dn: string;
  readonly subjectBase64: string;
  readonly publicKeyInfoBase64: string;
  readonly actor: Actor;
  readonly applicationId?: string;
  readonly signerSsin: string;
  readonly contact: Contact;
  readonly requestedAt: string;
  readonly automaticallyValidated: boolean;
  readonly replaces?: string;
  status: 'IN_PROGRESS' | 'VALID_ACTIVE' | 'REFUSED' | 'REVOKED';
  /** Real time (ms) at which it approves itself. */
  approveAt?: number;
  /** Of a person without eID, until he has logged on: the end of the address, and until when it is good. */
  logOn?: { readonly token: string; readonly expiresAt: string };
  certificateBase64?: string;
  /** When and why it was revoked; the reason by its name in RFC 5280. */
  revocation?: { readonly at: string; readonly reason: string };
  etk: EtkRecord;
}

/** Head of a message in a box; its content is the file `messages/<id>.json`. */
export interface BoxMessage {
  readonly id: string;
  /** Equal for a message seeded twice. */
  readonly seedKey: string;
  readonly to: { readonly type: string; readonly id: string; readonly quality: string };
  readonly sealed: boolean;
  /** Grows with each delivery; `undefined` while a sealed message waits for its recipient's ETK. */
  order?: number;
  /** Day of publication, set at delivery. */
  publishedOn?: string;
  folder: Folder;
  read: boolean;
  /** When its recipient fetched it first. */
  readAt?: string;
}

/** A period in which the owner of a box is absent; days, both included. */
export interface OfficePeriod {
  readonly id: string;
  readonly box: BoxMessage['to'];
  readonly from: string;
  readonly to: string;
  readonly substitutes: readonly BoxMessage['to'][];
}

/** What waits in a mailbox of MyCareNet; the document of a message is a file. */
export interface MailboxEntry {
  readonly kind: 'message' | 'tack';
  readonly reference: string;
  readonly domain: string;
  /** NIHII of the care provider, 11 digits. */
  readonly to: string;
  /** Who sent it; '' for the broker. */
  readonly mutuality: string;
  readonly inputReference: string;
  readonly messageName?: string;
  readonly contentType?: string | undefined;
  readonly encoding?: 'none' | 'deflate' | 'undeclared';
  readonly sealed?: boolean;
  readonly form?: 'inline' | 'xop';
  readonly sizeBytes?: number;
  readonly result?: 'success' | 'failure';
  readonly minor?: string | undefined;
  readonly message?: string | undefined;
}

/** A session request whose holder of key has not shown his key yet. */
export interface StsChallenge {
  readonly challenge: string;
  readonly context?: string;
  /** The sandbox's time (ms). */
  readonly at: number;
  /** Of the key that signed the request. */
  readonly certificateBase64: string;
  readonly holderBase64: string;
  /** Begin and end that were asked for (ms), where they were. */
  readonly period: readonly (number | null)[];
  readonly attributes: readonly Attribute[];
  readonly designators: readonly Designator[];
  /** Kind of the fault that its assertion will show. */
  readonly played?: string;
}

/** One attribute of an access list of the KGSS; without values, any value will do. */
export interface KeyReader {
  readonly namespace: string;
  readonly name: string;
  readonly values: readonly string[];
}

/** A key that the KGSS keeps. */
export interface KgssKey {
  /** 16 bytes. */
  readonly idBase64: string;
  readonly keyBase64: string;
  readonly createdAt: string;
  /** `TYPE=ID` of the certificate that asked for it. */
  readonly owner: string;
  readonly allowed: readonly KeyReader[];
  readonly excluded: readonly KeyReader[];
}

export interface SandboxState {
  readonly schema: 'topaz.sandbox.state/1';
  clockOffsetMs: number;
  approve: Approval;
  exchanges: number;
  deliveries: number;
  contracts: Contract[];
  certificates: CertificateRecord[];
  persons: Person[];
  organisations: Organisation[];
  patients: Patient[];
  messages: BoxMessage[];
  /** Publication ids of documents, with the box that used them. */
  publications: string[];
  genasync: GenasyncSeed[];
  mailbox: MailboxEntry[];
  /** Numbers given out so far. */
  mailboxCount: number;
  /** Digests of seeded messages that were delivered. */
  mailboxSeeds: string[];
  /** Domain, care provider and reference of each post. */
  mailboxPosts: string[];
  /** When a mailbox was asked last, by domain and care provider. */
  mailboxAsked: Record<string, number>;
  challenges: StsChallenge[];
  keys: KgssKey[];
  faults: FaultRule[];
  outOfOffice: OfficePeriod[];
}

export interface StateStore {
  readonly state: SandboxState;
  readonly folder: string;
  /** Writes the state; calls in a row are joined. */
  save(): Promise<void>;
  /** Empties everything that was seeded or requested; the PKI stays. */
  reset(): Promise<void>;
}

export const emptyState = (): SandboxState => ({
  schema: 'topaz.sandbox.state/1',
  clockOffsetMs: 0,
  approve: 'auto',
  exchanges: 0,
  deliveries: 0,
  contracts: [],
  certificates: [],
  persons: [],
  organisations: [],
  patients: [],
  messages: [],
  publications: [],
  genasync: [],
  mailbox: [],
  mailboxCount: 0,
  mailboxSeeds: [],
  mailboxPosts: [],
  mailboxAsked: {},
  challenges: [],
  keys: [],
  faults: [],
  outOfOffice: [],
});

/**
 * Opens the state of a data folder, or starts an empty one.
 *
 * @throws TopazError `E_SEED_INVALID` when the file is not one of this version.
 */
export async function openState(folder: string): Promise<StateStore> {
  await makePrivateFolder(join(folder, 'messages'));
  const path = join(folder, 'state.json');
  const state = await readState(path);
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  const save = (): Promise<void> => {
    waiting ??= running.then(() => {
      waiting = undefined;
      running = writeFileAtomic(path, `${JSON.stringify(state)}\n`);
      return running;
    });
    return waiting;
  };
  return {
    state,
    folder,
    save,
    reset: () => {
      Object.assign(state, { ...emptyState(), approve: state.approve, exchanges: state.exchanges });
      return save();
    },
  };
}

async function readState(path: string): Promise<SandboxState> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return emptyState();
    }
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (isState(value)) {
    return { ...emptyState(), ...value };
  }
  throw new TopazError('E_SEED_INVALID', 'the state of this sandbox is of another version', {
    facts: [path],
    hint: 'start with another --data folder',
  });
}

const isState = (value: unknown): value is SandboxState =>
  typeof value === 'object' &&
  value !== null &&
  'schema' in value &&
  value.schema === 'topaz.sandbox.state/1';
