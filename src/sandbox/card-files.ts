/**
 * The raw files of a test card: identity and address as the National Register signs them, a small photo,
 * the Register's certificate with its padding (eid-pkcs11 §6–§8).
 *
 * @module
 */

import { createHash, randomBytes, sign } from 'node:crypto';

import { encodeFields } from '../pkcs11/simulated/identity-file.js';
import type { CardType } from '../pkcs11/simulated/card-folder.js';
import type { Authority, Holder } from './citizen-pki.js';

export interface CardFilesOptions {
  readonly type: CardType;
  readonly applet: number;
  /** 16 bytes. */
  readonly serial: Uint8Array;
  /** `YYYY-MM-DD`, where the number tells it. */
  readonly birthDate: string | undefined;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const MONTHS = [
  'JAN', 'FEV', 'MARS', 'AVR', 'MAI', 'JUIN', 'JUIL', 'AOUT', 'SEPT', 'OCT', 'NOV', 'DEC',
]; // prettier-ignore
const DOCUMENT_TYPE: Readonly<Record<CardType, string>> = {
  citizen: '1',
  foreigner: '33',
  kids: '6',
};
const ADDRESS_BYTES = 117;
const CERTIFICATE_PADDING = 1100;

/** A grey JPEG of 8 × 8 points: one quantisation table of ones, two Huffman codes, an empty block. */
const PHOTO = Uint8Array.from(
  Buffer.from(
    `ffd8ffe000104a46494600010100000100010000ffdb004300${'01'.repeat(64)}ffc0000b080008000801011100` +
      `ffc40014000100000000000000000000000000000000ffc40014100100000000000000000000000000000000` +
      `ffda0008010100003f003fffd9`,
    'hex',
  ),
);

/** Every file by its label. */
export function makeCardFiles(
  { ssin, firstNames, lastName }: Holder,
  register: Authority,
  { type, applet, serial, birthDate, notBefore, notAfter }: CardFilesOptions,
): ReadonlyMap<string, Uint8Array> {
  const version = Uint8Array.of(0, applet >= 0x18 ? 2 : 1);
  const photoHash = createHash(applet >= 0x18 ? 'sha384' : 'sha1')
    .update(PHOTO)
    .digest();
  const given = firstNames.split(' ');
  const identity = encodeFields([
    [0x00, version],
    [0x01, cardNumber(type)],
    [0x02, serial],
    [0x03, cardDate(notBefore)],
    [0x04, cardDate(notAfter)],
    [0x05, 'Bruxelles'],
    [0x06, ssin],
    [0x07, lastName],
    [0x08, given.slice(0, 2).join(' ')],
    [0x09, given[2]?.slice(0, 1) ?? ''],
    [0x0a, type === 'foreigner' ? 'France' : 'Belge'],
    [0x0b, type === 'foreigner' ? 'Lille' : 'Bruxelles'],
    [0x0c, birthDate === undefined ? ssin.slice(0, 2) : printedBirthDate(birthDate)],
    [0x0d, Number(ssin.slice(6, 9)) % 2 === 1 ? 'M' : 'F'],
    [0x0e, ''],
    [0x0f, DOCUMENT_TYPE[type]],
    [0x10, '0'],
    [0x11, photoHash],
    ...(applet >= 0x18 || type === 'foreigner' ? ([[0x12, '00']] as const) : []),
  ]);
  const address = encodeFields([
    [0x00, version],
    [0x01, "Rue de l'Exemple 1"],
    [0x02, '1000'],
    [0x03, 'Bruxelles'],
  ]);
  const identitySignature = registerSign(register, identity);
  return new Map([
    ['DATA_FILE', identity],
    ['SIGN_DATA_FILE', identitySignature],
    ['ADDRESS_FILE', padded(address, ADDRESS_BYTES)],
    // Signed without the padding of the address file, followed by the identity's signature.
    ['SIGN_ADDRESS_FILE', registerSign(register, Buffer.concat([address, identitySignature]))],
    ['PHOTO_FILE', PHOTO],
    [
      'CERT_RN_FILE',
      padded(register.certificate.der, register.certificate.der.length + CERTIFICATE_PADDING),
    ],
  ]);
}

const registerSign = ({ privateKey }: Authority, data: Uint8Array): Uint8Array =>
  Uint8Array.from(sign('sha384', data, privateKey));

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(Math.max(length, bytes.length));
  out.set(bytes);
  return out;
}

const two = (value: number): string => String(value).padStart(2, '0');
const cardDate = (date: Date): string =>
  `${two(date.getUTCDate())}.${two(date.getUTCMonth() + 1)}.${date.getUTCFullYear()}`;

/** `15 FEV  1979`: a month of three letters is followed by two blanks. */
function printedBirthDate(day: string): string {
  const month = MONTHS[Number(day.slice(5, 7)) - 1] ?? '';
  return `${day.slice(8)} ${month}${month.length === 3 ? '  ' : ' '}${day.slice(0, 4)}`;
}

/** Twelve digits, the last two the first ten modulo 97; foreigners have a `B` in front. */
function cardNumber(type: CardType): string {
  const ten = String(randomBytes(6).readUIntBE(0, 6)).padStart(10, '0').slice(-10);
  const check = Number(ten) % 97;
  return type === 'foreigner' ? `B${ten.slice(1)}00` : `${ten}${two(check === 0 ? 97 : check)}`;
}
