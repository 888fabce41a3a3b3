/**
 * Finalisation: fetch the certificate, put it into the keystore, register the encryption token. Needs no card.
 * Every line may be the last one before a crash: the same command then goes on, and when all is done it says
 * the same again (certificate-lifecycle §10, §11).
 *
 * @module
 */

import { resolve } from 'node:path';

import { getCertificateInfoForAuthenticationCertificate } from '../certra/client.js';
import { RaRefusedError } from '../certra/ra-refusal.js';
import { PendingError, TopazError } from '../errors.js';
import type { LockOptions } from '../disk/lock.js';
import type { Identifier } from '../ids/identifier.js';
import {
  keystoreHolder,
  keystoreRequestId,
  keystoreSigner,
  openKeystore,
  saveKeystore,
} from '../keystore/keystore.js';
import type { Keystore } from '../keystore/keystore.js';
import { serialDecimal } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { raOptions } from './authority.js';
import type { Authority } from './authority.js';
import { registeredEntry, registerEtk } from './etk-registration.js';
import type { Desk } from './etk-registration.js';
import { installChain } from './install.js';
import { keystoreDigest } from './keystore-digest.js';
import { RECORD_SCHEMA } from './request-record.js';
import type { RequestRecord } from './request-record.js';
import type { RequestStore } from './request-store.js';
import { askStanding, noteStanding } from './standing.js';

/** What is done, in this order. */
export type FinalizeStep = 'approved' | 'installed' | 'key' | 'started' | 'registered' | 'stored';

export interface FinalizeOptions {
  readonly path: string;
  /** UTF-8. */
  readonly password: Uint8Array;
  readonly environment: string;
  /** `false` leaves the token for later (`etk register`). */
  readonly etk: boolean;
  readonly roots: () => Promise<readonly Certificate[]>;
  /** Where a dated copy of the keystore goes before its certificate is installed. */
  readonly backupFolder: string;
  readonly lock: LockOptions;
  readonly onStep?: ((step: FinalizeStep) => void) | undefined;
}

export interface Finalized {
  readonly record: RequestRecord;
  readonly keystore: Keystore;
  readonly etk: {
    readonly registered: boolean;
    readonly toBeActivated: boolean;
    /** Decimal; absent without token. */
    readonly serial?: string;
  };
}

/**
 * Finalizes.
 *
 * @throws TopazError `E_KEYSTORE_PASSWORD`, `E_KEYSTORE_FORMAT`, `E_FILE_NOT_FOUND`; {@link PendingError};
 *   {@link RaRefusedError} `E_REQUEST_REFUSED`; what `installChain` and `registerEtk` throw; `E_LOCKED`.
 */
export function finalizeRequest(
  authority: Authority,
  store: RequestStore,
  options: FinalizeOptions,
): Promise<Finalized> {
  return store.exclusively(options.lock, async () => {
    const path = resolve(options.path);
    const keystore = await openKeystore(path, options.password);
    const id = keystoreRequestId(keystore);
    const known = (await store.find(id)) ?? newRecord(id, path, keystore, authority.now(), options);
    let desk = openDesk(store, options, { ...known, keystore: path }, keystore);
    if (keystore.state === 'pending') {
      desk = await install(authority, store, desk, options);
    }
    if (options.etk) {
      desk = await registerEtk(authority, desk, options.onStep);
    }
    desk = await conclude(await learnRenewal(authority, desk));
    return outcome(desk);
  });
}

/** A keystore whose request was made elsewhere, or by another program. */
const newRecord = (
  id: string,
  path: string,
  keystore: Keystore,
  now: Date,
  { environment }: FinalizeOptions,
): RequestRecord => ({
  schema: RECORD_SCHEMA,
  id,
  state: keystore.state === 'pending' ? 'sent' : 'approved',
  environment,
  ...ownerOf(keystore, { type: '', id: '' }),
  keystore: path,
  createdAt: now.toISOString(),
});

/** Holder and role that the certificate names; a keystore that waits names none. */
function ownerOf(
  keystore: Keystore,
  otherwise: Identifier,
): Pick<RequestRecord, 'as' | 'holder' | 'applicationId'> {
  const found = keystoreHolder(keystore);
  const holder = found?.identifier ?? otherwise;
  return {
    as: holder.type === '' || holder.type === 'SSIN' ? 'person' : 'organisation',
    holder,
    ...(found?.applicationId === undefined ? {} : { applicationId: found.applicationId }),
  };
}

function openDesk(
  store: RequestStore,
  options: FinalizeOptions,
  record: RequestRecord,
  keystore: Keystore,
): Desk {
  const path = record.keystore;
  return {
    record,
    keystore,
    saveKeystore: async (changed) => {
      await saveKeystore(path, changed, options.password, { overwrite: true });
      return openDesk(store, options, record, changed);
    },
    saveRecord: async (changed) => {
      await store.save(changed);
      return openDesk(store, options, changed, keystore);
    },
  };
}

async function install(
  authority: Authority,
  store: RequestStore,
  desk: Desk,
  options: FinalizeOptions,
): Promise<Desk> {
  const { password, roots, backupFolder, onStep } = options;
  const { record } = desk;
  const standing = await askStanding(authority, record.id);
  if (standing.state === 'pending') {
    await noteStanding(store, record, standing);
    throw new PendingError(record.id, {
      facts: [
        ...(record.submittedAt === undefined ? [] : [`sent ${record.submittedAt}`]),
        'nothing was changed',
      ],
    });
  }
  if (standing.state !== 'approved') {
    throw refusedError(standing.error, record);
  }
  const approved = await noteStanding(store, record, standing);
  onStep?.('approved');
  const now = authority.now();
  const installed = installChain(desk.keystore, standing.chain, {
    dn: record.dn,
    roots: await roots(),
    now,
  });
  await saveKeystore(record.keystore, installed, password, {
    overwrite: true,
    backup: { folder: backupFolder, now },
  });
  onStep?.('installed');
  return openDesk(store, options, { ...approved, ...ownerOf(installed, record.holder) }, installed);
}

/** The refusal with what is known here about the request. */
export function refusedError(
  { refusal }: RaRefusedError,
  { id, state, submittedAt, createdAt }: RequestRecord,
): RaRefusedError {
  return new RaRefusedError(refusal, {
    code: 'E_REQUEST_REFUSED',
    message: `eHealth refused request ${id.slice(0, 8)}`,
    facts: [state === 'new' ? `signed ${createdAt}` : `sent ${submittedAt ?? createdAt}`],
    hint:
      state === 'new'
        ? 'it was perhaps never sent: topaz cert request finds out, and sends it then'
        : 'read the e-mail of eHealth, or ask with the card: topaz cert validate --detail',
  });
}

/** From when it can be renewed. Only eHealth knows; where it does not answer, 90 days are assumed until it does. */
async function learnRenewal(authority: Authority, desk: Desk): Promise<Desk> {
  const { record, keystore } = desk;
  if (record.renewableFrom !== undefined || record.state === 'issued') {
    return desk;
  }
  try {
    const { replaceableFrom } = await getCertificateInfoForAuthenticationCertificate(
      authority.call,
      authority.certra,
      keystoreSigner(keystore),
      raOptions(authority),
    );
    return replaceableFrom === undefined
      ? desk
      : await desk.saveRecord({ ...record, renewableFrom: replaceableFrom.toISOString() });
  } catch (error) {
    if (error instanceof TopazError && error.code !== 'E_INTERRUPTED') {
      return desk;
    }
    throw error;
  }
}

async function conclude(desk: Desk): Promise<Desk> {
  const { record, keystore } = desk;
  const [leaf] = keystore.authentication.chain;
  const token = registeredEntry(keystore);
  const certificates = [leaf, ...(token === undefined ? [] : [token.certificate])].map(({ der }) =>
    Buffer.from(der).toString('base64'),
  );
  const fileDigest = await keystoreDigest(record.keystore);
  const done: RequestRecord = { ...record, state: 'issued', certificates, fileDigest };
  return JSON.stringify(done) === JSON.stringify(record) ? desk : desk.saveRecord(done);
}

function outcome({ record, keystore }: Desk): Finalized {
  const token = registeredEntry(keystore);
  return {
    record,
    keystore,
    etk: {
      registered: record.etk?.registered ?? token !== undefined,
      toBeActivated: record.etk?.toBeActivated ?? false,
      ...(token === undefined ? {} : { serial: serialDecimal(token.certificate) }),
    },
  };
}
