/**
 * Is the card genuine? Checks what the National Register signed, and whether its certificate and the
 * holder's end in a root that is trusted (eid-pkcs11 §8). Revocation is not asked here.
 *
 * @module
 */

import { createHash, timingSafeEqual, verify } from 'node:crypto';

import { TopazError } from '../errors.js';
import type { DataGroup } from '../pkcs11/constants.js';
import type { DataObject } from '../pkcs11/module.js';
import { parseCertificate } from '../x509/certificate.js';
import type { Certificate } from '../x509/certificate.js';
import { buildPath } from '../x509/chain.js';
import type { EidCard } from './card.js';

/** What was checked; a part that the module cannot show is absent. */
export interface CardVerdict {
  /** The signatures of the National Register over identity and address (and the photo's hash) fit. */
  readonly signature?: boolean;
  /** National Register and Authentication certificate end in a trusted root, and are valid at the moment. */
  readonly chain: boolean;
}

/** The raw files, as read. */
export interface CardFiles {
  readonly identity: Uint8Array;
  readonly identitySignature: Uint8Array;
  readonly address: Uint8Array;
  readonly addressSignature: Uint8Array;
  readonly photo?: Uint8Array | undefined;
  readonly photoHash?: Uint8Array | undefined;
}

/**
 * Checks a card against trusted roots.
 *
 * @param roots The roots of the profile's environment, never those of the card.
 */
export async function verifyCard(
  card: EidCard,
  roots: readonly Certificate[],
  at: Date,
  { photo = false }: { photo?: boolean } = {},
): Promise<CardVerdict> {
  const carried = await card.certificates();
  const candidates = carried.map(({ certificate }) => certificate);
  const holder = carried.find(({ label }) => label === 'Authentication')?.certificate;
  const register = await registerCertificate(card);
  const holderChain =
    holder === undefined || buildPath(holder, candidates, roots, at) !== undefined;
  if (register === undefined) {
    return { chain: holder !== undefined && holderChain };
  }
  const registerChain = buildPath(register, candidates, roots, at) !== undefined;
  const files = await readFiles(card, photo);
  return {
    signature: files !== undefined && areFilesSigned(files, register),
    chain: holderChain && registerChain,
  };
}

/**
 * Whether identity, address and photo are those that the National Register signed.
 *
 * The address is signed without its trailing zero bytes, followed by the signature of the identity.
 */
export function areFilesSigned(files: CardFiles, register: Certificate): boolean {
  const address = Buffer.concat([withoutPadding(files.address), files.identitySignature]);
  return (
    isRegisterSignature(files.identity, files.identitySignature, register) &&
    isRegisterSignature(address, files.addressSignature, register) &&
    (files.photo === undefined || isPhotoOf(files.photo, files.photoHash))
  );
}

function isRegisterSignature(
  data: Uint8Array,
  signature: Uint8Array,
  register: Certificate,
): boolean {
  if (register.keyType === 'ec') {
    return verify('sha384', data, register.publicKey, cutDer(signature));
  }
  // Old cards sign with SHA-1, later ones with SHA-256; the certificate does not always tell (§8).
  return ['sha256', 'sha1'].some((hash) => verify(hash, data, register.publicKey, signature));
}

/** Quirk: an ECDSA signature is padded with zeros to a fixed length. */
const cutDer = (signature: Uint8Array): Uint8Array =>
  signature.subarray(0, 2 + (signature[1] ?? 0));

function withoutPadding(file: Uint8Array): Uint8Array {
  let end = file.length;
  while (end > 0 && file[end - 1] === 0) {
    end -= 1;
  }
  return file.subarray(0, end);
}

function isPhotoOf(photo: Uint8Array, hash: Uint8Array | undefined): boolean {
  const name = hash?.length === 20 ? 'sha1' : hash?.length === 32 ? 'sha256' : 'sha384';
  const digest = createHash(name).update(photo).digest();
  return hash?.length === digest.length && timingSafeEqual(digest, hash);
}

async function registerCertificate(card: EidCard): Promise<Certificate | undefined> {
  const file = first(await card.data('rncert'), 'CERT_RN_FILE');
  if (file === undefined || file[0] !== 0x30) {
    return undefined;
  }
  // Quirk: the file is longer than the certificate in it.
  return parseCertificate(file.subarray(0, derLength(file)));
}

/** Length of the first DER element, from its header; the whole when the header makes no sense. */
function derLength(bytes: Uint8Array): number {
  const short = bytes[1] ?? 0;
  if (short < 0x80) {
    return 2 + short;
  }
  const size = short & 0x7f;
  let length = 0;
  for (const byte of bytes.subarray(2, 2 + size)) {
    length = length * 256 + byte;
  }
  return size > 3 ? bytes.length : 2 + size + length;
}

async function readFiles(card: EidCard, photo: boolean): Promise<CardFiles | undefined> {
  const file = async (group: DataGroup, label: string): Promise<Uint8Array | undefined> =>
    first(await card.data(group), label);
  const id = await card.data('id');
  const identity = first(id, 'DATA_FILE');
  const identitySignature = await file('sign_data_file', 'SIGN_DATA_FILE');
  const address = await file('address', 'ADDRESS_FILE');
  const addressSignature = await file('sign_address_file', 'SIGN_ADDRESS_FILE');
  if (
    identity === undefined ||
    identitySignature === undefined ||
    address === undefined ||
    addressSignature === undefined
  ) {
    return undefined;
  }
  return {
    identity,
    identitySignature,
    address,
    addressSignature,
    photo: photo ? await file('photo', 'PHOTO_FILE') : undefined,
    photoHash: first(id, 'photo_hash'),
  };
}

const first = (objects: readonly DataObject[], label: string): Uint8Array | undefined =>
  objects.find((object) => object.label === label)?.value;

/**
 * The photo, a JPEG.
 *
 * @throws TopazError `E_CARD_ERROR` where card or module show none.
 */
export async function readPhoto(card: EidCard): Promise<Uint8Array> {
  const photo = first(await card.data('photo'), 'PHOTO_FILE');
  if (photo === undefined) {
    throw new TopazError('E_CARD_ERROR', 'this module shows no photo', {
      hint: 'install the eID middleware: OpenSC does not show the data of the card',
    });
  }
  return photo;
}
