/**
 * A request for a certificate, in the order that loses nothing: sign, put keystore and signed request on disk,
 * send, remember the answer. What a crash leaves behind is picked up by `resume.ts`.
 *
 * @module
 */

import { generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

import { sendGenerateCertificate, signGenerateCertificate } from '../certra/client.js';
import { invalid } from '../certra/ra-frame.js';
import { RaRefusedError } from '../certra/ra-refusal.js';
import type { ContactData } from '../certra/request.js';
import { writeFileAtomic } from '../disk/atomic.js';
import type { Identifier } from '../ids/identifier.js';
import type { Signer } from '../keys/keys.js';
import { createPendingKeystore, keystoreRequestId, saveKeystore } from '../keystore/keystore.js';
import type { Keystore } from '../keystore/keystore.js';
import { createCsr } from '../x509/csr.js';
import type { XmlElement } from '../xml/tree.js';
import { writeXml } from '../xml/write.js';
import type { ReadableContract } from './applicant-contract.js';
import { raOptions } from './authority.js';
import type { Authority } from './authority.js';
import { RECORD_SCHEMA } from './request-record.js';
import type { RequestRecord } from './request-record.js';
import type { RequestStore } from './request-store.js';
import { askStanding, markSent, refusalOf } from './standing.js';

/** eHealth takes RSA of 2048 bits and nothing else (certificate-lifecycle §9). */
const MODULUS_BITS = 2048;

const generate = promisify(generateKeyPair);

/** Makes an RSA key of the size that eHealth wants. */
export const generateRsaKey = async (): Promise<KeyObject> =>
  (await generate('rsa', { modulusLength: MODULUS_BITS })).privateKey;

/** Signed, and nowhere but in memory. */
export interface SignedRequest {
  /** PublicKeyIdentifier. */
  readonly id: string;
  readonly keystore: Keystore;
  readonly message: XmlElement;
}

/** What a renewed keystore takes over from the older one: every key that opens messages. */
export type TakenOver = Pick<Keystore, 'encryption' | 'unpairedKeys'>;

/**
 * Makes a key, the request for its certificate, and has the card sign it: this binds the signer.
 *
 * @param options.signer The card's Signature key.
 * @param options.takenOver Keys of the keystore that is renewed.
 * @throws what the signer throws; nothing is on disk and nothing was sent then.
 */
export async function signCertificateRequest(
  authority: Authority,
  { contract, subject }: ReadableContract,
  {
    contact,
    signer,
    takenOver,
  }: {
    readonly contact: ContactData;
    readonly signer: Signer;
    readonly takenOver?: TakenOver | undefined;
  },
): Promise<SignedRequest> {
  const privateKey = await generateRsaKey();
  const keystore = { ...createPendingKeystore(privateKey, authority.now()), ...takenOver };
  const csr = createCsr(subject.der, privateKey);
  const message = await signGenerateCertificate(
    { contact, csr, contract },
    signer,
    raOptions(authority),
  );
  return { id: keystoreRequestId(keystore), keystore, message };
}

export interface StoreRequestOptions {
  /** Of the new keystore; there must be no such file. */
  readonly path: string;
  /** UTF-8. */
  readonly password: Uint8Array;
  readonly holder: Identifier;
  readonly applicationId?: string | undefined;
  /** Keystore that this one renews. */
  readonly renews?: string | undefined;
  readonly environment: string;
  readonly contact: ContactData;
  /** A person without eID signs none. */
  readonly contract?: ReadableContract | undefined;
  /** Name that the certificate gets. */
  readonly dn?: string | undefined;
  readonly now: Date;
  /** Told after each thing that is on disk. */
  readonly onStored?: ((what: 'keystore' | 'contract' | 'message' | 'record') => void) | undefined;
}

/**
 * Puts everything on disk that must not be lost: the key first, the record last. Before the record there is
 * no request, only a key that nobody knows.
 *
 * @throws TopazError `E_FILE_EXISTS`, `E_DISK_FULL`, `E_READ_ONLY`, `E_FILE_NOT_FOUND` (no such folder).
 */
export async function storeRequest(
  store: RequestStore,
  { id, keystore, message }: SignedRequest,
  options: StoreRequestOptions,
): Promise<RequestRecord> {
  const path = resolve(options.path);
  const { contract, contact, applicationId, holder, renews, onStored } = options;
  const dn = contract?.contract.dn.trim() ?? options.dn;
  await saveKeystore(path, keystore, options.password, { overwrite: false });
  onStored?.('keystore');
  for (const { language, text } of contract?.texts ?? []) {
    await writeFileAtomic(contractFile(path, language), `${text}\n`);
  }
  onStored?.('contract');
  await store.saveMessage(id, writeXml(message));
  onStored?.('message');
  const record: RequestRecord = {
    schema: RECORD_SCHEMA,
    id,
    state: 'new',
    environment: options.environment,
    as: holder.type === 'SSIN' ? 'person' : 'organisation',
    holder,
    ...(applicationId === undefined ? {} : { applicationId }),
    keystore: path,
    createdAt: options.now.toISOString(),
    ...(dn === undefined ? {} : { dn }),
    email: contact.emailPrivate,
    ...(renews === undefined ? {} : { renews }),
    ...(contract === undefined ? { foreigner: true } : {}),
  };
  await store.save(record);
  onStored?.('record');
  return record;
}

/** ISO 8601 with seconds: what eHealth's books say about a request is no finer. */
export const withoutMs = (date: Date): string => date.toISOString().replace(/\.[0-9]{3}Z$/, 'Z');

/** The copy of the contract that stays beside the keystore. */
export const contractFile = (keystore: string, language: string): string =>
  `${keystore.replace(/\.p12$/i, '')}.contract.${language.replace(/[^A-Za-z-]/g, '')}.txt`;

/**
 * Sends a request that is on disk, once, and remembers the answer.
 *
 * @param message As it was signed.
 * @returns The record, `sent`.
 * @throws {@link RaRefusedError}: the record is `refused` then; TopazError `E_REPLY_INVALID` and everything
 *   else that `Call` throws: the record stays `new`, and the next `cert request` finds out.
 */
export async function sendRequest(
  authority: Authority,
  store: RequestStore,
  record: RequestRecord,
  message: XmlElement,
): Promise<RequestRecord> {
  let submission;
  try {
    submission = await sendGenerateCertificate(
      authority.call,
      authority.certra,
      message,
      authority,
    );
  } catch (error) {
    if (!(error instanceof RaRefusedError)) {
      throw error;
    }
    // A line that delivers twice gets the second answer: "this key was used before". So look first.
    const standing = await askStanding(authority, record.id);
    if (standing.state === 'pending' || standing.state === 'approved') {
      return markSent(store, record, { submittedAt: withoutMs(authority.now()) });
    }
    await store.save({ ...record, state: 'refused', refusal: refusalOf(error) });
    await store.removeMessage(record.id);
    throw new RaRefusedError(error.refusal, {
      facts: [`no certificate will come for ${record.keystore}: the file can be removed`],
      hint: error.hint,
    });
  }
  if (submission.id !== record.id) {
    throw invalid('eHealth answered about another key than the one that was sent');
  }
  return markSent(store, record, {
    submittedAt: withoutMs(authority.now()),
    automaticallyValidated: submission.automaticallyValidated,
    ...(submission.replaces === undefined ? {} : { replaces: submission.replaces }),
  });
}
