/**
 * The middle layer: which of our keys a message is sealed for, and the content under it.
 *
 * Whatever is wrong below the RSA block (padding, length of the key, ciphertext) ends in `undefined` on one
 * path, and the caller reports it like any damaged message (etee §5.4).
 *
 * @module
 */

import { contentKeyLength, decryptContent } from '../cms/content-cipher.js';
import type { EntityIdentifier } from '../cms/entity.js';
import { identifies } from '../cms/entity.js';
import type { EnvelopedData } from '../cms/enveloped-data.js';
import { readEnvelopedData } from '../cms/enveloped-data.js';
import { OID_AES128_CBC, OID_RSA } from '../der/oids.js';
import type { Decrypter } from '../keys/keys.js';
import type { Findings } from './findings.js';

const KEY_BITS = 2048;
/** Of an unknown cipher: any length will do, nothing will come of it. */
const SOME_KEY_LENGTH = 16;
const MAX_SHOWN = 3;

/**
 * Decrypts the envelope.
 *
 * @returns The inner layer, or `undefined` for a content that cannot be decrypted.
 * @throws SealError `ENVELOPED_DATA_STRUCTURE_INCORRECT`, `DECRYPTION_PRIVATE_KEY_NOT_FOUND`,
 *   `ENVELOPED_DATA_CONTAINS_NO_KEYTRANSRECIPIENTINFOS`, and
 *   `DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED` for our key under another algorithm.
 */
export async function openEnvelope(
  bytes: Uint8Array,
  decrypters: readonly Decrypter[],
  findings: Findings,
): Promise<Uint8Array | undefined> {
  const envelope = readFrame(bytes, findings);
  const { recipients, cipher, encrypted } = envelope;
  if (recipients.length === 0) {
    throw findings.notForUs('ENVELOPED_DATA_CONTAINS_NO_KEYTRANSRECIPIENTINFOS', []);
  }
  for (const { recipient, algorithm, encryptedKey } of recipients) {
    if (cipher.oid !== OID_AES128_CBC) {
      findings.error('DECRYPTION_SYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED');
    }
    const isAllowed = algorithm.oid === OID_RSA;
    if (!isAllowed) {
      findings.error('DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED');
    }
    const decrypter = findDecrypter(recipient, decrypters);
    if (decrypter === undefined) {
      continue;
    }
    if (!isAllowed) {
      throw findings.fatal(
        'DECRYPTION_ASYMMETRIC_KEY_ALGORITHM_UNAUTHORIZED',
        'the key of this message is sealed in a way that eHealth does not allow',
      );
    }
    if (keyBits(decrypter) < KEY_BITS) {
      findings.error('DECRYPTION_ASYMMETRIC_KEY_LENGTH_UNAUTHORIZED');
    }
    const key = await decrypter.unwrap(encryptedKey, contentKeyLength(cipher) ?? SOME_KEY_LENGTH);
    try {
      return decryptContent(cipher, key, encrypted);
    } finally {
      key.fill(0);
    }
  }
  throw findings.notForUs('DECRYPTION_PRIVATE_KEY_NOT_FOUND', recipientFacts(envelope));
}

function readFrame(bytes: Uint8Array, findings: Findings): EnvelopedData {
  try {
    return readEnvelopedData(bytes);
  } catch {
    throw findings.fatal(
      'ENVELOPED_DATA_STRUCTURE_INCORRECT',
      'this message is signed, but not sealed',
    );
  }
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
function recipientFacts({ recipients }: EnvelopedData): readonly string[] {
  const serials = recipients.flatMap(({ recipient }) =>
    recipient.kind === 'issuerAndSerial' ? [recipient.serial.toString(10)] : [],
  );
  const shown = serials.slice(0, MAX_SHOWN).join(', ');
  const more = serials.length > MAX_SHOWN ? ` and ${serials.length - MAX_SHOWN} more` : '';
  return serials.length === 0 ? [] : [`sealed for key ${shown}${more}`];
}
