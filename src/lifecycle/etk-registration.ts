/**
 * Registration of the encryption token, so that it can stop after every line and go on later: the key is in
 * the keystore before its public half leaves the machine, the certificate is in the record before it is
 * handed in, and it moves into the keystore once eHealth has it.
 *
 * @module
 */

import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { getCertificateInfoForAuthenticationCertificate } from '../certra/client.js';
import { completeEtkRegistration, startEtkRegistration } from '../etkra/client.js';
import type { Signer } from '../keys/keys.js';
import { createDecrypter } from '../keys/software-keys.js';
import { keystoreSigner } from '../keystore/keystore.js';
import type { EncryptionEntry, Keystore } from '../keystore/keystore.js';
import { PENDING_ENCRYPTION } from '../keystore/roles.js';
import { parseCertificate, serialDecimal } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { raOptions } from './authority.js';
import type { Authority } from './authority.js';
import { belongsTo, buildEncryptionCertificate, solveChallenge } from './encryption-certificate.js';
import type { EtkProgress, RequestRecord } from './request-record.js';
import { generateRsaKey } from './request.js';

/** The two things on disk that a registration works on. Each change is written before the next step. */
export interface Desk {
  readonly keystore: Keystore;
  readonly record: RequestRecord;
  /** Replaces the keystore file. */
  saveKeystore(keystore: Keystore): Promise<Desk>;
  saveRecord(record: RequestRecord): Promise<Desk>;
}

/** The token that this keystore's certificate has already, if any. */
export const registeredEntry = ({
  encryption,
  authentication,
}: Keystore): EncryptionEntry | undefined =>
  encryption.find(({ certificate }) => belongsTo(certificate, authentication.chain[0]));

/**
 * Registers a token, or finds out that it is registered.
 *
 * @param desk With a keystore that is `ready`.
 * @returns The desk, its record with `etk.registered`.
 * @throws RaRefusedError; TopazError `E_REPLY_INVALID`; errors of the disk; and as `Call`.
 */
export async function registerEtk(
  authority: Authority,
  desk: Desk,
  onStep?: (step: 'key' | 'started' | 'registered' | 'stored') => void,
): Promise<Desk> {
  const present = registeredEntry(desk.keystore);
  const signer = keystoreSigner(desk.keystore);
  if (present !== undefined) {
    return desk.record.etk?.registered === true
      ? desk
      : rememberEntry(authority, desk, present, signer);
  }
  const kept = await keepEncryptionKey(desk);
  const { privateKey } = kept;
  let at = kept.desk;
  onStep?.('key');
  const handedIn = certificateOf(at.record.etk, privateKey);
  let etk = handedIn && (await acceptedBefore(authority, at, handedIn, signer));
  if (etk === undefined) {
    const certificate = await startRegistration(authority, privateKey, signer);
    at = await at.saveRecord({
      ...at.record,
      etk: progressOf(certificate, { registered: false, toBeActivated: false }),
    });
    onStep?.('started');
    const { toBeActivated } = await completeEtkRegistration(
      authority.call,
      authority.etkra,
      { certificate: certificate.der, signer },
      raOptions(authority),
    );
    etk = progressOf(certificate, { registered: true, toBeActivated });
  }
  onStep?.('registered');
  at = await at.saveKeystore(withEntry(at.keystore, privateKey, etk));
  onStep?.('stored');
  return at.saveRecord({ ...at.record, etk });
}

/** The key of a registration that was begun, else a new one, on disk before anybody hears of it. */
async function keepEncryptionKey(
  desk: Desk,
): Promise<{ readonly desk: Desk; readonly privateKey: KeyObject }> {
  const { unpairedKeys = [] } = desk.keystore;
  const begun = unpairedKeys.find(
    ({ alias, certificate }) => alias.startsWith(PENDING_ENCRYPTION) && certificate === undefined,
  );
  if (begun !== undefined) {
    return { desk, privateKey: begun.privateKey };
  }
  const privateKey = await generateRsaKey();
  const entry = { alias: PENDING_ENCRYPTION, privateKey };
  const keystore = { ...desk.keystore, unpairedKeys: [...unpairedKeys, entry] };
  return { desk: await desk.saveKeystore(keystore), privateKey };
}

async function startRegistration(
  authority: Authority,
  privateKey: KeyObject,
  signer: Signer,
): Promise<Certificate> {
  const publicKeyInfo = Uint8Array.from(
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
  );
  const challenge = await startEtkRegistration(
    authority.call,
    authority.etkra,
    { publicKeyInfo, signer },
    raOptions(authority),
  );
  // The key has no certificate yet; unwrapping does not look at it.
  const serial = await solveChallenge(challenge, createDecrypter(privateKey, signer.certificate));
  return buildEncryptionCertificate(signer, { serial, publicKeyInfo });
}

/** The certificate that was handed in, or about to be, when this key was last at work. */
function certificateOf(etk: EtkProgress | undefined, key: KeyObject): Certificate | undefined {
  if (etk === undefined) {
    return undefined;
  }
  const certificate = parseCertificate(
    Uint8Array.from(Buffer.from(etk.certificateBase64, 'base64')),
  );
  return certificate.publicKey.equals(createPublicKey(key)) ? certificate : undefined;
}

/** Whether eHealth took it although its answer was lost. */
async function acceptedBefore(
  authority: Authority,
  { record }: Desk,
  certificate: Certificate,
  signer: Signer,
): Promise<EtkProgress | undefined> {
  if (record.etk?.registered === true) {
    return record.etk;
  }
  const waits = await waitsForActivation(authority, signer);
  return waits === undefined
    ? undefined
    : progressOf(certificate, { registered: true, toBeActivated: waits });
}

/** `undefined`: eHealth has no token for this certificate. */
async function waitsForActivation(
  authority: Authority,
  signer: Signer,
): Promise<boolean | undefined> {
  const { etkStatus } = await getCertificateInfoForAuthenticationCertificate(
    authority.call,
    authority.certra,
    signer,
    raOptions(authority),
  );
  switch (etkStatus) {
    case 'VALID_ACTIVE':
      return false;
    case 'WAIT_FOR_ACTIVATION':
      return true;
    default:
      return undefined;
  }
}

/** The keystore has the token; only the record does not know. */
async function rememberEntry(
  authority: Authority,
  desk: Desk,
  { certificate }: EncryptionEntry,
  signer: Signer,
): Promise<Desk> {
  const waits = await waitsForActivation(authority, signer);
  return desk.saveRecord({
    ...desk.record,
    etk: progressOf(certificate, {
      registered: waits !== undefined,
      toBeActivated: waits ?? false,
    }),
  });
}

const progressOf = (
  certificate: Certificate,
  state: Pick<EtkProgress, 'registered' | 'toBeActivated'>,
): EtkProgress => ({
  serial: serialDecimal(certificate),
  certificateBase64: Buffer.from(certificate.der).toString('base64'),
  ...state,
});

function withEntry(keystore: Keystore, privateKey: KeyObject, etk: EtkProgress): Keystore {
  const { unpairedKeys = [], ...rest } = keystore;
  const others = unpairedKeys.filter((entry) => !entry.privateKey.equals(privateKey));
  const certificate = parseCertificate(
    Uint8Array.from(Buffer.from(etk.certificateBase64, 'base64')),
  );
  return {
    ...rest,
    encryption: [
      ...rest.encryption,
      { alias: serialDecimal(certificate), privateKey, certificate },
    ],
    ...(others.length === 0 ? {} : { unpairedKeys: others }),
  };
}
