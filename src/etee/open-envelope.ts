/**
 * The middle layer: which of our keys a message is sealed for, and the content under it.
 *
 * Whatever is wrong below the RSA block (padding, length of the key, ciphertext) looks like a content that
 * is not the expected one, on one path, and is reported like any damaged message (etee §5.4).
 *
 * @module
 */

import { contentKeyLength, decryptContent } from '../cms/content-cipher.js';
import { identifies, type EntityIdentifier } from '../cms/entity.js';
import { readEnvelopedStream, type Envelope } from '../cms/enveloped-stream.js';
import { unwrapKey } from '../cms/key-wrap.js';
import { keyTransport } from '../cms/key-transport.js';
import { isMalformed } from '../der/malformed.js';
import { OID_AES128_CBC, OID_AES128_WRAP } from '../der/oids.js';
import type { Pull } from '../der/pull.js';
import type { Decrypter, SecretKeySource } from '../keys/keys.js';
import { Fatal, type Findings } from './findings.js';

/** The keys at hand. */
export interface OwnKeys {
  /** Every encryption key, old ones too: a message is sealed for the key of its day. */
  readonly decrypters: readonly Decrypter[];
  /** More of them, that are unlocked one after the other until one is meant. */
  readonly moreDecrypters?: (() => AsyncIterable<readonly Decrypter[]>) | undefined;
  /** Where the secret key of a message without known recipients comes from (KGSS). */
  readonly secretKeys?: SecretKeySource | undefined;
}

const KEY_BITS = 2048;
const SECRET_KEY_BYTES = 16;
/** Of an unknown cipher: any length will do, nothing will come of it. */
const SOME_KEY_LENGTH = 16;
const MAX_SHOWN = 3;

const notForUs = (official: string, facts: readonly string[] = []): Fatal =>
  new Fatal(official, 'sealed for a key that is not in this keystore', {
    code: 'E_SEAL_NOT_FOR_US',
    facts,
  });

/**
 * Decrypts the envelope.
 *
 * @param consume Takes the inner layer, chunk by chunk; its faults wait until the envelope is read.
 * @throws Fatal `ENVELOPED_DATA_STRUCTURE_INCORRECT`, `DECRYPTION_PRIVATE_KEY_NOT_FOUND`,
 *   `ENVELOPED_DATA_CONTAINS_NO_KEYTRANSRECIPIENTINFOS`, `ENVELOPED_DATA_CONTAINS_NO_KEKRECIPIENTINFOS`,
 *   `SECRET_KEY_CAN_NOT_DECRYPT_KEKRECIPIENTINFOS`, and
 *   `DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED` for our key under an unknown algorithm.
 */
export async function openEnvelope(
  source: Pull,
  consume: (inner: Pull) => Promise<void>,
  keys: OwnKeys,
  findings: Findings,
): Promise<void> {
  let fault: Fatal | undefined;
  try {
    await readEnvelopedStream(source, async (envelope, encrypted) => {
      fault = await faultOf(async () => {
        const key = await findKey(envelope, keys, findings);
        try {
          await consume(decryptContent(envelope.cipher, key, encrypted));
        } finally {
          key.fill(0);
        }
      });
    });
  } catch (error) {
    throw isMalformed(error)
      ? new Fatal('ENVELOPED_DATA_STRUCTURE_INCORRECT', 'this message is signed, but not sealed')
      : error;
  }
  if (fault !== undefined) {
    throw fault;
  }
}

/** What ended the work, to be told later. */
export async function faultOf(work: () => Promise<void>): Promise<Fatal | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Fatal) {
      return error;
    }
    throw error;
  }
}

async function findKey(
  envelope: Envelope,
  { decrypters, moreDecrypters, secretKeys }: OwnKeys,
  findings: Findings,
): Promise<Uint8Array> {
  const { recipients } = envelope;
  if (
    envelope.cipher.oid !== OID_AES128_CBC &&
    recipients.length + envelope.secretKeys.length > 0
  ) {
    findings.error('DECRYPTION_SYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED');
  }
  const key = await keyForUs(envelope, decrypters, findings);
  if (key !== undefined) {
    return key;
  }
  for await (const more of recipients.length > 0 ? (moreDecrypters?.() ?? []) : []) {
    const found = await keyForUs(envelope, more, findings);
    if (found !== undefined) {
      return found;
    }
  }
  if (secretKeys !== undefined && envelope.secretKeys.length > 0) {
    return secretKeyFor(envelope, secretKeys, findings);
  }
  if (secretKeys !== undefined && (recipients.length === 0 || decrypters.length === 0)) {
    throw notForUs('ENVELOPED_DATA_CONTAINS_NO_KEKRECIPIENTINFOS');
  }
  if (recipients.length === 0) {
    throw notForUs('ENVELOPED_DATA_CONTAINS_NO_KEYTRANSRECIPIENTINFOS');
  }
  throw notForUs('DECRYPTION_PRIVATE_KEY_NOT_FOUND', recipientFacts(envelope));
}

async function keyForUs(
  { recipients, cipher }: Envelope,
  decrypters: readonly Decrypter[],
  findings: Findings,
): Promise<Uint8Array | undefined> {
  for (const { recipient, algorithm, encryptedKey } of recipients) {
    const padding = keyTransport(algorithm);
    if (padding !== 'pkcs1') {
      findings.error('DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED');
    }
    const decrypter = findDecrypter(recipient, decrypters);
    if (decrypter === undefined) {
      continue;
    }
    if (padding === undefined) {
      throw new Fatal(
        'DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED',
        'the key of this message is sealed in a way that eHealth does not allow',
      );
    }
    if (keyBits(decrypter) < KEY_BITS) {
      findings.error('DECRYPTION_ASYMMETRIC_KEY_LENGTH_UNAUTHORIZED');
    }
    return decrypter.unwrap(encryptedKey, contentKeyLength(cipher) ?? SOME_KEY_LENGTH, padding);
  }
  return undefined;
}

/** The first one that a key is found for, and that this key opens. */
async function secretKeyFor(
  { secretKeys }: Envelope,
  source: SecretKeySource,
  findings: Findings,
): Promise<Uint8Array> {
  let isKnown = false;
  for (const { keyIdentifier, algorithm, encryptedKey } of secretKeys) {
    if (algorithm.oid !== OID_AES128_WRAP) {
      findings.error('DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED');
    }
    const secretKey = await source.find(keyIdentifier);
    if (secretKey === undefined) {
      continue;
    }
    isKnown = true;
    if (secretKey.length < SECRET_KEY_BYTES) {
      findings.error('DECRYPTION_SYMMETRIC_KEY_LENGTH_UNAUTHORIZED');
    }
    const key = unwrapKey(algorithm.oid, secretKey, encryptedKey);
    if (key !== undefined) {
      return key;
    }
  }
  throw notForUs(
    isKnown ? 'SECRET_KEY_CAN_NOT_DECRYPT_KEKRECIPIENTINFOS' : 'DECRYPTION_PRIVATE_KEY_NOT_FOUND',
  );
}

/**
 * By issuer and serial number, or by key identifier. The official library compares the serial number
 * alone, so one that we hold once will do without its issuer (etee §5.2).
 */
function findDecrypter(
  recipient: EntityIdentifier,
  decrypters: readonly Decrypter[],
): Decrypter | undefined {
  const exact = decrypters.find(({ certificate }) => identifies(recipient, certificate));
  if (exact !== undefined || recipient.kind === 'keyIdentifier') {
    return exact;
  }
  const [bySerial, ...others] = decrypters.filter(
    ({ certificate }) => certificate.serial === recipient.serial,
  );
  return others.length === 0 ? bySerial : undefined;
}

const keyBits = ({ certificate }: Decrypter): number =>
  certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 0;

/** Serial numbers are the names of keys in a keystore; the issuer is a person's name and stays out. */
function recipientFacts({ recipients }: Envelope): readonly string[] {
  const serials = recipients.flatMap(({ recipient }) =>
    recipient.kind === 'issuerAndSerial' ? [recipient.serial.toString(10)] : [],
  );
  const shown = serials.slice(0, MAX_SHOWN).join(', ');
  const more = serials.length > MAX_SHOWN ? ` and ${serials.length - MAX_SHOWN} more` : '';
  return serials.length === 0 ? [] : [`sealed for key ${shown}${more}`];
}
